import assert from "node:assert/strict";
import { test } from "node:test";
import { accounts, fact, keepAccount, setFacts } from "../store/database.ts";
import { newBlob } from "../store/outbox.ts";
import { seal } from "../store/seal.ts";
import { type News, sendAll } from "../worker/sending.ts";
import { Phone } from "./phone.ts";

/** What a browser has and Node has not, or has otherwise. */
function standIn(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true });
}

/** Of two who work on one phone each has a visit waiting; the desk has reported it lost. */
async function shared(names: string[]): Promise<{ devices: Map<string, string>; written: string[] }> {
  const devices = new Map<string, string>();
  const written: string[] = [];
  for (const [place, name] of names.entries()) {
    const phone = await Phone.taken();
    const sending = await fact(phone.store, "sending");
    assert.ok(sending);
    await setFacts(phone.store, { token: await seal(sending, name) });
    devices.set(String(await fact(phone.store, "device")), name);
    written.push(await phone.write("visit.record", { household: name, outcome: "met" }));
    await keepAccount({
      id: Number(phone.store.name.split("-").at(-1)),
      username: name,
      name,
      used_at: place,
    });
    phone.store.close();
  }
  return { devices, written };
}

test("a lost phone sends for each who works on it, then wipes each, and keeps nothing", async () => {
  const names = ["zhang", "li"];
  const { devices, written } = await shared(names);
  const asked: string[] = [];
  const taken: string[] = [];
  const emptied: string[] = [];
  standIn("caches", {
    keys: async () => ["wangge-field-1", "wangge-later", "another's"],
    delete: async (name: string) => emptied.push(name),
  });
  standIn("self", { registration: { unregister: async () => emptied.push("worker") } });
  standIn("navigator", { locks: { request: async (_name: string, act: () => Promise<void>) => act() } });
  standIn("fetch", async (address: string, about: RequestInit) => {
    const token = new Headers(about.headers).get("Authorization")?.replace("Bearer ", "");
    const [, device = "", what = ""] = /devices\/([^/]+)\/(\w+)/.exec(address) ?? [];
    const who = token ?? devices.get(device) ?? "";
    asked.push(`${who} ${what || "push"}`);
    if (what === "order") return new Response(JSON.stringify({ code: "wipe" }), { status: 410 });
    if (what === "wiped") return new Response(null, { status: 204 });
    const { commands } = JSON.parse(String(about.body)) as { commands: { id: string }[] };
    taken.push(...commands.map(({ id }) => id));
    // It hears nothing else: what was refused is refused without a reason.
    return new Response(JSON.stringify({ results: commands.map(({ id }) => ({ id, status: "done" })) }));
  });

  const told: News[] = [];
  await sendAll(async (news) => void told.push(news), true);
  assert.deepEqual([...taken].sort(), [...written].sort());
  for (const name of names) {
    const own = asked.filter((each) => each.startsWith(name));
    assert.deepEqual(own, [`${name} push`, `${name} order`, `${name} order`, `${name} wiped`]);
  }
  assert.equal(told.filter((news) => "wiped" in news).length, names.length);
  // The app itself goes with the last one.
  assert.deepEqual(emptied.slice(-3).sort(), ["wangge-field-1", "wangge-later", "worker"]);
  assert.ok(!emptied.includes("another's"));
  const left = (await indexedDB.databases()).map(({ name }) => name);
  assert.deepEqual(left, []);
  assert.deepEqual(await accounts(), []);
});

