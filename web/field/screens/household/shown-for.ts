// Numbers that somebody gave a reason to see: each is hidden again after its own time.
import { type Ref, ref } from "vue";

export function shownFor(milliseconds: number): {
  shown: Ref<Record<string, string>>;
  show(id: string, number: string): void;
  hideAll(): void;
} {
  const shown = ref<Record<string, string>>({});
  const timers = new Map<string, ReturnType<typeof setTimeout>>();

  function hide(id: string): void {
    timers.delete(id);
    const { [id]: _hidden, ...left } = shown.value;
    shown.value = left;
  }

  function show(id: string, number: string): void {
    clearTimeout(timers.get(id));
    shown.value = { ...shown.value, [id]: number };
    timers.set(
      id,
      setTimeout(() => hide(id), milliseconds),
    );
  }

  function hideAll(): void {
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
    shown.value = {};
  }

  return { shown, show, hideAll };
}
