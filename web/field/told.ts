// What the phone says for a moment, such as that something is saved.
import { ref } from "vue";

export const told = ref("");
let timer: ReturnType<typeof setTimeout> | undefined;

export function tell(text: string): void {
  told.value = text;
  clearTimeout(timer);
  timer = setTimeout(() => {
    told.value = "";
  }, 3500);
}
