// A plan's atoms and grids in arrays: who is in which grid, what was done and undone, and every figure counted anew after
// each change. It knows no page and no map. The server counts the same (wangge.plans.rules.figures).

export interface Told {
  revision: number;
  low: number;
  high: number;
  origin: [number, number];
  x: number[];
  y: number[];
  names: string[];
  households: number[];
  community: number[];
  communities: { code: string; name: string }[];
  today: number[];
  grids_today: { code: string; name: string; community: number }[];
  mixed: number[][];
  compounds: number[];
  edges: number[][];
  labels: number[];
  fixed: number[];
  grids: { label: number; code: string; name: string; today: string }[];
}

export interface GridSums {
  label: number;
  households: number;
  atoms: number;
  pieces: number;
  communities: number;
  x: number;
  y: number;
}

export interface Broken {
  rule: "uncovered" | "community" | "pieces" | "above" | "below";
  label: number;
  count: number;
}

export interface Figures {
  grids: GridSums[];
  broken: Broken[];
  sums: Record<string, number>;
}

interface Change {
  atoms: Int32Array;
  before: Int32Array;
  after: Int32Array;
  wasFixed: Uint8Array;
  isFixed: Uint8Array;
}

const MILLION = 1_000_000;
const METRES_PER_DEGREE = 111_320;
const RULES = ["uncovered", "community", "pieces", "above", "below"];

export class PlanModel {
  readonly count: number;
  readonly lon: Float64Array;
  readonly lat: Float64Array;
  readonly labels: Int32Array;
  readonly fixed: Uint8Array;
  readonly names: Map<number, string>;
  private readonly metresX: Float64Array;
  private readonly metresY: Float64Array;
  private readonly from: Int32Array;
  private readonly to: Int32Array;
  private readonly goesOn = new Map<number, number>();
  private readonly shares = new Map<number, Map<number, number>>();
  private done: Change[] = [];
  private undone: Change[] = [];
  private next: number;

  constructor(readonly told: Told) {
    const [west, south] = told.origin;
    this.count = told.x.length;
    this.lon = Float64Array.from(told.x, (step) => (west + step) / MILLION);
    this.lat = Float64Array.from(told.y, (step) => (south + step) / MILLION);
    this.labels = Int32Array.from(told.labels);
    this.fixed = new Uint8Array(this.count);
    for (const atom of told.fixed) this.fixed[atom] = 1;
    const middle = mean(this.lat);
    const flat = Math.cos((middle * Math.PI) / 180);
    const [lon, lat] = [mean(this.lon), middle];
    this.metresX = this.lon.map((each) => (each - lon) * METRES_PER_DEGREE * flat);
    this.metresY = this.lat.map((each) => (each - lat) * METRES_PER_DEGREE);
    const pairs = told.edges.flatMap((steps, atom) => steps.map((step) => [atom, atom + step] as const));
    this.from = Int32Array.from(pairs, ([one]) => one);
    this.to = Int32Array.from(pairs, ([, other]) => other);
    const places = new Map(told.grids_today.map((grid, place) => [grid.code, place]));
    for (const grid of told.grids) this.goesOn.set(grid.label, places.get(grid.today) ?? -2);
    for (const [atom = 0, ...shares] of told.mixed) {
      const held = new Map<number, number>();
      for (let at = 0; at < shares.length; at += 2) held.set(shares[at] ?? -1, shares[at + 1] ?? 0);
      this.shares.set(atom, held);
    }
    this.names = new Map(told.grids.map((grid) => [grid.label, grid.name]));
    this.next = Math.max(-1, ...told.grids.map((grid) => grid.label), ...told.labels) + 1;
  }

  /** Gives atoms to a grid and fixes them there; false when nothing changes. */
  give(atoms: Iterable<number>, label: number): boolean {
    const chosen = [...new Set(atoms)].filter(
      (atom) => this.labels[atom] !== label || this.fixed[atom] === 0,
    );
    return this.change(chosen, () => label, 1);
  }

  /** Lets go what was fixed: the next improving may move it. */
  letGo(): boolean {
    const chosen = [...this.fixed.keys()].filter((atom) => this.fixed[atom] === 1);
    return this.change(chosen, (atom) => this.labels[atom] ?? -1, 0);
  }

  /** A grid without atoms as yet; null when there can be no more grids than atoms. */
  add(name: string): number | null {
    if (this.next >= this.count) return null;
    const label = this.next++;
    this.names.set(label, name);
    return label;
  }

  private change(chosen: number[], label: (atom: number) => number, fixed: 0 | 1): boolean {
    if (!chosen.length) return false;
    const atoms = Int32Array.from(chosen);
    const change: Change = {
      atoms,
      before: atoms.map((atom) => this.labels[atom] ?? -1),
      after: atoms.map(label),
      wasFixed: Uint8Array.from(chosen, (atom) => this.fixed[atom] ?? 0),
      isFixed: new Uint8Array(atoms.length).fill(fixed),
    };
    this.put(atoms, change.after, change.isFixed);
    this.done.push(change);
    this.undone = [];
    return true;
  }

  private put(atoms: Int32Array, labels: Int32Array, fixed: Uint8Array): void {
    atoms.forEach((atom, at) => {
      this.labels[atom] = labels[at] ?? -1;
      this.fixed[atom] = fixed[at] ?? 0;
    });
  }

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  undo(): Int32Array | null {
    const change = this.done.pop();
    if (!change) return null;
    this.put(change.atoms, change.before, change.wasFixed);
    this.undone.push(change);
    return change.atoms;
  }

