// How far one walks in a grid in a year: a round through all its doors, cut into rounds of a few calls from the middle and back. In whole
// centimetres and in the same order as the server (gridplan.rounds, wangge.plans.rules.measures), so that both come to the same figure.

// So many doors one calls at before one goes back, and how long a call takes.
const CALLS_A_ROUND = 20;
const MINUTES_A_CALL = 20;
const METRES_A_MINUTE = 70;
// Streets are not asked: ways are so much farther than straight.
const DETOUR = 1.3;
// Weeks that somebody walks in a year.
const WEEKS = 46;
// Of so many of its nearest doors each may become the next.
const NEAR = 8;
// A grid of more doors is far from fit: its round goes up and down in strips.
const MOST_DOORS = 600;
const METRES_PER_DEGREE = 111_320;
const METRE = 100;
const MILLION = 1_000_000;

/** Of places in whole steps of a millionth of a degree from a south-western corner: whole centimetres to the east and to the north. */
export function centimetres(x: number[], y: number[], south: number): [Int32Array, Int32Array] {
  const all = y.reduce((sum, each) => sum + each, 0);
  const middle = (all / (y.length || 1) + south) / MILLION;
  const up = (METRES_PER_DEGREE * METRE) / MILLION;
  const across = up * Math.cos((middle * Math.PI) / 180);
  return [
    Int32Array.from(x, (each) => Math.floor(each * across + 0.5)),
    Int32Array.from(y, (each) => Math.floor(each * up + 0.5)),
  ];
}

/** Hours of a week that a grid asks: a year's `minutes` of calls at these doors, and the ways to them. */
export function hoursOf(minutes: number, x: Int32Array, y: Int32Array, homes: Float64Array): number {
  const livedIn = homes.some((each) => each > 0);
  const doors = [...homes.keys()].filter((door) => !livedIn || (homes[door] ?? 0) > 0);
  const calls = minutes / MINUTES_A_CALL;
  let metres = 0;
  if (calls > 0 && doors.length) {
    const place = new Places(
      Float64Array.from(doors, (door) => x[door] ?? 0),
      Float64Array.from(doors, (door) => y[door] ?? 0),
      Float64Array.from(doors, (door) => (livedIn ? (homes[door] ?? 0) : 1)),
    );
    const households = place.households;
    const long = (place.roundCm() * DETOUR) / METRE;
    const reach = ((place.waysCm() / households) * DETOUR) / METRE;
    const once = Math.min(CALLS_A_ROUND, households);
    metres = (calls / households) * long * (1 - 1 / once) + 2 * (calls / once) * reach;
  }
  const hours = (minutes + metres / METRES_A_MINUTE) / 60 / WEEKS;
  return Math.floor(hours * 10 + 0.5) / 10;
}

class Places {
  readonly households: number;
  private readonly count: number;

  constructor(
    private readonly x: Float64Array,
    private readonly y: Float64Array,
    private readonly homes: Float64Array,
  ) {
    this.count = x.length;
    this.households = homes.reduce((all, each) => all + each, 0);
  }

  /** The closed round through all of them. */
  roundCm(): number {
    const order = this.count > MOST_DOORS ? this.strips() : new Shortened(this.x, this.y).order;
    let [long, before] = [0, order[this.count - 1] ?? 0];
    for (const door of order) {
      long += this.far(before, door);
      before = door;
    }
    return long;
  }

  /** From the door that is nearest to all households; of many, from the one nearest to their middle. */
  waysCm(): number {
    if (this.count > MOST_DOORS) return this.waysFrom(this.nearestToCentre());
    const sums = new Float64Array(this.count);
    for (let one = 0; one < this.count; one++)
      for (let other = 0; other < one; other++) {
        const far = this.far(one, other);
        sums[one] = (sums[one] ?? 0) + far * (this.homes[other] ?? 0);
        sums[other] = (sums[other] ?? 0) + far * (this.homes[one] ?? 0);
      }
    return sums.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  }

