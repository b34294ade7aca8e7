// Who works on this phone, under a server that lives in memory and a clock that the story turns: forgotten PINs and locking.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { choose, forgetPin, lock, setPin, signIn, signOut, start, unlock } from "../account.ts";
import { current, draft, draftNames, held, keepDraft, opened, phone, queue } from "../here.ts";
import { command, letGo, save, sync } from "../sending.ts";
import { allFacts, forgetAccount, openAccount, wipeAccount } from "../store/database.ts";
import * as outbox from "../store/outbox.ts";
import { open, openBytes } from "../store/seal.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const [PIN, ANOTHER, WRONG] = ["258013", "147036", "999999"];
const FORM = "visit/h1";
const WRITTEN = { outcome: "met", note: "说了一半" };

/** What a browser has and Node has not, or has otherwise. */
function standIn(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true });
}

const page = Object.assign(new EventTarget(), { visibilityState: "visible", querySelector: () => null });
standIn("document", page);
standIn("window", new EventTarget());
standIn("requestIdleCallback", (act: () => void) => setImmediate(act));
type Locked = (lock: unknown) => Promise<unknown>;
standIn("navigator", {
  userAgent: "",
  locks: {
    request: (_name: string, given: unknown, act?: Locked) => (act ?? (given as Locked))({}),
  },
});
// A story tries many PINs, and nobody guesses at this disk.
const { subtle } = crypto;
const derive = subtle.deriveKey.bind(subtle);
subtle.deriveKey = ((given: Pbkdf2Params, ...more: never[]) =>
  (derive as unknown as (...all: unknown[]) => Promise<CryptoKey>)(
    { ...given, iterations: 10 },
    ...more,
  )) as typeof subtle.deriveKey;

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

let accounts = 500;

/** A server that knows one account, and what it keeps of the phone's keys. */
class Office {
  readonly account: number;
  private readonly signIns = new Map<string, number>();
  private readonly keys = [0, 1].map(() => base64(crypto.getRandomValues(new Uint8Array(32))));
  isThere = true;
  /** As one that knows of no spare keys yet. */
  givesSpare = true;
  /** By how much its clock is ahead of the phone's. */
  ahead = 0;
  /** Seconds after which whoever pushes is to come again. */
  busy = 0;
  readonly pushed: { clock: string; commands: outbox.Command[] }[] = [];
  constructor() {
    accounts += 1;
    this.account = accounts;
    standIn("fetch", async (address: string, about: RequestInit) => this.answer(address, about));
  }

  forgetsKeys(): void {
    for (const place of [0, 1]) this.keys[place] = base64(crypto.getRandomValues(new Uint8Array(32)));
  }

  private answer(address: string, about: RequestInit): Response {
    if (!this.isThere) throw new TypeError("no signal");
    const headers = { Date: new Date(Date.now() + this.ahead).toUTCString() };
    const told = (what: unknown, status = 200): Response =>
      new Response(JSON.stringify(what), { status, headers });
    const given = about.body ? JSON.parse(String(about.body)) : {};
    if (address.endsWith("/sign-in")) {
      if (given.password !== "right") return told({ code: "wrong-password" }, 401);
      const token = `token-${this.signIns.size}`;
      this.signIns.set(token, Date.now());
      return told({ token });
    }
    const token = new Headers(about.headers).get("Authorization")?.slice("Bearer ".length) ?? "";
    const began = this.signIns.get(token);
    if (began === undefined) return told({ code: "not-signed-in" }, 401);
    if (address.endsWith("/me")) return told({ id: this.account, username: "worker", name: "一网格员" });
    if (address.endsWith("/key")) {
      const isFresh = this.givesSpare && Date.now() - began <= 10 * MINUTE;
      return told({ half: this.keys[0], spare: isFresh ? this.keys[1] : null });
    }
    if (address.endsWith("/push")) {
      this.pushed.push(given);
      if (this.busy) return told({ code: "too-many", seconds: this.busy }, 429);
      return told({ results: given.commands.map(({ id }: { id: string }) => ({ id, status: "done" })) });
    }
    if (address.includes("/snapshot")) {
      const home = { kind: "household", id: "h1", revision: 1, fields: { number: "0001" } };
      const lines = address.endsWith("first") ? [home] : [];
      const all = [...lines, { end: true, cursor: "1" }];
      return new Response(all.map((line) => `${JSON.stringify(line)}\n`).join(""));
    }
    return told({ changes: [], gone: [], cursor: "1", more: false, fresh: false });
  }
}

