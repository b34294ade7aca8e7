import { createApp } from "vue";
import "./field.css";
import App from "./app.vue";
import { phone, start } from "./phone.ts";

createApp(App).mount("#app");
void start();

if ("serviceWorker" in navigator) {
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
