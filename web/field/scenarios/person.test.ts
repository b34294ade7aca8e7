// A known person has a new telephone number: the phone knows the end of the old one and no more.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { homesOf } from "../engine/homes.ts";
import type { Fields } from "../engine/merge.ts";
import { personChanges, personFaults } from "../engine/register.ts";
import { found, prepare } from "../engine/search.ts";
import { byKind, lay, type Records } from "../engine/view.ts";
import { shownFor } from "../screens/household/shown-for.ts";

const LI: Fields = {
  household: "h1",
  name: "李秀英",
  relation: "head",
  birth_year: 1951,
  phone_tail: "0001",
};

function town(resident: Fields): Records {
  return byKind([
    { kind: "household", id: "h1", revision: 1, fields: { number: "1" } },
    { kind: "resident", id: "r1", revision: 1, fields: resident },
  ]);
}

function foundBy(records: Records, typed: string): string[] {
  const homes = homesOf(records).map(({ id, door, people }) =>
    prepare({ id, door, names: people.map(({ name }) => name), tails: people.map(({ tail }) => tail) }),
  );
  return found(homes, typed);
}

test("a number that was typed takes the place of the one whose end was seen, and nothing typed changes nothing", () => {
  const form = { name: "李秀英", relation: "head", birth_year: 1951 };
  assert.deepEqual(personChanges(LI, { ...form, phone: " " }), {});
  assert.deepEqual(personChanges(LI, { ...form, phone: " +86 139-0000-5678 " }), {
    phone: { was: "0001", is: "+86 139-0000-5678" },
  });
  assert.deepEqual(personChanges({ ...LI, phone_tail: "" }, { name: "李秀", phone: "13900005678" }), {
    name: { was: "李秀英", is: "李秀" },
    phone: { was: "", is: "13900005678" },
  });
});

test("while it waits and after it was synced the home is found by the new end, and the whole number is shown nowhere", () => {
  const records = town(LI);
  const data = { resident: "r1", ...personChanges(LI, { phone: "139-0000-567 8" }) };
  lay(records, { id: "c1", kind: "resident.change", at: "2026-11-27T08:00:00+08:00", data });
  const seen = records.get("resident")?.get("r1")?.fields ?? {};
  assert.deepEqual(seen, { ...LI, phone_tail: "5678" });
  assert.deepEqual([foundBy(records, "5678"), foundBy(records, "0001")], [["h1"], []]);
  // What is typed next is said against what is seen now.
  assert.equal(personChanges(seen, { phone: "13700001234" }).phone?.was, "5678");
  const synced = town({ ...LI, phone_tail: "5678" });
  assert.deepEqual([foundBy(synced, "5678"), foundBy(synced, "0001")], [["h1"], []]);
});

test("a number that somebody has no more is taken away, also without a signal, and what was typed beside it does not count", () => {
  const form = { name: "李秀英", phone: "12", no_phone: true };
  assert.deepEqual(personFaults(form, "2026-11-27"), {});
  assert.deepEqual(personChanges(LI, form), { phone: { was: "0001", is: "" } });
  // Where none is registered there is nothing to take away.
  assert.deepEqual(personChanges({ ...LI, phone_tail: "" }, form), {});
  const records = town(LI);
  const data = { resident: "r1", ...personChanges(LI, form) };
  lay(records, { id: "c1", kind: "resident.change", at: "2026-11-27T08:00:00+08:00", data });
  assert.deepEqual(records.get("resident")?.get("r1")?.fields, { ...LI, phone_tail: "" });
  assert.deepEqual([foundBy(records, "0001"), foundBy(records, "李秀英")], [[], ["h1"]]);
});

test("each number that was asked for is hidden after its own three minutes", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { shown, show, hideAll } = shownFor(180_000);
  show("a", "13800000001");
  mock.timers.tick(120_000);
  show("b", "13800000002");
  mock.timers.tick(60_000);
  assert.deepEqual({ ...shown.value }, { b: "13800000002" });
  mock.timers.tick(120_000);
  assert.deepEqual({ ...shown.value }, {});
  show("a", "13800000001");
  hideAll();
  assert.deepEqual({ ...shown.value }, {});
  mock.timers.reset();
});