async function until(what: () => boolean): Promise<void> {
  for (let turn = 0; turn < 20_000; turn++) {
    if (what()) return;
    await new Promise((done) => setImmediate(done));
  }
  assert.fail(`never: ${what}`);
}

const isAtRest = (): boolean => !phone.syncing && phone.syncedAt > 0 && held.get("household")?.size === 1;

async function taken(office: Office): Promise<void> {
  await signIn("worker", "right");
  assert.deepEqual([phone.stage, phone.account?.id], ["new-pin", office.account]);
  await setPin(PIN);
  await until(isAtRest);
}

async function tried(pin: string, times: number): Promise<void> {
  for (let turn = 0; turn < times; turn++) assert.equal(await unlock(pin), false);
}

function clocked(story: TestContext): void {
  story.mock.timers.enable({
    apis: ["setTimeout", "setInterval", "Date"],
    now: Date.parse("2026-11-27T08:00:00+08:00"),
  });
}

test("ten wrong PINs take what was synced; what waits and what is half written is there after the password", async (story) => {
  clocked(story);
  const office = new Office();
  await taken(office);
  await keepDraft(FORM, WRITTEN);
  office.isThere = false;
  await save([{ command: command("visit.record", { household: "h1", outcome: "met" }) }]);
  await until(() => !phone.syncing);
  lock();
  await tried(WRONG, 9);
  assert.equal(phone.stage, "locked", "the tenth counts");
  assert.ok((await opened().count("pages")) > 0);
  await tried(WRONG, 1);
  assert.equal(phone.stage, "signed-out");
  assert.equal(await opened().count("pages"), 0);
  assert.deepEqual(draftNames.value, [FORM]);

  // Whoever found it has what lies on the disk, and no key among it opens the form.
  const facts = await allFacts(opened());
  assert.deepEqual(
    [facts.wrapped, facts.half, current.key, current.spare],
    [undefined, undefined, null, null],
  );
  const [row] = await opened().getAll("drafts");
  assert.ok(row && facts.spare);
  const keys = Object.values(facts).filter((each) => each instanceof CryptoKey);
  assert.ok(keys.length > 0);
  for (const key of keys) {
    await assert.rejects(open(key, row.sealed));
    await assert.rejects(openBytes(key, facts.spare));
  }

  // Its worker types the password, a wrong one first; the page is loaded anew before a PIN was chosen.
  const account = phone.account;
  assert.ok(account);
  office.isThere = true;
  await assert.rejects(signIn("worker", "wrong"));
  await signIn("worker", "right");
  assert.equal(phone.stage, "new-pin");
  await choose(account);
  assert.equal(phone.stage, "signed-out", "what is half written is not given up for a PIN");
  await signIn("worker", "right");
  assert.equal(await setPin(ANOTHER), 0);
  await until(isAtRest);
  assert.deepEqual(await draft(FORM), WRITTEN);
  await until(() => queue.value.length === 0);

  // The tries are counted anew, the old PIN opens nothing, and all of it holds a second time.
  lock();
  await tried(PIN, 9);
  assert.equal(phone.stage, "locked");
  assert.equal(await unlock(ANOTHER), true);
  await until(isAtRest);
  assert.deepEqual(await draft(FORM), WRITTEN);
  lock();
  await tried(WRONG, 10);
  await signIn("worker", "right");
  await setPin(PIN);
  assert.deepEqual(await draft(FORM), WRITTEN);
  await until(isAtRest);
});

