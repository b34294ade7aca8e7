// From where the round is ordered. It stays in memory, and is forgotten with the page.
import { computed, ref } from "vue";
import { dayOrder, type Point } from "../../engine/round.ts";
import { recordsOf, today } from "../../phone.ts";
import { dueToday, visitedToday } from "../homes.ts";

export const roundStart = ref<Point | null>(null);

type ByDay<Told> = Record<string, Told> | undefined;

/** The doors that the office planned for today, if it did. */
const planned = computed(() =>
  recordsOf("round").flatMap(({ fields }) => (fields.days as ByDay<string[]>)?.[today()] ?? []),
);

/** About when each of them is called at. From where one stands the order is another, and so are the times. */
export const roundTimes = computed<Map<string, string>>(
  () =>
    new Map(
      roundStart.value
        ? []
        : recordsOf("round").flatMap(({ fields }) =>
            Object.entries((fields.about as ByDay<Record<string, string>>)?.[today()] ?? {}),
          ),
    ),
);

/** Doors that are due, and for which the day is too short. */
export const leftToday = computed<Set<string>>(
  () =>
    new Set(recordsOf("round").flatMap(({ fields }) => (fields.left as ByDay<string[]>)?.[today()] ?? [])),
);

/** What is due today, in the order in which it is walked. */
export const roundStops = computed(() => dayOrder(dueToday.value, planned.value, roundStart.value));

/** The door after this one in today's round; where somebody called today, one goes back from the list. */
export function nextDoor(after: string): string | null {
  const stops = roundStops.value.filter(({ id }) => id === after || !visitedToday.value.has(id));
  const place = stops.findIndex((home) => home.id === after);
  return (stops[place + 1] ?? stops.find((home) => home.id !== after))?.id ?? null;
}
