// Push, pull and the first snapshot. Every step leaves the disk such that it can break off and go on.
import { blobsToSend, type Line, photosStay } from "../engine/outbox.ts";
import { type Database, fact, setFacts } from "../store/database.ts";
import { type Answer, batch, blobBytes, entries, missingBlobs, sendingKey, settle } from "../store/outbox.ts";
import { dropUntil, type Gone, type Kept, keep, lastPage } from "../store/records.ts";
import { open } from "../store/seal.ts";
import { forgetTracks } from "../store/tracks.ts";
import { ask, lastAhead, NoAnswer, Refused, send } from "./ask.ts";
import { sendBlob } from "./blobs.ts";

const PAGE = 500;
const ROOT = "/api/v1/sync";

interface Change {
  kind: string;
  id: string;
  revision: number | null;
  fields: Kept["fields"];
}

interface Page {
  changes: Change[];
  gone: Gone[];
  cursor: string | null;
  more: boolean;
  /** From this cursor nothing can be told any more: everything is taken anew. */
  fresh: boolean;
}

/** Of the key under which a phone's data lies, what the server keeps, in base64. `spare` is told soon after the password only. */
export interface ServerKeys {
  half: string;
  spare: string | null;
  /** Under which files are sealed; a server of before tells none. */
  file_key?: string;
}

/** Tells the server of this phone, and gets its keys. */
export async function registerDevice(
  token: string,
  device: string,
  phone: string,
  name: string,
  version: string,
): Promise<ServerKeys> {
  const json = { name, phone, app_version: version };
  await ask(`${ROOT}/devices/${device}`, { method: "PUT", token, json });
  return askKeys(token, device);
}

export function askKeys(token: string, device: string): Promise<ServerKeys> {
  return ask<ServerKeys>(`${ROOT}/devices/${device}/key`, { method: "POST", token });
}

/** Whether the desk has ordered this phone to be wiped; it may be signed in no more. */
export async function isToBeWiped(device: string): Promise<boolean> {
  try {
    await send(`${ROOT}/devices/${device}/order`);
  } catch (fault) {
    return fault instanceof Refused && fault.code === "wipe";
  }
  return false;
}

export async function tellWiped(device: string): Promise<void> {
  await send(`${ROOT}/devices/${device}/wiped`, { method: "POST" });
}

export async function tokenOf(database: Database): Promise<string> {
  const sealed = await fact(database, "token");
  if (!sealed) throw new Refused(401, "not-signed-in", "", {});
  return open<string>(await sendingKey(database), sealed);
}

/** One at a time over all tabs and the worker. Gives false when another is at it. */
export async function alone(name: string, work: () => Promise<void>): Promise<boolean> {
  return navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock) await work();
    return lock !== null;
  });
}

/** What this connection is, as far as the browser tells. */
function line(): Line | undefined {
  return (navigator as { connection?: Line }).connection;
}

/**
 * Sends all that waits: words first, then photos, then what names them. Gives whether photos stay for a Wi-Fi, as their owner
 * wants it; `all` sends them now.
 */
export async function push(database: Database, told: () => void = () => {}, all = false): Promise<boolean> {
  await forgetTracks(database, Date.now());
  const token = await tokenOf(database);
  const device = await fact(database, "device");
  const tried = new Set<string>();
  await pushCommands(database, token, device ?? "", tried, told);
  const missing = blobsToSend(await entries(database), await missingBlobs(database));
  if (missing.length && !all && photosStay((await fact(database, "only_by_wifi")) ?? false, line()))
    return true;
  for (const digest of missing) {
    if (!(await sendPhoto(database, token, digest))) continue;
    told();
  }
  if (missing.length) await pushCommands(database, token, device ?? "", tried, told);
  return false;
}

/**
 * Before a lost phone is wiped: all that it holds goes, photos too, whatever the line. Gives whether it is to be wiped now: not while
 * the server has not answered each, nor when the phone was found while it sent.
 */
export async function lastPush(database: Database): Promise<boolean> {
  try {
    await push(database, () => {}, true);
  } catch (fault) {
    // It may send no more: what it holds is lost, as thirty days decided, or stays, when it was found.
    if (!(fault instanceof Refused && [401, 403, 410].includes(fault.status))) return false;
    return isStillLost(database);
  }
  if ((await entries(database)).some((each) => each.state === "waiting")) return false;
  return isStillLost(database);
}

async function isStillLost(database: Database): Promise<boolean> {
  return isToBeWiped((await fact(database, "device")) ?? "");
}

/** How many the server has not got yet. */
async function left(database: Database): Promise<number> {
  return (await entries(database)).filter((each) => each.state !== "told").length;
}

