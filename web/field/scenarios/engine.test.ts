import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { planOf } from "../engine/area.ts";
import { clockWrong, dayOf, daysBetween, said } from "../engine/clock.ts";
import { dueOn, homesOf, reasonsOn } from "../engine/homes.ts";
import { uuid7 } from "../engine/ids.ts";
import { changesBetween, merged } from "../engine/merge.ts";
import { nextBatch, pauseAfter, stateAfter } from "../engine/outbox.ts";
import { attempts } from "../engine/photo.ts";
import { dayOrder, metresBetween, walkingOrder } from "../engine/round.ts";
import { found, prepare } from "../engine/search.ts";
import { byKind } from "../engine/view.ts";

test("ids are of version 7 and sort by when they were made", () => {
  const ids = [1, 1000, Date.parse("2026-11-27")].map((at) => uuid7(at, new Uint8Array(10).fill(255)));
  assert.deepEqual([...ids].sort(), ids);
  for (const id of ids)
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("pauses double, end at five minutes, and are never the same for all phones", () => {
  assert.equal(pauseAfter(0, 1), 0);
  assert.deepEqual(
    [1, 2, 3].map((failures) => pauseAfter(failures, 1)),
    [2000, 4000, 8000],
  );
  assert.equal(pauseAfter(40, 1), 300_000);
  assert.equal(pauseAfter(40, 0), 150_000);
});

test("fifty at a time, in the order in which they were written", () => {
  const entry = (order: number) => ({
    id: `${order}`,
    order,
    kind: "k",
    state: "waiting" as const,
    blobs: [],
    tries: 0,
  });
  const entries = Array.from({ length: 70 }, (_, place) => entry(70 - place));
  const batch = nextBatch(entries, new Set());
  assert.equal(batch.length, 50);
  assert.deepEqual([batch[0]?.order, batch[49]?.order], [1, 50]);
});

test("a command leaves the queue only when the server has it", () => {
  assert.equal(stateAfter({ id: "", status: "done" }), "gone");
  assert.equal(stateAfter({ id: "", status: "repeated" }), "gone");
  assert.equal(stateAfter({ id: "", status: "conflict" }), "conflict");
  assert.equal(stateAfter({ id: "", status: "refused" }), "refused");
  assert.equal(stateAfter({ id: "", status: "refused", again: true }), "waiting");
});

test("changed on one side merges, on both it is told, to the same it is none", () => {
  const changes = changesBetween({ a: 1, b: 1, c: 1 }, { a: 2, b: 2, c: 1 });
  assert.deepEqual(changes, { a: { was: 1, is: 2 }, b: { was: 1, is: 2 } });
  assert.deepEqual(merged({ a: 1, b: 3, c: 9 }, changes), { fields: { a: 2, b: 2, c: 9 }, conflicts: ["b"] });
  assert.deepEqual(merged({ a: 2, b: 1 }, changes).conflicts, []);
});

test("a round walks to the nearest door that is left, and up the stairs in their order", () => {
  const at = (lon: number) => ({ lon, lat: 34.74 });
  const stops = [
    { id: "far", door: "9", at: at(119.36) },
    { id: "10", door: "1-10", at: at(119.35) },
    { id: "9", door: "1-9", at: at(119.35) },
    { id: "none", door: "0", at: null },
    { id: "near", door: "5", at: at(119.352) },
  ];
  assert.deepEqual(
    walkingOrder(stops, at(119.349)).map((stop) => stop.id),
    ["9", "10", "near", "far", "none"],
  );
  assert.deepEqual(
    walkingOrder(stops, at(119.37)).map((stop) => stop.id),
    ["far", "near", "9", "10", "none"],
  );
  assert.ok(Math.abs(metresBetween(at(119.35), at(119.36)) - 913) < 3);
});

test("the office's order holds for what is left of it, and what came since is walked to from its last door", () => {
  const at = (lon: number) => ({ lon, lat: 34.7 });
  const stops = ["a", "b", "c", "new", "newer"].map((id, place) => ({
    id,
    door: id,
    at: at(119.35 + place / 1000),
  }));
  const ids = (planned: string[], start: { lon: number; lat: number } | null = null) =>
    dayOrder(stops, planned, start).map((stop) => stop.id);
  assert.deepEqual(ids(["c", "gone", "a", "b"]), ["c", "a", "b", "new", "newer"]);
  assert.deepEqual(ids([]), ["a", "b", "c", "new", "newer"]);
  assert.deepEqual(ids(["c", "a", "b"], at(119.36)), ["newer", "new", "c", "b", "a"]);
});

test("a home is found by its name, its door, and the last four of a telephone number", () => {
  const homes = [
    prepare({ id: "a", door: "荷花苑3号楼2单元301", names: ["李秀英", "王小明"], tails: ["4321"] }),
    prepare({ id: "b", door: "荷花苑3号楼2单元302", names: ["王大明"], tails: ["0301"] }),
  ];
  assert.deepEqual(found(homes, "王"), ["a", "b"]);
  assert.deepEqual(found(homes, "大明"), ["b"]);
  assert.deepEqual(found(homes, "4321"), ["a"]);
  assert.deepEqual(found(homes, "３０１"), ["a"]);
  assert.deepEqual(found(homes, "0301"), ["b"]);
  assert.deepEqual(found(homes, "3-2-302"), ["b"]);
  assert.deepEqual(found(homes, "没有"), []);
});

test("a photo never grows, and is tried smaller until it fits", () => {
  assert.deepEqual(attempts(4000, 3000)[0], { width: 1600, height: 1200, quality: 0.75 });
  assert.deepEqual(attempts(300, 400)[0], { width: 300, height: 400, quality: 0.75 });
  const widths = attempts(4000, 3000).map((each) => each.width * each.quality);
  assert.deepEqual(
    [...widths].sort((one, other) => other - one),
    widths,
  );
});

test("days are those of Shanghai, whatever the phone's zone", () => {
  assert.equal(dayOf(Date.parse("2026-11-26T16:30:00Z")), "2026-11-27");
  assert.equal(said(Date.parse("2026-11-26T16:30:00Z")), "2026-11-27T00:30:00+08:00");
  assert.equal(daysBetween("2026-11-20", "2026-11-27"), 7);
  const minute = 60_000;
  for (const [ahead, told] of [
    [9 * minute, null],
    [-9 * minute, null],
    [10 * minute, "slow 10 minutes"],
    [-75 * minute, "fast 75 minutes"],
    [-5 * 60 * minute, "fast 5 hours"],
    [47 * 60 * minute, "slow 2 days"],
    [-2 * 1440 * minute, "fast 2 days"],
  ] as const) {
    const wrong = clockWrong(ahead);
    assert.equal(
      wrong && `${wrong.fast ? "fast" : "slow"} ${wrong.count} ${wrong.unit}`,
      told,
      `${ahead} ms`,
    );
  }
});

test("whatever is due at one door is one stop, until somebody has called there today", () => {
  const reasons = [
    { why: "living_alone", since: "2026-11-20", by: "2026-11-25", law: true, text: "" },
    { why: "everyone", since: "2026-12-20", by: "2026-12-30", law: false, text: "" },
  ];
  const record = (kind: string, id: string, fields: object) => ({
    kind,
    id,
    revision: 1,
    fields: fields as never,
  });
  const homes = homesOf(
    byKind([
      record("household", "h1", { dwelling: "d1", valid_to: null }),
      record("household", "h2", { dwelling: "d1", valid_to: "2026-01-01" }),
      record("dwelling", "d1", {
        building_name: "3号楼",
        door: "301",
        compound_name: "荷花苑",
        lon: 119.35,
        lat: 34.74,
      }),
      record("resident", "r2", { household: "h1", name: "子", relation: "child" }),
      record("resident", "r1", { household: "h1", name: "主", relation: "head", phone_tail: "4321" }),
      record("due", "h1", { since: "2026-11-20", by: "2026-11-25", reasons }),
    ]),
  );
  assert.deepEqual(
    homes.map((home) => [home.id, home.door, home.people[0]?.name]),
    [["h1", "3号楼301", "主"]],
  );
  const [home] = homes;
  assert.ok(home);
  assert.deepEqual(dueOn(homes, "2026-11-19", new Set()), []);
  assert.equal(dueOn(homes, "2026-11-20", new Set()).length, 1);
  assert.deepEqual(dueOn(homes, "2026-11-27", new Set(["h1"])), []);
  assert.deepEqual(
    reasonsOn(home, "2026-11-27").map((reason) => reason.why),
    ["living_alone"],
  );
});

test("the drawing of a grid holds its outline and its doors", () => {
  const outline = {
    type: "Polygon",
    coordinates: [
      [
        [119.35, 34.74],
        [119.36, 34.74],
        [119.36, 34.75],
        [119.35, 34.75],
        [119.35, 34.74],
      ],
    ],
  };
  const plan = planOf(outline, [{ lon: 119.355, lat: 34.745 }]);
  assert.ok(plan);
  const { x, y } = plan.place({ lon: 119.355, lat: 34.745 });
  assert.ok(Math.abs(x - plan.width / 2) < 1 && Math.abs(y - plan.height / 2) < 1);
  assert.equal(planOf(null, []), null);
});

test("who may know whom: the engine nobody, the store the engine, screens no wire", () => {
  const root = join(import.meta.dirname, "..");
  const allowed: Record<string, string[]> = {
    engine: ["engine"],
    store: ["engine", "store"],
    wire: ["engine", "store", "wire"],
    worker: ["engine", "store", "wire", "worker"],
    parts: ["engine", "parts"],
    words: ["words"],
    screens: ["engine", "parts", "screens", "."],
  };
  for (const [room, others] of Object.entries(allowed)) {
    for (const name of readdirSync(join(root, room), { recursive: true }) as string[]) {
      if (!/\.(ts|vue)$/.test(name)) continue;
      const file = join(root, room, name);
      for (const [, to = ""] of readFileSync(file, "utf8").matchAll(/from "(\.[^"]+)"/g)) {
        const parts = join(file, "..", to)
          .slice(root.length + 1)
          .split("/");
        const other = parts.length === 1 ? "." : (parts[0] ?? "");
        assert.ok(others.includes(other), `${room}/${name} knows ${to}`);
      }
    }
  }
});
