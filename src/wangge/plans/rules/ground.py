"""Streets, barriers, crossings and shops of an area: how they are kept, whom one walks to because of them, and how far it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from wangge.plans.rules.content import METRES_PER_DEGREE, Content, Flat

if TYPE_CHECKING:
    from gridplan.town import Streets

Ints = NDArray[np.int64]

KINDS = ("barriers", "crossings", "streets", "shops")
#: What a barrier may be, where the map says so; on maps each is drawn in its own way.
BARRIERS = ("road", "railway", "water")
#: So many bytes a file may have, and so many corners what is kept of it: a county with all its streets.
MOST_BYTES = 24 * 1024 * 1024
MOST_POINTS = 400_000
#: So many seconds its reading may take.
MOST_SECONDS = 90
#: So many corners are drawn in a picture, and told as GeoJSON, at most: of what is more, the longest.
MOST_DRAWN = 40_000
MOST_TOLD = 100_000
#: What lies so far outside an area still matters for ways in it, in metres.
AROUND_M = 1_500.0
#: Where no outline is known, what lies so near to a building counts as the area's ground.
BESIDE_M = 60.0
#: On a drawing what is finer than this, in degrees, is left out: some 3 m.
_FINE = 3e-5
#: A piece of an area that lines are cut by has no more corners, and is one of two halves of which one is so large.
_FEW, _ASIDE = 100, 0.4871


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Shapes in degrees of WGS 84, each an array. `barrier_kinds` says of each barrier what it is, nothing where that is not known."""

    barriers: NDArray[Any]
    crossings: NDArray[Any]
    streets: NDArray[Any]
    shops: NDArray[Any]
    barrier_kinds: NDArray[Any]

    def within(self, west: float, south: float, east: float, north: float) -> "Ground":
        """What of it lies in a box, wherever it goes on from there."""
        box = shapely.box(west, south, east, north)
        there = [shapely.intersects(each, box) for each in self.all]
        found = (each[is_there] for each, is_there in zip(self.all, there, strict=True))
        barriers, crossings, streets, shops = found
        return Ground(barriers, crossings, streets, shops, self.barrier_kinds[there[0]])

    @property
    def by_kind(self) -> dict[str, NDArray[Any]]:
        """The shapes by what they are: barriers of which more is known by that, as `railway_barriers`."""
        barriers = {
            f"{kind}_barriers" if kind else "barriers": self.barriers[self.barrier_kinds == kind]
            for kind in ("", *BARRIERS)
        }
        return barriers | dict(zip(KINDS[1:], self.all[1:], strict=True))

    @property
    def all(self) -> tuple[NDArray[Any], ...]:
        return self.barriers, self.crossings, self.streets, self.shops


def unpacked(kept: Sequence[Mapping[str, Any]]) -> Ground | None:
    """Of several grounds one; each maps the four kinds to a collection in well-known bytes, and may say what its barriers are."""
    if not kept:
        return None
    parts = [[_parts(one[kind]) for kind in KINDS] for one in kept]
    said = [
        _said(one.get("barrier_kinds") or [], len(each[0])) for one, each in zip(kept, parts, strict=True)
    ]
    barriers, crossings, streets, shops = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Ground(barriers, crossings, streets, shops, np.concatenate(said))


def _said(kinds: Sequence[str], count: int) -> NDArray[Any]:
    """Grounds of before say nothing."""
    return np.array([*kinds, *[""] * count][:count], object)


def _parts(kept: bytes) -> NDArray[Any]:
    parts: NDArray[Any] = shapely.get_parts(shapely.from_wkb(bytes(kept)))
    return parts


def box_around(west: float, south: float, east: float, north: float) -> tuple[float, float, float, float]:
    """An area's box with what matters around it."""
    up = AROUND_M / METRES_PER_DEGREE
    across = up / max(np.cos(np.radians((south + north) / 2)), 0.1)
    return west - across, south - up, east + across, north + up


def links(flat: Flat, lon: Any, lat: Any, community: Ints, ground: Ground) -> Ints:
    """Pairs of atoms that one walks between, within a community: none across a barrier unless there is a crossing near."""
    from gridplan.links import walkable_links

    walls, gates = (list(_moved(flat, each)) for each in (ground.barriers, ground.crossings))
    xy = flat.metres(lon, lat)
    found = [np.empty((0, 2), np.int64)]
    for each in np.unique(community):
        members = np.flatnonzero(community == each)
        if len(members) > 1:
            found.append(members[walkable_links(xy[members], barriers=walls, crossings=gates)])
    pairs = np.sort(np.concatenate(found), axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].astype(np.int64)


def streets_of(content: Content, ground: Ground | None) -> "Streets | None":
    """The network that one walks along, on the plane of the content."""
    if ground is None or not len(ground.streets) or not len(content):
        return None
    from gridplan.links import streets_of as network

    near = ground.within(
        *box_around(content.lon.min(), content.lat.min(), content.lon.max(), content.lat.max())
    )
    # Nobody steps onto a street on the other side of a barrier.
    return network(*(list(_moved(content.flat, each)) for each in (near.streets, near.barriers)))