test("a phone that has no spare key says so; it has one after the next sign-in, under the same PIN", async (story) => {
  clocked(story);
  const office = new Office();
  office.givesSpare = false;
  await taken(office);
  assert.equal(phone.keepsDrafts, false, "the lock screen warns by this");
  await keepDraft(FORM, WRITTEN);
  lock();
  office.givesSpare = true;
  await signIn("worker", "right");
  assert.equal(phone.stage, "locked");
  assert.equal(await unlock(PIN), true);
  await until(isAtRest);
  assert.equal(phone.keepsDrafts, true);
  await forgetPin();
  await signIn("worker", "right");
  await setPin(ANOTHER);
  assert.deepEqual(await draft(FORM), WRITTEN);
  await until(isAtRest);
});

test("without a spare key forms go with the PIN, and where the server has another one it is told how many", async (story) => {
  clocked(story);
  const office = new Office();
  await taken(office);
  await keepDraft(FORM, WRITTEN);
  await forgetPin();
  office.forgetsKeys();
  await signIn("worker", "right");
  assert.equal(await setPin(PIN), 1);
  assert.deepEqual(await opened().getAll("drafts"), []);
  await until(isAtRest);

  const older = new Office();
  older.givesSpare = false;
  await taken(older);
  await keepDraft(FORM, WRITTEN);
  await forgetPin();
  assert.deepEqual(await opened().getAll("drafts"), []);
});

test("after five minutes in the background it is locked, whether it ran there or not, and not before", async (story) => {
  clocked(story);
  const { timers } = story.mock;
  const office = new Office();
  await start();
  await taken(office);
  const look = (state: string): void => {
    page.visibilityState = state;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  const unlocked = async (): Promise<void> => {
    assert.equal(await unlock(PIN), true);
    await until(isAtRest);
  };

  look("hidden");
  timers.tick(5 * MINUTE - 1);
  assert.equal(phone.stage, "open");
  look("visible");
  // A short absence after another one is no long one.
  timers.tick(1);
  look("hidden");
  timers.tick(2 * MINUTE);
  assert.equal(phone.stage, "open");
  look("visible");
  assert.equal(phone.stage, "open");

  look("hidden");
  timers.tick(5 * MINUTE);
  assert.deepEqual([phone.stage, current.key, held.get("household")?.size], ["locked", null, 0]);
  look("visible");
  await unlocked();

  // The browser let it sleep: no timer ran.
  look("hidden");
  timers.setTime(Date.now() + 5 * MINUTE);
  assert.equal(phone.stage, "open");
  look("visible");
  assert.deepEqual([phone.stage, current.key], ["locked", null]);
  await unlocked();
  await until(() => !phone.syncing);
});

const visit = (): { command: outbox.Command } => ({
  command: command("visit.record", { household: "h1", outcome: "met" }),
});

test("nobody signs out over what another tab has just written", async (story) => {
  clocked(story);
  const office = new Office();
  await taken(office);
  const tab = await openAccount(office.account);
  const { command: written } = visit();
  await outbox.save(tab, [{ command: written, blobs: [] }], null);
  tab.close();
  assert.equal(await signOut(), 1);
  assert.equal(phone.stage, "open");
  assert.deepEqual(
    queue.value.map(({ id }) => id),
    [written.id],
    "and it is seen",
  );
  await letGo(written.id);
  assert.equal(await signOut(), 0);
  assert.equal(phone.stage, "signed-out");
});

test("who signs out on one page is signed out on every other, and nothing of theirs is shown there", async (story) => {
  clocked(story);
  const office = new Office();
  await taken(office);
  // The other page has emptied the tables, and takes them away.
  const other = await openAccount(office.account);
  assert.equal(await outbox.emptied(other), 0);
  other.close();
  await forgetAccount(office.account);
  await wipeAccount(office.account);
  await until(() => phone.stage === "signed-out");
  assert.deepEqual([phone.account, current.key, held.get("household")?.size], [null, null, 0]);
  assert.ok(phone.others.every(({ id }) => id !== office.account));
  await taken(office);
});

test("what another tab saves while somebody signs out is kept and counted, or was not saved: never saved and gone", async (story) => {
  clocked(story);
  const office = new Office();
  const ends = new Set<string>();
  const MOST = 24;
  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn++) await new Promise((done) => setImmediate(done));
  };
  // The one ends before the other begins, or begins some turns before it, or after it.
  for (let lead = -MOST; lead <= MOST; lead += 2) {
    await taken(office);
    const tab = await openAccount(office.account);
    const { command: written } = visit();
    const saving = (): Promise<string> =>
      outbox.save(tab, [{ command: written, blobs: [] }], null).then(
        () => "saved",
        () => "not saved",
      );
    const first = lead === -MOST ? await saving() : lead === MOST ? await signOut() : null;
    const [status, left] = await Promise.all([
      typeof first === "string" ? first : turns(lead).then(saving),
      typeof first === "number" ? first : turns(-lead).then(signOut),
    ]);
    ends.add(status);
    const kept = status === "saved" ? [1, "open"] : [0, "signed-out"];
    assert.deepEqual([left, phone.stage], kept, `${status}, begun by ${lead} turns later`);
    tab.close();
    if (!left) continue;
    assert.deepEqual(
      queue.value.map(({ id }) => id),
      [written.id],
    );
    await letGo(written.id);
    assert.equal(await signOut(), 0);
  }
  assert.deepEqual([...ends].sort(), ["not saved", "saved"], "it came before and after");
  assert.deepEqual(
    (await indexedDB.databases()).filter(({ name }) => name === `wangge-field-${office.account}`),
    [],
  );
});

