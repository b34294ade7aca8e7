// The moving map of the grid. It is large, so that it is fetched when somebody opens it the first time, and kept from then on.
import {
  AttributionControl,
  type GeoJSONSource,
  Map as LibreMap,
  Marker,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
} from "maplibre-gl";
import "../console/map.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { addBasemap, addFile } from "../console/basemap";
import { type Place, toGcj02 } from "../console/datum";
import { FONTS } from "../console/map-style";
import { type Basemap, bytesOf } from "./basemap.ts";
import { ringsOf } from "./engine/area.ts";
import type { Point } from "./engine/round.ts";

setWorkerUrl(workerUrl);

/** A gloved thumb covers so many pixels to each side. */
const REACH = 24;
const COLOURS: [kind: string, colour: string, radius: number][] = [
  ["home", "#8ea2af", 5],
  ["due", "#0b2f45", 9],
  ["late", "#0b2f45", 9],
  ["place", "#7a4b00", 10],
  ["case", "#6a1b9a", 10],
];

export interface Spot {
  id: string;
  kind: string;
  label: string;
  at: Point;
}

export interface Asked {
  outlines: unknown[];
  spots: Spot[];
  basemap: Basemap | null;
  said: Record<"label" | "nearer" | "farther" | "metres" | "kilometres", string>;
  chosen(id: string): void;
}

export interface OpenMap {
  show(spots: Spot[]): void;
  here(point: Point | null): void;
  close(): void;
}

/** Throws where there is no WebGL. */
export function openMap(host: HTMLElement, asked: Asked): OpenMap {
  const canvas = document.createElement("div");
  canvas.className = "live-map-canvas";
  host.append(canvas);
  host.dataset.mapOpen = "";
  const isShifted = asked.basemap?.coordinates === "gcj02";
  const shown = (place: Place): Place => (isShifted ? toGcj02(place) : place);
  const { said } = asked;
  const map = new LibreMap({
    container: canvas,
    style: {
      version: 8,
      sources: {},
      layers: [{ id: "ground", type: "background", paint: { "background-color": "#f4f6f3" } }],
    },
    ...framed(asked, shown),
    locale: {
      "Map.Title": said.label,
      "NavigationControl.ZoomIn": said.nearer,
      "NavigationControl.ZoomOut": said.farther,
      "ScaleControl.Meters": said.metres,
      "ScaleControl.Kilometers": said.kilometres,
    },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxPitch: 0,
    maxZoom: 20,
    fadeDuration: 0,
    renderWorldCopies: false,
    pixelRatio: Math.min(devicePixelRatio, 2),
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ maxWidth: 110 }), "bottom-left");
  const credit = asked.basemap?.attribution;
  if (credit)
    map.addControl(new AttributionControl({ customAttribution: credit, compact: false }), "bottom-right");
  const dot = document.createElement("div");
  dot.className = "live-map-pin";
  const self = new Marker({ element: dot });
  let spots = asked.spots;
  map.on("load", async () => {
    // Without it the boundary and the marks are still a map.
    if (asked.basemap)
      await addBelow(map, asked.basemap).catch((fault: unknown) => console.info(String(fault)));
    addOutlines(map, asked.outlines, shown);
    map.addSource("spots", { type: "geojson", data: collected(spots, shown) });
    for (const [kind, colour, radius] of COLOURS)
      map.addLayer({
        id: `spots-${kind}`,
        type: "circle",
        source: "spots",
        filter: ["==", ["get", "kind"], kind],
        paint: {
          "circle-color": colour,
          "circle-radius": ["interpolate", ["linear"], ["zoom"], 13, radius * 0.6, 17, radius],
          "circle-stroke-color": "#fff",
          "circle-stroke-width": 2,
        },
      });
    map.addLayer({
      id: "labels",
      type: "symbol",
      source: "spots",
      layout: {
        "text-field": ["get", "label"],
        "text-font": FONTS,
        "text-size": 12,
        "text-allow-overlap": true,
        "text-ignore-placement": true,
      },
      paint: { "text-color": "#fff" },
    });
    host.dataset.drawn = String(spots.length);
  });
  // A tile that did not come without a signal.
  map.on("error", ({ error }) => console.info(String(error)));
  map.on("click", ({ point }) => {
    if (!map.getSource("spots")) return;
    const found = map.queryRenderedFeatures(
      [
        [point.x - REACH, point.y - REACH],
        [point.x + REACH, point.y + REACH],
      ],
      { layers: COLOURS.map(([kind]) => `spots-${kind}`) },
    );
    let [nearest, least] = ["", Number.POSITIVE_INFINITY];
    for (const each of found) {
      const at = map.project((each.geometry as unknown as { coordinates: Place }).coordinates);
      const far = (at.x - point.x) ** 2 + (at.y - point.y) ** 2;
      if (far < least) [nearest, least] = [String(each.properties.id), far];
    }
    asked.chosen(nearest);
  });
  return {
    show(found) {
      spots = found;
      map.getSource<GeoJSONSource>("spots")?.setData(collected(found, shown));
      host.dataset.drawn = String(found.length);
    },
    here(point) {
      if (!point) {
        self.remove();
        return;
      }
      self.setLngLat(shown([point.lon, point.lat])).addTo(map);
    },
    close() {
      map.remove();
      canvas.remove();
      delete host.dataset.mapOpen;
      delete host.dataset.drawn;
    },
  };
}

