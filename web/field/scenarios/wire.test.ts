import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { fact, setFacts } from "../store/database.ts";
import { newBlob, sendAgain } from "../store/outbox.ts";
import { digestOf, seal } from "../store/seal.ts";
import { NoAnswer } from "../wire/ask.ts";
import { push } from "../wire/sync.ts";
import { Phone } from "./phone.ts";

/** A server that takes commands, and no recording of this kind. */
function serverWithout(digest: string, pushed: string[]): typeof fetch {
  return async (asked, about) => {
    const address = String(asked);
    if (address.endsWith(digest)) {
      const told = { code: "unknown-type", detail: "a film, as it seems" };
      return new Response(JSON.stringify(told), { status: 415 });
    }
    if (address.includes("/blobs/")) return new Response("{}", { status: 201 });
    const { commands } = JSON.parse(String(about?.body)) as { commands: { id: string }[] };
    pushed.push(...commands.map((each) => each.id));
    return new Response(JSON.stringify({ results: commands.map(({ id }) => ({ id, status: "done" })) }));
  };
}

test("a recording that is never taken is told with its reason, and what lies behind it goes on", async () => {
  const phone = await Phone.taken();
  const sending = await fact(phone.store, "sending");
  assert.ok(sending);
  await setFacts(phone.store, { token: await seal(sending, "token") });
  const film = await newBlob(new TextEncoder().encode("a film").buffer as ArrayBuffer, "audio/webm");
  const photo = await newBlob(new TextEncoder().encode("a photo").buffer as ArrayBuffer, "image/jpeg");
  const spoken = await phone.write("campaign.answer", { campaign: "c" }, [film]);
  const seen = await phone.write("campaign.answer", { campaign: "c" }, [photo]);
  const pushed: string[] = [];
  const before = globalThis.fetch;
  globalThis.fetch = serverWithout(film.digest, pushed);
  try {
    await push(phone.store);
  } finally {
    globalThis.fetch = before;
  }
  assert.deepEqual(pushed, [seen]);
  const [left, ...others] = await phone.queue();
  assert.deepEqual(others, []);
  assert.deepEqual([left?.id, left?.state, left?.answer?.detail], [spoken, "refused", "a film, as it seems"]);
  assert.equal(await phone.store.count("blobs"), 1, "what was recorded stays with it");
});

test("where photos go by Wi-Fi alone words go at once, and photos when there is one or their owner says so", async () => {
  const phone = await Phone.taken();
  const sending = await fact(phone.store, "sending");
  assert.ok(sending);
  await setFacts(phone.store, { token: await seal(sending, "token"), only_by_wifi: true });
  const photo = await newBlob(new TextEncoder().encode("a photo").buffer as ArrayBuffer, "image/jpeg");
  const [seen, called] = [
    await phone.write("case.report", { title: "井盖" }, [photo]),
    await phone.write("visit.record", { household: "h" }),
  ];
  const pushed: string[] = [];
  const [before, browser] = [globalThis.fetch, navigator];
  const onLine = (connection: object | undefined): void =>
    void Object.defineProperty(globalThis, "navigator", { value: { connection }, configurable: true });
  globalThis.fetch = serverWithout("nothing is refused", pushed);
  try {
    onLine({ type: "cellular" });
    assert.equal(await push(phone.store), true, "something stays");
    assert.deepEqual(pushed, [called]);
    onLine(undefined);
    assert.equal(await push(phone.store), true);
    assert.deepEqual(pushed, [called]);
    onLine({ type: "wifi" });
    assert.equal(await push(phone.store), false);
    assert.deepEqual(pushed, [called, seen]);

    const again = await phone.write("case.report", { title: "路灯" }, [photo]);
    onLine({ type: "cellular" });
    assert.equal(await push(phone.store, () => {}, true), false, "its owner wants it sent now");
    assert.deepEqual(pushed, [called, seen, again]);
  } finally {
    globalThis.fetch = before;
    Object.defineProperty(globalThis, "navigator", { value: browser, configurable: true });
  }
  assert.deepEqual(await phone.queue(), []);
});

test("what was refused is sent again with its photo, which the server need not have kept", async () => {
  const phone = await Phone.taken();
  const sending = await fact(phone.store, "sending");
  assert.ok(sending);
  await setFacts(phone.store, { token: await seal(sending, "token") });
  const photo = await newBlob(new TextEncoder().encode("a photo").buffer as ArrayBuffer, "image/jpeg");
  const id = await phone.write("case.report", { title: "井盖" }, [photo]);
  const held = new Set<string>();
  let isKnown = false;
  const before = globalThis.fetch;
  globalThis.fetch = async (asked, about) => {
    const digest = /blobs\/(.+)/.exec(String(asked))?.[1];
    if (digest) {
      held.add(digest);
      return new Response("{}", { status: 201 });
    }
    const { commands } = JSON.parse(String(about?.body)) as { commands: { id: string }[] };
    const answer = !isKnown
      ? { status: "refused", code: "no-such-item" }
      : held.has(photo.digest)
        ? { status: "done" }
        : { status: "refused", code: "not-here-yet", again: true };
    return new Response(JSON.stringify({ results: commands.map((each) => ({ id: each.id, ...answer })) }));
  };
  try {
    await push(phone.store);
    assert.deepEqual(
      (await phone.queue()).map((each) => [each.id, each.state]),
      [[id, "refused"]],
    );
    held.clear();
    isKnown = true;
    await sendAgain(phone.store, id);
    await push(phone.store);
  } finally {
    globalThis.fetch = before;
  }
  assert.deepEqual([...held], [photo.digest]);
  assert.deepEqual(await phone.queue(), []);
});

