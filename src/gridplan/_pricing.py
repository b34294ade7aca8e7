"""The hot loop of the bound: which grid is cheaper than its atoms are priced at, wherever its centre may lie. Compiled; arrays only.

A grid's spread around any point is its spread around its own centre and, for each household, the squared distance of the point from the
centre. So the plane is cut into squares. For a square, every grid whose centre lies in it is weighed at once: first with atoms
that may be taken in parts, which is quick and mostly enough; where not, the square is quartered; and in the smallest squares
with whole atoms, by dynamic programming over households.

An atom's **density** in a square is what one of its households costs there at the least, less its price for one household.
"""

from typing import Any

import numpy as np

from gridplan._annealing import _compiled

Array = np.ndarray[Any, Any]

#: Squares of the coarsest kind that share one list of the atoms about them, along each side.
TILE = 8
#: How many grids one look can give, and atoms in them.
GRIDS, ATOMS = 1 << 16, 1 << 20


@_compiled
def _about(x: Array, y: Array, ratio: Array, highest: float, tile: Array, horizon: float, near: Array) -> int:
    """Lists the atoms whose density can be under the horizon in this tile (west, east, south, north). Atoms lie from west to east."""
    count = 0
    reach = np.sqrt(max(horizon + highest, 0.0))
    for i in range(np.searchsorted(x, tile[0] - reach), np.searchsorted(x, tile[1] + reach, side="right")):
        across = max(tile[0] - x[i], 0.0, x[i] - tile[1])
        along = max(tile[2] - y[i], 0.0, y[i] - tile[3])
        if across * across + along * along - ratio[i] < horizon:
            near[count] = i
            count += 1
    return count


@_compiled
def _enough(density: Array, households: Array, near: Array, low: int, step: float, close: Array) -> int:
    """Lists the atoms that are wanted, and if they are fewer than `low` households the next too, a step farther each time."""
    wanted = 0.0
    while True:
        m, mass = 0, 0
        for i in near:
            if density[i] < wanted:
                close[m] = i
                m += 1
                mass += households[i]
        if mass >= low or m == len(near):
            return m if mass >= low else 0
        wanted += max(wanted, step)


@_compiled
def _in_parts(density: Array, households: Array, close: Array, low: int, high: int) -> tuple[float, float]:
    """What a grid costs at the least above its prices, and the density at which the bounds stopped it (0: they did not)."""
    value, weight = 0.0, 0.0
    edge = 0.0
    for i in close[np.argsort(density[close])]:
        here = density[i]
        if here >= 0 and weight >= low:
            return value, edge
        room = (low if here >= 0 else high) - weight
        if households[i] >= room:
            return value + here * room, here
        value += here * households[i]
        weight += households[i]
        edge = here if here >= 0 else 0.0
    return value, edge


@_compiled
def _in_whole(
    density: Array, households: Array, kept: Array, high: int, slack: float, lines: tuple[Array, Array]
) -> tuple[Array, int]:
    """The least cost above prices for each number of households, seen from the middle of the square; the largest number reached.

    From one line to the other and back, atom by atom: so that a processor does several numbers at a time.
    """
    old, new = lines
    old[:] = np.inf
    new[:] = np.inf
    old[0] = 0.0
    reach = 0
    for a in range(len(kept)):
        h = households[kept[a]]
        own = h * (density[kept[a]] + slack)
        reach = min(high, reach + h)
        new[: min(h, reach + 1)] = old[: min(h, reach + 1)]
        if h <= reach:
            without, before, into = old[h : reach + 1], old[: reach + 1 - h], new[h : reach + 1]
            for w in range(len(into)):
                with_it = before[w] + own
                into[w] = with_it if with_it < without[w] else without[w]  # noqa: FURB136 - its min minds what is no number
        old, new = new, old
    return old, reach


@_compiled
def _marked(
    density: Array, households: Array, kept: Array, high: int, slack: float, least: Array, taken: Array
) -> None:
    """The same once more, for a grid that is wanted: which atoms are taken for each number of households."""
    least[:] = np.inf
    least[0] = 0.0
    reach = 0
    for a in range(len(kept)):
        h = households[kept[a]]
        own = h * (density[kept[a]] + slack)
        reach = min(high, reach + h)
        taken[a, : min(h, high + 1)] = False
        for w in range(reach, h - 1, -1):
            with_it = least[w - h] + own
            taken[a, w] = with_it < least[w]
            least[w] = min(least[w], with_it)


@_compiled
def _traced(households: Array, kept: Array, weight: int, taken: Array, into: Array) -> int:
    """Writes the atoms of the cheapest grid of so many households."""
    length = 0
    for a in range(len(kept) - 1, -1, -1):
        h = households[kept[a]]
        if weight >= h and taken[a, weight]:
            into[length] = kept[a]
            length += 1
            weight -= h
    return length


