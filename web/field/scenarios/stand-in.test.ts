// Whoever stands in for a neighbour walks in two grids: what they report belongs to the one in which its home lies.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { show } from "../here.ts";
import type { Kept } from "../store/records.ts";

// What a browser has and Node has not.
Object.defineProperty(globalThis, "localStorage", { value: { getItem: () => null, setItem: () => {} } });
Object.defineProperty(globalThis, "document", { value: { documentElement: { dataset: {} } } });
const { gridOf, homes } = await import("../screens/homes.ts");
const { commandsOf, nothingHeard } = await import("../screens/visit/heard.ts");

const OWN = "320700000000.320703000000.320703001000.320703001001.G01";
const NEIGHBOUR = "320700000000.320703000000.320703001000.320703001001.G02";

test("what is heard at a home without a position is told in that home's grid", () => {
  const changes: Kept[] = [OWN, NEIGHBOUR].flatMap((path, place): Kept[] => [
    { kind: "area", id: path.slice(-3), revision: 1, fields: { level: "grid" } },
    { kind: "household", id: `h${place}`, revision: 1, fields: { number: `${place}`, path } },
  ]);
  show(changes, []);
  const areas = homes.value.map((home) => {
    const heard = { ...nothingHeard(), open: true, title: "路灯不亮", item: "M01-01" };
    const [report] = commandsOf(heard, home, []).commands;
    return report?.command.data.area;
  });
  assert.deepEqual(areas, ["G01", "G02"]);
  // Of a home that was added here and waits the server has said no grid yet.
  assert.equal(gridOf(undefined), "G01");
});
