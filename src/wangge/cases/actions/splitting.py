"""Splitting: several things that were reported as one become a case each, and whoever reported or follows loses none of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from wangge.access import Viewer
from wangge.access.viewer import lies_in
from wangge.base.calendar import SHANGHAI
from wangge.cases.actions.report import Report, digest_of_report, insert_case, new_case
from wangge.cases.models import Attachment, Case
from wangge.cases.queries.presence import reading_desk
from wangge.cases.queries.routing import Routing, routing
from wangge.cases.queries.spots import Spot
from wangge.cases.rules import BadAnswer, MissingFact
from wangge.catalogue import queries as catalogue
from wangge.journal.actions import record

#: A case is split into at most so many further ones at a time.
MOST_PARTS = 9


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Part:
    """What one further case is about, in the desk's words."""

    item: str
    title: str
    description: str = ""


def parts_asked(facts: Mapping[str, Any]) -> list[Part]:
    """The parts that a command names; BadAnswer for too many, MissingFact for one without item or title."""
    given: Sequence[Mapping[str, str]] = facts.get("parts") or ()
    if len(given) > MOST_PARTS:
        raise BadAnswer(field="parts", expected=_("at most nine"))
    parts = [
        Part(str(each.get("item", "")), str(each.get("title", "")), str(each.get("description", "")))
        for each in given
    ]
    for part in parts:
        for name in ("item", "title"):
            if not getattr(part, name):
                raise MissingFact(field=name)
    return parts


def part_id(command_id: UUID, place: int) -> UUID:
    """The id of the part at this place, counted from one: the same command can make no part twice."""
    return uuid5(command_id, str(place))


def split_off(
    viewer: Viewer, original: Case, parts: Sequence[Part], command_id: UUID, now: datetime
) -> list[Case]:
    """Each part as a case of its own, routed by its item, from the same place, reporter and moment.

    The numbers are drawn before anything
    is written into the journal: every action takes the two locks in this order.
    """
    made = [
        _part(viewer, original, part, part_id(command_id, n), now) for n, part in enumerate(parts, start=1)
    ]
    attached = list(Attachment.objects.filter(case=original).order_by("id"))
    for case, _going in made:
        insert_case(case, now)
        Attachment.objects.bulk_create(
            Attachment(
                case=case, path=case.path, blob_id=each.blob_id, name=each.name, step="report", added_at=each.added_at,
                added_by_id=each.added_by_id,
            )
            for each in attached
        )  # fmt: skip
    for case, going in made:
        record(
            viewer,
            verb="case.reported",
            subject=case.subject,
            path=case.path,
            at=now,
            source=case.source,
            confidential=case.confidential,
            after={
                "state": case.state,
                "number": case.number,
                "item": case.item_id,
                "holder": going.desk.code,
                "why": going.why,
                "split_from": original.number,
                "attached": len(attached),
            },
        )
    return [case for case, _going in made]


def _part(viewer: Viewer, original: Case, part: Part, case_id: UUID, now: datetime) -> tuple[Case, Routing]:
    version = catalogue.current_item(part.item)
    # What was told in confidence stays so, whatever the item of the part is.
    confidential = version.confidential or original.confidential
    if confidential and not original.confidential and not _reads_confidential(viewer, original):
        raise BadAnswer(
            field="item", expected=_("an item whose cases you may read; this one is confidential")
        )
    urgency = original.urgency if original.urgency in version.urgency_levels else version.urgency_levels[0]
    report = Report(
        item=part.item,
        title=part.title,
        reported_at=original.reported_at,
        description=part.description,
        lon=original.lon,
        lat=original.lat,
        address=original.address,
        urgency=urgency,
    )
    going = _route(version, original.path, now, confidential=confidential)
    spot = Spot(original.path, tuple(original.border_ids))
    case = new_case(
        viewer, case_id, report, digest_of_report(report), version, urgency, spot, going, now, original.source
    )
    case.split_from_id = original.id
    case.reported_by_id, case.followers = original.reported_by_id, list(original.followers)
    case.found_tier, case.confidential = original.found_tier, confidential
    return case, going


def _route(version: Any, path: str, now: datetime, *, confidential: bool) -> Routing:
    """As its item is routed; to a desk that may read it, also where only the original was told in confidence."""
    going = routing(version, path, now, with_office=False)
    if confidential == version.confidential:
        return going
    today = now.astimezone(SHANGHAI).date()
    desk, passed = reading_desk(path, going.choice.tier, today, confidential=confidential)
    return Routing(desk, going.office, going.choice, tuple(passed))


def _reads_confidential(viewer: Viewer, case: Case) -> bool:
    return case.reported_by_id == viewer.account_id or any(
        seat.confidential and not seat.department and lies_in(case.path, seat.path) for seat in viewer.seats
    )
