// What stands on the map of the grid: doors, places to check, open cases.
import { computed } from "vue";
import { nameOf } from "../../engine/homes.ts";
import type { Point } from "../../engine/round.ts";
import type { Mark } from "../../parts/area-map.vue";
import { recordsOf } from "../../phone.ts";
import { dueToday, homes } from "../homes.ts";
import { places } from "../places/places.ts";

export interface Spot extends Mark {
  name: string;
  /** The address of its screen. */
  link: string;
}

/** Told apart by more than their colour. */
export const PLACE = "✓";
export const CASE = "!";

function placed(fields: Record<string, unknown>): Point | null {
  const { lon, lat } = fields;
  return typeof lon === "number" && typeof lat === "number" ? { lon, lat } : null;
}

export const spots = computed<Spot[]>(() => {
  const due = new Set(dueToday.value.map((home) => home.id));
  const found: Spot[] = [];
  for (const home of homes.value) {
    if (!home.at) continue;
    const name = `${home.place}${home.door} ${nameOf(home)}`;
    const kind = due.has(home.id) ? "due" : "home";
    found.push({ id: home.id, at: home.at, label: "", kind, name, link: `#/home/${home.id}` });
  }
  for (const place of places.value) {
    const at = placed(place.fields);
    if (!at) continue;
    const name = String(place.fields.name);
    found.push({ id: place.id, at, label: PLACE, kind: "place", name, link: `#/place/${place.id}` });
  }
  for (const task of recordsOf("case")) {
    const at = placed(task.fields);
    if (!at || task.fields.closed_at) continue;
    const name = String(task.fields.title);
    found.push({ id: task.id, at, label: CASE, kind: "case", name, link: `#/task/${task.id}` });
  }
  return found;
});

/** Boundaries that lie on the phone: of the grids, else of the community. */
export const outlines = computed<unknown[]>(() => {
  const areas = recordsOf("area").filter((area) => area.fields.boundary);
  const grids = areas.filter((area) => area.fields.level === "grid");
  return (grids.length ? grids : areas).map((area) => area.fields.boundary);
});
