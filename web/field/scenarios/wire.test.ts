import assert from "node:assert/strict";
import { test } from "node:test";
import { fact, setFacts } from "../store/database.ts";
import { newBlob } from "../store/outbox.ts";
import { seal } from "../store/seal.ts";
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
