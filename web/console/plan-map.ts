// The atoms of a plan on the map of the page: coloured by their grid, taken with a click, a stroke or a lasso, by mouse, pen,
// finger, or by the cross in the middle from the keyboard. Where a rule is broken, a red ring stands.
import type { GeoJSONSource, Map as LibreMap } from "maplibre-gl";
import { type Place, toGcj02 } from "./datum";
import { FONTS } from "./map-style";
import { GROUND_LAYERS, type Ground, placed } from "./plan-ground";
import type { Bond, PlanModel } from "./plan-model";
import { type Look, Overlay } from "./plan-overlay";

export type Tool = "pan" | "pick" | "click" | "paint" | "lasso" | "choose";

export interface Hands {
  began: () => void;
  gave: (atoms: number[]) => void;
  ended: () => void;
  dropped: () => void;
  picked: (atom: number) => void;
  /** Chosen with a lasso, or one beside those that are chosen already. */
  chose: (atoms: number[], beside: boolean) => void;
  /** The atom that the pointer or the cross stands at. */
  over: (atom: number | null) => void;
}

export interface Named {
  text: string;
  broken: boolean;
  /** The atom that carries the name. */
  at: number;
}

interface Point {
  x: number;
  y: number;
}

// Eight colours that stay apart also for most who see colours otherwise; plans.css has the same.
const COLOURS = ["#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#edc948", "#76b7b2", "#e15759", "#9c755f"];
const NO_GRID = "#ffffff";
const [EDGE, FAULT, MARKED] = ["#1c2a23", "#b3121d", "#0b3d91"];
const WIDTHS = { plain: 0.7, fixed: 2.4, fault: 3.2, marked: 4 };
// What a look is made of, below the colour: chosen, fixed, wrong.
const [HUE, CHOSEN, HELD, WRONG] = [3, 4, 2, 1];
const REACH = 10;
// A finger hides what it points at.
const FINGER_REACH = 16;
const CROSS_REACH = 40;
const TILE = 512;
const SVG = "http://www.w3.org/2000/svg";

export class PlanMap {
  private readonly map: LibreMap;
  private readonly places: Place[];
  // Where the atoms are on the world's square, 0 to 1: a stroke is compared with these without asking the map for each.
  private readonly worldX: Float64Array;
  private readonly worldY: Float64Array;
  private readonly shown: Int32Array;
  // What the map does not show as yet.
  private readonly waits = new Set<number>();
  private readonly overlay: Overlay;
  private held = false;
  private readonly lasso: SVGPolygonElement;
  private tool: Tool = "pan";
  private pointer: number | null = null;
  private reach = REACH;
  private stroke: Point[] = [];
  private done = 0;
  private waiting = 0;
  private looking = 0;
  private at: Point | null = null;

  constructor(
    private readonly host: HTMLElement,
    private readonly model: PlanModel,
    private readonly hands: Hands,
  ) {
    this.map = (host as HTMLElement & { liveMap: LibreMap }).liveMap;
    this.places = [...model.lon].map((lon, atom) => this.placeOf([lon, model.lat[atom] ?? 0]));
    this.worldX = Float64Array.from(this.places, ([lon]) => worldX(lon));
    this.worldY = Float64Array.from(this.places, ([, lat]) => worldY(lat));
    this.shown = new Int32Array(model.count).fill(-2);
    this.overlay = new Overlay(this.map, this.places);
    const overlay = document.createElementNS(SVG, "svg");
    overlay.classList.add("plan-lasso");
    overlay.setAttribute("aria-hidden", "true");
    this.lasso = document.createElementNS(SVG, "polygon");
    overlay.append(this.lasso);
    this.map.getCanvasContainer().append(overlay);
    this.lay();
    this.listen();
  }

