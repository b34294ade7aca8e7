// Two hands on one record. A change names what each field was and what it is now; fields changed on one side only merge.
export type Value = string | number | boolean | null | Value[] | { [name: string]: Value };
export type Fields = Record<string, Value>;
export interface Change {
  was: Value;
  is: Value;
}
export type Changes = Record<string, Change>;

export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (one === null || other === null || typeof one !== "object" || typeof other !== "object") return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const left = one as Record<string, unknown>;
  const right = other as Record<string, unknown>;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => name in right && same(left[name], right[name]))
  );
}

/** The fields of `after` that differ from `before`. */
export function changesBetween(before: Fields, after: Fields): Changes {
  const changes: Changes = {};
  for (const [name, is] of Object.entries(after)) {
    const was = before[name] ?? null;
    if (!same(was, is)) changes[name] = { was, is };
  }
  return changes;
}

/** The record as it reads with these changes. What another changed to the same is no conflict; what differs is told. */
export function merged(kept: Fields, changes: Changes): { fields: Fields; conflicts: string[] } {
  const fields = { ...kept };
  const conflicts: string[] = [];
  for (const [name, { was, is }] of Object.entries(changes)) {
    const now = kept[name] ?? null;
    if (!same(now, was) && !same(now, is)) conflicts.push(name);
    fields[name] = is;
  }
  return { fields, conflicts };
}