  redo(): Int32Array | null {
    const change = this.undone.pop();
    if (!change) return null;
    this.put(change.atoms, change.after, change.isFixed);
    this.done.push(change);
    return change.atoms;
  }

  /** Counts everything; a hundredth of a second for 5,000 atoms. */
  figures(): Figures {
    const { households, community, compounds } = this.told;
    const size = Math.max(this.next, 1);
    const people = new Float64Array(size);
    const atoms = new Int32Array(size);
    const weight = new Float64Array(size);
    const sumX = new Float64Array(size);
    const sumY = new Float64Array(size);
    const first = new Int32Array(size).fill(-1);
    const communities = new Int32Array(size);
    let uncovered = 0;
    let all = 0;
    let stay = 0;
    for (let atom = 0; atom < this.count; atom++) {
      const label = this.labels[atom] ?? -1;
      const own = households[atom] ?? 0;
      all += own;
      if (label < 0) {
        uncovered++;
        continue;
      }
      people[label] = (people[label] ?? 0) + own;
      atoms[label] = (atoms[label] ?? 0) + 1;
      // Of a grid without households every atom counts alike.
      const counted = own + 1e-9;
      weight[label] = (weight[label] ?? 0) + counted;
      sumX[label] = (sumX[label] ?? 0) + counted * (this.metresX[atom] ?? 0);
      sumY[label] = (sumY[label] ?? 0) + counted * (this.metresY[atom] ?? 0);
      const known = first[label] ?? -1;
      if (known < 0) {
        first[label] = community[atom] ?? 0;
        communities[label] = 1;
      } else if (known !== community[atom]) communities[label] = 2;
      stay += this.staying(atom, label, own);
    }
    const pieces = this.pieces(size);
    let squares = 0;
    let covered = 0;
    let farthest = 0;
    for (let atom = 0; atom < this.count; atom++) {
      const label = this.labels[atom] ?? -1;
      if (label < 0) continue;
      const total = weight[label] ?? 1;
      const off = Math.hypot(
        (this.metresX[atom] ?? 0) - (sumX[label] ?? 0) / total,
        (this.metresY[atom] ?? 0) - (sumY[label] ?? 0) / total,
      );
      squares += (households[atom] ?? 0) * off * off;
      covered += households[atom] ?? 0;
      farthest = Math.max(farthest, off);
    }
    const grids: GridSums[] = [];
    const broken: Broken[] = uncovered ? [{ rule: "uncovered", label: -1, count: uncovered }] : [];
    for (let label = 0; label < size; label++) {
      const held = atoms[label] ?? 0;
      if (!held) continue;
      const total = weight[label] ?? 1;
      const grid: GridSums = {
        label,
        households: people[label] ?? 0,
        atoms: held,
        pieces: pieces[label] ?? 1,
        communities: communities[label] ?? 1,
        x: (sumX[label] ?? 0) / total,
        y: (sumY[label] ?? 0) / total,
      };
      grids.push(grid);
      if (grid.communities > 1) broken.push({ rule: "community", label, count: held });
      if (grid.pieces > 1) broken.push({ rule: "pieces", label, count: grid.pieces });
      if (grid.households > this.told.high) broken.push({ rule: "above", label, count: grid.households });
      else if (grid.households < this.told.low) broken.push({ rule: "below", label, count: grid.households });
    }
    broken.sort(
      (one, other) => RULES.indexOf(one.rule) - RULES.indexOf(other.rule) || one.label - other.label,
    );
    const sizes = grids.map((grid) => grid.households);
    const sums = {
      grids: grids.length,
      households: all,
      least: sizes.length ? Math.min(...sizes) : 0,
      most: sizes.length ? Math.max(...sizes) : 0,
      outside: broken.filter(({ rule }) => rule === "above" || rule === "below").length,
      pieces: grids.reduce((sum, grid) => sum + grid.pieces - 1, 0),
      cut: this.cut(compounds),
      uncovered,
      rms_m: covered ? Math.round(Math.sqrt(squares / covered) * 10) / 10 : 0,
      farthest_m: Math.round(farthest),
      moved: all - stay,
    };
    return { grids, broken, sums };
  }

  private staying(atom: number, label: number, own: number): number {
    const on = this.goesOn.get(label) ?? -2;
    const mixed = this.shares.get(atom);
    if (mixed) return mixed.get(on) ?? 0;
    return this.told.today[atom] === on ? own : 0;
  }

  private pieces(size: number): Int32Array {
    const root = Int32Array.from({ length: this.count }, (_, atom) => atom);
    const find = (atom: number): number => {
      let at = atom;
      while (root[at] !== at) {
        root[at] = root[root[at] ?? at] ?? at;
        at = root[at] ?? at;
      }
      return at;
    };
    const found = new Int32Array(size);
    for (const label of this.labels) if (label >= 0) found[label] = (found[label] ?? 0) + 1;
    for (let at = 0; at < this.from.length; at++) {
      const [one, other] = [this.from[at] ?? 0, this.to[at] ?? 0];
      const label = this.labels[one] ?? -1;
      if (label < 0 || label !== this.labels[other]) continue;
      const [a, b] = [find(one), find(other)];
      if (a === b) continue;
      root[a] = b;
      found[label] = (found[label] ?? 1) - 1;
    }
    return found;
  }

  private cut(compounds: number[]): number {
    const known = new Map<number, number>();
    const cut = new Set<number>();
    compounds.forEach((compound, atom) => {
      const label = this.labels[atom] ?? -1;
      if (compound < 0) return;
      const before = known.get(compound);
      if (before === undefined) known.set(compound, label);
      else if (before !== label) cut.add(compound);
    });
    return cut.size;
  }
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
}
