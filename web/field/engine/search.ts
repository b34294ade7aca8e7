// Finding a home by what a worker knows of it: a name, a door, the last four of a telephone number.
export interface Findable {
  id: string;
  door: string;
  names: string[];
  tails: string[];
}

/** Without blanks and marks, small letters, full-width digits as plain ones. */
export function plain(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s\-—–_,，.。、·#号楼栋幢单元室]/gu, "");
}

export interface Prepared {
  id: string;
  door: string;
  names: string[];
  tails: string[];
}

export function prepare(home: Findable): Prepared {
  return { id: home.id, door: plain(home.door), names: home.names.map(plain), tails: home.tails };
}

/** Ids, the best first: a name that begins so, the end of a telephone number, a door, any part of a name. */
export function found(homes: Prepared[], typed: string, most = 200): string[] {
  const wanted = plain(typed);
  if (!wanted) return homes.slice(0, most).map((home) => home.id);
  const isTail = /^\d{4}$/.test(wanted);
  const ranks: [number, string][] = [];
  for (const home of homes) {
    const rank = rankOf(home, wanted, isTail);
    if (rank < 9) ranks.push([rank, home.id]);
  }
  return ranks
    .sort((one, other) => one[0] - other[0])
    .slice(0, most)
    .map(([, id]) => id);
}

function rankOf(home: Prepared, wanted: string, isTail: boolean): number {
  if (isTail && home.tails.includes(wanted)) return 0;
  if (home.door.endsWith(wanted)) return 1;
  if (home.names.some((name) => name.startsWith(wanted))) return 2;
  if (home.door.includes(wanted)) return 3;
  if (home.names.some((name) => name.includes(wanted))) return 4;
  return 9;
}
