// A form that writes itself down while it is filled in.
import { nextTick, onUnmounted, type Ref, ref, watch } from "vue";
import { isFull } from "../engine/outbox.ts";
import { type command, draft, dropDraft, keepDraft, type newBlob, phone, save } from "../phone.ts";

const PAUSE_MS = 250;

type Commands = { command: ReturnType<typeof command>; blobs?: Awaited<ReturnType<typeof newBlob>>[] }[];

/**
 * Keeps `form` under `name` from the first change on, and fills it from what was kept. `restored` says that something was there;
 * `drop` forgets it. `save` writes commands down and ends the draft in one step; where that fails it goes on, with all that was typed.
 */
export function useDraft<T extends object>(
  name: string,
  form: Ref<T>,
): {
  restored: Ref<boolean>;
  /** When what was kept is in the form. */
  ready: Promise<void>;
  drop: () => Promise<void>;
  save: (commands: Commands, instead?: string | null) => Promise<void>;
  restart: (empty: () => void) => void;
} {
  const restored = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  let writing: Promise<void> = Promise.resolve();
  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (!isOver) writing = keepDraft(name, plain(form.value)).catch(noted);
  };
  const ready = draft<T>(name).then((kept) => {
    if (kept) {
      // A draft of an older version, or one that another screen began, does not know every field.
      form.value = { ...form.value, ...revived(kept) };
      restored.value = true;
    }
    watch(
      form,
      () => {
        clearTimeout(timer);
        timer = setTimeout(write, PAUSE_MS);
      },
      { deep: true },
    );
  });
  const leaving = (): void => {
    if (timer !== undefined) write();
  };
  document.addEventListener("visibilitychange", leaving);
  onUnmounted(() => {
    leaving();
    document.removeEventListener("visibilitychange", leaving);
  });
  return {
    restored,
    ready,
    async drop() {
      isOver = true;
      clearTimeout(timer);
      await dropDraft(name);
    },
    async save(commands, instead = null) {
      isOver = true;
      clearTimeout(timer);
      timer = undefined;
      // What is still on its way to the disk would come back after the draft has gone.
      await writing.catch(() => {});
      try {
        await save(commands, name, instead);
      } catch (fault) {
        isOver = false;
        write();
        throw fault;
      }
    },
    /** It was saved, and the same screen begins with the next: what `empty` leaves is not written down. */
    restart(empty) {
      isOver = true;
      clearTimeout(timer);
      empty();
      restored.value = false;
      void nextTick().then(() => {
        clearTimeout(timer);
        timer = undefined;
        isOver = false;
      });
    },
  };
}

/** What is typed stays on the screen; the head of the page says that the phone is full. */
function noted(fault: unknown): void {
  if (!isFull(fault)) throw fault;
  phone.trouble = "full";
}

/** Photos in a draft are kept as text: what is sealed is JSON. */
function plain(value: object): unknown {
  return JSON.parse(
    JSON.stringify(value, (_name, each: unknown) =>
      each instanceof ArrayBuffer ? { base64: toText(new Uint8Array(each)) } : each,
    ),
  );
}

function revived<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_name, each: unknown) => {
    const text = (each as { base64?: unknown } | null)?.base64;
    return typeof text === "string"
      ? Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer
      : each;
  }) as T;
}

function toText(bytes: Uint8Array): string {
  let text = "";
  for (let from = 0; from < bytes.length; from += 0x8000)
    text += String.fromCharCode(...bytes.subarray(from, from + 0x8000));
  return btoa(text);
}
