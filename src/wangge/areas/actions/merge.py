"""The set-wise half of an import: a temporary table of what came, what is wrong with it as a whole, and the merge."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from wangge.access.viewer import common_path
from wangge.areas.rules import LEVELS, NATION, Fault, level_of, parent_of, rank_of, root_among

Cursor = Any
"""Django's cursor around psycopg's, which has `copy`."""


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


_TABLE = """
create temporary table areas_incoming (
  file int, line int, is_map boolean, code text, name text, level text, parent text, kind text, class text,
  valid_from date, valid_to date, boundary jsonb, box text, lon float8, lat float8, state text default 'added')
  on commit drop
"""

COPY = """
copy areas_incoming (file, line, is_map, code, name, level, parent, kind, class, valid_from, valid_to,
                     boundary, box, lon, lat) from stdin
"""

_DUPLICATES = """
delete from areas_incoming where ctid in (
  select ctid from (select ctid, row_number() over (partition by code, is_map order by file, line) as nth
                      from areas_incoming) as numbered where nth > 1)
returning file, line, code
"""

# A folder may hold both: what the map says goes to the table's row, so that each area has one.
_MAPS_TO_ROWS = (
    """
update areas_incoming r set boundary = m.boundary, box = m.box, lon = m.lon, lat = m.lat
  from areas_incoming m where m.is_map and not r.is_map and m.code = r.code
""",
    "delete from areas_incoming m using areas_incoming r where m.is_map and not r.is_map and m.code = r.code",
)

_STATES = (
    # Names on maps are often short or old: a table is asked for them where the area stands.
    "update areas_incoming i set name = null, class = null from areas_area a where i.is_map and a.code = i.code",
    """
update areas_incoming i set state = case
    when a.valid_to is not null then 'unchanged'
    when i.valid_to is not null then 'ended'
    when i.name <> a.name or i.class <> a.urban_rural_class or i.boundary <> coalesce(a.boundary, 'null') then 'changed'
    else 'unchanged' end
  from areas_area a where a.code = i.code
""",
)

#: Each: column, what was expected, and a query for file, line and value.
_CHECKS = (
    (
        "code",
        _("an area of the tree that stands here, whose root is another"),
        "select file, line, code from areas_incoming where level = any(%(above)s) and code <> %(root)s",
    ),
    (
        "parent",
        _("an area that stands in the tree or in this file"),
        """
        select i.file, i.line, i.parent from areas_incoming i
          left join areas_incoming p on p.code = i.parent left join areas_area a on a.code = i.parent
         where i.code <> %(root)s and i.level <> all(%(above)s) and p.code is null and a.code is null""",
    ),
    (
        "parent",
        _("an area that has not ended"),
        """
        select i.file, i.line, i.parent from areas_incoming i
          left join areas_incoming p on p.code = i.parent left join areas_area a on a.code = i.parent
         where i.state = 'added' and i.valid_to is null and coalesce(p.valid_to, a.valid_to) is not null""",
    ),
    (
        "parent",
        _("the area that it lies in already: an area does not move, end it and add another"),
        """
        select i.file, i.line, i.parent from areas_incoming i join areas_area a on a.code = i.code
         where i.parent <> coalesce(a.parent_id, '')""",
    ),
    (
        "code",
        _("an area that has not ended"),
        """
        select i.file, i.line, i.code from areas_incoming i join areas_area a on a.code = i.code
         where a.valid_to is not null and i.valid_to is distinct from a.valid_to""",
    ),
    (
        "name",
        _("a name, since the area is new"),
        "select file, line, '' from areas_incoming where state = 'added' and name is null and is_map",
    ),
    (
        "valid_from",
        _("a day not before the area's last change"),
        """
        select i.file, i.line, i.valid_from::text from areas_incoming i join areas_area a on a.code = i.code
         where i.state = 'changed' and i.valid_from < a.valid_from""",
    ),
    (
        "valid_to",
        _("a day not before the area's last change"),
        """
        select i.file, i.line, i.valid_to::text from areas_incoming i join areas_area a on a.code = i.code
         where i.state = 'ended' and i.valid_to < a.valid_from""",
    ),
    (
        "valid_to",
        _("nothing while areas below it go on: end those too"),
        """
        select distinct i.file, i.line, i.valid_to::text from areas_incoming i
          join areas_area below on below.parent_id = i.code and below.valid_to is null
          left join areas_incoming ending on ending.code = below.code and ending.valid_to is not null
         where i.state = 'ended' and ending.code is null""",
    ),
)

_COMMON = """
with touched as materialized (
  select a.path from areas_incoming i join areas_area a on a.code = i.code where i.state in ('changed', 'ended')
  union all
  select p.path || i.code from areas_incoming i join areas_area p on p.code = i.parent where i.state = 'added'
  union all
  select i.code::ltree from areas_incoming i where i.state = 'added' and i.parent = '')
select (select path from touched order by path limit 1)::text, (select path from touched order by path desc limit 1)::text
"""

_VERSIONS = """
insert into areas_areaversion (code, path, name, level, parent_code, kind, urban_rural_class, boundary, valid_from,
                               valid_to, recorded_at)
