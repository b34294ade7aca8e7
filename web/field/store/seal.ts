// What lies on the phone lies sealed. Two keys: the content key, which only the PIN and the server's half together unlock and
// which is forgotten in the background, seals records and drafts; the sending key, which the browser keeps and gives to no
// script, seals what waits to be sent, so that it can leave the phone also while that is locked.
export interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  bytes: ArrayBuffer;
}

/** The content key under the PIN's key, and that under the server's half. */
export interface Wrapped {
  salt: Uint8Array<ArrayBuffer>;
  rounds: number;
  inner: Uint8Array<ArrayBuffer>;
  outer: Sealed;
}

export const ROUNDS = 600_000;
const AES = { name: "AES-GCM", length: 256 };

function random(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** A key that no script can read, and that IndexedDB can hold. */
export function newKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey(AES, false, ["encrypt", "decrypt"]);
}

export function keyFrom(raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", raw, AES, false, ["encrypt", "decrypt"]);
}

/** `bound`: what is not sealed, and must not be changed either. */
export async function sealBytes(key: CryptoKey, bytes: BufferSource, bound?: BufferSource): Promise<Sealed> {
  const iv = random(12);
  const how = bound ? { name: "AES-GCM", iv, additionalData: bound } : { name: "AES-GCM", iv };
  return { iv, bytes: await crypto.subtle.encrypt(how, key, bytes) };
}

/** Rejects with OperationError for another key, and for bytes that somebody changed. */
export function openBytes(key: CryptoKey, sealed: Sealed): Promise<ArrayBuffer> {
  return crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, key, sealed.bytes);
}

export function seal(key: CryptoKey, value: unknown): Promise<Sealed> {
  return sealBytes(key, new TextEncoder().encode(JSON.stringify(value)));
}

export async function open<T>(key: CryptoKey, sealed: Sealed): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await openBytes(key, sealed))) as T;
}

async function keyOfPin(pin: string, salt: Uint8Array<ArrayBuffer>, rounds: number): Promise<CryptoKey> {
  const typed = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, [
    "deriveKey",
  ]);
  return crypto.subtle.deriveKey(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds },
    typed,
    AES,
    false,
    ["encrypt", "decrypt"],
  );
}

/** A new content key and what is kept of it; `half` is the server's. */
export async function makeContentKey(
  pin: string,
  half: CryptoKey,
  rounds = ROUNDS,
): Promise<{ raw: Uint8Array<ArrayBuffer>; wrapped: Wrapped }> {
  const raw = random(32);
  return { raw, wrapped: await wrap(raw, pin, half, rounds) };
}

export async function wrap(
  raw: Uint8Array<ArrayBuffer>,
  pin: string,
  half: CryptoKey,
  rounds = ROUNDS,
): Promise<Wrapped> {
  const salt = random(16);
  const inner = await sealBytes(await keyOfPin(pin, salt, rounds), raw);
  return { salt, rounds, inner: inner.iv, outer: await sealBytes(half, inner.bytes) };
}

/** The content key's bytes; rejects for a wrong PIN. */
export async function unwrap(
  wrapped: Wrapped,
  pin: string,
  half: CryptoKey,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await openBytes(half, wrapped.outer);
  const key = await keyOfPin(pin, wrapped.salt, wrapped.rounds);
  return new Uint8Array(await openBytes(key, { iv: wrapped.inner, bytes }));
}

export async function digestOf(bytes: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
