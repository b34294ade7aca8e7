// What each worker sets for their own eyes: the language and how large the type is. It tells nothing about anybody, and holds also
// while the phone is locked.
import { computed, ref, shallowRef, watchEffect } from "vue";
import { type Words, zh } from "./words/zh.ts";

export type Language = "zh" | "en";
export type Size = "normal" | "large" | "largest";

function kept<T extends string>(name: string, among: readonly T[], otherwise: T): T {
  const found = localStorage.getItem(name);
  return among.find((each) => each === found) ?? otherwise;
}

export const language = ref<Language>(kept("wangge-language", ["zh", "en"], "zh"));
export const size = ref<Size>(kept("wangge-size", ["normal", "large", "largest"], "normal"));

const english = shallowRef<Words | null>(null);
export const words = computed<Words>(() => (language.value === "en" && english.value) || zh);

/** Most read Chinese, and wait for no other words: English is a file of its own, which is kept as all are. */
export async function readLanguage(): Promise<void> {
  if (language.value === "en") english.value ??= (await import("./words/en.ts")).en;
}

// Where it cannot be had, Chinese is shown until the next start.
watchEffect(() => void readLanguage().catch(() => {}));
watchEffect(() => {
  localStorage.setItem("wangge-language", language.value);
  localStorage.setItem("wangge-size", size.value);
  document.documentElement.lang = words.value === zh ? "zh-CN" : "en";
  document.documentElement.dataset.size = size.value;
});
