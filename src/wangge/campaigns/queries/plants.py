"""Reading plants that were looked at, the key, and the pictures to compare with. The row policies keep suspicions apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from wangge.access import Viewer
from wangge.areas import queries as areas
from wangge.areas.queries.outlines import area_names
from wangge.base.problems import NotFound
from wangge.campaigns.models import Campaign, PlantCheck
from wangge.campaigns.rules.plants import SUSPECTED
from wangge.campaigns.rules.plants_key import shipped_rows
from wangge.cases.lifecycle import OPEN
from wangge.cases.models import Attachment, Case
from wangge.households.models import Household

#: So many suspicions are added to one case; its photos are limited.
MOST_ON_A_CASE = 25


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a plant stands: the path of its grid, and words by which it is found again."""

    path: str
    address: str
    lon: float | None = None
    lat: float | None = None


def plants_campaign(viewer: Viewer, campaign_id: UUID) -> Campaign:  # noqa: ARG001 - the row policy uses it
    """The campaign if the viewer sees it and plants are looked at in it; NotFound."""
    found = Campaign.objects.filter(id=campaign_id, way="plants").first()
    if found is None:
        raise NotFound
    return found


def ground_of_household(viewer: Viewer, household_id: UUID) -> Ground:  # noqa: ARG001 - the row policy uses it
    """Where a household lives; NotFound when the viewer may not see it."""
    found = Household.objects.select_related("dwelling__building__compound").filter(id=household_id).first()
    if found is None:
        raise NotFound
    dwelling, building = found.dwelling, found.dwelling.building
    parts = (building.compound.name if building.compound else "", building.name, dwelling.door)
    lon, lat = (dwelling.lon, dwelling.lat) if dwelling.lon is not None else (building.lon, building.lat)
    return Ground(found.path, " ".join(part for part in parts if part), lon, lat)


def ground_in_area(viewer: Viewer, code: str, spot: str, at: datetime) -> Ground:  # noqa: ARG001 - areas are public to those signed in
    """A place that was said in words at that moment, in an area that may have been divided anew since; NotFound for no area."""
    return Ground(areas.area_by_code(areas.grid_now(code, at)).path, spot)


def names_below_township(path: str) -> list[str]:
    """The names of the community and the grid on a path, as far as it goes down to them."""
    codes = path.split(".")[3:]
    names = area_names(codes)
    return [names[code] for code in codes if code in names]


def open_suspicion(viewer: Viewer, campaign_id: UUID, household_id: UUID | None, spot: str) -> UUID | None:
    """The open case that the viewer's earlier suspicions at this very place made, while it takes more; None without one."""
    mine = PlantCheck.objects.filter(
        campaign_id=campaign_id,
        household_id=household_id,
        spot=spot,
        decision=SUSPECTED,
        by_id=viewer.account_id or 0,
    )
    last = mine.order_by("-at", "-id").values_list("case_id", flat=True).first()
    if last is None or mine.filter(case_id=last).count() >= MOST_ON_A_CASE:
        return None
    return last if Case.objects.filter(id=last, state__in=OPEN).exists() else None


def suspicions_without_photo(viewer: Viewer, *, limit: int = 500) -> list[tuple[UUID, str]]:  # noqa: ARG001 - the row policy uses it
    """Cases whose photo (digest) named by a suspicion does not hang on them yet: its bytes were still on the phone."""
    named = PlantCheck.objects.filter(decision=SUSPECTED).exclude(photo="").order_by("-at", "-id")
    pairs = list(named.values_list("case_id", "photo").distinct()[: limit * 4])
    hung = set(
        Attachment.objects.filter(case_id__in={case for case, _ in pairs}).values_list("case_id", "blob_id")
    )
    return [(case, photo) for case, photo in pairs if case and (case, photo) not in hung][:limit]


@dataclass(frozen=True, slots=True)
class CheckPage:
    """Plants of a campaign, the newest first; `after` asks for the next page, None at the end."""

    checks: list[PlantCheck]
    after: tuple[datetime, UUID] | None


