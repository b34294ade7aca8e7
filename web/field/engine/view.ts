// What is on the screen: what the server gave, with what waits to be sent laid over it. Nothing else is kept, so that the two
// can not disagree; a command that is taken back leaves no trace.
import { type Changes, type Fields, merged } from "./merge.ts";

export interface Shown {
  kind: string;
  id: string;
  revision: number;
  fields: Fields;
  /** Changed or made here, and not at the server yet. */
  waits: boolean;
}

export interface Written {
  id: string;
  kind: string;
  at: string;
  data: Record<string, unknown>;
}

export type Records = Map<string, Map<string, Shown>>;

/** What is asked for records: a phone puts together only the kinds that somebody looks at. */
export interface Held {
  get(kind: string): ReadonlyMap<string, Shown> | undefined;
}

/** What a command does to which record, as far as the phone can know. */
interface Effect {
  kind: string;
  id: string;
  changes?: Changes;
  made?: Fields;
  fields?: Fields;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function effectsOf(command: Written): Effect[] {
  const data = command.data;
  switch (command.kind) {
    case "household.change":
      return [{ kind: "household", id: text(data.household), changes: editsIn(data) }];
    case "resident.change":
      return [{ kind: "resident", id: text(data.resident), changes: withEnd(editsIn(data)) }];
    case "resident.add":
      return [{ kind: "resident", id: text(data.resident), made: withTail(data as Fields) }];
    case "resident.move":
      return [{ kind: "resident", id: text(data.resident), fields: movedTo(command) }];
    case "household.add":
      return homeMade(data as Fields);
    case "need.add":
      return [{ kind: "need", id: text(data.need), made: { ...(data as Fields), ended_on: null } }];
    case "need.end":
      return [{ kind: "need", id: text(data.need), fields: { ended_on: text(data.on) || dayIn(command) } }];
    case "visit.record":
      return [{ kind: "visit", id: command.id, made: { ...(data as Fields), at: command.at } }];
    case "plant.check":
      return [{ kind: "plant", id: text(data.plant), made: plantOf(data as Fields, command.at) }];
    default:
      return [];
  }
}

function dayIn({ at }: Written): string {
  return at.slice(0, 10);
}

/** Who moves out or dies lives in no home of the register any more. */
function movedTo(command: Written): Fields {
  const { move, to, on } = command.data;
  return move === "within" || move === "in"
    ? { household: text(to), left_on: null }
    : { household: null, left_on: text(on) || dayIn(command) };
}

/** A home, and its dwelling when that is new. */
function homeMade({
  household,
  dwelling,
  has_plot = false,
  only_by_law = false,
  ...place
}: Fields): Effect[] {
  const home = { dwelling: dwelling ?? null, has_plot, only_by_law, number: "" };
  const made: Effect[] = [{ kind: "household", id: text(household), made: home }];
  if (text(place.building)) made.unshift({ kind: "dwelling", id: text(dwelling), made: place });
  return made;
}

/** A dwelling that was written down here is called as the others of its building are. */
function asItsBuilding(records: Records, made: Fields): Fields {
  for (const { fields } of records.get("dwelling")?.values() ?? []) {
    if (fields.building !== made.building) continue;
    const { building_name = "", compound = null, compound_name = "", lon = null, lat = null } = fields;
    return { building_name, compound, compound_name, lon, lat, ...made };
  }
  return made;
}

/** Of a look at a plant, what the server tells a phone of it too. */
function plantOf({ campaign, household, spot, number, decision }: Fields, at: string): Fields {
  return {
    campaign: campaign ?? null,
    household: household ?? null,
    spot: spot ?? "",
    number: number ?? null,
    decision: decision ?? "",
    at,
  };
}

/** The fields that say what they were and are. */
function editsIn(data: Record<string, unknown>): Changes {
  const isEdit = (value: unknown): value is Changes[string] =>
    typeof value === "object" && value !== null && "was" in value && "is" in value;
  return Object.fromEntries(Object.entries(data).filter(([, value]) => isEdit(value))) as Changes;
}

/** As the server gives it: of a telephone number the last four figures, of an identity number nothing. */
function withTail({ phone, identity, ...fields }: Fields): Fields {
  const tail: Fields = typeof phone === "string" ? { phone_tail: endOf(phone) } : {};
  return { ...fields, ...tail, has_identity: Boolean(identity) };
}

/** The same of a number that takes the place of another. */
function withEnd({ phone, ...changes }: Changes): Changes {
  return phone ? { ...changes, phone_tail: { was: phone.was, is: endOf(text(phone.is)) } } : changes;
}

function endOf(number: string): string {
  return number.replace(/\D/g, "").slice(-4);
}

export function byKind(records: Iterable<Omit<Shown, "waits">>): Records {
  const found: Records = new Map();
  for (const record of records) put(found, { ...record, waits: false });
  return found;
}

function put(records: Records, record: Shown): void {
  const known = records.get(record.kind);
  if (known) known.set(record.id, record);
  else records.set(record.kind, new Map([[record.id, record]]));
}

/** The kinds of records that a command makes or changes. */
export function kindsOf(command: Written): string[] {
  return effectsOf(command).map((effect) => effect.kind);
}

/** Lays one command over the records; those that it touches are replaced, never changed in place. */
export function lay(records: Records, command: Written): void {
  for (const effect of effectsOf(command)) {
    const kept = records.get(effect.kind)?.get(effect.id);
    if (!kept && !effect.made) continue;
    const before =
      kept?.fields ?? (effect.kind === "dwelling" ? asItsBuilding(records, effect.made ?? {}) : {});
    const fields = effect.changes
      ? merged(before, effect.changes).fields
      : { ...before, ...(effect.made ?? {}), ...(effect.fields ?? {}) };
    put(records, { kind: effect.kind, id: effect.id, revision: kept?.revision ?? 0, fields, waits: true });
  }
}
