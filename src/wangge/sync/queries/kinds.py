"""What a phone keeps: each kind of record, where its rows lie, and who tells what of them a phone is given."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg import sql

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.campaigns.queries.kept import kept as campaigns_kept
from wangge.campaigns.queries.kept import to_keep
from wangge.campaigns.queries.plants import kept_plants
from wangge.cases import queries as cases
from wangge.catalogue import queries as catalogue
from wangge.households import queries as homes
from wangge.sync.queries.conflicts import kept_conflicts
from wangge.sync.queries.places import Places
from wangge.visits import queries as visits
from wangge.visits.rules import day_of

Fields = dict[str, Any]
Told = Mapping[str, Fields]


@dataclass(frozen=True, slots=True)
class Kind:
    """`kept` tells of records by their ids what a phone is given, and leaves out what it is not: that is gone from it.

    `within` finds the ids of everything that may belong on a phone of these places. `table`, `key` and `path`: where such a
    record lies. `above`: changes in the areas above concern the phone, too. `ends`: a record that is told no more is told as
    gone; of a kind whose records only come, one that a phone is not given is not mentioned, not even by its id. `first`: what
    a phone shows at once; the rest of a first sync comes after it.
    """

    name: str
    kept: Callable[[Viewer, Collection[str], datetime], Told]
    within: Callable[[Viewer, Places], list[str]]
    table: str
    key: str = "id"
    path: str = "path"
    above: bool = False
    ends: bool = True
    first: bool = True


def _ids(statement: str, values: Mapping[str, Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [key for (key,) in cursor.fetchall()]


# By codes, since under a row policy a path finds nothing in an index. A place is a community itself where its grid is ''.
_PLACED = (
    "township_id = any (%(township)s) and community_id = any (%(community)s) and grid_id = any (%(grid)s)"
)
_STILL = "not confidential and (closed_at is null or closed_at > now() - interval '60 days')"
# Also those on the border of one's grid, for which the neighbour answers: both see them.
_BORDERING = "select cases_bordering(code) from unnest(%(grid)s::text[]) code where code <> ''"
_CASES = (
    f"select id::text from cases_case where {_PLACED} and {_STILL}"  # noqa: S608 - constants of this module
    f" union select id::text from cases_case where id in ({_BORDERING}) and {_STILL} order by 1"
)
_STANDING = f"select id::text from {{}} where {_PLACED} and {{}} is null order by {{}}"  # noqa: S608 - as above
# What is recorded of homes has no codes: it is found by its household.
_HERE = f"select id from households_household where {_PLACED}"  # noqa: S608 - as above
_AT_HOMES = f"select {{}}::text from {{}} where household_id = any (array({_HERE})) and {{}} order by {{}}"  # noqa: S608 - as above


# Plants of the campaigns that run, at homes and, said in words, outside of them.
_PLANTS = f"""
select id::text from campaigns_plantcheck
 where campaign_id = any (%(campaigns)s::uuid[])
   and (household_id = any (array({_HERE})) or household_id is null and path = any (%(paths)s::ltree[]))
 order by id
