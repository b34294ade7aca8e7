// How a door's reasons and days are told.
import { daysBetween } from "../engine/clock.ts";
import type { Home, Reason } from "../engine/homes.ts";
import { isErrand, reasonsOn } from "../engine/homes.ts";
import { language, words } from "../looks.ts";
import { record, today } from "../phone.ts";

/** An errand with its kind before its words: a rule may have the same code. A rule as whoever wrote it calls it. */
export function whyOf(reason: Reason): string {
  const { why, visit } = words.value;
  if (!isErrand(reason)) {
    const told = language.value === "en" ? reason.en : reason.zh;
    return told || (why[reason.why] ?? visit.whyOther);
  }
  const kind = reason.why === "other" ? visit.whyOther : (why[reason.why] ?? visit.whyOther);
  return visit.errand(kind, reason.text);
}

export interface Told {
  text: string;
  look: string;
}

/** Why somebody calls at this door, and until when it must be. */
export function reasonsTold(home: Home): Told[] {
  const day = today();
  return reasonsOn(home, day).map((reason) => {
    const late = daysBetween(reason.by, day);
    const said = words.value.round;
    return late > 0
      ? { text: `${whyOf(reason)} · ${said.lateSince(late)}`, look: "late" }
      : {
          text: `${whyOf(reason)} · ${said.by(reason.by.startsWith(day.slice(0, 4)) ? reason.by.slice(5) : reason.by)}`,
          look: late > -8 ? "soon" : "",
        };
  });
}

export function isLate(home: Home): boolean {
  return home.due !== null && home.due.by < today();
}

export function ageOf(birthYear: number | null): string {
  return birthYear === null ? "" : words.value.home.age(Number(today().slice(0, 4)) - birthYear);
}

export function needsOf(resident: string, needs: Iterable<{ fields: Record<string, unknown> }>): string[] {
  const day = today();
  const found: string[] = [];
  for (const need of needs) {
    const { fields } = need;
    if (fields.resident !== resident || fields.ended_on || String(fields.until ?? "9999") < day) continue;
    found.push(words.value.needs[String(fields.kind)] ?? words.value.needs.other ?? "");
  }
  return found;
}

export function itemName(code: string): string {
  const item = record("item", code);
  return String((document.documentElement.lang === "en" && item?.fields.en) || item?.fields.zh || code);
}
