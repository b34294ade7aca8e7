// What a department asks at a door: a reply goes with the visit, without one the question stays.
import assert from "node:assert/strict";
import { test } from "node:test";
import { errandsAt, homesOf, questionsAmong } from "../engine/homes.ts";
import { type Asked, type Asks, optionsOf, repliesSaid } from "../engine/questions.ts";
import { byKind } from "../engine/view.ts";

const asks = (answer: string, words: string[] = []): Asks => ({
  answer,
  words,
  basis: "条例",
  zh: "城管局",
  en: "",
});
const one = (answer: string, words?: string[]): Asked => ({
  id: `errand-${answer}`,
  question: answer,
  text: "?",
  asks: asks(answer, words),
});
const ALL = [one("yes_no"), one("words", ["井水", "自来水"]), one("number"), one("line")];
const given = (said: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(said).map(([question, text]) => [question, { said: text, declined: false }]),
  );

test("replies that fit go along, what is not answered is left", () => {
  const said = repliesSaid(ALL, given({ yes_no: "yes", words: "井水", number: "１２.5", line: "  " }));
  assert.deepEqual(said.replies, [
    { question: "yes_no", said: "yes" },
    { question: "words", said: "井水" },
    { question: "number", said: "12.5" },
  ]);
  assert.deepEqual(said.left, ["errand-line"]);
  assert.deepEqual(said.faulty, []);
});

test("who would not answer has answered, and is not asked again", () => {
  const declined = { line: { said: "", declined: true } };
  assert.deepEqual(repliesSaid([one("line")], declined).replies, [{ question: "line", declined: true }]);
  assert.deepEqual(repliesSaid([one("line")], declined).left, []);
});

test("what cannot be a reply is told before the visit is saved", () => {
  for (const [question, text] of [
    ["number", "三个"],
    ["number", "1.234"],
    ["number", "1e9"],
    ["words", "河水"],
  ]) {
    const said = repliesSaid(ALL, given({ [String(question)]: String(text) }));
    assert.deepEqual(said.faulty, [question], `${text}`);
    assert.equal(said.replies.length, 0);
  }
});

test("a draft of a question that is no more says nothing", () => {
  assert.deepEqual(repliesSaid([], given({ gone: "yes" })), { replies: [], left: [], faulty: [] });
});

test("only questions that say how they are answered have a field; an older errand is brought as ever", () => {
  const reason = { why: "question", since: "2026-11-01", by: "2026-12-01", law: false, text: "养狗吗？" };
  const reasons = [
    { ...reason, id: "new", ref: "q", asks: { ...asks("yes_no") } },
    { ...reason, id: "old", ref: null },
  ];
  const days = { since: "2026-11-01", by: "2026-12-01" };
  const records = byKind([
    { kind: "household", id: "h", revision: 1, fields: { dwelling: "d", number: "1" } },
    { kind: "due", id: "h", revision: 1, fields: { household: "h", ...days, reasons } },
  ]);
  const [home] = homesOf(records);
  assert.ok(home);
  const errands = errandsAt(home, "2026-11-27");
  assert.equal(errands.length, 2);
  assert.deepEqual(
    questionsAmong(errands).map(({ id, question }) => [id, question]),
    [["new", "q"]],
  );
  assert.deepEqual(optionsOf(asks("yes_no")), ["yes", "no"]);
});
