// From where the round is ordered. It stays in memory, and is forgotten with the page.
import { computed, ref } from "vue";
import { dayOrder, type Point } from "../../engine/round.ts";
import { recordsOf, today } from "../../phone.ts";
import { dueToday, visitedToday } from "../homes.ts";

export const roundStart = ref<Point | null>(null);

/** The doors that the office planned for today, if it did. */
const planned = computed(() =>
  recordsOf("round").flatMap(
    ({ fields }) => (fields.days as Record<string, string[]> | undefined)?.[today()] ?? [],
  ),
);

/** What is due today, in the order in which it is walked. */
export const roundStops = computed(() => dayOrder(dueToday.value, planned.value, roundStart.value));

/** The door after this one in today's round; where somebody called today, one goes back from the list. */
export function nextDoor(after: string): string | null {
  const stops = roundStops.value.filter(({ id }) => id === after || !visitedToday.value.has(id));
  const place = stops.findIndex((home) => home.id === after);
  return (stops[place + 1] ?? stops.find((home) => home.id !== after))?.id ?? null;
}
