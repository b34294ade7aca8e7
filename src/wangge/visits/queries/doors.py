"""Households as somebody stands before them, and the facts from which it follows what is due there: set-wise."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from wangge.access import Viewer
from wangge.visits.models import DueRule
from wangge.visits.models import Errand as ErrandRow
from wangge.visits.rules import Errand, Need, Rule, Stop, Visits, shipped_rules


@dataclass(frozen=True, slots=True)
class DoorAt:
    """A household at its door. `name` is whose door it is: the head's, else that of who is longest in the register."""

    id: UUID
    number: str
    path: str
    address: str
    name: str
    people: int
    only_by_law: bool
    plate: str
    lon: float | None
    lat: float | None

    @property
    def grid(self) -> str:
        return self.path.rsplit(".", 1)[-1]

    @property
    def stop(self) -> Stop:
        return Stop(str(self.id), self.lon, self.lat, self.address)


# A compound's or building's name stands in the address once, whoever repeats it.
_ADDRESS = (
    "case when c.name is null or position(c.name in b.name) > 0 then '' else c.name end || b.name || d.door"
)
_DOORS = f"""
select h.id, h.number, h.path::text, {_ADDRESS},
       coalesce((select r.name from households_resident r where r.household_id = h.id
                  order by r.relation <> 'head', r.id limit 1), ''),
       (select count(*) from households_resident r where r.household_id = h.id),
       h.only_by_law, d.plate, coalesce(d.lon, b.lon), coalesce(d.lat, b.lat)
  from households_household h join households_dwelling d on d.id = h.dwelling_id
  join households_building b on b.id = d.building_id left join households_compound c on c.code = b.compound_id
 where h.valid_to is null and h.id = any (%(ids)s)
"""  # noqa: S608 - constants of this module
_STOPS = f"""
select h.id, coalesce(d.lon, b.lon), coalesce(d.lat, b.lat), {_ADDRESS}
  from households_household h join households_dwelling d on d.id = h.dwelling_id
  join households_building b on b.id = d.building_id left join households_compound c on c.code = b.compound_id
 where h.valid_to is null and h.id = any (%(ids)s)
"""  # noqa: S608 - as above


def stops(viewer: Viewer, ids: Collection[UUID]) -> dict[UUID, Stop]:  # noqa: ARG001 - the row policy uses it
    """Only where these households live and what orders them on the way: for thousands at once."""
    return {row[0]: Stop(str(row[0]), *row[1:]) for row in _rows(_STOPS, {"ids": list(ids)})}


def doors(viewer: Viewer, ids: Collection[UUID]) -> dict[UUID, DoorAt]:  # noqa: ARG001 - the row policy uses it
    """Those of these households that live there today and are the viewer's to see."""
    with connection.cursor() as cursor:
        cursor.execute(_DOORS, {"ids": list(ids)})
        return {row[0]: DoorAt(*row) for row in cursor.fetchall()}


def rules_in_force() -> tuple[Rule, ...]:
    """The shipped rules with those of this installation over them; one that was ended holds no more."""
    own = {rule.code: rule for rule in DueRule.objects.all()}
    shipped = [rule for rule in shipped_rules() if rule.code not in own]
    return (*shipped, *(_rule(rule) for rule in own.values() if not rule.ended))


def _rule(row: DueRule) -> Rule:
    return Rule(**{name: getattr(row, name) for name in Rule.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one household whatever decides when it is called on."""

    path: str
    wish: bool
    began: date
    needs: tuple[Need, ...]
    visits: Visits
    errands: tuple[Errand, ...]


_HOUSEHOLDS = """
select h.id, h.path::text, h.only_by_law, greatest(h.valid_from, coalesce(d.known_on, %(today)s))
  from households_household h left join visits_duevisit d on d.household_id = h.id
 where h.id = any (%(ids)s) and h.valid_to is null
"""
_NEEDS = """
select r.household_id, n.kind, n.from_on, least(n.until, n.ended_on), n.id::text
  from households_careneed n join households_resident r on r.id = n.resident_id
 where r.household_id = any (%(ids)s) and n.from_on <= %(today)s and least(n.until, n.ended_on) >= %(today)s
"""
_VISITS = """
select household_id, max(day) filter (where outcome = 'met'), max(day),
       (array_agg(outcome order by happened_at desc, id desc))[1], max(day) filter (where outcome = 'refused')
  from visits_visit where household_id = any (%(ids)s) group by household_id
"""


def facts(viewer: Viewer, ids: Collection[UUID], *, today: date) -> dict[UUID, Facts]:  # noqa: ARG001 - the row policy uses it
    """What decides at each of these households; those that ended, or are not the viewer's, are left out."""
    asked: dict[str, Any] = {"ids": list(ids), "today": today}
    needs: defaultdict[UUID, list[Need]] = defaultdict(list)
    for household, *told in _rows(_NEEDS, asked):
        needs[household].append(Need(*told))
    errands: defaultdict[UUID, list[Errand]] = defaultdict(list)
    for row in ErrandRow.objects.filter(household_id__in=asked["ids"], done_at__isnull=True):
        errands[row.household_id].append(Errand(row.kind, row.since, row.by, row.law, str(row.id)))
    visits = {household: Visits(*told) for household, *told in _rows(_VISITS, asked)}
    return {
        household: Facts(
            path,
            wish,
            began,
            tuple(needs[household]),
            visits.get(household, Visits()),
            tuple(errands[household]),
        )
        for household, path, wish, began in _rows(_HOUSEHOLDS, asked)
    }


def _rows(statement: str, asked: dict[str, Any]) -> Iterable[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return list(cursor.fetchall())


def stale_households(limit: int) -> list[UUID]:
    """Households whose register changed since what is due there was computed, the longest waiting first."""
    with connection.cursor() as cursor:
        cursor.execute("select household_id from visits_stale order by since, household_id limit %s", [limit])
        return [household for (household,) in cursor.fetchall()]


_OUTDATED = """
select d.household_id from visits_duevisit d
 where exists (select from jsonb_array_elements(d.reasons) reason
                join households_careneed n on n.id = nullif(reason ->> 'id', '')::uuid
               where least(n.until, n.ended_on) < %(today)s)
union
select r.household_id from households_careneed n join households_resident r on r.id = n.resident_id
 where n.from_on = %(today)s and r.household_id is not null
"""


def outdated_households(today: date) -> list[UUID]:
    """Households where a need ended or began with the day itself: nobody wrote anything."""
    return [household for (household,) in _rows(_OUTDATED, {"today": today})]
