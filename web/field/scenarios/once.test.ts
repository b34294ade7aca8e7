import assert from "node:assert/strict";
import { test } from "node:test";
import { once } from "../parts/once.ts";

test("a second tap while the first is worked on writes nothing", async () => {
  const written: string[] = [];
  let ready = (): void => {};
  const { run, busy } = once(async (what: string) => {
    await new Promise<void>((done) => {
      ready = done;
    });
    written.push(what);
    return what;
  });
  const first = run("visit");
  assert.equal(busy.value, true);
  assert.equal(await run("visit"), undefined);
  ready();
  assert.equal(await first, "visit");
  assert.deepEqual(written, ["visit"]);
  assert.equal(busy.value, false);
});

test("a full phone is told in words, and the next tap tries again", async () => {
  let isFull = true;
  const { run, busy, fault } = once(async () => {
    if (isFull) throw new DOMException("no room", "QuotaExceededError");
    return "written";
  });
  assert.equal(await run(), undefined);
  assert.deepEqual([fault.value, busy.value], ["full", false]);
  isFull = false;
  assert.equal(await run(), "written");
  assert.equal(fault.value, "");
});

test("what nobody foresaw is told, and not swallowed", async () => {
  const { run, busy, fault } = once(async () => {
    throw new Error("unforeseen");
  });
  await assert.rejects(run(), /unforeseen/);
  assert.deepEqual([fault.value, busy.value], ["other", false]);
});
