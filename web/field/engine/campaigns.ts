// Campaigns as a worker has them: what runs, at which doors it is still to be asked, and how far it is here.
import { type Home, type Reason, reasonsOn } from "./homes.ts";
import type { Held, Shown } from "./view.ts";

export interface Progress {
  households: number;
  done: number;
  nobody_home: number;
  refused: number;
  not_found: number;
  gone: number;
  faulty: number;
  /** Answers that counted: of a campaign that comes more than once, several a household. Undefined where the server never told it. */
  answered?: number;
}

/** What is read out or shown at the door. `picture` is the digest of its bytes. */
export interface Material {
  id: string;
  title: string;
  text: string;
  picture: string;
}

export interface Campaign {
  id: string;
  name: string;
  purpose: string;
  /** "plants" for a check plant by plant; empty when the form is all. */
  way: string;
  fromOn: string;
  toOn: string;
  /** How often each household is asked. */
  times: number;
  /** The version of the form that is asked now. */
  form: string;
  materials: Material[];
  progress: Progress;
}

/** An answer that was written here and is not at the server yet. */
export interface Given {
  campaign: string;
  household: string;
  /** They were met and do not want to answer: that ends it at their door, too. */
  declined?: boolean;
}

const NOTHING: Progress = {
  households: 0,
  done: 0,
  nobody_home: 0,
  refused: 0,
  not_found: 0,
  gone: 0,
  faulty: 0,
};

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Campaigns that run on this day, those that end first first. */
export function campaignsOf(records: Held, day: string): Campaign[] {
  const materials = new Map<string, Shown[]>();
  for (const each of records.get("material")?.values() ?? []) {
    const campaign = text(each.fields.campaign);
    materials.set(campaign, [...(materials.get(campaign) ?? []), each]);
  }
  const found: Campaign[] = [];
  for (const { id, fields } of records.get("campaign")?.values() ?? []) {
    if (fields.state !== "running" || text(fields.from_on) > day || text(fields.to_on) < day) continue;
    found.push({
      id,
      name: text(fields.name),
      purpose: text(fields.purpose),
      way: text(fields.way),
      fromOn: text(fields.from_on),
      toOn: text(fields.to_on),
      times: Number(fields.times ?? 1),
      form: text(fields.form),
      materials: (materials.get(id) ?? [])
        .sort((one, other) => Number(one.fields.order) - Number(other.fields.order))
        .map((each) => ({
          id: each.id,
          title: text(each.fields.title),
          text: text(each.fields.text),
          picture: text(each.fields.picture),
        })),
      progress: { ...NOTHING, ...(fields.progress as Partial<Progress> | undefined) },
    });
  }
  return found.sort((one, other) => one.toOn.localeCompare(other.toOn) || one.id.localeCompare(other.id));
}

/** Reasons at this door that a campaign gives. */
function askedAt(home: Home, day: string): (Reason & { ref: string })[] {
  return reasonsOn(home, day).flatMap((reason) =>
    reason.why === "campaign" && reason.ref ? [{ ...reason, ref: reason.ref }] : [],
  );
}

function isGiven(given: readonly Given[], campaign: string, household: string): boolean {
  return given.some((each) => each.campaign === campaign && each.household === household);
}

/** The campaigns that are to be asked at this door and were not answered here yet. */
export function campaignsAt(
  home: Home,
  campaigns: readonly Campaign[],
  day: string,
  given: readonly Given[],
): Campaign[] {
  const asked = new Set(askedAt(home, day).map((reason) => reason.ref));
  return campaigns.filter(({ id }) => asked.has(id) && !isGiven(given, id, home.id));
}

/** The campaigns that ask to look at plants behind this door, also while it is left alone for a while: whoever stands there looks. */
export function plantsAskedAt(home: Home, campaigns: readonly Campaign[], day: string): Campaign[] {
  const asked = new Set(
    (home.due?.reasons ?? [])
      .filter(({ why, fell, since }) => why === "campaign" && (fell ?? since) <= day)
      .map(({ ref }) => ref),
  );
  return campaigns.filter(({ id, way }) => way === "plants" && asked.has(id));
}

/** The doors at which a campaign is still to be asked, in the order of doors. */
export function doorsLeft(
  homes: readonly Home[],
  campaign: string,
  day: string,
  given: readonly Given[],
): Home[] {
  return homes.filter(
    (home) =>
      !isGiven(given, campaign, home.id) && askedAt(home, day).some((reason) => reason.ref === campaign),
  );
}

export interface Standing extends Progress {
  left: number;
}

/** At how many of its doors an answer waits on this phone, or, with `declined`, that there will be none. */
export function waitingOf(campaign: Campaign, given: readonly Given[], declined = false): number {
  const own = given.filter((each) => each.campaign === campaign.id && Boolean(each.declined) === declined);
  return new Set(own.map((each) => each.household)).size;
}

