// What waits, in files of a size that can be carried: in the order in which it was written, a command with its photos.
const MOST_BYTES = 12 * 1024 * 1024;
const MOST_COMMANDS = 400;
/** What a command takes beside its photos, at the most that is usual. */
const COMMAND_BYTES = 2_000;

export function inParts<One extends { bytes?: number }>(all: One[]): One[][] {
  const parts: One[][] = [];
  let room = 0;
  for (const each of all) {
    const needs = (each.bytes ?? 0) + COMMAND_BYTES;
    const last = parts.at(-1);
    if (!last || needs > room || last.length >= MOST_COMMANDS) {
      parts.push([each]);
      room = MOST_BYTES - needs;
    } else {
      last.push(each);
      room -= needs;
    }
  }
  return parts;
}
