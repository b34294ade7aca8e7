// Door plates. A phone keeps no plate's code, only what follows from it: it can tell that a code belongs to a door, and cannot claim
// to have stood where nobody has read one.

/** What a reader saw or a thumb typed, as the codes that it may be: alone, or within an address that ends in one. */
export function codesIn(read: string): string[] {
  const text = read.normalize("NFKC").trim();
  const pieces = [text];
  const address = /^[a-z]+:\/\/[^/?#]*([^?#]*)\??([^#]*)#?(.*)$/i.exec(text);
  if (address) {
    const [, path = "", asked = "", mark = ""] = address;
    pieces.push(path.split("/").filter(Boolean).at(-1) ?? "", mark);
    for (const each of asked.split("&")) pieces.push(each.split("=").at(1) ?? "");
  }
  const found: string[] = [];
  for (const piece of pieces) {
    for (const code of [piece, piece.toUpperCase(), piece.toUpperCase().replace(/[\s-]/g, "")]) {
      if (code && code.length <= 20 && !found.includes(code)) found.push(code);
    }
  }
  return found;
}

/** As the server makes it of a plate's code. */
export async function plateDigest(code: string): Promise<string> {
  const bytes = new TextEncoder().encode(`wangge door plate ${code}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Which of these digests what was read belongs to, and by which code. */
export async function plateAmong(
  read: string,
  digests: ReadonlySet<string>,
): Promise<{ code: string; digest: string } | null> {
  for (const code of codesIn(read)) {
    const digest = await plateDigest(code);
    if (digests.has(digest)) return { code, digest };
  }
  return null;
}
