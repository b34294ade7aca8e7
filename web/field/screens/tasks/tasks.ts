// Cases that are in this worker's hands: something can be done about them now.
import { computed } from "vue";
import type { Shown } from "../../engine/view.ts";
import { queue, recordsOf } from "../../phone.ts";

export interface Move {
  step: string;
  needs: string[];
}

export function movesOf(task: Shown): Move[] {
  const offered = (Array.isArray(task.fields.moves) ? task.fields.moves : []) as unknown as Move[];
  return offered.filter((move) => KNOWN.has(move.step));
}

/** Steps that a worker takes on the phone; the rest are for a desk. */
const KNOWN = new Set(["accept", "handle", "verify", "close", "return", "escalate", "suspend", "resume"]);
const OPEN = new Set([
  "reported",
  "accepted",
  "dispatched",
  "handled",
  "verified",
  "suspended",
  "returned",
  "reopened",
]);

export const tasks = computed(() => {
  const taken = new Set(
    queue.value.filter((each) => each.kind === "case.step").map((each) => String(each.command.data.case)),
  );
  return recordsOf("case")
    .filter(
      (task) =>
        (OPEN.has(String(task.fields.state)) || !task.fields.closed_at) &&
        movesOf(task).length > 0 &&
        !taken.has(task.id),
    )
    .sort((one, other) => String(one.fields.due_at ?? "9").localeCompare(String(other.fields.due_at ?? "9")));
});
