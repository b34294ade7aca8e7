import assert from "node:assert/strict";
import { test } from "node:test";
import "fake-indexeddb/auto";
import { openDB } from "idb";
import { fact, openAccount, setFacts } from "../store/database.ts";
import { draft, keepDraft } from "../store/drafts.ts";
import { type Command, newBlob, save, settle, waiting } from "../store/outbox.ts";
import * as records from "../store/records.ts";
import { keyFrom, newKey, open, seal } from "../store/seal.ts";

const COMMAND: Command = {
  id: "c1",
  kind: "visit.record",
  at: "2026-11-27T08:00:00+08:00",
  based_on: null,
  data: { household: "h1", note: "腿脚不便" },
};

let accounts = 1000;

function newContentKey(): Promise<CryptoKey> {
  return keyFrom(crypto.getRandomValues(new Uint8Array(32)));
}

function resident(number: number, revision = 1): records.Kept {
  return { kind: "resident", id: `r${number}`, revision, fields: { name: `某${number}`, household: "h1" } };
}

function visit(number: number): records.Kept {
  return { kind: "visit", id: `v${number}`, revision: 1, fields: { household: "h1", outcome: "met" } };
}

async function phone(): Promise<{ database: Awaited<ReturnType<typeof openAccount>>; key: CryptoKey }> {
  accounts += 1;
  return { database: await openAccount(accounts), key: await newContentKey() };
}

/** The tables as the first version of the app made and filled them. */
async function oldPhone(key: CryptoKey, sending: CryptoKey): Promise<number> {
  accounts += 1;
  const old = await openDB(`wangge-field-${accounts}`, 1, {
    upgrade(database) {
      database.createObjectStore("facts");
      database.createObjectStore("records", { keyPath: ["kind", "id"] }).createIndex("home", "home");
      database.createObjectStore("outbox", { keyPath: "id" }).createIndex("order", "order");
      database.createObjectStore("blobs", { keyPath: "digest" });
      database.createObjectStore("drafts", { keyPath: "key" });
    },
  });
  await old.put("facts", sending, "sending");
  await old.put("facts", "cursor-7", "cursor");
  await old.put("facts", 1, "order");
  const kept = [...Array.from({ length: 1200 }, (_, number) => resident(number)), visit(1), visit(2)];
  for (const { kind, id, revision, fields } of kept) {
    await old.put("records", { kind, id, revision, home: "h1", sealed: await seal(key, fields) });
  }
  const bytes = { iv: new Uint8Array(12), bytes: new ArrayBuffer(9) };
  await old.put("blobs", {
    digest: "d1",
    type: "image/jpeg",
    size: 9,
    sent: 4,
    arrived: false,
    sealed: bytes,
  });
  await old.put("outbox", {
    id: "c1",
    order: 1,
    kind: COMMAND.kind,
    state: "waiting",
    blobs: ["d1"],
    tries: 2,
    at: COMMAND.at,
    sealed: await seal(sending, COMMAND),
    answer: null,
  });
  await old.put("drafts", { key: "visit/h2", at: 1, sealed: await seal(key, { note: "说了一半" }) });
  old.close();
  return accounts;
}

test("a phone of the first version opens with all that it held, and what waited still waits", async () => {
  const [key, sending] = [await newContentKey(), await newKey()];
  const account = await oldPhone(key, sending);
  for (const already of [false, true]) {
    const database = await openAccount(account);
    assert.equal(await records.bringOver(database, key), !already);
    const kept = await records.all(database, key);
    assert.equal(kept.length, 1202);
    assert.deepEqual(
      kept.find((each) => each.id === "r1199"),
      resident(1199),
    );
    const [queued, ...more] = await waiting(database);
    assert.deepEqual([queued?.command, queued?.tries, queued?.blobs, more.length], [COMMAND, 2, ["d1"], 0]);
    assert.equal((await database.get("blobs", "d1"))?.sent, 4);
    assert.equal(await fact(database, "cursor"), "cursor-7");
    assert.deepEqual(await draft(database, key, "visit/h2"), { note: "说了一半" });
    assert.deepEqual(await database.getAll("records"), []);
    database.close();
  }
});

test("an old phone can send before anybody has unlocked it, and a wrong key takes nothing away", async () => {
  const [key, sending] = [await newContentKey(), await newKey()];
  const database = await openAccount(await oldPhone(key, sending));
  assert.deepEqual((await waiting(database))[0]?.command, COMMAND);
  await assert.rejects(records.bringOver(database, await newContentKey()));
  assert.equal((await database.getAll("records")).length, 1202);
  assert.equal(await records.bringOver(database, key), true);
  assert.equal((await records.all(database, key)).length, 1202);
});

