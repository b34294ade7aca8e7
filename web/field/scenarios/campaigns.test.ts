import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answerId,
  campaignsAt,
  campaignsOf,
  doorsLeft,
  languageAmong,
  namedIn,
  numberTyped,
  progressOf,
  readAnswerId,
} from "../engine/campaigns.ts";
import { homesOf } from "../engine/homes.ts";
import { byKind } from "../engine/view.ts";

const DAY = "2026-04-15";
const PROGRESS = { households: 4, done: 1, nobody_home: 1, refused: 1, gone: 0, faulty: 0 };

function record(kind: string, id: string, fields: Record<string, unknown>) {
  return { kind, id, revision: 1, fields: fields as never };
}

function campaign(id: string, more: Record<string, unknown> = {}) {
  const fields = { name: id, state: "running", from_on: "2026-04-01", to_on: "2026-04-30", form: "f1" };
  return record("campaign", id, { ...fields, progress: PROGRESS, ...more });
}

function due(household: string, refs: string[], since = "2026-04-01") {
  const reasons = refs.map((ref) => ({
    why: "campaign",
    ref,
    since,
    by: "2026-04-30",
    law: false,
    text: ref,
  }));
  return record("due", household, { household, since, by: "2026-04-30", reasons });
}

const RECORDS = byKind([
  campaign("later", { to_on: "2026-05-30" }),
  campaign("soon"),
  campaign("over", { state: "ended" }),
  campaign("ahead", { from_on: "2026-04-16" }),
  record("material", "m2", { campaign: "soon", order: 2, title: "B", text: "b", picture: null }),
  record("material", "m1", { campaign: "soon", order: 1, title: "A", text: "", picture: "d".repeat(64) }),
  record("household", "h1", { number: "1" }),
  record("household", "h2", { number: "2" }),
  record("household", "h3", { number: "3" }),
  due("h1", ["soon", "later"]),
  due("h2", ["soon"]),
  due("h3", ["soon"], "2026-04-20"),
]);
const CAMPAIGNS = campaignsOf(RECORDS, DAY);
const [SOON] = CAMPAIGNS;

test("what runs today is there, the one that ends first first, with what is shown in its order", () => {
  assert.deepEqual(
    CAMPAIGNS.map((each) => each.id),
    ["soon", "later"],
  );
  assert.deepEqual(
    SOON?.materials.map((each) => [each.title, each.picture.length]),
    [
      ["A", 64],
      ["B", 0],
    ],
  );
});

test("a door is asked from its day on, until it was answered here", () => {
  const homes = homesOf(RECORDS);
  const left = (given: { campaign: string; household: string }[]) =>
    doorsLeft(homes, "soon", DAY, given).map((home) => home.id);
  assert.deepEqual(left([]), ["h1", "h2"]);
  assert.deepEqual(left([{ campaign: "soon", household: "h1" }]), ["h2"]);
  assert.deepEqual(left([{ campaign: "later", household: "h1" }]), ["h1", "h2"]);
  const [first] = homes;
  assert.ok(first);
  assert.deepEqual(
    campaignsAt(first, CAMPAIGNS, DAY, [{ campaign: "soon", household: "h1" }]).map((each) => each.id),
    ["later"],
  );
});

test("an answer that waits counts once, and never more than there are households", () => {
  assert.ok(SOON);
  const twice = [1, 2].map(() => ({ campaign: "soon", household: "h1" }));
  assert.deepEqual(
    [progressOf(SOON, []).left, progressOf(SOON, twice).done, progressOf(SOON, twice).left],
    [2, 2, 1],
  );
  const many = Array.from({ length: 9 }, (_, place) => ({ campaign: "soon", household: `x${place}` }));
  assert.deepEqual([progressOf(SOON, many).done, progressOf(SOON, many).left], [4, 0]);
});

test("an answer's screen is named by its campaign and its door", () => {
  assert.deepEqual(readAnswerId(answerId("c", "h")), { campaign: "c", household: "h" });
});

test("a form speaks the language of its reader where it has it", () => {
  const names = ["中文 (zh)", "English (en)"];
  assert.equal(languageAmong(names, "zh"), "中文 (zh)");
  assert.equal(languageAmong(names, "en"), "English (en)");
  assert.equal(languageAmong(["French (fr)"], "zh"), null);
});

test("a number is taken as people type it, and what is none is not made one", () => {
  assert.equal(numberTyped(" １２ ", true), "12");
  assert.equal(numberTyped("3.5", false), "3.5");
  assert.equal(numberTyped("3.5", true), null);
  assert.equal(numberTyped("三", true), null);
  assert.equal(numberTyped("", true), "");
});

test("of the photos those go along that the answer names", () => {
  const photos = [{ name: "a1" }, { name: "b2" }];
  assert.deepEqual(namedIn("<data><photo>b2</photo></data>", photos), [{ name: "b2" }]);
});
