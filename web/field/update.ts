// A new version takes over between two screens, never inside a form: when somebody asks for it, and by itself while the phone is
// locked, where the PIN has to be typed in any case.
import { type Ref, watch } from "vue";

export async function takeNewVersion(isBetween: Ref<boolean>): Promise<void> {
  const kept = await navigator.serviceWorker.getRegistration("/field/");
  if (!kept?.waiting) return;
  navigator.serviceWorker.addEventListener(
    "controllerchange",
    // Meanwhile somebody may have opened a form: then when that is done.
    () => watch(isBetween, (is) => is && location.reload(), { immediate: true }),
    { once: true },
  );
  kept.waiting.postMessage("take-over");
}
