// The campaigns of this phone as its screens ask for them, and their pictures.
import { computed, ref } from "vue";
import { type Campaign, campaignsOf, type Given, plantsAskedAt } from "../../engine/campaigns.ts";
import { dayOf } from "../../engine/clock.ts";
import type { Home } from "../../engine/homes.ts";
import { type Look, type Step, stepsAt } from "../../engine/owed.ts";
import {
  dropAnswers,
  fetched,
  held,
  keepAnswer,
  keptAnswer,
  queue,
  recordsOf,
  rightly,
  today,
} from "../../phone.ts";

const PICTURES = "/api/v1/blobs/";
const PICTURE_S = 60;

export const campaigns = computed<Campaign[]>(() => campaignsOf(held, today()));

/** What was answered here and waits; one that was refused by the server is to be asked again. */
export const given = computed<Given[]>(() =>
  queue.value
    .filter((each) => each.kind === "campaign.answer" && each.state !== "refused" && each.state !== "told")
    .map(({ command: { data } }) => ({
      campaign: String(data.campaign),
      household: String(data.household),
      declined: data.outcome === "refused",
    })),
);

/** Plots of which somebody said here that all was looked at; where nothing grows no plant tells it. Forgotten with the page. */
const lookedOver = ref<Look[]>([]);

export function lookOver(campaign: string, household: string): void {
  lookedOver.value = [...lookedOver.value, { campaign, household, on: today() }];
}

const looks = computed<Look[]>(() => [
  ...recordsOf("plant").map(({ fields, waits }) => ({
    campaign: String(fields.campaign),
    household: String(fields.household),
    // What waits carries this phone's own clock, which may be wrong.
    on: fields.at ? dayOf(waits ? rightly(String(fields.at)) : Date.parse(String(fields.at))) : "",
  })),
  ...lookedOver.value,
]);

/** What one visit at this door still holds. `visited` says whether somebody called today. */
export function stepsLeft(home: Home, visited: boolean): Step[] {
  return stepsAt(home, campaigns.value, today(), { visited, given: given.value, looks: looks.value });
}

/** Campaigns that ask to look at plants here, whatever chose this door. */
export function plantsAt(home: Home): Campaign[] {
  return plantsAskedAt(home, campaigns.value, today());
}

/** The visit of today at which somebody was met: the answer belongs to it. */
export function visitToday(
  household: string,
  isToday: (fields: Record<string, unknown>) => boolean,
): string | null {
  const met = recordsOf("visit").filter(
    ({ fields }) => fields.household === household && fields.outcome === "met" && isToday(fields),
  );
  return met.at(-1)?.id ?? null;
}

export async function picture(digest: string): Promise<Blob | null> {
  return (await (await keptAnswer(PICTURES + digest))?.blob()) ?? null;
}

let busy = false;

/** After a sync: the engine and the pictures of what runs are fetched before anybody stands at a door. */
export async function keepCampaigns(): Promise<void> {
  if (busy || !campaigns.value.length) return;
  busy = true;
  try {
    const { ADDRESS } = await import("./campaign-engine.ts");
    // It may have come before the worker was there to keep it.
    if (!(await keptAnswer(ADDRESS))) await keepAnswer(ADDRESS, await fetch(ADDRESS));
    const shown = campaigns.value.flatMap(({ materials }) => materials.map((each) => each.picture));
    const asked = recordsOf("form").flatMap(({ fields }) => (fields.pictures ?? []) as string[]);
    const wanted = [...new Set([...shown, ...asked])].filter(Boolean).map((digest) => PICTURES + digest);
    for (const address of wanted) {
      if (!(await keptAnswer(address))) await keepAnswer(address, await fetched(address, PICTURE_S));
    }
    await dropAnswers(PICTURES, wanted);
  } catch {
    // Without a signal or without room: after the next sync.
  } finally {
    busy = false;
  }
}
