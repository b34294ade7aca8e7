"""What was said of a plan, what the office answered, and the telephone numbers that residents left for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, Q

from wangge.access import Verb, Viewer
from wangge.base.private import mask_phone
from wangge.journal.queries import Wanted, latest_entries
from wangge.plans.models import Plan, PlanComment, PlanReceipt
from wangge.staff import queries as staff

#: So long a number stays readable to whoever gave a reason for it.
REVEALED_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Said:
    """A comment with the name of who said it (none: a resident at their own door), and of who answered."""

    comment: PlanComment
    name: str
    answered_by: str


@dataclass(frozen=True, slots=True)
class LeftPhone:
    """A number that a resident left, masked unless the viewer gave a reason within the last minutes; nothing is shown of one that was
    erased.
    """

    shown: str
    revealed: bool
    erased_on: date | None = None


def comments_of(
    viewer: Viewer,  # noqa: ARG001 - the row policy uses it
    plan: Plan,
    *,
    only: UUID | None = None,
    waiting_first: int | None = None,
) -> list[Said]:
    """What was said, the newest first; or so many of it, those first that nobody has answered. Names are those whom the viewer may be
    told. Whoever decides is given all of it: who says much must not bury what others say.
    """
    found = PlanComment.objects.filter(plan_id=plan.id, **({"id": only} if only else {}))
    if waiting_first is not None:
        found = found.order_by(F("answered_at").asc(nulls_first=True), "-at", "-id")[:waiting_first]
    else:
        found = found.order_by("-at", "-id")
    rows = list(found)
    accounts = {each for row in rows for each in (row.by_id, row.answered_by_id) if each is not None}
    names = staff.names_of(accounts)
    return [Said(row, names.get(row.by_id or 0, ""), names.get(row.answered_by_id or 0, "")) for row in rows]


def how_many_said(viewer: Viewer, plan: Plan) -> int:  # noqa: ARG001 - the row policy uses it
    return PlanComment.objects.filter(plan_id=plan.id).count()


def may_answer(viewer: Viewer, plan: Plan) -> bool:
    """Whoever may lay it before those concerned answers them."""
    return viewer.may(Verb.PLAN_CONSULT, plan.path)


def phones_of(
    viewer: Viewer, plan: Plan, comments: Iterable[Said], *, now: datetime
) -> dict[UUID, LeftPhone]:
    """By comment the numbers that were left, for who may answer."""
    if not may_answer(viewer, plan):
        return {}
    asked = [said.comment.id for said in comments if said.comment.by_id is None]
    left = PlanReceipt.objects.filter(
        Q(phone__isnull=False) | Q(phone_erased_on__isnull=False), comment_id__in=asked
    )
    revealed = _revealed(viewer, plan, now)
    return {each.comment_id: _left(each, revealed=each.comment_id in revealed) for each in left}


def _left(receipt: PlanReceipt, *, revealed: bool) -> LeftPhone:
    if receipt.phone is None:
        return LeftPhone("", revealed=False, erased_on=receipt.phone_erased_on)
    return LeftPhone(receipt.phone if revealed else mask_phone(receipt.phone), revealed)


def _revealed(viewer: Viewer, plan: Plan, now: datetime) -> frozenset[UUID]:
    """Comments whose number this viewer gave a reason for within the last minutes."""
    since = now - timedelta(minutes=REVEALED_MINUTES)
    wanted = Wanted(
        paths=(plan.path,),
        verb="plan.phone-revealed",
        actors=(staff.own_id(viewer),),
        subject=plan.subject,
        since=since,
    )
    entries = latest_entries(viewer, wanted, limit=200)
    return frozenset(UUID(entry.after["comment"]) for entry in entries if entry.at > since)
