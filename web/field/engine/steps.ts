// The steps of a case as their forms ask for them: what is shown, what is missing, and what is sent. The server says which steps
// are open to whom; a phone without a signal can only know what was so at the last contact.
import { daysBetween } from "./clock.ts";

/** A step that the server has open for this worker, what it needs, and the answers that it would take. */
export interface Move {
  step: string;
  needs: string[];
  mended?: boolean[];
  witness?: string[];
}

/** Whom a case of a place could be given at the last contact. */
export interface Reach {
  departments: { code: string; zh: string; en: string }[];
  people: { account: number; name: string; area: string }[];
  desks: { area: string; level: string }[];
}

export interface Part {
  item: string;
  title: string;
  description: string;
}

export interface StepForm {
  step: string;
  reason: string;
  answer: string;
  outcome: string;
  whose: string;
  planned_on: string;
  ground: string;
  /** A case of the phone by its id, or the number of another as it was typed. */
  into: string;
  mended: "" | "yes" | "no";
  witness: string;
  until: string;
  minutes: string;
  /** To whom it goes: the desk above, departments, one person, a desk below. */
  to: "" | "above" | "departments" | "account" | "area";
  departments: string[];
  account: string;
  area: string;
  parts: Part[];
}

export function emptyStep(): StepForm {
  return {
    step: "",
    reason: "",
    answer: "",
    outcome: "",
    whose: "",
    planned_on: "",
    ground: "",
    into: "",
    mended: "",
    witness: "",
    until: "",
    minutes: "30",
    to: "",
    departments: [],
    account: "",
    area: "",
    parts: [],
  };
}

export type StepFault =
  | ""
  | "needed"
  | "outcome"
  | "mended"
  | "witness"
  | "photo"
  | "until"
  | "planned"
  | "minutes"
  | "who"
  | "into"
  | "parts";
export type StepFaults = Partial<Record<string, StepFault>>;

/** So long a case is put off at most. */
export const MOST_DAYS_OFF = 59;
export const MOST_PARTS = 9;
const MOST_DEPARTMENTS = 8;
const MOST_DAYS_PLANNED = 3_650;
const LEVELS = ["city", "county", "township", "community", "grid"];
const TYPED_NUMBER = /^\d{4}-\d{6}-\d{4,5}$/;
/** Steps that a photo may come with: of the place after the work, or of why the step is taken. */
const WITH_PHOTOS = ["handle", "verify", "close", "return", "escalate", "suspend", "reopen"];

export function takesPhotos(step: string): boolean {
  return WITH_PHOTOS.includes(step);
}

/** What belongs to an outcome besides its answer. */
const OF_OUTCOME: Record<string, "whose" | "planned_on" | "ground" | "into"> = {
  not_ours: "whose",
  planned: "planned_on",
  refused: "ground",
  repeated: "into",
};

/** The fields that this form asks for, as far as it is filled in. */
export function asked(move: Move | undefined, form: StepForm): Set<string> {
  const fields = new Set<string>();
  for (const need of move?.needs ?? []) fields.add(need);
  const more = OF_OUTCOME[form.outcome];
  if (fields.has("outcome") && more) fields.add(more);
  // What is still wrong is asked of who says no.
  if (move?.step === "verify" && form.mended !== "no") fields.delete("reason");
  if (move?.step === "escalate") fields.add("to");
  if (fields.delete("assignee")) fields.add("to");
  return fields;
}

/** Ways in which a case can be given away by this step. */
export function waysTo(move: Move, reach: Reach | undefined, holderLevel: string): StepForm["to"][] {
  const ways: StepForm["to"][] = [];
  if (move.step === "escalate" && holderLevel !== "city") ways.push("above");
  if (reach?.departments.length) ways.push("departments");
  if (move.step === "escalate") return ways;
  if (reach?.people.length) ways.push("account");
  if (reach && desksBelow(reach, holderLevel).length) ways.push("area");
  return ways;
}

/** Desks of the place under the one that holds the case. */
export function desksBelow(reach: Reach, holderLevel: string): Reach["desks"] {
  return reach.desks.filter(({ level }) => LEVELS.indexOf(level) > LEVELS.indexOf(holderLevel));
}

function isDay(day: string, today: string, least: number, most: number): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return false;
  const away = daysBetween(today, day);
  return away >= least && away <= most;
}

export function isCaseNumber(typed: string): boolean {
  return TYPED_NUMBER.test(typed.trim());
}