const PART = 256 * 1024;

/** A server that keeps whole parts, over a line that is cut in the middle of one, or before its answer is heard. */
class WeakLine {
  readonly held = new Map<string, Uint8Array>();
  /** Bytes of photos that came through, however often. */
  carried = 0;
  cuts = 0;
  private readonly server = createServer((asked, answer) => this.take(asked, answer));
  private readonly weak: () => "whole" | "cut" | "unheard";

  constructor(weak: () => "whole" | "cut" | "unheard") {
    this.weak = weak;
  }

  async begins(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  ends(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private take(asked: IncomingMessage, answer: ServerResponse): void {
    const digest = asked.url?.split("/").at(-1) ?? "";
    const range = /bytes (?:(\d+)-\d+|\*)\/(\d+)/.exec(asked.headers["content-range"] ?? "");
    const isPart = range?.[1] !== undefined;
    const how = isPart ? this.weak() : "whole";
    if (how !== "whole") this.cuts += 1;
    const parts: Buffer[] = [];
    let came = 0;
    asked.on("data", (bytes: Buffer) => {
      if (isPart) this.carried += bytes.length;
      came += bytes.length;
      parts.push(bytes);
      if (how === "cut" && came > PART / 3) asked.socket.destroy();
    });
    asked.on("end", () => {
      if (!range) return this.push(Buffer.concat(parts), answer);
      const before = this.held.get(digest) ?? new Uint8Array();
      const from = Number(range[1] ?? before.length);
      if (from !== before.length) return told(answer, 409, { code: "range", expected: before.length });
      const now = Buffer.concat([before, ...parts]);
      this.held.set(digest, now);
      if (how === "unheard") asked.socket.destroy();
      else if (now.length < Number(range[2])) told(answer, 202, { received: now.length });
      else told(answer, 201, {});
    });
    asked.on("error", () => {});
  }

  private push(body: Buffer, answer: ServerResponse): void {
    const { commands } = JSON.parse(body.toString()) as { commands: { id: string }[] };
    told(answer, 200, { results: commands.map(({ id }) => ({ id, status: "done" })) });
  }
}

function told(answer: ServerResponse, status: number, what: unknown): void {
  answer.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(what));
}

test("photos go on where they broke off: of each cut no more than the part that was on its way is sent again", async () => {
  let phone = await Phone.taken();
  const sending = await fact(phone.store, "sending");
  assert.ok(sending);
  await setFacts(phone.store, { token: await seal(sending, "token") });
  // A recording of some minutes, a photo, and one that ends with a part.
  const sizes = [5 * PART + 12_345, 290_000, 2 * PART];
  const photos = await Promise.all(
    sizes.map((size, place) => newBlob(new Uint8Array(size).fill(place + 1).buffer, "image/jpeg")),
  );
  for (const photo of photos) await phone.write("campaign.answer", { campaign: "c" }, [photo]);

  const fates = ["whole", "cut", "unheard", "whole", "unheard", "cut", "cut", "whole"] as const;
  let turn = 0;
  const line = new WeakLine(() => fates[turn++ % fates.length] ?? "whole");
  const address = await line.begins();
  const before = globalThis.fetch;
  globalThis.fetch = (asked, about) => before(`${address}${asked}`, about);
  let tries = 0;
  try {
    for (; (await phone.queue()).length; tries++) {
      assert.ok(tries < 100, "it never arrives");
      await push(phone.store).catch((fault: unknown) => assert.ok(fault instanceof NoAnswer, String(fault)));
      // The battery dies in between.
      phone = await phone.restarted();
    }
  } finally {
    globalThis.fetch = before;
    line.ends();
  }
  for (const { digest, bytes } of photos) {
    assert.equal(await digestOf(line.held.get(digest) as Uint8Array<ArrayBuffer>), digest);
    assert.equal(line.held.get(digest)?.length, bytes.byteLength);
  }
  const all = sizes.reduce((one, other) => one + other);
  assert.ok(line.cuts >= 6, `${line.cuts} cuts`);
  assert.equal(tries, line.cuts + 1, "each cut ends a try, and nothing else does");
  assert.ok(line.carried > all, "something was sent twice");
  assert.ok(line.carried <= all + line.cuts * PART, `${line.carried} of ${all} after ${line.cuts} cuts`);
  assert.equal(await phone.store.count("blobs"), 0);
});
