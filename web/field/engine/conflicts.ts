// What waits for its owner's pick: commands of this phone that met another change, and what the server tells of the account's other
// phones, of a lost one or of the one before.
import type { Value } from "./merge.ts";
import type { Shown } from "./view.ts";

/** One field that was changed on both sides. */
export interface Side {
  was: Value;
  mine: Value;
  theirs: Value;
}

/** A command in the queue, as far as it tells of conflicts. */
export interface Sent {
  id: string;
  kind: string;
  state: string;
  command: { data: Record<string, unknown> };
  answer: { conflict?: string | null; fields?: Record<string, Side> } | null;
}

export interface Undecided {
  conflict: string;
  kind: string;
  /** The command in the queue that the pick takes the place of; null where it was written elsewhere. */
  entry: string | null;
  household: string;
  resident: string;
  fields: Record<string, Side>;
}

/**
 * Each once. What was picked waits to be sent and is shown no more; the server takes its record away when it is settled, so that a pick
 * which is refused and let go leaves the conflict where it was.
 */
export function undecided(queue: readonly Sent[], told: readonly Shown[]): Undecided[] {
  const own = queue.flatMap((each): Undecided[] => {
    const conflict = each.state === "conflict" ? each.answer?.conflict : null;
    const { household, resident } = each.command.data;
    return conflict
      ? [
          {
            conflict,
            kind: each.kind,
            entry: each.id,
            household: String(household ?? ""),
            resident: String(resident ?? ""),
            fields: each.answer?.fields ?? {},
          },
        ]
      : [];
  });
  const known = new Set(own.map((each) => each.conflict));
  for (const each of queue)
    if (each.kind === "conflict.settle" && each.state !== "conflict")
      known.add(String(each.command.data.conflict));
  const others = told.flatMap((each): Undecided[] => {
    if (known.has(each.id)) return [];
    const [noun, key] = String(each.fields.subject ?? "").split(":");
    return [
      {
        conflict: each.id,
        kind: String(each.fields.kind ?? ""),
        entry: null,
        household: noun === "household" ? (key ?? "") : "",
        resident: noun === "resident" ? (key ?? "") : "",
        fields: (each.fields.fields ?? {}) as unknown as Record<string, Side>,
      },
    ];
  });
  return [...own, ...others].filter((each) => Object.keys(each.fields).length > 0);
}
