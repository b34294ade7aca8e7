// What was heard at a door becomes a case, or is added to one that was reported there before, in the same step as the visit.
import type { Home } from "../../engine/homes.ts";
import { newId } from "../../engine/ids.ts";
import { words } from "../../looks.ts";
import type { Photo } from "../../parts/photo-picker.vue";
import type { Voice } from "../../parts/voice-recorder.vue";
import { command, type newBlob, record, recordsOf } from "../../phone.ts";
import { gridOf } from "../homes.ts";

type Blob = Awaited<ReturnType<typeof newBlob>>;
type Written = { command: ReturnType<typeof command>; blobs?: Blob[] };

export interface HeardForm {
  open: boolean;
  /** The case to which it is added; empty for a new one. */
  to: string;
  title: string;
  item: string;
  photos: Photo[];
  voice: Voice | null;
}

export function nothingHeard(): HeardForm {
  return { open: false, to: "", title: "", item: "", photos: [], voice: null };
}

export function faultsOf({ title, item, to }: HeardForm): { title: string; item: string } {
  const said = words.value.report;
  return { title: title.trim() ? "" : said.whatNeeded, item: item || to ? "" : said.itemNeeded };
}

/** Open cases that were reported at this door and lie on the phone. */
export function casesAt(household: string): { id: string; title: string }[] {
  const ids = new Set(
    recordsOf("visit")
      .filter((visit) => visit.fields.household === household && visit.fields.case)
      .map((visit) => String(visit.fields.case)),
  );
  return [...ids].flatMap((id) => {
    const known = record("case", id);
    if (!known || known.fields.closed_at) return [];
    return [{ id, title: `${known.fields.number ?? ""} ${known.fields.title ?? ""}`.trim() }];
  });
}

export function commandsOf(
  heard: HeardForm,
  home: Home,
  blobs: Blob[],
): { commands: Written[]; case: string | null } {
  const title = heard.title.trim();
  if (heard.to) {
    const note = { command: command("note.add", { case: heard.to, text: title }) };
    const more = blobs.map((blob) => ({
      command: command("case.attach", { case: heard.to, blob: blob.digest }),
      blobs: [blob],
    }));
    return { commands: [note, ...more], case: null };
  }
  const made = newId();
  const data = {
    case: made,
    item: heard.item,
    title,
    address: `${home.place}${home.door}`,
    urgency: "normal",
    ...(home.at ? { lon: home.at.lon, lat: home.at.lat } : { area: gridOf(home) }),
    attachments: blobs.map((blob) => blob.digest),
  };
  return { commands: [{ command: command("case.report", data), blobs }], case: made };
}
