// Homes as a worker knows them: a door, the people behind it, when somebody called last, and why to call now.
import { compareDoors, type Point } from "./round.ts";
import type { Records, Shown } from "./view.ts";

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
  /** The campaign or the case that asks, where one does. */
  ref?: string;
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

/** Residents of each household, the head first. */
export function peopleByHome(records: Records): Map<string, Person[]> {
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

/** Every home that is lived in, in the order of doors. */
export function homesOf(records: Records): Home[] {
  const people = peopleByHome(records);
  const dwellings = records.get("dwelling");
  const dues = records.get("due");
  const homes: Home[] = [];
  for (const record of records.get("household")?.values() ?? []) {
    const { fields } = record;
    if (fields.valid_to) continue;
    const dwelling = dwellings?.get(text(fields.dwelling))?.fields ?? {};
    const due = dues?.get(record.id);
    homes.push({
      id: record.id,
      door: `${text(dwelling.building_name)}${text(dwelling.door)}` || text(fields.number),
      place: text(dwelling.compound_name),
      people: people.get(record.id) ?? [],
      at: pointOf(dwelling),
      record,
      due: due ? (due.fields as unknown as Home["due"]) : null,
      waits: record.waits,
    });
  }
  return homes.sort((one, other) => compareDoors(one.door, other.door));
}

/** The name under which a home is known: its head's, or that of whoever lives there. */
export function nameOf(home: Home): string {
  return home.people[0]?.name ?? "";
}

/** Homes at which something is due on this day; one door, one visit. What was recorded here since takes it away. */
export function dueOn(homes: Home[], day: string, visitedToday: ReadonlySet<string>): Home[] {
  return homes.filter((home) => home.due && home.due.since <= day && !visitedToday.has(home.id));
}

/** Reasons that a call on this day answers, those that end first first. */
export function reasonsOn(home: Home, day: string): Reason[] {
  return (home.due?.reasons ?? []).filter((reason) => reason.since <= day);
}
