"""Campaigns, how far they are at every tier, and the doors that are still to do."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, QuerySet, Sum
from django.db.models.expressions import RawSQL

from wangge.access import Verb, Viewer
from wangge.access.viewer import LEVELS
from wangge.areas import queries as areas
from wangge.base.calendar import SHANGHAI
from wangge.base.paging import decode_cursor, encode_cursor
from wangge.base.problems import NotFound
from wangge.campaigns import lifecycle
from wangge.campaigns.models import Answer, AnswerPhoto, Campaign, DayTally, Material, Tally, Target
from wangge.campaigns.rules.pace import Pace, pace_of
from wangge.visits.queries.doors import DoorAt, doors

#: The column of Tally and Target that holds the code of a tier.
_COLUMNS = {"county": "county_id", "township": "township_id", "community": "community_id", "grid": "grid_id"}
_COUNTED = ("households", *lifecycle.STANDINGS, "answered")


@dataclass(frozen=True, slots=True)
class Sums:
    """How many households stand how. `problems`: refused, not found, or answered with faults."""

    households: int = 0
    waiting: int = 0
    nobody_home: int = 0
    refused: int = 0
    not_found: int = 0
    gone: int = 0
    faulty: int = 0
    done: int = 0
    answered: int = 0

    @property
    def problems(self) -> int:
        return self.refused + self.not_found + self.faulty

    @property
    def left(self) -> int:
        """What is still to do: not yet begun, or begun in vain."""
        return self.waiting + self.nobody_home + self.not_found + self.faulty

    @property
    def percent(self) -> int:
        """Of those that are still there, how many are done; never 100 before the last."""
        there = self.households - self.gone
        return self.done * 100 // there if there else 0


@dataclass(frozen=True, slots=True)
class PartSums:
    """The sums of one area below the one looked at."""

    code: str
    name: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Progress:
    """Of an area and of those below it; `by_day`: answers that counted, by day; `pace` of a campaign that has begun."""

    code: str
    level: str
    sums: Sums
    parts: list[PartSums] = field(default_factory=list)
    by_day: list[tuple[date, int]] = field(default_factory=list)
    pace: Pace | None = None


@dataclass(frozen=True, slots=True)
class DoorToDo:
    """A household that a campaign asks, as one stands before it; `door` is None when nobody lives there any more."""

    target: Target
    door: DoorAt | None


@dataclass(frozen=True, slots=True)
class DoorPage:
    items: list[DoorToDo]
    next: str | None


def campaigns(viewer: Viewer, *, state: str = "", limit: int = 200) -> list[tuple[Campaign, Sums]]:  # noqa: ARG001 - the row policy uses it
    """Those of the viewer's areas, running ones first, each with its sums as far as they lie in the viewer's scope."""
    found = Campaign.objects.select_related("form_version__form").defer(
        "form_version__source", "form_version__xform", "form_version__outline"
    )
    if state:
        found = found.filter(state=state)
    order = {state: at for at, state in enumerate((lifecycle.RUNNING, lifecycle.DRAFT, lifecycle.ENDED))}
    rows = sorted(found.order_by("-from_on", "-made_at")[:limit], key=lambda one: order[one.state])
    sums = _summed(Tally.objects.filter(campaign__in=rows), "campaign_id")
    return [(one, sums.get(one.id, Sums())) for one in rows]


def campaign_by_id(viewer: Viewer, campaign_id: UUID) -> Campaign:  # noqa: ARG001 - the row policy uses it
    found = (
        Campaign.objects.select_related("form_version__form")
        .defer("form_version__source", "form_version__xform")
        .filter(id=campaign_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def materials_of(viewer: Viewer, campaign_id: UUID) -> list[Material]:  # noqa: ARG001 - the row policy uses it
    return list(Material.objects.filter(campaign_id=campaign_id).order_by("order", "id"))


def may_run(viewer: Viewer, campaign: Campaign) -> bool:
    return viewer.may(Verb.CAMPAIGN_RUN, campaign.path)


def places_to_run(viewer: Viewer) -> list[str]:
    """Paths of the viewer's own areas for which they may begin a campaign."""
    return sorted(
        {seat.path for seat in viewer.seats if not seat.department and Verb.CAMPAIGN_RUN in seat.verbs}
    )


