"""What a phone keeps: each kind of record, where its rows lie, and who tells what of them a phone is given."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg import sql

from wangge.access import Viewer
from wangge.areas import queries as areas
from wangge.cases import queries as cases
from wangge.catalogue import queries as catalogue
from wangge.sync.queries.conflicts import kept_conflicts
from wangge.sync.queries.places import Places

Fields = dict[str, Any]
Told = Mapping[str, Fields]


@dataclass(frozen=True, slots=True)
class Kind:
    """`kept` tells of records by their ids what a phone is given, and leaves out what it is not: that is gone from it.

    `within` finds the ids of everything that may belong on a phone of these places. `table`, `key` and `path`: where such a
    record lies. `above`: changes in the areas above concern the phone, too.
    """

    name: str
    kept: Callable[[Viewer, Collection[str], datetime], Told]
    within: Callable[[Places], list[str]]
    table: str
    key: str = "id"
    path: str = "path"
    above: bool = False


def _ids(statement: str, values: Mapping[str, Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [key for (key,) in cursor.fetchall()]


# By codes, since under a row policy a path finds nothing in an index. A place is a community itself where its grid is ''.
_PLACED = (
    "township_id = any (%(township)s) and community_id = any (%(community)s) and grid_id = any (%(grid)s)"
)
_CASES = (
    "select id::text from cases_case where " + _PLACED + " and not confidential"
    " and (closed_at is null or closed_at > now() - interval '60 days') order by id"
)


def _placed(places: Places) -> dict[str, list[str]]:
    """The codes of the places at each tier."""
    parts = [[*path.split("."), "", ""] for path in places.own if path.count(".") >= 3]
    return {
        name: sorted({part[tier] for part in parts})
        for name, tier in (("township", 2), ("community", 3), ("grid", 4))
    }


def _areas_within(places: Places) -> list[str]:
    return [path.rsplit(".", 1)[-1] for path in places.all]


def _items_within(_places: Places) -> list[str]:
    return _ids("select code from catalogue_workitem where state = 'admitted' order by code", {})


def _cases_within(places: Places) -> list[str]:
    return _ids(_CASES, _placed(places))


def _conflicts_within(_places: Places) -> list[str]:
    return _ids("select id::text from sync_conflict where settled_at is null order by id", {})


def _case(viewer: Viewer, ids: Collection[str], now: datetime) -> Told:
    return cases.kept(viewer, "case", ids, now=now)


def _area(viewer: Viewer, ids: Collection[str], now: datetime) -> Told:  # noqa: ARG001 - the tree is read by everyone
    return areas.kept(ids)


def _item(viewer: Viewer, ids: Collection[str], now: datetime) -> Told:  # noqa: ARG001 - the catalogue is read by everyone
    return catalogue.kept(ids)


def _conflict(viewer: Viewer, ids: Collection[str], now: datetime) -> Told:  # noqa: ARG001 - one of fewer words
    return kept_conflicts(viewer, ids)


#: In the order in which a snapshot tells them: what others refer to first.
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("area", _area, _areas_within, "areas_area", key="code", above=True),
        Kind("item", _item, _items_within, "catalogue_workitem", key="code", path="", above=True),
        Kind("case", _case, _cases_within, "cases_case"),
        Kind("conflict", _conflict, _conflicts_within, "sync_conflict"),
    )
}


def path_of(viewer: Viewer, subject: str) -> str:
    """Where the record that the journal calls `subject` lies, as far as the viewer sees it; else where the viewer sits."""
    noun, _, key = subject.partition(":")
    kind = KINDS.get(noun)
    if kind is not None and kind.path:
        statement = sql.SQL("select {}::text from {} where {} = %s").format(
            sql.Identifier(kind.path), sql.Identifier(kind.table), sql.Identifier(kind.key)
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [key])
            if found := cursor.fetchone():
                return str(found[0])
    seat = viewer.first_seat
    return seat.path if seat else ""
