// The order in which doors are walked, and how far they are.
export interface Point {
  lon: number;
  lat: number;
}

const EARTH_M = 6_371_000;

export function metresBetween(one: Point, other: Point): number {
  const radians = Math.PI / 180;
  const x = (other.lon - one.lon) * radians * Math.cos(((one.lat + other.lat) / 2) * radians);
  const y = (other.lat - one.lat) * radians;
  return Math.hypot(x, y) * EARTH_M;
}

export interface Stop {
  id: string;
  /** Doors of one building lie at one point: by this they stay together and in the order of the stairs. */
  door: string;
  at: Point | null;
}

/**
 * Walks always to the nearest door that is left, from `start` or from the first door. Doors without a place come last, in
 * the order of their names.
 */
export function walkingOrder<S extends Stop>(stops: S[], start: Point | null): S[] {
  const byDoor = (one: S, other: S): number => compareDoors(one.door, other.door);
  const left = stops.filter((stop) => stop.at).sort(byDoor);
  const placeless = stops.filter((stop) => !stop.at).sort(byDoor);
  const walked: S[] = [];
  let here = start ?? left[0]?.at ?? null;
  while (here && left.length) {
    let nearest = 0;
    let distance = Number.POSITIVE_INFINITY;
    for (const [place, stop] of left.entries()) {
      const far = metresBetween(here, stop.at as Point);
      // Within a metre it is the same stair: the door's name decides, which the list is sorted by.
      if (far < distance - 1) {
        nearest = place;
        distance = far;
      }
    }
    const [next] = left.splice(nearest, 1);
    if (!next) break;
    walked.push(next);
    here = next.at;
  }
  return [...walked, ...placeless];
}

let byNumbers: Intl.Collator | undefined;

/**
 * The order that the office planned for the day, as far as it still holds: what is done drops out of it, what came since is
 * walked to from its last door. Whoever asks for an order from where they stand gets one from there.
 */
export function dayOrder<S extends Stop>(stops: S[], planned: readonly string[], start: Point | null): S[] {
  const known = new Map(stops.map((stop) => [stop.id, stop]));
  const walked = start ? [] : planned.flatMap((id) => known.get(id) ?? []);
  if (!walked.length) return walkingOrder(stops, start);
  const inRound = new Set(walked);
  const rest = stops.filter((stop) => !inRound.has(stop));
  return [...walked, ...walkingOrder(rest, walked.filter((stop) => stop.at).at(-1)?.at ?? null)];
}

/** "2-301" before "10-101": numbers in names count as numbers. */
export function compareDoors(one: string, other: string): number {
  // Made once: it knows the order of all Chinese characters.
  byNumbers ??= new Intl.Collator("zh-CN", { numeric: true });
  return byNumbers.compare(one, other);
}
