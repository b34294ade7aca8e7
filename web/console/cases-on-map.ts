// Cases as squares that the server counted, or one by one when near; the layers that draw them.
import type { LayerSpecification } from "maplibre-gl";
import type { Place } from "./datum";
import { FONTS } from "./map-style";

// Columns: the square's number as the step from the one before, how many, how many overdue, the middle within the square.
export interface Counted {
  side: number;
  cells: number[];
  counts: number[];
  overdue: number[];
  lons: number[];
  lats: number[];
}

export interface Found {
  cases: { id: string; number: string; state: string; late: string; lon: number; lat: number }[];
}

interface Point {
  type: "Feature";
  geometry: { type: "Point"; coordinates: Place };
  properties: Record<string, unknown>;
}

export interface Points {
  type: "FeatureCollection";
  features: Point[];
}

export const EMPTY: Points = { type: "FeatureCollection", features: [] };

type Shown = (place: Place) => Place;

function feature(place: Place, properties: Record<string, unknown>): Point {
  return { type: "Feature", geometry: { type: "Point", coordinates: place }, properties };
}

export function squares(counted: Counted, shown: Shown): Points {
  let cell = 0;
  const across = Math.round(360 / counted.side);
  const features = counted.cells.map((step, nth) => {
    cell += step;
    const lon = (cell % across) * counted.side - 180 + ((counted.lons[nth] ?? 0) * counted.side) / 1000;
    const lat =
      Math.floor(cell / across) * counted.side - 90 + ((counted.lats[nth] ?? 0) * counted.side) / 1000;
    return feature(shown([lon, lat]), { n: counted.counts[nth], overdue: counted.overdue[nth] });
  });
  return { type: "FeatureCollection", features };
}

export function spots(found: Found, shown: Shown): Points {
  const features = found.cases.map(({ lon, lat, ...told }) => feature(shown([lon, lat]), told));
  return { type: "FeatureCollection", features };
}

export function caseLayers(singleZoom: number): LayerSpecification[] {
  const count = ["get", "n"] as const;
  const told: LayerSpecification["layout"] = {
    "text-field": [
      "case",
      [">=", ["to-number", [...count]], 10000],
      ["concat", ["to-string", ["round", ["/", [...count], 1000]]], "k"],
      ["to-string", [...count]],
    ],
    "text-font": FONTS,
    "text-size": 12,
    "text-allow-overlap": true,
    "text-ignore-placement": true,
  };
  const circle = (many: boolean): LayerSpecification["paint"] => ({
    "circle-color": many
      ? "#0a5a83"
      : ["match", ["get", "late"], "overdue", "#b3261e", "soon", "#8a5600", "#0a5a83"],
    "circle-radius": many
      ? [
          "interpolate",
          ["linear"],
          ["ln", ["max", 1, ["to-number", [...count]]]],
          0,
          8,
          4.6,
          15,
          9.2,
          24,
          13.8,
          34,
        ]
      : 7,
    "circle-stroke-color": ["case", [">", ["to-number", ["get", "overdue"], 0], 0], "#d9483b", "#fff"],
    "circle-stroke-width": ["case", [">", ["to-number", ["get", "overdue"], 0], 0], 3, 1.5],
  });
  return [
    {
      id: "heat-surface",
      type: "heatmap",
      source: "heat",
      layout: { visibility: "none" },
      paint: {
        "heatmap-weight": ["interpolate", ["linear"], ["ln", ["max", 1, ["get", "n"]]], 0, 0.12, 7, 1],
        "heatmap-radius": ["interpolate", ["exponential", 2], ["zoom"], 7, 6, 11, 18, 15, 90],
        "heatmap-intensity": ["interpolate", ["linear"], ["zoom"], 7, 0.7, 13, 1.5],
        "heatmap-opacity": 0.75,
        "heatmap-color": [
          "interpolate",
          ["linear"],
          ["heatmap-density"],
          0,
          "rgba(255,237,190,0)",
          0.15,
          "#ffe2a3",
          0.4,
          "#fbb45c",
          0.7,
          "#e0672f",
          1,
          "#9c1c14",
        ],
      },
    },
    { id: "squares-circle", type: "circle", source: "squares", maxzoom: singleZoom, paint: circle(true) },
    {
      id: "squares-count",
      type: "symbol",
      source: "squares",
      maxzoom: singleZoom,
      layout: told,
      paint: { "text-color": "#fff" },
    },
    {
      id: "spots-circle",
      type: "circle",
      source: "spots",
      minzoom: singleZoom,
      paint: {
        ...circle(false),
        "circle-radius": ["case", ["has", "point_count"], 12, 7.5],
      },
    },
    {
      id: "spots-count",
      type: "symbol",
      source: "spots",
      minzoom: singleZoom,
      layout: {
        ...told,
        "text-field": [
          "case",
          ["has", "point_count"],
          ["to-string", [...count]],
          ["==", ["get", "late"], "overdue"],
          "!",
          "",
        ],
      },
      paint: { "text-color": "#fff" },
    },
  ] as LayerSpecification[];
}
