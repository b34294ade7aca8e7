"""Homes, and what of them lies with cases, mediators and on foot, go to the grids that hold them now."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from wangge.access import Verb, Viewer
from wangge.areas.models import Area
from wangge.base.problems import NotAllowed
from wangge.cases.actions import rehome_files, rehome_open
from wangge.cases.queries import open_files_of
from wangge.households import actions as homes
from wangge.households.rules.rehoming import Moves, Rehomed
from wangge.journal.actions import record
from wangge.staff import queries as staff
from wangge.visits import queries
from wangge.visits.models import Place
from wangge.visits.rules import BadVisit

_MOVE_PLACES = """
update visits_place p set path = m.path, revision = p.revision + 1
  from unnest(%s::uuid[], %s::ltree[]) as m (id, path) where p.id = m.id
"""


@transaction.atomic
def rehome(viewer: Viewer, moves: Moves, *, now: datetime, reason: str = "") -> Rehomed:
    """As `households.actions.rehome`, and with each home the open cases that were heard at its door, and the open files of mediation
    that came of what was heard there, also of closed cases. All of it or nothing.
    """
    done = homes.rehome(viewer, moves, now=now, reason=reason)
    heard = queries.cases_of_doors(viewer, done.households, now=now)
    files = rehome_files(viewer, open_files_of(viewer, heard, now=now), now=now, reason=reason)
    back = rehome_open(viewer, heard, now=now, reason=reason)
    counts = {**done.counts, "cases": len(back), "mediations": len(files)}
    return replace(done, counts=counts, cases_back=back, files_back=files)


def rehome_places(viewer: Viewer, moves: Mapping[UUID, str], *, now: datetime) -> dict[UUID, str]:
    """Puts places to check under the grids that they lie in, and answers under which they lay; what was found there stays."""
    if not moves:
        return {}
    targets = set(moves.values())
    if any(not viewer.may(Verb.AREA_CHANGE, path) for path in targets):
        raise NotAllowed
    standing = Area.objects.filter(path__in=targets, valid_to__isnull=True).values_list("path", flat=True)
    if missing := targets - set(standing):
        raise BadVisit(field="area", expected=min(missing))
    with staff.seeing_all(viewer, next(iter(targets)), now=now):
        held = Place.objects.select_for_update(of=("self",)).filter(
            id__in=list(moves), closed_on__isnull=True
        )
        back = {each.id: each.path for each in held.order_by("id") if each.path != moves[each.id]}
        if any(not viewer.may(Verb.AREA_CHANGE, path) for path in back.values()):
            raise NotAllowed
        with connection.cursor() as cursor:
            cursor.execute(_MOVE_PLACES, [list(back), [moves[each] for each in back]])
    for path in sorted({moves[each] for each in back}):
        came = sum(moves[each] == path for each in back)
        code = path.rsplit(".", 1)[-1]
        record(
            viewer, verb="places.rehomed", subject=f"area:{code}", path=path, at=now, after={"places": came}
        )
    return back


@transaction.atomic
def rehome_by_borders(viewer: Viewer, area_code: str, *, now: datetime, reason: str = "") -> Rehomed:
    """After outlines changed: homes, open cases, open files of mediation and places to check go where they lie now
    (`queries.lying_elsewhere`).
    """
    done = rehome(
        viewer, queries.lying_elsewhere(viewer, area_code, now=now).homes.moves, now=now, reason=reason
    )
    rest = queries.lying_elsewhere(viewer, area_code, now=now)
    files = done.files_back | rehome_files(viewer, rest.files, now=now, reason=reason)
    back = done.cases_back | rehome_open(viewer, rest.cases, now=now, reason=reason)
    places = rehome_places(viewer, rest.places, now=now)
    counts = {**done.counts, "cases": len(back), "mediations": len(files), "places": len(places)}
    return replace(done, counts=counts, cases_back=back, files_back=files, places_back=places)
