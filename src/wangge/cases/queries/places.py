"""A place as somebody says it: a case's number, degrees, an estate, an address of earlier cases, an area."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from wangge.access import Viewer
from wangge.access.viewer import lies_in
from wangge.areas import queries as areas
from wangge.base.coordinates import Datum, to_wgs84
from wangge.base.problems import NotFound
from wangge.base.text import clean_line
from wangge.cases.queries.filters import highest_seats
from wangge.cases.queries.pages import case_by_number
from wangge.cases.rules.positions import read_position
from wangge.households.queries import compounds_named
from wangge.households.rules import address_in

#: Addresses are looked for among so many of the newest cases of so many days.
_ADDRESSES_AMONG, _ADDRESS_DAYS = 3_000, 180
_NUMBER = re.compile(r"\d{4}-\d{6}-\d{4,6}")


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """One meaning of what was said. `kind`: `point`, `case`, `compound`, `address` or `area`; `name` is what it is called,
    `address` what a case's address would say. The place itself is the point, or where there is none the area.
    """

    kind: str
    name: str
    path: str
    lon: float | None = None
    lat: float | None = None
    address: str = ""
    datum: str = ""
    other_names: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        return self.path.rsplit(".", 1)[-1]

    @property
    def area(self) -> str:
        """The area to file under; none where the point finds it."""
        return "" if self.lon is not None else self.code


def places_named(viewer: Viewer, text: str, *, at: datetime, limit: int = 8) -> list[FoundPlace]:
    """What `text` may mean within the viewer's areas, the likeliest first; nothing for less than two characters."""
    said = clean_line(text[:800], limit=800, name="address")[:200]
    if len(said) < 2:
        return []
    if position := read_position(said):
        return _points(position.lon, position.lat, position.datums)
    if number := _NUMBER.search(said):
        return _of_case(viewer, number[0])
    within = sorted({seat.path for seat in viewer.seats})
    estates = _estates(viewer, said, within, limit)
    seen = _addresses(viewer, said, at)
    named = _areas(viewer, said, within)
    # Of each kind some are shown before any kind fills the list.
    first = [*estates[: limit - 3], *seen[:3], *named[:2]]
    rest = [*estates[limit - 3 :], *seen[3:], *named[2:]]
    return _each_once([*first, *rest])[:limit]


def _each_once(found: list[FoundPlace]) -> list[FoundPlace]:
    """An address that is an estate's own name says nothing new."""
    return list({(each.address or each.name, each.area): each for each in reversed(found)}.values())[::-1]


def _points(lon: float, lat: float, datums: tuple[Datum, ...]) -> list[FoundPlace]:
    found = []
    for datum in datums:
        east, north = to_wgs84(lon, lat, datum)
        place = areas.locate(east, north)
        if place.path.count(".") >= 1:
            name = f"{lon:.6f}, {lat:.6f}"
            found.append(FoundPlace("point", name, place.path, round(east, 6), round(north, 6), datum=datum))
    return found


def _of_case(viewer: Viewer, number: str) -> list[FoundPlace]:
    try:
        case = case_by_number(viewer, number)
    except NotFound:
        return []
    return [FoundPlace("case", case.number, case.path, case.lon, case.lat, case.address)]


def _estates(viewer: Viewer, said: str, within: list[str], limit: int) -> list[FoundPlace]:
    found = compounds_named(viewer, said, within=within, limit=limit) if within else []
    return [
        FoundPlace(
            "compound",
            estate.name,
            estate.path,
            estate.lon,
            estate.lat,
            address_in(estate.name, estate.aliases, said),
            other_names=tuple(estate.aliases),
        )
        for estate in found
    ]


def _areas(viewer: Viewer, said: str, within: list[str]) -> list[FoundPlace]:
    return [
        FoundPlace("area", area.name, area.path)
        for area in areas.areas_named(viewer, said, limit=10)
        if area.path.count(".") and any(lies_in(area.path, path) for path in within)
    ]


# The newest cases of the area are walked by its index; only these are read for the address. The latest point of an address
# counts, since a later one was likelier looked at.
_SEEN = """
select distinct on (address) address, path::text, lon, lat, reported_at
  from (select address, path, lon, lat, reported_at from cases_case
         where {place} and reported_at >= %(since)s order by reported_at desc, id desc limit %(among)s) as newest
 where address <> '' and strpos(address, %(said)s) > 0
 order by address, lon is null, reported_at desc
"""
_SEEN_IN = {
    level: _SEEN.format(place=f"{level}_id = %(code)s")
    for level in ("county", "township", "community", "grid")
} | {"city": _SEEN.format(place="true")}


def _addresses(viewer: Viewer, said: str, at: datetime) -> list[FoundPlace]:
    """Addresses of the newest cases of one's areas that hold the text, the last used first."""
    found: dict[str, tuple[datetime, FoundPlace]] = {}
    for path, level in highest_seats(viewer):
        ask: dict[str, Any] = {
            "code": path.rsplit(".", 1)[-1],
            "since": at - timedelta(days=_ADDRESS_DAYS),
            "among": _ADDRESSES_AMONG,
            "said": said,
        }
        with connection.cursor() as cursor:
            cursor.execute(_SEEN_IN[level], ask)
            for address, place, lon, lat, used_at in cursor.fetchall():
                found[address] = used_at, FoundPlace("address", address, place, lon, lat, address)
    newest = sorted(found.values(), key=lambda each: (each[0], each[1].name), reverse=True)
    return [place for _at, place in newest]
