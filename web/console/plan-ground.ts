// Streets, barriers, crossings and shops below the circles of a plan: quiet, and differing by width and dashes, not by colour alone.
import type { FeatureCollection, Geometry, Position } from "geojson";
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import type { Place } from "./datum";

export type Ground = FeatureCollection<Exclude<Geometry, { type: "GeometryCollection" }>>;

const SOURCE = { source: "plan-ground" } as const;
const POINT: ExpressionSpecification = ["==", ["geometry-type"], "Point"];
const SURFACE: ExpressionSpecification = ["==", ["geometry-type"], "Polygon"];

export const GROUND_LAYERS: LayerSpecification[] = [
  {
    ...SOURCE,
    id: "plan-surfaces",
    type: "fill",
    filter: ["all", of("barrier"), SURFACE],
    paint: { "fill-color": byBarrier("#7a1520"), "fill-opacity": 0.12 },
  },
  {
    ...SOURCE,
    id: "plan-streets",
    type: "line",
    filter: of("street"),
    paint: {
      "line-color": "#8b9790",
      "line-width": ["interpolate", ["linear"], ["zoom"], 12, 0.5, 16, 2.5],
    },
  },
  {
    ...SOURCE,
    id: "plan-barriers",
    type: "line",
    filter: ["all", of("barrier"), ["!=", ["get", "barrier"], "road"]],
    paint: {
      "line-color": byBarrier("#7a1520"),
      "line-width": 2,
      "line-opacity": 0.7,
      "line-dasharray": [4, 1.5],
    },
  },
  {
    ...SOURCE,
    id: "plan-roads",
    type: "line",
    filter: ["all", of("barrier"), ["==", ["get", "barrier"], "road"]],
    paint: { "line-color": byBarrier("#7a1520"), "line-width": 2.5, "line-opacity": 0.7 },
  },
  spots("crossing", "#0b5d2a", 4),
  spots("shop", "#1f4e8c", 2.5),
];

function of(kind: string): ExpressionSpecification {
  return ["==", ["get", "kind"], kind];
}

// As plans.css has them; a barrier of which nothing is known is red.
function byBarrier(other: string): ExpressionSpecification {
  const known = ["railway", "#2b2b2b", "road", "#8a4b00", "water", "#1f5f9c"];
  return [
    "match",
    ["coalesce", ["get", "barrier"], ""],
    ...known,
    other,
  ] as unknown as ExpressionSpecification;
}

function spots(kind: string, colour: string, radius: number): LayerSpecification {
  return {
    ...SOURCE,
    id: `plan-${kind}s`,
    type: "circle",
    filter: ["all", of(kind), POINT],
    paint: {
      "circle-radius": radius,
      "circle-color": colour,
      "circle-stroke-color": "#ffffff",
      "circle-stroke-width": 1,
    },
  };
}

/** The same where `shown` puts each place; a crossing or shop with an outline becomes the point where it begins. */
export function placed(ground: Ground, shown: (place: Place) => Place): Ground {
  return {
    type: "FeatureCollection",
    features: ground.features.map((feature) => {
      const spot = ["crossing", "shop"].includes(feature.properties?.kind);
      const geometry = spot ? pointOf(feature.geometry) : feature.geometry;
      return {
        ...feature,
        geometry: { ...geometry, coordinates: moved(geometry.coordinates, shown) } as Geometry,
      };
    }) as Ground["features"],
  };
}

type Nested = Position | Nested[];

function moved(coordinates: Nested, shown: (place: Place) => Place): Nested {
  const [first] = coordinates;
  if (typeof first === "number") return shown(coordinates as Place);
  return (coordinates as Nested[]).map((each) => moved(each, shown));
}

function pointOf({ coordinates }: Ground["features"][number]["geometry"]): {
  type: "Point";
  coordinates: Position;
} {
  let found: Nested = coordinates;
  while (typeof found[0] !== "number") found = (found as Nested[])[0] ?? [0, 0];
  return { type: "Point", coordinates: found as Position };
}
