// A phone that takes everything anew: what was over meanwhile waits for nobody any more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { conflicts, current, phone, queue } from "../here.ts";
import { sync } from "../sending.ts";
import { fact, setFacts } from "../store/database.ts";
import { settle } from "../store/outbox.ts";
import { seal } from "../store/seal.ts";
import { Phone } from "./phone.ts";

/** What a browser has and Node has not, or has otherwise. */
function standIn(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true });
}

type Locked = (lock: unknown) => Promise<unknown>;
const SIDES = { has_plot: { was: false, mine: true, theirs: null } };

test("a conflict that was settled before everything was taken anew waits no more; one found meanwhile does", async () => {
  const worker = await Phone.taken();
  const sending = await fact(worker.store, "sending");
  assert.ok(sending);
  await setFacts(worker.store, { token: await seal(sending, "token"), cursor: "of another post" });
  const written = await Promise.all(
    ["h1", "h2", "h3"].map((household) => worker.write("household.change", { household })),
  );
  const apart = (place: number) => ({ id: written[place] ?? "", status: "conflict" as const, fields: SIDES });
  await settle(worker.store, [
    { ...apart(0), conflict: "settled" },
    { ...apart(1), conflict: "open" },
  ]);
  await settle(worker.store, [{ id: written[2] ?? "", status: "refused" }]);

  const told = (what: unknown): Response => new Response(JSON.stringify(what));
  standIn("navigator", {
    locks: { request: (_name: string, given: unknown, act?: Locked) => (act ?? (given as Locked))({}) },
  });
  standIn("fetch", async (address: string) => {
    if (address.includes("/pull")) {
      const fresh = address.includes("another");
      return told({ changes: [], gone: [], cursor: fresh ? null : "2", more: false, fresh });
    }
    const fields = { kind: "household.change", subject: "household:h2", fields: SIDES };
    const first = address.endsWith("first") ? [{ kind: "conflict", id: "open", revision: null, fields }] : [];
    // The browser's worker sends meanwhile, and hears of one that this answer does not know yet.
    if (!first.length) await settle(worker.store, [{ ...apart(2), conflict: "new" }]);
    const lines = [...first, { end: true, cursor: "1" }];
    return new Response(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  });
  current.database = worker.store;
  current.key = worker.contentKey;
  phone.stage = "open";
  await sync(true);

  assert.equal(phone.trouble, "");
  assert.deepEqual(queue.value.map((each) => each.answer?.conflict).sort(), ["new", "open"]);
  assert.deepEqual(conflicts.value.map((each) => each.conflict).sort(), ["new", "open"]);
});

test("what the server puts off is not asked for again at once; what was written meanwhile is sent", async () => {
  const worker = await Phone.taken();
  const sending = await fact(worker.store, "sending");
  assert.ok(sending);
  await setFacts(worker.store, { token: await seal(sending, "token"), cursor: "1" });
  await worker.write("household.change", { household: "of another phone" });
  let pulls = 0;
  let meanwhile = async (): Promise<void> => {};
  standIn("fetch", async (address: string, about: RequestInit) => {
    if (address.includes("/pull")) {
      pulls += 1;
      await meanwhile();
      return new Response(JSON.stringify({ changes: [], gone: [], cursor: "1", more: false, fresh: false }));
    }
    const { commands } = JSON.parse(String(about.body)) as { commands: { id: string }[] };
    const off = { status: "refused", again: true, code: "not-here-yet" };
    return new Response(JSON.stringify({ results: commands.map(({ id }) => ({ id, ...off })) }));
  });
  const soon: unknown[] = [];
  const later = globalThis.setTimeout;
  standIn("setTimeout", (act: () => void, pause?: number) => {
    if (pause === 500) soon.push(act);
    return later(() => {}, 0);
  });
  current.database = worker.store;
  current.key = worker.contentKey;
  phone.stage = "open";
  try {
    await sync(true);
    assert.deepEqual([pulls, phone.trouble, queue.value.length, soon.length], [1, "", 1, 0]);
    meanwhile = async () => void sync();
    await sync(true);
    assert.deepEqual([pulls, soon.length], [2, 1]);
  } finally {
    standIn("setTimeout", later);
  }
});
