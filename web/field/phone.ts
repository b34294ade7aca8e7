// The phone as the screens know it: who works on it, what it holds, what waits. Screens ask here; what lies on the disk and what
// goes over the air is put together here and nowhere else.
import { computed, reactive, shallowRef, triggerRef } from "vue";
import { dayOf, said } from "./engine/clock.ts";
import { newId } from "./engine/ids.ts";
import { pauseAfter } from "./engine/outbox.ts";
import { byKind, lay, type Records, type Shown } from "./engine/view.ts";
import {
  type Account,
  accounts,
  type Database,
  fact,
  forgetAccount,
  keepAccount,
  openAccount,
  setFacts,
  wipeAccount,
} from "./store/database.ts";
import * as drafts from "./store/drafts.ts";
import * as outbox from "./store/outbox.ts";
import * as records from "./store/records.ts";
import { keyFrom, makeContentKey, newKey, seal, unwrap, wrap } from "./store/seal.ts";
import { ask, NoAnswer, Refused, send } from "./wire/ask.ts";
import * as wire from "./wire/sync.ts";

export type Stage = "starting" | "signed-out" | "new-pin" | "locked" | "open";
export type Trouble = "" | "no-signal" | "sign-in" | "server" | "full";

const LOCK_AFTER_MS = 5 * 60_000;
const MOST_WRONG_PINS = 10;
const SYNC_EVERY_MS = 60_000;

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
  isPersistent: true,
  newVersion: false,
  wrongPins: 0,
  shift: null as { id: string; at: string } | null,
});

let database: Database | null = null;
let contentKey: CryptoKey | null = null;
/** The bytes of the content key, only between its making and the first PIN. */
let ahead = 0;
let hiddenAt = 0;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

const base = shallowRef<Records>(new Map());
const queueNow = shallowRef<outbox.Waiting[]>([]);
const draftsNow = shallowRef<string[]>([]);
const seenNow = shallowRef<ReadonlySet<string>>(new Set());

export const queue = computed(() => queueNow.value);
export const waitingCount = computed(() => queueNow.value.filter((each) => each.state === "waiting").length);
export const conflicts = computed(() => queueNow.value.filter((each) => each.state === "conflict"));
export const refusals = computed(() => queueNow.value.filter((each) => each.state === "refused"));
export const draftNames = computed(() => draftsNow.value);
/** The messages that its owner has looked at. */
export const seenMessages = computed(() => seenNow.value);

const shown = computed<Records>(() => {
  const all: Records = new Map();
  for (const [kind, known] of base.value) all.set(kind, new Map(known));
  for (const each of queueNow.value) if (each.state !== "refused") lay(all, each.command);
  return all;
});

export const allRecords = computed(() => shown.value);

export function recordsOf(kind: string): Shown[] {
  return [...(shown.value.get(kind)?.values() ?? [])];
}

export function record(kind: string, id: string): Shown | undefined {
  return shown.value.get(kind)?.get(id);
}

/** The record as the server gave it, without what waits. */
export function keptRecord(kind: string, id: string): Shown | undefined {
  return base.value.get(kind)?.get(id);
}

/** The moment as the server would say it; this phone's own clock may be wrong. */
export function now(): number {
  return Date.now() + ahead;
}

/** A moment of this phone's clock, put right. */
export function rightly(at: string): number {
  return Date.parse(at) + ahead;
}

export function today(): string {
  return dayOf(now());
}

function opened(): Database {
  if (!database) throw new Error("no account");
  return database;
}

export async function start(): Promise<void> {
  phone.others = await accounts();
  const [last] = phone.others;
  if (last) await choose(last);
  else phone.stage = "signed-out";
  document.addEventListener("visibilitychange", looked);
  window.addEventListener("online", () => void sync());
  setInterval(() => {
    if (document.visibilityState === "visible" && phone.stage === "open") void sync();
  }, SYNC_EVERY_MS);
}

