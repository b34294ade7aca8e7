// What lies on this phone as the screens are shown it: who works on it, the records with what waits laid over them, and the queue.
// Of records each kind is kept apart, so that what looks at homes is not put together again for a visit.
import { type ComputedRef, computed, reactive, type ShallowRef, shallowRef } from "vue";
import { clockWrong, dayOf } from "./engine/clock.ts";
import { undecided } from "./engine/conflicts.ts";
import { overdue } from "./engine/outbox.ts";
import { type Held, kindsOf, lay, type Records, type Shown } from "./engine/view.ts";
import { type Account, type Database, fact, type PageRow } from "./store/database.ts";
import * as drafts from "./store/drafts.ts";
import * as outbox from "./store/outbox.ts";
import * as records from "./store/records.ts";

export type Stage = "starting" | "signed-out" | "new-pin" | "locked" | "open";
export type Trouble = "" | "no-signal" | "sign-in" | "server" | "full";

export const phone = reactive({
  stage: "starting" as Stage,
  account: null as Account | null,
  others: [] as Account[],
  /** At work with the server now. */
  syncing: false,
  trouble: "" as Trouble,
  syncedAt: 0,
  /** Records of the first sync that have arrived; 0 when it is done. */
  arriving: 0,
  /** All of the app is on the phone, and opens without a network. */
  isKept: true,
  /** What the first screens show has come from the server, if not all. */
  homesAreHere: false,
  isPersistent: true,
  newVersion: false,
  wrongPins: 0,
  /** Forms that are half filled outlive a forgotten PIN: the server's spare key opens them. */
  keepsDrafts: false,
  /** It was reported lost, and what somebody had here has gone. */
  wasLost: false,
  shift: null as { id: string; at: string } | null,
  seen: new Set() as ReadonlySet<string>,
  /** Tracks that went from here because of their age; their owner has not read it yet. */
  tracksErased: 0,
  /** How wrong this phone's own clock is, where its owner should put it right. */
  clock: null as ReturnType<typeof clockWrong>,
  /** Something has waited too long, or too much waits. */
  overdue: "" as ReturnType<typeof overdue>,
  /** Photos wait for Wi-Fi, as its owner set it; some stay now. */
  onlyByWifi: false,
  photosStay: false,
});

/** The tables of whoever works on this phone now, the key to what the server gave while it is unlocked, the server's spare key
 * from the password to the PIN, and by how many milliseconds the server's clock is ahead. */
export const current = {
  database: null as Database | null,
  key: null as CryptoKey | null,
  spare: null as CryptoKey | null,
  ahead: 0,
};

const queueNow = shallowRef<outbox.Waiting[]>([]);
const draftsNow = shallowRef<string[]>([]);

export const queue = computed(() => queueNow.value);
export const waitingCount = computed(() => queueNow.value.filter((each) => each.state === "waiting").length);
export const conflicts = computed(() => undecided(queueNow.value, recordsOf("conflict")));
export const refusals = computed(() => queueNow.value.filter((each) => each.state === "refused"));
/** What the server has, of which something is still to be read. */
export const endings = computed(() => queueNow.value.filter((each) => each.state === "told"));
export const draftNames = computed(() => draftsNow.value);
interface Table {
  /** As the server gave them. */
  base: ShallowRef<ReadonlyMap<string, Shown>>;
  /** With what waits laid over them. */
  shown: ComputedRef<ReadonlyMap<string, Shown>>;
}

const tables = new Map<string, Table>();

function table(kind: string): Table {
  const known = tables.get(kind);
  if (known) return known;
  const base = shallowRef<ReadonlyMap<string, Shown>>(new Map());
  const made = { base, shown: computed(() => laid.value.get(kind) ?? base.value) };
  tables.set(kind, made);
  return made;
}

/** The kinds that what waits would change, with the changes. */
const laid = computed<Records>(() => {
  const commands = queueNow.value
    .filter((each) => each.state === "waiting" || each.state === "conflict")
    .map((each) => each.command);
  const all: Records = new Map();
  for (const kind of new Set(commands.flatMap(kindsOf))) all.set(kind, new Map(table(kind).base.value));
  for (const each of commands) lay(all, each);
  return all;
});

export const held: Held = { get: (kind) => table(kind).shown.value };

export function recordsOf(kind: string): Shown[] {
  return [...table(kind).shown.value.values()];
}

export function record(kind: string, id: string): Shown | undefined {
  return table(kind).shown.value.get(id);
}

