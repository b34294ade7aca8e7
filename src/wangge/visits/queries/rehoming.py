"""What goes along when homes are kept under another grid: open cases of their doors and files of mediation that
came of them, errands, dues; and places to check.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import connection

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.areas.models import Area
from wangge.areas.queries.dividing import taken_over
from wangge.base.problems import NotAllowed
from wangge.cases import queries as cases
from wangge.cases.lifecycle import OPEN
from wangge.households import queries as homes
from wangge.households.rules.rehoming import Elsewhere, Moves, WouldRehome
from wangge.staff import queries as staff
from wangge.visits.models import Place

_CASES_OF_DOORS = """
select distinct c.id, h.path::text, c.state = any (%(open)s) and c.path <> h.path
  from unnest(%(ids)s::uuid[], %(paths)s::ltree[]) as h (id, path)
       join visits_visit v on v.household_id = h.id join cases_case c on c.id = v.case_id
 order by 1
"""

_ALONG = """
select (select count(*) from visits_errand e where e.household_id = any (%(ids)s::uuid[]) and e.done_at is null),
       (select count(*) from visits_duevisit d where d.household_id = any (%(ids)s::uuid[])),
       (select count(*) from visits_errand e
         where e.household_id = any (%(ids)s::uuid[]) and e.done_at is null and e.kind = 'campaign')
"""


@dataclass(frozen=True, slots=True)
class LyingElsewhere:
    """All that lies, by the outlines of today, in another grid than it is kept under; `names` of the paths of the homes."""

    homes: Elsewhere
    cases: dict[UUID, str]
    files: dict[UUID, str]
    places: dict[UUID, str]
    names: dict[str, str]

    @property
    def counts(self) -> dict[str, int]:
        return {
            "households": sum(pair.households for pair in self.homes.pairs),
            "cases": len(self.cases),
            "mediations": len(self.files),
            "places": len(self.places),
        }

    def __bool__(self) -> bool:
        return bool(self.homes.moves or self.cases or self.files or self.places)


def would_rehome(viewer: Viewer, moves: Moves, *, now: datetime) -> WouldRehome:
    """As `households.queries.would_rehome`, with what goes along: open `cases` of the doors, open files (`mediations`) that came
    of what was heard there, `errands`, `due`, doors of `campaigns`.
    """
    told = homes.would_rehome(viewer, moves, now=now)
    ids = list(told.households)
    with staff.seeing_all(viewer, viewer.seats[0].path, now=now), connection.cursor() as cursor:
        cursor.execute(_ALONG, {"ids": ids})
        errands, due, campaigns = cursor.fetchone()
    along = {"errands": errands, "due": due, "campaigns": campaigns}
    files = cases.open_files_of(viewer, cases_of_doors(viewer, told.households, now=now), now=now)
    opened = open_cases_of_doors(viewer, told.households, now=now)
    return replace(told, counts={**told.counts, "cases": len(opened), "mediations": len(files), **along})


def cases_of_doors(viewer: Viewer, doors: Mapping[UUID, str], *, now: datetime) -> dict[UUID, str]:
    """Cases that were heard at these households, open and closed, each with the place that its household has here."""
    return {case: path for case, path, _goes in _of_doors(viewer, doors, now)}


def open_cases_of_doors(viewer: Viewer, doors: Mapping[UUID, str], *, now: datetime) -> dict[UUID, str]:
    """The open ones, which lie elsewhere."""
    return {case: path for case, path, goes in _of_doors(viewer, doors, now) if goes}


def _of_doors(viewer: Viewer, doors: Mapping[UUID, str], now: datetime) -> list[tuple[UUID, str, bool]]:
    if not doors:
        return []
    with staff.seeing_all(viewer, viewer.seats[0].path, now=now), connection.cursor() as cursor:
        cursor.execute(
            _CASES_OF_DOORS, {"ids": list(doors), "paths": list(doors.values()), "open": list(OPEN)}
        )
        return list(cursor.fetchall())


def places_elsewhere(viewer: Viewer, area_path: str, *, now: datetime) -> dict[UUID, str]:
    """Places to check at or below an area whose spot lies in another grid since outlines changed; and those of a grid that has ended,
    which without a spot go to the one that took most of its households.
    """
    if not viewer.may(Verb.AREA_CHANGE, area_path):
        raise NotAllowed
    with staff.seeing_all(viewer, area_path, now=now):
        rows = list(
            Place.objects.filter(closed_on__isnull=True)
            .extra(where=["path <@ %s::ltree"], params=[area_path])
            .values_list("id", "path", "lon", "lat")
        )
        ended = taken_over({path for _id, path, _lon, _lat in rows})
        left = {place: ended[path] for place, path, _lon, _lat in rows if path in ended}
        return (
            left | homes.grids_of_spots([row for row in rows if row[2] is not None and row[3] is not None])[0]
        )


def paths_of_places(system: Viewer, ids: Collection[UUID]) -> dict[UUID, str]:  # noqa: ARG001 - the row policy uses it
    """Under which area each of these places to check is kept."""
    return dict(Place.objects.filter(id__in=list(ids)).values_list("id", "path"))


def names_of_places(
    viewer: Viewer,  # noqa: ARG001 - the row policy uses it
    ids: Collection[UUID],
    *,
    limit: int,
) -> tuple[list[tuple[UUID, str, str]], int]:
    """Kind and name of the first `limit` of these places that the viewer sees, by name; and how many of them there are."""
    seen = Place.objects.filter(id__in=list(ids))
    return list(seen.order_by("name", "id").values_list("id", "kind", "name")[:limit]), seen.count()


def lying_elsewhere(viewer: Viewer, area_code: str, *, now: datetime) -> LyingElsewhere:
    """Homes, open cases and places to check of an area that follow its outlines; of a grid those of its whole community."""
    whole = homes.whole_of(areas.area_by_code(area_code))
    found = homes.homes_elsewhere(viewer, area_code, now=now)
    paths = {path for pair in found.pairs for path in (pair.was, pair.path)}
    return LyingElsewhere(
        found,
        cases.open_cases_elsewhere(viewer, whole, now=now),
        cases.open_files_elsewhere(viewer, whole, now=now),
        places_elsewhere(viewer, whole, now=now),
        dict(Area.objects.filter(path__in=paths).values_list("path", "name")),
    )
