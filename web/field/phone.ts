// The phone as the screens know it. Screens ask here; what lies on the disk and what goes over the air is put together behind
// this and nowhere else.
import { computed } from "vue";
import { held, opened, phone } from "./here.ts";
import { setFacts } from "./store/database.ts";
import { missingBlobs, newBlob } from "./store/outbox.ts";
import { ask, send } from "./wire/ask.ts";
import { tokenOf } from "./wire/sync.ts";

export {
  changePin,
  choose,
  forgetPin,
  lock,
  setPin,
  signIn,
  signOut,
  start,
  unlock,
  version,
} from "./account.ts";
export {
  conflicts,
  draft,
  draftNames,
  dropDraft,
  endings,
  held,
  keepDraft,
  keptRecord,
  now,
  phone,
  queue,
  record,
  recordsOf,
  refusals,
  rightly,
  type Stage,
  type Trouble,
  today,
  waitingCount,
} from "./here.ts";
export { command, keepPhotosForWifi, letGo, newBlob, save, sendAgain, sync, turnShift } from "./sending.ts";
/** What is large and nobody's secret lies beside the tables. */
export { dropAnswers, keepAnswer, keptAnswer } from "./store/later.ts";

export const allRecords = computed(() => held);
/** The messages that its owner has looked at. */
export const seenMessages = computed<ReadonlySet<string>>(() => phone.seen);

/** All that lie here now were looked at. */
export async function seeMessages(ids: string[]): Promise<void> {
  phone.seen = new Set(ids);
  await setFacts(opened(), { messages_seen: ids });
}

/** So many tracks went because of their age; 0 when their owner has read it. */
export async function tellErased(tracks: number): Promise<void> {
  phone.tracksErased = tracks;
  await setFacts(opened(), { tracks_erased: tracks });
}

/** A question that only the server can answer, asked with the worker's own sign-in. */
export async function asked<T>(
  path: string,
  json?: unknown,
  method = json === undefined ? "GET" : "POST",
): Promise<T> {
  const token = await tokenOf(opened());
  return ask<T>(path, json === undefined ? { token, method } : { token, method, json });
}

/** Of these photos those that lie at the server. */
export async function arrivedAmong(digests: string[]): Promise<string[]> {
  if (!digests.length) return [];
  const missing = await missingBlobs(opened());
  return digests.filter((digest) => !missing.has(digest));
}

/** Puts a photo at the server to be asked about, without a command. Gives its digest. */
export async function brought(bytes: ArrayBuffer, type: string): Promise<string> {
  const { digest } = await newBlob(bytes, type);
  const headers = { "Content-Type": "application/octet-stream" };
  const token = await tokenOf(opened());
  await send(`/api/v1/blobs/${digest}`, { method: "PUT", token, body: bytes, headers, seconds: 60 });
  return digest;
}

/** Bytes that lie at the server: a picture, a model, a part of the app. */
export async function fetched(path: string, seconds: number): Promise<Response> {
  return send(path, { token: await tokenOf(opened()), seconds });
}
