import { createApp, watch } from "vue";
import "./field.css";
import App from "./app.vue";
import { phone, start } from "./phone.ts";

createApp(App).mount("#app");
void start();

function keepApp(): void {
  void navigator.serviceWorker
    .register("/field/sw.js", { scope: "/field/", updateViaCache: "none" })
    .then((kept) => {
      const waits = (): void => {
        // The first one has nobody to take over from.
        if (kept.waiting && navigator.serviceWorker.controller) phone.newVersion = true;
      };
      waits();
      kept.addEventListener("updatefound", () => kept.installing?.addEventListener("statechange", waits));
      setInterval(() => void kept.update().catch(() => {}), 30 * 60_000);
    });
}

// The first time the homes come before the rest of the app does: both at once would be twice as slow. Later there is no time to lose.
if ("serviceWorker" in navigator) {
  const isFilled = (): boolean => phone.syncedAt > 0 || phone.homesAreHere;
  if (navigator.serviceWorker.controller) keepApp();
  else watch(isFilled, (is) => is && keepApp(), { once: true });
}
