// The key to plants, the pictures to compare with, the texts to read out, and the installation's model: kept whole on the phone while
// a campaign looks at plants, so that at a hedge nobody is asked for anything. None of it is about anybody.
import { computed, shallowRef } from "vue";
import type { Card, Key, Opinion } from "./engine/plants.ts";
import { opinionOfNames } from "./engine/plants.ts";
import { asked, brought, fetched, recordsOf } from "./phone.ts";
import { dropAnswers, keepAnswer, keptAnswer } from "./store/later.ts";
import { NoAnswer, Refused } from "./wire/ask.ts";

export interface Picture {
  address: string;
  taxon: string;
  stage: string;
  author: string;
  licence: string;
}

interface Text {
  code: string;
  zh: string;
  en: string;
}

interface Identifier {
  name: string;
  card: Card | null;
}

/** What keeps the online service from answering. */
export type NoService = "no-signal" | "quota" | "fault";

export interface Herbarium {
  /** When it was fetched, by this phone's clock. */
  at: number;
  key: Key;
  pictures: Picture[];
  texts: Text[];
  card: Card | null;
  /** Whether the installation asks an online service, too. */
  service: boolean;
}

const ROOT = "/api/v1/plants";
/** Where the whole lies, in one piece. */
const SHELF = "/field/herbarium.json";
const MODELS = `${ROOT}/model?`;
/** A new key or model is looked for so often. */
const AGAIN_MS = 12 * 3_600_000;
const PICTURE_S = 60;
const MODEL_S = 600;

export const herbarium = shallowRef<Herbarium | null>(null);
/** Whether the model can be asked without a signal. */
export const hasModel = shallowRef(false);
/** Whether an online service can be asked where there is a signal. */
export const hasService = computed(() => herbarium.value?.service ?? false);
let busy = false;

/** Campaigns in which plants are looked at, as the phone knows them. */
export function plantCampaigns(): { id: string; name: string }[] {
  return recordsOf("campaign")
    .filter(({ fields }) => fields.way === "plants" && fields.state === "running")
    .map(({ id, fields }) => ({ id, name: String(fields.name ?? "") }));
}

export async function openHerbarium(): Promise<void> {
  const kept = await keptAnswer(SHELF);
  if (kept && !herbarium.value) herbarium.value = (await kept.json()) as Herbarium;
  const card = herbarium.value?.card;
  hasModel.value = card ? (await keptAnswer(addressOf(card))) !== undefined : false;
}

function addressOf(card: Card): string {
  return `${MODELS}sha256=${card.sha256}`;
}

/** Fetches what is missing, after a sync. What breaks off is gone on with after the next one. */
export async function keepHerbarium(): Promise<void> {
  if (busy || !plantCampaigns().length) return;
  busy = true;
  try {
    await openHerbarium();
    const known = herbarium.value;
    const isNew = known !== null && Math.abs(Date.now() - known.at) < AGAIN_MS;
    const kept = isNew ? known : await keepShelf();
    for (const { address } of kept.pictures) {
      if (!(await keptAnswer(address))) await keepAnswer(address, await fetched(address, PICTURE_S));
    }
    if (kept.card && !hasModel.value) await keepModel(kept.card);
    await dropAnswers(MODELS, kept.card ? [addressOf(kept.card)] : []);
  } catch {
    // Without a signal, without room, or without the model that was promised: the phone goes on with what it has.
  } finally {
    busy = false;
  }
}

async function keepShelf(): Promise<Herbarium> {
  const key = await asked<Key>(`${ROOT}/key`);
  const { pictures, texts } = await asked<{ pictures: Picture[]; texts: Text[] }>(`${ROOT}/material`);
  // A model that is not in order is no reason to be without a key.
  const identifiers = await asked<Identifier[]>(`${ROOT}/identifiers`).catch((): Identifier[] => []);
  const card = identifiers.find((each) => each.name === "model")?.card ?? null;
  const service = identifiers.some((each) => each.name === "service");
  const whole: Herbarium = { at: Date.now(), key, pictures, texts, card, service };
  await keepAnswer(SHELF, new Response(JSON.stringify(whole)));
  herbarium.value = whole;
  hasModel.value = card ? (await keptAnswer(addressOf(card))) !== undefined : false;
  return whole;
}

async function keepModel(card: Card): Promise<void> {
  const { PARTS } = await import("./plants-model.ts");
  for (const address of PARTS) {
    if (!(await keptAnswer(address))) await keepAnswer(address, await fetched(address, MODEL_S));
  }
  const bytes = await (await fetched(`${ROOT}/model`, MODEL_S)).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = [...digest].map((each) => each.toString(16).padStart(2, "0")).join("");
  if (hex !== card.sha256) throw new Error("another model than the card's");
  await keepAnswer(addressOf(card), new Response(bytes));
  hasModel.value = true;
}

/** What the online service says of a photo; the server asks it, and it gets the photo alone. */
export async function askService(
  photo: { bytes: ArrayBuffer; type: string },
  stage: string,
): Promise<Opinion> {
  const digest = await brought(photo.bytes, photo.type);
  return asked<Opinion>(`${ROOT}/identify`, { identifier: "service", photo: digest, stage });
}

export function whyNot(fault: unknown): NoService {
  if (fault instanceof NoAnswer) return "no-signal";
  return fault instanceof Refused && fault.status === 429 ? "quota" : "fault";
}

/** What the model says of a photo, run here. */
export async function askModel(photo: Blob): Promise<Opinion> {
  const kept = herbarium.value;
  if (!kept?.card) throw new Error("no model");
  const { key, card } = kept;
  const { scoresOf } = await import("./plants-model.ts");
  const model = async (): Promise<ArrayBuffer> => {
    const answer = await keptAnswer(addressOf(card));
    if (!answer) throw new Error("no model");
    return answer.arrayBuffer();
  };
  return opinionOfNames(key, card, await scoresOf(model, card, photo));
}
