"""Who lives where: lists, a household's page, finding somebody, and counts. The row policies say whose homes are seen."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import Value
from django.db.models.functions import Concat, Replace

from wangge.access import Verb, Viewer
from wangge.access.viewer import lies_in
from wangge.areas import queries as areas
from wangge.base.paging import decode_cursor, encode_cursor
from wangge.base.private import normal_phone
from wangge.base.problems import NotAllowed, NotFound
from wangge.base.text import clean_line
from wangge.households.models import (
    CareNeed,
    Dwelling,
    Earlier,
    Household,
    Merge,
    Resident,
    Sought,
    Stay,
    Transfer,
)
from wangge.households.rules.people import REVEALED_MINUTES
from wangge.journal.models import Entry

#: Tiers of a path that stand in a column of their own, from the root's child down.
_TIERS = ("county_id", "township_id", "community_id", "grid_id")
_TAIL = re.compile(r"[0-9]{4}")
_NUMBER = re.compile(r"[0-9Xx +-]{7,24}")
LONGEST = 60
"""Characters of a text that finds a home."""


@dataclass(frozen=True, slots=True)
class HomeLine:
    """One household of a list: where it is, who lives there, and how many care needs hold today."""

    household: Household
    place: str
    residents: tuple[Resident, ...]
    needs: int


@dataclass(frozen=True, slots=True)
class HomePage:
    """`next` is the cursor of the page after, or None."""

    items: list[HomeLine]
    next: str | None


@dataclass(frozen=True, slots=True)
class HouseholdPage:
    """All that is kept of one household. `revealed`: which private particulars of whom the viewer gave a reason for."""

    household: Household
    place: str
    residents: list[Resident]
    needs: list[CareNeed]
    stays: list[Stay]
    transfers: list[Transfer]
    merged: list[Resident]
    may_change: bool
    may_reveal: bool
    revealed: dict[UUID, frozenset[str]] = field(default_factory=dict)

    def called(self, stay: Stay) -> str:
        """How somebody is called who lives here, or was when they left."""
        names = {each.id: each.name for each in self.residents}
        return stay.name or names.get(stay.resident_id, "")


@dataclass(frozen=True, slots=True)
class HomeCount:
    """How many live in one part of an area; `code` is empty for what lies in none of its parts."""

    code: str
    households: int
    registered_present: int
    registered_away: int
    permanent: int
    floating: int

    @property
    def residents(self) -> int:
        return self.registered_present + self.registered_away + self.permanent + self.floating


def check_reads_homes(viewer: Viewer) -> None:
    """NotAllowed for whoever keeps no register."""
    if not viewer.homes:
        raise NotAllowed


def lying_in(paths: Iterable[str], prefix: str = "") -> Q:
    """Rows at or below these paths, said in equal codes, which an index answers before the row policy is asked."""
    found = Q(pk__in=[])
    for path in paths:
        codes = path.split(".")[1 : 1 + len(_TIERS)]
        found |= Q(**{f"{prefix}{name}": code for name, code in zip(_TIERS, codes, strict=False)})
    return found


def _scope(viewer: Viewer, within: str) -> list[str]:
    """The viewer's homes, or what of them lies at or below the area `within`."""
    check_reads_homes(viewer)
    if not within:
        return list(viewer.homes)
    path = areas.area_by_code(within).path
    if any(lies_in(path, home) for home in viewer.homes):
        return [path]
    return [home for home in viewer.homes if lies_in(home, path)]


def _standing(viewer: Viewer, within: str) -> QuerySet[Household]:
    found = Household.objects.filter(lying_in(_scope(viewer, within)), valid_to__isnull=True)
    return found.select_related("dwelling__building__compound")


def households(
    viewer: Viewer, *, within: str = "", cursor: str | None = None, limit: int = 50, today: date
) -> HomePage:
    """Today's households of the viewer's homes, or of an area of theirs, in the order of their numbers."""
    found = _standing(viewer, within).order_by("number")
    if cursor:
        found = found.filter(number__gt=str(decode_cursor(cursor, str)[0]))
    rows = list(found[: limit + 1])
    more = len(rows) > limit
    return HomePage(_lines(rows[:limit], today), encode_cursor((rows[limit - 1].number,)) if more else None)


