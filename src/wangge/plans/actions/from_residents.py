"""A resident says at their own door what they think of a plan, and reads the answer; the office answers, and looks at a number that was left."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction
from psycopg.errors import InsufficientPrivilege

from wangge.access import PUBLIC, Viewer
from wangge.base.calendar import SHANGHAI
from wangge.base.private import normal_phone
from wangge.base.problems import Invalid, NotAllowed, NotFound, OtherContent
from wangge.base.text import clean_line, clean_text
from wangge.journal.actions import record, record_all, record_once
from wangge.journal.queries import entry_of_command
from wangge.plans.actions.keeping import tell
from wangge.plans.models import Plan, PlanComment, PlanReceipt
from wangge.plans.queries.open_for_comment import OpenPlan, OwnComment, laid_open_of, open_plan, own_comment
from wangge.plans.queries.plans import plan_by_id
from wangge.plans.queries.said import REVEALED_MINUTES, may_answer
from wangge.plans.rules.asking import still_asked
from wangge.plans.rules.problems import AlreadySaid, CommentsEnded, NoSuchCode
from wangge.plans.rules.receipts import REVEAL_REASONS, code_of, digest_of, number_of
from wangge.staff.actions.throttling import count_attempt, counted_by, counted_by_source, take_back
from wangge.staff.queries import enter_as_public, enter_as_system

#: Within ten minutes so many comments are heard from one place (a mobile network may be one), and of one plan: so many that
#: a hundred places together do not keep everybody else from speaking.
MOST_BY_SOURCE = 20
MOST_BY_PLAN = 2_000
#: Codes that are none, from one place.
MOST_CODES = 20
LONGEST = 1000
#: So long a number that was left is kept: half a year, in which the office answers and can ask back. It was given for that alone.
PHONE_KEPT = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a resident keeps: the code that reads the answer."""

    comment_id: UUID
    code: str


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def comment_as_resident(
    plan_id: UUID,
    form: UUID,
    *,
    text: str,
    grid: str = "",
    phone: str = "",
    source: str,
    now: datetime,
) -> Receipt:
    """What a resident thinks of a plan that they are asked about, or of one of its grids. The same `form` (its number) again gives the same
    code; nobody but who has the page knows it. Whoever writes is nobody to the row policies, which take such a comment only while the plan is consulted.

    CommentsEnded, Invalid, AlreadySaid, TooMany.
    """
    said = clean_text(text, limit=LONGEST, name="text")
    typed = clean_line(phone, limit=40, name="phone")
    number = normal_phone(typed)
    if not said:
        raise Invalid(field="text", expected=_("write what you think"))
    if typed and not (number.isdigit() and 5 <= len(number) <= 15):
        raise Invalid(field="phone", expected=_("a telephone number of 5 to 15 figures"))
    by_source = {counted_by_source("plan-comment", source): MOST_BY_SOURCE}
    count_attempt({**by_source, counted_by("plan-comments", str(plan_id)): MOST_BY_PLAN}, now)
    plan = open_plan(plan_id)
    if plan is None or not still_asked(plan.until, now):
        raise CommentsEnded
    name = _name_of(plan, grid)
    receipt = Receipt(number_of(form, settings.SECRET_KEY), code_of(form, settings.SECRET_KEY))
    comment_id = receipt.comment_id
    comment = PlanComment(
        id=comment_id, plan_id=plan_id, grid_code=grid, grid_name=name, side="residents", text=said, at=now
    )
    try:
        with transaction.atomic():
            enter_as_public()
            comment.save(force_insert=True)
            digest = digest_of(receipt.code)
            PlanReceipt(comment_id=comment_id, path=plan.path, digest=digest, phone=number or None).save(
                force_insert=True
            )
            enter_as_system(plan.path)
            record(
                PUBLIC,
                verb="plan.resident-commented",
                subject=f"plan:{plan_id}",
                path=plan.path,
                at=now,
                after={"grid": grid, "comment": str(comment_id)},
            )
            enter_as_public()
    except IntegrityError:
        _check_same(comment, receipt, plan.path, number)
    except ProgrammingError as refused:
        if isinstance(refused.__cause__, InsufficientPrivilege):
            raise CommentsEnded from None
        raise
    return receipt


def _name_of(plan: OpenPlan, grid: str) -> str:
    if not grid:
        return ""
    laid = laid_open_of(plan)
    found = next((each.name for each in laid.after if each.code == grid), None) if laid else None
    if found is None:
        raise Invalid(field="grid", expected=_("a grid of this plan"))
    return found


