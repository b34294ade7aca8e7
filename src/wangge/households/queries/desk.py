"""What the desk asks for besides: one resident with everything, where a new home would stand, grids that a file may go to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.access import Verb, Viewer
from wangge.access.viewer import common_path
from wangge.areas import queries as areas
from wangge.areas.models import Area
from wangge.base.problems import Invalid
from wangge.base.text import clean_line
from wangge.households.models import (
    Building,
    CareNeed,
    Compound,
    Dwelling,
    Earlier,
    Household,
    Merge,
    Resident,
    Stay,
)
from wangge.households.queries.homes import (
    check_reads_homes,
    earlier,
    likely_the_same,
    lying_in,
    merges_of,
    place_of,
    resident_by_id,
    revealed,
    stays_of,
)

_COMMUNITY = 4  # codes in the path of a community
_MOST = 400


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class ResidentPage:
    """All that is kept of one person. `places`: where each home of their stays is, as far as the viewer sees it."""

    resident: Resident
    place: str
    needs: list[CareNeed]
    stays: list[tuple[Stay, str]]
    earlier: list[Earlier]
    merges: list[Merge]
    likely: list[Resident]
    may_change: bool
    may_reveal: bool
    revealed: frozenset[str]


def resident_page(viewer: Viewer, resident_id: UUID, *, now: datetime) -> ResidentPage:
    """NotFound when the person is not there, or not the viewer's to see."""
    person = resident_by_id(viewer, resident_id)
    stays = stays_of(viewer, person.id)
    homes = {
        home.id: place_of(home.dwelling)
        for home in Household.objects.filter(id__in={stay.household_id for stay in stays}).select_related(
            "dwelling__building__compound"
        )
    }
    return ResidentPage(
        resident=person,
        place=homes.get(person.household_id, "") if person.household_id else "",
        needs=list(CareNeed.objects.filter(resident_id=person.id).order_by("ended_on", "until", "id")),
        stays=[(stay, homes.get(stay.household_id, "")) for stay in stays],
        earlier=earlier(viewer, person.id, limit=20),
        merges=merges_of(viewer, person.id),
        likely=[] if person.merged_into_id else likely_the_same(viewer, person.id),
        may_change=viewer.may(Verb.HOUSEHOLD_CHANGE, person.path),
        may_reveal=viewer.may(Verb.RESIDENT_REVEAL, person.path),
        revealed=revealed(viewer, [person.id], now=now).get(person.id, frozenset()),
    )


def household_numbered(viewer: Viewer, number: str) -> UUID:
    """The household of this number; Invalid where there is none that the viewer sees."""
    check_reads_homes(viewer)
    found = Household.objects.filter(number=clean_line(number, limit=20, name="number")).first()
    if found is None:
        raise Invalid(field="to", expected=_("the number of a household in your register"))
    return found.id


def standing_at(
    viewer: Viewer, area: str, compound: str, building: str, door: str
) -> tuple[UUID | None, UUID | None]:
    """The building of this name there and the dwelling behind this door, where they stand in the register already."""
    check_reads_homes(viewer)
    if not area:
        return None, None
    path = areas.area_by_code(area).path
    found = Building.objects.filter(lying_in([path]), path=path, name=building, valid_to__isnull=True)
    known = found.filter(compound_id=compound or None).first()
    if known is None:
        return None, None
    home = Dwelling.objects.filter(building_id=known.id, door=door, valid_to__isnull=True).first()
    return known.id, home.id if home else None


def compounds_within(viewer: Viewer) -> list[Compound]:
    """Today's estates and villages of the communities whose register the viewer keeps, by name."""
    found: dict[str, Compound] = {}
    for home in viewer.homes:
        around = ".".join(home.split(".")[:_COMMUNITY])
        below = Compound.objects.filter(valid_to__isnull=True).extra(
            where=["path <@ %s::ltree"], params=[around]
        )
        found |= {each.code: each for each in below.order_by("name", "code")[:_MOST]}
    return sorted(found.values(), key=lambda each: (each.name, each.code))[:_MOST]


def grids_beside(viewer: Viewer, path: str) -> list[Area]:
    """The other public grids of the township, to which files mostly go; not those of the viewer alone."""
    check_reads_homes(viewer)
    township = ".".join(path.split(".")[: _COMMUNITY - 1])
    found = Area.objects.filter(level="grid", kind="public", valid_to__isnull=True).exclude(path=path)
    return list(
        found.extra(where=["path <@ %s::ltree"], params=[township]).defer("boundary").order_by("path")[:_MOST]
    )


def register_area(viewer: Viewer) -> str:
    """The code of the smallest area that holds all of the viewer's registers."""
    check_reads_homes(viewer)
    return common_path(viewer.homes).rsplit(".", 1)[-1]
