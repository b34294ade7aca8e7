// The script of maps, loaded by maps.ts. It draws the areas' boundaries from tiles, cases from the squares in which the server
// counted them, and follows the attributes of its element: what a page changes there is drawn without another load.
import {
  AttributionControl,
  type GeoJSONSource,
  Map as LibreMap,
  type MapMouseEvent,
  Marker,
  NavigationControl,
  Popup,
  ScaleControl,
  setWorkerUrl,
} from "maplibre-gl";
import "./map.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { addBasemap } from "./basemap";
import { type Counted, caseLayers, EMPTY, type Found, spots, squares } from "./cases-on-map";
import { fromGcj02, type Place, toGcj02 } from "./datum";
import { startMapPage } from "./map-page";
import { areaLayers, FONTS, styleOf } from "./map-style";

setWorkerUrl(workerUrl);

// From here on single cases are drawn instead of squares.
const SINGLE_ZOOM = 14.5;
// What others do is drawn some seconds later, not on all maps in the same moment, and all squares are asked for again this rarely.
const LATER = 4_000;
const SPREAD = 3_000;
const LEAST_BETWEEN = 30_000;
// A machine that draws so slowly while the map moves (without a graphics processor, letters cost most) moves it without them.
const SLOW_FRAME = 50;
const SLOW_FRAMES = 4;
const LETTERS_AFTER = 200;

type Frame = [west: number, south: number, east: number, north: number];

function numbers(text: string | undefined): number[] {
  return (text ?? "").split(",").filter(Boolean).map(Number);
}

function placeOf(point: { geometry: unknown }): Place {
  return (point.geometry as { coordinates: Place }).coordinates;
}

export function openMap(host: HTMLElement): void {
  try {
    new LiveMap(host);
  } catch (error) {
    // Without WebGL the picture stays, which holds the same.
    console.info(String(error));
    host.querySelector(".live-map-canvas")?.remove();
    delete host.dataset.mapOpen;
  }
}

