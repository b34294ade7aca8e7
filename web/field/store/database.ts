// The tables on the phone: one database an account, so that nobody's queue is lost when another signs in here.
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";
import type { EntryState } from "../engine/outbox.ts";
import type { Sealed, Wrapped } from "./seal.ts";

/** `first` is what the first screen shows, `later` what is read when that is there. */
export type Part = "first" | "later";

/** Many records sealed together, or a few that changed. They hold in the order of their numbers. */
export interface PageRow {
  number?: number;
  part: Part;
  /** Records and goings that it tells of. */
  count: number;
  sealed: Sealed;
}

/** As phones kept records until the second version of these tables: each sealed by itself. */
export interface RecordRow {
  kind: string;
  id: string;
  revision: number;
  home: string;
  sealed: Sealed;
}

export interface OutboxRow {
  id: string;
  order: number;
  kind: string;
  state: EntryState;
  blobs: string[];
  bytes?: number;
  tries: number;
  /** When it was written, by the phone's clock. */
  at: string;
  /** The command as it is sent, under the sending key. */
  sealed: Sealed;
  /** Why the server did not take it, or what it conflicts with, under the sending key. */
  answer: Sealed | null;
}

export interface BlobRow {
  digest: string;
  type: string;
  size: number;
  /** Bytes that the server has said it has. */
  sent: number;
  arrived: boolean;
  sealed: Sealed;
}

export interface DraftRow {
  key: string;
  at: number;
  sealed: Sealed;
}

/** What stands once. */
export interface Facts {
  device: string;
  /** The same for everybody who works on this phone, made by chance: lost, it is wiped of all of them. */
  phone: string;
  wrapped: Wrapped;
  half: CryptoKey;
  /** The content key under the server's spare key, for when the PIN is forgotten. */
  spare: Sealed;
  sending: CryptoKey;
  /** The server's key for what is carried away from this phone as a file, with its mark. */
  file_key: { mark: Uint8Array<ArrayBuffer>; key: CryptoKey };
  token: Sealed;
  /** Photos wait for Wi-Fi. */
  only_by_wifi: boolean;
  /** How far the server's clock is ahead of this one, in milliseconds. */
  ahead: number;
  cursor: string;
  synced_at: number;
  wrong_pins: number;
  /** The messages that lay here when its owner looked at them last. */
  messages_seen: string[];
  order: number;
  /** So many tracks went from here because of their age, and their owner has not read it yet. */
  tracks_erased: number;
  /** The shift that this phone began: the id of its command, and when. */
  shift: { id: string; at: string } | null;
}

interface Tables extends DBSchema {
  facts: { key: string; value: unknown };
  pages: { key: number; value: PageRow; indexes: { part: Part } };
  /** Only on phones that had the first version, and empty there after they were unlocked once. */
  records: { key: [string, string]; value: RecordRow };
  outbox: { key: string; value: OutboxRow; indexes: { order: number } };
  blobs: { key: string; value: BlobRow };
  drafts: { key: string; value: DraftRow };
}

interface Directory extends DBSchema {
  accounts: { key: number; value: Account };
}

/** Who has signed in on this phone. */
export interface Account {
  id: number;
  username: string;
  name: string;
  used_at: number;
}

export type Database = IDBPDatabase<Tables>;

const PREFIX = "wangge-field";
/** A reply of "done" must mean that it is on the disk, not on its way there. */
export const STRICT = { durability: "strict" } as const;

/** `gone` is called when another page takes the account from this phone while it is open here. */
export function openAccount(account: number, gone: () => void = () => {}): Promise<Database> {
  return openDB<Tables>(`${PREFIX}-${account}`, 2, {
    upgrade(database, before) {
      const pages = database.createObjectStore("pages", { keyPath: "number", autoIncrement: true });
      pages.createIndex("part", "part");
      // What a phone of the first version kept stays as it is: its records can be opened with the PIN only.
      if (before >= 1) return;
      database.createObjectStore("facts");
      const outbox = database.createObjectStore("outbox", { keyPath: "id" });
      outbox.createIndex("order", "order");
      database.createObjectStore("blobs", { keyPath: "digest" });
      database.createObjectStore("drafts", { keyPath: "key" });
    },
    // A newer page wants to change the tables: let it, when this one is gone.
    blocking: (_current, wanted, event) => {
      (event.target as IDBDatabase).close();
      if (wanted === null) gone();
    },
  });
}

export function wipeAccount(account: number): Promise<void> {
  return deleteDB(`${PREFIX}-${account}`);
}

function directory(): Promise<IDBPDatabase<Directory>> {
  return openDB<Directory>(PREFIX, 1, {
    upgrade(database) {
      database.createObjectStore("accounts", { keyPath: "id" });
    },
  });
}

export async function accounts(): Promise<Account[]> {
  const open = await directory();
  const all = await open.getAll("accounts");
  open.close();
  return all.sort((one, other) => other.used_at - one.used_at);
}

export async function keepAccount(account: Account): Promise<void> {
  const open = await directory();
  await open.put("accounts", account);
  open.close();
}

export async function forgetAccount(id: number): Promise<void> {
  const open = await directory();
  await open.delete("accounts", id);
  open.close();
}

export async function fact<Name extends keyof Facts>(
  database: Database,
  name: Name,
): Promise<Facts[Name] | undefined> {
  return (await database.get("facts", name)) as Facts[Name] | undefined;
}

/** All of them in one question: when the app opens, each more would be waited for. */
export async function allFacts(database: Database): Promise<Partial<Facts>> {
  const { store } = database.transaction("facts");
  const [names, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
  return Object.fromEntries(names.map((name, place) => [name, values[place]]));
}

export async function setFacts(database: Database, facts: Partial<Facts>): Promise<void> {
  const write = database.transaction("facts", "readwrite", STRICT);
  for (const [name, value] of Object.entries(facts)) write.store.put(value, name);
  await write.done;
}