test("an old phone whose PIN was forgotten loses what the server has too, and nothing else", async () => {
  const [key, sending] = [await newContentKey(), await newKey()];
  const database = await openAccount(await oldPhone(key, sending));
  await records.forget(database);
  assert.equal((await database.getAll("records")).length, 0);
  assert.equal((await waiting(database)).length, 1);
});

test("of a record the last page that tells of it holds", async () => {
  const { database, key } = await phone();
  await records.keep(database, key, [resident(1), resident(2), visit(1)], [], { cursor: "1" });
  await records.keep(database, key, [resident(1, 2)], [{ kind: "resident", id: "r2" }], { cursor: "2" });
  await records.keep(database, key, [resident(2, 3)], [{ kind: "visit", id: "v1" }], { cursor: "3" });
  const kept = await records.all(database, key);
  assert.deepEqual(
    kept.map((each) => [each.id, each.revision]),
    [
      ["r1", 2],
      ["r2", 3],
    ],
  );
  assert.equal(await fact(database, "cursor"), "3");
});

test("what is told anew takes the place of what was there when its last line has come, and not before", async () => {
  const { database, key } = await phone();
  await records.keep(database, key, [resident(1), resident(2), visit(1)], [], { cursor: "1" });
  const before = await records.lastPage(database);
  await records.keep(database, key, [resident(2, 2)], [], {});
  assert.equal(
    (await records.all(database, key)).length,
    3,
    "a stream that broke off has taken nothing away",
  );
  await records.dropUntil(database, before, { cursor: "2" });
  assert.deepEqual(
    (await records.all(database, key)).map((each) => [each.id, each.revision]),
    [["r2", 2]],
  );
});

test("the small pages of a day are put together, and what came after them still holds", async () => {
  const { database, key } = await phone();
  await records.keep(
    database,
    key,
    Array.from({ length: 700 }, (_, number) => resident(number)),
    [],
    {},
  );
  await setFacts(database, { sending: await newKey() });
  for (let number = 0; number < 60; number++) {
    const gone = number % 2 ? [{ kind: "resident", id: `r${number}` }] : [];
    await records.keep(database, key, [resident(number + 100, number + 2), visit(number)], gone, {});
  }
  const before = await records.all(database, key);
  assert.equal(await records.fold(database, key, "first"), true);
  assert.equal((await records.pagesOf(database, "first")).length, 2);
  assert.equal((await records.pagesOf(database, "later")).length, 60, "only what was asked for");
  const byId = (one: records.Kept, other: records.Kept): number => one.id.localeCompare(other.id);
  assert.deepEqual((await records.all(database, key)).sort(byId), before.sort(byId));
  assert.equal(await records.fold(database, key, "first"), false, "two full pages are left alone");
  await records.keep(database, key, [resident(3, 9)], [{ kind: "resident", id: "r4" }], {});
  const after = new Map((await records.all(database, key)).map((each) => [each.id, each.revision]));
  assert.deepEqual([after.get("r3"), after.has("r4")], [9, false]);
});

test("a queue that did not change is not opened again", async () => {
  const { database } = await phone();
  await setFacts(database, { sending: await newKey() });
  const blob = await newBlob(new ArrayBuffer(3), "image/jpeg");
  await save(database, [{ command: COMMAND, blobs: [blob] }], null);
  const known = await waiting(database);
  assert.equal(await waiting(database, known), known);
  await save(database, [{ command: { ...COMMAND, id: "c2" }, blobs: [] }], null);
  const more = await waiting(database, known);
  assert.deepEqual([more.length, more[0] === known[0]], [2, true]);
});

test("a page cannot be opened with another key", async () => {
  const { database, key } = await phone();
  await records.keep(database, key, [resident(1)], [], {});
  const [page] = await records.pagesOf(database, "first");
  assert.ok(page);
  await assert.rejects(open(await newContentKey(), page.sealed));
  await keepDraft(database, key, "visit/h1", {}, 1);
});

test("of somebody whose move in was sent and is still to be read about, no number stays on the phone", async () => {
  const { database } = await phone();
  await setFacts(database, { sending: await newKey() });
  const data = { household: "h1", name: "周远", identity: "110101199003070038", phone: "13800138000" };
  await save(database, [{ command: { ...COMMAND, kind: "resident.add", data }, blobs: [] }], null);
  const refused = { id: "c1", status: "refused" as const, code: "known-here" };
  await settle(database, [refused]);
  assert.equal(
    (await waiting(database))[0]?.command.data.identity,
    data.identity,
    "what was not taken is sent again whole",
  );
  await settle(database, [{ id: "c1", status: "done", facts: { end: "elsewhere" } }]);
  const [told] = await waiting(database);
  assert.equal(told?.state, "told");
  assert.deepEqual(told?.command.data, { household: "h1", name: "周远" });
});
