"""Made-up mediations of the sample city, through the same actions as anybody's."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from wangge.access import Viewer
from wangge.base.calendar import SHANGHAI
from wangge.cases import actions, queries
from wangge.demo.rules.disputes import Dispute, days_of, disputes
from wangge.demo.rules.places import DEMO_COMMUNITY
from wangge.demo.rules.posts import Seating
from wangge.staff.queries import enter_as

#: Files of the demo account's community, and of each other.
_HERE, _ELSEWHERE = 9, 2
#: The name space of the files' ids: the same city has the same ones.
_FILES = UUID("0192f4c0-0000-7000-8000-636974790000")


def write_mediations(seatings: Sequence[Seating], *, now: datetime, seed: int) -> None:
    """Each mediator's files, as they would have written them."""
    for seating in seatings:
        if seating.kind.code == "mediator" and seating.username:
            here = seating.place.code == DEMO_COMMUNITY
            with transaction.atomic():
                viewer = enter_as(seating.post_id, now=now)
                cases = _cases(viewer, seating.place.code) if here else []
                count = _HERE if here else _ELSEWHERE
                for number, dispute in enumerate(disputes(count, seed + seating.post_id)):
                    made = uuid5(_FILES, f"{seating.post_id} {number}")
                    _live(viewer, made, dispute, cases.pop() if cases else None, now)


def _cases(viewer: Viewer, area: str) -> list[UUID]:
    """A few open cases of the community that are disputes between neighbours."""
    page = queries.case_page(viewer, queries.CaseFilter(queue="open", area=area, item="S08-01"), limit=2)
    return [case.id for case in page.items]


def _live(viewer: Viewer, file: UUID, dispute: Dispute, case: UUID | None, now: datetime) -> None:
    begun = now.astimezone(SHANGHAI).date() - timedelta(days=dispute.opened_days_ago)
    story = dispute.story
    parties = tuple(
        {"role": role, "name": name, "phone": phone, "address": "", "represented_by": ""}
        for role, name, phone in zip(("applicant", "respondent"), dispute.names, dispute.phones, strict=True)
    )
    taken_from = case if story.kind == "neighbours" else None
    opening = actions.Opening(story.kind, story.matter, parties, case=taken_from)
    actions.open_mediation(viewer, file, opening, now=_at(begun, 9, now))
    for number, (step, day) in enumerate(days_of(begun, dispute.steps)):
        at = _at(day, 15, now)
        actions.take_mediation_step(
            viewer, file, step, command_id=uuid5(file, str(number)), facts=_facts(step, dispute, at), now=at
        )


def _at(day: date, hour: int, now: datetime) -> datetime:
    """That hour of the day, or now where that is still to come."""
    return min(datetime.combine(day, time(hour), SHANGHAI), now)


def _facts(step: str, dispute: Dispute, at: datetime) -> Mapping[str, Any]:
    day = at.astimezone(SHANGHAI).date()
    story = dispute.story
    known: dict[str, dict[str, Any]] = {
        "session": {
            "held_at": at,
            "place": "社区调解室",
            "present": "、".join(dispute.names),
            "record": story.record,
        },
        "agree": {
            "form": "written",
            "terms": story.terms,
            "signed_on": day,
            "perform_by": day + timedelta(days=15),
            "visit_on": day + timedelta(days=21),
        },
        "court": {"court": "confirmed", "applied_on": day},
        "visit": {"kept": "yes", "words": "已上门回访，双方均已履行。"},
        "refer": {"to": "court", "reason": "双方对金额分歧较大，申请人决定起诉。"},
        "fail": {"rights_told": True, "reason": "双方分歧较大，经两次劝解未能一致。"},
        "withdraw": {"reason": "双方已自行和解。"},
    }
    return known.get(step, {})
