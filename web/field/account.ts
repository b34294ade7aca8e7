// Who works on this phone: signing in, the PIN and what it unlocks, locking, leaving.
import { newId } from "./engine/ids.ts";
import {
  atRest,
  current,
  forgetKey,
  heardClock,
  opened,
  phone,
  readFirst,
  readLater,
  readQueue,
} from "./here.ts";
import { forgotten, heardFromServer, sync } from "./sending.ts";
import {
  type Account,
  accounts,
  allFacts,
  type Database,
  type Facts,
  fact,
  forgetAccount,
  keepAccount,
  openAccount,
  setFacts,
  wipeAccount,
} from "./store/database.ts";
import * as drafts from "./store/drafts.ts";
import { emptied, fileKeyFrom, fromBase64 } from "./store/outbox.ts";
import * as records from "./store/records.ts";
import {
  keyFrom,
  makeContentKey,
  newKey,
  openBytes,
  type Sealed,
  seal,
  sealBytes,
  unwrap,
  wrap,
} from "./store/seal.ts";
import { ask } from "./wire/ask.ts";
import { registerDevice } from "./wire/sync.ts";

const LOCK_AFTER_MS = 5 * 60_000;
const MOST_WRONG_PINS = 10;
const SYNC_EVERY_MS = 60_000;
/** The worker's start waits until the first screen stands: on a slow phone both at once are slower. */
const SCREEN_STANDS_MS = 3_000;

let hiddenAt = 0;
let away: ReturnType<typeof setTimeout> | undefined;

export async function start(): Promise<void> {
  phone.others = await accounts();
  const [last] = phone.others;
  if (last) await choose(last);
  else phone.stage = "signed-out";
  document.addEventListener("visibilitychange", looked);
  navigator.serviceWorker?.addEventListener("message", heard);
  window.addEventListener("online", contact);
  setInterval(() => {
    if (document.visibilityState === "visible") contact();
  }, SYNC_EVERY_MS);
  setTimeout(contact, SCREEN_STANDS_MS);
}

/** While it is locked the worker sends what waits, and hears whether the phone is to be wiped. */
function contact(): void {
  if (phone.stage === "open") void sync();
  else if (phone.others.length) navigator.serviceWorker?.controller?.postMessage("send");
}

/** What the worker did in the background. */
function heard(event: MessageEvent<{ sent?: number; wiped?: number }>): void {
  const { sent, wiped } = event.data;
  if (sent === phone.account?.id) void readQueue().catch(() => {});
  if (wiped !== undefined) void forgotten(wiped);
}

/** Another of those who work on this phone; `spare` is the server's key for a forgotten PIN, where the password was typed just now. */
export async function choose(account: Account, spare: CryptoKey | null = null): Promise<void> {
  forgetKey();
  current.spare = spare;
  current.database?.close();
  const database = await openAccount(account.id, () => leftElsewhere(account.id));
  current.database = database;
  phone.account = account;
  const known = await allFacts(database);
  if (!known.phone) void sharedId().catch(() => {});
  heardClock(known.ahead ?? 0);
  phone.syncedAt = known.synced_at ?? 0;
  phone.wrongPins = known.wrong_pins ?? 0;
  phone.keepsDrafts = !!known.spare;
  phone.shift = known.shift ?? null;
  phone.onlyByWifi = known.only_by_wifi ?? false;
  phone.seen = new Set(known.messages_seen ?? []);
  phone.stage = stageOf(known);
  await readQueue();
}

function stageOf({ wrapped, half, spare }: Partial<Facts>): "locked" | "new-pin" | "signed-out" {
  if (wrapped) return "locked";
  // What lies here under a forgotten PIN is opened with the password only.
  return half && (!spare || current.spare) ? "new-pin" : "signed-out";
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
  const { half, spare, file_key } = await registerDevice(
    token,
    device,
    await sharedId(own),
    deviceName(),
    version(),
  );
  const forFiles = file_key ? { file_key: await fileKeyFrom(file_key) } : {};
  await setFacts(own, { half: await keyFrom(fromBase64(half)), ...forFiles });
  own.close();
  await keepAccount(account);
  phone.others = await accounts();
  phone.trouble = "";
  phone.wasLost = false;
  heardFromServer();
  const isOpen = phone.stage === "open" && phone.account?.id === account.id;
  if (isOpen) await sync();
  else await choose(account, spare ? await keyFrom(fromBase64(spare)) : null);
}

/** What everybody who works on this phone has in their tables, also who comes new. */
async function sharedId(newcomer?: Database): Promise<string> {
  const known = await Promise.all((await accounts()).map(({ id }) => openAccount(id)));
  const all = newcomer ? [...known, newcomer] : known;
  const kept = await Promise.all(all.map((each) => fact(each, "phone")));
  const id = kept.find(Boolean) ?? newId();
  for (const [place, each] of all.entries()) if (kept[place] !== id) await setFacts(each, { phone: id });
  for (const each of known) each.close();
  return id;
}

export function version(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="wangge-version"]')?.content ?? "";
}

function deviceName(): string {
  return (/\(([^)]*)\)/.exec(navigator.userAgent)?.[1] ?? "").slice(0, 60) || "phone";
}

/**
 * The first PIN, or another one: of what lay under a forgotten one the forms are opened, and the rest is fetched again. Gives how
 * many forms could not be opened.
 */
