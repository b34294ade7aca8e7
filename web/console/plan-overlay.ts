// What a hand has just painted, above the map. Without a graphics processor the whole map takes fifty milliseconds to draw anew, these
// circles less than one; the map itself follows when the hand rests.
import type { Map as LibreMap } from "maplibre-gl";
import type { Place } from "./datum";

export interface Look {
  radius: number;
  fill: string;
  ring: string;
  width: number;
}

export class Overlay {
  private readonly canvas = document.createElement("canvas");
  private readonly pen = this.canvas.getContext("2d");
  private readonly drawn = new Map<number, Look>();
  private bare = true;

  constructor(
    private readonly map: LibreMap,
    private readonly places: Place[],
  ) {
    this.canvas.className = "plan-overlay";
    this.canvas.setAttribute("aria-hidden", "true");
    map.getCanvasContainer().append(this.canvas);
    this.fit();
    map.on("resize", () => this.fit());
    map.on("move", () => this.redraw());
  }

  /** Draws these, or draws them anew where they look another way. */
  paint(looks: Iterable<readonly [atom: number, look: Look]>): void {
    let smaller = false;
    this.bare = false;
    for (const [atom, look] of looks) {
      smaller ||= (this.drawn.get(atom)?.width ?? 0) > look.width;
      this.drawn.set(atom, look);
      if (!smaller) this.circle(atom, look);
    }
    // Of a wider ring something would stay beside a smaller one.
    if (smaller) this.redraw();
  }

  /** From now on the map shows all but these. */
  keep(atoms: ReadonlySet<number>): void {
    for (const atom of this.drawn.keys()) if (!atoms.has(atom)) this.drawn.delete(atom);
    this.redraw();
  }

  private fit(): void {
    const { width, height } = this.map.getCanvas();
    Object.assign(this.canvas, { width, height });
    const ratio = this.map.getPixelRatio();
    this.pen?.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.redraw();
  }

  private redraw(): void {
    if (this.bare) return;
    this.pen?.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.bare = !this.drawn.size;
    for (const [atom, look] of this.drawn) this.circle(atom, look);
  }

  private circle(atom: number, { radius, fill, ring, width }: Look): void {
    const place = this.places[atom];
    if (!this.pen || !place) return;
    const { x, y } = this.map.project(place);
    this.disc(x, y, radius + width, ring);
    this.disc(x, y, radius, fill);
  }

  private disc(x: number, y: number, radius: number, colour: string): void {
    if (!this.pen) return;
    this.pen.fillStyle = colour;
    this.pen.beginPath();
    this.pen.arc(x, y, radius, 0, 2 * Math.PI);
    this.pen.fill();
  }
}
