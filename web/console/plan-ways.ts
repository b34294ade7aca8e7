// How far it is within a grid, from its middle door to the others: along the streets where these are known, else straight. It knows no
// page and no plan; the server counts the same (wangge.plans.rules.measures, gridplan.explain).

/** The net that one walks along, as the server tells it (wangge.plans.rules.ways.Net); without any where no street is known. */
export interface ToldNet {
  many?: number[];
  steps?: number[];
  cm?: number[];
}

/** Of a grid the ways of its `counted` households together, or of its doors where nobody lives, and the farthest; in centimetres. */
export interface Way {
  total: number;
  counted: number;
  farthest: number;
  livedIn: boolean;
  onFoot: boolean;
}

/** What of ways is told of all grids together: along the streets, or straight. */
export const WAY_FIGURES = ["walk_mean_m", "walk_farthest_m", "door_mean_m", "door_farthest_m"];

// Where no way is known, one walks so much farther than straight.
const DETOUR = 1.3;
// Doors whose households are as near but for this share lie alike: of these the first is the middle.
const AS_NEAR = 1e-9;
// What somebody weighs who does not live there.
const LITTLE = 1e-3;
const METRE = 100;

export class Ways {
  private readonly net: Net | null;

  constructor(
    told: ToldNet,
    private readonly x: Float64Array,
    private readonly y: Float64Array,
    private readonly households: Float64Array,
  ) {
    this.net = told.many ? new Net(told) : null;
  }

  /** Of the grid that has just these atoms, in their order. */
  of(atoms: Int32Array): Way {
    const livedIn = atoms.some((atom) => this.homes(atom) > 0);
    return this.net ? this.onFoot(atoms, this.net, livedIn) : this.straight(atoms, livedIn);
  }

  private onFoot(atoms: Int32Array, net: Net, livedIn: boolean): Way {
    const weights = Float64Array.from(atoms, (atom) => Math.max(this.homes(atom), LITTLE));
    const middle = atoms[this.middle(atoms, weights)] ?? 0;
    const far = net.from(middle, atoms);
    let [total, counted, farthest] = [0, 0, 0];
    atoms.forEach((atom, at) => {
      const known = far[at] ?? Number.POSITIVE_INFINITY;
      const way = Number.isFinite(known) ? known : Math.round(this.distance(middle, atom) * DETOUR * METRE);
      const own = livedIn ? this.homes(atom) : 1;
      total += own * way;
      counted += own;
      farthest = Math.max(farthest, way);
    });
    return { total, counted, farthest, livedIn, onFoot: true };
  }

  // Here a door where nobody lives does not count where somebody lives at others.
  private straight(atoms: Int32Array, livedIn: boolean): Way {
    const weights = Float64Array.from(atoms, (atom) => (livedIn ? this.homes(atom) : 1));
    const middle = atoms[this.middle(atoms, weights)] ?? 0;
    let [total, counted, farthest] = [0, 0, 0];
    atoms.forEach((atom, at) => {
      const own = weights[at] ?? 0;
      if (!own) return;
      const way = this.distance(middle, atom) * METRE;
      total += own * way;
      counted += own;
      farthest = Math.max(farthest, way);
    });
    return { total, counted, farthest, livedIn, onFoot: false };
  }

  // The door from where all are nearest, straight.
  private middle(atoms: Int32Array, weights: Float64Array): number {
    const sums = new Float64Array(atoms.length);
    for (let one = 0; one < atoms.length; one++)
      for (let other = 0; other < one; other++) {
        const far = this.distance(atoms[one] ?? 0, atoms[other] ?? 0);
        sums[one] = (sums[one] ?? 0) + far * (weights[other] ?? 0);
        sums[other] = (sums[other] ?? 0) + far * (weights[one] ?? 0);
      }
    const near =
      sums.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY) * (1 + AS_NEAR);
    return sums.findIndex((each) => each <= near);
  }

  private homes(atom: number): number {
    return this.households[atom] ?? 0;
  }

  private distance(one: number, other: number): number {
    const across = (this.x[one] ?? 0) - (this.x[other] ?? 0);
    const up = (this.y[one] ?? 0) - (this.y[other] ?? 0);
    return Math.sqrt(across * across + up * up);
  }
}

class Net {
  // From node `node` ways lead to `ends`, as long as `cm`, from `starts[node]` to `starts[node + 1]`.
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly cm: Int32Array;
  // What hangs together has one number.
  private readonly part: Int32Array;
  // Centimetres from where one begins to what was `reached`; -1 elsewhere.
  private readonly far: Float64Array;
  private readonly reached: number[] = [];
  private readonly wanted: Uint8Array;

  constructor({ many = [], steps = [], cm = [] }: ToldNet) {
    const nodes = many.length;
    this.starts = new Int32Array(nodes + 1);
    this.ends = new Int32Array(2 * steps.length);
    this.cm = new Int32Array(2 * steps.length);
    const each = (take: (node: number, end: number, long: number) => void) => {
      let at = 0;
      many.forEach((count, node) => {
        for (const last = at + count; at < last; at++) take(node, node + (steps[at] ?? 0), cm[at] ?? 0);
      });
    };
    each((node, end) => {
      for (const one of [node, end]) this.starts[one + 1] = (this.starts[one + 1] ?? 0) + 1;
    });
    for (let node = 0; node < nodes; node++)
      this.starts[node + 1] = (this.starts[node + 1] ?? 0) + (this.starts[node] ?? 0);
    const filled = this.starts.slice();
    const join = (one: number, other: number, long: number) => {
      const at = filled[one] ?? 0;
      this.ends[at] = other;
      this.cm[at] = long;
      filled[one] = at + 1;
    };
    each((node, end, long) => {
      join(node, end, long);
      join(end, node, long);
    });
    this.part = this.parts(nodes);
    this.far = new Float64Array(nodes).fill(-1);
    this.wanted = new Uint8Array(nodes);
  }

