// What is large and nobody's secret: pictures, the key to plants, a model. Kept as answers under their addresses; the worker gives
// out what lies under /static/ by itself.
const NAME = "wangge-later";

export async function keptAnswer(address: string): Promise<Response | undefined> {
  return (await caches.open(NAME)).match(address);
}

export async function keepAnswer(address: string, answer: Response): Promise<void> {
  await (await caches.open(NAME)).put(address, answer);
}

/** Drops what begins so and is not among these. */
export async function dropAnswers(beginning: string, but: readonly string[]): Promise<void> {
  const cache = await caches.open(NAME);
  for (const { url } of await cache.keys()) {
    const address = url.slice(location.origin.length);
    if (address.startsWith(beginning) && !but.includes(address)) await cache.delete(url);
  }
}
