"""Answers of a campaign, of one door to be read or all as a file. The journal tells who looks before anything is shown."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from wangge.access import Verb, Viewer
from wangge.base import clock
from wangge.base.problems import NotAllowed
from wangge.campaigns.models import Answer, Campaign
from wangge.campaigns.queries.campaigns import answers_at, door_of, iterate_answers
from wangge.journal.actions import record
from wangge.staff.queries import enter_as
from wangge.visits.queries.doors import DoorAt, doors

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Exported:
    """One answer opened, and the door where it was given, None when nobody lives there any more."""

    answer: Answer
    answers: dict[str, Any]
    outline: dict[str, Any]
    door: DoorAt | None


def read_answers(viewer: Viewer, campaign: Campaign, household_id: UUID, *, now: datetime) -> list[Exported]:
    """What was answered at one door, the newest first; the journal tells it at that household.

    NotFound for a household that the campaign does not ask or the viewer does not see, NotAllowed for who answers nothing there.
    """
    at = door_of(viewer, campaign, household_id)
    if not viewer.may(Verb.CAMPAIGN_ANSWER, at.target.path):
        raise NotAllowed
    record(
        viewer,
        verb="campaign.answers-read",
        subject=f"household:{household_id}",
        path=at.target.path,
        at=now,
        after={"campaign": str(campaign.id)},
        source="desk",
    )
    return [_with_door(each, at.door) for each in answers_at(viewer, campaign, household_id)]


def begin_answers_export(viewer: Viewer, campaign: Campaign, *, kind: str, now: datetime) -> None:
    """Says in the journal who takes the answers; NotAllowed for who may see no home."""
    if viewer.account_id is None or not viewer.homes or not viewer.may_anywhere(Verb.CAMPAIGN_ANSWER):
        raise NotAllowed
    record(
        viewer,
        verb="campaign.answers-exported",
        subject=campaign.subject,
        path=viewer.homes[0],
        at=now,
        after={"kind": kind},
        source="desk",
    )


def exported_answers(account_id: int, campaign_id: UUID) -> Iterator[Exported]:
    """Every answer that the account may see now; a body runs after its request's transaction, so it opens its own."""
    with transaction.atomic():
        viewer = enter_as(account_id, now=clock.now())
        chunk: list[Answer] = []
        for answer in iterate_answers(viewer, campaign_id, chunk=_CHUNK):
            chunk.append(answer)
            if len(chunk) == _CHUNK:
                yield from _opened(viewer, chunk)
                chunk = []
        yield from _opened(viewer, chunk)


def _opened(viewer: Viewer, answers: list[Answer]) -> Iterator[Exported]:
    known = doors(viewer, {each.household_id for each in answers})
    for each in answers:
        yield _with_door(each, known.get(each.household_id))


def _with_door(answer: Answer, door: DoorAt | None) -> Exported:
    said = json.loads(answer.answers) if answer.answers else {}
    return Exported(answer, said, answer.form_version.outline, door)
