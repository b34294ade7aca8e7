"""The four principles as figures, by the library: belonging, fit size, convenient service, full management."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wangge.plans.rules.content import Content
from wangge.plans.rules.dividing import town_of
from wangge.plans.rules.measures import rounds_by_grid
from wangge.plans.rules.workload import MINUTES_A_CALL

if TYPE_CHECKING:
    from gridplan.rounds import GridRound
    from gridplan.town import Streets

Ints = NDArray[np.int64]

#: So many names of what lies in no grid are told; the number always is.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Principles:
    """`whole`: by principle its figures, as JSON; `grids`: by label the way to the farthest door, the hours of a week with
    the ways, and how long one walks once round all doors.
    """

    whole: dict[str, dict[str, Any]]
    grids: dict[int, dict[str, float]]


def principles_of(
    content: Content,
    labels: Ints,
    *,
    low: int,
    high: int,
    streets: "Streets | None" = None,
    shops: NDArray[np.float64] | None = None,
    rounds: "Mapping[int, GridRound] | None" = None,
) -> Principles:
    """Metres are from the door of a grid that is nearest to all its households, along streets where these are known. Hours are with the ways
    of `rounds`: straight and three tenths more, on foot too, since the editor counts them at once.
    """
    from gridplan.explain import explain
    from gridplan.town import Bounds, Division

    town = town_of(content, streets=streets)
    told = explain(
        Division(town, labels, Bounds(low, high), 0),
        shops=shops,
        rounds=0,
        visit_minutes=MINUTES_A_CALL,
        measured=rounds_by_grid(content, labels) if rounds is None else rounds,
    )
    belonging, size, service, management = told.belonging, told.size, told.service, told.management
    whole: dict[str, dict[str, Any]] = {
        "belonging": {
            "atoms": belonging.atoms,
            "in_a_grid": belonging.in_a_grid,
            "over_a_border": len(belonging.grids_over_a_border),
            "pieces": belonging.pieces_too_many,
            "kept": belonging.kept,
        },
        "size": {
            "low": low,
            "high": high,
            "smallest": size.smallest,
            "largest": size.largest,
            "mean": round(size.mean),
            "outside": len(size.out_of_bounds),
            "kept": not size.out_of_bounds,
        },
        "service": {
            "on_foot": service.on_foot,
            "farthest_m": _metres(service.farthest_m),
            "mean_m": _metres(service.mean_m),
            "hours_a_week": round(service.hours_a_week, 1),
            "most_hours_a_week": round(service.most_hours_a_week, 1),
            "walking_hours_a_week": round(service.walking_hours_a_week, 1),
            "round_hours": round(service.longest_round_hours, 1),
            "minutes_known": bool(content.minutes.any()),
        },
        "management": {
            "atoms": management.atoms,
            "households": management.households,
            "names": list(management.names[:_NAMED]),
            "streets_m": _metres(management.streets_m),
            "streets_uncovered_m": _metres(management.streets_uncovered_m),
            "shops": management.shops,
            "shops_uncovered": management.shops_uncovered,
            "kept": management.kept,
        },
    }
    grids = {
        each.grid: {
            "door_m": _metres(each.farthest_m) or 0,
            "hours_a_week": math.floor(each.hours_a_week * 10 + 0.5) / 10,
            "round_m": round(each.round_m),
        }
        for each in told.grids
    }
    return Principles(whole, grids)


def _metres(found: float | None) -> int | None:
    """None where nothing is known, or no way leads there."""
    return round(found) if found is not None and np.isfinite(found) else None
