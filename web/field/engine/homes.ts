// Homes as a worker knows them: a door, the people behind it, when somebody called last, and why to call now.
import type { Asked, Asks } from "./questions.ts";
import { compareDoors, type Point } from "./round.ts";
import type { Held, Shown } from "./view.ts";

export interface Person {
  id: string;
  name: string;
  relation: string;
  tail: string;
  birthYear: number | null;
  residency: string;
  record: Shown;
}

export interface Reason {
  why: string;
  since: string;
  by: string;
  law: boolean;
  /** What to bring or to ask, in words; empty for a visit by rule. */
  text: string;
  /** How this installation calls a rule of its own, or a shipped one that it changed. */
  zh?: string;
  en?: string;
  /** The errand's, or the need's. */
  id?: string;
  /** When it fell due; `since` is later where the door is left alone for a while. */
  fell?: string;
  /** The campaign or the case that asks, where one does. */
  ref?: string;
  /** How a department's question is answered, which is done by its reply alone. */
  asks?: Asks;
}

export interface Home {
  id: string;
  door: string;
  place: string;
  people: Person[];
  at: Point | null;
  record: Shown;
  due: { since: string; by: string; reasons: Reason[] } | null;
  waits: boolean;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

function pointOf(fields: Record<string, unknown>): Point | null {
  const { lon, lat } = fields;
  return typeof lon === "number" && typeof lat === "number" ? { lon, lat } : null;
}

/** A household and its door, which change seldom, and are many to put in order. */
export interface Door {
  id: string;
  door: string;
  place: string;
  at: Point | null;
  record: Shown;
}

/** Residents of each household, the head first. */
export function peopleByHome(records: Held): Map<string, Person[]> {
  const found = new Map<string, Person[]>();
  for (const record of records.get("resident")?.values() ?? []) {
    const { fields } = record;
    const home = text(fields.household);
    if (!home || fields.left_on) continue;
    const person: Person = {
      id: record.id,
      name: text(fields.name),
      relation: text(fields.relation),
      tail: text(fields.phone_tail),
      birthYear: typeof fields.birth_year === "number" ? fields.birth_year : null,
      residency: text(fields.residency),
      record,
    };
    const known = found.get(home);
    if (known) known.push(person);
    else found.set(home, [person]);
  }
  const isHead = (person: Person): number => (person.relation === "head" ? 0 : 1);
  for (const people of found.values()) {
    people.sort(
      (one, other) => isHead(one) - isHead(other) || (one.birthYear ?? 9999) - (other.birthYear ?? 9999),
    );
  }
  return found;
}

/** The door of every home that is lived in, in their order. */
export function doorsOf(records: Held): Door[] {
  const dwellings = records.get("dwelling");
  const doors: Door[] = [];
  for (const record of records.get("household")?.values() ?? []) {
    const { fields } = record;
    if (fields.valid_to) continue;
    const dwelling = dwellings?.get(text(fields.dwelling))?.fields ?? {};
    doors.push({
      id: record.id,
      door: `${text(dwelling.building_name)}${text(dwelling.door)}` || text(fields.number),
      place: text(dwelling.compound_name),
      at: pointOf(dwelling),
      record,
    });
  }
  return doors.sort((one, other) => compareDoors(one.door, other.door));
}

/**
 * What is due at a home. Whoever wishes no more than the law asks for is called on by that alone, and the rest goes along: as the
 * server has it, and at once where the wish was written down here and waits.
 */
function dueAt(told: Home["due"], wish: boolean): Home["due"] {
  if (!told || !wish) return told;
  const leading = told.reasons.filter(({ law }) => law);
  const [since] = leading.map((each) => each.since).sort();
  const [by] = leading.map((each) => each.by).sort();
  return since && by ? { ...told, since, by } : null;
}

/** The homes behind these doors. */
export function homesBehind(doors: Door[], people: ReadonlyMap<string, Person[]>, records: Held): Home[] {
  const dues = records.get("due");
  return doors.map((each) => {
    const due = dues?.get(each.id);
    return {
      ...each,
      people: people.get(each.id) ?? [],
      due: dueAt((due?.fields ?? null) as Home["due"], each.record.fields.only_by_law === true),
      waits: each.record.waits,
    };
  });
}

/** Every home that is lived in, in the order of doors. */
export function homesOf(records: Held): Home[] {
  return homesBehind(doorsOf(records), peopleByHome(records), records);
}

/** The name under which a home is known: its head's, or that of whoever lives there. */
export function nameOf(home: Home): string {
  return home.people[0]?.name ?? "";
}

/** Homes at which something is due on this day; one door, one visit. What was recorded here since takes it away, unless more is `owed` there. */
export function dueOn(
  homes: Home[],
  day: string,
  visitedToday: ReadonlySet<string>,
  owed: { has(home: string): boolean } = new Set(),
): Home[] {
  return homes.filter(
    (home) => owed.has(home.id) || (home.due && home.due.since <= day && !visitedToday.has(home.id)),
  );
}

/** Reasons that a call on this day answers, those that end first first. */
export function reasonsOn(home: Home, day: string): Reason[] {
  return (home.due?.reasons ?? []).filter((reason) => reason.since <= day);
}

/** What a rule asks for has no words of its own. */
export function isErrand(reason: Reason): boolean {
  return reason.text !== "";
}

/** What is to be brought or asked when somebody is met here, also while the door is left alone. A campaign's is done by its answer. */
export function errandsAt(home: Home, day: string): (Reason & { id: string })[] {
  return (home.due?.reasons ?? []).flatMap((reason) =>
    reason.id && isErrand(reason) && reason.why !== "campaign" && (reason.fell ?? reason.since) <= day
      ? [{ ...reason, id: reason.id }]
      : [],
  );
}

/** Those that are answered here and now, apart from those that are brought. */
export function questionsAmong(errands: readonly (Reason & { id: string })[]): Asked[] {
  return errands.flatMap(({ id, ref, text: said, asks }) =>
    asks && ref ? [{ id, question: ref, text: said, asks }] : [],
  );
}

export const MOST_ERRANDS = 100;

/**
 * What a visit says of the errands that its screen showed: only these can be done by it. By "all well" none is, unless the
 * worker said so; when something was noted, each is, unless they said that it was not. `chosen` is what they said, by id.
 */
export function errandsSaid(
  shown: readonly { id: string }[],
  chosen: Readonly<Record<string, boolean>>,
  well: boolean,
): { errands: string[]; left: string[] } {
  const errands = shown.slice(0, MOST_ERRANDS).map(({ id }) => id);
  return { errands, left: errands.filter((id) => chosen[id] ?? well) };
}
