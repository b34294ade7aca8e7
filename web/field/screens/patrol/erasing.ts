// What somebody is asked before tracks are erased.
import type { Words } from "../../words/zh.ts";

/** A patrol that was not sent goes with its track, and what was noted on it, too. `entry`: the command that still carries it. */
export function askFirst(words: Words["tracks"], tracks: readonly { entry: string }[]): string {
  const unsent = tracks.filter((each) => each.entry).length;
  if (!unsent) return words.eraseAsk;
  return tracks.length === 1 ? words.eraseWaitingAsk : words.eraseAllWaitingAsk(unsent);
}