/** Another of those who work on this phone. */
export async function choose(account: Account): Promise<void> {
  forgetKey();
  database?.close();
  database = await openAccount(account.id);
  phone.account = account;
  ahead = (await fact(database, "ahead")) ?? 0;
  phone.syncedAt = (await fact(database, "synced_at")) ?? 0;
  phone.wrongPins = (await fact(database, "wrong_pins")) ?? 0;
  phone.shift = (await fact(database, "shift")) ?? null;
  seenNow.value = new Set((await fact(database, "messages_seen")) ?? []);
  await readQueue();
  phone.stage = (await fact(database, "wrapped"))
    ? "locked"
    : (await fact(database, "half"))
      ? "new-pin"
      : "signed-out";
}

export async function signIn(username: string, password: string): Promise<void> {
  const { token } = await ask<{ token: string }>("/api/v1/sign-in", {
    method: "POST",
    json: { username, password },
  });
  const me = await ask<{ id: number; username: string; name: string }>("/api/v1/me", { token });
  const account = { id: me.id, username: me.username, name: me.name, used_at: Date.now() };
  const own = await openAccount(account.id);
  const device = (await fact(own, "device")) ?? newId();
  const sending = (await fact(own, "sending")) ?? (await newKey());
  await setFacts(own, { device, sending, token: await seal(sending, token) });
  const half = await wire.registerDevice(token, device, deviceName(), version());
  await setFacts(own, { half: await keyFrom(outbox.fromBase64(half)) });
  own.close();
  await keepAccount(account);
  phone.others = await accounts();
  phone.trouble = "";
  const isOpen = phone.stage === "open" && phone.account?.id === account.id;
  if (isOpen) await sync();
  else await choose(account);
}

export function version(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="wangge-version"]')?.content ?? "";
}

function deviceName(): string {
  return (/\(([^)]*)\)/.exec(navigator.userAgent)?.[1] ?? "").slice(0, 60) || "phone";
}

/** The first PIN, or another one: what lay under a forgotten one is fetched again. */
export async function setPin(pin: string): Promise<void> {
  const half = await fact(opened(), "half");
  if (!half) throw new Error("not signed in");
  const { raw, wrapped } = await makeContentKey(pin, half);
  await records.forget(opened());
  await setFacts(opened(), { wrapped, wrong_pins: 0 });
  contentKey = await keyFrom(raw);
  raw.fill(0);
  await enter();
}

/** The same content under another PIN. False when the old one is wrong. */
export async function changePin(old: string, pin: string): Promise<boolean> {
  const [half, wrapped] = [await fact(opened(), "half"), await fact(opened(), "wrapped")];
  if (!half || !wrapped) return false;
  try {
    const raw = await unwrap(wrapped, old, half);
    await setFacts(opened(), { wrapped: await wrap(raw, pin, half) });
    raw.fill(0);
    return true;
  } catch {
    return false;
  }
}

/** False for a wrong PIN; after ten of them what the server has too is gone from the phone, never what waits. */
export async function unlock(pin: string): Promise<boolean> {
  const [half, wrapped] = [await fact(opened(), "half"), await fact(opened(), "wrapped")];
  if (!half || !wrapped) {
    phone.stage = "signed-out";
    return false;
  }
  try {
    const raw = await unwrap(wrapped, pin, half);
    contentKey = await keyFrom(raw);
    raw.fill(0);
  } catch {
    phone.wrongPins += 1;
    await setFacts(opened(), { wrong_pins: phone.wrongPins });
    if (phone.wrongPins >= MOST_WRONG_PINS) await forgetPin();
    return false;
  }
  phone.wrongPins = 0;
  await setFacts(opened(), { wrong_pins: 0 });
  await enter();
  return true;
}

/** What was synced can be had again after signing in; what waits stays, and is still sent. */
export async function forgetPin(): Promise<void> {
  await records.forget(opened());
  const own = opened();
  for (const name of await drafts.draftNames(own)) await drafts.dropDraft(own, name);
  await own.delete("facts", "wrapped");
  await own.delete("facts", "half");
  forgetKey();
  phone.stage = "signed-out";
}

async function enter(): Promise<void> {
  if (phone.account) {
    phone.account = { ...phone.account, used_at: Date.now() };
    await keepAccount({ ...phone.account });
  }
  await readRecords();
  await readQueue();
  phone.stage = "open";
  phone.isPersistent = (await navigator.storage?.persist?.()) ?? false;
  void sync();
}

async function readRecords(): Promise<void> {
  if (!contentKey) return;
  base.value = byKind(await records.all(opened(), contentKey));
}

