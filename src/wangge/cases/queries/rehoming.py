"""Open cases whose spot lies in another grid since outlines changed, or whose grid has ended; and open files of mediation, which
belong to the committee of the area in which their case lies.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import shapely
from django.db import connection

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.areas.models import Area, AreaVersion
from wangge.areas.queries.dividing import taken_over
from wangge.base.problems import NotAllowed
from wangge.cases.lifecycle import OPEN
from wangge.cases.models import Case, Mediation
from wangge.cases.rules import mediation as mediations
from wangge.staff import queries as staff


def open_cases_elsewhere(
    viewer: Viewer, area_path: str, *, on_purpose: bool = False, now: datetime
) -> dict[UUID, str]:
    """Of the open cases at or below an area: those that a change of outlines has left in another place than they are kept
    under, with that place; and those of grids that have ended, which without a spot go to the one that took most of their
    households, else to the lowest area above that stands. What somebody filed elsewhere on purpose stays there, and is told only where `on_purpose` asks for it.

    Whoever asks may change areas there; confidential cases are counted too, and told to nobody.
    """
    if not viewer.may(Verb.AREA_CHANGE, area_path):
        raise NotAllowed
    with staff.seeing_all(viewer, area_path, now=now):
        rows = list(
            Case.objects.filter(state__in=OPEN)
            .extra(where=["path <@ %s::ltree"], params=[area_path])
            .values_list("id", "path", "lon", "lat")
        )
        ended = taken_over({path for _id, path, _lon, _lat in rows})
        placed = [row for row in rows if row[2] is not None and row[3] is not None]
        found = _elsewhere(placed)
        once = found.keys() if on_purpose else _once_held(placed, found)
    moves = {case: path for case, path in found.items() if case in once}
    for case, path, _lon, _lat in rows:
        if path in ended:
            moves[case] = found.get(case, ended[path])
    return moves


# The area of the same tier where the case goes: a community's file to a community, a township's to a township.
_FILES = """
select m.id, subpath(t.path, 0, least(nlevel(m.path), nlevel(t.path)))::text
  from unnest(%s::uuid[], %s::ltree[]) as t (id, path) join cases_mediation m on m.case_id = t.id
 where m.state = any (%s) and not m.path @> t.path
"""


def open_files_of(viewer: Viewer, cases: Mapping[UUID, str], *, now: datetime) -> dict[UUID, str]:
    """Open files of mediation of these cases, whose committee's area does not hold the place that is named with each: with the area
    whose committee has it then. Whoever asks reads none of them.
    """
    if not cases:
        return {}
    if not viewer.may_anywhere(Verb.AREA_CHANGE):
        raise NotAllowed
    root = next(iter(cases.values()))
    with staff.seeing_all(viewer, root, now=now), connection.cursor() as cursor:
        cursor.execute(_FILES, [list(cases), list(cases.values()), list(mediations.OPEN)])
        return dict(cursor.fetchall())


def paths_of_cases(system: Viewer, ids: Collection[UUID]) -> dict[UUID, str]:  # noqa: ARG001 - the row policy uses it
    """Under which area each of these cases is kept."""
    return dict(Case.objects.filter(id__in=list(ids)).values_list("id", "path"))


def names_of_cases(
    viewer: Viewer,  # noqa: ARG001 - the row policy uses it
    ids: Collection[UUID],
    *,
    limit: int,
) -> tuple[list[tuple[UUID, str, str]], int]:
    """Number and title of the first `limit` of these cases that the viewer sees, by number; and how many of them there are."""
    seen = Case.objects.filter(id__in=list(ids))
    return list(seen.order_by("number").values_list("id", "number", "title")[:limit]), seen.count()


def paths_of_files(system: Viewer, ids: Collection[UUID]) -> dict[UUID, str]:  # noqa: ARG001 - the row policy uses it
    """The committee's area of each of these files of mediation."""
    return dict(Mediation.objects.filter(id__in=list(ids)).values_list("id", "path"))


def names_of_files(
    viewer: Viewer,  # noqa: ARG001 - the row policy uses it
    ids: Collection[UUID],
    *,
    limit: int,
) -> tuple[list[tuple[UUID, str, str]], int]:
    """Number and kind of the first `limit` of these files that the viewer sees, by number; and how many of them there are."""
    seen = Mediation.objects.filter(id__in=list(ids))
    return list(seen.order_by("number").values_list("id", "number", "kind")[:limit]), seen.count()


def open_files_elsewhere(
    viewer: Viewer, area_path: str, *, on_purpose: bool = False, now: datetime
) -> dict[UUID, str]:
    """Of the open files at or below an area: those whose case lies, by a change of outlines, outside their committee's area, also
    when the case itself is closed; and those of areas that have ended, which go to the one that took most of their households,
    else to the lowest above that stands. `on_purpose`: also those of cases that somebody filed elsewhere on purpose.

    Asked before cases are moved. A file without a case has no spot: it moves only when its own area has ended.
    """
    if not viewer.may(Verb.AREA_CHANGE, area_path):
        raise NotAllowed
    with staff.seeing_all(viewer, area_path, now=now):
        rows = list(
            Mediation.objects.filter(state__in=mediations.OPEN)
            .extra(where=["cases_mediation.path <@ %s::ltree"], params=[area_path])
            .values_list("id", "path", "case_id", "case__path", "case__lon", "case__lat")
        )
        ended = taken_over({row[1] for row in rows})
        placed = [
            (case, path, lon, lat)
            for _file, _own, case, path, lon, lat in rows
            if case is not None and lon is not None and lat is not None
        ]
        found = _elsewhere(placed)
        once = found.keys() if on_purpose else _once_held(placed, found)
        moves = open_files_of(viewer, {case: path for case, path in found.items() if case in once}, now=now)
    return {file: ended[path] for file, path, *_case in rows if path in ended} | moves


def _elsewhere(rows: list[tuple[UUID, str, float, float]]) -> dict[UUID, str]:
    """Those whose spot lies in another area than the path says, and not on the border of it."""
    if not rows:
        return {}
    places = areas.locate_many([row[2] for row in rows], [row[3] for row in rows])
    return {
        case: place.path
        for (case, path, _lon, _lat), place in zip(rows, places, strict=True)
        if place.path not in (path, "") and path.rsplit(".", 1)[-1] not in place.border_codes
    }


def _once_held(rows: list[tuple[UUID, str, float, float]], found: dict[UUID, str]) -> set[UUID]:
    """Those whose own area held the spot at some time, or that lie in a grid that there was not."""
    asked = [row for row in rows if row[0] in found]
    codes = {path.rsplit(".", 1)[-1] for _case, path, _lon, _lat in asked}
    outlines: dict[str, list[shapely.Geometry]] = {}
    versions = AreaVersion.objects.filter(code__in=codes, boundary__isnull=False)
    for code, boundary in versions.values_list("code", "boundary"):
        outlines.setdefault(code, []).append(_shape(boundary))
    for code, boundary in Area.objects.filter(code__in=codes, boundary__isnull=False).values_list(
        "code", "boundary"
    ):
        outlines.setdefault(code, []).append(_shape(boundary))
    return {
        case
        for case, path, lon, lat in asked
        if any(shapely.contains_xy(shape, lon, lat) for shape in outlines.get(path.rsplit(".", 1)[-1], ()))
    }


def _shape(boundary: Any) -> shapely.Geometry:
    return shapely.geometry.shape(boundary)
