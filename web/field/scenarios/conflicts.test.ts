// A conflict is shown wherever its owner is, once, until it is settled.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Sent, undecided } from "../engine/conflicts.ts";
import type { Shown } from "../engine/view.ts";

const SIDES = { name: { was: "李秀英", mine: "李秀珍", theirs: "李秀芳" } };

function sent(kind: string, state: string, data: Record<string, unknown>, conflict: string | null): Sent {
  return {
    id: `${kind}-${state}`,
    kind,
    state,
    command: { data },
    answer: conflict ? { conflict, fields: SIDES } : null,
  };
}

function told(id: string): Shown {
  const fields = { kind: "resident.change", subject: "resident:r1", fields: SIDES };
  return { kind: "conflict", id, revision: 0, fields, waits: false };
}

test("its own command and the server's word of it are one conflict", () => {
  const queue = [sent("resident.change", "conflict", { resident: "r1" }, "c1")];
  const [only, ...more] = undecided(queue, [told("c1")]);
  assert.deepEqual([only?.conflict, only?.entry, more], ["c1", "resident.change-conflict", []]);
});

test("what another phone of the same person wrote is to be picked here, too", () => {
  const [only] = undecided([], [told("c2")]);
  assert.deepEqual(
    [only?.conflict, only?.entry, only?.kind, only?.resident],
    ["c2", null, "resident.change", "r1"],
  );
  assert.deepEqual(only?.fields, SIDES);
});

test("what was picked is shown no more, and again when its refusal was let go", () => {
  const pick = { conflict: "c3", choice: { name: "mine" } };
  assert.deepEqual(undecided([sent("conflict.settle", "waiting", pick, null)], [told("c3")]), []);
  assert.deepEqual(undecided([sent("conflict.settle", "refused", pick, null)], [told("c3")]), []);
  assert.equal(undecided([], [told("c3")]).length, 1);
});

test("a pick that met a third change is shown with the values of now", () => {
  const [only, ...more] = undecided(
    [sent("conflict.settle", "conflict", { conflict: "c4" }, "c4")],
    [told("c4")],
  );
  assert.deepEqual([only?.entry, more], ["conflict.settle-conflict", []]);
});

test("a lost phone is told of no values and has nothing to pick", () => {
  assert.deepEqual(
    undecided([{ ...sent("resident.change", "conflict", {}, "c5"), answer: { conflict: "c5" } }], []),
    [],
  );
});