  private waysFrom(middle: number): number {
    return this.homes.reduce((all, own, door) => all + own * this.far(middle, door), 0);
  }

  private nearestToCentre(): number {
    const mean = (values: Float64Array) =>
      values.reduce((all, value, door) => all + value * (this.homes[door] ?? 0), 0) / this.households;
    const [x, y] = [mean(this.x), mean(this.y)];
    let [middle, nearest] = [0, Number.POSITIVE_INFINITY];
    for (let door = 0; door < this.count; door++) {
      const [across, up] = [(this.x[door] ?? 0) - x, (this.y[door] ?? 0) - y];
      const off = across * across + up * up;
      if (off < nearest) [middle, nearest] = [door, off];
    }
    return middle;
  }

  private strips(): Int32Array {
    const least = (values: Float64Array) => values.reduce((one, each) => Math.min(one, each));
    const [west, south] = [least(this.x), least(this.y)];
    const x = this.x.map((each) => each - west);
    const y = this.y.map((each) => each - south);
    const most = (values: Float64Array) => values.reduce((one, each) => Math.max(one, each)) + 1;
    const [wide, high] = [most(x), most(y)];
    const strips = Math.max(Math.floor(Math.sqrt((high * this.count) / 3 / wide)), 1);
    const strip = y.map((each) => Math.floor((each * strips) / high));
    const along = x.map((each, door) => ((strip[door] ?? 0) % 2 ? -each : each));
    const by = (values: Float64Array, one: number, other: number) =>
      (values[one] ?? 0) - (values[other] ?? 0);
    return Int32Array.from(x.keys()).sort(
      (one, other) => by(strip, one, other) || by(along, one, other) || by(y, one, other) || one - other,
    );
  }

  private far(one: number, other: number): number {
    return between(this.x, this.y, one, other);
  }
}

function between(x: Float64Array, y: Float64Array, one: number, other: number): number {
  const across = (x[one] ?? 0) - (x[other] ?? 0);
  const up = (y[one] ?? 0) - (y[other] ?? 0);
  return Math.floor(Math.sqrt(across * across + up * up) + 0.5);
}

// From the first door always on to the nearest, then shortened by what shortens it most until nothing does: turning a part round, and
// where that does not help moving one door. Of what is as good the first is taken.
class Shortened {
  readonly order: Int32Array;
  private readonly count: number;
  // By door its nearest ones, `near` of each, and how far they are.
  private readonly near: number;
  private readonly others: Int32Array;
  private readonly ways: Float64Array;
  // By door its place in the order, and how far the next and the one before are.
  private readonly place: Int32Array;
  private readonly ahead: Float64Array;
  private readonly back: Float64Array;

  constructor(
    private readonly x: Float64Array,
    private readonly y: Float64Array,
  ) {
    this.count = x.length;
    this.order = this.nearestNext();
    this.near = Math.min(NEAR, this.count - 1);
    this.others = new Int32Array(this.count * this.near);
    this.ways = new Float64Array(this.count * this.near);
    this.place = new Int32Array(this.count);
    this.ahead = new Float64Array(this.count);
    this.back = new Float64Array(this.count);
    if (this.count < 4) return;
    this.findNear();
    do this.look();
    while (this.turn() || this.move());
  }

  private nearestNext(): Int32Array {
    const order = Int32Array.from(this.x.keys());
    for (let at = 1; at < this.count; at++) {
      const here = order[at - 1] ?? 0;
      let [next, nearest] = [at, Number.POSITIVE_INFINITY];
      for (let later = at; later < this.count; later++) {
        const door = order[later] ?? 0;
        const far = this.far(here, door);
        if (far > nearest || (far === nearest && door > (order[next] ?? 0))) continue;
        [next, nearest] = [later, far];
      }
      const door = order[next] ?? 0;
      order[next] = order[at] ?? 0;
      order[at] = door;
    }
    return order;
  }