type Shift = (place: Place) => Place;

function framed(
  asked: Asked,
  shown: Shift,
): { bounds: [number, number, number, number]; fitBoundsOptions: object } | object {
  const all: Place[] = [
    ...asked.outlines.flatMap((outline) => ringsOf(outline).flat()),
    ...asked.spots.map(({ at }): Place => [at.lon, at.lat]),
  ].map(shown);
  if (!all.length) return { center: [105, 35], zoom: 3 };
  const [lons, lats] = [all.map(([lon]) => lon), all.map(([, lat]) => lat)];
  const least = (numbers: number[]): number => numbers.reduce((one, other) => Math.min(one, other));
  const most = (numbers: number[]): number => numbers.reduce((one, other) => Math.max(one, other));
  return {
    bounds: [least(lons), least(lats), most(lons), most(lats)],
    fitBoundsOptions: { padding: 24, maxZoom: 18 },
  };
}

function collected(spots: Spot[], shown: Shift): Parameters<GeoJSONSource["setData"]>[0] {
  return {
    type: "FeatureCollection",
    features: spots.map(({ id, kind, label, at }) => ({
      type: "Feature",
      properties: { id, kind, label },
      geometry: { type: "Point", coordinates: shown([at.lon, at.lat]) },
    })),
  };
}

function addOutlines(map: LibreMap, outlines: unknown[], shown: Shift): void {
  const rings = outlines.map((outline) => ringsOf(outline).map((ring) => ring.map(shown)));
  map.addSource("edge", {
    type: "geojson",
    data: {
      type: "FeatureCollection",
      features: rings.map((of) => ({
        type: "Feature",
        properties: {},
        geometry: { type: "MultiLineString", coordinates: of },
      })),
    },
  });
  map.addLayer({
    id: "edge",
    type: "line",
    source: "edge",
    layout: { "line-join": "round" },
    paint: { "line-color": "#0a5a83", "line-width": 3 },
  });
}

function addBelow(map: LibreMap, basemap: Basemap): Promise<void> {
  return basemap.url ? addBasemap(map, { basemapUrl: basemap.url }) : addFile(map, sourceOf(basemap));
}

function sourceOf(basemap: Basemap): Parameters<typeof addFile>[1] {
  return {
    getKey: () => `kept-${basemap.version}`,
    getBytes: async (offset, length) => ({ data: await bytesOf(basemap, offset, length) }),
  };
}
