// A form that writes itself down while it is filled in.
import { nextTick, onUnmounted, type Ref, ref, watch } from "vue";
import { draft, dropDraft, keepDraft } from "../phone.ts";

const PAUSE_MS = 250;

/**
 * Keeps `form` under `name` from the first change on, and fills it from what was kept. `restored` says that something was there;
 * `drop` forgets it; call `end` when the form was saved, before its values change again.
 */
export function useDraft<T extends object>(
  name: string,
  form: Ref<T>,
): {
  restored: Ref<boolean>;
  /** When what was kept is in the form. */
  ready: Promise<void>;
  drop: () => Promise<void>;
  end: () => void;
  restart: (empty: () => void) => void;
} {
  const restored = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (!isOver) void keepDraft(name, plain(form.value));
  };
  const ready = draft<T>(name).then((kept) => {
    if (kept) {
      form.value = revived(kept);
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
    end() {
      isOver = true;
      clearTimeout(timer);
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
