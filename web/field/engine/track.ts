// A patrol's track: of what the phone says of its place only so many points as are needed to see the way.
import { metresBetween, type Point } from "./round.ts";

/** Longitude, latitude, seconds since the patrol began. */
export type TrackPoint = [lon: number, lat: number, seconds: number];

export interface Fix extends Point {
  /** Metres by which it may be wrong. */
  accuracy: number;
  /** Seconds since the patrol began. */
  seconds: number;
}

/** No track is kept longer; of those that were sent the server keeps the same law. */
export const TRACK_DAYS = 30;
const STEP_M = 15;
const REST_S = 120;
const WORST_M = 75;
export const MOST_POINTS = 4_000;

/** The track with this point, or the same track when the point tells nothing new: too near, too vague, or from before. */
export function withFix(track: TrackPoint[], fix: Fix): TrackPoint[] {
  if (fix.accuracy > WORST_M || fix.seconds < 0) return track;
  const last = track.at(-1);
  if (last) {
    const apart = fix.seconds - last[2];
    if (apart <= 0) return track;
    if (metresBetween({ lon: last[0], lat: last[1] }, fix) < STEP_M && apart < REST_S) return track;
  }
  const point: TrackPoint = [round(fix.lon), round(fix.lat), Math.round(fix.seconds)];
  return [...(track.length >= MOST_POINTS ? halved(track) : track), point];
}

/** Every second point; the way keeps its shape. */
function halved(track: TrackPoint[]): TrackPoint[] {
  return track.filter((_, place) => place % 2 === 0);
}

/** To about a metre: the phone knows no better. */
function round(degrees: number): number {
  return Math.round(degrees * 1e5) / 1e5;
}

export function lengthOf(track: TrackPoint[]): number {
  let metres = 0;
  for (const [place, [lon, lat]] of track.entries()) {
    const before = track[place - 1];
    if (before) metres += metresBetween({ lon: before[0], lat: before[1] }, { lon, lat });
  }
  return Math.round(metres);
}

/** Whether a track that began then is to be erased. What lies as far ahead was begun under a clock that was wrong. */
export function isOver(began: unknown, now: number): boolean {
  return !(Math.abs(now - Date.parse(String(began))) <= TRACK_DAYS * 86_400_000);
}

/** A patrol as it is recorded, without where it went. */
export function withoutTrack<Data extends object>(data: Data): Data {
  return { ...data, points: [] };
}

/** GeoJSON, as the server gives one's own tracks. */
export function featureOf(id: string, began: string, ended: string, track: TrackPoint[]): object {
  const line = track.map(([lon, lat]) => [lon, lat]);
  return {
    type: "Feature",
    id,
    geometry:
      line.length > 1
        ? { type: "LineString", coordinates: line }
        : { type: "Point", coordinates: line[0] ?? [] },
    properties: { started_at: began, ended_at: ended, seconds: track.map(([, , seconds]) => seconds) },
  };
}
