// Keeps the app on the phone and opens it without a signal; sends what waits when there is one again, also while no page is open.
// A new version is fetched beside the old one and takes over when a page says so.
import { accounts, openAccount } from "../store/database.ts";
import { alone, push } from "../wire/sync.ts";

declare const __VERSION__: string;
declare const __FILES__: string[];

interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
  tag?: string;
}
interface Fetching extends Extendable {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Scope {
  addEventListener(name: string, act: (event: never) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
}

const scope = self as unknown as Scope;
const PAGE = "/field/";
const CACHE = `wangge-field-${__VERSION__}`;
const KEPT = [
  PAGE,
  "/field/manifest.webmanifest",
  "/static/wangge/icon.svg",
  "/static/field/icon-192.png",
  ...__FILES__,
];

scope.addEventListener("install", (event: Extendable) => {
  // From the server, not from what the browser kept by itself: a page and its parts are of one version.
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(KEPT.map((path) => new Request(path, { cache: "no-cache" })))),
  );
});

scope.addEventListener("activate", (event: Extendable) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith("wangge-field-") && name !== CACHE)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => scope.clients.claim()),
  );
});

scope.addEventListener("message", (event: MessageEvent) => {
  if (event.data === "take-over") void scope.skipWaiting();
});

scope.addEventListener("fetch", (event: Fetching) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  const path = request.mode === "navigate" && address.pathname === PAGE ? PAGE : address.pathname;
  if (path === PAGE || KEPT.includes(path)) event.respondWith(kept(path, request));
});

async function kept(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

scope.addEventListener("sync", (event: Extendable) => {
  if (event.tag === "push") event.waitUntil(sendAll());
});

/** For everybody who works on this phone. Rejects while something could not be sent, and the browser asks again. */
async function sendAll(): Promise<void> {
  const faults: unknown[] = [];
  for (const account of await accounts()) {
    const database = await openAccount(account.id);
    try {
      await alone(`wangge-push-${account.id}`, () => push(database));
    } catch (fault) {
      faults.push(fault);
    } finally {
      database.close();
    }
  }
  if (faults.length) throw faults[0];
}
