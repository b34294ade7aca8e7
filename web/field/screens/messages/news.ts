// What was said about the worker's cases: by the desk, by others, and by themselves, also what is not sent yet.
import { computed } from "vue";
import type { Shown } from "../../engine/view.ts";
import { phone, queue, recordsOf, rightly, seenMessages } from "../../phone.ts";

export interface Message {
  id: string;
  /** An audience of a note, or the verb of the step that these words came with. */
  what: string;
  text: string;
  by: string;
  mine: boolean;
  at: number;
  waits: boolean;
}

interface Told {
  id: string;
  what: string;
  text: string;
  by: string;
  mine: boolean;
  at: string;
}

function toldOf(task: Shown): Message[] {
  const told = (Array.isArray(task.fields.messages) ? task.fields.messages : []) as unknown as Told[];
  return told.map((each) => ({ ...each, at: Date.parse(each.at), waits: false }));
}

/** Oldest first. */
export function messagesOf(task: Shown): Message[] {
  const told = toldOf(task);
  const known = new Set(told.map((each) => each.id));
  const waiting = queue.value
    .filter(
      (each) => each.kind === "note.add" && each.command.data.case === task.id && !known.has(each.command.id),
    )
    .map((each) => ({
      id: each.command.id,
      what: String(each.command.data.audience ?? "staff"),
      text: String(each.command.data.text),
      by: phone.account?.name ?? "",
      mine: true,
      at: rightly(each.command.at),
      waits: true,
    }));
  return [...told, ...waiting].sort((one, other) => one.at - other.at);
}

export interface Talk {
  task: Shown;
  /** Newest first. */
  messages: Message[];
}

/** Cases about which something was said, the one that was spoken of last first. */
export const talks = computed<Talk[]>(() =>
  recordsOf("case")
    .map((task) => ({ task, messages: messagesOf(task).reverse() }))
    .filter((talk) => talk.messages.length)
    .sort((one, other) => (other.messages[0]?.at ?? 0) - (one.messages[0]?.at ?? 0)),
);

/** Those of others that its owner has not looked at. */
export const news = computed<string[]>(() =>
  recordsOf("case")
    .flatMap(toldOf)
    .filter((each) => !each.mine && !seenMessages.value.has(each.id))
    .map((each) => each.id),
);

/** All that lie here. */
export const known = computed<string[]>(() =>
  recordsOf("case")
    .flatMap(toldOf)
    .map((each) => each.id),
);