def covered(
    content: Content,
    ground: Ground,
    outlines: Sequence[Mapping[str, Any]],
    *,
    frame: Sequence[Mapping[str, Any]],
) -> dict[str, int]:
    """Metres of streets and number of shops in the area, and how much of them no grid's outline covers.

    `frame` are the outlines of the communities; where none is known, it is the ground beside the buildings.
    """
    flat = content.flat
    area = _union(flat, frame)
    if area.is_empty:
        # Each for itself: of all at once one waits ten times as long.
        beside = shapely.points(flat.metres(content.b_lon, content.b_lat))
        area = shapely.union_all(shapely.buffer(beside, BESIDE_M))
    grids = _union(flat, outlines).buffer(0.5)
    streets, shops = _moved(flat, ground.streets), shapely.centroid(_moved(flat, ground.shops))
    streets = _cut(streets, area)
    shops = shops[shapely.intersects(shops, area)]
    metres = float(shapely.length(streets).sum())
    within = float(shapely.length(_cut(streets, grids)).sum())
    return {
        "streets_m": round(metres),
        "streets_uncovered_m": max(round(metres - within), 0),
        "shops": len(shops),
        "shops_uncovered": int((~shapely.intersects(shops, grids)).sum()),
    }


def _cut(lines: NDArray[Any], area: Any) -> NDArray[Any]:
    """What of the lines lies in the area. Of a large one each line meets only the piece where it is: all of a township's corners
    for each of its streets would take half a minute.
    """
    shapely.prepare(area)
    there = lines[shapely.intersects(area, lines)]
    whole = shapely.contains_properly(area, there)
    partly, pieces = there[~whole], _pieces(area)
    of, at = shapely.STRtree(pieces).query(partly, predicate="intersects")
    return np.concatenate([there[whole], shapely.intersection(partly[of], pieces[at])])


def _pieces(area: Any) -> NDArray[Any]:
    """The area in boxes with few corners each."""
    found, waiting = [], [area]
    while waiting:
        one = waiting.pop()
        west, south, east, north = one.bounds
        if shapely.get_num_coordinates(one) <= _FEW or max(east - west, north - south) < 1:
            found.append(one)
            continue
        # Not in the middle: a street that runs along the cut would count twice.
        if east - west > north - south:
            at = west + _ASIDE * (east - west)
            halves = shapely.box(west, south, at, north), shapely.box(at, south, east, north)
        else:
            at = south + _ASIDE * (north - south)
            halves = shapely.box(west, south, east, at), shapely.box(west, at, east, north)
        waiting += [half for half in shapely.intersection(one, halves) if not half.is_empty]
    return np.array(found, object)


def drawn(
    ground: Ground, box: tuple[float, float, float, float], *, most: int = 4_000
) -> dict[str, list[Any]]:
    """Lines and points for a picture, by kind, as lists of positions; of each kind at most so many, the longest."""
    near = ground.within(*box)
    found: dict[str, list[Any]] = {}
    by_kind = near.by_kind
    for kind, shapes in by_kind.items():
        fine = shapely.centroid(shapes) if kind in ("crossings", "shops") else shapely.simplify(shapes, _FINE)
        fine = _longest(fine, MOST_DRAWN // len(KINDS), most)
        lines = [each for shape in fine for each in _lines(shape)]
        found[kind] = [np.round(shapely.get_coordinates(each), 6).tolist() for each in lines]
    return found


def as_features(ground: Ground, box: tuple[float, float, float, float]) -> dict[str, Any]:
    """As GeoJSON, each feature with its `kind`, barriers with what they are (`barrier`), as files tell them. Where all have more than `MOST_TOLD` corners, what is finer than 3 m
    is left out, then the shortest; `left_out` says how many features.
    """
    near = ground.within(*box).by_kind
    told = near
    if sum(int(shapely.get_num_coordinates(each).sum()) for each in near.values()) > MOST_TOLD:
        told = {
            kind: _longest(shapely.simplify(each, _FINE), MOST_TOLD // len(KINDS))
            for kind, each in near.items()
        }
    return {
        "type": "FeatureCollection",
        "left_out": sum(map(len, near.values())) - sum(map(len, told.values())),
        "features": [
            {
                "type": "Feature",
                "properties": _told(kind),
                "geometry": orjson.loads(shapely.to_geojson(shapely.set_precision(shape, 1e-6))),
            }
            for kind, shapes in told.items()
            for shape in shapes
        ],
    }


def _told(kind: str) -> dict[str, str]:
    barrier, _, is_barrier = kind.partition("_")
    return {"kind": "barrier", "barrier": barrier} if is_barrier else {"kind": kind.removesuffix("s")}


def _longest(shapes: NDArray[Any], corners: int, most: int | None = None) -> NDArray[Any]:
    """As many as have together so many corners at most; in their order where all have."""
    sizes = shapely.get_num_coordinates(shapes)
    if sizes.sum() <= corners and (most is None or len(shapes) <= most):
        return shapes
    order = np.argsort(-shapely.length(shapes), kind="stable")
    found: NDArray[Any] = shapes[order[np.cumsum(sizes[order]) <= corners][:most]]
    return found


def _lines(shape: Any) -> list[Any]:
    found = []
    for part in shapely.get_parts(shape):
        found += [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
    return found


def _moved(flat: Flat, shapes: NDArray[Any]) -> NDArray[Any]:
    moved: NDArray[Any] = np.asarray(
        shapely.transform(shapes, lambda at: flat.metres(at[:, 0], at[:, 1])), object
    )
    return moved


def _union(flat: Flat, outlines: Sequence[Mapping[str, Any]]) -> Any:
    if not outlines:
        return shapely.Polygon()
    shapes = shapely.make_valid(shapely.from_geojson([orjson.dumps(each) for each in outlines]))
    return shapely.union_all(_moved(flat, np.asarray(shapes, object)))
