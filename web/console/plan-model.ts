// A plan's atoms and grids in arrays: who is in which grid, what each grid is called and coloured, what was done and undone.
// After a change only the grids that it touched are counted anew. It knows no page and no map. The server counts the same
// (wangge.plans.rules.figures).
import { heirs, tieOf } from "./plan-pairs.ts";
import { centimetres, hoursOf } from "./plan-rounds.ts";
import { type Way, waySums } from "./plan-ways.ts";

export interface ToldGrid {
  label: number;
  code: string;
  name: string;
  today: string;
  hue?: number;
}

/** Units that somebody said must all be in one grid, or of which no two may be in one. */
export interface Bond {
  kind: "together" | "apart";
  atoms: number[];
}

/** Why units cannot be bound so. */
export type Unbindable = "few" | "many" | "communities" | "contradiction";

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
  /** A year's work of each atom, where it is known and may be told. */
  minutes?: number[];
  /** Who has the same number has the same workers, by grid of today, -1 where nobody walks; where that is known and may be told. */
  workers?: number[];
  /** With it, what grids are paired with today's by beside their households: how many buildings an atom has; of one whose buildings are of
   * several grids of today these, grid and buildings in turn; how many of an atom's buildings only stand on the ground of which grid. */
  buildings?: number[];
  scattered?: number[][];
  standing?: number[][];
  edges: number[][];
  beside?: number[][];
  labels: number[];
  fixed: number[];
  bonds?: Bond[];
  grids: ToldGrid[];
}

export interface GridSums {
  label: number;
  households: number;
  atoms: number;
  pieces: number;
  communities: number;
  /** The atom nearest to the middle of its households. */
  core: number;
  /** Of work in a week, with the ways to the doors; null where that is not known. */
  hours: number | null;
  /** From its middle door; null until it was counted for just these atoms. */
  way: Way | null;
}

type Rule = "uncovered" | "community" | "pieces" | Bond["kind"] | "above" | "below";

export interface Broken {
  rule: Rule;
  label: number;
  count: number;
}

export interface Figures {
  grids: GridSums[];
  broken: Broken[];
  sums: Record<string, number>;
}

interface Counted extends GridSums {
  /** Its community, its households by their grid of today, and what ties it to these. */
  home: number;
  shared: Map<number, number>;
  ties: Map<number, number>;
  squares: number;
  farthest: number;
  atomsOf: Int32Array;
}

interface Moved {
  kind: "atoms";
  atoms: Int32Array;
  before: Int32Array;
  after: Int32Array;
  wasFixed: Uint8Array;
  isFixed: Uint8Array;
}

interface Renamed {
  kind: "name";
  label: number;
  before: string;
  after: string;
}

interface Added {
  kind: "grid";
  label: number;
  name: string;
}

interface Bound {
  kind: "bonds";
  before: readonly Bond[];
  after: readonly Bond[];
}

type Change = Moved | Renamed | Added | Bound;

// Pairs as rows: the partners of `atom` are `others` from `starts[atom]` to `starts[atom + 1]`.
interface Net {
  starts: Int32Array;
  others: Int32Array;
}

export const HUES = 8;
const NONE = -1;
// Of a compound none of whose atoms was met yet, and of one that is known to be cut.
const [UNSEEN, COUNTED] = [-3, -2];
const MILLION = 1_000_000;
const METRES_PER_DEGREE = 111_320;
const RULES: Rule[] = ["uncovered", "community", "pieces", "together", "apart", "above", "below"];
// As wangge.plans.rules.bonds has them.
const MOST_BONDS = 500;
const MOST_BOUND = { together: 1000, apart: 60 };
/** What is wrong with an atom itself, as `faults` keeps it. */
export const FAULTS: Rule[] = ["uncovered", "pieces", "community"];

