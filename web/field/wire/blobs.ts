// Photos and voices, under the hash of their bytes, on from where they broke off.
import type { Database } from "../store/database.ts";
import { blobBytes, blobSent } from "../store/outbox.ts";
import { Refused, send } from "./ask.ts";

const PART = 256 * 1024;

interface Progress {
  received?: number;
}

/** Returns when the server has all of it; each part that it has is written down. */
export async function sendBlob(database: Database, token: string, digest: string): Promise<void> {
  const found = await blobBytes(database, digest);
  if (!found || found.row.arrived) return;
  const { bytes, row } = found;
  const total = bytes.byteLength;
  let from = row.sent > 0 && row.sent < total ? await received(token, digest, total) : 0;
  while (from < total) {
    const to = Math.min(total, from + PART);
    const said = await part(token, digest, bytes.slice(from, to), `bytes ${from}-${to - 1}/${total}`);
    // It may have more than was sent now, after an answer that was lost, or less.
    from = said ?? total;
    await blobSent(database, digest, from, from >= total);
  }
  await blobSent(database, digest, total, true);
}

async function part(token: string, digest: string, body: ArrayBuffer, range: string): Promise<number | null> {
  try {
    const answer = await send(`/api/v1/blobs/${digest}`, {
      method: "PUT",
      token,
      body,
      headers: { "Content-Range": range, "Content-Type": "application/octet-stream" },
      seconds: 60,
    });
    return answer.status === 202 ? (((await answer.json()) as Progress).received ?? 0) : null;
  } catch (fault) {
    if (fault instanceof Refused && fault.status === 409 && typeof fault.facts.expected === "number") {
      return fault.facts.expected;
    }
    throw fault;
  }
}

async function received(token: string, digest: string, total: number): Promise<number> {
  return (await part(token, digest, new ArrayBuffer(0), `bytes */${total}`)) ?? total;
}