def find_homes(
    viewer: Viewer, text: str, *, within: str = "", limit: int = 50, today: date
) -> list[HomeLine]:
    """Households by what somebody says: a name or part of it, a door, a compound, a household's number, a door plate, a whole
    telephone or identity number, or the last four figures of a telephone.
    """
    said = clean_line(text[: LONGEST * 4], limit=LONGEST * 4, name="q")[:LONGEST]
    if not said:
        return []
    scope = _scope(viewer, within)
    people = Resident.objects.filter(lying_in(scope), _called(said), household__isnull=False)
    ids = [each for each in people.values_list("household_id", flat=True)[:limit] if each]
    at_doors = _at_place(Household.objects.filter(lying_in(scope), valid_to__isnull=True), said)
    ids += at_doors.order_by("number").values_list("id", flat=True)[: limit - len(ids)]
    found = _standing(viewer, within).filter(id__in=set(ids))
    return sorted(_lines(list(found), today), key=lambda line: (line.place, line.household.number))


def _called(said: str) -> Q:
    """People by their name; by figures alone only exactly, each answered by an index of its own."""
    if _TAIL.fullmatch(said):
        return Q(phone_tail=said)
    if _NUMBER.fullmatch(said):
        ring = settings.PRIVATE_KEYS
        phones, numbers = ring.lookups("phone", said), ring.lookups("identity", said)
        called = Q(phone_tail=normal_phone(said)[-4:], phone_hash__in=phones)
        return called | Q(identity_hash__in=numbers)
    return Q(name__contains=said)


def _at_place(found: QuerySet[Household], said: str) -> QuerySet[Household]:
    """Those whose place holds every word that was said, in one piece or with spaces; or whose number or plate it is."""
    stands = Replace(
        Concat("dwelling__building__compound__name", "dwelling__building__name", "dwelling__door"),
        Value(" "),
        Value(""),
    )
    asked = Q()
    for word in said.split():
        asked &= Q(stands__icontains=word)
    return found.annotate(stands=stands).filter(
        asked | Q(number=said) | Q(dwelling__plate=said.upper()) & ~Q(dwelling__plate="")
    )


def _lines(rows: Sequence[Household], today: date) -> list[HomeLine]:
    ids = [row.id for row in rows]
    residents: dict[UUID, list[Resident]] = {}
    for resident in Resident.objects.filter(household_id__in=ids).order_by("name", "id"):
        if resident.household_id:
            residents.setdefault(resident.household_id, []).append(resident)
    needs: dict[UUID, int] = {}
    for home in _needs_today(Q(resident__household_id__in=ids), today).values_list(
        "resident__household_id", flat=True
    ):
        needs[home] = needs.get(home, 0) + 1
    return [
        HomeLine(
            row,
            place_of(row.dwelling),
            tuple(sorted(residents.get(row.id, ()), key=lambda each: each.relation != "head")),
            needs.get(row.id, 0),
        )
        for row in rows
    ]


def _needs_today(of: Q, today: date) -> QuerySet[CareNeed]:
    return CareNeed.objects.filter(of, from_on__lte=today, until__gte=today, ended_on__isnull=True)


def place_of(dwelling: Dwelling) -> str:
    """荷塘家园 3号楼 2单元301: how people say where a home is."""
    building = dwelling.building
    compound = building.compound.name if building.compound else ""
    return " ".join(part for part in (compound, building.name, dwelling.door) if part)


def household_by_id(viewer: Viewer, household_id: UUID) -> Household:
    """NotFound when it is not there, or not the viewer's to see."""
    check_reads_homes(viewer)
    found = Household.objects.filter(id=household_id).select_related("dwelling__building__compound").first()
    if found is None:
        raise NotFound
    return found


def resident_by_id(viewer: Viewer, resident_id: UUID) -> Resident:
    """NotFound when it is not there, or not the viewer's to see."""
    check_reads_homes(viewer)
    found = Resident.objects.filter(id=resident_id).select_related("household").first()
    if found is None:
        raise NotFound
    return found


def household_page(viewer: Viewer, household_id: UUID, *, now: datetime) -> HouseholdPage:
    """Everything of one household: who lives there, who did, what care they need, and files under way."""
    household = household_by_id(viewer, household_id)
    residents = list(Resident.objects.filter(household_id=household.id).order_by("name", "id"))
    residents.sort(key=lambda each: each.relation != "head")
    merged = list(Resident.objects.filter(merged_into__in=[each.id for each in residents]).order_by("id"))
    people = [each.id for each in (*residents, *merged)]
    # Not with the person's row: who left for another grid has none that is seen here.
    stays = Stay.objects.filter(household_id=household.id)
    return HouseholdPage(
        household=household,
        place=place_of(household.dwelling),
        residents=residents,
        needs=list(CareNeed.objects.filter(resident_id__in=people).order_by("until", "id")),
        stays=list(stays.order_by("from_on", "id")),
        transfers=list(Transfer.objects.filter(household_id=household.id).order_by("-offered_at", "-id")),
        merged=merged,
        may_change=viewer.may(Verb.HOUSEHOLD_CHANGE, household.path),
        may_reveal=viewer.may(Verb.RESIDENT_REVEAL, household.path),
        revealed=revealed(viewer, people, now=now),
    )


