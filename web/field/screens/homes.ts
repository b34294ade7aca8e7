// The homes of the phone, put together once and again only when something changed.
import { computed } from "vue";
import { dayOf } from "../engine/clock.ts";
import { doorsOf, dueOn, type Home, homesBehind, peopleByHome } from "../engine/homes.ts";
import { type Prepared, prepare } from "../engine/search.ts";
import { held, recordsOf, rightly, today } from "../phone.ts";

// Each by itself: what is new about a visit or a person puts no doors in order again.
const doors = computed(() => doorsOf(held));
const people = computed(() => peopleByHome(held));
export const homes = computed<Home[]>(() => homesBehind(doors.value, people.value, held));
export const homeById = computed(() => new Map(homes.value.map((home) => [home.id, home])));

export const prepared = computed<Prepared[]>(() =>
  homes.value.map((home) =>
    prepare({
      id: home.id,
      door: `${home.place}${home.door}`,
      names: home.people.map((person) => person.name),
      tails: home.people.map((person) => person.tail).filter(Boolean),
    }),
  ),
);

/** Whether a visit was made today. */
export function isVisitToday(fields: Record<string, unknown>, day = today()): boolean {
  // What waits carries this phone's own clock, which may be wrong.
  return (fields.day ?? (fields.at ? dayOf(rightly(String(fields.at))) : "")) === day;
}

/** Households called on today: whatever was found there, today's round is done with it. */
export const visitedToday = computed<Set<string>>(() => {
  const found = new Set<string>();
  const day = today();
  for (const { fields } of recordsOf("visit"))
    if (isVisitToday(fields, day)) found.add(String(fields.household));
  return found;
});

export const dueToday = computed<Home[]>(() => dueOn(homes.value, today(), visitedToday.value));

/** The grid that most homes lie in, or the first that the phone knows. */
export const ownGrid = computed(() => recordsOf("area").find((area) => area.fields.level === "grid") ?? null);

/** The grid that a home lies in: a stand-in walks in two. */
export function gridOf(home: Home | undefined): string {
  const path = String(home?.record.fields.path ?? "");
  return path.split(".").at(-1) || (ownGrid.value?.id ?? "");
}
