// A phone for stories: engine and store as they are, under a server that lives in memory. Nobody's screen, no network.
import "fake-indexeddb/auto";
import { said } from "../engine/clock.ts";
import { newId } from "../engine/ids.ts";
import type { Changes, Fields } from "../engine/merge.ts";
import { byKind, lay, type Records } from "../engine/view.ts";
import { type Database, openAccount, setFacts } from "../store/database.ts";
import { type Answer, batch, type Command, type NewBlob, save, settle, waiting } from "../store/outbox.ts";
import * as records from "../store/records.ts";
import { keyFrom, newKey } from "../store/seal.ts";

/** Takes commands as the real one does: each once, fields changed on both sides are told apart. */
export class Server {
  readonly records = new Map<string, { revision: number; fields: Fields }>();
  readonly answers = new Map<string, Answer>();
  /** How often a command had an effect. */
  readonly effects = new Map<string, number>();

  put(id: string, fields: Fields): void {
    const before = this.records.get(id);
    this.records.set(id, { revision: (before?.revision ?? 0) + 1, fields: { ...before?.fields, ...fields } });
  }

  push(commands: Command[]): Answer[] {
    return commands.map((command) => {
      const known = this.answers.get(command.id);
      if (known) return known.status === "done" ? { ...known, status: "repeated" } : known;
      const answer = this.carryOut(command);
      if (answer.status !== "refused") this.answers.set(command.id, answer);
      return answer;
    });
  }

  private carryOut(command: Command): Answer {
    const { household, ...edits } = command.data;
    if (command.kind === "household.change") {
      const kept = this.records.get(String(household));
      if (!kept) return { id: command.id, status: "refused", again: true, code: "not-here-yet" };
      const changes = edits as unknown as Changes;
      const apart = Object.keys(changes).filter((name) => {
        const now = kept.fields[name] ?? null;
        return now !== changes[name]?.was && now !== changes[name]?.is;
      });
      if (apart.length) {
        const fields = Object.fromEntries(
          apart.map((name) => {
            const { was = null, is = null } = changes[name] ?? {};
            return [name, { was, mine: is, theirs: kept.fields[name] ?? null }];
          }),
        );
        return { id: command.id, status: "conflict", conflict: command.id, fields };
      }
      this.put(
        String(household),
        Object.fromEntries(Object.entries(changes).map(([name, { is }]) => [name, is])),
      );
    }
    this.effects.set(command.id, (this.effects.get(command.id) ?? 0) + 1);
    return { id: command.id, status: "done" };
  }
}

let accounts = 0;

export class Phone {
  private readonly database: Database;
  private readonly account: number;
  private readonly key: CryptoKey;
  private clock: number;

  private constructor(database: Database, account: number, key: CryptoKey, clock: number) {
    this.database = database;
    this.account = account;
    this.key = key;
    this.clock = clock;
  }

  static async taken(at = "2026-11-27T08:00:00+08:00"): Promise<Phone> {
    accounts += 1;
    const database = await openAccount(accounts);
    await setFacts(database, { sending: await newKey(), device: newId() });
    const key = await keyFrom(crypto.getRandomValues(new Uint8Array(32)));
    return new Phone(database, accounts, key, Date.parse(at));
  }

  /** The battery dies, and somebody charges it. */
  async restarted(): Promise<Phone> {
    this.database.close();
    return new Phone(await openAccount(this.account), this.account, this.key, this.clock);
  }

  pass(hours: number): void {
    this.clock += hours * 3_600_000;
  }

  async pulled(server: Server): Promise<void> {
    const changes = [...server.records].map(([id, { revision, fields }]) => ({
      kind: "household",
      id,
      revision,
      fields,
    }));
    await records.keep(this.database, this.key, changes, [], { cursor: String(this.clock) });
  }

  async write(
    kind: string,
    data: Command["data"],
    blobs: NewBlob[] = [],
    draft: string | null = null,
  ): Promise<string> {
    const command = { id: newId(), kind, at: said(this.clock), based_on: null, data };
    await save(this.database, [{ command, blobs }], draft);
    return command.id;
  }

  /** Sends until nothing goes any more. `losing`: so many answers are lost after the server has carried them out. */
  async pushed(server: Server, losing = 0): Promise<void> {
    const tried = new Set<string>();
    let lost = 0;
    for (;;) {
      const commands = await batch(this.database, tried);
      if (!commands.length) return;
      const answers = server.push(commands);
      if (lost < losing) {
        lost += 1;
        continue;
      }
      for (const answer of answers) tried.add(answer.id);
      await settle(this.database, answers);
    }
  }

  async shown(): Promise<Records> {
    const all = byKind(await records.all(this.database, this.key));
    for (const each of await waiting(this.database)) if (each.state !== "refused") lay(all, each.command);
    return all;
  }

  queue(): ReturnType<typeof waiting> {
    return waiting(this.database);
  }

  get store(): Database {
    return this.database;
  }

  get contentKey(): CryptoKey {
    return this.key;
  }
}
