"""Which atoms one walks between, and how far it is: neighbours without those across a barrier, and ways along the streets."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra, minimum_spanning_tree
from scipy.spatial import Delaunay, QhullError, cKDTree
from shapely.geometry.base import BaseGeometry

from gridplan._found import TooMuch
from gridplan.town import NONE, Streets, Town

#: Neighbours farther apart are linked only where nothing nearer joins the two sides.
REACH_M = 250.0
#: Outlines so near to each other are neighbours, wherever their centres are.
TOUCH_M = 10.0
#: A crossing so near to where the straight way meets the barrier opens it; one that opens nothing so opens the nearest within `FAR_M`.
NEAR_M, FAR_M = 150.0, 500.0
#: A crossing belongs to barriers so near to it.
OF_BARRIER_M = 40.0
#: Between atoms so near one walks straight: paths inside an estate are on few maps.
YARD_M = 60.0
#: So near to a street one stands on it.
ON_IT_M = 0.5
#: Where no street leads, one walks so much farther than straight.
DETOUR = 1.3
#: Streets so far outside the atoms are still part of their ways.
AROUND_M = 1_500.0
#: No city's ways meet its barriers so often; what does would take minutes and gigabytes.
MOST_MEETINGS = 1_000_000
#: So many are looked up at once, so that what is too much is seen before it is all in memory.
_AT_ONCE = 64

Pairs = NDArray[np.int64]
Points = NDArray[np.float64]
_Shapes = NDArray[Any]


def walkable_links(
    xy: Points,
    *,
    outlines: Sequence[BaseGeometry | None] = (),
    barriers: Sequence[BaseGeometry] = (),
    crossings: Sequence[BaseGeometry] = (),
    reach: float = REACH_M,
    near: float = NEAR_M,
) -> Pairs:
    """Pairs of atoms that one walks between: neighbours, except across a barrier that has no crossing near.

    Neighbours are those of Delaunay's triangles, and outlines that nearly touch. Pairs farther apart than `reach` stay only
    where they alone join two parts. Atoms that barriers cut off from their own side's triangles are joined to
    the nearest atom that they see. Everything is in metres.
    """
    if len(xy) < 2:
        return np.empty((0, 2), np.int64)
    shapes = _shapes(xy, outlines)
    pairs = _neighbours(xy, shapes)
    if len(barriers):
        walls = _Walls(barriers, crossings, near)
        pairs = pairs[~walls.block(_lines(shapes, pairs))]
        pairs = _with_seen(xy, shapes, pairs, walls)
    long = shapely.length(_lines(shapes, pairs)) + 1e-6
    tree = minimum_spanning_tree(_graph(len(xy), pairs, long)).tocoo()
    needed = set(zip(*np.sort([tree.row, tree.col], axis=0).tolist(), strict=True))
    kept = [
        far <= reach or pair in needed for far, pair in zip(long, map(tuple, pairs.tolist()), strict=True)
    ]
    found: Pairs = pairs[np.array(kept, bool)]
    return found


def walking_distances(
    town: Town, atoms: NDArray[np.int64] | None = None, sources: NDArray[np.int64] | None = None
) -> Points:
    """Metres on foot from each of `sources` (all of `atoms` if none) to each of `atoms` (all of the town): along the streets.

    Between neighbours within 60 m one walks straight. Where the town knows no streets, or none leads there, one walks from
    neighbour to neighbour, a third farther than straight. What no way joins is infinitely far.
    """
    atoms = np.arange(len(town)) if atoms is None else np.asarray(atoms, np.int64)
    wanted = atoms if sources is None else np.asarray(sources, np.int64)
    both = np.union1d(atoms, wanted)
    where = np.full(len(town), NONE)
    where[both] = np.arange(len(both))
    inside = where[town.edges]
    inside = inside[(inside >= 0).all(axis=1)]
    graph = _walks(town.xy[both], inside, streets_near(town.streets, town.xy[both]))
    far: Points = np.atleast_2d(dijkstra(graph, directed=False, indices=where[wanted]))
    return far[:, where[atoms]]


def walks(town: Town) -> csr_matrix:
    """What `walking_distances` goes along over the whole town: metres between two nodes, each pair once. The atoms are the first nodes;
    then come the points where they reach a street, and the streets' own.
    """
    return _walks(town.xy, town.edges.reshape(-1, 2), streets_near(town.streets, town.xy))


def streets_of(lines: Sequence[BaseGeometry], barriers: Sequence[BaseGeometry] = ()) -> Streets | None:
    """A network of lines in metres: lines meet where they share a point, as bridges do not share one with what is below."""
    parts = shapely.get_parts(np.array(lines, object)) if len(lines) else []
    ways = [shapely.get_coordinates(each) for each in parts if each.geom_type == "LineString"]
    ways = [way for way in ways if len(way) > 1]
    if not ways:
        return None
    points = np.round(np.vstack(ways), 2)
    nodes, of = np.unique(points, axis=0, return_inverse=True)
    of = of.reshape(-1)
    last = np.cumsum([len(way) for way in ways]) - 1
    begins = np.setdiff1d(np.arange(len(points)), last)
    bits = np.stack([of[begins], of[begins + 1]], axis=1)
    bits = np.unique(np.sort(bits[bits[:, 0] != bits[:, 1]], axis=1), axis=0)
    return Streets(nodes, bits.astype(np.int64), tuple(barriers)) if len(bits) else None


def crossings_of(
    ways: Sequence[BaseGeometry], barriers: Sequence[BaseGeometry], *, most: int = MOST_MEETINGS
) -> list[BaseGeometry]:
    """Where one gets across: a way goes through a barrier, or ways end on both of its sides within 30 m of each other.

    TooMuch where ways and barriers meet more than `most` times.
    """
    if not len(ways) or not len(barriers):
        return []
    walls, paths = np.array(barriers, object), np.array(ways, object)
    way, wall = _pairs(paths, walls, most, predicate="intersects")
    found: list[BaseGeometry] = []
    ends: dict[int, list[tuple[shapely.Point, float]]] = {}
    for path, at in zip(way.tolist(), wall.tolist(), strict=True):
        if walls[at].geom_type in ("Polygon", "MultiPolygon"):
            if (
                paths[path].crosses(walls[at])
                and len(shapely.get_parts(paths[path].difference(walls[at]))) > 1
            ):
                found.append(shapely.intersection(paths[path], walls[at]))
            continue
        for spot in shapely.get_parts(shapely.intersection(paths[path], walls[at])):
            point = spot.centroid
            sides = _sides(paths[path], walls[at], point)
            if len(sides) == 2:
                found.append(point)
            else:
                ends.setdefault(at, []).extend((point, side) for side in sides)
    for marks in ends.values():
        left = [point for point, side in marks if side > 0]
        right = [point for point, side in marks if side < 0]
        if left and right:
            here, there = _pairs(
                np.array(left, object), np.array(right, object), most - len(found),
                predicate="dwithin", distance=30,
            )  # fmt: skip
            found += [
                shapely.LineString([left[a], right[b]]).centroid for a, b in zip(here, there, strict=True)
            ]
    return found


def _pairs(shapes: _Shapes, others: _Shapes, most: int, **how: Any) -> NDArray[np.int64]:
    """Which of the shapes meets which of the others, in two rows; TooMuch where more than `most` do."""
    tree, found, count = shapely.STRtree(others), [np.empty((2, 0), np.int64)], 0
    for begin in range(0, len(shapes), _AT_ONCE):
        pairs = tree.query(shapes[begin : begin + _AT_ONCE], **how)
        count += pairs.shape[1]
        if count > most:
            raise TooMuch("Its ways and barriers meet too often.")
        found.append(pairs + np.array([[begin], [0]]))
    return np.concatenate(found, axis=1)


def _sides(path: BaseGeometry, wall: BaseGeometry, point: shapely.Point) -> set[float]:
    """On which sides of the barrier the path goes on from the point."""
    along, on = wall.project(point), path.project(point)
    a, b = wall.interpolate(max(along - 1, 0)), wall.interpolate(along + 1)
    sides = set()
    for step in (-8.0, 8.0):
        if 0 <= on + step <= path.length:
            to = path.interpolate(on + step)
            turn = (b.x - a.x) * (to.y - point.y) - (b.y - a.y) * (to.x - point.x)
            if abs(turn) > 1e-6:
                sides.add(float(np.sign(turn)))
    return sides


class _Walls:
    """Barriers and their crossings, asked which straight ways they block."""

    def __init__(
        self, barriers: Sequence[BaseGeometry], crossings: Sequence[BaseGeometry], near: float
    ) -> None:
        self.walls, self.gates = np.array(barriers, object), np.array(crossings, object)
        self.near = near
        self.tree = shapely.STRtree(self.walls)
        self.gate_tree = shapely.STRtree(self.gates)

    def block(self, lines: _Shapes) -> NDArray[np.bool_]:
        blocked = np.zeros(len(lines), bool)
        line, wall = self.tree.query(lines, predicate="intersects")
        if not len(line):
            return blocked
        cuts = shapely.centroid(shapely.intersection(lines[line], self.walls[wall]))
        is_open = np.zeros(len(line), bool)
        if len(self.gates):
            hit, gate = self.gate_tree.query(cuts, predicate="dwithin", distance=FAR_M)
            belongs = shapely.dwithin(self.gates[gate], self.walls[wall[hit]], OF_BARRIER_M)
            hit, gate = hit[belongs], gate[belongs]
            away = shapely.distance(cuts[hit], self.gates[gate])
            is_open[hit[away <= self.near]] = True
            # A bridge in open country joins the nearest on both sides.
            order = np.lexsort((hit, away, wall[hit], gate))
            first = np.unique(np.stack([gate[order], wall[hit[order]]]), axis=1, return_index=True)[1]
            is_open[hit[order[first]]] = True
        blocked[line[~is_open]] = True
        return blocked


def _shapes(xy: Points, outlines: Sequence[BaseGeometry | None]) -> _Shapes:
    shapes = shapely.points(xy)
    for atom, outline in enumerate(outlines):
        if outline is not None and not outline.is_empty:
            shapes[atom] = outline
    return np.asarray(shapes, object)


def _lines(shapes: _Shapes, pairs: Pairs) -> _Shapes:
    return np.asarray(shapely.shortest_line(shapes[pairs[:, 0]], shapes[pairs[:, 1]]), object)


def _neighbours(xy: Points, shapes: _Shapes) -> Pairs:
    spots, first, of = np.unique(np.round(xy, 3), axis=0, return_index=True, return_inverse=True)
    of = of.reshape(-1)
    found = [first[_triangle_sides(spots)], np.stack([first[of], np.arange(len(xy))], axis=1)]
    if (shapely.get_type_id(shapes) != 0).any():
        found.append(shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOUCH_M).T)
    pairs = np.sort(np.vstack(found), axis=1)
    return np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).astype(np.int64)


def _triangle_sides(spots: Points) -> Pairs:
    if len(spots) > 2:
        try:
            corners = Delaunay(spots - spots.mean(axis=0)).simplices
        except QhullError:  # all in one line
            pass
        else:
            return np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]]).astype(np.int64)
    order = np.lexsort((spots[:, 1], spots[:, 0]))
    return np.stack([order[:-1], order[1:]], axis=1).astype(np.int64)


def _with_seen(xy: Points, shapes: _Shapes, pairs: Pairs, walls: _Walls) -> Pairs:
    """Parts that barriers have torn from their own side are joined to the nearest atom in sight, part by part."""
    while True:
        count, part = connected_components(_graph(len(xy), pairs, np.ones(len(pairs))), directed=False)
        if count == 1:
            return pairs
        more = _sights(xy, shapes, part, count, walls)
        if not len(more):
            return pairs
        pairs = np.unique(np.vstack([pairs, more]), axis=0)


def _sights(xy: Points, shapes: _Shapes, part: NDArray[np.int64], count: int, walls: _Walls) -> Pairs:
    """From each part but the largest the shortest free line to another, if there is one within half a kilometre."""
    found = []
    order = np.argsort(part, kind="stable")
    groups = np.split(order, np.searchsorted(part[order], np.arange(1, count)))
    largest = int(np.argmax([len(group) for group in groups]))
    every = cKDTree(xy)
    for one, here in enumerate(groups):
        if one == largest:
            continue
        pairs = _outward(every, xy, part, here, one)
        if not len(pairs):
            # So many of one's own are near that none of the others is among the nearest.
            there = np.flatnonzero(part != one)
            pairs = _nearest(cKDTree(xy[there]), xy, here)
            pairs[:, 1] = there[pairs[:, 1]]
        length = _length(xy, pairs)
        pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0], length))]
        free = ~walls.block(_lines(shapes, pairs)) if len(pairs) else np.zeros(0, bool)
        if free.any():
            found.append(np.sort(pairs[free.argmax()]))
    return np.array(found, np.int64).reshape(-1, 2)


def _outward(every: Any, xy: Points, part: NDArray[np.int64], here: NDArray[np.int64], one: int) -> Pairs:
    pairs = _nearest(every, xy, here, 24)
    others: Pairs = pairs[part[pairs[:, 1]] != one]
    return others


def _nearest(tree: Any, xy: Points, here: NDArray[np.int64], many: int = 8) -> Pairs:
    """Each of `here` with the nearest of the tree."""
    away, at = tree.query(xy[here], k=min(many, tree.n), distance_upper_bound=FAR_M)
    seen = np.isfinite(away.reshape(len(here), -1))
    return np.stack([np.repeat(here, seen.sum(axis=1)), at.reshape(len(here), -1)[seen]], axis=1).astype(
        np.int64
    )


def _length(xy: Points, pairs: Pairs) -> Points:
    # Two doors at one spot are still two: a graph knows no way of length 0.
    return np.asarray(np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T) + 1e-6, float)


def _graph(n: int, pairs: Pairs, length: Points) -> csr_matrix:
    return coo_matrix((length, (pairs[:, 0], pairs[:, 1])), shape=(n, n)).tocsr()


def streets_near(streets: Streets | None, xy: Points) -> Streets | None:
    """What of them matters for ways between these places."""
    if streets is None or not len(xy):
        return None
    low, high = xy.min(axis=0) - AROUND_M, xy.max(axis=0) + AROUND_M
    inside = ((streets.xy >= low) & (streets.xy <= high)).all(axis=1)
    ways = streets.ways[inside[streets.ways].any(axis=1)]
    if not len(ways):
        return None
    nodes, of = np.unique(ways, return_inverse=True)
    walls = np.array(streets.barriers, object)
    beside = shapely.intersects(walls, shapely.box(*low, *high)) if len(walls) else np.zeros(0, bool)
    return Streets(streets.xy[nodes], of.reshape(-1, 2), tuple(walls[beside]))


def _walks(xy: Points, edges: Pairs, streets: Streets | None) -> csr_matrix:
    """A graph of which the atoms are the first nodes; then come the points where they reach a street, then the streets' own."""
    n = len(xy)
    straight = _length(xy, edges)
    if streets is None:
        return _shortest(n, edges, straight * DETOUR)
    feet, length = _feet(xy, streets)
    total = 2 * n + len(streets.xy)
    yard = straight <= YARD_M
    pairs, lengths = np.vstack([feet, edges[yard]]), np.concatenate([length, straight[yard]])
    part = connected_components(_graph(total, pairs, lengths), directed=False)[1]
    apart = part[edges[:, 0]] != part[edges[:, 1]]
    return _shortest(
        total, np.vstack([pairs, edges[apart]]), np.concatenate([lengths, straight[apart] * DETOUR])
    )


