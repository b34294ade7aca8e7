// Forms that are half filled. They are written down while one types, and found again after the phone has died.
import { type Database, type Facts, STRICT } from "./database.ts";
import { open, openBytes, seal, sealBytes } from "./seal.ts";

export async function keepDraft(
  database: Database,
  key: CryptoKey,
  name: string,
  value: unknown,
  at: number,
): Promise<void> {
  const sealed = await seal(key, value);
  const write = database.transaction("drafts", "readwrite", STRICT);
  write.store.put({ key: name, at, sealed });
  await write.done;
}

export async function draft<T>(database: Database, key: CryptoKey, name: string): Promise<T | null> {
  const row = await database.get("drafts", name);
  return row ? open<T>(key, row.sealed) : null;
}

export async function draftNames(database: Database): Promise<string[]> {
  return database.getAllKeys("drafts");
}

export async function dropDraft(database: Database, name: string): Promise<void> {
  await database.delete("drafts", name);
}

/**
 * Seals what was written under the key `before` under another one, in one step with the facts that tell of that. What does not open
 * with it opens no more, and goes: gives how many that were.
 */
export async function moveDrafts(
  database: Database,
  before: CryptoKey | null,
  key: CryptoKey,
  facts: Partial<Facts>,
): Promise<number> {
  const rows = await database.getAll("drafts");
  const moved = await Promise.all(
    rows.map(async (row) => {
      const bytes = before && (await openBytes(before, row.sealed).catch(() => null));
      return { ...row, sealed: bytes && (await sealBytes(key, bytes)) };
    }),
  );
  const write = database.transaction(["drafts", "facts"], "readwrite", STRICT);
  for (const { sealed, ...row } of moved) {
    if (sealed) write.objectStore("drafts").put({ ...row, sealed });
    else write.objectStore("drafts").delete(row.key);
  }
  for (const [name, value] of Object.entries(facts)) write.objectStore("facts").put(value, name);
  await write.done;
  return moved.filter(({ sealed }) => !sealed).length;
}
