"""Which grids stood when, from which each has its households and into which it went over, with their names."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Min, Q

from wangge.areas.models import Area, AreaVersion, Succession
from wangge.areas.queries.dividing import grids_that_took_over
from wangge.base.calendar import SHANGHAI

#: A grid is divided a few times in its life, into a few others.
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Kin:
    """A grid that gave households to another, or took them over, at a moment. `ended_on` is None while it stands."""

    code: str
    name: str
    households: int
    at: datetime
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """The latest first, then the most households. `back_to`: of a grid that was begun by a division which was undone, those
    that have their households again, with the moment of that.
    """

    came: tuple[Kin, ...] = ()
    went: tuple[Kin, ...] = ()
    back_to: tuple[Kin, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.came or self.went or self.back_to)


@dataclass(frozen=True, slots=True)
class Stood:
    """A grid and the days of its life. `ended_on` is the first day on which it is no more."""

    code: str
    name: str
    begun_on: date
    ended_on: date | None


def lineages_of(codes: Collection[str]) -> dict[str, Lineage]:
    """Of each of these grids its lineage; what stayed in it is left out."""
    asked = set(codes)
    held = Succession.objects.filter(Q(from_code__in=asked) | Q(to_code__in=asked))
    rows = [
        one
        for one in held.order_by("-at", "-households", "id")[:_MOST]
        if one.from_code != one.to_code
    ]  # fmt: skip
    others = {code for one in rows for code in (one.from_code, one.to_code)}
    areas = {
        each.code: each for each in Area.objects.filter(code__in=others).only("code", "name", "valid_to")
    }

    def kin(code: str, one: Succession, at: datetime) -> Kin:
        area = areas[code]
        return Kin(code, area.name, one.households, at, area.valid_to)

    found = {}
    for code in asked:
        ended = code in areas and areas[code].valid_to is not None
        found[code] = Lineage(
            came=tuple(
                kin(one.from_code, one, one.at)
                for one in rows
                if one.to_code == code and one.undone_at is None
            ),
            went=tuple(
                kin(one.to_code, one, one.at)
                for one in rows
                if one.from_code == code and one.undone_at is None
            ),
            back_to=tuple(
                kin(one.from_code, one, one.undone_at)
                for one in rows
                if ended and one.to_code == code and one.undone_at is not None
            ),
        )
    return found


def grids_in_place_of(code: str) -> list[Area]:
    """Of a grid that has ended: those that have today what it had at its end, by code. When the division that had begun it was
    undone, those to which its homes went back. None for one that stands, or that ended without heirs.
    """
    ended_on = Area.objects.filter(code=code, level="grid").values_list("valid_to", flat=True).first()
    if ended_on is None:
        return []
    before = datetime.combine(ended_on, time(), SHANGHAI) - timedelta(microseconds=1)
    heirs = set(grids_that_took_over([code], before))
    if not heirs:
        undone = Succession.objects.filter(to_code=code, undone_at__gt=before).exclude(from_code=code)
        for given, at in set(undone.values_list("from_code", "undone_at")):
            heirs |= {given, *(grids_that_took_over([given], at) if at else ())}
    standing = Area.objects.filter(code__in=heirs, valid_to__isnull=True)
    return list(standing.defer("boundary").order_by("code"))


def grids_that_stood(community: str, since: date, until: date) -> list[Stood]:
    """Grids of a community that stood on any day from `since` until before `until`, by code, with those that ended since.

    One that began and ended on the same day stood on none.
    """
    # An area's own day is that of its last change: its earlier versions tell when it began.
    first = dict(
        AreaVersion.objects.filter(parent_code=community, level="grid")
        .values_list("code")
        .annotate(first=Min("valid_from"))
        .order_by()
    )
    found = []
    grids = Area.objects.filter(parent_id=community, level="grid").order_by("code")
    for code, name, valid_from, valid_to in grids.values_list("code", "name", "valid_from", "valid_to"):
        begun = min(valid_from, first.get(code, valid_from))
        stood_a_day = valid_to is None or valid_to > begun
        if stood_a_day and begun < until and (valid_to is None or valid_to > since):
            found.append(Stood(code, name, begun, valid_to))
    return found


def ended_on(codes: Collection[str]) -> dict[str, date]:
    """Of these areas, those that have ended: the first day on which each is no more."""
    gone = Area.objects.filter(code__in=set(codes), valid_to__isnull=False)
    return {code: day for code, day in gone.values_list("code", "valid_to") if day is not None}