async function pushCommands(
  database: Database,
  token: string,
  device: string,
  tried: Set<string>,
  told: () => void,
): Promise<void> {
  for (;;) {
    const commands = await batch(database, tried);
    if (!commands.length) return;
    const { results } = await ask<{ results: Answer[] }>(`${ROOT}/push`, {
      method: "POST",
      token,
      json: { commands, clock: new Date().toISOString(), waiting: await left(database) },
      headers: device ? { "Wangge-Device": device } : {},
      seconds: 60,
    });
    if (!results.length) throw new NoAnswer("no result");
    for (const each of results) tried.add(each.id);
    await settle(database, results);
    told();
  }
}

/** The photo or recording is too large, or of no kind that the server takes. */
const NEVER = [413, 415, 422];

/** False for one that the server will never take: what names it is refused with the server's reason. */
async function sendPhoto(database: Database, token: string, digest: string): Promise<boolean> {
  if (!(await blobBytes(database, digest))) return false;
  try {
    await sendBlob(database, token, digest);
  } catch (fault) {
    if (!(fault instanceof Refused) || !NEVER.includes(fault.status)) throw fault;
    // Its owner reads why, and what lies behind it goes on.
    const named = (await entries(database)).filter(
      (each) => each.state === "waiting" && each.blobs.includes(digest),
    );
    const why = { status: "refused" as const, code: fault.code, detail: fault.message };
    await settle(
      database,
      named.map(({ id }) => ({ id, ...why })),
    );
    return false;
  }
  return true;
}

export interface Told {
  more(changes: Kept[], gone: Gone[]): void;
  /** What the first screens show is there; more is on its way. */
  shown(): void;
  /** All there is was told (`kind id`): what is not among these has gone. */
  whole(known: ReadonlySet<string>): void;
}

/** Takes what changed since the last time, page by page; the first time, and after other posts, everything. */
export async function pull(database: Database, key: CryptoKey, told: Told): Promise<void> {
  const token = await tokenOf(database);
  const device = (await fact(database, "device")) ?? "";
  const headers: Record<string, string> = device ? { "Wangge-Device": device } : {};
  const phone = await fact(database, "phone");
  if (phone) headers["Wangge-Phone"] = phone;
  for (;;) {
    const cursor = (await fact(database, "cursor")) ?? "";
    const asked = cursor ? `cursor=${encodeURIComponent(cursor)}&` : "";
    const page = cursor
      ? await ask<Page>(`${ROOT}/pull?${asked}limit=${PAGE}`, { token, headers, seconds: 60 })
      : null;
    if (page === null || page.fresh || page.cursor === null) {
      await takeAnew(database, key, token, headers, told);
      continue;
    }
    const changes = page.changes.map(whole);
    await keep(database, key, changes, page.gone, { cursor: page.cursor });
    told.more(changes, page.gone);
    if (!page.more) break;
  }
  const ahead = lastAhead() ?? 0;
  await setFacts(database, { synced_at: Date.now() + ahead, ahead });
}

function whole(change: Change): Kept {
  return { ...change, revision: change.revision ?? 0 };
}

/** What the list of homes shows comes by itself first: of a year of visits nobody waits for the last before the first home opens. */
const PARTS = ["first", "rest"] as const;

/**
 * Everything anew. What was there stays until the last line has come, so that a stream that breaks off leaves the phone as it was
 * or fuller; then what was not told any more goes. Pulls go on from the first part's cursor, which tells what changed between.
 */
async function takeAnew(
  database: Database,
  key: CryptoKey,
  token: string,
  headers: Record<string, string>,
  told: Told,
): Promise<void> {
  const before = await lastPage(database);
  const known = new Set<string>();
  const cursors: string[] = [];
  for (const part of PARTS) {
    const answer = await send(`${ROOT}/snapshot?part=${part}`, { token, headers, seconds: 600 });
    cursors.push(
      await take(answer, async (page) => {
        for (const each of page) known.add(`${each.kind} ${each.id}`);
        await keep(database, key, page, [], {});
        told.more(page, []);
      }),
    );
    told.shown();
  }
  await dropUntil(database, before, { cursor: cursors[0] });
  told.whole(known);
}

/** Hands on page by page, each of one kind, and gives the cursor of the last line. */
async function take(answer: Response, put: (page: Kept[]) => Promise<void>): Promise<string> {
  let page: Kept[] = [];
  for await (const lines of linesOf(answer)) {
    for (const line of lines) {
      const read = JSON.parse(line) as Change & { end?: boolean; cursor?: string };
      const isFull = page.length >= PAGE || (page[0] && page[0].kind !== read.kind);
      if (isFull || (read.end && page.length)) {
        await put(page);
        page = [];
      }
      if (read.end && read.cursor) return read.cursor;
      page.push(whole(read));
    }
  }
  throw new NoAnswer("the snapshot broke off");
}

/** The lines that have come, as many at once as there are. */
async function* linesOf(answer: Response): AsyncGenerator<string[]> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop() ?? "";
      yield lines.filter(Boolean);
    }
  } catch (fault) {
    throw new NoAnswer(String(fault));
  }
}
