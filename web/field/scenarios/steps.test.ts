// What a step of a case asks for on the phone, and what is sent of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asked,
  emptyStep,
  formOf,
  likelyTheSame,
  type Move,
  type Reach,
  type StepForm,
  stepData,
  stepFaults,
  waysTo,
} from "../engine/steps.ts";

const TODAY = "2026-11-27";
const REACH: Reach = {
  departments: [
    { code: "fire", zh: "消防", en: "Fire" },
    { code: "city-management", zh: "城管", en: "City management" },
  ],
  people: [{ account: 7, name: "一网格员", area: "3207030030021001" }],
  desks: [
    { area: "3207030030021001", level: "grid" },
    { area: "320703003002", level: "community" },
    { area: "320703003000", level: "township" },
  ],
};
const filled = (more: Partial<StepForm>): StepForm => ({ ...emptyStep(), ...more });
const ask = (move: Move, more: Partial<StepForm>, shown = false) =>
  stepFaults(move, filled(more), TODAY, shown);

test("a suspension needs its reason and a day that may be", () => {
  const move = { step: "suspend", needs: ["reason", "until"] };
  assert.deepEqual(ask(move, {}), { reason: "needed", until: "until" });
  for (const until of [TODAY, "2027-03-01", "soon"])
    assert.deepEqual(ask(move, { reason: "等配件", until }), { until: "until" });
  const form = filled({ reason: " 等配件 ", until: "2026-12-05", answer: "not of this step" });
  assert.deepEqual(stepFaults(move, form, TODAY, false), {});
  assert.deepEqual(stepData(move, form), { step: "suspend", reason: "等配件", until: "2026-12-05" });
});

test("each outcome asks for what belongs to it and nothing else is sent", () => {
  const move = { step: "handle", needs: ["outcome", "answer"] };
  const said = { outcome: "not_ours", answer: "已转告" };
  assert.deepEqual([...asked(move, filled(said))].sort(), ["answer", "outcome", "whose"]);
  assert.deepEqual(ask(move, said), { whose: "needed" });
  const form = filled({ ...said, outcome: "planned", whose: "供电公司", planned_on: "2026-12-01" });
  assert.deepEqual(stepData(move, form), {
    step: "handle",
    outcome: "planned",
    answer: "已转告",
    planned_on: "2026-12-01",
  });
  assert.deepEqual(ask(move, { ...said, outcome: "planned", planned_on: "2026-11-01" }), {
    planned_on: "planned",
  });
  assert.deepEqual(ask(move, { ...said, outcome: "repeated" }), { into: "into" });
});

test("a verifier who says no says what is wrong, and one who says yes need not", () => {
  const move = { step: "verify", needs: ["mended", "reason"], mended: [true, false] };
  assert.deepEqual(ask(move, {}), { mended: "mended" });
  assert.deepEqual(ask(move, { mended: "no" }), { reason: "needed" });
  assert.deepEqual(ask(move, { mended: "yes" }), {});
  assert.deepEqual(stepData(move, filled({ mended: "yes" })), { step: "verify", mended: true });
});

test("what is closed on a photo has one", () => {
  const move = { step: "close", needs: ["witness"], witness: ["photo"] };
  assert.deepEqual(ask(move, { witness: "photo" }), { photo: "photo" });
  assert.deepEqual(ask(move, { witness: "photo" }, true), {});
});

test("a case goes up, to departments, to a person or down, as the step allows and the place has them", () => {
  const escalate = { step: "escalate", needs: ["reason"] };
  const dispatch = { step: "dispatch", needs: ["assignee"] };
  assert.deepEqual(waysTo(escalate, REACH, "grid"), ["above", "departments"]);
  assert.deepEqual(
    waysTo(escalate, undefined, "grid"),
    ["above"],
    "without a word from the server the desk above is there",
  );
  assert.deepEqual(waysTo(escalate, REACH, "city"), ["departments"]);
  assert.deepEqual(waysTo(dispatch, REACH, "community"), ["departments", "account", "area"]);
  assert.deepEqual(waysTo(dispatch, REACH, "grid"), ["departments", "account"], "no desk lies below a grid");
  assert.deepEqual(waysTo(dispatch, undefined, "community"), []);
  assert.deepEqual(ask(escalate, { reason: "超出本级", to: "departments" }), { to: "who" });
  assert.deepEqual(stepData(escalate, filled({ reason: "超出本级", to: "above" })), {
    step: "escalate",
    reason: "超出本级",
  });
  assert.deepEqual(
    stepData(escalate, filled({ reason: "超出本级", to: "departments", departments: ["fire"] })),
    {
      step: "escalate",
      reason: "超出本级",
      departments: ["fire"],
    },
  );
  assert.deepEqual(stepData(dispatch, filled({ to: "account", account: "7", area: "left over" })), {
    step: "dispatch",
    account: 7,
  });
  assert.deepEqual(stepData(dispatch, filled({ to: "area", area: "3207030030021001" })), {
    step: "dispatch",
    area: "3207030030021001",
  });
});

test("a split names each part, and a summons whom and how soon", () => {
  const split = { step: "split", needs: ["parts"] };
  assert.deepEqual(ask(split, { parts: [{ item: "A01-01", title: " ", description: "" }] }), {
    parts: "parts",
  });
  assert.deepEqual(stepData(split, filled({ parts: [{ item: "A01-01", title: "路灯", description: "" }] })), {
    step: "split",
    parts: [{ item: "A01-01", title: "路灯" }],
  });
  const summon = { step: "summon", needs: ["departments", "within_minutes"] };
  assert.deepEqual(ask(summon, { minutes: "4" }), { departments: "who", within_minutes: "minutes" });
  assert.deepEqual(stepData(summon, filled({ departments: ["fire"], minutes: "30" })), {
    step: "summon",
    departments: ["fire"],
    within_minutes: 30,
  });
});

test("what was refused can be put right: the form is as it was", () => {
  const forms: [Move, StepForm][] = [
    [{ step: "escalate", needs: ["reason"] }, filled({ step: "escalate", reason: "甲", to: "above" })],
    [{ step: "dispatch", needs: ["assignee"] }, filled({ step: "dispatch", to: "account", account: "7" })],
    [
      { step: "verify", needs: ["mended", "reason"] },
      filled({ step: "verify", mended: "no", reason: "还漏" }),
    ],
    [
      { step: "handle", needs: ["outcome", "answer"] },
      filled({ step: "handle", outcome: "repeated", answer: "同", into: "0703-261124-0007" }),
    ],
    [
      { step: "split", needs: ["parts"] },
      filled({ step: "split", parts: [{ item: "A01-01", title: "路灯", description: "" }] }),
    ],
  ];
  for (const [move, form] of forms) assert.deepEqual(formOf(stepData(move, form)), form);
});

test("a case that may be the same is offered, the likeliest first, and found by what is typed", () => {
  const one = (id: string, item: string, area: string, title: string, state = "accepted") => ({
    id,
    fields: { item, area, title, state, number: `0703-261124-000${id}`, reported_at: `2026-11-2${id}` },
  });
  const all = [
    one("1", "A", "g1", "路灯不亮"),
    one("2", "A", "g1", "路灯坏了"),
    one("3", "A", "g2", "路灯"),
    one("4", "B", "g1", "井盖"),
    one("5", "A", "g1", "灯", "merged"),
  ];
  const offered = (typed = "") => likelyTheSame(all[0] as never, all, typed).map(({ id }) => id);
  assert.deepEqual(offered(), ["2", "3"]);
  assert.deepEqual(offered("井盖"), ["4"]);
  assert.deepEqual(offered("0004"), ["4"]);
});