test("what was written by a clock that is days wrong says so, also when that is right again as it is sent", async (story) => {
  for (const ahead of [2 * DAY, -2 * DAY]) {
    clocked(story);
    const office = new Office();
    office.ahead = ahead;
    await taken(office);
    office.isThere = false;
    const written = visit();
    assert.deepEqual([written.command.at, written.command.ahead], ["2026-11-27T08:00:00+08:00", ahead]);
    await save([written]);
    await until(() => !phone.syncing);

    story.mock.timers.setTime(Date.now() + ahead);
    office.ahead = 0;
    office.isThere = true;
    await sync(true);
    const [{ clock, commands } = { clock: "", commands: [] }] = office.pushed;
    assert.equal(Date.parse(clock), Date.now());
    assert.deepEqual(commands, [written.command]);
    assert.equal("ahead" in visit().command, false, "of a clock that is right there is nothing to say");
    await until(isAtRest);
    story.mock.timers.reset();
  }
});

test("who is told when to come again comes then, not before, and has not failed", async (story) => {
  clocked(story);
  const { timers } = story.mock;
  const office = new Office();
  await taken(office);
  const asked = async (times: number): Promise<void> => {
    await until(() => office.pushed.length === times && !phone.syncing);
  };
  office.busy = 40;
  await save([visit()]);
  await asked(1);
  for (let times = 1; times <= 5; times++) {
    timers.tick(40_000 - 1);
    await sync();
    await asked(times);
    timers.tick(1);
    await asked(times + 1);
    assert.equal(queue.value.length, 1);
  }
  // Then it is out of reach: as after the first failures it is tried again within seconds.
  office.isThere = false;
  timers.tick(40_000);
  await until(() => phone.trouble === "no-signal" && !phone.syncing);
  office.isThere = true;
  office.busy = 0;
  timers.tick(4_000);
  await until(() => queue.value.length === 0 && !phone.syncing);
  assert.equal(phone.trouble, "");
});