@_compiled
def _filled(density: Array, households: Array, kept: Array, low: int, high: int, into: Array) -> int:
    """Writes the atoms of a cheap grid: the cheapest that still fit. None, if they do not fill it."""
    weight, length = 0, 0
    for i in kept[np.argsort(density[kept])]:
        if weight + households[i] <= high and (density[i] < 0 or weight < low):
            into[length] = i
            length += 1
            weight += households[i]
    return length if weight >= low else 0


@_compiled
def _looked_at(
    square: Array,
    atoms: tuple[Array, Array, Array, Array, float],
    fee: float,
    low: int,
    high: int,
    tile: Array,
    about: tuple[float, int],
    step: float,
    room: tuple[Array, Array, Array],
) -> tuple[float, float, tuple[float, int]]:
    """What a grid with its centre in this square (x, y, half a side) costs at the least, atoms taken in parts; the density at its edge; and what was looked at for it.

    Atoms beyond the horizon are too far to matter, even with one household; where they are not, it is pushed out.
    """
    x, y, households, ratio, highest = atoms
    near, close, density = room
    horizon, count = about
    slack = 2 * square[2] * square[2]
    while True:
        for a in range(count):
            i = near[a]
            density[i] = (x[i] - square[0]) ** 2 + (y[i] - square[1]) ** 2 - slack - ratio[i]
        m = _enough(density, households, near[:count], low, step, close)
        if m == 0 and count == len(x):
            return np.inf, 0.0, (horizon, count)
        if m > 0:
            value, edge = _in_parts(density, households, close[:m], low, high)
            beyond = horizon - slack - edge
            if count == len(x) or (beyond >= 0 and value + beyond >= fee):
                return value, edge, (horizon, count)
        horizon *= 2
        count = _about(x, y, ratio, highest, tile, horizon, near)


@_compiled
def _mattering(
    density: Array, households: Array, near: Array, value: float, edge: float, fee: float, kept: Array
) -> int:
    """Lists the atoms that do not make every grid dear enough by being in it."""
    m = 0
    for i in near:
        over = density[i] - edge
        if over <= 0 or value + households[i] * over < fee:
            kept[m] = i
            m += 1
    return m


@_compiled
def _judged(least: Array, low: int, reach: int, fee: float, slack: float) -> tuple[float, float, int]:
    """By how much the price of a household must fall, and the best seen from the middle: what it costs below the fee, its households."""
    fall, cost, chosen = 0.0, 0.0, -1
    for w in range(low, reach + 1):
        fall = max(fall, (fee - least[w] + w * slack) / w)
        if least[w] - fee < cost:
            cost, chosen = least[w] - fee, w
    return fall, cost, chosen


