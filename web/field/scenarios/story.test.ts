import assert from "node:assert/strict";
import { test } from "node:test";
import { inParts } from "../engine/carrying.ts";
import { aheadSaid } from "../engine/clock.ts";
import { type EntryState, overdue, photosStay } from "../engine/outbox.ts";
import { askFirst } from "../screens/patrol/erasing.ts";
import { carriedAway } from "../store/carried.ts";
import { setFacts } from "../store/database.ts";
import { draft, draftNames, keepDraft } from "../store/drafts.ts";
import { blobSent, fileKeyFrom, missingBlobs, newBlob, save } from "../store/outbox.ts";
import * as records from "../store/records.ts";
import { keyFrom, makeContentKey, newKey, open, seal, unwrap } from "../store/seal.ts";
import { Phone, Server } from "./phone.ts";

test("two days offline, three edits, one conflict", async () => {
  const server = new Server();
  server.put("home-1", { has_plot: false, only_by_law: false, number: "0001" });
  let phone = await Phone.taken();
  await phone.pulled(server);

  await phone.write("household.change", { household: "home-1", has_plot: { was: false, is: true } });
  phone.pass(24);
  const disputed = await phone.write("household.change", {
    household: "home-1",
    number: { was: "0001", is: "0002" },
  });
  phone = await phone.restarted();
  phone.pass(24);
  await phone.write("household.change", { household: "home-1", only_by_law: { was: false, is: true } });
  const before = (await phone.shown()).get("household")?.get("home-1");
  assert.deepEqual([before?.fields.has_plot, before?.fields.number, before?.waits], [true, "0002", true]);

  server.put("home-1", { number: "0003" });
  await phone.pushed(server, 1);
  await phone.pulled(server);

  const queue = await phone.queue();
  assert.deepEqual(
    queue.map((each) => [each.id, each.state]),
    [[disputed, "conflict"]],
  );
  assert.deepEqual(queue[0]?.answer?.fields?.number, { was: "0001", mine: "0002", theirs: "0003" });
  const kept = server.records.get("home-1")?.fields;
  assert.deepEqual([kept?.has_plot, kept?.only_by_law, kept?.number], [true, true, "0003"]);
});

test("a lost answer, a dead battery and a second try have one effect", async () => {
  const server = new Server();
  let phone = await Phone.taken();
  const ids: string[] = [];
  for (let number = 0; number < 120; number++)
    ids.push(await phone.write("visit.record", { household: `home-${number}` }));
  await phone.pushed(server, 2);
  phone = await phone.restarted();
  await phone.pushed(server);
  assert.equal((await phone.queue()).length, 0);
  assert.deepEqual(
    ids.map((id) => server.effects.get(id)),
    ids.map(() => 1),
  );
});

test("what another phone still holds is waited for, and stops nothing behind it", async () => {
  const server = new Server();
  const phone = await Phone.taken();
  await phone.write("household.change", { household: "not-there", has_plot: { was: false, is: true } });
  await phone.write("visit.record", { household: "home-1" });
  await phone.pushed(server);
  assert.deepEqual(
    (await phone.queue()).map((each) => each.state),
    ["waiting"],
  );
  server.put("not-there", { has_plot: false });
  await phone.pushed(server);
  assert.equal((await phone.queue()).length, 0);
});

test("words go before photos, and what names a photo waits for it", async () => {
  const server = new Server();
  const phone = await Phone.taken();
  const photo = await newBlob(new TextEncoder().encode("a photo").buffer as ArrayBuffer, "image/jpeg");
  await phone.write("case.report", { title: "路灯不亮" }, [photo]);
  await phone.write("visit.record", { household: "home-1" });
  await phone.pushed(server);
  assert.deepEqual(
    (await phone.queue()).map((each) => each.kind),
    ["case.report"],
  );
  assert.deepEqual([...(await missingBlobs(phone.store))], [photo.digest]);
  await blobSent(phone.store, photo.digest, photo.bytes.byteLength, true);
  await phone.pushed(server);
  assert.equal((await phone.queue()).length, 0);
  assert.deepEqual(
    await phone.store.getAllKeys("blobs"),
    [],
    "a photo that is at the server leaves the phone",
  );
});

test("saving a form takes its draft away in the same step", async () => {
  const phone = await Phone.taken();
  await keepDraft(phone.store, phone.contentKey, "visit/home-1", { note: "说了一半" }, 1);
  assert.deepEqual(await draft(phone.store, phone.contentKey, "visit/home-1"), { note: "说了一半" });
  await phone.write("visit.record", { household: "home-1" }, [], "visit/home-1");
  assert.deepEqual(await draftNames(phone.store), []);
  assert.equal((await phone.queue()).length, 1);
});

