"""What a division is worth, as figures of the four principles: clear belonging, fit size, convenient service, full management.

With them comes a proven statement: no division within the bounds is more compact than the bound given here (see `bound`).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridplan._proof import ROUNDS, Gap
from gridplan._reasons import reasons
from gridplan._starting import pieces_of
from gridplan.links import walking_distances
from gridplan.town import NONE, Distance, Division, Streets, Town
from gridplan.writing import grid_outlines

#: So many weeks a worker walks in a year.
WEEKS = 46
#: So many names of what is not covered are told; the number always is.
NAMED = 20
NO_PAIRS = np.empty((0, 2), np.int64)


@dataclass(frozen=True, slots=True)
class Belonging:
    """Every atom of a community in exactly one grid, and every grid in one community.

    `in_no_community` atoms lie outside every community: no grid can have them.
    """

    atoms: int
    in_a_grid: int
    in_no_community: int
    grids_over_a_border: tuple[int, ...]
    pieces_too_many: int

    @property
    def kept(self) -> bool:
        return not self.grids_over_a_border and self.in_a_grid + self.in_no_community == self.atoms


@dataclass(frozen=True, slots=True)
class Size:
    """Households by grid, the bounds, and why a rule is broken where one is."""

    low: int
    high: int
    smallest: int
    largest: int
    mean: float
    out_of_bounds: tuple[int, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """Metres from the door that is nearest to all others of the grid (`middle`), household by household; hours of a year and of a week.

    `on_foot`: along streets and links; straight otherwise, where neither is known.
    """

    on_foot: bool
    farthest_m: float
    mean_m: float
    rms_m: float
    hours_a_year: float
    hours_a_week: float
    most_hours_a_week: float


@dataclass(frozen=True, slots=True)
class Management:
    """What no grid covers: atoms of a community; of streets and shops, if they were given, those outside every grid's ground."""

    atoms: int
    households: int
    names: tuple[str, ...]
    streets_m: float | None
    streets_uncovered_m: float | None
    shops: int | None
    shops_uncovered: int | None

    @property
    def kept(self) -> bool:
        return not self.atoms and not self.streets_uncovered_m and not self.shops_uncovered


@dataclass(frozen=True, slots=True)
class GridFigures:
    """One grid. `fits` is `below` or `above` where it is not within the bounds."""

    grid: int
    community: str
    atoms: int
    pieces: int
    households: int
    fits: str
    reasons: tuple[str, ...]
    middle: int
    farthest_m: float
    farthest: int
    mean_m: float
    hours_a_year: float
    hours_a_week: float
    streets_m: float | None
    shops: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    belonging: Belonging
    size: Size
    service: Service
    management: Management
    grids: tuple[GridFigures, ...]
    gap: Gap | None

    def as_json(self) -> dict[str, Any]:
        """Only what JSON knows; a distance without a way is null."""
        told: dict[str, Any] = _plain(asdict(self))
        told["belonging"]["kept"] = self.belonging.kept
        told["management"]["kept"] = self.management.kept
        if self.gap:
            told["gap"] |= _plain(
                {"found_m": self.gap.found_m, "least_m": self.gap.least_m, "share": self.gap.share}
            )
        return told


