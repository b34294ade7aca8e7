// What waits leaves the phone as files, and such files are read in: asked for on one screen, and seldom.
import { opened, phone, readQueue } from "./here.ts";
import { sync } from "./sending.ts";
import { carriedAway } from "./store/carried.ts";
import { type Database, fact, setFacts } from "./store/database.ts";
import { type Answer, fileKeyFrom, settle } from "./store/outbox.ts";
import { ask, Refused } from "./wire/ask.ts";
import { askKeys, tokenOf } from "./wire/sync.ts";

/** One command of a file, and what became of it. */
export interface Came extends Answer {
  kind: string;
  at: string;
}

export interface ReadIn {
  results: Came[];
  photos: number;
  refused_photos: string[];
}

/** The files; none while the phone has not heard from the server of the key under which they are sealed. */
export async function exportWaiting(): Promise<Blob[] | null> {
  const own = opened();
  if (!(await fact(own, "file_key"))) await fetchKey(own).catch(() => {});
  return carriedAway(own, phone.account?.id ?? 0);
}

/** A phone that signed in before there was such a key. */
async function fetchKey(own: Database): Promise<void> {
  const { file_key } = await askKeys(await tokenOf(own), (await fact(own, "device")) ?? "");
  if (file_key) await setFacts(own, { file_key: await fileKeyFrom(file_key) });
}

/** What the server did with it, or why it did not: its sentence, and none without a signal. */
export async function readIn(file: Blob): Promise<ReadIn | string> {
  try {
    const told = await ask<ReadIn>("/api/v1/sync/carried", {
      method: "POST",
      token: await tokenOf(opened()),
      body: file,
      headers: { "Content-Type": "application/octet-stream" },
      seconds: 120,
    });
    // What lies here as well has its answer, too: its photos need not go a second time.
    await settle(opened(), told.results);
    await readQueue();
    void sync(true);
    return told;
  } catch (fault) {
    return fault instanceof Refused ? fault.message : "";
  }
}
