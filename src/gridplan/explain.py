"""What a division is worth, as figures of the four principles: clear belonging, fit size, convenient service, full management.

With them comes a proven statement: no division within the bounds is more compact than the bound given here (see `bound`).
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridplan._proof import ROUNDS, Gap
from gridplan._reasons import reasons
from gridplan._starting import pieces_of
from gridplan.links import DETOUR, walking_distances
from gridplan.rounds import VISIT_MINUTES, GridRound, metres_a_year, walked_round
from gridplan.route import METRES_A_MINUTE
from gridplan.town import NONE, Distance, Division, Streets, Town
from gridplan.writing import grid_outlines, ground_of

#: So many weeks a worker walks in a year.
WEEKS = 46
#: So many names of what is not covered are told; the number always is.
NAMED = 20
#: Ground beside a border that is not told apart from it: a street along it lies inside.
BORDER_M = 0.5
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
    """`farthest_m` and `mean_m` are from the door that is nearest to all others of the grid (`middle`), household by household; `rms_m`, the
    root mean square, is always straight and to the centre of the grid's households, as divisions are made and proven by.

    Hours of a year and of a week are the atoms' minutes and, of these `walking_hours_…`, the ways to them (see `gridplan.rounds`): from the
    middle, from door to door where somebody lives, and back. `longest_round_…`: once through all doors of a grid, only the way.
    `on_foot`: ways are along streets and links; straight otherwise, where neither is known.
    """

    on_foot: bool
    farthest_m: float
    mean_m: float
    rms_m: float
    hours_a_year: float
    hours_a_week: float
    most_hours_a_week: float
    walking_hours_a_year: float
    walking_hours_a_week: float
    longest_round_m: float
    longest_round_hours: float


@dataclass(frozen=True, slots=True)
class Management:
    """What no grid covers: atoms of a community; of streets and shops, if they were given, those outside every grid's ground.

    Of these only what a community holds is a division's to cover, and is counted: inside its outline, or where that is not known as near to
    its atoms as a grid's ground reaches (`gridplan.writing.ground_of`).
    """

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
    """One grid. `fits` is `below` or `above` where it is not within the bounds. `hours_…` are calls and the ways to them, which are
    `walking_hours_a_year` of these; `round_…` is once through all its doors where somebody lives, only the way.
    """

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
    walking_hours_a_year: float
    round_m: float
    round_hours: float
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
    visit_minutes: float = VISIT_MINUTES,
    measured: Mapping[int, GridRound] | None = None,
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
        visit_minutes: what one call takes of an atom's minutes; the ways between calls are counted besides.
        measured: of each grid its round, where somebody has measured it already.
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
        _figures(
            town,
            division,
            grid,
            walked,
            tuple(told.get(grid, ())),
            cover,
            pairs_of.get(grid, NO_PAIRS),
            visit_minutes,
            measured.get(grid) if measured else None,
        )
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
    visit_minutes: float,
    round_of: GridRound | None,
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
    bounds, minutes = division.bounds, float(town.minutes[atoms].sum())
    round_of = round_of or _round(town.xy[atoms], far, weights, middle)
    metres = metres_a_year(minutes / visit_minutes, int(weights.sum()), round_of)
    walking = metres / METRES_A_MINUTE / 60
    hours = (minutes + metres / METRES_A_MINUTE) / 60
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
        walking_hours_a_year=walking,
        round_m=round_of.length_m,
        round_hours=round_of.hours,
        streets_m=cover.streets_in(grid),
        shops=cover.shops_in(grid),
    )


def _round(
    xy: NDArray[np.float64], far: NDArray[np.float64], weights: NDArray[Any], middle: int
) -> GridRound:
    """Through the doors that count; where no way leads one walks a third farther than straight, as elsewhere."""
    doors = np.flatnonzero(weights > 0)
    ways = far if np.isfinite(far).all() else np.where(np.isfinite(far), far, _straight(xy) * DETOUR)
    # Added up from the other end a way may differ in its last digit.
    cm = np.round(np.minimum(ways, ways.T) * 100).astype(np.int64)
    long = walked_round(cm[np.ix_(doors, doors)], np.round((xy[doors] - xy[doors[0]]) * 100).astype(np.int64))
    return GridRound(long / 100, float(ways[middle] @ weights / weights.sum()))


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
    walking = sum(each.walking_hours_a_year for each in grids)
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
        walking_hours_a_year=walking,
        walking_hours_a_week=walking / WEEKS,
        longest_round_m=max((each.round_m for each in grids), default=0.0),
        longest_round_hours=max((each.round_hours for each in grids), default=0.0),
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
    """Which street and which shop of the communities' ground lies on which grid's; `None` where none are known."""

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
        ground_there = ground_of(town)
        shapely.prepare(ground_there)
        if town.streets is not None:
            self._measure(town.streets, list(outlines.values()), numbers, ground_there)
        if shops is not None:
            places = shapely.points(np.asarray(shops, float).reshape(-1, 2))
            places = places[shapely.intersects(ground_there, places)]
            which, ground = tree.query(places, predicate="intersects")
            first = dict(
                zip(which[::-1].tolist(), ground[::-1].tolist(), strict=True)
            )  # on a border: one of both
            for at in first.values():
                self.by_shop[numbers[at]] = self.by_shop.get(numbers[at], 0) + 1
            self.shops, self.shops_uncovered = len(places), len(places) - len(first)

    def _measure(self, streets: Streets, grounds: list[Any], numbers: list[int], there: Any) -> None:
        lines = shapely.linestrings(streets.xy[streets.ways])
        lines = lines[shapely.intersects(there, lines)]
        over = ~shapely.covers(there, lines)
        lines[over] = shapely.intersection(lines[over], there)
        which, ground = shapely.STRtree(lines).query(grounds, predicate="intersects")
        inside = shapely.length(shapely.intersection(np.array(grounds, object)[which], lines[ground]))
        for at, metres in zip(which.tolist(), inside.tolist(), strict=True):
            self.by_street[numbers[at]] = self.by_street.get(numbers[at], 0.0) + metres
        self.streets_m = float(shapely.length(lines).sum())
        everything = shapely.buffer(shapely.union_all(grounds), BORDER_M) if grounds else shapely.Polygon()
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
