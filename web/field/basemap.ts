// The installation's base map on the phone: a PMTiles file in parts, each kept as it arrives, so that a download goes on where it
// broke off; or tiles at an address, seen with a signal only. It holds streets and water, and nothing about people.
import { fetched } from "./phone.ts";
import { dropAnswers, keepAnswer, keptAnswer } from "./store/later.ts";

const ABOUT = "/field/basemap";

export interface Basemap {
  /** Changes with the file. */
  version: string;
  size: number;
  parts: number;
  part_bytes: number;
  coordinates: "wgs84" | "gcj02";
  attribution: string;
  /** Of raster tiles, with {z}, {x} and {y}; empty where it is a file. */
  url: string;
}

/** What the installation has, as it said last; null when it has none, or has never been asked. */
export async function basemapTold(): Promise<Basemap | null> {
  try {
    await keepAnswer(ABOUT, await fetched(ABOUT, 20));
  } catch {
    // Without a signal, what it said before.
  }
  const told = (await (await keptAnswer(ABOUT))?.json()) as Basemap | undefined;
  return told?.parts || told?.url ? told : null;
}

function addressOf(basemap: Basemap, part: number): string {
  return `${ABOUT}/${basemap.version}/${part}`;
}

/** How many of its parts lie on the phone, from the first on. */
export async function keptParts(basemap: Basemap): Promise<number> {
  for (let part = 0; part < basemap.parts; part += 1) {
    if (!(await keptAnswer(addressOf(basemap, part)))) return part;
  }
  return basemap.parts;
}

export async function keepBasemap(basemap: Basemap, told: (done: number) => void): Promise<void> {
  await dropAnswers(`${ABOUT}/`, all(basemap));
  for (let part = await keptParts(basemap); part < basemap.parts; part += 1) {
    told(part);
    const address = addressOf(basemap, part);
    // Read whole before it is kept: half a part would pass for one.
    const bytes = await (await fetched(address, 120)).arrayBuffer();
    await keepAnswer(address, new Response(bytes));
  }
  told(basemap.parts);
}

export async function dropBasemap(): Promise<void> {
  await dropAnswers(`${ABOUT}/`, []);
}

function all(basemap: Basemap): string[] {
  return Array.from({ length: basemap.parts }, (_, part) => addressOf(basemap, part));
}

/** Bytes of the file, from the parts on the phone. */
export async function bytesOf(basemap: Basemap, offset: number, length: number): Promise<ArrayBuffer> {
  const end = Math.min(offset + length, basemap.size);
  const bytes = new Uint8Array(end - offset);
  for (let part = Math.floor(offset / basemap.part_bytes); part * basemap.part_bytes < end; part += 1) {
    const begins = part * basemap.part_bytes;
    const kept = await (await keptAnswer(addressOf(basemap, part)))?.blob();
    if (!kept) throw new Error("a part of the base map is not here");
    const from = Math.max(offset, begins);
    const until = Math.min(end, begins + kept.size);
    bytes.set(new Uint8Array(await kept.slice(from - begins, until - begins).arrayBuffer()), from - offset);
  }
  return bytes.buffer;
}
