"""Open cases and open files of mediation go to other areas because the grids were drawn anew: set-wise, in one statement. Closed
history stays where it happened.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from wangge.access import Verb, Viewer
from wangge.access.viewer import LEVELS, lies_in
from wangge.areas import queries as areas
from wangge.areas.models import Area
from wangge.areas.queries.dividing import taken_over
from wangge.base.problems import NotAllowed
from wangge.cases.lifecycle import OPEN
from wangge.cases.models import Case, Mediation
from wangge.cases.rules import NoPlace
from wangge.cases.rules import mediation as mediations
from wangge.journal.actions import record_all
from wangge.staff import queries as staff

# The desk that holds a case stays while it lies above; else the new place's desk of the same tier has it. Where it lay when it was
# reported is kept, so that figures of that time count it there; back in that place it is as if it had never been moved.
_MOVE = """
with moving as (
  select c.id, m.path, m.borders,
         case when c.holder_path @> m.path then c.holder_path
              when c.holder_path @> c.path then subpath(m.path, 0, least(nlevel(c.holder_path), nlevel(m.path)))
              else c.holder_path end as holder
    from unnest(%s::uuid[], %s::ltree[], %s::text[]) as m (id, path, borders) join cases_case c using (id))
update cases_case c
   set path = m.path, county_id = households_tier(m.path, 1), township_id = households_tier(m.path, 2),
       community_id = households_tier(m.path, 3), grid_id = households_tier(m.path, 4), border_ids = m.borders::varchar[],
       reported_in = nullif(coalesce(c.reported_in, c.path), m.path), holder_path = m.holder, holder_level = h.level,
       revision = c.revision + 1
  from moving m join areas_area h on h.path = m.holder
 where c.id = m.id
