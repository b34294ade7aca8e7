"""Today's grids taken as they are: what overlaps, what lies open, which doors lie in none or in two, and how that is mended, by the
library's `gridplan.mend`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from wangge.plans.rules.content import NONE, Content, Flat
from wangge.plans.rules.dividing import as_division, filled

if TYPE_CHECKING:
    from gridplan.mending import GridFault as _LibraryFault

Ints = NDArray[np.int64]

#: So many doors of a fault are named, and so many are shown on the map.
NAMED, SHOWN = 5, 500
#: Borders on the edge of what is drawn, in degrees: some 10 cm.
_EXACT = 1e-6


@dataclass(frozen=True, slots=True)
class GridFault:
    """What is wrong at one spot. `kind` is a word of `gridplan.mending.GridFault`, or `unreadable` for an outline that is no surface.
    `grids` are codes; `to` is the one that gets it, if it is one. `outline` is the ground that it is about, `spots` where its doors are.
    `names` are those of the first units that its doors belong to, each once; `more_names`: there are others.
    """

    kind: str
    grids: tuple[str, ...]
    area_m2: float
    doors: int
    names: tuple[str, ...]
    to: str
    outline: Mapping[str, Any] | None
    spots: tuple[tuple[float, float], ...]
    more_names: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Today:
    """`outlines` are the mended ones, by code; `b_grid` says of each building the place of its grid.

    `moved`: how many buildings are in another grid than today in the division that these become (`as_mended`).
    """

    faults: tuple[GridFault, ...]
    outlines: Mapping[str, Mapping[str, Any]]
    b_grid: Ints
    moved: int


def looked_at(
    content: Content,
    outlines: Mapping[str, Mapping[str, Any]],
    frame: Mapping[str, Mapping[str, Any] | None],
    without: Sequence[Mapping[str, Any]] = (),
) -> Today:
    """Today's grids with the outlines they had when the plan was begun. `frame` are the outlines of the communities, `without` what is
    nobody's to divide (dedicated grids): no hole of theirs.
    """
    from gridplan.mending import mend
    from gridplan.town import Town

    flat = content.flat
    faults, shapes = [], {}
    for code, outline in sorted(outlines.items()):
        shape = _surface(flat, outline)
        if shape is None:
            faults.append(GridFault("unreadable", (code,), 0.0, 0, (), "", None, ()))
        else:
            shapes[code] = shape
    outside = shapely.union_all([each for one in without if (each := _surface(flat, one)) is not None])
    areas = tuple(_frame(flat, frame.get(code), outside) for code in content.communities)
    town = Town(
        names=tuple(f"{at}" for at in range(len(content.b_ids))),
        households=content.b_households,
        xy=flat.metres(content.b_lon, content.b_lat),
        edges=np.empty((0, 2), np.int64),
        community=content.community[content.b_atom],
        communities=content.communities,
        minutes=np.zeros(len(content.b_ids)),
        grid=content.b_today,
        grids=content.grids,
        areas=areas,
    )
    mended = mend(town, shapes)
    place = {code: at for at, code in enumerate(content.grids)}
    known = np.array([place.get(code, NONE) for code in mended.town.grids] or [NONE], np.int64)
    b_grid = np.where(mended.town.grid >= 0, known[mended.town.grid], NONE)
    return Today(
        (*faults, *(_told(content, flat, fault) for fault in mended.faults)),
        {
            code: orjson.loads(shapely.to_geojson(_in_degrees(flat, shape)))
            for code, shape in mended.shapes.items()
            if not shape.is_empty
        },
        b_grid,
        int(
            (
                filled(content, _by_atom(content, b_grid), len(content.grids))[content.b_atom]
                != content.b_today
            ).sum()
        ),
    )


def as_mended(content: Content, today: Today) -> Ints:
    """The mended grids as a division: an atom is where most of its households are."""
    return as_division(content, _by_atom(content, today.b_grid))


def _by_atom(content: Content, b_grid: Ints) -> Ints:
    held = np.zeros((len(content), len(content.grids) + 1))
    np.add.at(held, (content.b_atom, b_grid), content.b_households + 1e-3)
    best = held.argmax(axis=1)
    return np.where(best == len(content.grids), NONE, best).astype(np.int64)


def _told(content: Content, flat: Flat, fault: "_LibraryFault") -> GridFault:
    doors = list(fault.atoms)
    shown = doors[:SHOWN]
    # A compound that is one unit has several doors.
    names = tuple(dict.fromkeys(content.names[content.b_atom[at]] for at in doors))
    return GridFault(
        fault.kind,
        fault.grids,
        fault.area_m2,
        len(doors),
        names[:NAMED],
        fault.to,
        None
        if fault.shape is None or fault.shape.is_empty
        else orjson.loads(shapely.to_geojson(_in_degrees(flat, fault.shape))),
        tuple(zip(content.b_lon[shown].tolist(), content.b_lat[shown].tolist(), strict=True)),
        len(names) > NAMED,
    )


def _surface(flat: Flat, outline: Mapping[str, Any]) -> Any:
    """In metres; None for what cannot be read or is no surface."""
    try:
        shape = shapely.from_geojson(orjson.dumps(outline))
    except (shapely.GEOSException, TypeError, ValueError):
        return None
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        return None
    return shapely.transform(shape, lambda at: flat.metres(at[:, 0], at[:, 1]))


def _frame(flat: Flat, outline: Mapping[str, Any] | None, outside: Any) -> Any:
    shape = _surface(flat, outline) if outline else None
    if shape is None:
        return None
    frame = shapely.make_valid(shape) - outside
    return frame if frame.geom_type in ("Polygon", "MultiPolygon") and not frame.is_empty else None


def _in_degrees(flat: Flat, shape: Any) -> Any:
    return shapely.set_precision(shapely.transform(shape, flat.degrees), _EXACT)
