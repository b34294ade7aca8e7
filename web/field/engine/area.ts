// The own grid as a drawing: from degrees to a square of 1000 units, north above. And in which grid a spot lies.
import { metresBetween, type Point } from "./round.ts";

type Ring = [number, number][];

interface Outline {
  type?: string;
  coordinates?: unknown;
}

export interface Plan {
  paths: string[];
  width: number;
  height: number;
  place(point: Point): { x: number; y: number };
}

export function ringsOf(outline: unknown): Ring[] {
  const { type, coordinates } = (outline ?? {}) as Outline;
  if (type === "Polygon") return coordinates as Ring[];
  if (type === "MultiPolygon") return (coordinates as Ring[][]).flat();
  return [];
}

/** Whether the outline holds the point: a ray from it crosses the rings an odd number of times. */
export function holds(outline: unknown, { lon, lat }: Point): boolean {
  let inside = false;
  for (const ring of ringsOf(outline)) {
    for (const [place, [x, y]] of ring.entries()) {
      const [beforeX, beforeY] = ring.at(place - 1) ?? [x, y];
      if (y > lat !== beforeY > lat && lon < ((beforeX - x) * (lat - y)) / (beforeY - y) + x)
        inside = !inside;
    }
  }
  return inside;
}

/** Fits outline and points into a drawing 1000 wide, or 1000 high when it is taller; null when there is nothing to draw. */
export function planOf(outline: unknown, points: Point[]): Plan | null {
  const rings = ringsOf(outline);
  const all: [number, number][] = [
    ...rings.flat(),
    ...points.map((point): [number, number] => [point.lon, point.lat]),
  ];
  if (!all.length) return null;
  let [west, south, east, north] = [180, 90, -180, -90];
  for (const [lon, lat] of all) {
    west = Math.min(west, lon);
    east = Math.max(east, lon);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const wide = Math.max((east - west) * shrink, 1e-6);
  const high = Math.max(north - south, 1e-6);
  const margin = 40;
  const scale = (1000 - 2 * margin) / Math.max(wide, high);
  const place = (point: Point): { x: number; y: number } => ({
    x: Math.round((margin + (point.lon - west) * shrink * scale) * 10) / 10,
    y: Math.round((margin + (north - point.lat) * scale) * 10) / 10,
  });
  const paths = rings.map(
    (ring) =>
      `M${ring
        .map(([lon, lat]) => {
          const { x, y } = place({ lon, lat });
          return `${x} ${y}`;
        })
        .join("L")}Z`,
  );
  return {
    paths,
    width: Math.round(wide * scale + 2 * margin),
    height: Math.round(high * scale + 2 * margin),
    place,
  };
}

export interface Grid {
  id: string;
  outline: unknown;
}

/** A home that is lived in: its grid's code, and where it stands. */
export interface Lived {
  grid: string;
  at: Point | null;
}

/** Of the grids of this phone the one whose outline holds the spot, else that of the nearest home, else that of most homes. */
export function gridAt(grids: readonly Grid[], lived: readonly Lived[], spot: Point | null): string {
  if (grids.length < 2) return grids[0]?.id ?? "";
  const holding = spot && grids.find(({ outline }) => holds(outline, spot));
  if (holding) return holding.id;
  const among = new Map(grids.map(({ id }) => [id, 0]));
  let nearest = "";
  let distance = Number.POSITIVE_INFINITY;
  for (const { grid, at } of lived) {
    const count = among.get(grid);
    if (count === undefined) continue;
    among.set(grid, count + 1);
    const far = spot && at ? metresBetween(spot, at) : Number.POSITIVE_INFINITY;
    if (far < distance) [nearest, distance] = [grid, far];
  }
  const most = Math.max(...among.values());
  return nearest || ([...among].find(([, count]) => count === most)?.[0] ?? "");
}
