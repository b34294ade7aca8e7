// Forms that are half filled. They are written down while one types, and found again after the phone has died.
import type { Database } from "./database.ts";
import { open, seal } from "./seal.ts";

export async function keepDraft(
  database: Database,
  key: CryptoKey,
  name: string,
  value: unknown,
  at: number,
): Promise<void> {
  const sealed = await seal(key, value);
  const write = database.transaction("drafts", "readwrite", { durability: "strict" });
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
