// The law of tracks on the phone: where somebody walked goes when they say so, after thirty days at the latest, and is handed to nobody.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isOver } from "../engine/track.ts";
import { fact } from "../store/database.ts";
import { letGo, settle, waiting } from "../store/outbox.ts";
import { forgetTracks } from "../store/tracks.ts";
import { Phone } from "./phone.ts";

const BEGAN = "2026-11-01T09:00:00+08:00";
const DAY = 86_400_000;
const WAY = [
  [119.355, 34.745, 0],
  [119.356, 34.745, 60],
];
const after = (days: number): number => Date.parse(BEGAN) + days * DAY;

async function walked(phone: Phone, began = BEGAN): Promise<string> {
  const data = {
    patrol: `p-${began}`,
    shift: "s1",
    started_at: began,
    ended_at: began,
    note: "河边",
    points: WAY,
  };
  return phone.write("patrol.record", data);
}

function refused(id: string): Parameters<typeof settle>[1] {
  return [{ id, status: "refused", code: "no-shift", detail: "没有班次" }];
}

test("a patrol that the server did not take keeps its track for its worker, who erases it whenever they like", async () => {
  const phone = await Phone.taken();
  const id = await walked(phone);
  await settle(phone.store, refused(id));
  assert.equal(await forgetTracks(phone.store, after(30)), 0);
  const [kept] = await waiting(phone.store);
  assert.deepEqual([kept?.state, kept?.command.data.points], ["refused", WAY]);
  await letGo(phone.store, id);
  assert.deepEqual(await waiting(phone.store), []);
});

test("after thirty days its track is gone and its owner is told, while the patrol and why it was refused can still be read", async () => {
  const phone = await Phone.taken();
  const id = await walked(phone);
  const young = await walked(phone, "2026-11-20T09:00:00+08:00");
  const note = await phone.write("note.add", { case: "c1", text: "在路上" });
  await settle(phone.store, refused(id));
  const before = await waiting(phone.store);
  assert.equal(await forgetTracks(phone.store, after(31)), 1);
  // What was known before is read anew: nothing of it stays on a screen that is open.
  const now = await waiting(phone.store, before);
  assert.deepEqual(
    now.map(({ kind, state, command: { data } }) => [kind, state, data.note ?? null, data.points ?? null]),
    [
      ["patrol.record", "refused", "河边", []],
      ["patrol.record", "waiting", "河边", WAY],
      ["note.add", "waiting", null, null],
    ],
  );
  assert.equal(now[0]?.answer?.detail, "没有班次");
  assert.deepEqual([now[1]?.id, now[2]?.id], [young, note]);
  assert.equal(await fact(phone.store, "tracks_erased"), 1);
  // A second look finds nothing more; what was not read is counted on.
  assert.equal(await forgetTracks(phone.store, after(32)), 0);
  assert.equal(await forgetTracks(phone.store, after(60)), 1);
  assert.equal(await fact(phone.store, "tracks_erased"), 2);
});

test("a patrol that waited so long is sent without its track: the same patrol, and no command that says something else than before", async () => {
  const phone = await Phone.taken();
  const id = await walked(phone);
  await forgetTracks(phone.store, after(31));
  const [sent] = await waiting(phone.store);
  assert.notEqual(sent?.id, id);
  assert.deepEqual(
    [sent?.command.id, sent?.command.data.patrol, sent?.command.data.points],
    [sent?.id, `p-${BEGAN}`, []],
  );
});

test("a track that lies a month ahead was begun under a wrong clock, and goes too", () => {
  assert.deepEqual(
    [isOver(BEGAN, after(30)), isOver(BEGAN, after(31)), isOver(BEGAN, after(-31))],
    [false, true, true],
  );
  assert.ok(isOver(undefined, after(0)));
});
