import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Answers,
  type Card,
  chancesOf,
  type Key,
  likelihoods,
  middleOf,
  nextQuestion,
  notRuledOut,
  numbersOf,
  opinionOfKey,
  opinionOfNames,
} from "../engine/plants.ts";
import { lay, type Records } from "../engine/view.ts";

const ROOT = join(import.meta.dirname, "../../..");

function table(name: string): Record<string, string>[] {
  const text = readFileSync(join(ROOT, `src/wangge/campaigns/data/plants/${name}.csv`), "utf8");
  const rows = text.split(/\r?\n/).filter(Boolean).map(cells);
  const [head = [], ...body] = rows;
  return body.map((row) => Object.fromEntries(head.map((column, place) => [column, row[place] ?? ""])));
}

function cells(line: string): string[] {
  const found = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...found].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
}

/** The key as the server tells it to phones, put together from the same tables. */
function shippedKey(): Key {
  const states = table("states");
  const shares: Record<string, Record<string, Record<string, number>>> = {};
  for (const row of table("shares")) {
    const parts = (row.percents ?? "").split(" ").map((part) => part.split(":"));
    const known = shares[row.taxon ?? ""] ?? {};
    shares[row.taxon ?? ""] = known;
    known[row.trait ?? ""] = Object.fromEntries(
      parts.map(([state, percent]) => [state, Number(percent) / 100]),
    );
  }
  const text = (row: Record<string, string>, name: string): string => row[name] ?? "";
  return {
    format: 1,
    version: "of the tables",
    least_likely: 0.02,
    against_below: 0.05,
    least_gain: 0.02,
    stages: ["seedling", "leaf", "bud", "flower", "fruit"],
    traits: table("traits").map((row) => ({
      code: text(row, "code"),
      error: Number(row.error_percent) / 100,
      stages: text(row, "stages").split(" "),
      zh: text(row, "zh"),
      en: text(row, "en"),
      hint_zh: text(row, "hint_zh"),
      hint_en: text(row, "hint_en"),
      states: states
        .filter((state) => state.trait === row.code)
        .map((state) => ({ code: text(state, "code"), zh: text(state, "zh"), en: text(state, "en") })),
    })),
    taxa: table("taxa").map((row) => ({
      code: text(row, "code"),
      latin: text(row, "latin"),
      zh: text(row, "zh"),
      en: text(row, "en"),
      family: text(row, "family"),
      prohibited: row.prohibited === "yes",
      most_against: Number(row.most_against || 0),
      shares: shares[text(row, "code")] ?? {},
    })),
  };
}

interface Vector {
  answers: Answers;
  stage: string;
  ranked: [taxon: string, likelihood: number, against: number][];
  not_ruled_out: string[];
  next: [trait: string, gain: number] | null;
}

const KEY = shippedKey();
const VECTORS = JSON.parse(
  readFileSync(join(ROOT, "tests/campaigns/data/plants_key_vectors.json"), "utf8"),
) as {
  cases: Vector[];
};
const isClose = (one: number, other: number): boolean =>
  Math.abs(one - other) <= 1e-9 * Math.max(Math.abs(one), Math.abs(other));

test("the phone's key says what the server's says, to nine figures", () => {
  assert.ok(VECTORS.cases.length > 50);
  for (const { answers, stage, ranked, not_ruled_out, next } of VECTORS.cases) {
    const found = likelihoods(KEY, answers);
    assert.deepEqual(
      found.map(({ taxon, against }) => [taxon, against]),
      ranked.map(([taxon, , against]) => [taxon, against]),
    );
    for (const [place, { likelihood }] of found.entries()) {
      assert.ok(isClose(likelihood, ranked[place]?.[1] ?? -1), `${likelihood} ${ranked[place]}`);
    }
    assert.deepEqual(notRuledOut(KEY, found), not_ruled_out);
    const asked = nextQuestion(KEY, answers, stage);
    assert.equal(asked?.trait ?? null, next?.[0] ?? null);
    if (asked && next) assert.ok(isClose(asked.gain, next[1]));
  }
});

test("what could not be seen is not asked again, and what another key knew says nothing", () => {
  const first = nextQuestion(KEY, {});
  assert.ok(first);
  assert.notEqual(nextQuestion(KEY, {}, "", [first.trait])?.trait, first.trait);
  assert.deepEqual(likelihoods(KEY, { scent_of_the_moon: "yes", sap: "green" }), likelihoods(KEY, {}));
  assert.equal(nextQuestion(KEY, {}, "seedling")?.trait === "petals", false);
});

test("two wrong answers do not rule the poppy out", () => {
  const opinion = opinionOfKey(KEY, { sap: "clear", hairs: "bristly" });
  assert.equal(opinion.ranked.length, 8);
  assert.ok(opinion.attention.includes("papaver-somniferum"));
});

const CARD: Card = {
  name: "tiny",
  version: "1",
  sha256: "",
  bytes: 1,
  labels: ["Papaver somniferum L.", "Lactuca sativa", "Papaver_somniferum", "Zea mays"],
  width: 2,
  height: 1,
  mean: [0.5, 0, 0],
  deviation: [0.5, 1, 2],
  layout: "NCHW",
  output: "logits",
};

test("a model's numbers become likelihoods of species, its two names of one added up", () => {
  const chances = chancesOf([0, 1, 0, -50], CARD);
  assert.ok(
    isClose(
      chances.reduce((sum, each) => sum + each, 0),
      1,
    ),
  );
  const { ranked, attention } = opinionOfNames(KEY, CARD, chances);
  assert.deepEqual(
    ranked.map((each) => [each.species, each.taxon]),
    [
      ["Lactuca sativa", "lactuca-sativa"],
      ["Papaver somniferum", "papaver-somniferum"],
      ["Zea mays", ""],
    ],
  );
  assert.ok(isClose(ranked[1]?.likelihood ?? 0, 2 / (2 + Math.E + Math.exp(-50))));
  assert.deepEqual(attention, ["papaver-somniferum"]);
  assert.throws(() => chancesOf([1], CARD));
  assert.throws(() => chancesOf([1, Number.NaN, 1, 1], CARD));
});

test("a picture's middle, in the order of channels that the model wants", () => {
  assert.deepEqual(middleOf(400, 400, CARD), { x: 0, y: 100, width: 400, height: 200 });
  const rgba = [255, 0, 255, 255, 0, 255, 0, 255];
  assert.deepEqual([...numbersOf(rgba, CARD)], [1, -1, 0, 1, 0.5, 0]);
  assert.deepEqual([...numbersOf(rgba, { ...CARD, layout: "NHWC" })], [1, 0, 0.5, -1, 1, 0]);
});

test("a plant that waits stands among those looked at, with no more than the server would tell", () => {
  const records: Records = new Map();
  const data = {
    plant: "p-1",
    campaign: "c",
    household: "h",
    number: 2,
    decision: "suspected",
    answers: {},
    photo: "x",
  };
  lay(records, { id: "1", kind: "plant.check", at: "2026-04-15T08:00:00+08:00", data });
  const shown = records.get("plant")?.get("p-1");
  assert.equal(shown?.waits, true);
  assert.deepEqual(Object.keys(shown?.fields ?? {}).sort(), [
    "at",
    "campaign",
    "decision",
    "household",
    "number",
    "spot",
  ]);
});
