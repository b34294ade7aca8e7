"""Answers of a campaign as a file. The journal tells who takes them before the first byte leaves."""

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
from wangge.campaigns.queries.campaigns import iterate_answers
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
        said = json.loads(each.answers) if each.answers else {}
        yield Exported(each, said, each.form_version.outline, known.get(each.household_id))
