// Of all ways to pair a plan's grids with today's the one by which most households stay, and of several such ways the one that the server
// takes (gridplan.number.heirs): who walks a grid hangs on it, so every step is that of scipy's `linear_sum_assignment`.

// A building counts less than any household, ground on which a building stands less than any building
// (wangge.plans.rules: content.LITTLE, numbers._LEAST).
const BUILDING = 1e-6;
const STANDING = 1e-11;

/** What ties a grid to one of today: households, then buildings, then buildings that only stand on its ground; added up as on the server. */
export function tieOf(households: number, buildings: number, standing: number): number {
  let weight = households;
  for (let count = 0; count < buildings; count++) weight += BUILDING;
  for (let count = 0; count < standing; count++) weight += STANDING;
  return weight;
}

/** Which grid goes on as which of today's, by their places. `table`: of each of today's grids what ties it to each of the plan's. */
export function heirs(table: readonly Float64Array[]): Map<number, number> {
  const found = new Map<number, number>();
  const columns = table[0]?.length ?? 0;
  if (!columns) return found;
  // Each of the fewer gets one of the more.
  if (columns < table.length) {
    const turned = Array.from({ length: columns }, (_, grid) =>
      Float64Array.from(table, (row) => row[grid] ?? 0),
    );
    heaviest(turned).forEach((today, grid) => {
      if (turned[grid]?.[today]) found.set(grid, today);
    });
  } else
    heaviest(table).forEach((grid, today) => {
      if (table[today]?.[grid]) found.set(grid, today);
    });
  return found;
}

// The column of each row, of which there are no more than columns: by shortest ways, row after row takes one, and those before it move over where
// that is better (D. F. Crouse, On implementing 2D rectangular assignment algorithms, 2016).
function heaviest(table: readonly Float64Array[]): Int32Array {
  const rows = table.length;
  const columns = table[0]?.length ?? 0;
  const ofRow = new Float64Array(rows);
  const ofColumn = new Float64Array(columns);
  const taken = new Int32Array(rows).fill(-1);
  const holder = new Int32Array(columns).fill(-1);
  const cheapest = new Float64Array(columns);
  const before = new Int32Array(columns);
  const left = new Int32Array(columns);
  const seenRow = new Uint8Array(rows);
  const seenColumn = new Uint8Array(columns);
  for (let coming = 0; coming < rows; coming++) {
    cheapest.fill(Number.POSITIVE_INFINITY);
    seenRow.fill(0);
    seenColumn.fill(0);
    for (let at = 0; at < columns; at++) left[at] = columns - at - 1;
    let [row, far, free, many] = [coming, 0, -1, columns];
    while (free < 0) {
      seenRow[row] = 1;
      const own = table[row];
      let [lowest, place] = [Number.POSITIVE_INFINITY, 0];
      for (let at = 0; at < many; at++) {
        const column = left[at] ?? 0;
        const cost = far + -(own?.[column] ?? 0) - (ofRow[row] ?? 0) - (ofColumn[column] ?? 0);
        if (cost < (cheapest[column] ?? 0)) {
          cheapest[column] = cost;
          before[column] = row;
        }
        const known = cheapest[column] ?? 0;
        // Of several as near one that nobody has is taken.
        if (known < lowest || (known === lowest && holder[column] === -1)) [lowest, place] = [known, at];
      }
      far = lowest;
      const column = left[place] ?? 0;
      seenColumn[column] = 1;
      left[place] = left[--many] ?? 0;
      const of = holder[column] ?? -1;
      if (of === -1) free = column;
      else row = of;
    }
    ofRow[coming] = (ofRow[coming] ?? 0) + far;
    for (let other = 0; other < rows; other++)
      if (seenRow[other] && other !== coming)
        ofRow[other] = (ofRow[other] ?? 0) + (far - (cheapest[taken[other] ?? 0] ?? 0));
    for (let column = 0; column < columns; column++)
      if (seenColumn[column]) ofColumn[column] = (ofColumn[column] ?? 0) - (far - (cheapest[column] ?? 0));
    for (let column = free, of = -1; of !== coming; ) {
      of = before[column] ?? 0;
      holder[column] = of;
      const next = taken[of] ?? -1;
      taken[of] = column;
      column = next;
    }
  }
  return taken;
}
