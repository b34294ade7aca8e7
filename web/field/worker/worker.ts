// Keeps the app on the phone and opens it without a signal; sends what waits when there is one again, also while no page is open.
// A new version is fetched beside the old one and takes over when a page says so.
import { type News, sendAll } from "./sending.ts";

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
  clients: { claim(): Promise<void>; matchAll(): Promise<{ postMessage(told: unknown): void }[]> };
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
      .then(forgetOldVersions)
      .then(forgetOldParts)
      .then(() => scope.clients.claim()),
  );
});

scope.addEventListener("message", (event: MessageEvent & Extendable) => {
  if (event.data === "take-over") void scope.skipWaiting();
  // A page that nobody has unlocked cannot ask for itself.
  if (event.data === "send") event.waitUntil(sendAll(tellPages, true).catch(() => {}));
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
  // A page of the version before, in which a form is open, still finds its own parts.
  const found = (await cache.match(event.request.url)) ?? (await caches.match(event.request.url));
  if (found) return found;
  const answer = await fetch(event.request);
  if (answer.ok && new URL(event.request.url).pathname.startsWith(BUILT)) {
    // A phone without room goes on without.
    event.waitUntil(cache.put(event.request.url, answer.clone()).catch(() => {}));
  }
  return answer;
}

/** The version before stays one change longer: another page of it may be open, in the middle of a form. */
async function forgetOldVersions(names: string[]): Promise<void> {
  const old = names.filter((name) => name.startsWith("wangge-field-") && name !== CACHE);
  // In the order in which they were made.
  for (const name of old.slice(0, -1)) await caches.delete(name);
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
  if (event.tag === "push") event.waitUntil(sendAll(tellPages, false));
});

async function tellPages(news: News): Promise<void> {
  for (const page of await scope.clients.matchAll()) page.postMessage(news);
}
