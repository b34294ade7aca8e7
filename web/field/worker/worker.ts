// Keeps the app on the phone and opens it without a signal; sends what waits when there is one again, also while no page is open.
// A new version is fetched beside the old one and takes over when a page says so.
import { accounts, openAccount } from "../store/database.ts";
import { alone, push } from "../wire/sync.ts";

declare const __VERSION__: string;
declare const __FILES__: string[];
declare const __LATER__: string[];

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
/** What is large or seldom needed: kept from when it was first fetched, over versions of the app. */
const LATER = "wangge-later";
const BUILT = "/static/field/built/";
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
      .then(forgetOldParts)
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
  else if (path.startsWith("/static/")) event.respondWith(later(event));
});

async function kept(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

/** Pictures that a page has put aside, and parts of the app, which are put aside here. */
async function later(event: Fetching): Promise<Response> {
  const cache = await caches.open(LATER);
  const found = await cache.match(event.request.url);
  if (found) return found;
  const answer = await fetch(event.request);
  if (answer.ok && new URL(event.request.url).pathname.startsWith(BUILT)) {
    // A phone without room goes on without.
    event.waitUntil(cache.put(event.request.url, answer.clone()).catch(() => {}));
  }
  return answer;
}

/** Parts that this version has no more. */
async function forgetOldParts(): Promise<void> {
  const cache = await caches.open(LATER);
  for (const { url } of await cache.keys()) {
    const path = new URL(url).pathname;
    if (path.startsWith(BUILT) && !__LATER__.includes(path)) await cache.delete(url);
  }
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