def checks_of(
    viewer: Viewer,
    campaign_id: UUID,
    *,
    decision: str = "",
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> CheckPage:
    """The plants of a campaign as far as the viewer sees them; NotFound for no campaign of plants."""
    campaign = plants_campaign(viewer, campaign_id)
    found = PlantCheck.objects.filter(campaign=campaign).order_by("-at", "-id")
    if decision:
        found = found.filter(decision=decision)
    if after:
        found = found.extra(where=["(at, id) < (%s, %s)"], params=list(after))
    checks = list(found[: limit + 1])
    more = checks[limit - 1] if len(checks) > limit else None
    return CheckPage(checks[:limit], (more.at, more.id) if more else None)


def grounds_of(viewer: Viewer, checks: Iterable[PlantCheck]) -> dict[UUID, str]:  # noqa: ARG001 - the row policy uses it
    """The doors of the households of these plants, by household, asked at once."""
    ids = {check.household_id for check in checks if check.household_id}
    doors = Household.objects.filter(id__in=ids).values_list(
        "id", "dwelling__building__compound__name", "dwelling__building__name", "dwelling__door"
    )
    return {row[0]: " ".join(part for part in row[1:] if part) for row in doors}


def plant_counts(viewer: Viewer, campaign_id: UUID) -> dict[str, int]:
    """How many plants of a campaign were decided how, of those that the viewer sees."""
    campaign = plants_campaign(viewer, campaign_id)
    counted = PlantCheck.objects.filter(campaign=campaign).values_list("decision").annotate(Count("id"))
    return dict(counted.order_by("decision"))


def kept_plants(viewer: Viewer, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Plants as a phone keeps them, by id, as far as the viewer sees them. Of suspicions a phone is given its owner's own, whatever
    other seats they have, and of these no more than that they were written: the rest lies in a confidential case.
    """
    seen = PlantCheck.objects.filter(id__in=list(ids)).exclude(
        ~Q(by_id=viewer.account_id or 0), decision=SUSPECTED
    )
    return {str(check.id): _kept(check) for check in seen}


def _kept(check: PlantCheck) -> dict[str, Any]:
    told = {
        "id": str(check.id),
        "revision": check.revision,
        "campaign": str(check.campaign_id),
        "household": str(check.household_id) if check.household_id else None,
        "spot": check.spot,
        "number": check.number,
        "decision": check.decision,
        "at": check.at.isoformat(),
    }
    if check.decision == SUSPECTED:
        return told
    return {**told, "photo": check.photo, "answers": check.answers, "said": check.said}


PICTURES = "campaigns/plants"
"""Where the pictures lie among the static files."""

#: What each drawing shows, and the stage of the key that it belongs to.
DRAWN_STAGES = {
    "seedling": "seedling",
    "leaf": "leaf",
    "bud": "bud",
    "flower": "flower",
    "capsule": "fruit",
}
DRAWN_TAXA = (
    "papaver-somniferum",
    "papaver-rhoeas",
    "papaver-nudicaule",
    "eschscholzia-californica",
    "argemone-mexicana",
    "lactuca-sativa",
)


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture to compare with. `file` is its name among the static files; `author` and `licence` are empty for our own."""

    file: str
    taxon: str
    stage: str
    size: int
    author: str = ""
    licence: str = ""


@cache
def pictures() -> tuple[Picture, ...]:
    """Our drawings, species by species in the order of a plant's life, then the free photos."""
    folder = files("wangge.campaigns") / "static" / PICTURES

    def size(name: str) -> int:
        return len((folder / name).read_bytes())

    drawn = [
        Picture(name, taxon, stage, size(name))
        for taxon in DRAWN_TAXA
        for drawing, stage in DRAWN_STAGES.items()
        for name in (f"{taxon}-{drawing}.svg",)
    ]
    photos = [
        Picture(row["file"], row["taxon"], row["stage"], size(row["file"]), row["author"], row["licence"])
        for row in shipped_rows("photos")
    ]
    return (*drawn, *photos)


def texts_to_read_out() -> list[dict[str, str]]:
    """What is said to a household, by `code`, in Chinese and English."""
    return shipped_rows("texts")
