// What each worker sets for their own eyes: the language and how large the type is. It tells nothing about anybody, and holds also
// while the phone is locked.
import { computed, ref, watchEffect } from "vue";
import { en } from "./words/en.ts";
import { type Words, zh } from "./words/zh.ts";

export type Language = "zh" | "en";
export type Size = "normal" | "large" | "largest";

function kept<T extends string>(name: string, among: readonly T[], otherwise: T): T {
  const found = localStorage.getItem(name);
  return among.find((each) => each === found) ?? otherwise;
}

export const language = ref<Language>(kept("wangge-language", ["zh", "en"], "zh"));
export const size = ref<Size>(kept("wangge-size", ["normal", "large", "largest"], "normal"));
export const words = computed<Words>(() => (language.value === "en" ? en : zh));

watchEffect(() => {
  localStorage.setItem("wangge-language", language.value);
  localStorage.setItem("wangge-size", size.value);
  document.documentElement.lang = language.value === "en" ? "en" : "zh-CN";
  document.documentElement.dataset.size = size.value;
});
