// The patrol that runs on this phone. Its track is kept only while the shift runs and only from when its worker started it; it lies
// on the disk sealed as a form that is half filled, until the patrol ends with the shift or by hand.
import { ref, watch } from "vue";
import { newId } from "../../engine/ids.ts";
import { isOver, type TrackPoint, withFix } from "../../engine/track.ts";
import {
  command,
  draft,
  dropDraft,
  keepDraft,
  phone,
  save,
  tellErased,
  turnShift as turn,
} from "../../phone.ts";

export interface Patrol {
  id: string;
  shift: string;
  /** When it began, by this phone's clock. */
  at: string;
  note: string;
  track: TrackPoint[];
}

export const DRAFT = "patrol";
const LONGEST_SHIFT_MS = 24 * 3_600_000;

export const patrol = ref<Patrol | null>(null);
/** `off`: no position is taken. */
export const tracking = ref<"off" | "waiting" | "on" | "denied">("off");
let watching: number | null = null;
/** The phone was locked while a track was kept: it goes on when its worker has unlocked it. A page that is loaded anew asks again. */
let goesOn = false;

watch(
  () => [phone.stage, phone.account?.id] as const,
  ([stage, account], before) => {
    if (account !== before?.[1]) goesOn = false;
    if (stage === "open") void readIn();
    else forget();
  },
  { immediate: true },
);

async function readIn(): Promise<void> {
  const kept = await draft<Patrol>(DRAFT);
  if (!kept || phone.stage !== "open") return;
  patrol.value = kept;
  if (kept.track.length && isOver(kept.at, Date.now())) {
    // The phone was not opened for a month: its track goes before anybody sees it.
    await eraseTrack();
    await tellErased(phone.tracksErased + 1);
  }
  if (goesOn && phone.shift?.id === kept.shift) startTrack();
  goesOn = false;
}

function forget(): void {
  goesOn = goesOn || tracking.value === "on" || tracking.value === "waiting";
  stopTrack();
  patrol.value = null;
}

export async function startPatrol(): Promise<void> {
  if (!phone.shift || patrol.value) return;
  patrol.value = {
    id: newId(),
    shift: phone.shift.id,
    at: command("patrol.record", {}).at,
    note: "",
    track: [],
  };
  await keep();
}

export async function keep(): Promise<void> {
  if (patrol.value) await keepDraft(DRAFT, JSON.parse(JSON.stringify(patrol.value)));
}

export function startTrack(): void {
  if (!patrol.value || phone.shift?.id !== patrol.value.shift || watching !== null) return;
  tracking.value = "waiting";
  watching = navigator.geolocation.watchPosition(
    ({ coords }) => taken(coords),
    (fault) => {
      if (fault.code !== fault.PERMISSION_DENIED) return;
      stopTrack();
      tracking.value = "denied";
    },
    { enableHighAccuracy: true, maximumAge: 5_000 },
  );
}

export function stopTrack(): void {
  if (watching !== null) navigator.geolocation.clearWatch(watching);
  watching = null;
  tracking.value = "off";
}

function taken(coords: GeolocationCoordinates): void {
  const now = patrol.value;
  if (!now || watching === null) return;
  const since = Date.now() - Date.parse(now.at);
  // Nobody works for so long: the shift was forgotten, and with it the track.
  if (phone.shift?.id !== now.shift || since > LONGEST_SHIFT_MS) return void endPatrol();
  tracking.value = "on";
  const fix = {
    lon: coords.longitude,
    lat: coords.latitude,
    accuracy: coords.accuracy,
    seconds: since / 1000,
  };
  const track = withFix(now.track, fix);
  if (track === now.track) return;
  patrol.value = { ...now, track };
  void keep();
}

/** The running patrol as a command; null when there is none. */
function ended(): ReturnType<typeof command> | null {
  const now = patrol.value;
  if (!now) return null;
  stopTrack();
  const record = command("patrol.record", {});
  const { id, shift, at, note, track } = now;
  record.data = { patrol: id, shift, started_at: at, ended_at: record.at, note: note.trim(), points: track };
  return record;
}

export async function endPatrol(): Promise<void> {
  const record = ended();
  if (!record) return;
  await save([{ command: record }], DRAFT);
  patrol.value = null;
}

/** Takes nothing of it along. */
export async function dropPatrol(): Promise<void> {
  stopTrack();
  patrol.value = null;
  await dropDraft(DRAFT);
}

/** Takes the way so far off this phone; the patrol goes on without it. */
export async function eraseTrack(): Promise<void> {
  stopTrack();
  if (!patrol.value) return;
  patrol.value = { ...patrol.value, track: [] };
  await keep();
}

/** Begins a shift, or ends it together with the patrol that runs. */
export async function turnShift(): Promise<void> {
  const record = phone.shift ? ended() : null;
  await turn(record ? [{ command: record }] : [], record ? DRAFT : null);
  if (record) patrol.value = null;
}

/** Where the patrol is now, if its track has told it within the last minutes. */
export function lately(): { lon: number; lat: number } | null {
  const last = patrol.value?.track.at(-1);
  if (!patrol.value || !last) return null;
  const since = (Date.now() - Date.parse(patrol.value.at)) / 1000 - last[2];
  return since < 180 ? { lon: last[0], lat: last[1] } : null;
}
