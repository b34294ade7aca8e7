// Where the worker stands, asked once and written into a form.
import type { Ref } from "vue";

/** Why no place was found: it may not be asked for, or nothing came. */
export type NoSpot = "" | "denied" | "none";

/** `busy` is true while the phone looks for the place; where it finds none, the form stays as it is and `untold` says why. */
export function writeSpot(
  form: Ref<{ lon: number | null; lat: number | null }>,
  busy: Ref<boolean>,
  untold?: Ref<NoSpot>,
): void {
  const done = (why: NoSpot): void => {
    busy.value = false;
    if (untold) untold.value = why;
  };
  busy.value = true;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      form.value.lon = Number(coords.longitude.toFixed(6));
      form.value.lat = Number(coords.latitude.toFixed(6));
      done("");
    },
    ({ code, PERMISSION_DENIED }) => done(code === PERMISSION_DENIED ? "denied" : "none"),
    { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 },
  );
}
