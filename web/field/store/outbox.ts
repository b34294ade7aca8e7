// The queue on the disk. Saving is one transaction with strict durability: the command, its photos, and the draft that it was.
import type { Side } from "../engine/conflicts.ts";
import type { Changes, Value } from "../engine/merge.ts";
import { type Entry, nextBatch, type Result, stateAfter } from "../engine/outbox.ts";
import { type BlobRow, type Database, type Facts, fact, type OutboxRow, STRICT } from "./database.ts";
import { digestOf, keyFrom, open, openBytes, type Sealed, seal, sealBytes } from "./seal.ts";

/** What a phone asks the server to do. `data` names fields, or for a change of a record what they were and are. */
export interface Command {
  id: string;
  kind: string;
  at: string;
  /** By how many milliseconds the server's clock was ahead of `at`, where that is worth saying. */
  ahead?: number;
  based_on: number | null;
  data: Record<string, Value | Changes | undefined>;
}

export interface Answer extends Result {
  revision?: number | null;
  /** Why it was refused: the problem's name, and a sentence. */
  code?: string;
  detail?: string;
  /** What is to be settled. */
  conflict?: string | null;
  fields?: Record<string, Side>;
}

/** A command that waits, as it is read by its owner. */
export interface Waiting extends Entry {
  at: string;
  command: Command;
  answer: Answer | null;
}

export interface NewBlob {
  digest: string;
  type: string;
  bytes: ArrayBuffer;
}

export async function sendingKey(database: Database): Promise<CryptoKey> {
  const key = await fact(database, "sending");
  if (!key) throw new Error("This account has not signed in on this phone.");
  return key;
}

/** Returns when all of it is on the disk. `instead`: a command that these take the place of. */
export async function save(
  database: Database,
  commands: { command: Command; blobs: NewBlob[] }[],
  draft: string | null,
  instead: string | null = null,
  facts: Partial<Facts> = {},
): Promise<void> {
  const key = await sendingKey(database);
  // A transaction of IndexedDB ends while one waits for anything else: all sealing comes before.
  const rows = await Promise.all(
    commands.map(async ({ command, blobs }) => ({
      row: {
        id: command.id,
        order: 0,
        kind: command.kind,
        state: "waiting" as const,
        blobs: blobs.map((blob) => blob.digest),
        bytes: blobs.reduce((sum, blob) => sum + blob.bytes.byteLength, 0),
        tries: 0,
        at: command.at,
        sealed: await seal(key, command),
        answer: null,
      },
      blobs: await Promise.all(blobs.map((blob) => sealedBlob(key, blob))),
    })),
  );
  const write = database.transaction(["outbox", "blobs", "drafts", "facts"], "readwrite", STRICT);
  // Each is looked at: one that is refused (the disk is full) takes all of them back.
  const steps: Promise<unknown>[] = [];
  try {
    // Somebody signed out meanwhile: nobody would ever send it, and its writer is to hear that it was not kept.
    if (!(await write.objectStore("facts").get("sending")))
      throw new Error("This account has left this phone.");
    let order = ((await write.objectStore("facts").get("order")) as number | undefined) ?? 0;
    for (const { row, blobs } of rows) {
      order += 1;
      steps.push(write.objectStore("outbox").put({ ...row, order }));
      for (const blob of blobs) steps.push(write.objectStore("blobs").put(blob));
    }
    steps.push(write.objectStore("facts").put(order, "order"));
    for (const [name, value] of Object.entries(facts)) {
      steps.push(write.objectStore("facts").put(value, name));
    }
    if (draft !== null) steps.push(write.objectStore("drafts").delete(draft));
    if (instead !== null) steps.push(write.objectStore("outbox").delete(instead));
  } catch (fault) {
    // What was put down before would be kept otherwise: a command without its photo.
    void Promise.allSettled([...steps, write.done]);
    write.abort();
    throw fault;
  }
  await Promise.all([...steps, write.done]);
}

async function sealedBlob(key: CryptoKey, blob: NewBlob): Promise<BlobRow> {
  const sealed = await sealBytes(key, blob.bytes);
  return {
    digest: blob.digest,
    type: blob.type,
    size: blob.bytes.byteLength,
    sent: 0,
    arrived: false,
    sealed,
  };
}

/**
 * Takes all that an account has here from its tables, unless something waits, of which it gives how much. The look and the taking are
 * one step: what another page saves meanwhile is counted, or is not saved.
 */
export async function emptied(database: Database): Promise<number> {
  const write = database.transaction([...database.objectStoreNames], "readwrite", STRICT);
  const rows = await write.objectStore("outbox").getAll();
  const left = rows.filter((row) => row.state !== "told").length;
  if (!left) for (const name of write.objectStoreNames) write.objectStore(name).clear();
  await write.done;
  return left;
}

export async function newBlob(bytes: ArrayBuffer, type: string): Promise<NewBlob> {
  return { digest: await digestOf(bytes), type, bytes };
}

/** What of it is `known` is not opened again; when all of it is, the same list is given back. */
export async function waiting(database: Database, known: Waiting[] = []): Promise<Waiting[]> {
  const key = await sendingKey(database);
  const rows = await database.getAllFromIndex("outbox", "order");
  const before = new Map(known.map((each) => [each.id, each]));
  const now = await Promise.all(
    rows.map((row) => {
      const same = before.get(row.id);
      return same && isUnchanged(same, row) ? same : opened(key, row);
    }),
  );
  return now.length === known.length && now.every((each, place) => each === known[place]) ? known : now;
}