  private parts(nodes: number): Int32Array {
    const part = new Int32Array(nodes).fill(-1);
    for (let first = 0; first < nodes; first++) {
      if (part[first] !== -1) continue;
      part[first] = first;
      const waiting = [first];
      for (let node = waiting.pop(); node !== undefined; node = waiting.pop())
        for (let at = this.starts[node] ?? 0; at < (this.starts[node + 1] ?? 0); at++) {
          const end = this.ends[at] ?? 0;
          if (part[end] !== -1) continue;
          part[end] = first;
          waiting.push(end);
        }
    }
    return part;
  }

  /** Centimetres from a door to each of these; what no way joins is infinitely far. Nothing farther is looked at. */
  from(door: number, atoms: Int32Array): Float64Array {
    let left = 0;
    for (const atom of atoms)
      if (this.part[atom] === this.part[door]) {
        this.wanted[atom] = 1;
        left++;
      }
    const nearest = new Nearest();
    this.reach(door, 0);
    nearest.push(door, 0);
    for (let node = nearest.pop(); node >= 0 && left > 0; node = nearest.pop()) {
      const here = this.far[node] ?? 0;
      // Once it was nearer than it is here, it is done.
      if (nearest.popped > here) continue;
      if (this.wanted[node]) {
        this.wanted[node] = 0;
        left--;
      }
      for (let at = this.starts[node] ?? 0; at < (this.starts[node + 1] ?? 0); at++) {
        const end = this.ends[at] ?? 0;
        const there = here + (this.cm[at] ?? 0);
        const before = this.far[end] ?? -1;
        if (before >= 0 && before <= there) continue;
        this.reach(end, there);
        nearest.push(end, there);
      }
    }
    const found = Float64Array.from(atoms, (atom) =>
      this.part[atom] === this.part[door] ? (this.far[atom] ?? 0) : Number.POSITIVE_INFINITY,
    );
    for (const node of this.reached) this.far[node] = -1;
    this.reached.length = 0;
    return found;
  }

  private reach(node: number, cm: number): void {
    if (this.far[node] === -1) this.reached.push(node);
    this.far[node] = cm;
  }
}

// A heap: what is nearest comes first.
class Nearest {
  private readonly nodes: number[] = [];
  private readonly keys: number[] = [];
  /** How far the last one was that came. */
  popped = 0;

  push(node: number, key: number): void {
    let at = this.nodes.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if ((this.keys[above] ?? 0) <= key) break;
      this.put(at, above);
      at = above;
    }
    this.nodes[at] = node;
    this.keys[at] = key;
  }

  /** -1 where nothing is left. */
  pop(): number {
    const [first = -1] = this.nodes;
    this.popped = this.keys[0] ?? 0;
    const node = this.nodes.pop() ?? -1;
    const key = this.keys.pop() ?? 0;
    const count = this.nodes.length;
    if (!count) return first;
    let at = 0;
    for (let below = 1; below < count; below = 2 * at + 1) {
      if (below + 1 < count && (this.keys[below + 1] ?? 0) < (this.keys[below] ?? 0)) below++;
      if ((this.keys[below] ?? 0) >= key) break;
      this.put(at, below);
      at = below;
    }
    this.nodes[at] = node;
    this.keys[at] = key;
    return first;
  }

  private put(at: number, from: number): void {
    this.nodes[at] = this.nodes[from] ?? 0;
    this.keys[at] = this.keys[from] ?? 0;
  }
}

/** Of all grids together; of doors where nobody lives only as long as nobody lives anywhere. */
export function waySums(ways: readonly Way[]): Record<string, number> {
  const [first] = ways;
  if (!first) return {};
  const livedIn = ways.filter((way) => way.livedIn);
  const counted = livedIn.length || !first.onFoot ? livedIn : ways;
  const sum = (of: (way: Way) => number) => counted.reduce((all, way) => all + of(way), 0);
  const mean = sum((way) => way.total) / (sum((way) => way.counted) || 1) / METRE;
  const farthest = rounded(ways.reduce((most, way) => Math.max(most, way.farthest), 0) / METRE);
  return first.onFoot
    ? { walk_mean_m: tenths(mean), walk_farthest_m: farthest }
    : { door_mean_m: rounded(mean), door_farthest_m: farthest };
}

/** Rounded as the server rounds: what lies in the middle goes to the even number. */
export function rounded(metres: number): number {
  const whole = Math.round(metres);
  return whole - metres === 0.5 && whole % 2 ? whole - 1 : whole;
}

/** The same to one place after the point. */
function tenths(metres: number): number {
  // Only what ends on .25 or .75 lies just in the middle.
  const quarters = metres * 4;
  if (Number.isInteger(quarters) && quarters % 2) return rounded(metres * 10) / 10;
  return Number(metres.toFixed(1));
}