export class PlanModel {
  readonly count: number;
  readonly lon: Float64Array;
  readonly lat: Float64Array;
  readonly labels: Int32Array;
  readonly fixed: Uint8Array;
  /** 0, or one more than a place in FAULTS. */
  readonly faults: Uint8Array;
  readonly names = new Map<number, string>();
  /** What somebody chose, to do something with it. */
  readonly marked: Uint8Array;
  // What breaks a bond where it lies now.
  private readonly parted: Uint8Array;
  private bound: readonly Bond[];
  readonly households: Float64Array;
  private readonly community: Int32Array;
  private readonly today: Int32Array;
  private readonly compounds: Int32Array;
  // Of each compound the grid of its first atom.
  private readonly first: Int32Array;
  private readonly all: number;
  /** Where the atoms lie on a plane. */
  readonly metresX: Float64Array;
  readonly metresY: Float64Array;
  private readonly net: Net;
  private readonly across: Net;
  private readonly seen: Int32Array;
  private readonly minutes: number[] | null;
  // Where rounds count the atoms to lie, in whole centimetres.
  private readonly cmX: Int32Array;
  private readonly cmY: Int32Array;
  // Grids of today in each community, and which of the plan's go on as which of them there.
  private readonly gridsToday = new Map<number, number[]>();
  private readonly goesOn = new Map<number, Map<number, number>>();
  private readonly unpaired = new Set<number>();
  private readonly shares: Map<number, Map<number, number>>;
  private readonly scattered: Map<number, Map<number, number>>;
  private readonly standing: Map<number, Map<number, number>>;
  // Of what lies in no grid the households by their grid of today.
  private left = new Map<number, number>();
  private readonly hues = new Map<number, number>();
  private readonly counted = new Map<number, Counted>();
  private readonly touched = new Set<number>();
  private readonly unsettled = new Set<number>();
  private readonly added = new Set<number>();
  private readonly renamed = new Set<number>();
  private readonly keptNames = new Map<number, string>();
  private readonly found = new Set<number>();
  private uncovered = 0;
  private round = 0;
  private stroke: Map<number, [label: number, fixed: number]> | null = null;
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
    this.faults = new Uint8Array(this.count);
    this.marked = new Uint8Array(this.count);
    this.parted = new Uint8Array(this.count);
    this.bound = told.bonds ?? [];
    this.seen = new Int32Array(this.count);
    this.households = Float64Array.from(told.households);
    this.community = Int32Array.from(told.community);
    this.today = Int32Array.from(told.today);
    this.compounds = Int32Array.from(told.compounds);
    this.first = new Int32Array(this.compounds.reduce((most, each) => Math.max(most, each), NONE) + 1);
    this.all = sum(this.households);
    this.minutes = told.minutes?.some((each) => each > 0) ? told.minutes : null;
    [this.cmX, this.cmY] = centimetres(told.x, told.y, south);
    told.grids_today.forEach(({ community }, place) => {
      this.gridsToday.set(community, [...(this.gridsToday.get(community) ?? []), place]);
    });
    const middle = mean(this.lat);
    const flat = Math.cos((middle * Math.PI) / 180);
    const lon = mean(this.lon);
    this.metresX = this.lon.map((each) => (each - lon) * METRES_PER_DEGREE * flat);
    this.metresY = this.lat.map((each) => (each - middle) * METRES_PER_DEGREE);
    this.net = netOf(told.edges, this.count);
    this.across = netOf(told.beside ?? [], this.count);
    this.shares = byAtom(told.mixed);
    this.scattered = byAtom(told.scattered ?? []);
    this.standing = byAtom(told.standing ?? []);
    this.next = Math.max(NONE, ...told.grids.map((grid) => grid.label), ...told.labels) + 1;
    this.learn(told.grids);
    for (const label of this.labels) this.touched.add(label);
    for (const grid of told.grids) if (grid.hue !== undefined) this.hues.set(grid.label, grid.hue);
  }

  /** What the server knows of the grids after it kept them: names that nobody gave here. */
  learn(grids: ToldGrid[]): void {
    this.keptNames.clear();
    for (const grid of grids) {
      this.keptNames.set(grid.label, grid.name);
      if (!this.renamed.has(grid.label)) this.names.set(grid.label, grid.name);
      this.next = Math.max(this.next, grid.label + 1);
    }
  }

  /** Names that were given here and that the server does not know, by label. */
  get newNames(): Record<string, string> {
    const labels = [...this.renamed].filter(
      (label) => this.counted.has(label) && this.names.get(label) !== this.keptNames.get(label),
    );
    return Object.fromEntries(labels.map((label) => [String(label), this.names.get(label) ?? ""]));
  }

  /** Grids with atoms, and those that were begun here and have none as yet. */
  get shown(): number[] {
    return [...new Set([...this.counted.keys(), ...this.added])].sort((one, other) => one - other);
  }

  /** Gives atoms to a grid and fixes them there; false when nothing changes. */
  give(atoms: Iterable<number>, label: number): boolean {
    const chosen = [...new Set(atoms)].filter(
      (atom) => this.labels[atom] !== label || this.fixed[atom] === 0,
    );
    if (!chosen.length) return false;
    if (!this.stroke) return this.change(chosen, () => label, 1);
    for (const atom of chosen) {
      if (!this.stroke.has(atom)) this.stroke.set(atom, [this.labels[atom] ?? NONE, this.fixed[atom] ?? 0]);
      this.put(atom, label, 1);
    }
    return true;
  }

  /** From here on all that is given is one change, until the stroke ends. */
  beginStroke(): void {
    this.stroke ??= new Map();
  }

  get inStroke(): boolean {
    return this.stroke !== null;
  }

  /** Whether the stroke gave anything. */
  endStroke(): boolean {
    const stroke = this.stroke;
    this.stroke = null;
    if (!stroke?.size) return false;
    const atoms = Int32Array.from(stroke.keys());
    const before = [...stroke.values()];
    this.keep({
      kind: "atoms",
      atoms,
      before: Int32Array.from(before, ([label]) => label),
      after: atoms.map((atom) => this.labels[atom] ?? NONE),
      wasFixed: Uint8Array.from(before, ([, fixed]) => fixed),
      isFixed: Uint8Array.from(atoms, (atom) => this.fixed[atom] ?? 0),
    });
    return true;
  }

  /** Takes back what the stroke gave so far: a second finger came, which moves the map. */
  dropStroke(): number[] {
    const stroke = this.stroke ?? new Map<number, [number, number]>();
    this.stroke = null;
    for (const [atom, [label, fixed]] of stroke) this.put(atom, label, fixed);
    return [...stroke.keys()];
  }

  /** Lets go what was fixed, of all or of these atoms: the next improving may move it. */
  letGo(atoms: Iterable<number> = this.fixed.keys()): Int32Array | null {
    const chosen = [...atoms].filter((atom) => this.fixed[atom] === 1);
    return this.change(chosen, (atom) => this.labels[atom] ?? NONE, 0) ? Int32Array.from(chosen) : null;
  }

  /** Another division, as one change; what is fixed stays fixed. */
  take(labels: number[]): number[] {
    const chosen = [...this.labels.keys()].filter((atom) => this.labels[atom] !== labels[atom]);
    this.change(chosen, (atom) => labels[atom] ?? NONE, null);
    return chosen;
  }

  /** A grid without atoms as yet; null when there can be no more grids than atoms. */
  add(name: string): number | null {
    if (this.next >= this.count) return null;
    const label = this.next++;
    this.keep({ kind: "grid", label, name });
    this.begin(label, name);
    return label;
  }

  rename(label: number, name: string): boolean {
    const before = this.names.get(label) ?? "";
    if (!name || name === before) return false;
    this.keep({ kind: "name", label, before, after: name });
    this.call(label, name);
    return true;
  }

  get bonds(): readonly Bond[] {
    return this.bound;
  }

  /** Says that these must be together, or apart; why not, where they cannot be. */
  bind(kind: Bond["kind"], atoms: Iterable<number>): Unbindable | null {
    const bond: Bond = { kind, atoms: [...new Set(atoms)].sort((one, other) => one - other) };
    const wrong = this.wrongWith(bond);
    if (wrong) return wrong;
    const told = String(bond.atoms);
    if (!this.bound.some((each) => each.kind === kind && String(each.atoms) === told))
      this.bindAll([...this.bound, bond]);
    return null;
  }

  /** The bond at this place is no more. */
  unbind(place: number): void {
    if (this.bound[place]) this.bindAll(this.bound.filter((_, at) => at !== place));
  }

  private bindAll(after: readonly Bond[]): void {
    this.keep({ kind: "bonds", before: this.bound, after });
    this.bound = after;
  }

  private wrongWith(bond: Bond): Unbindable | null {
    if (bond.atoms.length < 2) return "few";
    if (bond.atoms.length > MOST_BOUND[bond.kind] || this.bound.length >= MOST_BONDS) return "many";
    if (bond.kind === "together" && new Set(bond.atoms.map((atom) => this.community[atom])).size > 1)
      return "communities";
    const all = [...this.bound, bond];
    const head = new Map<number, number>();
    const headOf = (atom: number): number => {
      let at = atom;
      for (let up = head.get(at); up !== undefined; up = head.get(at)) at = up;
      return at;
    };
    for (const { kind, atoms } of all)
      if (kind === "together")
        for (const atom of atoms) {
          const [one, other] = [headOf(atoms[0] ?? 0), headOf(atom)];
          if (one !== other) head.set(other, one);
        }
    const clash = all.some(
      ({ kind, atoms }) => kind === "apart" && new Set(atoms.map(headOf)).size < atoms.length,
    );
    return clash ? "contradiction" : null;
  }

  /** Marks just these; answers which look another way by that. */
  mark(atoms: Iterable<number>): number[] {
    const wanted = new Set(atoms);
    const changed: number[] = [];
    for (let atom = 0; atom < this.count; atom++) {
      const marked = wanted.has(atom) ? 1 : 0;
      if (this.marked[atom] === marked) continue;
      this.marked[atom] = marked;
      changed.push(atom);
    }
    return changed;
  }

  /** What is marked, in its order. */
  get chosen(): number[] {
    return [...this.marked.keys()].filter((atom) => this.marked[atom] === 1);
  }

  /** Of what is chosen just what is among these; answers which look another way by that. */
  chooseAmong(found: Iterable<number>): number[] {
    return this.mark([...found].filter((atom) => this.marked[atom] === 1));
  }

  /**
   * A list of some of the atoms says which of them are selected. One more or one less leaves alone what is chosen and has no line
   * there; anything else is a new choice. Answers which look another way by that.
   */
  chooseInList(lines: Iterable<number>, selected: Iterable<number>): number[] {
    const wanted = new Set(selected);
    const listed = new Set(lines);
    const turned = [...listed].filter((atom) => (this.marked[atom] === 1) !== wanted.has(atom));
    if (turned.length !== 1) return this.mark(wanted);
    return this.mark([...wanted, ...this.chosen.filter((atom) => !listed.has(atom))]);
  }

  /** Whether a rule is broken at this atom. */
  isWrong(atom: number): boolean {
    return this.faults[atom] !== 0 || this.parted[atom] === 1;
  }

  private begin(label: number, name: string): void {
    this.added.add(label);
    this.names.set(label, name);
    this.hues.set(label, label % HUES);
  }

  private call(label: number, name: string): void {
    this.names.set(label, name);
    this.renamed.add(label);
  }

  private change(chosen: number[], label: (atom: number) => number, fixed: 0 | 1 | null): boolean {
    if (!chosen.length) return false;
    const atoms = Int32Array.from(chosen);
    const wasFixed = Uint8Array.from(chosen, (atom) => this.fixed[atom] ?? 0);
    const change: Moved = {
      kind: "atoms",
      atoms,
      before: atoms.map((atom) => this.labels[atom] ?? NONE),
      after: atoms.map(label),
      wasFixed,
      isFixed: fixed === null ? wasFixed : new Uint8Array(atoms.length).fill(fixed),
    };
    this.putAll(atoms, change.after, change.isFixed);
    this.keep(change);
    return true;
  }

  private keep(change: Change): void {
    this.done.push(change);
    this.undone = [];
  }

  private put(atom: number, label: number, fixed: number): void {
    this.touched.add(this.labels[atom] ?? NONE);
    this.touched.add(label);
    this.labels[atom] = label;
    this.fixed[atom] = fixed;
  }

  private putAll(atoms: Int32Array, labels: Int32Array, fixed: Uint8Array): void {
    atoms.forEach((atom, at) => {
      this.put(atom, labels[at] ?? NONE, fixed[at] ?? 0);
    });
  }

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  /** The atoms that are to be drawn anew; null when there is nothing to undo. */
  undo(): Iterable<number> | null {
    const change = this.done.pop();
    if (!change) return null;
    this.undone.push(change);
    if (change.kind === "bonds") this.bound = change.before;
    else if (change.kind === "name") this.call(change.label, change.before);
    else if (change.kind === "grid") this.added.delete(change.label);
    else this.putAll(change.atoms, change.before, change.wasFixed);
    return change.kind === "atoms" ? change.atoms : [];
  }

  redo(): Iterable<number> | null {
    const change = this.undone.pop();
    if (!change) return null;
    this.done.push(change);
    if (change.kind === "bonds") this.bound = change.after;
    else if (change.kind === "name") this.call(change.label, change.after);
    else if (change.kind === "grid") this.begin(change.label, change.name);
    else this.putAll(change.atoms, change.after, change.isFixed);
    return change.kind === "atoms" ? change.atoms : [];
  }

  hueOf(label: number): number {
    return this.hues.get(label) ?? label % HUES;
  }

  atomsOf(label: number): Int32Array {
    return (
      this.counted.get(label)?.atomsOf ??
      this.labels.map((_, atom) => atom).filter((atom) => this.labels[atom] === label)
    );
  }

  /** The atoms where a rule is broken: those that are wrong themselves, or the whole grid where it is its size. */
  atomsAt({ rule, label }: Broken): Int32Array {
    if (rule === "together" || rule === "apart")
      return Int32Array.from(this.breaking(rule, label).flatMap(({ atoms }) => atoms));
    const fault = FAULTS.indexOf(rule) + 1;
    const own = this.atomsOf(label);
    if (!fault) return own;
    const wrong = own.filter((atom) => this.faults[atom] === fault);
    // A piece that lies in another community is told as such.
    return wrong.length ? wrong : own.filter((atom) => this.faults[atom] !== 0);
  }

  /** Atoms that look another way since this was asked last, beside those that were given. */
  changedLooks(): number[] {
    const found = [...this.found];
    this.found.clear();
    return found;
  }

  /** Counts the grids that were touched; the others are as they were. */
  figures(): Figures {
    this.countTouched();
    const held = [...this.counted.values()].sort((one, other) => one.label - other.label);
    const broken: Broken[] = this.uncovered
      ? [{ rule: "uncovered", label: NONE, count: this.uncovered }]
      : [];
    let [covered, squares, farthest, torn] = [0, 0, 0, 0];
    let [least, most] = [held.length ? Number.POSITIVE_INFINITY : 0, 0];
    for (const grid of held) {
      const { label, households } = grid;
      if (grid.communities > 1) broken.push({ rule: "community", label, count: grid.atoms });
      if (grid.pieces > 1) broken.push({ rule: "pieces", label, count: grid.pieces });
      if (households > this.told.high) broken.push({ rule: "above", label, count: households });
      else if (households < this.told.low) broken.push({ rule: "below", label, count: households });
      covered += households;
      squares += grid.squares;
      farthest = Math.max(farthest, grid.farthest);
      torn += grid.pieces - 1;
      least = Math.min(least, households);
      most = Math.max(most, households);
    }
    broken.push(...this.countBonds());
    broken.sort(
      (one, other) => RULES.indexOf(one.rule) - RULES.indexOf(other.rule) || one.label - other.label,
    );
    const sums: Record<string, number> = {
      grids: held.length,
      households: this.all,
      least,
      most,
      outside: broken.filter(({ rule }) => rule === "above" || rule === "below").length,
      pieces: torn,
      cut: this.cut(),
      uncovered: this.uncovered,
      rms_m: covered ? Math.round(Math.sqrt(squares / covered) * 10) / 10 : 0,
      farthest_m: Math.round(farthest),
      moved: this.all - this.staying(held),
    };
    const { workers } = this.told;
    if (workers) sums.handed_over = this.handedOver(held, workers);
    const hours = held.map((grid) => grid.hours).filter((each) => each !== null);
    if (hours.length)
      Object.assign(sums, { hours_least: Math.min(...hours), hours_most: Math.max(...hours) });
    return { grids: held, broken, sums: Object.assign(sums, this.waySums) };
  }

  /** Grids whose ways were not counted since they changed, with their atoms. */
  get unwalked(): [label: number, atoms: Int32Array][] {
    return [...this.counted.values()].filter(({ way }) => !way).map(({ label, atomsOf }) => [label, atomsOf]);
  }

  /** Takes the ways of a grid; false where it has other atoms by now. */
  walked(label: number, atoms: Int32Array, way: Way): boolean {
    const grid = this.counted.get(label);
    if (grid?.atomsOf !== atoms) return false;
    grid.way = way;
    return true;
  }

  /** Ways of all grids together; nothing as long as those of one are not counted. */
  get waySums(): Record<string, number> {
    const ways = [...this.counted.values()].flatMap(({ way }) => way ?? []);
    return ways.length === this.counted.size ? waySums(ways) : {};
  }

  // Where each bond is broken: what should be together in the grid with the smallest label of those that it lies in, what should be apart
  // in each that holds several of it; with the atoms that are wrong there.
  private *breaks(): Iterable<{ rule: Bond["kind"]; label: number; atoms: number[] }> {
    for (const { kind, atoms } of this.bound) {
      const held = new Map<number, number[]>();
      for (const atom of atoms) {
        const label = this.labels[atom] ?? NONE;
        const own = held.get(label);
        if (own) own.push(atom);
        else held.set(label, [atom]);
      }
      if (kind === "together") {
        if (held.size > 1)
          yield { rule: kind, label: Math.min(...[...held.keys()].filter((label) => label >= 0)), atoms };
      } else
        for (const [label, own] of held)
          if (label >= 0 && own.length > 1) yield { rule: kind, label, atoms: own };
    }
  }

  private breaking(rule: Bond["kind"], label: number): { atoms: number[] }[] {
    return [...this.breaks()].filter((each) => each.rule === rule && each.label === label);
  }

  /** Which bonds are broken, by their place. */
  get brokenBonds(): boolean[] {
    return this.bound.map(({ kind, atoms }) => {
      const labels = atoms.map((atom) => this.labels[atom] ?? NONE);
      const grids = labels.filter((label) => label >= 0);
      return kind === "together" ? new Set(labels).size > 1 : new Set(grids).size < grids.length;
    });
  }

  private countBonds(): Broken[] {
    const counts = new Map<string, Broken>();
    const wrong = new Set<number>();
    for (const { rule, label, atoms } of this.breaks()) {
      const key = `${rule} ${label}`;
      counts.set(key, { rule, label, count: (counts.get(key)?.count ?? 0) + 1 });
      for (const atom of atoms) wrong.add(atom);
    }
    for (let atom = 0; atom < this.count; atom++) {
      const parted = wrong.has(atom) ? 1 : 0;
      if (this.parted[atom] === parted) continue;
      this.parted[atom] = parted;
      this.found.add(atom);
    }
    return [...counts.values()];
  }

  private countTouched(): void {
    if (this.touched.size) this.countAnew();
    // While a stroke is under way colours stay, so that nothing flickers under the hand.
    if (this.stroke) return;
    for (const label of this.unsettled) if (this.counted.has(label)) this.settleHue(label);
    this.unsettled.clear();
  }

  private countAnew(): void {
    const members = new Map<number, number[]>([...this.touched].map((label) => [label, []]));
    const places: (number[] | undefined)[] = [];
    for (const [label, atoms] of members) places[label + 1] = atoms;
    for (let atom = 0; atom < this.count; atom++) places[(this.labels[atom] ?? NONE) + 1]?.push(atom);
    for (const [label, atoms] of members) {
      this.unsettled.add(label);
      if (label === NONE) {
        this.uncovered = atoms.length;
        this.left = new Map();
        for (const atom of atoms) {
          this.blame(atom, "uncovered");
          this.share(atom, this.households[atom] ?? 0, this.left);
        }
        continue;
      }
      const homes = [this.counted.get(label)?.home];
      if (atoms.length) {
        const grid = this.countedOf(label, Int32Array.from(atoms));
        this.counted.set(label, grid);
        homes.push(grid.home);
      } else this.counted.delete(label);
      for (const home of homes) if (home !== undefined) this.unpaired.add(home);
    }
    this.touched.clear();
  }

  // Households that keep their grid. Grids are paired anew with today's where one was touched, each community for itself.
  private staying(held: readonly Counted[]): number {
    for (const home of this.unpaired) {
      const own = held.filter((grid) => grid.home === home);
      const today = this.gridsToday.get(home) ?? [];
      const pairs = heirs(today.map((grid) => Float64Array.from(own, ({ ties }) => ties.get(grid) ?? 0)));
      const goesOn = new Map<number, number>();
      for (const [place, before] of pairs) goesOn.set(own[place]?.label ?? NONE, today[before] ?? NONE);
      this.goesOn.set(home, goesOn);
    }
    this.unpaired.clear();
    return held.reduce((all, { label, home, shared }) => {
      return all + (shared.get(this.goesOn.get(home)?.get(label) ?? NONE - 1) ?? 0);
    }, 0);
  }

  // Households that get another worker: theirs of today goes on in another grid, or in none.
  private handedOver(held: readonly Counted[], workers: readonly number[]): number {
    const of = (today: number) => workers[today] ?? NONE;
    let over = 0;
    const count = (shared: Map<number, number>, now: number) => {
      for (const [today, households] of shared)
        if (of(today) !== NONE && of(today) !== now) over += households;
    };
    for (const { label, home, shared } of held) count(shared, of(this.goesOn.get(home)?.get(label) ?? NONE));
    count(this.left, NONE);
    return over;
  }

  private countedOf(label: number, atomsOf: Int32Array): Counted {
    let [households, weight, sumX, sumY, minutes] = [0, 0, 0, 0, 0];
    const shared = new Map<number, number>();
    const buildings = new Map<number, number>();
    const standing = new Map<number, number>();
    for (const atom of atomsOf) {
      const own = this.households[atom] ?? 0;
      households += own;
      // Of a grid without households every atom counts alike.
      const counted = own + 1e-9;
      weight += counted;
      sumX += counted * (this.metresX[atom] ?? 0);
      sumY += counted * (this.metresY[atom] ?? 0);
      minutes += this.minutes?.[atom] ?? 0;
      this.share(atom, own, shared);
      const built = this.told.buildings?.[atom] ?? 0;
      add(buildings, this.scattered.get(atom) ?? [[this.today[atom] ?? NONE, built]]);
      add(standing, this.standing.get(atom) ?? []);
    }
    const ties = new Map<number, number>();
    for (const today of [...shared.keys(), ...buildings.keys(), ...standing.keys()])
      ties.set(today, tieOf(shared.get(today) ?? 0, buildings.get(today) ?? 0, standing.get(today) ?? 0));
    const [x, y] = [sumX / weight, sumY / weight];
    let [squares, farthest] = [0, 0];
    let [core, nearest] = [NONE, Number.POSITIVE_INFINITY];
    for (const atom of atomsOf) {
      const off = Math.hypot((this.metresX[atom] ?? 0) - x, (this.metresY[atom] ?? 0) - y);
      squares += (this.households[atom] ?? 0) * off * off;
      farthest = Math.max(farthest, off);
      if (off < nearest) [core, nearest] = [atom, off];
    }
    const { pieces, communities } = this.blameAll(label, atomsOf);
    const atoms = atomsOf.length;
    // Of a grid that is painted over a border its first atom says whose it is, as on the server.
    const home = this.community[atomsOf[0] ?? 0] ?? 0;
    const hours =
      this.minutes &&
      hoursOf(
        minutes,
        atomsOf.map((atom) => this.cmX[atom] ?? 0),
        atomsOf.map((atom) => this.cmY[atom] ?? 0),
        Float64Array.from(atomsOf, (atom) => this.households[atom] ?? 0),
      );
    return {
      label,
      households,
      atoms,
      pieces,
      communities,
      core,
      hours,
      way: null,
      home,
      shared,
      ties,
      squares,
      farthest,
      atomsOf,
    };
  }

  // Of pieces and of communities the one with most households is right; what is elsewhere stands out.
  private blameAll(label: number, atoms: Int32Array): { pieces: number; communities: number } {
    const pieceOf = new Map<number, number>();
    const sizes: number[] = [];
    this.round++;
    for (const first of atoms) {
      if (this.seen[first] === this.round) continue;
      const waiting = [first];
      this.seen[first] = this.round;
      const piece = sizes.push(0) - 1;
      for (let atom = waiting.pop(); atom !== undefined; atom = waiting.pop()) {
        pieceOf.set(atom, piece);
        sizes[piece] = (sizes[piece] ?? 0) + (this.households[atom] ?? 0) + 1e-6;
        for (let at = this.net.starts[atom] ?? 0; at < (this.net.starts[atom + 1] ?? 0); at++) {
          const other = this.net.others[at] ?? 0;
          if (this.labels[other] !== label || this.seen[other] === this.round) continue;
          this.seen[other] = this.round;
          waiting.push(other);
        }
      }
    }
    const whole = sizes.indexOf(Math.max(...sizes));
    const weights = new Map<number, number>();
    for (const atom of atoms) {
      const community = this.community[atom] ?? 0;
      weights.set(community, (weights.get(community) ?? 0) + (this.households[atom] ?? 0) + 1e-6);
    }
    const [home] = [...weights].reduce((best, each) => (each[1] > best[1] ? each : best));
    for (const atom of atoms) {
      if (this.community[atom] !== home) this.blame(atom, "community");
      else this.blame(atom, pieceOf.get(atom) === whole ? null : "pieces");
    }
    return { pieces: sizes.length, communities: Math.min(2, weights.size) };
  }

  private blame(atom: number, rule: Rule | null): void {
    const fault = rule ? FAULTS.indexOf(rule) + 1 : 0;
    if (this.faults[atom] === fault) return;
    this.faults[atom] = fault;
    this.found.add(atom);
  }

  // Grids beside one another have colours of their own: one that would look like its neighbour takes the next free colour.
  private settleHue(label: number): void {
    const own = this.counted.get(label);
    if (!own) return;
    const around = new Set<number>();
    for (const atom of own.atomsOf)
      for (const { starts, others } of [this.net, this.across])
        for (let at = starts[atom] ?? 0; at < (starts[atom + 1] ?? 0); at++)
          around.add(this.labels[others[at] ?? 0] ?? NONE);
    around.delete(label);
    const taken = new Set([...around].filter((other) => other >= 0).map((other) => this.hueOf(other)));
    const was = this.hueOf(label);
    if (!taken.has(was)) return;
    for (let step = 1; step < HUES; step++) {
      const hue = (was + step) % HUES;
      if (taken.has(hue)) continue;
      this.hues.set(label, hue);
      for (const atom of own.atomsOf) this.found.add(atom);
      return;
    }
  }

  private share(atom: number, own: number, shared: Map<number, number>): void {
    add(shared, this.shares.get(atom) ?? [[this.today[atom] ?? NONE, own]]);
  }

  private cut(): number {
    this.first.fill(UNSEEN);
    let cut = 0;
    for (let atom = 0; atom < this.count; atom++) {
      const compound = this.compounds[atom] ?? NONE;
      if (compound < 0) continue;
      const label = this.labels[atom] ?? NONE;
      const before = this.first[compound];
      if (before === UNSEEN) this.first[compound] = label;
      else if (before !== label && before !== COUNTED) {
        this.first[compound] = COUNTED;
        cut++;
      }
    }
    return cut;
  }
}

