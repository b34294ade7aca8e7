"""What a plan divides: atoms with their households and places, the buildings in them, and today's grids. Plain arrays.

It is taken once, when the plan is begun, so that a plan stays comparable while it is talked about; what has changed in the
registers since is found when it is applied.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wangge.plans.rules.nets import neighbours

NONE = -1
METRES_PER_DEGREE = 111_320.0
#: Degrees are kept as whole millionths: a tenth of a metre.
_MILLIONTHS = 1_000_000
#: What a building weighs beside its households: all of a plan less than one household.
LITTLE = 1e-6

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class BuildingRow(NamedTuple):
    """A building as the register has it today; `path` names its grid, or its community where that has none."""

    id: str
    name: str
    compound: str
    compound_name: str
    lon: float | None
    lat: float | None
    path: str
    households: int


class GridRow(NamedTuple):
    """A public grid of today, with a place that is surely inside where it has an outline."""

    code: str
    name: str
    community: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """By atom: `ids`, `names`, `lon`, `lat`, `households`, `community`, `today` (`NONE`: in no grid). By building: `b_…`.

    `edges` `(m, 2)` are atoms between which one walks without passing another. `minutes` a year is what an atom asks of its worker, nothing
    where that is not known; `grid_workers` numbers who walks each grid of today (`NONE`: nobody). `unplaced` counts buildings whose place nobody
    entered: they stand where their compound or grid is.
    """

    unit: str
    ids: tuple[str, ...]
    names: tuple[str, ...]
    lon: Floats
    lat: Floats
    households: Ints
    community: Ints
    today: Ints
    communities: tuple[str, ...]
    grids: tuple[str, ...]
    grid_names: tuple[str, ...]
    grid_community: Ints
    edges: Ints
    b_ids: tuple[str, ...]
    b_atom: Ints
    b_today: Ints
    b_households: Ints
    b_lon: Floats
    b_lat: Floats
    b_compound: Ints
    unplaced: int
    minutes: Ints
    grid_workers: Ints

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def flat(self) -> "Flat":
        """The plane around the middle of the atoms."""
        return Flat.around(self.lon, self.lat)

    @property
    def xy(self) -> Floats:
        """Metres on that plane."""
        return metres(self.lon, self.lat)

    def overlaps(self, labels: Ints, count: int) -> Ints:
        """`(count, grids of today)`: households that come from each."""
        found = np.zeros((count, len(self.grids)), np.int64)
        of = labels[self.b_atom]
        known = (of >= 0) & (self.b_today >= 0)
        np.add.at(found, (of[known], self.b_today[known]), self.b_households[known])
        return found

    def common(self, labels: Ints, count: int) -> Floats:
        """`(count, grids of today)`: by what grids are paired with today's, the households that come from each; where these do not
        decide, as where nobody is registered, the buildings.
        """
        found = self.overlaps(labels, count).astype(np.float64)
        of = labels[self.b_atom]
        known = (of >= 0) & (self.b_today >= 0)
        np.add.at(found, (of[known], self.b_today[known]), LITTLE)
        return found

    @property
    def bare(self) -> tuple[str, ...]:
        """Codes of today's grids in which no building is registered: nothing of them is divided."""
        built = np.bincount(self.b_today[self.b_today >= 0], minlength=len(self.grids))
        return tuple(code for code, many in zip(self.grids, built.tolist(), strict=True) if not many)

    def as_json(self) -> dict[str, Any]:
        """As it is kept: whole numbers, as small as they get."""
        return {
            "unit": self.unit,
            "ids": list(self.ids),
            "names": list(self.names),
            "lon": _whole(self.lon),
            "lat": _whole(self.lat),
            "households": self.households.tolist(),
            "community": self.community.tolist(),
            "today": self.today.tolist(),
            "communities": list(self.communities),
            "grids": list(self.grids),
            "grid_names": list(self.grid_names),
            "grid_community": self.grid_community.tolist(),
            "edges": self.edges.ravel().tolist(),
            "b_ids": list(self.b_ids),
            "b_atom": self.b_atom.tolist(),
            "b_today": self.b_today.tolist(),
            "b_households": self.b_households.tolist(),
            "b_lon": _whole(self.b_lon),
            "b_lat": _whole(self.b_lat),
            "b_compound": self.b_compound.tolist(),
            "unplaced": self.unplaced,
            "minutes": self.minutes.tolist(),
            "grid_workers": self.grid_workers.tolist(),
        }