def explain(
    division: Division,
    *,
    streets: Streets | None = None,
    shops: NDArray[np.float64] | None = None,
    on_foot: bool | None = None,
    distance: Distance = "straight",
    rounds: int = ROUNDS,
    limit_s: float | None = None,
    workers: int = 1,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Explanation:
    """The figures of a division, for each grid and for the whole.

    Args:
        division: of any origin; painted ones too.
        streets: to walk along and to be covered; the town's own, if none.
        shops: `(k, 2)` in metres on the town's plane: whatever else must lie in a grid.
        on_foot: whether distances are walked; where streets are known, if nothing is said.
        distance: which ways the proof is about: those that the division was made by.
        rounds: steps of the proof; with 0 there is none.
        limit_s: the proof ends after about so many seconds; it holds then too.
        workers: so many threads share the proof.
        progress: called with the share of the proof that is done.
        stop: asked whether the proof shall end.

    """
    town = division.town if streets is None else replace(division.town, streets=streets)
    walked = town.streets is not None if on_foot is None else on_foot
    cover = _Cover(town, division, shops)
    told: dict[int, list[str]] = {}
    for reason in division.reasons or reasons(town, division.labels, division.bounds):
        told.setdefault(reason.grid, []).append(reason.text)
    pairs_of = _inner_pairs(town, division.labels)
    grids = tuple(
        _figures(town, division, grid, walked, tuple(told.get(grid, ())), cover, pairs_of.get(grid, NO_PAIRS))
        for grid in np.unique(division.labels[division.labels >= 0]).tolist()
    )
    proof = None
    if rounds and grids:
        from gridplan.bound import gap  # loads the compiler, which nothing else here needs

        proof = gap(
            replace(division, town=town),
            distance=distance,
            rounds=rounds,
            limit_s=limit_s,
            workers=workers,
            progress=progress,
            stop=stop,
        )
    return Explanation(
        _belonging(town, division.labels, grids),
        _size(division, grids),
        _service(division, grids, walked),
        _management(town, division.labels, cover),
        grids,
        proof,
    )


def _figures(
    town: Town,
    division: Division,
    grid: int,
    walked: bool,
    told: tuple[str, ...],
    cover: "_Cover",
    pairs: NDArray[np.int64],
) -> GridFigures:
    atoms = np.flatnonzero(division.labels == grid)
    households = town.households[atoms]
    far = walking_distances(town, atoms) if walked else _straight(town.xy[atoms])
    weights = households if households.any() else np.ones(len(atoms))
    # From where all others are nearest; a door that no way leads to is not the middle, and one where nobody lives does not count.
    counted = weights > 0
    middle = int((far[:, counted] @ weights[counted]).argmin())
    ways = far[middle]
    lived_in = households > 0 if households.any() else np.ones(len(atoms), bool)
    farthest = int(np.where(lived_in, ways, -1.0).argmax())
    total = int(households.sum())
    bounds, hours = division.bounds, float(town.minutes[atoms].sum()) / 60
    return GridFigures(
        grid=grid,
        community=_name(town, atoms),
        atoms=len(atoms),
        pieces=pieces_of(np.searchsorted(atoms, pairs), len(atoms))[0],
        households=total,
        fits="below" if total < bounds.low else "above" if total > bounds.high else "",
        reasons=told,
        middle=int(atoms[middle]),
        farthest_m=float(ways[farthest]),
        farthest=int(atoms[farthest]),
        mean_m=float(ways[counted] @ weights[counted] / weights.sum()),
        hours_a_year=hours,
        hours_a_week=hours / WEEKS,
        streets_m=cover.streets_in(grid),
        shops=cover.shops_in(grid),
    )


def _straight(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    far: NDArray[np.float64] = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    return far


def _name(town: Town, atoms: NDArray[np.int64]) -> str:
    number = int(town.community[atoms[0]])
    return town.communities[number] if number != NONE else ""


def _inner_pairs(town: Town, labels: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
    """The pairs of atoms within each grid that has any."""
    edges = town.edges.reshape(-1, 2)
    inner = edges[(labels[edges[:, 0]] == labels[edges[:, 1]]) & (labels[edges[:, 0]] >= 0)]
    grid = labels[inner[:, 0]]
    order = np.argsort(grid, kind="stable")
    numbers, first = np.unique(grid[order], return_index=True)
    return dict(zip(numbers.tolist(), np.split(inner[order], first[1:]), strict=True)) if len(numbers) else {}


def _belonging(town: Town, labels: NDArray[np.int64], grids: tuple[GridFigures, ...]) -> Belonging:
    over = [each.grid for each in grids if len(np.unique(town.community[labels == each.grid])) > 1]
    return Belonging(
        atoms=len(town),
        in_a_grid=int((labels >= 0).sum()),
        in_no_community=int(((town.community < 0) & (labels < 0)).sum()),
        grids_over_a_border=tuple(over),
        pieces_too_many=sum(each.pieces - 1 for each in grids),
    )


def _size(division: Division, grids: tuple[GridFigures, ...]) -> Size:
    households = [each.households for each in grids]
    return Size(
        low=division.bounds.low,
        high=division.bounds.high,
        smallest=min(households, default=0),
        largest=max(households, default=0),
        mean=float(np.mean(households)) if households else 0.0,
        out_of_bounds=tuple(each.grid for each in grids if each.fits),
        reasons=tuple(text for each in grids for text in each.reasons),
    )


def _service(division: Division, grids: tuple[GridFigures, ...], walked: bool) -> Service:
    weights = np.array([each.households for each in grids], float)
    total = max(weights.sum(), 1.0)
    hours = sum(each.hours_a_year for each in grids)
    return Service(
        on_foot=walked,
        farthest_m=max((each.farthest_m for each in grids), default=0.0),
        mean_m=float(
            sum(each.mean_m * weight for each, weight in zip(grids, weights, strict=True) if weight) / total
        ),
        rms_m=_rms(division),
        hours_a_year=hours,
        hours_a_week=hours / WEEKS,
        most_hours_a_week=max((each.hours_a_week for each in grids), default=0.0),
    )


def _rms(division: Division) -> float:
    """The root mean square distance of a household to the centre of its grid, straight."""
    town, within = division.town, division.labels >= 0
    labels, households = division.labels[within], town.households[within]
    xy = town.xy[within] - town.xy[within].mean(axis=0) if within.any() else town.xy[within]
    weight = np.maximum(np.bincount(labels, households), 1)
    centres = np.stack([np.bincount(labels, households * xy[:, axis]) / weight for axis in (0, 1)], axis=1)
    far = (households * ((xy - centres[labels]) ** 2).sum(axis=1)).sum()
    return float(np.sqrt(far / max(households.sum(), 1)))


def _management(town: Town, labels: NDArray[np.int64], cover: "_Cover") -> Management:
    left = np.flatnonzero((labels < 0) & (town.community >= 0))
    return Management(
        atoms=len(left),
        households=int(town.households[left].sum()),
        names=tuple(town.names[atom] for atom in left[:NAMED]),
        streets_m=cover.streets_m,
        streets_uncovered_m=cover.streets_uncovered_m,
        shops=cover.shops,
        shops_uncovered=cover.shops_uncovered,
    )


class _Cover:
    """Which street and which shop lies on which grid's ground; `None` where none are known."""

    def __init__(self, town: Town, division: Division, shops: NDArray[np.float64] | None) -> None:
        self.streets_m: float | None = None
        self.streets_uncovered_m: float | None = None
        self.shops: int | None = None
        self.shops_uncovered: int | None = None
        self.by_street: dict[int, float] = {}
        self.by_shop: dict[int, int] = {}
        if town.streets is None and shops is None:
            return
        outlines = grid_outlines(town, division.labels) if (division.labels >= 0).any() else {}
        tree, numbers = shapely.STRtree(list(outlines.values())), list(outlines)
        if town.streets is not None:
            self._measure(town.streets, list(outlines.values()), numbers)
        if shops is not None:
            places = np.asarray(shops, float).reshape(-1, 2)
            which, ground = tree.query(shapely.points(places), predicate="intersects")
            first = dict(
                zip(which[::-1].tolist(), ground[::-1].tolist(), strict=True)
            )  # on a border: one of both
            for at in first.values():
                self.by_shop[numbers[at]] = self.by_shop.get(numbers[at], 0) + 1
            self.shops, self.shops_uncovered = len(places), len(places) - len(first)

    def _measure(self, streets: Streets, grounds: list[Any], numbers: list[int]) -> None:
        lines = shapely.linestrings(streets.xy[streets.ways])
        which, ground = shapely.STRtree(lines).query(grounds, predicate="intersects")
        inside = shapely.length(shapely.intersection(np.array(grounds, object)[which], lines[ground]))
        for at, metres in zip(which.tolist(), inside.tolist(), strict=True):
            self.by_street[numbers[at]] = self.by_street.get(numbers[at], 0.0) + metres
        self.streets_m = float(shapely.length(lines).sum())
        everything = shapely.union_all(grounds) if grounds else shapely.Polygon()
        shapely.prepare(everything)
        out = lines[~shapely.covers(everything, lines)]
        away = float(shapely.length(shapely.difference(out, everything)).sum())
        self.streets_uncovered_m = away if away > 0.01 else 0.0

    def streets_in(self, grid: int) -> float | None:
        return None if self.streets_m is None else self.by_street.get(grid, 0.0)

    def shops_in(self, grid: int) -> int | None:
        return None if self.shops is None else self.by_shop.get(grid, 0)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return round(value, 3) if np.isfinite(value) else None
    return value
