// Why a door is called at, in the words of whoever reads it.
import "fake-indexeddb/auto";
// Before there is a document, of which it would ask more than this one has.
import "vue";
import assert from "node:assert/strict";
import { test } from "node:test";

/** What a browser has and Node has not. */
function standIn(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true });
}

standIn("localStorage", { getItem: () => null, setItem: () => {} });
standIn("document", { documentElement: { lang: "", dataset: {} } });
const { language, readLanguage } = await import("../looks.ts");
const { whyOf } = await import("../screens/doors.ts");

const reason = (why: string, more: object = {}) => ({
  ...{ why, since: "2026-11-20", by: "2026-12-04", law: false, text: "" },
  ...more,
});

test("a rule of the installation's own is called as it was written, in both languages", async () => {
  const own = reason("flood_bank", { zh: "堤岸住户走访", en: "Homes by the bank" });
  const changed = reason("everyone", { zh: "每户半年一次", en: "Twice a year" });
  language.value = "zh";
  assert.deepEqual([own, changed].map(whyOf), ["堤岸住户走访", "每户半年一次"]);
  assert.deepEqual(
    ["everyone", "unheard_of"].map((why) => whyOf(reason(why))),
    ["每年走访", "其他事项"],
  );
  language.value = "en";
  await readLanguage();
  assert.deepEqual([own, changed].map(whyOf), ["Homes by the bank", "Twice a year"]);
  assert.equal(whyOf(reason("unheard_of")), "Something else");
});

test("an errand is told with its kind, whatever a rule of the same code is called", () => {
  language.value = "zh";
  assert.ok(whyOf(reason("question", { text: "几口人?", id: "e1" })).includes("几口人?"));
});
