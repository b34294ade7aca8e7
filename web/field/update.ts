// A new version takes over between two screens, never inside a form: when somebody asks for it, or when the phone is unlocked.
export async function takeNewVersion(): Promise<void> {
  const kept = await navigator.serviceWorker.getRegistration("/field/");
  if (!kept?.waiting) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  kept.waiting.postMessage("take-over");
}
