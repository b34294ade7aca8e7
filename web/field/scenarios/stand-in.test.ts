// Whoever stands in for a neighbour walks in two grids: what they report belongs to the one in which its home lies.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { show } from "../here.ts";
import type { Kept } from "../store/records.ts";

// What a browser has and Node has not.
Object.defineProperty(globalThis, "localStorage", { value: { getItem: () => null, setItem: () => {} } });
Object.defineProperty(globalThis, "document", { value: { documentElement: { dataset: {} } } });
const { gridOf, gridOfSpot, homes, ownGrid } = await import("../screens/homes.ts");
const { emptyPlace, placeTold } = await import("../screens/household/door.ts");
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

/** A square of a hundredth of a degree, with its corner in the south-west. */
function square(west: number, south: number): Kept["fields"][string] {
  const [east, north] = [west + 0.01, south + 0.01];
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  return { type: "Polygon", coordinates: [ring] };
}

function grid(id: string, fields: Kept["fields"]): Kept {
  return {
    kind: "area",
    id,
    revision: 2,
    fields: { level: "grid", kind: "public", boundary: null, ...fields },
  };
}

function home(id: string, path: string, lon: number, lat: number): Kept[] {
  return [
    { kind: "dwelling", id: `d-${id}`, revision: 1, fields: { building: `b-${id}`, door: id, lon, lat } },
    { kind: "household", id, revision: 1, fields: { number: id, dwelling: `d-${id}`, path } },
  ];
}

test("a new building lies in the grid whose outline holds it, else in that of the nearest home, else of most homes", () => {
  show(
    [
      grid("G01", { boundary: square(119.35, 34.74) }),
      grid("G02", { boundary: square(119.36, 34.74) }),
      grid("M01", { kind: "market", boundary: square(119.37, 34.74) }),
      ...home("h2", NEIGHBOUR, 119.362, 34.742),
      ...home("h3", NEIGHBOUR, 119.368, 34.748),
      ...home("h4", OWN, 119.349, 34.73),
    ],
    [],
  );
  const built = (lon: number | null, lat: number | null, area = ""): unknown =>
    placeTold({ ...emptyPlace(), building: "b-new", fresh: true, name: "新楼", area, lon, lat }).area;
  assert.equal(built(119.355, 34.745), "G01");
  assert.equal(built(119.365, 34.745), "G02");
  // Beside both.
  assert.equal(built(119.35, 34.731), "G01", "the nearest home lies there");
  assert.equal(built(null, null), "G02", "most homes lie there");
  assert.equal(built(119.365, 34.745, "G01"), "G01", "what the worker picked stands");
  // Nobody lives in a market; what is reported may lie in it.
  assert.equal(built(119.375, 34.745), "G02");
  assert.equal(gridOfSpot({ lon: 119.375, lat: 34.745 }), "M01");
  assert.equal(ownGrid.value?.id, "G02");
});

test("a home that was added here lies in the grid that was said with its building", () => {
  show(
    [
      { kind: "dwelling", id: "d-w", revision: 0, fields: { building: "b-w", door: "1", area: "G01" } },
      { kind: "household", id: "w", revision: 0, fields: { number: "", dwelling: "d-w" } },
    ],
    [],
  );
  assert.equal(gridOf(homes.value.find(({ id }) => id === "w")), "G01");
});
