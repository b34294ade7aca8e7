"""Campaigns: drafted, changed, started, ended; and what is shown at the door."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.base.calendar import SHANGHAI
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed, NotFound
from wangge.blobs import queries as blobs
from wangge.campaigns import lifecycle
from wangge.campaigns.models import Campaign, Material
from wangge.campaigns.queries.campaigns import would_ask
from wangge.campaigns.queries.forms import form_version
from wangge.campaigns.rules.problems import (
    CampaignStepNotPossible,
    ChangedMeanwhile,
    NobodyAsked,
    TooManyMaterials,
)
from wangge.journal.actions import record

MOST_MATERIALS = 40
#: So many households are frozen at once; of more a timer freezes one township after the other.
AT_ONCE = 2_000
#: A campaign lasts so many days at most: what never ends is a due rule, not a campaign.
MOST_DAYS = 366


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Draft:
    """What a campaign says. `chosen` as rules/choosing.py makes it, `area` the code of the area that runs it."""

    name: str
    area: str
    form_version: UUID
    from_on: date
    to_on: date
    purpose: str = ""
    way: str = ""
    chosen: Mapping[str, Any] = field(default_factory=dict)
    counts: str = "answered"
    times: int = 1
    every_days: int = 0
    tries: int = 0


def begin_campaign(
    viewer: Viewer, draft: Draft, *, campaign_id: UUID | None = None, now: datetime
) -> Campaign:
    """A draft that asks nobody yet. NotAllowed, NotFound for the form or area, Invalid."""
    path = areas.area_by_code(draft.area).path
    if not viewer.may(Verb.CAMPAIGN_RUN, path):
        raise NotAllowed
    campaign = Campaign(id=campaign_id or new_id(), path=path, made_at=now, made_by_id=viewer.account_id)
    _say(viewer, campaign, draft)
    campaign.save(force_insert=True)
    _record(viewer, campaign, "campaign.drafted", now, after=_told(campaign))
    return campaign


def change_campaign(
    viewer: Viewer, campaign_id: UUID, draft: Draft, *, revision: int, now: datetime
) -> Campaign:
    """Another content of a draft; of a running campaign only purpose and last day. ChangedMeanwhile, CampaignStepNotPossible."""
    campaign = _locked(viewer, campaign_id)
    if campaign.revision != revision:
        raise ChangedMeanwhile
    if campaign.is_starting:
        raise CampaignStepNotPossible(state="starting")
    if campaign.state == lifecycle.ENDED:
        raise CampaignStepNotPossible(state=campaign.state)
    before = _told(campaign)
    if campaign.state == lifecycle.DRAFT:
        _say(viewer, campaign, draft)
    else:
        if not campaign.from_on <= draft.to_on or (draft.to_on - campaign.from_on).days >= MOST_DAYS:
            raise Invalid(field="to_on", expected=_("a day after the first, within a year"))
        campaign.purpose, campaign.to_on = draft.purpose, draft.to_on
    campaign.revision += 1
    campaign.save()
    _record(viewer, campaign, "campaign.changed", now, before=before, after=_told(campaign))
    return campaign


def start_campaign(viewer: Viewer, campaign_id: UUID, *, now: datetime) -> int:
    """Freezes whom it asks and lets it run; gives how many. NobodyAsked when no household fits.

    Of many households it only begins: the timer (`carry_on_start`) freezes them, and the campaign runs after the last.
    """
    campaign = _locked(viewer, campaign_id)
    if lifecycle.line_of(campaign.state, "start") is None or campaign.is_starting:
        raise CampaignStepNotPossible(state="starting" if campaign.is_starting else campaign.state)
    today = now.astimezone(SHANGHAI).date()
    if campaign.to_on < today:
        raise Invalid(field="to_on", expected=_("a last day that is not over"))
    asking = would_ask(viewer, path=campaign.path, chosen=campaign.chosen, today=today)
    if not asking:
        raise NobodyAsked
    campaign.asked_to_start_at, campaign.asking = now, asking
    campaign.revision += 1
    campaign.save(update_fields=["asked_to_start_at", "asking", "revision"])
    if asking > AT_ONCE:
        _record(viewer, campaign, "campaign.starting", now, after={"households": asking})
        return asking
    while _freeze_next(campaign, now):
        pass
    return _let_run(viewer, campaign, now)


def carry_on_start(viewer: Viewer, campaign_id: UUID, *, now: datetime) -> bool:
    """Freezes the next part of a campaign whose start was asked for; after the last it runs. Whether more is to be done."""
    campaign = _locked(viewer, campaign_id)
    if not campaign.is_starting:
        return False
    if _freeze_next(campaign, now):
        return True
    _let_run(viewer, campaign, now)
    return False


def _freeze_next(campaign: Campaign, now: datetime) -> bool:
    with connection.cursor() as cursor:
        today = now.astimezone(SHANGHAI).date()
        cursor.execute("select campaigns_freeze_next(%s, %s, %s)", [campaign.id, today, now])
        (some,) = cursor.fetchone()
    return bool(some)


def _let_run(viewer: Viewer, campaign: Campaign, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select campaigns_frozen(%s, %s)", [campaign.id, now])
        (asked,) = cursor.fetchone()
    if not asked:  # all of them left meanwhile: it is a draft as before
        campaign.asked_to_start_at = campaign.asking = campaign.frozen_to = None
    else:
        campaign.state, campaign.started_at = lifecycle.RUNNING, now
    campaign.revision += 1
    campaign.save(
        update_fields=["state", "started_at", "revision", "asked_to_start_at", "asking", "frozen_to"]
        if not asked
        else ["state", "started_at", "revision"]
    )
    if asked:
        _record(viewer, campaign, "campaign.started", now, after={"households": asked})
    return int(asked)


def end_campaign(viewer: Viewer, campaign_id: UUID, *, reason: str = "", now: datetime) -> Campaign:
    """Ends it: nothing is due any more; answers given until now still count when they arrive within days.

    Before its last day is over it says why.
    """
    campaign = _locked(viewer, campaign_id)
    if lifecycle.line_of(campaign.state, "end") is None:
        raise CampaignStepNotPossible(state=campaign.state)
    if not reason and campaign.to_on >= now.astimezone(SHANGHAI).date():
        raise Invalid(field="reason", expected=_("Say why it ends before its last day."))
    campaign.state, campaign.ended_at, campaign.end_reason = lifecycle.ENDED, now, reason
    campaign.revision += 1
    campaign.save(update_fields=["state", "ended_at", "end_reason", "revision"])
    with connection.cursor() as cursor:
        cursor.execute("select campaigns_release(%s, %s)", [campaign.id, now])
    _record(viewer, campaign, "campaign.ended", now, reason=reason)
    return campaign


def add_material(
    viewer: Viewer, campaign_id: UUID, *, title: str, text: str = "", picture: str = "", now: datetime
) -> Material:
    """A text to show or read out, or a picture that the viewer has uploaded. TooManyMaterials, NotFound for the picture."""
    campaign = _open(viewer, campaign_id)
    if not text and not picture:
        raise Invalid(field="text", expected=_("a text or a picture"))
    if picture and blobs.blob(picture).kind != "photo":
        raise Invalid(field="picture", expected=_("a picture"))
    count = Material.objects.filter(campaign=campaign).count()
    if count >= MOST_MATERIALS:
        raise TooManyMaterials(most=MOST_MATERIALS)
    material = Material.objects.create(
        id=new_id(), campaign=campaign, order=count + 1, title=title, text=text, picture_id=picture or None
    )
    _record(viewer, campaign, "campaign.material-added", now, after={"title": title, "picture": picture})
    return material


def remove_material(viewer: Viewer, campaign_id: UUID, material_id: UUID, *, now: datetime) -> None:
    campaign = _open(viewer, campaign_id)
    material = Material.objects.filter(campaign=campaign, id=material_id).first()
    if material is None:
        return
    material.delete()
    _record(viewer, campaign, "campaign.material-removed", now, before={"title": material.title})


def _open(viewer: Viewer, campaign_id: UUID) -> Campaign:
    campaign = _locked(viewer, campaign_id)
    if campaign.state == lifecycle.ENDED:
        raise CampaignStepNotPossible(state=campaign.state)
    return campaign


def _locked(viewer: Viewer, campaign_id: UUID) -> Campaign:
    """The campaign under lock; NotFound, or NotAllowed for who sees it and may not run it."""
    seen = Campaign.objects.filter(id=campaign_id).first()
    if seen is None:
        raise NotFound
    if not viewer.may(Verb.CAMPAIGN_RUN, seen.path):
        raise NotAllowed
    return Campaign.objects.select_for_update().get(id=campaign_id)


def _say(viewer: Viewer, campaign: Campaign, draft: Draft) -> None:
    version = form_version(viewer, draft.form_version)
    if not draft.from_on <= draft.to_on or (draft.to_on - draft.from_on).days >= MOST_DAYS:
        raise Invalid(field="to_on", expected=_("a day after the first, within a year"))
    if draft.times > 1 and draft.every_days < 1:
        raise Invalid(field="every_days", expected=_("how many days lie between two times"))
    for code in draft.chosen.get("areas", []):
        if not f"{areas.area_by_code(code).path}.".startswith(f"{campaign.path}."):
            raise Invalid(field="areas", expected=_("areas within the one that runs it"))
    campaign.name, campaign.purpose, campaign.form_version, campaign.way = (
        draft.name,
        draft.purpose,
        version,
        draft.way,
    )
    campaign.chosen, campaign.from_on, campaign.to_on = dict(draft.chosen), draft.from_on, draft.to_on
    campaign.counts, campaign.times = draft.counts, draft.times
    campaign.every_days, campaign.tries = draft.every_days, draft.tries


def _told(campaign: Campaign) -> dict[str, Any]:
    """For the journal: a list of households is told by its length, since it names homes."""
    chosen = {**campaign.chosen}
    if "households" in chosen:
        chosen["households"] = len(chosen["households"])
    return {
        "name": campaign.name,
        "form": str(campaign.form_version_id),
        "from_on": campaign.from_on.isoformat(),
        "to_on": campaign.to_on.isoformat(),
        "chosen": chosen,
    }


def _record(viewer: Viewer, campaign: Campaign, verb: str, now: datetime, **told: Any) -> None:
    record(
        viewer,
        verb=verb,
        subject=campaign.subject,
        path=campaign.path,
        at=now,
        source="desk" if viewer.account_id else "",
        **told,
    )
