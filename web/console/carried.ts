// Words that go from one page to the next and stand in no address: what a caller says stands in no log.
const NAME = "wangge:words";
/** Older words are another caller's. */
const FRESH = 60_000;

export function carry(words: string | undefined): void {
  if (!words) return;
  try {
    sessionStorage.setItem(NAME, JSON.stringify({ words, at: Date.now() }));
  } catch {
    // A browser that keeps nothing: they are typed again.
  }
}

/** What was carried here; once. */
export function carried(): string {
  try {
    const kept = JSON.parse(sessionStorage.getItem(NAME) ?? "null") as { words: string; at: number } | null;
    sessionStorage.removeItem(NAME);
    return kept && Date.now() - kept.at < FRESH ? kept.words : "";
  } catch {
    return "";
  }
}
