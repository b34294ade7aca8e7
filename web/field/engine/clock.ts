// Days as they are lived here. A phone's clock may be days wrong: what the server said last time puts it right.
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SHANGHAI_MS = 8 * 3_600_000;

/** The date in Shanghai, `2026-11-27`. */
export function dayOf(moment: number): string {
  return new Date(moment + SHANGHAI_MS).toISOString().slice(0, 10);
}

/** Whole days from `one` to `other`, both dates. */
export function daysBetween(one: string, other: string): number {
  return Math.round((Date.parse(other) - Date.parse(one)) / DAY_MS);
}

/** What the way through the network may take, and more than a century is wrong by: neither is said. */
const LEAST_AHEAD_MS = 120_000;
const MOST_AHEAD_MS = 36_500 * DAY_MS;

/**
 * What is said with what is written at `moment` of this clock: by how many milliseconds the server's is `ahead`, since this one may have
 * been put right when it is sent. Nothing where that was before they last spoke (at `synced`, by the server's): it was put right since.
 */
export function aheadSaid(moment: number, ahead: number, synced: number): { ahead?: number } {
  const wrong = Math.abs(ahead);
  const isKnown = moment + ahead >= synced - LEAST_AHEAD_MS;
  return wrong > LEAST_AHEAD_MS && wrong <= MOST_AHEAD_MS && isKnown ? { ahead: Math.round(ahead) } : {};
}

/** From here on its owner is told; a few minutes nobody minds. */
const TOLD_FROM_MS = 600_000;

/** How a clock is wrong of which the server's is `ahead`, in the unit in which people say it; null where it is right enough. */
export function clockWrong(
  ahead: number,
): { fast: boolean; count: number; unit: "days" | "hours" | "minutes" } | null {
  const wrong = Math.abs(ahead);
  if (wrong < TOLD_FROM_MS) return null;
  const fast = ahead < 0;
  if (wrong >= 1.5 * DAY_MS) return { fast, count: Math.round(wrong / DAY_MS), unit: "days" };
  if (wrong >= 1.5 * HOUR_MS) return { fast, count: Math.round(wrong / HOUR_MS), unit: "hours" };
  return { fast, count: Math.round(wrong / MINUTE_MS), unit: "minutes" };
}

/** RFC 3339 with the offset of Shanghai, to the second. */
export function said(moment: number): string {
  return `${new Date(moment + SHANGHAI_MS).toISOString().slice(0, 19)}+08:00`;
}