def content_of(kept: Mapping[str, Any]) -> Content:
    """The way back from `as_json`."""

    def whole(name: str) -> Ints:
        return np.array(kept[name], np.int64)

    def degrees(name: str) -> Floats:
        return np.array(kept[name], np.float64) / _MILLIONTHS

    return Content(
        unit=kept["unit"],
        ids=tuple(kept["ids"]),
        names=tuple(kept["names"]),
        lon=degrees("lon"),
        lat=degrees("lat"),
        households=whole("households"),
        community=whole("community"),
        today=whole("today"),
        communities=tuple(kept["communities"]),
        grids=tuple(kept["grids"]),
        grid_names=tuple(kept["grid_names"]),
        grid_community=whole("grid_community"),
        edges=whole("edges").reshape(-1, 2),
        b_ids=tuple(kept["b_ids"]),
        b_atom=whole("b_atom"),
        b_today=whole("b_today"),
        b_households=whole("b_households"),
        b_lon=degrees("b_lon"),
        b_lat=degrees("b_lat"),
        b_compound=whole("b_compound"),
        unplaced=kept["unplaced"],
        # Plans of before know neither.
        minutes=whole("minutes") if "minutes" in kept else np.zeros(len(kept["ids"]), np.int64),
        grid_workers=whole("grid_workers") if "grid_workers" in kept else np.full(len(kept["grids"]), NONE),
    )


@dataclass(frozen=True, slots=True)
class Flat:
    """A plane that is good to a part in a thousand within a county; x goes east, y north."""

    lon: float
    lat: float

    @classmethod
    def around(cls, lon: Floats, lat: Floats) -> "Flat":
        return cls(float(lon.mean()), float(lat.mean())) if len(lon) else cls(0.0, 0.0)

    def metres(self, lon: Floats, lat: Floats) -> Floats:
        x = (lon - self.lon) * METRES_PER_DEGREE * math.cos(math.radians(self.lat))
        return np.column_stack([x, (lat - self.lat) * METRES_PER_DEGREE])

    def degrees(self, xy: Floats) -> Floats:
        """The way back."""
        per_lon = METRES_PER_DEGREE * math.cos(math.radians(self.lat))
        return np.column_stack([xy[:, 0] / per_lon + self.lon, xy[:, 1] / METRES_PER_DEGREE + self.lat])


def metres(lon: Floats, lat: Floats) -> Floats:
    return Flat.around(lon, lat).metres(lon, lat)


#: Finds the pairs of atoms that one walks between, from their places and communities.
Net = Callable[[Floats, Floats, Ints], Ints]