async function readQueue(): Promise<void> {
  queueNow.value = (await fact(opened(), "sending")) ? await outbox.waiting(opened()) : [];
  draftsNow.value = await drafts.draftNames(opened());
}

function forgetKey(): void {
  contentKey = null;
  base.value = new Map();
  queueNow.value = [];
}

export function lock(): void {
  if (phone.stage !== "open") return;
  forgetKey();
  void readQueue().catch(() => {});
  phone.stage = "locked";
}

function looked(): void {
  if (document.visibilityState === "hidden") {
    hiddenAt = Date.now();
    // A page in the background may never run again: what reads the clock when it comes back is the other half of this.
    setTimeout(() => {
      if (document.visibilityState === "hidden") lock();
    }, LOCK_AFTER_MS);
    return;
  }
  if (hiddenAt && Date.now() - hiddenAt >= LOCK_AFTER_MS) lock();
  hiddenAt = 0;
  if (phone.stage === "open") void sync();
}

/** A command to be written down; it is on the disk when this returns. QuotaExceededError when the phone is full. */
export function command(
  kind: string,
  data: outbox.Command["data"],
  based_on: number | null = null,
): outbox.Command {
  return { id: newId(), kind, at: said(Date.now()), based_on, data };
}

export async function save(
  commands: { command: outbox.Command; blobs?: outbox.NewBlob[] }[],
  draft: string | null = null,
  instead: string | null = null,
  facts: { shift?: { id: string; at: string } | null } = {},
): Promise<void> {
  try {
    await outbox.save(
      opened(),
      commands.map((each) => ({ command: each.command, blobs: each.blobs ?? [] })),
      draft,
      instead,
      facts,
    );
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === "QuotaExceededError") phone.trouble = "full";
    throw fault;
  }
  await readQueue();
  void askForBackground();
  void sync();
}

/** All that lie here now were looked at. */
export async function seeMessages(ids: string[]): Promise<void> {
  seenNow.value = new Set(ids);
  await setFacts(opened(), { messages_seen: ids });
}

/** Begins a shift, or ends the one that runs; `before` is written in the same step, `draft` is what it was until then. */
export async function turnShift(
  before: { command: outbox.Command }[] = [],
  draft: string | null = null,
): Promise<void> {
  const running = phone.shift;
  const turn = running ? command("shift.end", { shift: running.id }) : command("shift.start", {});
  const shift = running ? null : { id: turn.id, at: turn.at };
  await save([...before, { command: turn }], draft, null, { shift });
  phone.shift = shift;
}

/** Asks the browser to let the worker send what waits when there is a signal, also while the page is closed. */
async function askForBackground(): Promise<void> {
  try {
    const registration = await navigator.serviceWorker?.ready;
    await (registration as unknown as { sync?: { register(tag: string): Promise<void> } })?.sync?.register(
      "push",
    );
  } catch {
    // Not every browser can; then the page sends, when it is open.
  }
}

/** Sends, then fetches. Failures lengthen the pause before the next try; a person who asks is not kept waiting. */
export async function sync(asked = false): Promise<void> {
  if (phone.stage !== "open" || phone.syncing || !database) return;
  if (!asked && failures && timer) return;
  const own = database;
  const key = contentKey;
  clearTimeout(timer);
  timer = undefined;
  phone.syncing = true;
  let sent = false;
  try {
    await wire.alone(`wangge-push-${phone.account?.id}`, () => wire.push(own, () => void readQueue()));
    sent = true;
    if (key && own === database) await fetchChanges(own, key);
    failures = 0;
    phone.trouble = "";
  } catch (fault) {
    if (
      fault instanceof Refused &&
      (fault.code === "wipe" || (fault.status === 401 && (await isLost(own))))
    ) {
      return await wiped(own);
    }
    failures += 1;
    phone.trouble = troubleOf(fault);
    const pause =
      fault instanceof Refused && typeof fault.facts.seconds === "number" ? fault.facts.seconds * 1000 : 0;
    timer = setTimeout(
      () => {
        timer = undefined;
        void sync();
      },
      Math.max(pause, pauseAfter(failures, Math.random())),
    );
  } finally {
    phone.syncing = false;
    phone.arriving = 0;
    if (own === database) await readQueue();
  }
  // What was written while it fetched is not left until the next minute.
  if (sent && !phone.trouble && waitingCount.value) timer = setTimeout(() => void sync(true), 500);
}