/** What is missing or cannot be; nothing when it can be sent. `shown`: a photo shows the work, on the phone or with the case. */
export function stepFaults(move: Move, form: StepForm, today: string, shown: boolean): StepFaults {
  const fields = asked(move, form);
  const faults: StepFaults = {};
  const need = (name: string, isThere: boolean, fault: StepFault = "needed"): void => {
    if (fields.has(name) && !isThere) faults[name] = fault;
  };
  for (const name of ["reason", "answer", "whose", "ground"] as const) need(name, form[name].trim() !== "");
  need("outcome", form.outcome !== "", "outcome");
  need("mended", form.mended !== "", "mended");
  need("witness", form.witness !== "", "witness");
  if (fields.has("witness") && form.witness === "photo" && !shown) faults.photo = "photo";
  need("until", isDay(form.until, today, 1, MOST_DAYS_OFF), "until");
  need("planned_on", isDay(form.planned_on, today, 0, MOST_DAYS_PLANNED), "planned");
  need("into", form.into.trim() !== "", "into");
  const minutes = Number(form.minutes);
  need("within_minutes", Number.isInteger(minutes) && minutes >= 5 && minutes <= 2_880, "minutes");
  need("departments", isSome(form.departments), "who");
  need("to", isGiven(form), "who");
  need(
    "parts",
    form.parts.length > 0 && form.parts.every(({ item, title }) => item && title.trim()),
    "parts",
  );
  return faults;
}

function isSome(departments: string[]): boolean {
  return departments.length > 0 && departments.length <= MOST_DEPARTMENTS;
}

function isGiven(form: StepForm): boolean {
  switch (form.to) {
    case "above":
      return true;
    case "departments":
      return isSome(form.departments);
    case "account":
      return form.account !== "";
    case "area":
      return form.area !== "";
    default:
      return false;
  }
}

/** What the command carries: only what its step asked for. */
export function stepData(
  move: Move,
  form: StepForm,
): Record<string, string | number | boolean | string[] | Record<string, string>[]> {
  const fields = asked(move, form);
  const data: ReturnType<typeof stepData> = { step: move.step };
  for (const name of [
    "reason",
    "answer",
    "outcome",
    "whose",
    "planned_on",
    "ground",
    "witness",
    "until",
  ] as const) {
    const said = form[name].trim();
    if (said && (fields.has(name) || name === "reason")) data[name] = said;
  }
  if (fields.has("into")) data.into = form.into.trim();
  if (fields.has("mended")) data.mended = form.mended === "yes";
  if (fields.has("within_minutes")) data.within_minutes = Number(form.minutes);
  if (fields.has("departments") || form.to === "departments") data.departments = [...form.departments];
  if (fields.has("to") && form.to === "account") data.account = Number(form.account);
  if (fields.has("to") && form.to === "area") data.area = form.area;
  if (fields.has("parts"))
    data.parts = form.parts.map(({ item, title, description }) => ({
      item,
      title: title.trim(),
      ...(description.trim() ? { description: description.trim() } : {}),
    }));
  return data;
}

/** The form as a command that was refused had filled it, so that it can be put right. */
export function formOf(data: Record<string, unknown>): StepForm {
  const form = emptyStep();
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  for (const name of [
    "step",
    "reason",
    "answer",
    "outcome",
    "whose",
    "planned_on",
    "ground",
    "into",
    "witness",
    "until",
    "area",
  ] as const)
    form[name] = text(data[name]);
  if (typeof data.mended === "boolean") form.mended = data.mended ? "yes" : "no";
  if (typeof data.within_minutes === "number") form.minutes = String(data.within_minutes);
  if (typeof data.account === "number") form.account = String(data.account);
  if (Array.isArray(data.departments)) form.departments = data.departments.map(text);
  if (Array.isArray(data.parts)) {
    form.parts = data.parts.map((part: Record<string, unknown>) => ({
      item: text(part.item),
      title: text(part.title),
      description: text(part.description),
    }));
  }
  form.to = form.departments.length
    ? "departments"
    : form.account
      ? "account"
      : form.area
        ? "area"
        : form.step === "escalate"
          ? "above"
          : "";
  return form;
}

interface Case {
  id: string;
  fields: Record<string, unknown>;
}

/** Cases that this one may be told again by, the likeliest first: of the same item or place, then what was typed of them. */
export function likelyTheSame(task: Case, cases: Case[], typed: string, most = 6): Case[] {
  const wanted = typed.trim().toLowerCase();
  const open = ({ fields }: Case): boolean => !["merged", "cancelled"].includes(String(fields.state));
  const alike = ({ fields }: Case): number =>
    (fields.item === task.fields.item ? 2 : 0) + (fields.area === task.fields.area ? 1 : 0);
  return cases
    .filter((each) => each.id !== task.id && open(each))
    .filter((each) =>
      wanted
        ? `${each.fields.number} ${each.fields.title} ${each.fields.address}`.toLowerCase().includes(wanted)
        : alike(each) >= 2,
    )
    .sort(
      (one, other) =>
        alike(other) - alike(one) ||
        String(other.fields.reported_at ?? "").localeCompare(String(one.fields.reported_at ?? "")),
    )
    .slice(0, most);
}