def _feet(xy: Points, streets: Streets) -> tuple[Pairs, Points]:
    """Each atom goes to the nearest bit of street on its side of the barriers; bits are cut where somebody steps on them."""
    n = len(xy)
    a, b = streets.xy[streets.ways[:, 0]], streets.xy[streets.ways[:, 1]]
    bits = shapely.linestrings(np.stack([a, b], axis=1))
    at = _stepped_on(shapely.points(xy), bits, streets.barriers)
    along = b[at] - a[at]
    size = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(((xy - a[at]) * along).sum(axis=1) / size, 0, 1)
    spot = a[at] + share[:, None] * along
    places = np.vstack([xy, spot, streets.xy])
    order = np.lexsort((np.arange(n), share, at))
    same = at[order[:-1]] == at[order[1:]]
    first = np.unique(at[order], return_index=True)[1]
    last = np.append(first[1:], n) - 1
    pairs = np.vstack(
        [
            np.stack([np.arange(n), np.arange(n, 2 * n)], axis=1),
            np.stack([n + order[:-1][same], n + order[1:][same]], axis=1),
            np.stack([2 * n + streets.ways[at[order[first]], 0], n + order[first]], axis=1),
            np.stack([n + order[last], 2 * n + streets.ways[at[order[last]], 1]], axis=1),
            2 * n + streets.ways,
        ]
    )
    return pairs.astype(np.int64), _length(places, pairs)