"""

_WITH_A_CASE = ("cases_task", "cases_summons", "cases_attachment")
_PARTS = tuple(
    f"update {table} t set path = c.path from cases_case c where c.id = t.case_id and c.id = any (%s) and t.path <> c.path"  # noqa: S608 - tables of this module
    for table in _WITH_A_CASE
)


def rehome_open(
    viewer: Viewer, moves: Mapping[UUID, str], *, now: datetime, reason: str = ""
) -> dict[UUID, str]:
    """Puts open cases under the areas that they lie in from now on, and answers under which they lay: given back, that undoes it.

    Closed cases, and those that lie there already, are left alone. Whoever may change areas on both sides may; NoPlace for a
    path of no area of today. Who handles a case and has no post there loses it by the hourly job, as ever.
    """
    if not moves:
        return {}
    with staff.seeing_all(viewer, _checked(viewer, moves), now=now):
        held = Case.objects.select_for_update(of=("self",)).filter(id__in=list(moves), state__in=OPEN)
        cases = [
            case
            for case in held.only("id", "path", "lon", "lat", "confidential").order_by("id")
            if case.path != moves[case.id]
        ]
        if any(not viewer.may(Verb.AREA_CHANGE, case.path) for case in cases):
            raise NotAllowed
        back = {case.id: case.path for case in cases}
        if cases:
            _move(cases, moves)
    record_all(viewer, [_told(case, moves[case.id], now, reason) for case in cases])
    return back


def follow_its_grid(case: Case) -> None:
    """A locked case that comes back to work goes, when its grid has ended since, to the one that has its spot today, else to the one that
    took most of its households. What hangs on it follows; the case itself is changed in memory, for whoever takes the step to write.
    """
    heirs = {grid.code: grid.path for grid in areas.grids_in_place_of(case.grid_id)} if case.grid_id else {}
    if not heirs:
        return
    spot = areas.locate(case.lon, case.lat) if case.lon is not None and case.lat is not None else None
    if spot is not None and spot.code in heirs:
        path, borders = heirs[spot.code], list(spot.border_codes)
    else:
        path, borders = taken_over({case.path})[case.path], []
    codes = [*path.split("."), "", "", "", ""]
    case.reported_in = None if (was := case.reported_in or case.path) == path else was
    if not lies_in(path, case.holder_path):
        case.holder_path = ".".join(path.split(".")[: len(case.holder_path.split("."))])
        case.holder_level = LEVELS[case.holder_path.count(".")]
    case.path, case.border_ids = path, borders
    case.county_id, case.township_id, case.community_id, case.grid_id = codes[1:5]
    with connection.cursor() as cursor:
        for table in _WITH_A_CASE:
            cursor.execute(f"update {table} set path = %s::ltree where case_id = %s", [path, case.id])  # noqa: S608 - tables of this module


# Read through what sees all files; written under it too, since the journal of a file is of those who read the file.
_MOVE_FILES = """
update cases_mediation f set path = m.path from unnest(%s::uuid[], %s::ltree[]) as m (id, path) where f.id = m.id
"""


def rehome_files(
    viewer: Viewer, moves: Mapping[UUID, str], *, now: datetime, reason: str = ""
) -> dict[UUID, str]:
    """Gives open files of mediation to the committees of these areas, and answers whose they were: given back, that undoes it.

    Closed files are left alone. Whoever mediates one keeps it. The mover reads none of them: the system writes it down. NoPlace, NotAllowed.
    """
    if not moves:
        return {}
    with staff.seeing_all(viewer, _checked(viewer, moves), now=now) as system:
        held = Mediation.objects.select_for_update(of=("self",)).filter(
            id__in=list(moves), state__in=mediations.OPEN
        )
        back = {
            file.id: file.path
            for file in held.only("id", "path").order_by("id")
            if file.path != moves[file.id]
        }
        if any(not viewer.may(Verb.AREA_CHANGE, path) for path in back.values()):
            raise NotAllowed
        with connection.cursor() as cursor:
            cursor.execute(_MOVE_FILES, [list(back), [moves[each] for each in back]])
        record_all(
            system,
            [
                {
                    "verb": "mediation.rehomed",
                    "subject": f"mediation:{file}",
                    "path": moves[file],
                    "at": now,
                    "before": {"path": was},
                    "after": {"path": moves[file]},
                    "reason": reason,
                }
                for file, was in back.items()
            ],
        )
    return back


def _checked(viewer: Viewer, moves: Mapping[UUID, str]) -> str:
    """One of the places to which these go, all of which stand and are the viewer's to change."""
    targets = set(moves.values())
    if any(not viewer.may(Verb.AREA_CHANGE, path) for path in targets):
        raise NotAllowed
    if targets - set(
        Area.objects.filter(path__in=targets, valid_to__isnull=True).values_list("path", flat=True)
    ):
        raise NoPlace
    return next(iter(targets))


def _move(cases: list[Case], moves: Mapping[UUID, str]) -> None:
    ids = [case.id for case in cases]
    borders = _borders(cases, moves)
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [ids, [moves[each] for each in ids], [borders.get(each, "{}") for each in ids]])
        for statement in _PARTS:
            cursor.execute(statement, [ids])


def _borders(cases: list[Case], moves: Mapping[UUID, str]) -> dict[UUID, str]:
    """The grids on whose border each spot lies in its new place, as PostgreSQL writes an array of codes."""
    placed = [case for case in cases if case.lon is not None and case.lat is not None]
    if not placed:
        return {}
    found = areas.locate_many([case.lon for case in placed], [case.lat for case in placed])
    return {
        case.id: "{" + ",".join(place.border_codes) + "}"
        for case, place in zip(placed, found, strict=True)
        if place.path == moves[case.id]
    }


def _told(case: Case, path: str, now: datetime, reason: str) -> dict[str, Any]:
    return {
        "verb": "case.rehomed",
        "subject": case.subject,
        "path": path,
        "at": now,
        "before": {"path": case.path},
        "after": {"path": path},
        "reason": reason,
        "confidential": case.confidential,
    }
