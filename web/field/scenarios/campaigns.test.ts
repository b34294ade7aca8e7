import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answerId,
  campaignsAt,
  campaignsOf,
  digestNamed,
  doorsLeft,
  languageAmong,
  namedIn,
  numberTyped,
  placeTyped,
  plantsAskedAt,
  progressOf,
  readAnswerId,
  readAnswers,
  type Told,
} from "../engine/campaigns.ts";
import { homesOf } from "../engine/homes.ts";
import { nextBatch, stateAfter } from "../engine/outbox.ts";
import { paceOf } from "../engine/pace.ts";
import { byKind } from "../engine/view.ts";

const DAY = "2026-04-15";
const PROGRESS = { households: 4, done: 1, nobody_home: 1, refused: 1, not_found: 0, gone: 0, faulty: 0 };

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

test("a door that a check of plants asks has its link, whatever chose it, and a plot that none asks has none", () => {
  const records = byKind([
    campaign("poppies", { way: "plants", form: null }),
    campaign("elsewhere", { way: "plants" }),
    campaign("survey"),
    record("household", "by-list", { number: "1", has_plot: false }),
    record("household", "by-plot", { number: "2", has_plot: true }),
    record("household", "unasked", { number: "3", has_plot: true }),
    record("household", "left-alone", { number: "4" }),
    record("household", "ahead", { number: "5" }),
    due("by-list", ["survey", "poppies"]),
    due("by-plot", ["poppies"]),
    record("due", "left-alone", {
      reasons: [
        { why: "campaign", ref: "poppies", since: "2026-04-17", fell: "2026-04-14", text: "poppies" },
      ],
    }),
    due("ahead", ["poppies"], "2026-04-16"),
  ]);
  const running = campaignsOf(records, DAY);
  const links = Object.fromEntries(
    homesOf(records).map((home) => [home.id, plantsAskedAt(home, running, DAY).map(({ id }) => id)]),
  );
  assert.deepEqual(links, {
    "by-list": ["poppies"],
    "by-plot": ["poppies"],
    unasked: [],
    "left-alone": ["poppies"],
    ahead: [],
  });
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

test("a household that declined is asked no more, counts as refused and is no answer in the pace", () => {
  const declined = [{ campaign: "soon", household: "h1", declined: true }];
  assert.deepEqual(
    doorsLeft(homesOf(RECORDS), "soon", DAY, declined).map((home) => home.id),
    ["h2"],
  );
  const [asked] = campaignsOf(byKind([campaign("soon", { progress: { ...PROGRESS, answered: 1 } })]), DAY);
  assert.ok(asked);
  const { done, refused, left } = progressOf(asked, declined);
  assert.deepEqual([done, refused, left], [1, 2, 1]);
  const answered = { campaign: "soon", household: "h2", declined: false };
  assert.deepEqual(
    [progressOf(asked, [...declined, answered]).done, progressOf(asked, [...declined, answered]).left],
    [2, 0],
  );
  assert.deepEqual(paceOf(asked, declined, DAY), paceOf(asked, [], DAY));
  assert.notDeepEqual(paceOf(asked, [answered], DAY), paceOf(asked, [], DAY));
});

test("the pace is the desk's: against an even one until the last day, with what waits here", () => {
  const of = (
    progress: Record<string, number>,
    day: string,
    more: Record<string, unknown> = {},
    waiting = 0,
  ) => {
    const [one] = campaignsOf(
      byKind([
        campaign("c", {
          from_on: "2026-04-01",
          to_on: "2026-04-10",
          progress: { ...PROGRESS, ...progress },
          ...more,
        }),
      ]),
      day,
    );
    assert.ok(one);
    const given = Array.from({ length: waiting }, (_, at) => ({ campaign: "c", household: `h${at}` }));
    const pace = paceOf(one, given, day);
    return pace && [pace.ahead, pace.needed];
  };
  // The figures of the desk's own test (`tests/campaigns/test_rules_forms.py`).
  const hundred = { households: 100, answered: 30 };
  assert.deepEqual(of(hundred, "2026-04-05"), [-2, 14]);
  assert.deepEqual(of(hundred, "2026-04-05", {}, 20), [0, 10]);
  assert.deepEqual(of({ households: 120, gone: 20, answered: 30 }, "2026-04-05"), [-2, 14]);
  assert.deepEqual(of({ households: 50, answered: 30 }, "2026-04-05", { times: 2 }), [-2, 14]);
  assert.deepEqual(of(hundred, "2026-04-10"), [-7, null]);
  assert.deepEqual(of({ households: 100, answered: 100 }, "2026-04-10"), [0, 0]);
  assert.deepEqual(of({ households: 4, answered: 4 }, "2026-04-05", {}, 3), [5, 0]);
  // Whoever is asked nothing, or was never told what counted, is told no pace.
  assert.equal(of({ households: 0, answered: 0 }, "2026-04-05"), null);
  assert.equal(of({}, "2026-04-05"), null);
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

test("a place is two numbers, the latitude first", () => {
  for (const [typed, read] of [
    ["34.745 119.355", "34.745 119.355"],
    ["３４．７４５，１１９．３５５", "34.745 119.355"],
    [" -34.7, -119 ", "-34.7 -119"],
    ["", ""],
    ["119.355 34.745", null],
    ["34.745", null],
    ["34.745 119.355 12", null],
    ["荷花路 8号", null],
  ] as const)
    assert.equal(placeTyped(typed), read, typed);
});

test("a form names its pictures by digest, and what is none is no picture", () => {
  assert.equal(digestNamed(new URL(`jr://images/${"a".repeat(64)}`)), "a".repeat(64));
  assert.equal(digestNamed("jr://images/a.png"), "");
  assert.equal(digestNamed(undefined), "");
});

/** An element of an instance: its name, and its text or what lies in it. */
function element(localName: string, inside: string | Told[]): Told {
  return typeof inside === "string"
    ? { localName, textContent: inside, children: [] }
    : { localName, textContent: "", children: inside };
}

test("what was answered can be read, with the form and without it", () => {
  const instance = element("data", [
    element("plot", [
      element("size", "120"),
      element("crop", [element("kind", "葱")]),
      element("crop", [element("kind", "蒜")]),
    ]),
    element("seen", "odd fine"),
    element("voice", "a".repeat(64)),
    element("total", "7"),
    element("empty", ""),
    element("meta", [element("instanceID", "uuid:1")]),
  ]);
  const outline = {
    lists: {
      seen: [
        { name: "odd", label: { "中文 (zh)": "可疑", "English (en)": "Odd" } },
        { name: "fine", label: { "": "Fine" } },
      ],
    },
    children: [
      {
        name: "plot",
        kind: "group",
        children: [
          { name: "size", kind: "integer", label: { "中文 (zh)": "多大" } },
          {
            name: "crop",
            kind: "repeat",
            children: [{ name: "kind", kind: "text", label: { "中文 (zh)": "种了什么" } }],
          },
        ],
      },
      { name: "seen", kind: "rank", choices: "seen", label: { "中文 (zh)": "看到" } },
      { name: "voice", kind: "sound", label: { "中文 (zh)": "录音" } },
      { name: "total", kind: "calculate" },
    ],
  };
  assert.deepEqual(
    readAnswers(instance, outline, "zh").map(({ label, value, isFile }) => [label, isFile ? "file" : value]),
    [
      ["多大", "120"],
      ["种了什么", "葱"],
      ["种了什么", "蒜"],
      ["看到", "可疑、Fine"],
      ["录音", "file"],
    ],
  );
  assert.deepEqual(
    readAnswers(instance, undefined, "zh").map(({ label }) => label),
    ["size", "kind", "kind", "seen", "voice", "total"],
  );
});

test("an answer that came too late stays to be read, is sent no more, and everything else goes", () => {
  const done = { id: "1", status: "done" as const };
  assert.equal(stateAfter(done), "gone");
  assert.equal(stateAfter({ ...done, facts: { end: "counted" } }), "gone");
  assert.equal(stateAfter({ ...done, facts: { end: "late" } }), "told");
  assert.equal(stateAfter({ ...done, status: "repeated", facts: { end: "late" } }), "told");
  assert.equal(stateAfter({ ...done, status: "refused", facts: { end: "late" } }), "refused");
  const entry = { id: "1", order: 1, kind: "campaign.answer", blobs: [], tries: 1 };
  assert.deepEqual(nextBatch([{ ...entry, state: "told" }], new Set()), []);
});