def _stepped_on(spots: _Shapes, bits: _Shapes, barriers: Sequence[BaseGeometry]) -> NDArray[np.int64]:
    """The bit of street that each spot goes to: the nearest, or where a barrier lies between the nearest within half a kilometre
    without one; if there is none, the nearest all the same.
    """
    tree = shapely.STRtree(bits)
    at: NDArray[np.int64] = np.asarray(tree.nearest(spots), np.int64)
    if not len(barriers):
        return at
    walls = shapely.STRtree(np.array(barriers, object))

    def cut_off(which: NDArray[np.int64], bit: NDArray[np.int64]) -> NDArray[np.bool_]:
        steps = shapely.shortest_line(spots[which], bits[bit])
        # A main road may be street and barrier: who steps on it is not across yet.
        cut = np.zeros(len(which), bool)
        cut[walls.query(_shortened(steps), predicate="intersects")[0]] = True
        return cut

    blocked = np.flatnonzero(cut_off(np.arange(len(spots)), at))
    for reach in (NEAR_M, FAR_M):  # most find theirs near, where few are looked at
        for begin in range(0, len(blocked), _AT_ONCE):
            some = blocked[begin : begin + _AT_ONCE]
            which, bit = tree.query(spots[some], predicate="dwithin", distance=reach)
            which = some[which]
            free = ~cut_off(which, bit)
            which, bit = which[free], bit[free]
            order = np.lexsort((bit, shapely.distance(spots[which], bits[bit]), which))
            first = np.unique(which[order], return_index=True)[1]
            at[which[order[first]]] = bit[order[first]]
        blocked = blocked[cut_off(blocked, at[blocked])]
    return at


def _shortened(steps: _Shapes) -> _Shapes:
    """Without their last half a metre."""
    ends = shapely.get_coordinates(steps).reshape(-1, 2, 2)
    way = ends[:, 1] - ends[:, 0]
    size = np.maximum(np.hypot(*way.T), 1e-9)
    last = ends[:, 0] + way * np.maximum(1 - ON_IT_M / size, 0)[:, None]
    return np.asarray(shapely.linestrings(np.stack([ends[:, 0], last], axis=1)), object)


def _shortest(n: int, pairs: Pairs, length: Points) -> csr_matrix:
    """Of several ways between two nodes the shortest: a sparse matrix would add them up."""
    ends = np.sort(pairs, axis=1)
    order = np.lexsort((length, ends[:, 1], ends[:, 0]))
    kept = order[np.unique(ends[order], axis=0, return_index=True)[1]]
    return _graph(n, ends[kept], length[kept])