def _check_same(comment: PlanComment, receipt: Receipt, path: str, number: str) -> None:
    """AlreadySaid unless all that stands under this id is the same. The public sees nothing of it: the system looks."""
    with transaction.atomic():
        enter_as_system(path)
        known = PlanReceipt.objects.filter(comment_id=comment.id).select_related("comment").first()
        same = known is not None and (
            (known.digest, known.phone or "") == (digest_of(receipt.code), number)
            and (known.comment.plan_id, known.comment.grid_code, known.comment.text)
            == (comment.plan_id, comment.grid_code, comment.text)
        )
        enter_as_public()
    if not same:
        raise AlreadySaid


def read_answer(code: str, *, source: str, now: datetime) -> OwnComment:
    """What was answered to the comment of this code. NoSuchCode; TooMany where many were tried from one place."""
    keys = {counted_by_source("plan-code", source): MOST_CODES}
    count_attempt(keys, now)
    found = own_comment(code)
    if found is None:
        raise NoSuchCode
    take_back(keys, now)
    return found


def answer_comment(
    viewer: Viewer, plan_id: UUID, comment_id: UUID, *, text: str, now: datetime
) -> PlanComment:
    """The office answers a comment; written anew, the last answer stands. Who wrote it at the residents' door reads it with their code.

    NotFound, NotAllowed, Invalid.
    """
    plan, comment = _comment_to_answer(viewer, plan_id, comment_id)
    said = clean_text(text, limit=LONGEST, name="text")
    if not said:
        raise Invalid(field="text", expected=_("at least 1 character"))
    if comment.answer == said:
        return comment
    comment.answer, comment.answered_at, comment.answered_by_id = said, now, viewer.account_id
    comment.save(update_fields=["answer", "answered_at", "answered_by_id"])
    tell(viewer, plan, "plan.answered", now, comment=str(comment.id), grid=comment.grid_code)
    return comment


def reveal_comment_phone(
    viewer: Viewer, plan_id: UUID, comment_id: UUID, *, why: str, command_id: UUID, now: datetime
) -> str:
    """The number that a resident left, for some minutes; the journal keeps who looked at it and why, not the number.

    NotFound, NotAllowed, Invalid, OtherContent.
    """
    plan, _comment = _comment_to_answer(viewer, plan_id, comment_id)
    left = PlanReceipt.objects.filter(comment_id=comment_id, phone__isnull=False).first()
    if left is None:
        raise NotFound
    if why not in REVEAL_REASONS:
        raise Invalid(field="why", expected=", ".join(REVEAL_REASONS))
    number: str = left.phone
    before = entry_of_command(viewer, command_id)
    if before is None:
        record_once(
            viewer,
            verb="plan.phone-revealed",
            subject=plan.subject,
            path=plan.path,
            at=now,
            after={"comment": str(comment_id), "purpose": why},
            command_id=command_id,
        )
    elif (
        before.verb != "plan.phone-revealed"
        or before.after.get("comment") != str(comment_id)
        or before.actor_id != viewer.account_id
        or (now - before.at).total_seconds() >= REVEALED_MINUTES * 60
    ):
        raise OtherContent
    return number


_ERASED = """
update plans_planreceipt r set phone = null, phone_erased_on = %(today)s
  from plans_plancomment c
 where c.id = r.comment_id and r.comment_id in (
   select k.comment_id from plans_planreceipt k join plans_plancomment said on said.id = k.comment_id
    where k.phone is not null and said.at < %(before)s order by said.at limit %(most)s for update of k skip locked)
returning c.plan_id, r.path::text
"""


def erase_comment_phones(viewer: Viewer, *, now: datetime, at_most: int = 2_000) -> int:
    """Erases telephone numbers that were left with a comment longer ago than `PHONE_KEPT`; says how many. The system alone may.

    The comment, its answer and the code stay. The journal tells of which plan how many were erased, and none of them.
    """
    if viewer.account_id is not None:
        raise NotAllowed
    today = now.astimezone(SHANGHAI).date()
    facts: dict[str, date | datetime | int] = {"today": today, "before": now - PHONE_KEPT, "most": at_most}
    with connection.cursor() as cursor:
        cursor.execute(_ERASED, facts)
        erased = Counter(cursor.fetchall())
    told = {"verb": "plan.phones-erased", "at": now}
    record_all(
        viewer,
        [
            {
                **told,
                "subject": f"plan:{plan}",
                "path": path,
                "after": {"count": count, "days": PHONE_KEPT.days},
            }
            for (plan, path), count in erased.items()
        ],
    )
    return erased.total()


def _comment_to_answer(viewer: Viewer, plan_id: UUID, comment_id: UUID) -> tuple[Plan, PlanComment]:
    plan = plan_by_id(viewer, plan_id)
    comment = PlanComment.objects.filter(id=comment_id, plan_id=plan.id).first()
    if comment is None:
        raise NotFound
    if not may_answer(viewer, plan):
        raise NotAllowed
    return plan, comment