select a.code, a.path, a.name, a.level, coalesce(a.parent_id, ''), a.kind, a.urban_rural_class, a.boundary, a.valid_from,
       coalesce(i.valid_to, i.valid_from), %s
  from areas_incoming i join areas_area a on a.code = i.code where i.state in ('changed', 'ended') order by a.code
"""

# Apart from each other: only what touches boundaries makes every process load them again.
_CHANGES = (
    """
update areas_area a set name = coalesce(i.name, a.name), urban_rural_class = coalesce(i.class, a.urban_rural_class),
                        valid_from = i.valid_from
  from areas_incoming i where i.code = a.code and i.state = 'changed'
""",
    """
update areas_area a set boundary = i.boundary, boundary_made_up = false, box = i.box::box, lon = i.lon, lat = i.lat
  from areas_incoming i where i.code = a.code and i.state = 'changed' and i.boundary <> coalesce(a.boundary, 'null')
""",
    "update areas_area a set valid_to = i.valid_to from areas_incoming i where i.code = a.code and i.state = 'ended'",
)

_ADDED = """
insert into areas_area (code, name, level, parent_id, path, kind, urban_rural_class, boundary, boundary_made_up, box,
                        lon, lat, valid_from, valid_to)
select i.code, i.name, i.level, p.code, coalesce(p.path || i.code, i.code::ltree), i.kind, coalesce(i.class, ''),
       i.boundary, false, i.box::box, i.lon, i.lat, i.valid_from, i.valid_to
  from areas_incoming i left join areas_area p on p.code = i.parent
 where i.state = 'added' and i.level = %s order by i.code
"""


_NATION_ROW = """
insert into areas_incoming (file, line, is_map, code, name, level, parent, kind, valid_from)
select 0, 0, false, %(nation)s, '全国', 'nation', '', '', min(valid_from) from areas_incoming
having count(*) filter (where code = %(nation)s) = 0
"""


class Incoming:
    """What a file brings, in a temporary table of this transaction. `left_out` rows lay above the tree's root."""

    def __init__(self, cursor: Cursor, files: Sequence[str]) -> None:
        self._cursor = cursor
        self._files = files
        self.left_out = 0
        cursor.execute("drop table if exists areas_incoming")
        cursor.execute(_TABLE)

    def faults(self) -> list[Fault]:
        """Says of each row what it would do, and what is wrong with the rows as a set."""
        cursor = self._cursor
        cursor.execute("create index on areas_incoming (code)")
        cursor.execute("analyze areas_incoming")
        cursor.execute(_DUPLICATES)
        faults = self._faults("code", _("each code once"))
        for statement in _MAPS_TO_ROWS:
            cursor.execute(statement)
        root = self._rooted()
        for statement in _STATES:
            cursor.execute(statement)
        above = LEVELS[: rank_of(level_of(root)) + 1] if root else ()
        for column, expected, query in _CHECKS:
            cursor.execute(query, {"above": list(above), "root": root})
            faults += self._faults(column, expected)
        return faults

    def counts(self) -> dict[str, int]:
        """How many rows would add, change or end an area, or leave it as it is."""
        self._cursor.execute("select state, count(*) from areas_incoming group by state")
        found = dict(self._cursor.fetchall())
        return {state: found.get(state, 0) for state in ("added", "changed", "ended", "unchanged")}

    def common_path(self) -> str:
        """The path of the smallest area that holds everything that would change."""
        self._cursor.execute(_COMMON)
        return common_path(self._cursor.fetchone())

    def write(self, now: datetime, told: Callable[[str, int], None]) -> None:
        """Keeps the versions of what changes, then merges, parents first."""
        self._cursor.execute(_VERSIONS, [now])
        done = self._cursor.rowcount
        for statement in _CHANGES:
            self._cursor.execute(statement)
        told("write", done)
        for level in LEVELS:
            self._cursor.execute(_ADDED, [level])
            done += self._cursor.rowcount
            told("write", done)

    def _rooted(self) -> str:
        """Where the tree begins; leaves out what lies above that."""
        cursor = self._cursor
        cursor.execute("select code from areas_area where parent_id is null and valid_to is null")
        standing = cursor.fetchone()
        root: str = standing[0] if standing else self._new_root()
        if not root:
            return ""
        above = {NATION}
        code = root
        while code := parent_of(code):
            above.add(code)
        cursor.execute("delete from areas_incoming where code = any(%s)", [list(above - {root})])
        self.left_out = cursor.rowcount
        if root == NATION:
            if not standing:
                cursor.execute(_NATION_ROW, {"nation": NATION})
            cursor.execute("update areas_incoming set parent = %s where level = 'province'", [NATION])
        cursor.execute("update areas_incoming set parent = '' where code = %s", [root])
        return root

    def _new_root(self) -> str:
        self._cursor.execute(
            "select distinct left(code, case when level = 'province' then 2 else 4 end) from areas_incoming"
            " where level <> 'nation'"
        )
        heads = {head for (head,) in self._cursor.fetchall()}
        # A province that has a city here says nothing more.
        longer = {head[:2] for head in heads if len(head) == 4}
        return root_among(head for head in heads if len(head) == 4 or head not in longer)

    def _faults(self, column: str, expected: str) -> list[Fault]:
        return [
            Fault(self._files[file], line, column, value, expected)
            for file, line, value in self._cursor.fetchall()
        ]