def would_ask(viewer: Viewer, *, path: str, chosen: dict[str, Any], today: date) -> int:
    """How many households a campaign of this area would ask if it were started now; for who may run one there."""
    if not viewer.may(Verb.CAMPAIGN_RUN, path):
        raise NotFound
    with connection.cursor() as cursor:
        cursor.execute("select campaigns_would_ask(%s::ltree, %s::jsonb, %s)", [path, _json(chosen), today])
        return int(cursor.fetchone()[0])


def progress(viewer: Viewer, campaign: Campaign, *, code: str = "", today: date) -> Progress:
    """How far it is in an area (the campaign's own, or the viewer's within it), and in each of those right below.

    From kept sums; equal to a recount of what is frozen (`recount`). NotFound for an area outside the viewer's scope.
    """
    area = areas.area_by_code(code or _own_code(viewer, campaign))
    if not any(area.path == path or f"{area.path}.".startswith(f"{path}.") for path in viewer.scope):
        raise NotFound
    within = RawSQL("path <@ %s::ltree", [area.path], BooleanField())
    tallies = Tally.objects.filter(within, campaign=campaign)
    # A dedicated function per tier would be no faster: a city's campaign has some 6,000 rows, one a grid.
    below = LEVELS[LEVELS.index(area.level) + 1] if area.level in LEVELS[:-1] else ""
    parts: list[PartSums] = []
    if below:
        summed = _summed(tallies, _COLUMNS[below])
        names = {each.code: each.name for each in areas.children(area.code)}
        parts = [PartSums(key, names.get(key, ""), sums) for key, sums in sorted(summed.items())]
    whole = _summed(tallies, "campaign_id").get(campaign.id, Sums())
    days = (
        DayTally.objects.filter(within, campaign=campaign)
        .values_list("day")
        .annotate(Sum("done"))
        .order_by("day")
    )
    pace = None
    if campaign.state != lifecycle.DRAFT:
        pace = pace_of(
            asked=(whole.households - whole.gone) * campaign.times,
            answered=whole.answered,
            from_on=campaign.from_on,
            to_on=campaign.to_on,
            today=today,
        )
    return Progress(area.code, area.level, whole, parts, list(days), pace)


def recount(campaign_id: UUID) -> dict[str, Sums]:
    """The sums by grid, counted from every household that is asked and seen: what `progress` must equal."""
    counted: dict[str, dict[str, int]] = {}
    rows = Target.objects.filter(campaign_id=campaign_id).values_list("path", "standing", "answered")
    for path, standing, answered in rows.iterator():
        sums = counted.setdefault(path, dict.fromkeys(_COUNTED, 0))
        sums["households"] += 1
        sums[standing] += 1
        sums["answered"] += answered
    return {path: Sums(**sums) for path, sums in counted.items()}


def kept_sums(campaign_id: UUID) -> dict[str, Sums]:
    """The sums by grid as they are kept."""
    rows = Tally.objects.filter(campaign_id=campaign_id).values("path", *_COUNTED)
    return {row.pop("path"): Sums(**row) for row in rows}


