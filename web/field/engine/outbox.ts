// What waits to be sent: which states it can be in, what goes next, and how long to wait after a failure.
/** `told`: the server has it, and its owner is still to read what became of it. */
export type EntryState = "waiting" | "conflict" | "refused" | "told";

/** One command as it stands in the queue. Its words are sealed elsewhere; this much is needed to send it. */
export interface Entry {
  id: string;
  /** Counts up with each command of this phone: they are sent in this order. */
  order: number;
  kind: string;
  state: EntryState;
  /** Photos and voices that must be there before it. */
  blobs: string[];
  /** How much these are; of what an older app wrote nobody knows. */
  bytes?: number;
  tries: number;
}

export interface Result {
  id: string;
  status: "done" | "repeated" | "conflict" | "refused";
  /** Not now: what it belongs to has not arrived yet. The phone sends it again by itself. */
  again?: boolean;
  /** What else the server says of it; `end`: what became of an answer. */
  facts?: Record<string, unknown>;
}

/** Ends of an answer, and of a move in, that its owner would not expect. */
const NEWS = ["late", "again", "left", "not_asked", "faulty", "elsewhere", "before"];

export const BATCH = 50;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/** Milliseconds before the next try after `failures` in a row; `chance` in 0…1 keeps phones from coming all at once. */
export function pauseAfter(failures: number, chance: number): number {
  if (failures <= 0) return 0;
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  return Math.round(pause * (0.5 + chance / 2));
}

/**
 * What is sent next: in the order in which it was written, words before pictures. A command whose photo is not there yet
 * waits. `tried` are those that the server put off in this same push.
 */
export function nextBatch(
  entries: Entry[],
  missing: ReadonlySet<string>,
  tried: ReadonlySet<string> = new Set(),
): Entry[] {
  return entries
    .filter(
      (entry) =>
        entry.state === "waiting" &&
        !tried.has(entry.id) &&
        entry.blobs.every((digest) => !missing.has(digest)),
    )
    .sort((one, other) => one.order - other.order)
    .slice(0, BATCH);
}

/** Photos in the order in which what names them was written. */
export function blobsToSend(entries: Entry[], missing: ReadonlySet<string>): string[] {
  const named = entries
    .filter((entry) => entry.state === "waiting")
    .sort((one, other) => one.order - other.order)
    .flatMap((entry) => entry.blobs);
  return [...new Set(named)].filter((digest) => missing.has(digest));
}

const LONG_MS = 48 * 3_600_000;
const MUCH_BYTES = 200_000_000;

/** Why its owner is told to look for a signal: something waits for longer than two days, or a good deal does. By the phone's own clock. */
export function overdue(entries: (Entry & { at: string })[], now: number): "" | "long" | "much" {
  const waiting = entries.filter((each) => each.state === "waiting");
  if (waiting.some((each) => now - Date.parse(each.at) > LONG_MS)) return "long";
  return waiting.reduce((sum, each) => sum + (each.bytes ?? 0), 0) > MUCH_BYTES ? "much" : "";
}

/** What a browser tells of the connection; many tell nothing. */
export interface Line {
  type?: string;
  saveData?: boolean;
}

/** Whether photos stay for now, where their owner wants them sent by Wi-Fi alone: also where nobody knows what this is. */
export function photosStay(onlyByWifi: boolean, line: Line | undefined): boolean {
  return onlyByWifi && !(["wifi", "ethernet"].includes(line?.type ?? "") && !line?.saveData);
}

/** What becomes of a command: it goes only when the server says that it has it, and what is unexpected is read first. */
export function stateAfter({ status, again, facts }: Result): EntryState | "gone" {
  if (status === "done" || status === "repeated") return NEWS.includes(String(facts?.end)) ? "told" : "gone";
  return status === "refused" && again ? "waiting" : status;
}

/** The phone has no room left for what was to be written. */
export function isFull(fault: unknown): boolean {
  return fault instanceof DOMException && fault.name === "QuotaExceededError";
}
