// What the server gave, sealed a record each. What is on the screen is this with what waits laid over it: there is one truth.
import type { Fields } from "../engine/merge.ts";
import { type Database, type RecordRow, STRICT } from "./database.ts";
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

function homeOf(record: Kept): string {
  if (record.kind === "household") return record.id;
  const home = record.fields.household;
  return typeof home === "string" ? home : "";
}

/** Puts a page of changes and the cursor behind it down together: a phone that dies between pages goes on where it was. */
export async function keep(
  database: Database,
  key: CryptoKey,
  changes: Kept[],
  gone: Gone[],
  facts: Record<string, unknown>,
): Promise<void> {
  const rows: RecordRow[] = await Promise.all(
    changes.map(async (record) => ({
      kind: record.kind,
      id: record.id,
      revision: record.revision,
      home: homeOf(record),
      sealed: await seal(key, record.fields),
    })),
  );
  const write = database.transaction(["records", "facts"], "readwrite", STRICT);
  for (const row of rows) write.objectStore("records").put(row);
  for (const each of gone) write.objectStore("records").delete([each.kind, each.id]);
  for (const [name, value] of Object.entries(facts)) write.objectStore("facts").put(value, name);
  await write.done;
}

export async function all(database: Database, key: CryptoKey): Promise<Kept[]> {
  const rows = await database.getAll("records");
  return Promise.all(
    rows.map(async (row) => ({
      kind: row.kind,
      id: row.id,
      revision: row.revision,
      fields: await open<Fields>(key, row.sealed),
    })),
  );
}

/** Drops what is not among these (`kind id`), and puts the cursor down with it. */
export async function keepOnly(
  database: Database,
  known: ReadonlySet<string>,
  facts: Record<string, unknown>,
): Promise<void> {
  const write = database.transaction(["records", "facts"], "readwrite", STRICT);
  for (const [kind, id] of await write.objectStore("records").getAllKeys()) {
    if (!known.has(`${kind} ${id}`)) write.objectStore("records").delete([kind, id]);
  }
  for (const [name, value] of Object.entries(facts)) write.objectStore("facts").put(value, name);
  await write.done;
}

export async function forget(database: Database): Promise<void> {
  const write = database.transaction(["records", "facts"], "readwrite", STRICT);
  write.objectStore("records").clear();
  write.objectStore("facts").delete("cursor");
  await write.done;
}