export async function setPin(pin: string): Promise<number> {
  const own = opened();
  const { half, spare } = await allFacts(own);
  // What lies here under the PIN before is opened with the password only.
  if (!half || (spare && !current.spare)) {
    phone.stage = "signed-out";
    return 0;
  }
  const { raw, wrapped } = await makeContentKey(pin, half);
  const key = await keyFrom(raw);
  const facts: Partial<Facts> = { wrapped, wrong_pins: 0, ...(await spared(raw)) };
  raw.fill(0);
  const before = spare && current.spare && (await openBytes(current.spare, spare).catch(() => null));
  await records.forget(own);
  const lost = await drafts.moveDrafts(
    own,
    before ? await keyFrom(new Uint8Array(before)) : null,
    key,
    facts,
  );
  phone.wrongPins = 0;
  phone.keepsDrafts = !!facts.spare;
  current.key = key;
  current.spare = null;
  await enter();
  return lost;
}

/** The content key under the server's spare key, while that is at hand. */
async function spared(raw: Uint8Array<ArrayBuffer>): Promise<{ spare?: Sealed }> {
  return current.spare ? { spare: await sealBytes(current.spare, raw) } : {};
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

/** False for a wrong PIN; after ten of them what the server has too is gone from the phone, never what waits or is half written. */
export async function unlock(pin: string): Promise<boolean> {
  const { half, wrapped } = await allFacts(opened());
  if (!half || !wrapped) {
    phone.stage = "signed-out";
    return false;
  }
  // The key takes a moment of computing, in which the disk has time.
  const pages = records.pagesOf(opened(), "first");
  pages.catch(() => {});
  const raw = await unwrap(wrapped, pin, half).catch(() => null);
  if (!raw) {
    phone.wrongPins += 1;
    await setFacts(opened(), { wrong_pins: phone.wrongPins });
    if (phone.wrongPins >= MOST_WRONG_PINS) await forgetPin();
    return false;
  }
  current.key = await keyFrom(raw);
  await keepSpare(raw);
  raw.fill(0);
  if (phone.wrongPins) await setFacts(opened(), { wrong_pins: 0 });
  phone.wrongPins = 0;
  const isOld = await records.bringOver(opened(), current.key);
  await enter(isOld ? undefined : pages);
  return true;
}

async function keepSpare(raw: Uint8Array<ArrayBuffer>): Promise<void> {
  if (!current.spare) return;
  try {
    await setFacts(opened(), await spared(raw));
    phone.keepsDrafts = true;
  } catch {
    // A full phone opens all the same; the next sign-in tries again.
  }
  current.spare = null;
}

/**
 * What was synced can be had again after signing in; what waits stays, and is still sent. Half-filled forms stay sealed, for
 * whoever types the password; only where the phone has never heard of a spare key nobody can open them, and they go.
 */
export async function forgetPin(): Promise<void> {
  await records.forget(opened());
  const own = opened();
  if (!phone.keepsDrafts) for (const name of await drafts.draftNames(own)) await drafts.dropDraft(own, name);
  await own.delete("facts", "wrapped");
  await own.delete("facts", "half");
  forgetKey();
  phone.stage = "signed-out";
}

async function enter(pages?: ReturnType<typeof records.pagesOf>): Promise<void> {
  // What waits was read when the account was chosen; here only what became of it since.
  const queued = readQueue();
  await readFirst(pages);
  phone.stage = "open";
  readLater();
  await queued;
  if (phone.account) {
    phone.account = { ...phone.account, used_at: Date.now() };
    await keepAccount({ ...phone.account });
  }
  phone.isPersistent = (await navigator.storage?.persist?.()) ?? false;
  // First the screen that was waited for.
  await atRest();
  void sync();
}

export function lock(): void {
  if (phone.stage === "locked") current.spare = null;
  if (phone.stage !== "open") return;
  forgetKey();
  void readQueue().catch(() => {});
  phone.stage = "locked";
}

function looked(): void {
  // Of an absence before, which was too short.
  clearTimeout(away);
  if (document.visibilityState === "hidden") {
    hiddenAt = Date.now();
    // A page in the background may never run again: what reads the clock when it comes back is the other half of this.
    away = setTimeout(lock, LOCK_AFTER_MS);
    return;
  }
  if (hiddenAt && Date.now() - hiddenAt >= LOCK_AFTER_MS) lock();
  hiddenAt = 0;
  contact();
}

/** How many commands would be lost by leaving; nobody leaves while there are any without having said so. */
export async function signOut(): Promise<number> {
  // Another tab may have written since this one looked, or be writing now.
  const left = await emptied(opened());
  if (left) await readQueue();
  else await leave();
  return left;
}

/** Signed out on another page: what is shown here is nobody's any more either. */
function leftElsewhere(account: number): void {
  if (phone.account?.id !== account) return;
  forgetKey();
  current.database = null;
  phone.account = null;
  phone.trouble = "";
  phone.stage = "signed-out";
  phone.others = phone.others.filter(({ id }) => id !== account);
}

async function leave(): Promise<void> {
  const account = phone.account;
  forgetKey();
  current.database?.close();
  current.database = null;
  if (account) {
    // Nothing lies in its tables any more; the worker is not to make them anew.
    await forgetAccount(account.id);
    await wipeAccount(account.id);
  }
  phone.account = null;
  phone.others = await accounts();
  phone.trouble = "";
  phone.stage = "signed-out";
}