class LiveMap {
  private readonly map: LibreMap;
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)");
  private readonly pin: Marker;
  private popup: Popup | null = null;
  private asked = new AbortController();
  private asking = "";
  private loaded: { query: string; frame: Frame; whole: boolean } | null = null;
  private refresh = 0;
  private refreshed = Number.NEGATIVE_INFINITY;
  private slow = false;
  private frames: number[] = [];
  private letters = 0;

  constructor(private readonly host: HTMLElement) {
    const canvas = document.createElement("div");
    canvas.className = "live-map-canvas";
    host.append(canvas);
    host.dataset.mapOpen = "";
    const start = this.placed();
    this.map = new LibreMap({
      container: canvas,
      style: styleOf(host.dataset),
      ...("bounds" in start ? { bounds: start.bounds, fitBoundsOptions: { padding: 16 } } : start),
      locale: JSON.parse(host.dataset.words ?? "{}"),
      localIdeographFontFamily: FONTS.join(","),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxPitch: 0,
      maxZoom: 19,
      minZoom: 2,
      // Where names may stand is found again after so long while the map moves; without a duration, in every frame.
      fadeDuration: 300,
      renderWorldCopies: false,
      pixelRatio: Math.min(devicePixelRatio, 2),
      cooperativeGestures: false,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    this.map.addControl(new ScaleControl({ maxWidth: 110 }), "bottom-left");
    if (host.dataset.attribution)
      this.map.addControl(
        new AttributionControl({ customAttribution: host.dataset.attribution, compact: false }),
        "bottom-right",
      );
    const cross = document.createElement("div");
    cross.className = "live-map-cross";
    canvas.append(cross);
    const dot = document.createElement("div");
    dot.className = "live-map-pin";
    this.pin = new Marker({ element: dot });
    this.map.on("load", () => void this.begin());
    this.map.getCanvas().addEventListener("keydown", (event) => this.pressed(event));
    startMapPage(host, (bounds) => this.goTo(bounds));
    Object.assign(host, { liveMap: this.map });
  }

  // Where the map begins: the place in the address, the bounds of the page, else the point.
  private placed(): { center: Place; zoom: number } | { bounds: [number, number, number, number] } {
    const [lat, lon, zoom] = numbers(new URLSearchParams(location.search).get("at") ?? "");
    if ("address" in this.host.dataset && lat !== undefined && lon !== undefined && zoom !== undefined)
      return { center: this.shown([lon, lat]), zoom };
    const [west, south, east, north] = numbers(this.host.dataset.bounds);
    if (west !== undefined && south !== undefined && east !== undefined && north !== undefined)
      return { bounds: [...this.shown([west, south]), ...this.shown([east, north])] };
    const [x, y] = numbers(this.host.dataset.point);
    return { center: this.shown([x ?? 105, y ?? 35]), zoom: x === undefined ? 3 : 15 };
  }

  private goTo(bounds: string): void {
    const [west = 0, south = 0, east = 0, north = 0] = numbers(bounds);
    this.map.fitBounds([...this.shown([west, south]), ...this.shown([east, north])], {
      padding: 16,
      animate: !this.still.matches,
      duration: 500,
    });
  }

  private get shifted(): boolean {
    return this.host.dataset.datum === "gcj02";
  }

  private shown(place: Place): Place {
    return this.shifted ? toGcj02(place) : place;
  }

  private meant(place: Place): Place {
    return this.shifted ? fromGcj02(place) : place;
  }

  private async begin(): Promise<void> {
    await addBasemap(this.map, this.host.dataset);
    for (const layer of areaLayers(this.host.dataset)) this.map.addLayer(layer);
    this.map.addSource("squares", {
      type: "geojson",
      data: EMPTY,
      cluster: true,
      clusterRadius: 44,
      clusterMaxZoom: 18,
      clusterProperties: { n: ["+", ["get", "n"]], overdue: ["+", ["get", "overdue"]] },
      maxzoom: 19,
    });
    this.map.addSource("heat", { type: "geojson", data: EMPTY, maxzoom: 14, buffer: 32 });
    this.map.addSource("spots", {
      type: "geojson",
      data: EMPTY,
      cluster: true,
      clusterRadius: 26,
      clusterMaxZoom: 17,
      clusterProperties: { n: ["+", 1], overdue: ["+", ["case", ["==", ["get", "late"], "overdue"], 1, 0]] },
    });
    // Names stay readable above what is warm.
    const name = this.map.getStyle().layers.find((layer) => layer.id.startsWith("name-"))?.id;
    for (const layer of caseLayers(SINGLE_ZOOM))
      this.map.addLayer(layer, layer.type === "heatmap" ? name : undefined);
    this.follow();
    new MutationObserver(() => this.follow()).observe(this.host, {
      attributeFilter: ["data-cases", "data-heat", "data-levels", "data-area", "data-point"],
    });
    this.map.on("moveend", () => this.moved());
    this.map.on("movestart", () => this.withoutLetters());
    this.map.on("render", () => this.timed());
    this.map.on("moveend", () => this.withLetters());
    this.map.on("click", (event) => void this.clicked(event));
    this.map.on("mousemove", (event) => {
      if (!this.host.dataset.pick)
        this.map.getCanvas().style.cursor = this.caseAt(event.point).length ? "pointer" : "";
    });
    document.addEventListener("wangge:case", () => this.later());
    for (const field of this.fields()) field?.addEventListener("change", () => this.pinFields());
    this.pinFields();
    this.moved();
    this.map.once("idle", () => {
      this.host.dataset.mapOpen = "whole";
      this.host.dispatchEvent(new CustomEvent("wangge:map-open", { bubbles: true }));
    });
  }

  private timed(): void {
    if (this.slow || !this.map.isMoving()) return;
    this.frames.push(performance.now());
    if (this.frames.length <= SLOW_FRAMES) return;
    const [first = 0] = this.frames.splice(0, 1);
    if ((this.frames.at(-1) ?? 0) - first < SLOW_FRAME * SLOW_FRAMES) return;
    this.slow = true;
    this.withoutLetters();
  }

  private withoutLetters(): void {
    clearTimeout(this.letters);
    this.frames = [];
    if (this.slow) this.write(0);
  }

  private withLetters(): void {
    if (this.slow) this.letters = window.setTimeout(() => this.write(1), LETTERS_AFTER);
  }

  private write(opacity: number): void {
    for (const layer of this.map.getStyle().layers)
      if (layer.type === "symbol") this.map.setPaintProperty(layer.id, "text-opacity", opacity);
  }

  // What another did is drawn a little later, once for many steps.
  private later(): void {
    if (this.refresh || this.host.dataset.cases === undefined) return;
    const rest = Math.max(LATER, this.refreshed + LEAST_BETWEEN - performance.now());
    this.refresh = window.setTimeout(
      () => {
        this.refresh = 0;
        this.refreshed = performance.now();
        this.loaded = null;
        void this.loadCases();
      },
      rest + Math.random() * SPREAD,
    );
  }

  // Draws what the attributes say.
  private follow(): void {
    const { point, area, levels, heat } = this.host.dataset;
    const [lon, lat] = numbers(point);
    if (lon !== undefined && lat !== undefined) this.pin.setLngLat(this.shown([lon, lat])).addTo(this.map);
    for (const id of ["own-surface", "own-line"]) this.map.setFilter(id, ["==", ["get", "code"], area ?? ""]);
    for (const layer of this.map.getStyle().layers) {
      const level = (layer.metadata as { level?: string } | undefined)?.level;
      if (level) this.show(layer.id, !levels || levels.split(" ").includes(level));
      if ("source" in layer && ["squares", "spots"].includes(layer.source as string))
        this.show(layer.id, heat === undefined || layer.source === "spots");
      if ("source" in layer && layer.source === "heat") this.show(layer.id, heat !== undefined);
    }
    void this.loadCases();
  }

  private show(id: string, shown: boolean): void {
    const value = shown ? "visible" : "none";
    if ((this.map.getLayoutProperty(id, "visibility") ?? "visible") !== value)
      this.map.setLayoutProperty(id, "visibility", value);
  }

  private source(id: string): GeoJSONSource {
    return this.map.getSource(id) as GeoJSONSource;
  }

  private frame(wider = 0): Frame {
    const bounds = this.map.getBounds();
    const [west, south] = this.meant([bounds.getWest(), bounds.getSouth()]);
    const [east, north] = this.meant([bounds.getEast(), bounds.getNorth()]);
    const [x, y] = [(east - west) * wider, (north - south) * wider];
    const told = [west - x, south - y, east + x, north + y].map((edge) => Number(edge.toFixed(5)));
    return told as Frame;
  }

  // All squares of a filter come at once and are good for every move; single cases come for a frame somewhat wider.
  private async loadCases(): Promise<void> {
    const query = this.host.dataset.cases;
    if (query === undefined || !this.host.dataset.casesAt) {
      if (this.loaded) for (const id of ["squares", "heat", "spots"]) this.source(id).setData(EMPTY);
      this.loaded = null;
      return;
    }
    const single = this.map.getZoom() >= SINGLE_ZOOM;
    const had = this.loaded;
    const now = this.frame();
    const held =
      had?.query === query &&
      (!single ||
        (had.whole &&
          had.frame[0] <= now[0] &&
          had.frame[1] <= now[1] &&
          had.frame[2] >= now[2] &&
          had.frame[3] >= now[3]));
    // While the squares are on their way, a move asks for nothing new.
    const wish = had?.query === query ? now.join(",") : query;
    if (held || this.asking === wish) return;
    this.asked.abort();
    this.asked = new AbortController();
    this.asking = wish;
    const { signal } = this.asked;
    try {
      if (had?.query !== query) {
        const counted: Counted = await this.ask(`${this.host.dataset.casesAt}?${query}`, signal);
        const drawn = squares(counted, (place) => this.shown(place));
        this.source("squares").setData(drawn);
        this.source("heat").setData(drawn);
        this.loaded = { query, frame: [0, 0, 0, 0], whole: false };
      }
      if (single) {
        const frame = this.frame(0.4);
        const found: Found = await this.ask(
          `${this.host.dataset.spotsAt}?${query}&bounds=${frame.join(",")}`,
          signal,
        );
        this.source("spots").setData(spots(found, (place) => this.shown(place)));
        this.loaded = { query, frame, whole: true };
      }
    } catch (error) {
      if (!signal.aborted) console.info(String(error));
    } finally {
      if (!signal.aborted) this.asking = "";
    }
  }

  private async ask<Answer>(address: string, signal: AbortSignal): Promise<Answer> {
    const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return answer.json();
  }

  private moved(): void {
    void this.loadCases();
    const middle = this.map.getCenter();
    const [lon, lat] = this.meant([middle.lng, middle.lat]);
    const at = `${lat.toFixed(5)},${lon.toFixed(5)},${this.map.getZoom().toFixed(2)}`;
    const detail = { bounds: this.frame(), at, zoom: this.map.getZoom() };
    this.host.dispatchEvent(new CustomEvent("wangge:map", { bubbles: true, detail }));
  }

  private caseAt(point: { x: number; y: number }) {
    const near = 6;
    return this.map.queryRenderedFeatures(
      [
        [point.x - near, point.y - near],
        [point.x + near, point.y + near],
      ],
      { layers: ["squares-circle", "spots-circle"] },
    );
  }

  private async clicked(event: Pick<MapMouseEvent, "point" | "lngLat">): Promise<void> {
    const place = this.meant([event.lngLat.lng, event.lngLat.lat]);
    if (this.host.dataset.pick) return this.pick(place);
    const [hit] = this.caseAt(event.point);
    if (hit) return this.opened(hit);
    if (this.host.dataset.select !== undefined && this.host.dataset.areaAt) {
      const [lon, lat] = place.map((degree) => degree.toFixed(6));
      location.assign(`${this.host.dataset.areaAt}?lon=${lon}&lat=${lat}`);
    }
  }

  // A cluster comes nearer until it falls apart; cases at one place, and single ones, are told by the server.
  private async opened(hit: ReturnType<LibreMap["queryRenderedFeatures"]>[number]): Promise<void> {
    const source = this.source(hit.source);
    const [lon, lat] = placeOf(hit);
    const cluster = hit.properties.cluster_id as number | undefined;
    if (hit.source === "squares") {
      const zoom = cluster === undefined ? SINGLE_ZOOM + 0.5 : await source.getClusterExpansionZoom(cluster);
      return this.near([lon, lat], Math.min(zoom, SINGLE_ZOOM + 0.5));
    }
    const members = cluster === undefined ? [hit] : await source.getClusterLeaves(cluster, 500, 0);
    const places = members.map((one) => placeOf(one));
    const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
    const wide = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
    if (cluster !== undefined && wide > 0.0003 && this.map.getZoom() < 18)
      return this.near([lon, lat], Math.min(19, await source.getClusterExpansionZoom(cluster)));
    const ids = members.slice(0, 50).map((one) => one.properties?.id as string);
    await this.tell([lon, lat], `${this.host.dataset.listAt}?ids=${ids.join(",")}`);
  }

  private near(center: Place, zoom: number): void {
    if (this.still.matches) this.map.jumpTo({ center, zoom });
    else this.map.easeTo({ center, zoom, duration: 350 });
  }

  private async tell(place: Place, address: string): Promise<void> {
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const told = document.createElement("div");
    told.innerHTML = await answer.text();
    this.popup?.remove();
    this.popup = new Popup({ maxWidth: "22rem", focusAfterOpen: true })
      .setLngLat(place)
      .setDOMContent(told)
      .addTo(this.map);
  }

  private fields(): (HTMLInputElement | null)[] {
    const form = this.host.closest("form") ?? document;
    return (this.host.dataset.pick ?? "")
      .split(",")
      .filter(Boolean)
      .map((name) => form.querySelector<HTMLInputElement>(`[name="${CSS.escape(name)}"]`));
  }

  private pinFields(): void {
    const [lon, lat] = this.fields().map((field) => (field?.value ? Number(field.value) : Number.NaN));
    if (lon === undefined || lat === undefined || !Number.isFinite(lon) || !Number.isFinite(lat)) return;
    const place = this.shown([lon, lat]);
    this.pin.setLngLat(place).addTo(this.map);
    // A point in a county says nothing: what was chosen is shown with its street.
    if (this.map.getZoom() < 13 || !this.map.getBounds().contains(place))
      this.near(place, Math.max(this.map.getZoom(), 15));
  }

  private pick(place: Place): void {
    const fields = this.fields();
    fields.forEach((field, nth) => {
      if (field) field.value = (place[nth] ?? 0).toFixed(6);
    });
    for (const field of fields) field?.dispatchEvent(new Event("change", { bubbles: true }));
    this.pin.setLngLat(this.shown(place)).addTo(this.map);
  }

  // Enter takes what lies under the cross in the middle.
  private pressed(event: KeyboardEvent): void {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const lngLat = this.map.getCenter();
    void this.clicked({ lngLat, point: this.map.project(lngLat) });
  }
}
