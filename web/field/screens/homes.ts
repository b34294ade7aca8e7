// The homes of the phone, put together once and again only when something changed.
import { computed } from "vue";
import { type Grid, gridAt, type Lived } from "../engine/area.ts";
import { dayOf } from "../engine/clock.ts";
import { doorsOf, dueOn, type Home, homesBehind, peopleByHome } from "../engine/homes.ts";
import type { Step } from "../engine/owed.ts";
import type { Point } from "../engine/round.ts";
import { type Prepared, prepare } from "../engine/search.ts";
import type { Shown } from "../engine/view.ts";
import { held, record, recordsOf, rightly, today } from "../phone.ts";
import { stepsLeft } from "./campaign/campaigns.ts";

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

/** What is still owed where somebody was met today, by household: one visit, which its plants and forms belong to. */
export const owedToday = computed<Map<string, Step[]>>(() => {
  const found = new Map<string, Step[]>();
  const day = today();
  for (const { fields } of recordsOf("visit")) {
    if (fields.outcome !== "met" || !isVisitToday(fields, day)) continue;
    const home = homeById.value.get(String(fields.household));
    const steps = home ? stepsLeft(home, true) : [];
    if (home && steps.length) found.set(home.id, steps);
  }
  return found;
});

export const dueToday = computed<Home[]>(() =>
  dueOn(homes.value, today(), visitedToday.value, owedToday.value),
);

/** The grids of this phone: a stand-in walks in two, a community's lead in all of its. */
export const grids = computed<Shown[]>(() =>
  recordsOf("area").filter((area) => area.fields.level === "grid"),
);
/** Those in which homes may lie; a market's or a factory's is none. */
export const gridsToLiveIn = computed<Shown[]>(() =>
  grids.value.filter(({ fields }) => (fields.kind ?? "public") === "public"),
);
const lived = computed<Lived[]>(() =>
  doors.value.map((door) => ({ grid: codeOf(door.record), at: door.at })),
);

function codeOf(home: Shown | undefined): string {
  return (
    String(home?.fields.path ?? "")
      .split(".")
      .at(-1) ?? ""
  );
}

/** The grid of these in which the spot lies; without one, that of most homes. */
export function gridOfSpot(spot: Point | null, among: readonly Shown[] = grids.value): string {
  const outlined = among.map(({ id, fields }): Grid => ({ id, outline: fields.boundary }));
  return gridAt(outlined, lived.value, spot);
}

/** The grid that most homes lie in, or the first that the phone knows. */
export const ownGrid = computed(() => grids.value.find(({ id }) => id === gridOfSpot(null)) ?? null);

/** The grid that a home lies in. Of one that was added here the server has said none yet: the one that was said with its building, or by where it stands. */
export function gridOf(home: Home | undefined): string {
  const said = record("dwelling", String(home?.record.fields.dwelling))?.fields.area;
  return codeOf(home?.record) || String(said ?? "") || gridOfSpot(home?.at ?? null);
}