def doors_of(
    viewer: Viewer,
    campaign: Campaign,
    *,
    code: str = "",
    standing: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> DoorPage:
    """The households that a campaign asks and that the viewer may see, those still to do when no standing is named."""
    found = Target.objects.filter(campaign=campaign)
    found = found.filter(standing=standing) if standing else found.exclude(standing__in=lifecycle.SETTLED)
    if code:
        area = areas.area_by_code(code)
        if area.level in _COLUMNS:
            found = found.filter(**{_COLUMNS[area.level]: code})
    if cursor:
        grid, household = decode_cursor(cursor, str, UUID)
        found = found.filter(RawSQL("(grid_id, household_id) > (%s, %s)", [grid, household], BooleanField()))
    rows = list(found.order_by("grid_id", "household_id")[: limit + 1])
    known = doors(viewer, [row.household_id for row in rows[:limit]])
    last = rows[limit - 1] if len(rows) > limit else None
    return DoorPage(
        [DoorToDo(row, known.get(row.household_id)) for row in rows[:limit]],
        encode_cursor((last.grid_id, last.household_id)) if last else None,
    )


def door_of(viewer: Viewer, campaign: Campaign, household_id: UUID) -> DoorToDo:
    """One household that the campaign asks; NotFound for another, or outside the viewer's homes."""
    target = Target.objects.filter(campaign=campaign, household_id=household_id).first()
    if target is None:
        raise NotFound
    return DoorToDo(target, doors(viewer, [household_id]).get(household_id))


def errands(viewer: Viewer, household_ids: Collection[UUID], *, today: date) -> dict[UUID, list[Campaign]]:  # noqa: ARG001 - the row policy uses it
    """The running campaigns that want something at these doors today."""
    rows = (
        Target.objects.filter(
            household_id__in=list(household_ids), due_on__lte=today, campaign__to_on__gte=today
        )
        .filter(campaign__state=lifecycle.RUNNING)
        .select_related("campaign")
    )
    wanted: dict[UUID, list[Campaign]] = {}
    for row in rows.order_by("campaign__to_on", "campaign_id"):
        wanted.setdefault(row.household_id, []).append(row.campaign)
    return wanted


def answers_of(viewer: Viewer, campaign: Campaign, *, limit: int = 50) -> list[Answer]:  # noqa: ARG001 - the row policy uses it
    """The newest answers that the viewer may see."""
    return list(Answer.objects.filter(campaign=campaign).order_by("-at", "-id")[:limit])


def answers_at(viewer: Viewer, campaign: Campaign, household_id: UUID, *, limit: int = 20) -> list[Answer]:  # noqa: ARG001 - as above
    """The newest answers from one door, each with its form's version and the files that it names."""
    rows = Answer.objects.filter(campaign=campaign, household_id=household_id).select_related("form_version")
    light = rows.defer("form_version__source", "form_version__xform").prefetch_related("photos")
    return list(light.order_by("-at", "-id")[:limit])


def has_answers(viewer: Viewer, campaign: Campaign, household_id: UUID) -> bool:  # noqa: ARG001 - as above
    return Answer.objects.filter(campaign=campaign, household_id=household_id).exists()


def names_file(viewer: Viewer, campaign: Campaign, household_id: UUID, digest: str) -> bool:  # noqa: ARG001 - as above
    """Whether an answer from this door that the viewer may see names this photo or recording."""
    named = AnswerPhoto.objects.filter(digest=digest)
    return named.filter(answer__campaign=campaign, answer__household_id=household_id).exists()


def iterate_answers(viewer: Viewer, campaign_id: UUID, *, chunk: int = 1000) -> Iterator[Answer]:  # noqa: ARG001 - the row policy uses it
    """Every answer that the viewer may see, in the order in which they came; only within a transaction."""
    rows = Answer.objects.filter(campaign_id=campaign_id).select_related("form_version")
    yield from (
        rows.defer("form_version__source", "form_version__xform")
        .order_by("at", "id")
        .iterator(chunk_size=chunk)
    )


def over(day: date) -> QuerySet[Campaign]:
    """Running campaigns whose last day is before this day."""
    return Campaign.objects.filter(state=lifecycle.RUNNING, to_on__lt=day)


def starting() -> QuerySet[Campaign]:
    """Those whose start was asked for and that do not run yet, the first asked for first."""
    found = Campaign.objects.filter(state=lifecycle.DRAFT, asked_to_start_at__isnull=False)
    return found.order_by("asked_to_start_at", "id")


def frozen(viewer: Viewer, campaign: Campaign) -> int:  # noqa: ARG001 - the row policy uses it
    """How many households of a campaign that starts are frozen by now."""
    found = Tally.objects.filter(campaign=campaign).aggregate(so_far=Sum("households"))
    return found["so_far"] or 0


def day_of(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def _own_code(viewer: Viewer, campaign: Campaign) -> str:
    """The campaign's area if the viewer's scope reaches it, else the viewer's own within it."""
    own = [path for path in viewer.scope if f"{campaign.path}.".startswith(f"{path}.")]
    if own:
        return str(campaign.path.rsplit(".", 1)[-1])
    inside = sorted((path for path in viewer.scope if f"{path}.".startswith(f"{campaign.path}.")), key=len)
    if not inside:
        raise NotFound
    return str(inside[0].rsplit(".", 1)[-1])


def _summed(rows: QuerySet[Tally], by: str) -> dict[Any, Sums]:
    found = rows.order_by().values(by).annotate(**{f"sum_{name}": Sum(name) for name in _COUNTED})
    return {row[by]: Sums(**{name: row[f"sum_{name}"] for name in _COUNTED}) for row in found}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
