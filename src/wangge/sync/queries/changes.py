"""What changed for a phone since it asked last: by transaction, since numbers and times lose rows that commit late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from wangge.access import Viewer
from wangge.sync.queries.conflicts import changed_conflicts
from wangge.sync.queries.kinds import KINDS
from wangge.sync.queries.places import Places, places_of
from wangge.sync.queries.reach import REACH, reach_now, told
from wangge.sync.rules import Cursor, cursor_in

_SINCE = """
select id, kind, row_id, changed
  from sync_since(%(own)s::ltree[], %(above)s::ltree[], %(from_above)s::text[], %(since)s::text::xid8,
                  %(changed)s::text::xid8, %(row)s, %(limit)s)
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A record as it is now, all of it that a phone keeps."""

    kind: str
    id: str
    fields: dict[str, Any]

    @property
    def revision(self) -> int | None:
        found = self.fields.get("revision")
        return found if isinstance(found, int) else None


@dataclass(frozen=True, slots=True)
class Gone:
    """A record that is not the phone's any more: ended, moved out of its places, or become confidential."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Pulled:
    """`more`: ask again at once. `fresh`: nothing can be told from here on, take the snapshot."""

    changes: list[Change]
    gone: list[Gone]
    cursor: str | None
    more: bool = False
    fresh: bool = False


_FRESH = Pulled([], [], None, fresh=True)


def horizon() -> int:
    """All transactions before this one have ended: what they wrote is seen, by this statement and every later one."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def changes_since(viewer: Viewer, cursor: str | None, *, limit: int, now: datetime) -> Pulled:
    """At most `limit` records of the viewer's places that changed since the cursor; BadCursor for what is none.

    A record may be told twice, and is never left out: the horizon is asked before the records are.
    """
    stood = cursor_in(cursor) if cursor else None
    places = places_of(viewer)
    if stood is None or not stood.holds(places.stamp, now):
        return _FRESH
    until = horizon()
    rows = _touched(places, stood, limit + 1)
    if any(row_id == "*" for _, _, row_id, _ in rows):
        return _FRESH
    page, more = rows[:limit], len(rows) > limit
    if not more:
        page += [(0, "conflict", one, 0) for one in _own_conflicts(viewer, stood)]
    changes, gone = _told(viewer, page, now)
    if more:
        last_id, _, _, last_changed = page[-1]
        after = stood.standing(until, last_changed, last_id)
    else:
        reach, in_short = reach_now(viewer, places, now)
        if in_short != stood.reach:
            changes += [Change(REACH, place, fields) for place, fields in told(reach).items()]
            gone += [Gone(REACH, code) for code in places.codes if code not in reach]
        after = stood.ended(until, in_short)
    return Pulled(changes, gone, after.text(), more=more)


def _touched(places: Places, stood: Cursor, limit: int) -> list[tuple[int, str, str, int]]:
    asked: dict[str, Any] = {
        "own": list(places.own),
        "above": list(places.above),
        "from_above": [kind.name for kind in KINDS.values() if kind.above],
        "since": stood.since,
        "changed": stood.changed,
        "row": stood.row,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, asked)
        return list(cursor.fetchall())


def _own_conflicts(viewer: Viewer, stood: Cursor) -> list[str]:
    """A conflict is its writer's also after its record went to a grid that is another's, where nothing touched is told to them."""
    # A day for whoever was settling it while everything was taken.
    return changed_conflicts(viewer, since=stood.since, settled=stood.begun - timedelta(days=1))


def _told(
    viewer: Viewer, rows: list[tuple[int, str, str, int]], now: datetime
) -> tuple[list[Change], list[Gone]]:
    asked: dict[str, dict[str, None]] = {}
    for _, named, row_id, _ in rows:
        if named in KINDS:
            asked.setdefault(named, {})[row_id] = None
    changes, gone = [], []
    for name, kind in KINDS.items():
        if ids := list(asked.get(name, ())):
            told = kind.kept(viewer, ids, now)
            changes += [Change(name, one, told[one]) for one in ids if one in told]
            if kind.ends:
                gone += [Gone(name, one) for one in ids if one not in told]
    return changes, gone