/** One of them, on a phone that is lost; of what is asked for is `answer` what comes, or what is usual. */
async function lost(
  answer: (what: string) => Response | undefined,
): Promise<{ phone: Phone; asked: string[] }> {
  const phone = await Phone.taken();
  const sending = await fact(phone.store, "sending");
  assert.ok(sending);
  await setFacts(phone.store, { token: await seal(sending, "zhang"), only_by_wifi: true });
  const id = Number(phone.store.name.split("-").at(-1));
  await keepAccount({ id, username: "zhang", name: "zhang", used_at: 1 });
  const asked: string[] = [];
  standIn("caches", { keys: async () => [], delete: async () => true });
  standIn("navigator", {
    connection: { type: "cellular" },
    locks: { request: async (_name: string, act: () => Promise<void>) => act() },
  });
  standIn("fetch", async (address: string, about: RequestInit) => {
    const what = address.includes("/blobs/") ? "photo" : (address.split("/").at(-1) ?? "");
    asked.push(what);
    const own = answer(what);
    if (own) return own;
    if (what === "order") return new Response(JSON.stringify({ code: "wipe" }), { status: 410 });
    if (what === "wiped" || what === "photo") return new Response("{}", { status: 201 });
    const { commands } = JSON.parse(String(about.body)) as { commands: { id: string }[] };
    return new Response(JSON.stringify({ results: commands.map(({ id }) => ({ id, status: "done" })) }));
  });
  return { phone, asked };
}

test("a lost phone sends its photos by any line before it is wiped: no Wi-Fi will come", async () => {
  const { phone, asked } = await lost(() => undefined);
  const photo = await newBlob(new TextEncoder().encode("a photo").buffer as ArrayBuffer, "image/jpeg");
  await phone.write("case.report", { title: "井盖" }, [photo]);
  phone.store.close();
  await sendAll(async () => {}, true);
  assert.deepEqual(asked, ["order", "photo", "push", "order", "wiped"]);
  assert.deepEqual(await accounts(), []);
});

test("a lost phone keeps what the server has not answered, and is wiped when it has", async () => {
  const busy = new Response(JSON.stringify({ code: "not-now" }), { status: 503 });
  const put = (id: string): Response =>
    new Response(JSON.stringify({ results: [{ id, status: "refused", again: true, code: "not-here-yet" }] }));
  let written = "";
  let answers = [busy.clone(), busy.clone()];
  const { phone, asked } = await lost((what) => (what === "push" ? answers.shift() : undefined));
  written = await phone.write("visit.record", { household: "h" });
  const isThere = async (): Promise<number> => (await accounts()).length;

  await assert.rejects(sendAll(async () => {}, true));
  assert.deepEqual([asked, await isThere()], [["push", "order", "push"], 1]);
  // Nor what it put off, as servers did that keep nothing for a lost phone.
  answers = [put(written), put(written)];
  await assert.rejects(sendAll(async () => {}, true));
  assert.equal(await isThere(), 1);
  assert.deepEqual(
    (await phone.queue()).map((each) => [each.id, each.state]),
    [[written, "waiting"]],
  );
  answers = [];
  phone.store.close();
  await sendAll(async () => {}, true);
  assert.deepEqual([asked.slice(-4), await isThere()], [["push", "order", "order", "wiped"], 0]);
});

test("a phone that is found while it sends its last words keeps what it still holds", async () => {
  let isFound = false;
  const { phone, asked } = await lost((what) => {
    // The desk takes it back while a photo is under way: its last words have ended with that.
    if (what === "photo") isFound = true;
    if (isFound && what === "push")
      return new Response(JSON.stringify({ code: "not-signed-in" }), { status: 401 });
    if (isFound && what === "order") return new Response(null, { status: 204 });
    return undefined;
  });
  const photo = await newBlob(new TextEncoder().encode("a photo").buffer as ArrayBuffer, "image/jpeg");
  const written = await phone.write("case.report", { title: "井盖" }, [photo]);
  const told: News[] = [];
  await assert.rejects(sendAll(async (news) => void told.push(news), true));
  assert.deepEqual(asked, ["order", "photo", "push", "order"]);
  assert.deepEqual(
    told.filter((news) => "wiped" in news),
    [],
  );
  assert.equal((await accounts()).length, 1);
  assert.deepEqual(
    (await phone.queue()).map((each) => [each.id, each.state]),
    [[written, "waiting"]],
  );
  phone.store.close();
});
