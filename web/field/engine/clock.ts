// Days as they are lived here. A phone's clock may be days wrong: what the server said last time puts it right.
const DAY_MS = 86_400_000;
const SHANGHAI_MS = 8 * 3_600_000;

/** The date in Shanghai, `2026-11-27`. */
export function dayOf(moment: number): string {
  return new Date(moment + SHANGHAI_MS).toISOString().slice(0, 10);
}

/** Whole days from `one` to `other`, both dates. */
export function daysBetween(one: string, other: string): number {
  return Math.round((Date.parse(other) - Date.parse(one)) / DAY_MS);
}

/** RFC 3339 with the offset of Shanghai, to the second. */
export function said(moment: number): string {
  return `${new Date(moment + SHANGHAI_MS).toISOString().slice(0, 19)}+08:00`;
}
