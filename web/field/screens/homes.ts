// The homes of the phone, put together once and again only when something changed.
import { computed } from "vue";
import { dayOf } from "../engine/clock.ts";
import { dueOn, type Home, homesOf } from "../engine/homes.ts";
import { type Prepared, prepare } from "../engine/search.ts";
import { allRecords, recordsOf, rightly, today } from "../phone.ts";

export const homes = computed<Home[]>(() => homesOf(allRecords.value));
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
export function isVisitToday(fields: Record<string, unknown>): boolean {
  // What waits carries this phone's own clock, which may be wrong.
  return (fields.day ?? (fields.at ? dayOf(rightly(String(fields.at))) : "")) === today();
}

/** Households called on today: whatever was found there, today's round is done with it. */
export const visitedToday = computed<Set<string>>(() => {
  const found = new Set<string>();
  for (const { fields } of recordsOf("visit")) if (isVisitToday(fields)) found.add(String(fields.household));
  return found;
});

export const dueToday = computed<Home[]>(() => dueOn(homes.value, today(), visitedToday.value));

/** The grid that most homes lie in, or the first that the phone knows. */
export const ownGrid = computed(() => recordsOf("area").find((area) => area.fields.level === "grid") ?? null);
