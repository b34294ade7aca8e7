// What the server gave, sealed in pages of some hundred records: to open each by itself would take a slow phone seconds. A change is
// a small page behind the others; of a record the last one that tells of it holds. What is on the screen is this with what
// waits laid over it: there is one truth.
import type { Fields } from "../engine/merge.ts";
import { type Database, type PageRow, type Part, STRICT } from "./database.ts";
import { open, seal } from "./seal.ts";

export interface Kept {
  kind: string;
  id: string;
  revision: number;
  fields: Fields;
}

export interface Gone {
  kind: string;
  id: string;
}

/** A record, or where there is no more than a name, that it has gone. */
type Line = [kind: string, id: string, revision: number, fields: Fields] | [kind: string, id: string];

const PARTS: readonly Part[] = ["first", "later"];
/** Two thirds of all records, and no list of homes shows them. */
const LATER: ReadonlySet<string> = new Set(["visit"]);
const FULL = 500;
/** So many pages of few records are put together again. */
const MOST_SMALL = 40;
const SMALL = 100;

function partOf({ kind }: Gone): Part {
  return LATER.has(kind) ? "later" : "first";
}

/** Puts changes and the cursor behind them down together: a phone that dies in between goes on where it was. */
export async function keep(
  database: Database,
  key: CryptoKey,
  changes: Kept[],
  gone: Gone[],
  facts: Record<string, unknown>,
): Promise<void> {
  const pages: PageRow[] = [];
  for (const part of PARTS) {
    const lines: Line[] = [
      ...changes.filter((each) => partOf(each) === part).map(lineOf),
      ...gone.filter((each) => partOf(each) === part).map(({ kind, id }): Line => [kind, id]),
    ];
    if (lines.length) pages.push(await sealed(key, part, lines));
  }
  const write = database.transaction(["pages", "facts"], "readwrite", STRICT);
  for (const page of pages) write.objectStore("pages").add(page);
  for (const [name, value] of Object.entries(facts)) write.objectStore("facts").put(value, name);
  await write.done;
}

function lineOf({ kind, id, revision, fields }: Kept): Line {
  return [kind, id, revision, fields];
}

async function sealed(key: CryptoKey, part: Part, lines: Line[]): Promise<PageRow> {
  return { part, count: lines.length, sealed: await seal(key, lines) };
}

/** The pages of a part as they lie there; they can be asked for before the PIN has been checked. */
export function pagesOf(database: Database, part: Part): Promise<PageRow[]> {
  return database.getAllFromIndex("pages", "part", part);
}

/** All at once; with `rest`, which is awaited before each page, one after the other. */
export async function opened(key: CryptoKey, pages: PageRow[], rest?: () => Promise<void>): Promise<Kept[]> {
  const all = new Map<string, Line>();
  const read = (page: PageRow): Promise<Line[]> => open<Line[]>(key, page.sealed);
  const together = rest ? null : await Promise.all(pages.map(read));
  for (const [place, page] of pages.entries()) {
    await rest?.();
    for (const line of together?.[place] ?? (await read(page))) {
      const name = `${line[0]} ${line[1]}`;
      if (line.length === 2) all.delete(name);
      else all.set(name, line);
    }
  }
  const kept: Kept[] = [];
  for (const [kind, id, revision, fields] of all.values()) {
    if (fields) kept.push({ kind, id, revision: revision ?? 0, fields });
  }
  return kept;
}

export async function all(database: Database, key: CryptoKey): Promise<Kept[]> {
  const parts = await Promise.all(PARTS.map((part) => pagesOf(database, part)));
  return opened(key, parts.flat());
}

/** The number of the last page there is: what comes after it is newer. */
export async function lastPage(database: Database): Promise<number> {
  return (await database.getAllKeys("pages")).at(-1) ?? 0;
}

/** Everything was told anew behind this page: what lies up to it goes, and the cursor is put down with that. */
export async function dropUntil(
  database: Database,
  page: number,
  facts: Record<string, unknown>,
): Promise<void> {
  const write = database.transaction(["pages", "facts"], "readwrite", STRICT);
  write.objectStore("pages").delete(IDBKeyRange.upperBound(page));
  for (const [name, value] of Object.entries(facts)) write.objectStore("facts").put(value, name);
  await write.done;
}

export async function forget(database: Database): Promise<void> {
  const tables = hadRecords(database)
    ? (["pages", "facts", "records"] as const)
    : (["pages", "facts"] as const);
  const write = database.transaction(tables, "readwrite", STRICT);
  write.objectStore("pages").clear();
  if (hadRecords(database)) write.objectStore("records").clear();
  write.objectStore("facts").delete("cursor");
  await write.done;
}

/** Puts a day's small pages together. Says whether it did; another page of the app may have been at it. */
export async function fold(database: Database, key: CryptoKey, part: Part): Promise<boolean> {
  const pages = await pagesOf(database, part);
  if (pages.filter((page) => page.count < SMALL).length <= MOST_SMALL) return false;
  const numbers = pages.map((page) => page.number ?? 0);
  const last = numbers.at(-1) ?? 0;
  const lines = (await opened(key, pages)).map(lineOf);
  const whole = await Promise.all(paged(lines).map((each) => sealed(key, part, each)));
  const write = database.transaction("pages", "readwrite", STRICT);
  const here = await write.store.index("part").getAllKeys(part);
  const unchanged = here.filter((number) => number <= last).join() === numbers.join();
  if (unchanged && whole.length <= numbers.length) {
    for (const number of numbers) write.store.delete(number);
    // Under the numbers of the old ones: what came meanwhile stays behind them.
    for (const [place, page] of whole.entries()) write.store.put({ ...page, number: numbers[place] ?? last });
  }
  await write.done;
  return unchanged;
}

function paged<T>(lines: T[]): T[][] {
  return Array.from({ length: Math.ceil(lines.length / FULL) }, (_, place) =>
    lines.slice(place * FULL, (place + 1) * FULL),
  );
}

function hadRecords(database: Database): boolean {
  return database.objectStoreNames.contains("records");
}

/** A phone of the first version: its records are put into pages, in one step. What waits to be sent is not touched. */
export async function bringOver(database: Database, key: CryptoKey): Promise<boolean> {
  const rows = hadRecords(database) ? await database.getAll("records") : [];
  if (!rows.length) return false;
  const records = await Promise.all(
    rows.map(async ({ kind, id, revision, sealed: bytes }) => ({
      kind,
      id,
      revision,
      fields: await open<Fields>(key, bytes),
    })),
  );
  const pages: PageRow[] = [];
  for (const part of PARTS) {
    const lines = records.filter((each) => partOf(each) === part).map(lineOf);
    for (const page of paged(lines)) pages.push(await sealed(key, part, page));
  }
  const write = database.transaction(["pages", "records"], "readwrite", STRICT);
  for (const page of pages) write.objectStore("pages").add(page);
  write.objectStore("records").clear();
  await write.done;
  return true;
}
