"""Looking at a plant. A machine may have proposed; what is written is what a person decided."""

from datetime import datetime
from uuid import UUID, uuid5

from django.conf import settings
from django.db import IntegrityError, transaction

from wangge.access import Verb, Viewer
from wangge.base.commands import Command
from wangge.base.problems import NotAllowed, NotFound, OtherContent
from wangge.blobs import queries as blobs
from wangge.campaigns.lifecycle import DRAFT
from wangge.campaigns.models import Campaign, PlantCheck
from wangge.campaigns.queries import plants
from wangge.campaigns.queries.plants import Ground
from wangge.campaigns.rules.plants import SUSPECTED
from wangge.campaigns.rules.plants_content import PlantChecked, told_in_words
from wangge.cases.actions import Report, attach
from wangge.cases.actions.confidence import report_in_confidence
from wangge.catalogue import queries as catalogue
from wangge.journal.actions import record_once
from wangge.journal.queries import carried_out

#: Besides the township; by its code in the list of departments.
TOLD_DEPARTMENTS = ("police",)


def check_plant(viewer: Viewer, command: Command, look: PlantChecked, *, now: datetime) -> PlantCheck:
    """Keeps the look; "suspected" tells the township and the police in a confidential case with the photo, and does no more.

    The same command again changes nothing. What was seen before a campaign ended may arrive after it. NotFound for a
    campaign, household or area that is not the viewer's to see, NotAllowed where they answer no campaign, OtherContent.
    """
    subject = f"plant:{look.plant}"
    if carried_out(viewer, command.id, verb="plant.checked", subject=subject):
        return PlantCheck.objects.get(id=look.plant)
    campaign = plants.plants_campaign(viewer, look.campaign)
    if campaign.state == DRAFT:
        raise NotFound
    ground = _ground(viewer, look, command.at)
    if not viewer.may(Verb.CAMPAIGN_ANSWER, ground.path):
        raise NotAllowed
    if PlantCheck.objects.filter(id=look.plant).exists():
        raise OtherContent
    case_id = _told(viewer, campaign, look, ground, now) if look.decision == SUSPECTED else None
    check = PlantCheck(
        id=look.plant,
        campaign=campaign,
        household_id=look.household,
        spot="" if look.household else look.spot,
        path=ground.path,
        number=look.number,
        photo=look.photo or "",
        answers=look.answers,
        said=[each.model_dump() for each in look.said],
        decision=look.decision,
        case_id=case_id,
        said_at=command.at,
        at=now,
        by_id=viewer.account_id or 0,
    )
    try:
        with transaction.atomic():
            check.save(force_insert=True)
    except IntegrityError:
        raise OtherContent from None
    # The decision is not told here: whoever reads the grid's journal must not learn of a suspicion.
    record_once(
        viewer,
        verb="plant.checked",
        subject=subject,
        path=ground.path,
        at=now,
        after={"campaign": str(campaign.id), "number": look.number},
        command_id=command.id,
    )
    return check


def _ground(viewer: Viewer, look: PlantChecked, at: datetime) -> Ground:
    if look.household:
        return plants.ground_of_household(viewer, look.household)
    return plants.ground_in_area(viewer, look.area or "", look.spot, at)


def _told(viewer: Viewer, campaign: Campaign, look: PlantChecked, ground: Ground, now: datetime) -> UUID:
    """The case: a new one, or the one that an earlier plant at the same place made."""
    photos = (look.photo,) if look.photo and _is_there(look.photo) else ()
    spot = "" if look.household else look.spot
    if case_id := plants.open_suspicion(viewer, campaign.id, look.household, spot):
        for photo in photos:
            attach(viewer, case_id, photo, now=now)
        return case_id
    item = settings.PLANTS.item
    report = Report(
        item=item,
        title=catalogue.current_item(item).zh,
        reported_at=now,
        description=f"{campaign.name}\n{told_in_words(look.said)}".strip(),
        lon=ground.lon,
        lat=ground.lat,
        address=_address(ground)[:200],
        attachments=photos,
    )
    case = report_in_confidence(
        viewer, uuid5(look.plant, "case"), report, path=ground.path, departments=TOLD_DEPARTMENTS, now=now
    )
    return case.id


def _address(ground: Ground) -> str:
    """Where it stands, found from the township: the names of the areas below it, and the door or the words."""
    below = plants.names_below_township(ground.path)
    return " ".join(part for part in (*below, ground.address) if part)


def _is_there(digest: str) -> bool:
    try:
        blobs.blob(digest)
    except NotFound:
        return False
    return True


def attach_late_photo(viewer: Viewer, case_id: UUID, digest: str, *, now: datetime) -> bool:
    """Hangs a photo on its suspicion's case once its bytes have come; whether it did."""
    if not _is_there(digest):
        return False
    attach(viewer, case_id, digest, now=now)
    return True
