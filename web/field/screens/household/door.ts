// The door that was picked: whether the register knows it, who lives behind it, and how a new home there is written down.
import { newId } from "../../engine/ids.ts";
import type { Faults } from "../../engine/register.ts";
import type { Shown } from "../../engine/view.ts";
import { recordsOf } from "../../phone.ts";
import { gridOfSpot, gridsToLiveIn, homes } from "../homes.ts";
import type { Place } from "./door-picker.vue";

export const emptyPlace = (): Place => ({
  building: "",
  fresh: false,
  name: "",
  area: "",
  door: "",
  lon: null,
  lat: null,
});

/** The grid of a new building, as far as the phone can tell. */
export function gridOf({ lon, lat }: Place): string {
  return gridOfSpot(lon !== null && lat !== null ? { lon, lat } : null, gridsToLiveIn.value);
}

/** The dwelling behind this door, if it is known. */
export function dwellingAt(place: Place): Shown | undefined {
  const door = place.door.trim();
  if (place.fresh) return undefined;
  return recordsOf("dwelling").find(
    (each) => each.fields.building === place.building && String(each.fields.door) === door,
  );
}

export function homesAt(place: Place): (typeof homes.value)[number][] {
  const dwelling = dwellingAt(place)?.id;
  return dwelling ? homes.value.filter((home) => home.record.fields.dwelling === dwelling) : [];
}

export function placeFaults(place: Place): Faults {
  const faults: Faults = {};
  if (!place.building || (place.fresh && !place.name.trim())) faults.building = "building";
  if (!place.door.trim() && !place.fresh) faults.door = "door";
  return faults;
}

/** Where a new household lives, as `household.add` says it. */
export function placeTold(place: Place): Record<string, string | number> {
  const known = dwellingAt(place);
  if (known) return { dwelling: known.id };
  const { building, fresh, name, area, door, lon, lat } = place;
  return {
    dwelling: newId(),
    building,
    door: door.trim(),
    ...(fresh ? { building_name: name.trim(), area: area || gridOf(place) } : {}),
    ...(lon !== null && lat !== null ? { lon, lat } : {}),
  };
}
