// Cases that are in this worker's hands: something can be done about them now.
import { computed } from "vue";
import type { Move, Reach } from "../../engine/steps.ts";
import type { Shown } from "../../engine/view.ts";
import { queue, record, recordsOf } from "../../phone.ts";

export function movesOf(task: Shown): Move[] {
  return (Array.isArray(task.fields.moves) ? task.fields.moves : []) as unknown as Move[];
}

/** To whom a case of its place could be given. */
export function reachOf(task: Shown): Reach | undefined {
  return record("reach", String(task.fields.area))?.fields as unknown as Reach | undefined;
}

/** The cases for which a step waits to be sent or to be settled. */
export const taken = computed(
  () =>
    new Set(
      queue.value
        .filter((each) => each.kind === "case.step" && each.state !== "refused")
        .map((each) => String(each.command.data.case)),
    ),
);

const HASTE = ["emergency", "urgent"];

/** Emergencies first, then what is urgent, then the rest. */
function haste({ fields }: Shown): number {
  const place = HASTE.indexOf(String(fields.urgency));
  return place < 0 ? HASTE.length : place;
}

const open = computed(() =>
  recordsOf("case")
    .filter((task) => movesOf(task).length > 0 && !taken.value.has(task.id))
    .sort(
      (one, other) =>
        haste(one) - haste(other) ||
        String(one.fields.due_at ?? "9").localeCompare(String(other.fields.due_at ?? "9")),
    ),
);

export const tasks = computed(() => open.value.filter((task) => !task.fields.closed_at));
/** What has ended and may be said to be mended or not, or opened again: the newest first. */
export const over = computed(() =>
  open.value
    .filter((task) => task.fields.closed_at)
    .sort((one, other) => String(other.fields.closed_at).localeCompare(String(one.fields.closed_at))),
);