function isUnchanged(known: Waiting, { state, tries, answer }: OutboxRow): boolean {
  return known.state === state && known.tries === tries && !known.answer === !answer;
}

async function opened(key: CryptoKey, { sealed, answer, ...row }: OutboxRow): Promise<Waiting> {
  return {
    ...row,
    command: await open<Command>(key, sealed),
    answer: answer && (await open<Answer>(key, answer)),
  };
}

export async function missingBlobs(database: Database): Promise<Set<string>> {
  const missing = new Set<string>();
  // One after the other: two hundred megabytes are not held at once.
  let row = await database.transaction("blobs").store.openCursor();
  for (; row; row = await row.continue()) if (!row.value.arrived) missing.add(row.value.digest);
  return missing;
}

export async function entries(database: Database): Promise<Entry[]> {
  return database.getAllFromIndex("outbox", "order");
}

/** The next commands to send, opened. */
export async function batch(database: Database, tried: ReadonlySet<string>): Promise<Command[]> {
  const key = await sendingKey(database);
  const next = nextBatch(await entries(database), await missingBlobs(database), tried);
  const rows = await Promise.all(next.map((entry) => database.get("outbox", entry.id)));
  return Promise.all(rows.flatMap((row) => (row ? [open<Command>(key, row.sealed)] : [])));
}

/** Writes down what the server said: what it has leaves the queue, with the photos that nothing else names. */
export async function settle(database: Database, answers: Answer[]): Promise<void> {
  const key = await sendingKey(database);
  const kept = new Map<string, Sealed>();
  const bare = new Map<string, Sealed>();
  for (const answer of answers) {
    const state = stateAfter(answer);
    if (state !== "gone") kept.set(answer.id, await seal(key, answer));
    const row = state === "told" ? await database.get("outbox", answer.id) : undefined;
    if (row) bare.set(row.id, await seal(key, withoutNumbers(await open<Command>(key, row.sealed))));
  }
  const write = database.transaction(["outbox", "blobs"], "readwrite", STRICT);
  const outbox = write.objectStore("outbox");
  for (const answer of answers) {
    const row = await outbox.get(answer.id);
    if (!row) continue;
    const state = stateAfter(answer);
    if (state === "gone") outbox.delete(row.id);
    // The server has its photos, too: they need lie here no more.
    else if (state === "told")
      outbox.put({
        ...row,
        state,
        blobs: [],
        sealed: bare.get(row.id) ?? row.sealed,
        answer: kept.get(answer.id) ?? null,
      });
    else outbox.put({ ...row, state, tries: row.tries + 1, answer: kept.get(answer.id) ?? null });
  }
  const named = new Set((await outbox.getAll()).flatMap((row) => row.blobs));
  for (const digest of await write.objectStore("blobs").getAllKeys()) {
    if (!named.has(digest)) write.objectStore("blobs").delete(digest);
  }
  await write.done;
}

/** What the server has is on the phone no more in full: of a person only what is needed to say who it was. */
function withoutNumbers(command: Command): Command {
  const { identity: _identity, phone: _phone, ...data } = command.data;
  return { ...command, data };
}

/**
 * Its owner decided: it is sent again as it is, or let go. Again with its photos: the server keeps none for long that nothing of its own
 * names.
 */
export async function sendAgain(database: Database, id: string): Promise<void> {
  const write = database.transaction(["outbox", "blobs"], "readwrite", STRICT);
  const [outbox, blobs] = [write.objectStore("outbox"), write.objectStore("blobs")];
  const row = await outbox.get(id);
  if (row) outbox.put({ ...row, state: "waiting", answer: null });
  for (const digest of row?.blobs ?? []) {
    const blob = await blobs.get(digest);
    if (blob) blobs.put({ ...blob, sent: 0, arrived: false });
  }
  await write.done;
}

/** The ids of the conflicts that wait here for somebody to pick. */
export async function unsettled(database: Database): Promise<Set<string>> {
  const rows = (await database.getAll("outbox")).filter((row) => row.state === "conflict");
  if (!rows.length) return new Set();
  const key = await sendingKey(database);
  const answers = await Promise.all(rows.map(({ answer }) => answer && open<Answer>(key, answer)));
  return new Set(answers.flatMap((each) => each?.conflict ?? []));
}

/** Conflicts that somebody settled elsewhere need nobody here any more. */
export async function settledElsewhere(database: Database, conflicts: ReadonlySet<string>): Promise<void> {
  const all = await waiting(database);
  const over = all.filter((each) => each.state === "conflict" && conflicts.has(each.answer?.conflict ?? ""));
  if (over.length)
    await settle(
      database,
      over.map((each) => ({ id: each.id, status: "done" })),
    );
}

export async function letGo(database: Database, id: string): Promise<void> {
  await settle(database, [{ id, status: "done" }]);
}

export async function blobBytes(
  database: Database,
  digest: string,
): Promise<{ row: BlobRow; bytes: ArrayBuffer } | null> {
  const row = await database.get("blobs", digest);
  if (!row) return null;
  return { row, bytes: await openBytes(await sendingKey(database), row.sealed) };
}

export async function blobSent(
  database: Database,
  digest: string,
  sent: number,
  arrived: boolean,
): Promise<void> {
  const row = await database.get("blobs", digest);
  if (row) await database.put("blobs", { ...row, sent, arrived });
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** The key under which files are sealed, as the server tells it: its mark, then itself. */
export async function fileKeyFrom(told: string): Promise<Facts["file_key"]> {
  const raw = fromBase64(told);
  return { mark: raw.slice(0, 4), key: await keyFrom(raw.slice(4)) };
}