  private placeOf(place: Place): Place {
    return this.host.dataset.datum === "gcj02" ? toGcj02(place) : place;
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
          properties: { size: this.sizeOf(id) },
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
        "circle-stroke-color": [
          "case",
          ["boolean", ["feature-state", "marked"], false],
          MARKED,
          ["boolean", ["feature-state", "fault"], false],
          FAULT,
          EDGE,
        ],
        "circle-stroke-width": [
          "case",
          ["boolean", ["feature-state", "marked"], false],
          WIDTHS.marked,
          ["boolean", ["feature-state", "fault"], false],
          WIDTHS.fault,
          ["boolean", ["feature-state", "fixed"], false],
          WIDTHS.fixed,
          WIDTHS.plain,
        ],
      },
    });
    this.map.addSource("plan-bonds", { type: "geojson", data: NOTHING });
    for (const [kind, colour, dashes] of BOUND)
      this.map.addLayer(
        {
          id: `plan-bonds-${kind}`,
          type: "line",
          source: "plan-bonds",
          filter: ["==", ["get", "kind"], kind],
          paint: { "line-color": colour, "line-width": 2.5, "line-dasharray": dashes },
        },
        "plan-atoms",
      );
    this.map.addSource("plan-names", { type: "geojson", data: NOTHING });
    this.map.addLayer({
      id: "plan-names",
      type: "symbol",
      source: "plan-names",
      layout: {
        "text-field": ["get", "text"],
        "text-font": FONTS,
        "text-size": 13,
        "symbol-sort-key": ["case", ["get", "broken"], 0, 1],
      },
      paint: {
        "text-color": ["case", ["get", "broken"], "#9a0f18", "#17202b"],
        "text-halo-color": "#ffffff",
        "text-halo-width": 2,
      },
    });
    this.learn(this.model.labels.keys());
    this.settle();
  }

  private sizeOf(atom: number): number {
    return Math.min(11, 3.5 + Math.sqrt(this.model.told.households[atom] ?? 0) / 2.5);
  }

  /** Draws these atoms as they are now, above the map; what looks as before is left alone. */
  draw(atoms: Iterable<number>): void {
    this.overlay.paint(this.learn(atoms).map((atom) => [atom, this.lookOf(atom)] as const));
  }

  // Which of these look another way than before.
  private learn(atoms: Iterable<number>): number[] {
    const { labels, fixed, marked } = this.model;
    const found: number[] = [];
    for (const atom of atoms) {
      const label = labels[atom] ?? -1;
      const hue = label < 0 ? COLOURS.length : this.model.hueOf(label);
      const state =
        (marked[atom] ? CHOSEN : 0) | (fixed[atom] ? HELD : 0) | (this.model.isWrong(atom) ? WRONG : 0);
      const look = (hue << HUE) | state;
      if (this.shown[atom] === look) continue;
      this.shown[atom] = look;
      this.waits.add(atom);
      found.push(atom);
    }
    return found;
  }

  private colourOf(atom: number): string {
    return COLOURS[(this.shown[atom] ?? 0) >> HUE] ?? NO_GRID;
  }

  private lookOf(atom: number): Look {
    const { marked, fixed, fault } = stateOf(this.shown[atom] ?? 0);
    const plain = fixed ? WIDTHS.fixed : WIDTHS.plain;
    return {
      radius: this.sizeOf(atom),
      fill: this.colourOf(atom),
      ring: marked ? MARKED : fault ? FAULT : EDGE,
      width: marked ? WIDTHS.marked : fault ? WIDTHS.fault : plain,
    };
  }

  // Names that fade and squares that arrive have the map drawn again and again, each time for fifty milliseconds under the hand. While a
  // hand works the map stays as it is.
  private hold(): void {
    this.held = true;
    this.map.triggerRepaint = () => {};
  }

  private release(): void {
    if (!this.held) return;
    this.held = false;
    Reflect.deleteProperty(this.map, "triggerRepaint");
    this.map.triggerRepaint();
  }

  /** The map shows all that was drawn above it: once, when the hand rests or the map moves. */
  settle(): void {
    this.release();
    if (!this.waits.size) return;
    for (const id of this.waits) {
      const look = this.shown[id] ?? 0;
      this.map.setFeatureState({ source: "plan", id }, { hue: this.colourOf(id), ...stateOf(look) });
    }
    this.waits.clear();
    this.map.once("render", () => this.overlay.keep(this.waits));
  }

  /** Streets and barriers, below the circles. */
  lie(ground: Ground): void {
    this.map.addSource("plan-ground", {
      type: "geojson",
      data: placed(ground, (place) => this.placeOf(place)),
      maxzoom: 17,
    });
    for (const layer of GROUND_LAYERS) this.map.addLayer(layer, "plan-atoms");
  }

  showGround(shown: boolean): void {
    for (const { id } of GROUND_LAYERS)
      this.map.setLayoutProperty(id, "visibility", shown ? "visible" : "none");
  }

  /** Lines between what must be together, and between what must be apart. */
  bind(bonds: readonly Bond[]): void {
    (this.map.getSource("plan-bonds") as GeoJSONSource).setData({
      type: "FeatureCollection",
      features: bonds.map(({ kind, atoms }) => ({
        type: "Feature" as const,
        geometry: {
          type: "LineString" as const,
          coordinates: atoms.map((atom) => this.places[atom] ?? [0, 0]),
        },
        properties: { kind },
      })),
    });
  }

  /** The names of the grids, each at an atom of its middle. */
  name(grids: Named[]): void {
    (this.map.getSource("plan-names") as GeoJSONSource).setData({
      type: "FeatureCollection",
      features: grids.map(({ text, broken, at }) => ({
        type: "Feature" as const,
        geometry: { type: "Point" as const, coordinates: this.places[at] ?? [0, 0] },
        properties: { text, broken },
      })),
    });
  }

  use(tool: Tool): void {
    this.settle();
    this.tool = tool;
    this.host.parentElement?.setAttribute("data-tool", tool);
    if (this.draws) {
      this.map.dragPan.disable();
      this.map.boxZoom.disable();
    } else {
      this.map.dragPan.enable();
      this.map.boxZoom.enable();
    }
  }

  goTo(atoms: Iterable<number>): void {
    const places = [...atoms].map((atom) => this.places[atom]).filter((place) => place !== undefined);
    const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
    if (!places.length) return;
    this.settle();
    this.map.fitBounds([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], {
      padding: 60,
      maxZoom: 15.5,
      animate: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      duration: 400,
    });
  }

  private get draws(): boolean {
    return this.tool === "paint" || this.lassoes;
  }

  private get lassoes(): boolean {
    return this.tool === "lasso" || this.tool === "choose";
  }

  private listen(): void {
    const ground = this.map.getCanvasContainer();
    ground.addEventListener("pointerdown", (event) => this.begin(event), { capture: true });
    for (const name of ["wheel", "keydown"])
      ground.addEventListener(name, () => this.settle(), { capture: true, passive: true });
    ground.addEventListener("pointermove", (event) => this.move(event));
    ground.addEventListener("pointerup", (event) => this.end(event));
    ground.addEventListener("pointercancel", (event) => {
      if (event.pointerId === this.pointer) this.drop();
    });
    ground.addEventListener("pointerleave", () => this.look(null));
    this.map.on("click", ({ point }) => this.clicked(this.near(point, this.reach)));
    const canvas = this.map.getCanvas();
    canvas.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      const gives = this.draws && this.tool !== "choose";
      this.clicked(this.near(this.middle, CROSS_REACH), gives ? "click" : this.tool);
    });
    this.map.on("movestart", () => this.settle());
    this.map.on("moveend", () => {
      if (document.activeElement === canvas) this.look(this.middle);
    });
    canvas.addEventListener("focus", () => {
      if (canvas.matches(":focus-visible")) this.look(this.middle);
    });
  }

  private get middle(): Point {
    const { clientWidth, clientHeight } = this.map.getCanvasContainer();
    return { x: clientWidth / 2, y: clientHeight / 2 };
  }

  private clicked(atom: number | null, tool = this.tool): void {
    if (atom === null) return;
    if (tool === "pick") this.hands.picked(atom);
    else if (tool === "choose") this.hands.chose([atom], true);
    else if (tool === "click") {
      this.hands.began();
      this.hands.gave([atom]);
      this.hands.ended();
    }
  }

  private begin(event: PointerEvent): void {
    this.reach = event.pointerType === "touch" ? FINGER_REACH : REACH;
    if (!this.draws) {
      this.settle();
      return;
    }
    if (this.pointer !== null) {
      this.drop();
      return;
    }
    if (event.button !== 0 || !event.isPrimary) return;
    this.hold();
    // No mouse events follow from here, by which the library would move the map.
    event.preventDefault();
    this.map.getCanvas().focus({ preventScroll: true });
    this.map.getCanvasContainer().setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.stroke = [this.pointOf(event)];
    this.done = 0;
    this.hands.began();
    this.follow();
  }

  private move(event: PointerEvent): void {
    if (this.pointer === null) {
      if (event.pointerType !== "touch") this.look(this.pointOf(event));
      return;
    }
    if (event.pointerId !== this.pointer) return;
    // A pen tells of more points than there are pictures.
    const all = event.getCoalescedEvents();
    for (const each of all.length ? all : [event]) this.stroke.push(this.pointOf(each));
    this.follow();
  }

  private follow(): void {
    this.waiting ||= requestAnimationFrame(() => this.drawStroke());
  }

  private drawStroke(): void {
    cancelAnimationFrame(this.waiting);
    this.waiting = 0;
    if (this.lassoes) {
      this.lasso.setAttribute("points", this.stroke.map(({ x, y }) => `${x},${y}`).join(" "));
      return;
    }
    const found = this.along(this.stroke.slice(Math.max(0, this.done - 1)), this.reach);
    this.done = this.stroke.length;
    if (found.length) this.hands.gave(found);
  }

  private end(event: PointerEvent): void {
    if (event.pointerId !== this.pointer) return;
    this.drawStroke();
    this.pointer = null;
    if (this.tool === "lasso" && this.stroke.length > 2) this.hands.gave(this.within(this.stroke));
    if (this.tool === "choose") this.chooseStroke();
    this.lasso.removeAttribute("points");
    this.stroke = [];
    this.hands.ended();
  }

  // A lasso around several; a mere touch takes one beside those that are chosen.
  private chooseStroke(): void {
    const [first] = this.stroke;
    if (this.stroke.length > 2) this.hands.chose(this.within(this.stroke), false);
    else if (first) this.clicked(this.near(first, this.reach));
  }

  private drop(): void {
    cancelAnimationFrame(this.waiting);
    this.waiting = 0;
    this.pointer = null;
    this.stroke = [];
    this.lasso.removeAttribute("points");
    this.release();
    this.hands.dropped();
  }

  private look(point: Point | null): void {
    this.at = point;
    this.looking ||= requestAnimationFrame(() => {
      this.looking = 0;
      const reach = document.activeElement === this.map.getCanvas() ? CROSS_REACH : REACH;
      this.hands.over(this.at && this.near(this.at, reach));
    });
  }

  private pointOf(event: PointerEvent): Point {
    const box = this.map.getCanvasContainer().getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private worldOf({ x, y }: Point): Point {
    const { lng, lat } = this.map.unproject([x, y]);
    return { x: worldX(lng), y: worldY(lat) };
  }

  // A pixel in parts of the world's square: the map is never turned or tilted.
  private get pixel(): number {
    return 1 / (TILE * 2 ** this.map.getZoom());
  }

  private near(point: Point, reach: number): number | null {
    const { x, y } = this.worldOf(point);
    let [best, least] = [-1, (reach * this.pixel) ** 2];
    for (let atom = 0; atom < this.model.count; atom++) {
      const off = ((this.worldX[atom] ?? 0) - x) ** 2 + ((this.worldY[atom] ?? 0) - y) ** 2;
      if (off <= least) [best, least] = [atom, off];
    }
    return best < 0 ? null : best;
  }

  // Atoms near the way that the pointer took, also where it was faster than its points.
  private along(points: Point[], reach: number): number[] {
    const way = points.map((point) => this.worldOf(point));
    const wide = reach * this.pixel;
    const found = new Set<number>();
    way.forEach((to, at) => {
      const from = way[at - 1] ?? to;
      const [dx, dy] = [to.x - from.x, to.y - from.y];
      const length = dx * dx + dy * dy;
      const [west, east] = [Math.min(from.x, to.x) - wide, Math.max(from.x, to.x) + wide];
      const [north, south] = [Math.min(from.y, to.y) - wide, Math.max(from.y, to.y) + wide];
      for (let atom = 0; atom < this.model.count; atom++) {
        const [x, y] = [this.worldX[atom] ?? 0, this.worldY[atom] ?? 0];
        if (x < west || x > east || y < north || y > south) continue;
        const share = length ? ((x - from.x) * dx + (y - from.y) * dy) / length : 0;
        const on = Math.max(0, Math.min(1, share));
        if (Math.hypot(x - from.x - on * dx, y - from.y - on * dy) <= wide) found.add(atom);
      }
    });
    return [...found];
  }

  private within(points: Point[]): number[] {
    const ring = points.map((point) => this.worldOf(point));
    const [xs, ys] = [ring.map(({ x }) => x), ring.map(({ y }) => y)];
    const [west, east, north, south] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const found: number[] = [];
    for (let atom = 0; atom < this.model.count; atom++) {
      const [x, y] = [this.worldX[atom] ?? 0, this.worldY[atom] ?? 0];
      if (x >= west && x <= east && y >= north && y <= south && inside(x, y, ring)) found.push(atom);
    }
    return found;
  }
}

// What is together by a line, what is apart by dashes.
const BOUND: [Bond["kind"], string, number[]][] = [
  ["together", "#0b5d2a", [1, 0]],
  ["apart", "#b3121d", [1.5, 1.5]],
];

const NOTHING = { type: "FeatureCollection" as const, features: [] };

function stateOf(look: number): { marked: boolean; fixed: boolean; fault: boolean } {
  return { marked: (look & CHOSEN) > 0, fixed: (look & HELD) > 0, fault: (look & WRONG) > 0 };
}

function worldX(lon: number): number {
  return lon / 360 + 0.5;
}

function worldY(lat: number): number {
  const sine = Math.sin((lat * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
}

function inside(x: number, y: number, ring: Point[]): boolean {
  let found = false;
  let before = ring.at(-1);
  for (const point of ring) {
    if (before && point.y > y !== before.y > y) {
      const cross = ((before.x - point.x) * (y - point.y)) / (before.y - point.y) + point.x;
      if (x < cross) found = !found;
    }
    before = point;
  }
  return found;
}