  private findNear(): void {
    for (let door = 0; door < this.count; door++) {
      const first = door * this.near;
      let held = 0;
      for (let other = 0; other < this.count; other++) {
        if (other === door) continue;
        const far = this.far(door, other);
        if (held === this.near && far >= (this.ways[first + held - 1] ?? 0)) continue;
        let at = held < this.near ? held++ : held - 1;
        for (; at > 0 && (this.ways[first + at - 1] ?? 0) > far; at--) {
          this.ways[first + at] = this.ways[first + at - 1] ?? 0;
          this.others[first + at] = this.others[first + at - 1] ?? 0;
        }
        this.ways[first + at] = far;
        this.others[first + at] = other;
      }
    }
  }

  private look(): void {
    let before = this.count - 1;
    for (let at = 0; at < this.count; before = at++) {
      const [one, other] = [this.order[before] ?? 0, this.order[at] ?? 0];
      this.place[other] = at;
      const far = this.far(one, other);
      this.ahead[one] = far;
      this.back[other] = far;
    }
  }

  private next(door: number): number {
    const at = (this.place[door] ?? 0) + 1;
    return this.order[at === this.count ? 0 : at] ?? 0;
  }

  private before(door: number): number {
    const at = this.place[door] ?? 0;
    return this.order[(at || this.count) - 1] ?? 0;
  }

  // Two ways are replaced by two others, and the part between them goes the other way round.
  private turn(): boolean {
    let [best, door, other, isAhead] = [0, -1, -1, true];
    for (const ahead of [true, false]) {
      const long = ahead ? this.ahead : this.back;
      for (let one = 0; one < this.count; one++) {
        const beside = ahead ? this.next(one) : this.before(one);
        const own = long[one] ?? 0;
        for (let at = one * this.near; at < (one + 1) * this.near; at++) {
          const two = this.others[at] ?? 0;
          const kept = (this.ways[at] ?? 0) - own - (long[two] ?? 0);
          // The way that is new beside it makes it no shorter.
          if (kept >= best) continue;
          const longer = kept + this.far(beside, ahead ? this.next(two) : this.before(two));
          if (longer < best) [best, door, other, isAhead] = [longer, one, two, ahead];
        }
      }
    }
    if (door < 0) return false;
    const ends = [this.place[door] ?? 0, this.place[other] ?? 0];
    const shift = isAhead ? 1 : 0;
    this.order.subarray(Math.min(...ends) + shift, Math.max(...ends) + shift).reverse();
    return true;
  }

  // One door goes behind a door that is near, or before it.
  private move(): boolean {
    let [best, door, behind] = [0, -1, -1];
    for (const after of [true, false]) {
      const long = after ? this.ahead : this.back;
      for (let one = 0; one < this.count; one++) {
        const [before, next] = [this.before(one), this.next(one)];
        const saved = (this.back[one] ?? 0) + (this.ahead[one] ?? 0) - this.far(before, next);
        for (let at = one * this.near; at < (one + 1) * this.near; at++) {
          const two = this.others[at] ?? 0;
          const kept = (this.ways[at] ?? 0) - (long[two] ?? 0) - saved;
          // There it may be already.
          if (kept >= best || two === (after ? before : next)) continue;
          const longer = kept + this.far(one, after ? this.next(two) : this.before(two));
          if (longer < best) [best, door, behind] = [longer, one, after ? two : this.before(two)];
        }
      }
    }
    if (door < 0) return false;
    const from = this.place[door] ?? 0;
    const place = this.place[behind] ?? 0;
    const to = place < from ? place + 1 : place;
    if (from < to) this.order.copyWithin(from, from + 1, to + 1);
    else this.order.copyWithin(to + 1, to, from);
    this.order[to] = door;
    return true;
  }

  private far(one: number, other: number): number {
    return between(this.x, this.y, one, other);
  }
}