def revealed(viewer: Viewer, residents: Collection[UUID], *, now: datetime) -> dict[UUID, frozenset[str]]:
    """Which private particulars of these people this viewer gave a reason for within the last minutes."""
    subjects = {f"resident:{each}": each for each in residents}
    since = now - timedelta(minutes=REVEALED_MINUTES)
    entries = Entry.objects.filter(
        subject__in=list(subjects), verb="resident.revealed", actor_id=viewer.account_id, at__gt=since
    )
    shown: dict[UUID, frozenset[str]] = {}
    for entry in entries if viewer.account_id else ():
        person = subjects[entry.subject]
        shown[person] = shown.get(person, frozenset()) | frozenset(entry.after["what"])
    return shown


def stays_of(viewer: Viewer, resident_id: UUID) -> list[Stay]:
    """Where somebody lived, the earliest first, as far as the viewer sees it: all of it for who sees the person."""
    check_reads_homes(viewer)
    return list(Stay.objects.filter(resident_id=resident_id).order_by("from_on", "id"))


def needs_of(viewer: Viewer, residents: Collection[UUID], *, today: date) -> dict[UUID, list[CareNeed]]:
    """The care needs that hold today, by resident."""
    check_reads_homes(viewer)
    found: dict[UUID, list[CareNeed]] = {}
    for need in _needs_today(Q(resident_id__in=residents), today).order_by("until", "id"):
        found.setdefault(need.resident_id, []).append(need)
    return found


def earlier(viewer: Viewer, of_id: UUID, *, limit: int = 100) -> list[Earlier]:
    """How a household, a resident or a need stood before each change, the newest first."""
    check_reads_homes(viewer)
    return list(Earlier.objects.filter(of_id=of_id).order_by("-revision")[:limit])


def transfers(viewer: Viewer, *, state: str = "offered", limit: int = 200) -> list[Transfer]:
    """Files on their way to or from the viewer's homes, the newest first; `state` empty for all."""
    check_reads_homes(viewer)
    found = Transfer.objects.all()
    if state:
        found = found.filter(state=state)
    return list(found.order_by("-offered_at", "-id")[:limit])


def sought(viewer: Viewer, *, limit: int = 200) -> list[Sought]:
    """Files of people who live in the viewer's homes and were written down in another grid, the newest first."""
    check_reads_homes(viewer)
    found = Sought.objects.filter(settled_at__isnull=True, other__household__isnull=False)
    return list(found.select_related("other").order_by("-asked_at", "-id")[:limit])


def transfer_by_id(viewer: Viewer, transfer_id: UUID) -> Transfer:
    check_reads_homes(viewer)
    found = Transfer.objects.filter(id=transfer_id).first()
    if found is None:
        raise NotFound
    return found


def merges_of(viewer: Viewer, resident_id: UUID) -> list[Merge]:
    """Merges of a record into others or of others into it, undone ones too, the newest first."""
    check_reads_homes(viewer)
    return list(
        Merge.objects.filter(Q(kept_id=resident_id) | Q(merged_id=resident_id)).order_by("-at", "-id")
    )


def likely_the_same(viewer: Viewer, resident_id: UUID, *, limit: int = 20) -> list[Resident]:
    """Others who may be the same person: of one identity number, or of one name and either telephone or birth year."""
    one = resident_by_id(viewer, resident_id)
    same = Q(pk__in=[])
    if one.identity_hash:
        same |= Q(identity_hash__in=settings.PRIVATE_KEYS.lookups("identity", one.identity))
    named = Q(pk__in=[])
    if one.phone_hash:
        phones = settings.PRIVATE_KEYS.lookups("phone", one.phone)
        named |= Q(phone_tail=one.phone_tail, phone_hash__in=phones)
    if one.birth_year:
        named |= Q(birth_year=one.birth_year)
    found = Resident.objects.filter(lying_in(viewer.homes), merged_into__isnull=True).exclude(id=one.id)
    return list(found.filter(same | (named & Q(name=one.name))).order_by("name", "id")[:limit])


_COUNTED = """
select households_tier(path, %(depth)s) as part, sum(households), sum(registered_present), sum(registered_away),
       sum(permanent), sum(floating)
  from households_tally where path <@ %(path)s::ltree group by part order by part
"""


def home_counts(viewer: Viewer, area: str) -> list[HomeCount]:  # noqa: ARG001 - the row policy uses it
    """How many households and residents live in each part of an area of the viewer's scope; of a grid, in itself."""
    path = areas.area_by_code(area).path
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, {"path": path, "depth": path.count(".") + 1})
        return [HomeCount(*row) for row in cursor.fetchall()]