// `steps`: for each atom its partners with a larger number, less its own.
function netOf(steps: number[][], count: number): Net {
  const starts = new Int32Array(count + 1);
  steps.forEach((own, atom) => {
    for (const step of own)
      for (const end of [atom, atom + step]) starts[end + 1] = (starts[end + 1] ?? 0) + 1;
  });
  for (let atom = 0; atom < count; atom++) starts[atom + 1] = (starts[atom + 1] ?? 0) + (starts[atom] ?? 0);
  const others = new Int32Array(starts[count] ?? 0);
  const filled = starts.slice();
  const join = (one: number, other: number) => {
    const at = filled[one] ?? 0;
    others[at] = other;
    filled[one] = at + 1;
  };
  steps.forEach((own, atom) => {
    for (const step of own) {
      join(atom, atom + step);
      join(atom + step, atom);
    }
  });
  return { starts, others };
}

// Rows of an atom, then grids of today and counts in turn.
function byAtom(rows: readonly number[][]): Map<number, Map<number, number>> {
  const found = new Map<number, Map<number, number>>();
  for (const [atom = 0, ...counts] of rows) {
    const held = new Map<number, number>();
    for (let at = 0; at < counts.length; at += 2) held.set(counts[at] ?? NONE, counts[at + 1] ?? 0);
    found.set(atom, held);
  }
  return found;
}

function add(sums: Map<number, number>, counts: Iterable<readonly [number, number]>): void {
  for (const [grid, count] of counts) sums.set(grid, (sums.get(grid) ?? 0) + count);
}

function sum(values: Float64Array): number {
  return values.reduce((all, value) => all + value, 0);
}

function mean(values: Float64Array): number {
  return sum(values) / (values.length || 1);
}