/** The record as the server gave it, without what waits. */
export function keptRecord(kind: string, id: string): Shown | undefined {
  return table(kind).base.value.get(id);
}

/** Shows what the server said. */
export function show(changes: records.Kept[], gone: records.Gone[]): void {
  const touched = new Map<string, Map<string, Shown>>();
  const of = (kind: string): Map<string, Shown> => {
    const known = touched.get(kind) ?? new Map(table(kind).base.value);
    touched.set(kind, known);
    return known;
  };
  for (const each of changes) of(each.kind).set(each.id, { ...each, waits: false });
  for (const each of gone) of(each.kind).delete(each.id);
  for (const [kind, known] of touched) table(kind).base.value = known;
}

/** Shows no more than these (`kind id`). */
export function showOnly(known: ReadonlySet<string>): void {
  for (const [kind, { base }] of tables) {
    const left = [...base.value].filter(([id]) => known.has(`${kind} ${id}`));
    if (left.length < base.value.size) base.value = new Map(left);
  }
}

/** By how many milliseconds the server's clock is ahead, as it was heard last. */
export function heardClock(ahead: number): void {
  current.ahead = ahead;
  phone.clock = clockWrong(ahead);
}

/** The moment as the server would say it; this phone's own clock may be wrong. */
export function now(): number {
  return Date.now() + current.ahead;
}

/** A moment of this phone's clock, put right. */
export function rightly(at: string): number {
  return Date.parse(at) + current.ahead;
}

export function today(): string {
  return dayOf(now());
}

export function opened(): Database {
  if (!current.database) throw new Error("no account");
  return current.database;
}

/** What the first screen shows. `pages` may have been asked for while the key was still being made. */
export async function readFirst(pages?: Promise<PageRow[]>): Promise<void> {
  const { database, key } = current;
  if (!database || !key) return;
  show(await records.opened(key, await (pages ?? records.pagesOf(database, "first"))), []);
}

/** What comes from the server is newer than this: a pull waits for it. */
export let laterRead: Promise<void> = Promise.resolve();

/** The rest of what lies here, when the first screen is drawn. */
export function readLater(): void {
  const { database, key } = current;
  if (!database || !key) return;
  laterRead = atRest()
    .then(() => records.pagesOf(database, "later"))
    // Before each page a finger is answered.
    .then((pages) => records.opened(key, pages, () => atRest(PAGE_WITHIN_MS)))
    .then((kept) => {
      if (current.key === key) show(kept, []);
    })
    // Locked or signed out meanwhile.
    .catch(() => {});
}

const AT_REST_WITHIN_MS = 1_000;
const PAGE_WITHIN_MS = 250;

/** Nothing else is being drawn or asked for; at the latest after so long. */
export function atRest(within = AT_REST_WITHIN_MS): Promise<void> {
  return new Promise((done) => {
    // Not every browser tells.
    if (typeof requestIdleCallback === "undefined") setTimeout(done, within / 4);
    else requestIdleCallback(() => done(), { timeout: within });
  });
}

export async function readQueue(): Promise<void> {
  const database = opened();
  const [sending, names, erased] = await Promise.all([
    fact(database, "sending"),
    drafts.draftNames(database),
    fact(database, "tracks_erased"),
  ]);
  const now = sending ? await outbox.waiting(database, queueNow.value) : [];
  if (current.database !== database) return;
  queueNow.value = now;
  phone.overdue = overdue(now, Date.now());
  phone.tracksErased = erased ?? 0;
  if (names.join() !== draftsNow.value.join()) draftsNow.value = names;
}

export async function keepDraft(name: string, value: unknown): Promise<void> {
  if (!current.key) return;
  await drafts.keepDraft(opened(), current.key, name, value, Date.now());
  if (!draftsNow.value.includes(name)) draftsNow.value = [...draftsNow.value, name];
}

export async function draft<T>(name: string): Promise<T | null> {
  return current.key ? drafts.draft<T>(opened(), current.key, name) : null;
}

export async function dropDraft(name: string): Promise<void> {
  await drafts.dropDraft(opened(), name);
  draftsNow.value = draftsNow.value.filter((each) => each !== name);
}

/** What was unlocked is not in memory any more. */
export function forgetKey(): void {
  current.key = null;
  current.spare = null;
  for (const { base } of tables.values()) base.value = new Map();
  queueNow.value = [];
  phone.overdue = "";
  phone.photosStay = false;
}