test("a full phone saves nothing of a command rather than half of it", async () => {
  const phone = await Phone.taken();
  const photo = await newBlob(new ArrayBuffer(8), "image/jpeg");
  const command = { id: "x", kind: "case.report", at: "2026-11-27T08:00:00+08:00", based_on: null, data: {} };
  const broken = { ...photo, type: (() => {}) as unknown as string };
  await assert.rejects(save(phone.store, [{ command, blobs: [broken] }], null));
  assert.equal((await phone.queue()).length, 0);
});

test("nothing that tells of people lies on the disk in clear", async () => {
  const phone = await Phone.taken();
  await records.keep(
    phone.store,
    phone.contentKey,
    [{ kind: "resident", id: "r1", revision: 1, fields: { name: "李秀英", household: "h1" } }],
    [],
    {},
  );
  await phone.write("visit.record", { household: "h1", note: "腿脚不便" });
  await keepDraft(phone.store, phone.contentKey, "visit/h1", { note: "腿脚不便" }, 1);
  for (const table of ["pages", "outbox", "drafts"] as const) {
    const rows = JSON.stringify(await phone.store.getAll(table), (_name, value) =>
      value instanceof ArrayBuffer ? Buffer.from(value).toString("utf8") : value,
    );
    assert.ok(rows.length > 2);
    assert.doesNotMatch(rows, /李秀英|腿脚不便/);
  }
});

test("the content opens with the PIN and the server's half together, and with neither alone", async () => {
  const half = await newKey();
  const { raw, wrapped } = await makeContentKey("258013", half, 1000);
  assert.deepEqual(await unwrap(wrapped, "258013", half), raw);
  await assert.rejects(unwrap(wrapped, "258014", half));
  await assert.rejects(unwrap(wrapped, "258013", await newKey()));
  const key = await newKey();
  assert.deepEqual(await open(key, await seal(key, { a: "一" })), { a: "一" });
});

/** The server's side of a file: opened with the key that it gave to the phone. */
async function openedFile(file: Blob, key: CryptoKey): Promise<{ head: Buffer; told: Told; photos: Buffer }> {
  const bytes = Buffer.from(await file.arrayBuffer());
  const [head, iv, sealed] = [bytes.subarray(0, 36), bytes.subarray(36, 48), bytes.subarray(48)];
  const how = { name: "AES-GCM", iv, additionalData: head };
  const plain = Buffer.from(await crypto.subtle.decrypt(how, key, sealed));
  const end = 4 + plain.readUInt32BE(0);
  return { head, told: JSON.parse(plain.subarray(4, end).toString()), photos: plain.subarray(end) };
}

interface Told {
  commands: { id: string; data: Record<string, unknown> }[];
  ahead: number | null;
  blobs: { digest: string; size: number }[];
}

test("what is carried away as a file holds every command and photo, and nobody who finds it reads it", async () => {
  const phone = await Phone.taken();
  const photo = await newBlob(new TextEncoder().encode("a photo").buffer as ArrayBuffer, "image/jpeg");
  const id = await phone.write("case.report", { title: "井盖" }, [photo]);
  assert.equal(await carriedAway(phone.store, 7), null, "without a key nothing is carried away");
  const raw = crypto.getRandomValues(new Uint8Array(36));
  await setFacts(phone.store, {
    file_key: await fileKeyFrom(Buffer.from(raw).toString("base64")),
    device: "01890a5d-ac96-774b-bcce-b302099a8057",
    ahead: 1_500,
  });
  const [file, ...more] = (await carriedAway(phone.store, 7)) ?? [];
  assert.ok(file);
  assert.equal(more.length, 0);
  const found = Buffer.from(await file.arrayBuffer()).toString("utf8");
  assert.doesNotMatch(found, /井盖|a photo|case\.report/);
  const { head, told, photos } = await openedFile(file, await keyFrom(raw.slice(4)));
  assert.deepEqual(
    [told.commands.map((each) => each.id), told.ahead, told.blobs[0]?.digest, photos.toString()],
    [[id], 1_500, photo.digest, "a photo"],
  );
  assert.deepEqual(
    [
      head.subarray(0, 8).toString(),
      head.subarray(8, 12),
      head.readBigUInt64BE(12),
      head.subarray(20).toString("hex"),
    ],
    ["WGWAIT02", Buffer.from(raw.slice(0, 4)), 7n, "01890a5dac96774bbcceb302099a8057"],
  );
  await assert.rejects(openedFile(file, await newKey()));
});

