"""What everybody may know of plans that residents are asked about, and the answer to what one has said. Nobody is known here: functions of
the database tell these facts and no others (migration 0010), households by tens.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import numpy as np
import orjson
import shapely
from django.db import connection

from wangge.areas.queries.outlines import area_names
from wangge.base.kept import Kept
from wangge.plans.rules.colours import HUES
from wangge.plans.rules.receipts import digest_of, figures_of


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """A plan that residents are asked about; `place` are the names from the county down, `until` the last day for comments. Each step of its
    life gives it another `revision`.
    """

    id: UUID
    name: str
    place: tuple[str, ...]
    path: str
    until: date
    revision: int


@dataclass(frozen=True, slots=True)
class LaidGrid:
    """A grid of today, or of the plan: then `today` is the code of the one that goes on as it. `households` are told by tens."""

    code: str
    name: str
    community: str
    households: int
    hue: int
    outline: dict[str, Any] | None
    today: str = ""


@dataclass(frozen=True, slots=True)
class Went:
    """So many households, by tens, come from one grid (none: from no grid) into another."""

    source: str
    target: str
    households: int


@dataclass(frozen=True, slots=True)
class LaidOpen:
    """What changes: grids before and after, and which go over into which."""

    plan: OpenPlan
    before: tuple[LaidGrid, ...]
    after: tuple[LaidGrid, ...]
    went: tuple[Went, ...]
    communities: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OwnComment:
    """What a resident said, found by their code, and what the office answered."""

    comment_id: UUID
    plan_id: UUID
    plan_name: str
    place: tuple[str, ...]
    state: str
    grid_name: str
    text: str
    at: datetime
    answer: str
    answered_at: datetime | None


_OPEN = """
select id, name, path, comment_until, revision from plans_open_for_comment()
 where %(only)s::uuid is null or id = %(only)s order by path, comment_until, id
"""
#: What is laid open of plans, by plan and revision. Everybody is told the same; that a plan still is open is asked each time.
_kept: Kept[tuple[UUID, int], LaidOpen] = Kept(most=16, seconds=60)


def open_plans(*, only: UUID | None = None) -> list[OpenPlan]:
    """All of them, by area; or one."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"only": only})
        rows = cursor.fetchall()
    names = area_names({code for _, _, path, _, _ in rows for code in path.split(".")}) if rows else {}
    return [
        OpenPlan(plan_id, name, _place(path, names), path, until, revision)
        for plan_id, name, path, until, revision in rows
    ]


def open_plan(plan_id: UUID) -> OpenPlan | None:
    """None where residents are not, or no longer, asked about it."""
    return next(iter(open_plans(only=plan_id)), None)


def laid_open(plan_id: UUID) -> LaidOpen | None:
    """One with all that residents are told of it."""
    plan = open_plan(plan_id)
    return laid_open_of(plan) if plan else None


def laid_open_of(plan: OpenPlan) -> LaidOpen | None:
    """All that residents are told of an open plan: read once a minute for each revision, since it needs all of the plan's arrays."""
    return _kept.value((plan.id, plan.revision), lambda: _read(plan))


def _read(plan: OpenPlan) -> LaidOpen | None:
    with connection.cursor() as cursor:
        cursor.execute("select plans_laid_open(%s)::text", [plan.id])
        row = cursor.fetchone()
    if not row or row[0] is None:
        return None
    told = orjson.loads(row[0])
    before_hues = _hues({grid["code"]: grid["outline"] for grid in told["before"]}, {})
    wanted = {
        grid["code"]: before_hues[grid["today"]] for grid in told["after"] if grid["today"] in before_hues
    }
    after_hues = _hues({grid["code"]: grid["outline"] for grid in told["after"]}, wanted)
    return LaidOpen(
        plan,
        tuple(LaidGrid(**grid, hue=before_hues[grid["code"]]) for grid in told["before"]),
        tuple(LaidGrid(**grid, hue=after_hues[grid["code"]]) for grid in told["after"]),
        tuple(Went(one["from"], one["to"], one["households"]) for one in told["went"]),
        area_names({grid["community"] for grid in (*told["before"], *told["after"])}),
    )


def own_comment(typed: str) -> OwnComment | None:
    """By the code as it was typed; None where there is no such comment."""
    code = figures_of(typed)
    if not code:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "select comment_id, plan_id, plan_name, path, state, grid_name, text, at, answer, answered_at from plans_answered(%s)",
            [digest_of(code)],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    comment_id, of_plan, name, path, state, grid_name, text, at, answer, answered_at = row
    place = _place(path, area_names(path.split(".")))
    return OwnComment(comment_id, of_plan, name, place, state, grid_name, text, at, answer, answered_at)


def _place(path: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """A city of its own has no county above it."""
    codes = path.split(".")
    return tuple(names.get(code, code) for code in codes[1:] or codes)


def _hues(outlines: Mapping[str, Any], wanted: Mapping[str, int]) -> dict[str, int]:
    """Colours of grids by code: the wanted one first, none like that of a neighbour on the map."""
    codes = sorted(outlines)
    drawn = [code for code in codes if outlines[code]]
    shapes = np.array([shapely.from_geojson(orjson.dumps(outlines[code])) for code in drawn], object)
    around: dict[str, set[str]] = {code: set() for code in codes}
    if drawn:
        for one, other in shapely.STRtree(shapes).query(shapes, predicate="intersects").T.tolist():
            if one != other:
                around[drawn[one]].add(drawn[other])
    found: dict[str, int] = {}
    for at, code in sorted(enumerate(codes), key=lambda each: (each[1] not in wanted, each[0])):
        taken = {found[other] for other in around[code] if other in found}
        first = wanted.get(code, at)
        free = (hue for step in range(HUES) if (hue := (first + step) % HUES) not in taken)
        found[code] = next(free, first % HUES)
    return found
