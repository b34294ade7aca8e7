// Of all ways to pair a plan's grids with today's the one by which most households stay: whoever keeps a plan gets the same from
// the server (gridplan.number.heirs).

/** How many households stay at most. `shared`: of each grid of the plan how many it has from each grid of today; `today`: those that may go on. */
export function mostStaying(shared: ReadonlyMap<number, number>[], today: readonly number[]): number {
  const grids = shared.filter((own) => today.some((grid) => own.get(grid)));
  const held = today.filter((grid) => grids.some((own) => own.get(grid)));
  // Each of the fewer gets one of the more.
  const table =
    grids.length <= held.length
      ? grids.map((own) => Float64Array.from(held, (grid) => own.get(grid) ?? 0))
      : held.map((grid) => Float64Array.from(grids, (own) => own.get(grid) ?? 0));
  return table.length ? heaviest(table) : 0;
}

// The Hungarian method by shortest ways: row after row takes a column, and those before it move over where that is better.
function heaviest(table: Float64Array[]): number {
  const rows = table.length;
  const columns = table[0]?.length ?? 0;
  const ofRow = new Float64Array(rows + 1);
  const ofColumn = new Float64Array(columns + 1);
  // Which row, from 1 on, a column has; place 0 is where the row that comes waits.
  const holder = new Int32Array(columns + 1);
  const before = new Int32Array(columns + 1);
  const slack = new Float64Array(columns + 1);
  const reached = new Uint8Array(columns + 1);
  for (let coming = 1; coming <= rows; coming++) {
    slack.fill(Number.POSITIVE_INFINITY);
    reached.fill(0);
    holder[0] = coming;
    let at = 0;
    while (holder[at]) {
      reached[at] = 1;
      const row = holder[at] ?? 0;
      const own = table[row - 1];
      let [least, next] = [Number.POSITIVE_INFINITY, 0];
      for (let column = 1; column <= columns; column++) {
        if (reached[column]) continue;
        const cost = -(own?.[column - 1] ?? 0) - (ofRow[row] ?? 0) - (ofColumn[column] ?? 0);
        if (cost < (slack[column] ?? 0)) {
          slack[column] = cost;
          before[column] = at;
        }
        if ((slack[column] ?? 0) < least) [least, next] = [slack[column] ?? 0, column];
      }
      for (let column = 0; column <= columns; column++)
        if (reached[column]) {
          const of = holder[column] ?? 0;
          ofRow[of] = (ofRow[of] ?? 0) + least;
          ofColumn[column] = (ofColumn[column] ?? 0) - least;
        } else slack[column] = (slack[column] ?? 0) - least;
      at = next;
    }
    for (let back = at; back; back = before[back] ?? 0) holder[back] = holder[before[back] ?? 0] ?? 0;
  }
  let weight = 0;
  for (let column = 1; column <= columns; column++)
    if (holder[column]) weight += table[(holder[column] ?? 0) - 1]?.[column - 1] ?? 0;
  return weight;
}