def gathered(
    rows: Sequence[BuildingRow],
    grids: Sequence[GridRow],
    *,
    unit: str,
    net: Net | None = None,
    minutes: Mapping[str, float] | None = None,
    workers: Mapping[str, int] | None = None,
) -> Content:
    """Atoms from buildings: each for itself, or with `unit` "compound" all of a compound that lie in one community.

    `net` knows of barriers; `minutes` are those of buildings, by id; `workers` numbers who walks each grid, by code.
    """
    grid_at = {grid.code: place for place, grid in enumerate(grids)}
    communities = sorted({_community(row.path) for row in rows} | {grid.community for grid in grids})
    at = {code: place for place, code in enumerate(communities)}
    compounds = {
        code: place for place, code in enumerate(sorted({row.compound for row in rows if row.compound}))
    }
    lon, lat, unplaced = _placed(rows, grids)
    keys = [
        (f"{row.compound}@{_community(row.path)}" if unit == "compound" and row.compound else row.id)
        for row in rows
    ]
    # West to east keeps neighbours near one another in the arrays, which then pack small.
    first: dict[str, int] = {}
    order = sorted(
        range(len(rows)),
        key=lambda place: (at[_community(rows[place].path)], lon[place], lat[place], keys[place]),
    )
    for place in order:
        first.setdefault(keys[place], len(first))
    b_atom = np.array([first[key] for key in keys], np.int64)
    b_today = np.array([grid_at.get(row.path.rsplit(".", 1)[-1], NONE) for row in rows], np.int64)
    b_households = np.array([row.households for row in rows], np.int64)
    count = len(first)
    households = np.bincount(b_atom, b_households, count).astype(np.int64)
    many = np.bincount(b_atom, minlength=count)
    atom_lon, atom_lat = (np.bincount(b_atom, each, count) / many for each in (lon, lat))
    head = np.full(count, NONE, np.int64)
    head[b_atom[::-1]] = np.arange(len(rows))[::-1]
    heads = [rows[place] for place in head.tolist()]
    community = np.array([at[_community(row.path)] for row in heads], np.int64)
    edges = net(atom_lon, atom_lat, community) if net else neighbours(metres(atom_lon, atom_lat), community)
    work = np.array([(minutes or {}).get(row.id, 0.0) for row in rows])
    return Content(
        unit=unit,
        ids=tuple(_id_of(row, unit) for row in heads),
        names=tuple(_name_of(row, unit) for row in heads),
        lon=atom_lon,
        lat=atom_lat,
        households=households,
        community=community,
        today=_mostly(b_atom, b_today, b_households, count, len(grids)),
        communities=tuple(communities),
        grids=tuple(grid.code for grid in grids),
        grid_names=tuple(grid.name for grid in grids),
        grid_community=np.array([at[grid.community] for grid in grids], np.int64),
        edges=edges,
        b_ids=tuple(row.id for row in rows),
        b_atom=b_atom,
        b_today=b_today,
        b_households=b_households,
        b_lon=lon,
        b_lat=lat,
        b_compound=np.array([compounds.get(row.compound, NONE) for row in rows], np.int64),
        unplaced=unplaced,
        minutes=np.round(np.bincount(b_atom, work, count)).astype(np.int64),
        grid_workers=np.array([(workers or {}).get(grid.code, NONE) for grid in grids], np.int64),
    )


def _community(path: str) -> str:
    return path.split(".")[3]


def _id_of(row: BuildingRow, unit: str) -> str:
    return row.compound if unit == "compound" and row.compound else row.id


def _name_of(row: BuildingRow, unit: str) -> str:
    if unit == "compound" and row.compound:
        return row.compound_name
    return f"{row.compound_name}{row.name}" if row.compound_name not in row.name else row.name


def _mostly(b_atom: Ints, b_today: Ints, weight: Ints, count: int, grids: int) -> Ints:
    """The grid of today in which most households of each atom are; of those without households, most buildings."""
    held = np.zeros((count, grids + 1))
    np.add.at(held, (b_atom, b_today), weight + 1e-3)
    best = held.argmax(axis=1) if grids else np.zeros(count, np.int64)
    return np.where(best == grids, NONE, best).astype(np.int64)


def _placed(rows: Sequence[BuildingRow], grids: Sequence[GridRow]) -> tuple[Floats, Floats, int]:
    """A place for every building: its own, its compound's middle, its grid's, its community's, the middle of all."""
    lon = np.array([np.nan if row.lon is None else row.lon for row in rows])
    lat = np.array([np.nan if row.lat is None else row.lat for row in rows])
    missing = np.isnan(lon) | np.isnan(lat)
    unplaced = int(missing.sum())
    if unplaced:
        inside = {grid.code: (grid.lon, grid.lat) for grid in grids if grid.lon is not None}
        for place in np.flatnonzero(missing).tolist():
            row = rows[place]
            code = row.path.rsplit(".", 1)[-1]
            near = (
                (row.compound and _middle(lon, lat, (other.compound == row.compound for other in rows)))
                or inside.get(code)
                or _middle(lon, lat, (_community(other.path) == _community(row.path) for other in rows))
                or next(iter(inside.values()), None)
                or (0.0, 0.0)
            )
            lon[place], lat[place] = near
    rounded = np.round(lon, 6), np.round(lat, 6)
    return rounded[0], rounded[1], unplaced


def _middle(lon: Floats, lat: Floats, which: Iterable[bool]) -> tuple[float, float] | None:
    held = np.array(list(which)) & ~np.isnan(lon) & ~np.isnan(lat)
    return (float(lon[held].mean()), float(lat[held].mean())) if held.any() else None


def _whole(degrees: Floats) -> list[int]:
    found: list[int] = np.round(degrees * _MILLIONTHS).astype(np.int64).tolist()
    return found
