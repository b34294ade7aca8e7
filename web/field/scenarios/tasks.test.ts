// The cases in a worker's hands stand in the order in which something is to be done about them.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { show } from "../here.ts";
import type { Kept } from "../store/records.ts";

// What a browser has and Node has not.
Object.defineProperty(globalThis, "localStorage", { value: { getItem: () => null, setItem: () => {} } });
Object.defineProperty(globalThis, "document", { value: { documentElement: { dataset: {} } } });
const { over, tasks } = await import("../screens/tasks/tasks.ts");

function task(id: string, due: string | null, more: Kept["fields"] = {}): Kept {
  const fields = { urgency: "normal", moves: [{ name: "done" }], closed_at: null, due_at: due, ...more };
  return { kind: "case", id, revision: 1, fields };
}

test("what is urgent comes before the rest, and of the same urgency what ends first; without an end comes last", () => {
  show(
    [
      task("some-day", null),
      task("friday", "2026-11-27T09:00:00+00:00"),
      task("urgent", "2026-11-30T09:00:00+00:00", { urgency: "urgent" }),
      task("thursday", "2026-11-26T09:00:00+00:00"),
      task("emergency", null, { urgency: "emergency" }),
      task("others'", "2026-11-20T09:00:00+00:00", { moves: [] }),
      task("closed", "2026-11-20T09:00:00+00:00", { closed_at: "2026-11-21T09:00:00+00:00" }),
    ],
    [],
  );
  assert.deepEqual(
    tasks.value.map(({ id }) => id),
    ["emergency", "urgent", "thursday", "friday", "some-day"],
  );
  assert.deepEqual(
    over.value.map(({ id }) => id),
    ["closed"],
  );
});
