// Where the worker stands, asked once and written into a form.
import type { Ref } from "vue";

/** `busy` is true while the phone looks for the place; where it finds none, the form stays as it is. */
export function writeSpot(form: Ref<{ lon: number | null; lat: number | null }>, busy: Ref<boolean>): void {
  busy.value = true;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      form.value.lon = Number(coords.longitude.toFixed(6));
      form.value.lat = Number(coords.latitude.toFixed(6));
      busy.value = false;
    },
    () => {
      busy.value = false;
    },
    { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 },
  );
}