function troubleOf(fault: unknown): Trouble {
  if (fault instanceof NoAnswer) return "no-signal";
  if (fault instanceof Refused && fault.status === 401) return "sign-in";
  if (fault instanceof DOMException && fault.name === "QuotaExceededError") return "full";
  return "server";
}

async function fetchChanges(own: Database, key: CryptoKey): Promise<void> {
  const isFirst = !(await fact(own, "cursor"));
  let arrived = 0;
  const settled = new Set<string>();
  await wire.pull(own, key, {
    more(changes, gone) {
      if (own !== database || !contentKey) return;
      arrived += changes.length;
      if (isFirst) phone.arriving = arrived;
      for (const each of changes) {
        const known = base.value.get(each.kind) ?? new Map<string, Shown>();
        known.set(each.id, { ...each, waits: false });
        base.value.set(each.kind, known);
      }
      for (const each of gone) {
        base.value.get(each.kind)?.delete(each.id);
        if (each.kind === "conflict") settled.add(each.id);
      }
      if (changes.length || gone.length) triggerRef(base);
    },
    anew: () => void (own === database && readRecords()),
  });
  if (settled.size) await outbox.settledElsewhere(own, settled);
  phone.syncedAt = (await fact(own, "synced_at")) ?? now();
  ahead = (await fact(own, "ahead")) ?? 0;
}

/** The sign-in of a lost phone has ended: what it is to do is asked without. */
async function isLost(own: Database): Promise<boolean> {
  const device = await fact(own, "device");
  return device ? wire.isToBeWiped(device) : false;
}

/** The desk says that this phone is lost: everything goes, now, and the desk hears of it. */
async function wiped(own: Database): Promise<void> {
  const device = await fact(own, "device");
  await leave();
  if (device) await wire.tellWiped(device).catch(() => {});
}

/** How many commands would be lost by leaving; nobody leaves while there are any without having said so. */
export async function signOut(): Promise<number> {
  const left = queueNow.value.length;
  if (left) return left;
  await leave();
  return 0;
}

async function leave(): Promise<void> {
  const account = phone.account;
  forgetKey();
  database?.close();
  database = null;
  if (account) {
    await wipeAccount(account.id);
    await forgetAccount(account.id);
  }
  phone.account = null;
  phone.others = await accounts();
  phone.trouble = "";
  phone.stage = "signed-out";
}

export async function sendAgain(id: string): Promise<void> {
  await outbox.sendAgain(opened(), id);
  await readQueue();
  await sync(true);
}

export async function letGo(id: string): Promise<void> {
  await outbox.letGo(opened(), id);
  await readQueue();
}

export const newBlob = outbox.newBlob;

export async function exportWaiting(): Promise<Blob> {
  return new Blob([JSON.stringify(await outbox.exported(opened()))], { type: "application/json" });
}

export async function keepDraft(name: string, value: unknown): Promise<void> {
  if (!contentKey) return;
  await drafts.keepDraft(opened(), contentKey, name, value, Date.now());
  if (!draftsNow.value.includes(name)) draftsNow.value = [...draftsNow.value, name];
}

export async function draft<T>(name: string): Promise<T | null> {
  return contentKey ? drafts.draft<T>(opened(), contentKey, name) : null;
}

export async function dropDraft(name: string): Promise<void> {
  await drafts.dropDraft(opened(), name);
  draftsNow.value = draftsNow.value.filter((each) => each !== name);
}

/** A question that only the server can answer, asked with the worker's own sign-in. */
export async function asked<T>(
  path: string,
  json?: unknown,
  method = json === undefined ? "GET" : "POST",
): Promise<T> {
  const token = await wire.tokenOf(opened());
  return ask<T>(path, json === undefined ? { token, method } : { token, method, json });
}

/** Bytes that lie at the server: a picture, a model, a part of the app. */
export async function fetched(path: string, seconds: number): Promise<Response> {
  return send(path, { token: await wire.tokenOf(opened()), seconds });
}

/** What is large and nobody's secret lies beside the tables. */
export { dropAnswers, keepAnswer, keptAnswer } from "./store/later.ts";