"""  # noqa: S608 - constants of this module


def _placed(places: Places) -> dict[str, list[str]]:
    """The codes of the places at each tier."""
    parts = [[*path.split("."), "", ""] for path in places.own if path.count(".") >= 3]
    return {
        name: sorted({part[tier] for part in parts})
        for name, tier in (("township", 2), ("community", 3), ("grid", 4))
    }


def _areas_within(_viewer: Viewer, places: Places) -> list[str]:
    return [path.rsplit(".", 1)[-1] for path in places.all]


def _items_within(_viewer: Viewer, _places: Places) -> list[str]:
    return _ids("select code from catalogue_workitem where state = 'admitted' order by code", {})


def _cases_within(_viewer: Viewer, places: Places) -> list[str]:
    return _ids(_CASES, _placed(places))


def _places_within(_viewer: Viewer, places: Places) -> list[str]:
    """Hydrants, lifts, sites: some thousands in a city, and few enough to be looked through."""
    return _ids(
        "select id::text from visits_place where closed_on is null and path = any (%(paths)s::ltree[]) order by id",
        {"paths": list(places.own)},
    )


def _plants_within(viewer: Viewer, places: Places) -> list[str]:
    running = to_keep(viewer)["campaign"]
    return _ids(_PLANTS, {**_placed(places), "campaigns": running, "paths": list(places.own)})


def _conflicts_within(_viewer: Viewer, _places: Places) -> list[str]:
    return _ids("select id::text from sync_conflict where settled_at is null order by id", {})


def _case(viewer: Viewer, ids: Collection[str], now: datetime) -> Told:
    return cases.kept(viewer, "case", ids, now=now)


def _area(viewer: Viewer, ids: Collection[str], now: datetime) -> Told:  # noqa: ARG001 - the tree is read by everyone
    return areas.kept(ids)


def _item(viewer: Viewer, ids: Collection[str], now: datetime) -> Told:  # noqa: ARG001 - the catalogue is read by everyone
    return catalogue.kept(ids)


def _home(name: str) -> Callable[[Viewer, Collection[str], datetime], Told]:
    """Of the registers a phone is given what still stands; who may not read homes is given none of them."""

    def told(viewer: Viewer, ids: Collection[str], now: datetime) -> Told:  # noqa: ARG001 - one of fewer words
        if not viewer.may_anywhere(Verb.HOUSEHOLD_READ):
            return {}
        found = homes.kept(viewer, name, [UUID(one) for one in ids])
        return {str(key): fields for key, fields in found.items() if not any(map(fields.get, _ENDED))}

    return told


#: A day in one of these says that the record has ended: it leaves the phone.
_ENDED = ("valid_to", "left_on", "ended_on", "merged_into")


def _visited(name: str) -> Callable[[Viewer, Collection[str], datetime], Told]:
    def told(viewer: Viewer, ids: Collection[str], now: datetime) -> Told:  # noqa: ARG001 - one of fewer words
        found = visits.kept(viewer, name, ids)
        return {key: fields for key, fields in found.items() if not fields.get("closed")}

    return told


def _round(viewer: Viewer, ids: Collection[str], now: datetime) -> Told:
    """The doors of one's own rounds from today on, in walking order, with about when each is called at; and those for which a day
    is too short. Another's round is not mentioned.
    """
    own = str(viewer.account_id)
    if own not in ids or viewer.account_id is None:
        return {}
    days: dict[str, list[str]] = {}
    about: dict[str, dict[str, str]] = {}
    left: dict[str, list[str]] = {}
    for planned in visits.rounds_from(viewer, viewer.account_id, day_of(now)):
        day = planned.day.isoformat()
        days[day] = [str(door) for door in planned.doors]
        about[day] = {str(door): visits.time_of(minutes) for door, minutes in planned.about.items()}
        left[day] = [str(door) for door in planned.left_over]
    return {own: {"id": own, "days": days, "about": about, "left": left}} if days else {}


def _own_round(viewer: Viewer, _places: Places) -> list[str]:
    """One record an account, whatever its rounds are."""
    return _ids(
        "select distinct account_id::text from visits_round where account_id = %(account)s and day >= current_date - 1",
        {"account": viewer.account_id},
    )


def _asked(name: str) -> Callable[[Viewer, Collection[str], datetime], Told]:
    def told(viewer: Viewer, ids: Collection[str], now: datetime) -> Told:  # noqa: ARG001 - one of fewer words
        return campaigns_kept(viewer, name, ids)

    return told


def _within_campaigns(name: str) -> Callable[[Viewer, Places], list[str]]:
    return lambda viewer, _places: to_keep(viewer)[name]


def _rows(statement: str) -> Callable[[Viewer, Places], list[str]]:
    return lambda _viewer, places: _ids(statement, _placed(places))


def _conflict(viewer: Viewer, ids: Collection[str], now: datetime) -> Told:  # noqa: ARG001 - one of fewer words
    return kept_conflicts(viewer, ids)


def _plant(viewer: Viewer, ids: Collection[str], now: datetime) -> Told:  # noqa: ARG001 - one of fewer words
    return kept_plants(viewer, ids)


#: In the order in which a snapshot tells them: what the list of homes shows first, since a phone with a slow network draws it as
#: it comes; else what others refer to. What belongs to one home stands together, by which a year of visits packs a third smaller.
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("area", _area, _areas_within, "areas_area", key="code", above=True),
        Kind(
            "dwelling",
            _home("dwelling"),
            _rows(_STANDING.format("households_dwelling", "valid_to", "id")),
            "households_dwelling",
        ),
        Kind(
            "household",
            _home("household"),
            _rows(_STANDING.format("households_household", "valid_to", "dwelling_id, id")),
            "households_household",
        ),
        Kind(
            "resident",
            _home("resident"),
            _rows(_STANDING.format("households_resident", "left_on", "household_id, id")),
            "households_resident",
        ),
        Kind(
            "due",
            _visited("due"),
            _rows(_AT_HOMES.format("household_id", "visits_duevisit", "true", "1")),
            "visits_duevisit",
            key="household_id",
        ),
        Kind(
            "need",
            _home("need"),
            _rows(_STANDING.format("households_careneed", "ended_on", "id")),
            "households_careneed",
        ),
        Kind(
            "visit",
            _visited("visit"),
            _rows(
                _AT_HOMES.format("id", "visits_visit", "day > current_date - 366", "household_id, day, id")
            ),
            "visits_visit",
            first=False,
        ),
        Kind("item", _item, _items_within, "catalogue_workitem", key="code", path="", above=True),
        # The phone of whoever walks; of the others' rounds nothing is said.
        Kind("round", _round, _own_round, "visits_round", key="account_id", ends=False),
        Kind("place", _visited("place"), _places_within, "visits_place"),
        Kind("form", _asked("form"), _within_campaigns("form"), "campaigns_formversion", path="", above=True),
        Kind("campaign", _asked("campaign"), _within_campaigns("campaign"), "campaigns_campaign", above=True),
        Kind(
            "material",
            _asked("material"),
            _within_campaigns("material"),
            "campaigns_material",
            path="",
            above=True,
        ),
        # A suspicion is its finder's alone: to the others here not even "gone" is said of it.
        Kind("plant", _plant, _plants_within, "campaigns_plantcheck", ends=False),
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
