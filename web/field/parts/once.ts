// A tap that is worked on is not begun again: two quick ones write once.
import { type Ref, ref } from "vue";
import { isFull } from "../engine/outbox.ts";

/** Why nothing was written: the phone is full, or something that its worker cannot mend. */
export type NotDone = "" | "full" | "other";

/**
 * `run` does `work`, and ignores what comes while it does. When it fails `fault` says so until the next try; what nobody foresaw
 * goes on to whoever looks at errors.
 */
export function once<Given extends unknown[], Result>(
  work: (...given: Given) => Promise<Result>,
): { run: (...given: Given) => Promise<Result | undefined>; busy: Ref<boolean>; fault: Ref<NotDone> } {
  const busy = ref(false);
  const fault = ref<NotDone>("");
  async function run(...given: Given): Promise<Result | undefined> {
    if (busy.value) return undefined;
    busy.value = true;
    fault.value = "";
    try {
      return await work(...given);
    } catch (problem) {
      fault.value = isFull(problem) ? "full" : "other";
      if (fault.value === "other") throw problem;
      return undefined;
    } finally {
      busy.value = false;
    }
  }
  return { run, busy, fault };
}
