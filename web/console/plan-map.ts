// The atoms of a plan on the map of the page: coloured by their grid, taken with a click, a stroke or a lasso.
import type { Map as LibreMap, MapMouseEvent } from "maplibre-gl";
import { type Place, toGcj02 } from "./datum";
import type { PlanModel } from "./plan-model";

export type Tool = "pan" | "click" | "paint" | "lasso";

// Eight colours that stay apart also for most who see colours otherwise; a ninth grid has the first again.
export const HUES = ["#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#edc948", "#76b7b2", "#e15759", "#9c755f"];
export const NO_GRID = "#ffffff";
const REACH = 10;

export function hueOf(label: number): string {
  return label < 0 ? NO_GRID : (HUES[label % HUES.length] ?? NO_GRID);
}

export class PlanMap {
  private readonly map: LibreMap;
  private readonly places: Place[];
  private tool: Tool = "pan";
  private stroke: { x: number; y: number }[] | null = null;

  constructor(
    private readonly host: HTMLElement,
    private readonly model: PlanModel,
    private readonly taken: (atoms: number[]) => void,
  ) {
    this.map = (host as HTMLElement & { liveMap: LibreMap }).liveMap;
    const shifted = host.dataset.datum === "gcj02";
    this.places = [...model.lon].map((lon, atom) => {
      const place: Place = [lon, model.lat[atom] ?? 0];
      return shifted ? toGcj02(place) : place;
    });
    this.lay();
    this.listen();
  }

  private lay(): void {
    this.map.addSource("plan", {
      type: "geojson",
      data: {
        type: "FeatureCollection",
        features: this.places.map((coordinates, id) => ({
          type: "Feature" as const,
          id,
          geometry: { type: "Point" as const, coordinates },
          properties: { size: Math.min(11, 3.5 + Math.sqrt(this.model.told.households[id] ?? 0) / 2.5) },
        })),
      },
      maxzoom: 17,
    });
    this.map.addLayer({
      id: "plan-atoms",
      type: "circle",
      source: "plan",
      paint: {
        "circle-radius": ["get", "size"],
        "circle-color": ["coalesce", ["feature-state", "hue"], NO_GRID],
        "circle-stroke-color": "#1c2a23",
        "circle-stroke-width": ["case", ["boolean", ["feature-state", "fixed"], false], 2.4, 0.7],
      },
    });
    this.map.addSource("plan-lasso", { type: "geojson", data: EMPTY });
    this.map.addLayer({
      id: "plan-lasso",
      type: "line",
      source: "plan-lasso",
      paint: { "line-color": "#0a5a83", "line-width": 2, "line-dasharray": [2, 1] },
    });
    this.draw(this.model.labels.keys());
  }

  draw(atoms: Iterable<number>): void {
    for (const atom of atoms)
      this.map.setFeatureState(
        { source: "plan", id: atom },
        { hue: hueOf(this.model.labels[atom] ?? -1), fixed: this.model.fixed[atom] === 1 },
      );
  }

  use(tool: Tool): void {
    this.tool = tool;
    this.host.parentElement?.setAttribute("data-tool", tool);
    if (tool === "paint" || tool === "lasso") this.map.dragPan.disable();
    else this.map.dragPan.enable();
  }

  goTo(atoms: number[]): void {
    const places = atoms.map((atom) => this.places[atom]).filter((place) => place !== undefined);
    const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
    if (!places.length) return;
    this.map.fitBounds([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], {
      padding: 60,
      maxZoom: 16.5,
      animate: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      duration: 400,
    });
  }

  private listen(): void {
    this.map.on("click", (event) => {
      if (this.tool === "click") this.taken(this.near(event.point).slice(0, 1));
    });
    this.map.on("mousedown", (event) => this.begin(event));
    this.map.on("mousemove", (event) => this.move(event));
    this.map.on("mouseup", () => this.end());
    this.map.on("touchstart", (event) => this.begin(event));
    this.map.on("touchmove", (event) => this.move(event));
    this.map.on("touchend", () => this.end());
    document.addEventListener("mouseup", () => this.end());
  }

  private begin(event: Pick<MapMouseEvent, "point" | "preventDefault">): void {
    if (this.tool !== "paint" && this.tool !== "lasso") return;
    event.preventDefault();
    this.stroke = [event.point];
    if (this.tool === "paint") this.taken(this.near(event.point));
  }

  private move(event: Pick<MapMouseEvent, "point">): void {
    if (!this.stroke) return;
    this.stroke.push(event.point);
    if (this.tool === "paint") this.taken(this.near(event.point));
    else this.drawLasso();
  }

  private end(): void {
    const stroke = this.stroke;
    this.stroke = null;
    if (this.tool !== "lasso" || !stroke || stroke.length < 3) return;
    this.drawLasso();
    const found = this.places.flatMap((place, atom) => {
      const { x, y } = this.map.project(place);
      return within(x, y, stroke) ? [atom] : [];
    });
    this.taken(found);
  }

  private drawLasso(): void {
    const points = (this.stroke ?? []).map(({ x, y }) => this.map.unproject([x, y]).toArray());
    const source = this.map.getSource("plan-lasso") as import("maplibre-gl").GeoJSONSource;
    source.setData(
      points.length < 2
        ? EMPTY
        : { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: points } },
    );
  }

  // The atoms near a point of the screen, the nearest first.
  private near({ x, y }: { x: number; y: number }): number[] {
    const found: [distance: number, atom: number][] = [];
    this.places.forEach((place, atom) => {
      const at = this.map.project(place);
      const off = Math.hypot(at.x - x, at.y - y);
      if (off <= REACH) found.push([off, atom]);
    });
    return found.sort(([one], [other]) => one - other).map(([, atom]) => atom);
  }
}

const EMPTY = { type: "FeatureCollection" as const, features: [] };

function within(x: number, y: number, ring: { x: number; y: number }[]): boolean {
  let inside = false;
  let before = ring.at(-1);
  for (const point of ring) {
    if (before && point.y > y !== before.y > y) {
      const cross = ((before.x - point.x) * (y - point.y)) / (before.y - point.y) + point.x;
      if (x < cross) inside = !inside;
    }
    before = point;
  }
  return inside;
}
