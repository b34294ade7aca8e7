// What waits is carried away as files that only the server opens, for whoever wrote it. How one is made: docs/workings/sync.md.
import { inParts } from "../engine/carrying.ts";
import { type Database, fact } from "./database.ts";
import { blobBytes, type Waiting, waiting } from "./outbox.ts";
import { sealBytes } from "./seal.ts";

const FORMAT = new TextEncoder().encode("WGWAIT02");

/** A file for each part; none while the phone has not got its key from the server. */
export async function carriedAway(database: Database, account: number): Promise<Blob[] | null> {
  const fileKey = await fact(database, "file_key");
  const device = (await fact(database, "device")) ?? "";
  if (!fileKey) return null;
  const head = joined([FORMAT, fileKey.mark, whole(BigInt(account)), bytesOf(device)]);
  const all = (await waiting(database)).filter((each) => each.state !== "told");
  const ahead = (await fact(database, "ahead")) ?? null;
  const files: Blob[] = [];
  // One after the other, so that no more than one lies in memory unsealed.
  for (const part of inParts(all)) {
    const { iv, bytes } = await sealBytes(fileKey.key, await content(database, part, ahead), head);
    files.push(new Blob([head, iv, bytes], { type: "application/octet-stream" }));
  }
  return files;
}

async function content(
  database: Database,
  part: Waiting[],
  ahead: number | null,
): Promise<Uint8Array<ArrayBuffer>> {
  const blobs: { digest: string; type: string; size: number }[] = [];
  const photos: Uint8Array<ArrayBuffer>[] = [];
  for (const digest of new Set(part.flatMap((each) => each.blobs))) {
    const found = await blobBytes(database, digest);
    if (!found) continue;
    blobs.push({ digest, type: found.row.type, size: found.bytes.byteLength });
    photos.push(new Uint8Array(found.bytes));
  }
  const told = { commands: part.map((each) => each.command), ahead, blobs };
  const text = new TextEncoder().encode(JSON.stringify(told));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, text.length);
  return joined([length, text, ...photos]);
}

function joined(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function whole(number: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, number);
  return bytes;
}

/** Of an id in its usual form. */
function bytesOf(id: string): Uint8Array {
  return Uint8Array.from(id.replaceAll("-", "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
