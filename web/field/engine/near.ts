// Whether somebody stands at a door, as far as one position can tell. Of it nothing but this word is kept.
import { metresBetween, type Point } from "./round.ts";

/** So far around a door is near: a building's point may lie at its other end, and walls bend a signal. */
export const NEAR_M = 100;

/**
 * Near or far is only said where the whole circle in which the phone may be (`accuracy` is its radius, in metres) lies within the
 * distance, or wholly outside. Where it lies across, or is not known, nothing is: a position that may be wrong by more than 100 m is
 * never near.
 */
export function nearOrFar(position: Point, accuracy: number, door: Point): "near" | "far" | "unknown" {
  if (!(accuracy >= 0)) return "unknown";
  const away = metresBetween(door, position);
  if (away + accuracy <= NEAR_M) return "near";
  return away - accuracy > NEAR_M ? "far" : "unknown";
}
