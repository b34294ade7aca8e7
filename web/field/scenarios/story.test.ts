import assert from "node:assert/strict";
import { test } from "node:test";
import { draft, draftNames, keepDraft } from "../store/drafts.ts";
import { blobSent, exported, missingBlobs, newBlob, save } from "../store/outbox.ts";
import * as records from "../store/records.ts";
import { makeContentKey, newKey, open, seal, unwrap } from "../store/seal.ts";
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

test("what is carried away as a file holds every command and photo", async () => {
  const phone = await Phone.taken();
  const photo = await newBlob(new TextEncoder().encode("a photo").buffer as ArrayBuffer, "image/jpeg");
  const id = await phone.write("case.report", { title: "井盖" }, [photo]);
  const file = (await exported(phone.store)) as unknown as {
    commands: { id: string }[];
    blobs: { digest: string; base64: string }[];
  };
  assert.equal(file.commands[0]?.id, id);
  assert.equal(Buffer.from(file.blobs[0]?.base64 ?? "", "base64").toString(), "a photo");
});

test("who carries away what waits is told in both languages that the file is not sent by itself", async () => {
  const [{ zh }, { en }] = await Promise.all([import("../words/zh.ts"), import("../words/en.ts")]);
  assert.match(zh.waiting.exportAsk, /凭据.*不会自动发送.*仍要发送/);
  assert.match(en.waiting.exportAsk, /evidence for the desk.*not sent by itself.*still to be sent/);
});