/** How far it is: what the server counted, with the answers that still lie on this phone. */
export function progressOf(campaign: Campaign, given: readonly Given[]): Standing {
  const { households, gone } = campaign.progress;
  const done = Math.min(campaign.progress.done + waitingOf(campaign, given), households);
  const refused = Math.min(campaign.progress.refused + waitingOf(campaign, given, true), households - done);
  return { ...campaign.progress, done, refused, left: Math.max(0, households - done - gone - refused) };
}

/** An answer's screen and draft are named by both: neither tells anything about anybody. */
export function answerId(campaign: string, household: string): string {
  return `${campaign}.${household}`;
}

export function readAnswerId(id: string): Given {
  const [campaign = "", household = ""] = id.split(".");
  return { campaign, household };
}

/** Of the languages that a form has, the one in which it is shown; null leaves the form's own. */
export function languageAmong(languages: readonly string[], wanted: "zh" | "en"): string | null {
  const signs = wanted === "zh" ? ["zh", "chinese", "中文", "汉语"] : ["(en", "english", "英"];
  return (
    languages.find((name) => name === wanted || signs.some((sign) => name.toLowerCase().includes(sign))) ??
    null
  );
}

/** What somebody typed as a number, as the form takes it: "" for nothing, null for what is none. */
export function numberTyped(typed: string, whole: boolean): string | null {
  const read = typed
    .trim()
    .replace(/[０-９．－]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0))
    .replace("。", ".");
  if (!read) return "";
  return (whole ? /^-?\d{1,15}$/ : /^-?\d{1,15}(\.\d{1,9})?$/).test(read) ? read : null;
}

/** A place as the form takes it, latitude first: "" for nothing, null for what is none. */
export function placeTyped(typed: string): string | null {
  const said = typed
    .replace(/[０-９．－]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0))
    .split(/[\s,，;；]+/)
    .filter(Boolean);
  if (!said.length) return "";
  const isDegrees = (text: string | undefined, most: number): boolean =>
    /^-?\d{1,3}(\.\d{1,12})?$/.test(text ?? "") && Math.abs(Number(text)) <= most;
  return said.length === 2 && isDegrees(said[0], 90) && isDegrees(said[1], 180) ? said.join(" ") : null;
}

/** The digest by which a form names a picture (`jr://images/<digest>`). */
export function digestNamed(address: unknown): string {
  return /\/([0-9a-f]{64})$/.exec(String(address ?? ""))?.[1] ?? "";
}

/** An element of an instance, as far as it is read here. */
export interface Told {
  localName: string;
  textContent: string | null;
  children: ArrayLike<Told>;
}

/** One answer as a person reads it. */
export interface Read {
  label: string;
  value: string;
  isFile: boolean;
}

interface Asked {
  name: string;
  kind: string;
  label?: Record<string, string>;
  choices?: string;
  children?: Asked[];
}

interface Outline {
  children: Asked[];
  lists: Record<string, { name: string; label: Record<string, string> }[]>;
}

/** What an instance holds, question by question. Without the form's outline, by the names of its questions. */
export function readAnswers(root: Told, outline: unknown, language: "zh" | "en"): Read[] {
  const form = outline as Outline | undefined;
  const inWords = (said: Record<string, string> | undefined, otherwise: string): string => {
    const name = languageAmong(Object.keys(said ?? {}), language);
    return said?.[name ?? ""] ?? Object.values(said ?? {})[0] ?? otherwise;
  };
  const read = (element: Told, asked: Asked[] | undefined): Read[] =>
    Array.from(element.children).flatMap((each): Read[] => {
      const node = asked?.find(({ name }) => name === each.localName);
      if (each.localName === "meta" || (asked && !node)) return [];
      if (each.children.length) return read(each, node?.children ?? (asked && []));
      const value = (each.textContent ?? "").trim();
      if (!value || node?.kind === "calculate" || node?.kind === "hidden") return [];
      const choices = form?.lists[node?.choices ?? ""];
      const told = choices
        ? value
            .split(" ")
            .map((code) => inWords(choices.find(({ name }) => name === code)?.label, code))
            .join("、")
        : value;
      const isFile = /^[0-9a-f]{64}$/.test(value);
      return [{ label: inWords(node?.label, each.localName), value: told, isFile }];
    });
  return read(root, form?.children);
}

/** Which photos an instance names; what was taken and thrown away again, or skipped, is not sent. */
export function namedIn<T extends { name: string }>(xml: string, photos: readonly T[]): T[] {
  return photos.filter((photo) => xml.includes(`>${photo.name}<`));
}
