"""Who somebody was on an earlier day, in grids that were divided anew since: for what their phone wrote down then."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection, transaction

from wangge.access import Seat, Viewer, verbs_of
from wangge.access.viewer import lies_in
from wangge.areas import queries as areas
from wangge.base.calendar import SHANGHAI
from wangge.staff.queries.entering import enter_as

#: What is written down on the way.
_WALKING = frozenset({"walk", "register"})
#: Nobody is without a signal for longer.
LONGEST = timedelta(days=30)
_SETTINGS = ("wangge.scope", "wangge.works", "wangge.homes", "wangge.codes")
_THEN = "select path::text, level, kind, duties, confidential from staff_seats(%s, %s) where department = ''"


@contextmanager
def as_they_walked(viewer: Viewer, at: datetime, *, now: datetime) -> Iterator[Viewer | None]:
    """The viewer with what they walked at that moment, and with the grids that took over from it since; None: nothing was
    divided anew since. For these statements alone; when something fails, the savepoint gives the scope back.
    """
    added = _added(viewer, at, now)
    if not added:
        yield None
        return
    with transaction.atomic():
        _widen(added)
        yield replace(viewer, seats=(*viewer.seats, *added))
        assert viewer.account_id is not None  # noqa: S101 - the system has no seats of its own
        enter_as(viewer.account_id, now=now)


def _added(viewer: Viewer, at: datetime, now: datetime) -> list[Seat]:
    if viewer.account_id is None or now - at > LONGEST:
        return []
    day = at.astimezone(SHANGHAI).date()
    found: dict[str, Seat] = {}
    with connection.cursor() as cursor:
        # A post that closed on that day was still held the day before.
        for each in (day, day - timedelta(days=1)):
            cursor.execute(_THEN, [viewer.account_id, each])
            for path, level, kind, duties, confidential in cursor.fetchall():
                walking = [duty for duty in duties if duty in _WALKING]
                if walking and level == "grid":
                    found.setdefault(
                        path, Seat(path, level, kind, verbs_of(walking), confidential=confidential)
                    )
    added: dict[str, Seat] = {}
    for path, seat in found.items():
        community, _dot, code = path.rpartition(".")
        for heir in areas.grids_that_took_over([code], at):
            for new in (path, f"{community}.{heir}"):
                if not any(lies_in(new, area) for area in viewer.scope):
                    added.setdefault(new, replace(seat, path=new))
    return list(added.values())


def _widen(added: list[Seat]) -> None:
    paths = [seat.path for seat in added]
    homes = [seat.path for seat in added if "household.read" in seat.verbs]
    codes = [path.rsplit(".", 1)[-1] for path in paths]
    more = {"wangge.scope": paths, "wangge.works": paths, "wangge.homes": homes, "wangge.codes": codes}
    with connection.cursor() as cursor:
        for name in _SETTINGS:
            cursor.execute(
                "select set_config(%s, (coalesce(nullif(current_setting(%s, true), ''), '{}')::text[] || %s::text[])::text, true)",
                [name, name, more[name]],
            )
