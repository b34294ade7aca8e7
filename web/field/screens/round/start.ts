// From where the round is ordered. It stays in memory, and is forgotten with the page.
import { ref } from "vue";
import { type Point, walkingOrder } from "../../engine/round.ts";
import { dueToday } from "../homes.ts";

export const roundStart = ref<Point | null>(null);

/** The door after this one in today's round. */
export function nextDoor(after: string): string | null {
  const stops = walkingOrder(dueToday.value, roundStart.value);
  const place = stops.findIndex((home) => home.id === after);
  return (stops[place + 1] ?? stops.find((home) => home.id !== after))?.id ?? null;
}