test("a queue that is too large for one file is carried away in several, in its order", () => {
  const photo = 5 * 1024 * 1024;
  const all = [photo, photo, photo, 0, photo].map((bytes, place) => ({ bytes, place }));
  assert.deepEqual(
    inParts(all).map((part) => part.map(({ place }) => place)),
    [
      [0, 1],
      [2, 3, 4],
    ],
  );
  assert.deepEqual(
    inParts(Array.from({ length: 900 }, () => ({}))).map((part) => part.length),
    [400, 400, 100],
  );
  assert.deepEqual(inParts([]), []);
});

test("its owner is told after two days, or when more than 200 MB wait, and not before", () => {
  const now = Date.parse("2026-11-27T08:00:00+08:00");
  const since = (hours: number, state: EntryState = "waiting", bytes = 0) => ({
    ...{ id: "x", order: 1, kind: "visit.record", blobs: [], tries: 0 },
    ...{ state, bytes, at: new Date(now - hours * 3_600_000).toISOString() },
  });
  assert.equal(overdue([since(48), since(1)], now), "");
  assert.equal(overdue([since(1), since(48.1)], now), "long");
  // What the server has answered waits for its owner, and no signal helps it.
  assert.equal(overdue([since(90, "refused"), since(90, "conflict"), since(90, "told")], now), "");
  assert.equal(overdue([since(1, "waiting", 100_000_000), since(1, "waiting", 100_000_000)], now), "");
  assert.equal(overdue([since(1, "waiting", 100_000_000), since(1, "waiting", 100_000_001)], now), "much");
});

test("how much waits is known from the photos that were saved", async () => {
  const phone = await Phone.taken();
  const photo = await newBlob(new ArrayBuffer(321_000), "image/jpeg");
  await phone.write("case.report", { title: "路灯不亮" }, [photo]);
  await phone.write("visit.record", { household: "home-1" });
  assert.deepEqual(
    (await phone.queue()).map((each) => each.bytes),
    [321_000, 0],
  );
});

test("photos that are to go by Wi-Fi alone stay where it is none, and where nobody knows", () => {
  const lines = [undefined, {}, { type: "cellular" }, { type: "unknown" }, { type: "wifi", saveData: true }];
  for (const line of lines) assert.ok(photosStay(true, line), JSON.stringify(line));
  for (const line of [{ type: "wifi" }, { type: "ethernet", saveData: false }])
    assert.ok(!photosStay(true, line));
  for (const line of lines) assert.ok(!photosStay(false, line));
});

test("who carries away what waits is told in both languages that the file is sealed, and where it is read in", async () => {
  const [{ zh }, { en }] = await Promise.all([import("../words/zh.ts"), import("../words/en.ts")]);
  assert.match(zh.waiting.exportAsk, /已加密.*我的账号.*读入.*只算一次/);
  assert.match(en.waiting.exportAsk, /sealed.*My account.*counts once/);
  for (const { overdue: said } of [zh.waiting, en.waiting])
    for (const line of Object.values(said)) assert.match(line, /Wi-Fi.*(导出文件|as a file)/);
});

test("before tracks are erased it is said in both languages which patrols go with them", async () => {
  const [{ zh }, { en }] = await Promise.all([import("../words/zh.ts"), import("../words/en.ts")]);
  const [sent, unsent] = [{ entry: "" }, { entry: "c1" }];
  for (const { tracks } of [zh, en]) {
    assert.equal(askFirst(tracks, [sent]), tracks.eraseAsk);
    assert.equal(askFirst(tracks, [sent, sent]), tracks.eraseAsk);
    assert.equal(askFirst(tracks, [unsent]), tracks.eraseWaitingAsk);
    assert.equal(askFirst(tracks, [sent, unsent, unsent]), tracks.eraseAllWaitingAsk(2));
  }
  assert.match(zh.tracks.eraseAllWaitingAsk(2), /2 条.*巡查情况.*先发送/);
  assert.match(en.tracks.eraseAllWaitingAsk(2), /2 .*note.*send it first/);
});

test("how wrong a clock is is said while that can be true, and where the server would take it", () => {
  const [now, day] = [Date.parse("2026-11-27T08:00:00+08:00"), 86_400_000];
  for (const ahead of [2 * day, -2 * day]) {
    const synced = now + ahead - 3_600_000;
    assert.deepEqual(aheadSaid(now, ahead, synced), { ahead });
  }
  for (const ahead of [0, 90_000, -90_000, 40_000 * day]) assert.deepEqual(aheadSaid(now, ahead, 0), {});
  // It was two days ahead an hour ago, and is right now: what was known of it lies before that hour.
  assert.deepEqual(aheadSaid(now, -2 * day, now - 3_600_000), {});
});
