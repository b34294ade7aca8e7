// What goes to the server and comes from it: commands that are written down, and round trips that send and fetch.
import { aheadSaid, said } from "./engine/clock.ts";
import { newId } from "./engine/ids.ts";
import { isFull, pauseAfter } from "./engine/outbox.ts";
import {
  current,
  forgetKey,
  heardClock,
  laterRead,
  now,
  opened,
  phone,
  readQueue,
  show,
  showOnly,
  type Trouble,
  waitingCount,
} from "./here.ts";
import { type Account, type Database, fact, setFacts } from "./store/database.ts";
import * as outbox from "./store/outbox.ts";
import { fold } from "./store/records.ts";
import { isDecided, NoAnswer, Refused } from "./wire/ask.ts";
import * as wire from "./wire/sync.ts";
import { wipe } from "./wire/wiping.ts";

/** So many pages of changes came since they were last put together; before the first time nobody has counted. */
const PAGES_TO_FOLD = 40;
let unfolded = PAGES_TO_FOLD;
let failures = 0;
/** Somebody asked for a round trip while one was under way. */
let missed = false;
let timer: ReturnType<typeof setTimeout> | undefined;

/** A command to be written down; it is on the disk when this returns. QuotaExceededError when the phone is full. */
export function command(
  kind: string,
  data: outbox.Command["data"],
  based_on: number | null = null,
): outbox.Command {
  const at = Date.now();
  return { id: newId(), kind, at: said(at), ...aheadSaid(at, current.ahead, phone.syncedAt), based_on, data };
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
    if (isFull(fault)) phone.trouble = "full";
    throw fault;
  }
  await readQueue();
  void askForBackground();
  void sync();
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

/** Somebody has just signed in: there is a signal, and nobody waits for the pause after what failed before. */
export function heardFromServer(): void {
  failures = 0;
  clearTimeout(timer);
  timer = undefined;
}

/**
 * Sends, then fetches. Failures lengthen the pause before the next try; a person who asks is not kept waiting. `photosToo`: also those
 * that wait for Wi-Fi.
 */
export async function sync(asked = false, photosToo = false): Promise<void> {
  if (phone.stage !== "open" || !current.database) return;
  if (phone.syncing) {
    missed = true;
    return;
  }
  if (!asked && failures && timer) return;
  const { database: own, key } = current;
  clearTimeout(timer);
  timer = undefined;
  phone.syncing = true;
  missed = false;
  let sent = false;
  try {
    sent = await wire.alone(pushing(), async () => {
      phone.photosStay = await wire.push(own, () => void readQueue(), photosToo);
    });
    await laterRead;
    if (key && own === current.database)
      await navigator.locks.request(`wangge-pull-${phone.account?.id}`, () => fetchChanges(own, key));
    failures = 0;
    phone.trouble = "";
  } catch (fault) {
    if (await isLost(own, fault)) {
      // What it holds goes first; while the server cannot answer, it keeps it.
      if (await navigator.locks.request(pushing(), () => wire.lastPush(own))) return await wiped(own);
    }
    phone.trouble = troubleOf(fault);
    const told =
      fault instanceof Refused && typeof fault.facts.seconds === "number" ? fault.facts.seconds * 1000 : 0;
    // Who is told when to come again has not failed, and comes then: the server counts on it.
    failures = told ? Math.max(failures, 1) : failures + 1;
    timer = setTimeout(() => {
      timer = undefined;
      void sync();
    }, told || pauseAfter(failures, Math.random()));
  } finally {
    phone.syncing = false;
    phone.arriving = 0;
    if (own === current.database) await readQueue();
  }
  // What was written while it fetched is not left until the next minute, nor what another page was just sending. What the server
  // put off, and photos that stay, are.
  if (!phone.trouble && (missed || !sent) && waitingCount.value)
    timer = setTimeout(() => void sync(true), 500);
}

/** Held by whoever sends for this account. */
function pushing(): string {
  return `wangge-push-${phone.account?.id}`;
}

function troubleOf(fault: unknown): Trouble {
  if (fault instanceof NoAnswer) return "no-signal";
  if (fault instanceof Refused && fault.status === 401) return "sign-in";
  if (isFull(fault)) return "full";
  return "server";
}

async function fetchChanges(own: Database, key: CryptoKey): Promise<void> {
  const isFirst = !(await fact(own, "cursor"));
  let arrived = 0;
  const settled = new Set<string>();
  // The server has found these before it is asked: of them everything that there is holds each that is still open.
  const unsettled = await outbox.unsettled(own);
  const isCurrent = (): boolean => own === current.database && key === current.key;
  await wire.pull(own, key, {
    more(changes, gone) {
      if (!isCurrent()) return;
      arrived += changes.length;
      unfolded += 1;
      if (isFirst) phone.arriving = arrived;
      for (const each of gone) if (each.kind === "conflict") settled.add(each.id);
      show(changes, gone);
    },
    shown: () => {
      phone.homesAreHere = true;
    },
    whole(known) {
      for (const id of unsettled) if (!known.has(`conflict ${id}`)) settled.add(id);
      if (isCurrent()) showOnly(known);
    },
  });
  if (settled.size) await outbox.settledElsewhere(own, settled);
  phone.syncedAt = (await fact(own, "synced_at")) ?? now();
  heardClock((await fact(own, "ahead")) ?? 0);
  if (unfolded < PAGES_TO_FOLD) return;
  unfolded = 0;
  await fold(own, key, "first");
  await fold(own, key, "later");
}

/** The sign-in of a lost phone has ended: what it is to do is asked without. */
async function isLost(own: Database, fault: unknown): Promise<boolean> {
  if (!(fault instanceof Refused) || !isDecided(fault)) return false;
  const device = fault.code === "wipe" ? "" : await fact(own, "device");
  return fault.code === "wipe" || (!!device && wire.isToBeWiped(device));
}

/** The desk says that this phone is lost: what waited was sent before, everything goes, now, and the desk hears of it. */
async function wiped(own: Database): Promise<void> {
  const device = await fact(own, "device");
  const account = phone.account;
  await forgotten(account?.id ?? 0, account ? wipe(account.id) : undefined);
  if (device) await wire.tellWiped(device).catch(() => {});
  // The phone is lost for all who work on it: the worker sends what they have waiting, and hears the same of each.
  if (phone.others.length) navigator.serviceWorker?.controller?.postMessage("send");
}

/** An account has gone from this phone; `left` are the others who work on it. */
export async function forgotten(account: number, left?: Promise<Account[]>): Promise<void> {
  if (phone.account?.id === account) {
    forgetKey();
    current.database?.close();
    current.database = null;
    phone.account = null;
    phone.trouble = "";
    phone.stage = "signed-out";
  }
  phone.others = left ? await left : phone.others.filter((each) => each.id !== account);
  phone.wasLost = true;
  if (!phone.others.length) localStorage.clear();
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

/** Photos wait for Wi-Fi from now on, or do not. */
export async function keepPhotosForWifi(only: boolean): Promise<void> {
  await setFacts(opened(), { only_by_wifi: only });
  phone.onlyByWifi = only;
  await sync(true);
}
