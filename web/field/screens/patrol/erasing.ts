// What somebody is asked before tracks are erased.

interface Asked {
  eraseAsk: string;
  eraseWaitingAsk: string;
  eraseAllWaitingAsk: (patrols: number) => string;
}

/** A patrol that was not sent goes with its track, and what was noted on it, too. `entry`: the command that still carries it. */
export function askFirst(words: Asked, tracks: readonly { entry: string }[]): string {
  const unsent = tracks.filter((each) => each.entry).length;
  if (!unsent) return words.eraseAsk;
  return tracks.length === 1 ? words.eraseWaitingAsk : words.eraseAllWaitingAsk(unsent);
}
