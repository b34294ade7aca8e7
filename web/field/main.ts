import { createApp, watch } from "vue";
import "./field.css";
import App from "./app.vue";
import { atRest } from "./here.ts";
import { readLanguage } from "./looks.ts";
import { phone, start } from "./phone.ts";

// The disk is asked first: it answers while the page is put together.
const started = start();
// Whoever reads English is shown no Chinese first.
void readLanguage()
  .catch(() => {})
  .then(() => createApp(App).mount("#app"));
void started;

const CLAIMED_WITHIN_MS = 3_000;

function keepApp(): void {
  navigator.serviceWorker
    .register("/field/sw.js", { scope: "/field/", updateViaCache: "none" })
    .then((kept) => {
      const waits = (): void => {
        // The first one has nobody to take over from.
        if (kept.waiting && navigator.serviceWorker.controller) phone.newVersion = true;
      };
      waits();
      kept.addEventListener("updatefound", () => kept.installing?.addEventListener("statechange", waits));
      setInterval(() => void kept.update().catch(() => {}), 30 * 60_000);
      return navigator.serviceWorker.ready;
    })
    .then(claimed)
    // Where an app cannot be kept, nobody waits for it.
    .catch(() => {})
    .finally(() => {
      phone.isKept = true;
    });
}

/** From then on a screen that was never opened is found without a signal. */
async function claimed(): Promise<void> {
  if (navigator.serviceWorker.controller) return;
  await new Promise((done) => {
    navigator.serviceWorker.addEventListener("controllerchange", done, { once: true });
    setTimeout(done, CLAIMED_WITHIN_MS);
  });
}

// The homes come before the rest of the app does, and before anybody asks for a newer one: both at once would be slower. Where
// nobody unlocks the phone, the newer app comes all the same.
const LOCKED_FOR_MS = 10_000;
if ("serviceWorker" in navigator) {
  phone.isKept = navigator.serviceWorker.controller !== null;
  if (phone.isKept) {
    let isAsked = false;
    const keepOnce = (): void => {
      if (!isAsked) keepApp();
      isAsked = true;
    };
    watch(
      () => phone.stage === "open",
      (is) => is && void atRest().then(keepOnce),
      { once: true },
    );
    setTimeout(keepOnce, LOCKED_FOR_MS);
  } else
    watch(
      () => phone.syncedAt > 0 || phone.homesAreHere,
      (is) => is && keepApp(),
      { once: true },
    );
}
