// What a register takes of people, as far as a phone can know: said before it is sent, not days later as a refusal.
import { daysBetween } from "./clock.ts";
import { type Changes, changesBetween, type Fields } from "./merge.ts";

export const MOST_DAYS_OF_NEED = 366;
/** People of one form. */
export const MOST_ARRIVING = 12;
/** Names of sentences among the words. */
export type Fault =
  | ""
  | "name"
  | "year"
  | "phone"
  | "identity"
  | "join"
  | "building"
  | "door"
  | "day"
  | "to"
  | "kind"
  | "basisOther"
  | "law"
  | "consentBy"
  | "consentOn"
  | "until";
export type Faults = Partial<Record<string, Fault>>;

export function isDayUntil(day: string, today: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(day) && day >= "1900-01-01" && day <= today;
}

/** The year of a date as somebody writes it: 1975, 1975-03-02, 19750302, 1975年3月2日. Null where nothing was written. */
export function yearIn(typed: string): number | null {
  return Number(typed.normalize("NFKC").replace(/\D/g, "").slice(0, 4)) || null;
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** An identity number without blanks, its letter as a capital. */
function numberIn(typed: string): string {
  return typed.normalize("NFKC").replace(/\s/g, "").toUpperCase();
}

/** Of 18 figures the last follows from the others (GB 11643); of another paper nothing can be said but that it is a number. */
export function isIdentity(typed: string): boolean {
  const number = numberIn(typed);
  if (number.length !== 18 || !/^\d{17}/.test(number)) return /^[0-9A-Z()/-]{5,30}$/.test(number);
  const total = WEIGHTS.reduce((sum, weight, place) => sum + weight * Number(number[place]), 0);
  return number[17] === "10X98765432"[total % 11];
}

/** What an identity number of 18 figures says of its holder. */
export function saidByIdentity(typed: string): { birth_year: number; sex: "m" | "f" } | null {
  const number = numberIn(typed);
  if (number.length !== 18 || !isIdentity(number)) return null;
  return { birth_year: Number(number.slice(6, 10)), sex: Number(number[16]) % 2 ? "m" : "f" };
}

export function personFaults(
  person: { name?: unknown; birth_year?: unknown; phone?: unknown; no_phone?: unknown; identity?: unknown },
  today: string,
): Faults {
  const faults: Faults = {};
  const name = String(person.name ?? "").trim();
  if (!name || [...name].length > 60) faults.name = "name";
  const year = person.birth_year;
  if (year !== null && year !== undefined && year !== "") {
    if (typeof year !== "number" || year < 1880 || year > Number(today.slice(0, 4)))
      faults.birth_year = "year";
  }
  const figures = String(person.phone ?? "").replace(/\D/g, "").length;
  if (!person.no_phone && String(person.phone ?? "").trim() && (figures < 5 || figures > 15))
    faults.phone = "phone";
  const identity = String(person.identity ?? "").trim();
  if (identity && !isIdentity(identity)) faults.identity = "identity";
  return faults;
}

/**
 * What a form about somebody changes. A phone knows only the end of a telephone number: one that was typed takes its place, where
 * nothing was typed the number stays, and with `no_phone` it goes.
 */
export function personChanges(shown: Fields, { phone, no_phone, ...form }: Fields): Changes {
  const number = no_phone ? "" : String(phone ?? "").trim();
  const was = shown.phone_tail ?? "";
  const changes = changesBetween(shown, form);
  return number || (no_phone && was) ? { ...changes, phone: { was, is: number } } : changes;
}

export interface NewNeed {
  kind: string;
  basis: string;
  law: string;
  consent_by: string;
  consent_on: string;
  until: string;
}

/** There is none without a ground and an end, at most a year away. */
export function needFaults(need: NewNeed, today: string): Faults {
  const faults: Faults = {};
  if (!need.kind) faults.kind = "kind";
  if (need.kind === "other" && need.basis !== "consent") faults.basis = "basisOther";
  if (need.basis === "law") {
    if (!need.law.trim()) faults.law = "law";
  } else {
    if (!need.consent_by) faults.consent_by = "consentBy";
    if (!isDayUntil(need.consent_on, today)) faults.consent_on = "consentOn";
  }
  const away = /^\d{4}-\d{2}-\d{2}$/.test(need.until) ? daysBetween(today, need.until) : -1;
  if (away < 0 || away > MOST_DAYS_OF_NEED) faults.until = "until";
  return faults;
}

export function moveFaults(move: { move: string; to: string; on: string }, today: string): Faults {
  const faults: Faults = {};
  if ((move.move === "within" || move.move === "in") && !move.to) faults.to = "to";
  if (!isDayUntil(move.on, today)) faults.on = "day";
  return faults;
}
