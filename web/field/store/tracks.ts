// Tracks that lie here with a patrol that waits, or that the server did not take: no longer than the law of tracks lets them.
import { newId } from "../engine/ids.ts";
import { isOver, withoutTrack } from "../engine/track.ts";
import { type Database, type OutboxRow, STRICT } from "./database.ts";
import { type Command, sendingKey } from "./outbox.ts";
import { open, seal } from "./seal.ts";

/**
 * Erases the tracks that are older than thirty days, and says how many. The patrol stays, under another id: a command that may
 * have been sent says nothing else the next time, and the server knows the patrol by its own. Whoever sends calls it, so that
 * nothing is under way meanwhile.
 */
export async function forgetTracks(database: Database, now: number): Promise<number> {
  const patrols = (await database.getAll("outbox")).filter((row) => row.kind === "patrol.record");
  if (!patrols.length) return 0;
  const key = await sendingKey(database);
  const bare: { before: string; row: OutboxRow }[] = [];
  for (const row of patrols) {
    const command = await open<Command>(key, row.sealed);
    const { points, started_at: began } = command.data;
    if (!Array.isArray(points) || !points.length || !isOver(began, now)) continue;
    const id = newId();
    const data = { patrol: command.id, ...withoutTrack(command.data) };
    bare.push({ before: row.id, row: { ...row, id, sealed: await seal(key, { ...command, id, data }) } });
  }
  if (!bare.length) return 0;
  const write = database.transaction(["outbox", "facts"], "readwrite", STRICT);
  for (const { before, row } of bare) {
    write.objectStore("outbox").delete(before);
    write.objectStore("outbox").put(row);
  }
  const told = ((await write.objectStore("facts").get("tracks_erased")) as number | undefined) ?? 0;
  write.objectStore("facts").put(told + bare.length, "tracks_erased");
  await write.done;
  return bare.length;
}