@_compiled
def _quartered(stack: Array, top: int) -> int:
    """Puts the quarters of the square on top in its place."""
    cx, cy, side = stack[top, 0], stack[top, 1], stack[top, 2]
    for quarter in range(4):
        stack[top + quarter, 0] = cx + (quarter % 2 - 0.5) * side
        stack[top + quarter, 1] = cy + (quarter // 2 - 0.5) * side
        stack[top + quarter, 2] = side / 2
    return top + 4


@_compiled
def _searched(
    stack: Array,
    atoms: tuple[Array, Array, Array, Array, float],
    fee: float,
    low: int,
    high: int,
    finest: float,
    whole: bool,
    tile: Array,
    about: tuple[float, int],
    step: float,
    room: tuple[Array, Array, Array],
    kept: Array,
    table: tuple[tuple[Array, Array], Array],
    falls: Array,
    into: Array,
) -> tuple[int, tuple[float, int]]:
    """Searches the square on the stack, to its smallest: raises `falls`, writes the atoms of its cheapest grid and gives how many they are."""
    households = atoms[2]
    near, _, density = room
    lines, taken = table
    best, length = -1e-6, 0
    top = 1
    while top > 0:
        top -= 1
        value, edge, about = _looked_at(stack[top], atoms, fee, low, high, tile, about, step, room)
        if value >= fee - 1e-9:
            continue
        if stack[top, 2] > finest:
            top = _quartered(stack, top)
            continue
        slack = 2 * stack[top, 2] * stack[top, 2]
        m = _mattering(density, households, near[: about[1]], value, edge, fee, kept)
        if whole:
            least, reach = _in_whole(density, households, kept[:m], high, slack, lines)
            fall, cost, chosen = _judged(least, low, reach, fee, slack)
            if cost < best:
                _marked(density, households, kept[:m], high, slack, lines[0], taken)
                best, length = cost, _traced(households, kept[:m], chosen, taken, into)
        else:
            fall = (fee - value) / low
            if value - fee < best:
                best, length = value - fee, _filled(density, households, kept[:m], low, high, into)
        for i in kept[:m]:
            falls[i] = max(falls[i], fall)
    return length, about


@_compiled
def cheapest(
    x: Array,
    y: Array,
    households: Array,
    prices: Array,
    fee: float,
    low: int,
    high: int,
    half: float,
    finest: float,
    whole: bool,
    share: int,
    shares: int,
) -> tuple[Array, Array, Array]:
    """For each atom what its price must fall by for each household, so that no grid of `low` to `high` households costs less than its atoms' prices and the `fee` together.

    With it, of every square of the coarsest kind (`half` a side) the grid that costs least below its price: atoms one after another, and
    where each begins. `finest`: half a side of the smallest squares. `whole`: atoms are not taken in parts there. Atoms lie from
    west to east. One of several `shares` of the plane is looked at; what all of them say together holds.
    """
    n = len(x)
    falls, ratio = np.zeros(n), prices / households
    typical, highest = max(np.median(ratio), 1.0), ratio.max()
    near, kept, into = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    room = (near, np.empty(n, np.int64), np.empty(n))
    lines = (np.empty(high + 1 if whole else 1), np.empty(high + 1 if whole else 1))
    table = (lines, np.zeros((n, high + 1) if whole else (1, 1), np.bool_))
    stack, tile = np.empty((128, 3)), np.empty(4)
    members, starts = np.empty(ATOMS, np.int32), np.zeros(GRIDS, np.int64)
    grids, used, side = 0, 0, 2 * half
    west, south = x.min(), y.min()
    wide = max(1, int(np.ceil((x.max() - west) / side)))
    tall = max(1, int(np.ceil((y.max() - south) / side)))
    tiles = (wide + TILE - 1) // TILE
    total = tiles * ((tall + TILE - 1) // TILE)
    for number in range(share * total // shares, (share + 1) * total // shares):
        first, lowest = number % tiles * TILE, number // tiles * TILE
        tile[0], tile[1] = west + first * side, west + (first + TILE) * side
        tile[2], tile[3] = south + lowest * side, south + (lowest + TILE) * side
        about = (8 * typical, _about(x, y, ratio, highest, tile, 8 * typical, near))
        for square in range(TILE * TILE):
            column, row = first + square % TILE, lowest + square // TILE
            if column >= wide or row >= tall:
                continue
            stack[0, 0], stack[0, 1], stack[0, 2] = (
                west + column * side + half,
                south + row * side + half,
                half,
            )
            length, about = _searched(
                stack, (x, y, households, ratio, highest), fee, low, high, finest, whole,
                tile, about, typical / 8, room, kept, table, falls, into,
            )  # fmt: skip
            if length > 0 and grids < GRIDS - 1 and used + length < ATOMS:
                members[used : used + length] = into[:length]
                used += length
                grids += 1
                starts[grids] = used
    return falls, members[:used].copy(), starts[: grids + 1].copy()


@_compiled
def cheapest_on_foot(
    squares: Array,
    households: Array,
    prices: Array,
    fee: float,
    low: int,
    high: int,
    whole: bool,
    share: int,
    shares: int,
) -> tuple[Array, Array, Array]:
    """The same where a grid costs the squared ways from one of its doors: `squares` `(middles, n)` from each door that may be its middle."""
    middles, n = squares.shape
    falls, ratio = np.zeros(n), prices / households
    density, every, kept, into = np.empty(n), np.arange(n), np.empty(n, np.int64), np.empty(n, np.int64)
    close = np.empty(n, np.int64)
    lines = (np.empty(high + 1 if whole else 1), np.empty(high + 1 if whole else 1))
    taken = np.zeros((n, high + 1) if whole else (1, 1), np.bool_)
    members, starts = np.empty(ATOMS, np.int32), np.zeros(GRIDS, np.int64)
    grids, used = 0, 0
    typical = max(np.median(ratio), 1.0)
    for middle in range(share * middles // shares, (share + 1) * middles // shares):
        for i in range(n):
            density[i] = squares[middle, i] - ratio[i]
        m = _enough(density, households, every, low, typical / 8, close)
        if m == 0:
            continue
        value, edge = _in_parts(density, households, close[:m], low, high)
        if value >= fee - 1e-9:
            continue
        m = _mattering(density, households, every, value, edge, fee, kept)
        length = 0
        if whole:
            least, reach = _in_whole(density, households, kept[:m], high, 0.0, lines)
            fall, cost, chosen = _judged(least, low, reach, fee, 0.0)
            if cost < -1e-6:
                _marked(density, households, kept[:m], high, 0.0, lines[0], taken)
                length = _traced(households, kept[:m], chosen, taken, into)
        else:
            fall = (fee - value) / low
            length = _filled(density, households, kept[:m], low, high, into)
        for i in kept[:m]:
            falls[i] = max(falls[i], fall)
        if length > 0 and grids < GRIDS - 1 and used + length < ATOMS:
            members[used : used + length] = into[:length]
            used += length
            grids += 1
            starts[grids] = used
    return falls, members[:used].copy(), starts[: grids + 1].copy()
