"""What would go along when a post changes hands, its holder goes away or leaves: looked at before it is done."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from wangge.access import Verb, Viewer, verbs_of
from wangge.access.viewer import lies_in
from wangge.base.problems import NotAllowed
from wangge.cases.lifecycle import OPEN
from wangge.cases.models import Case
from wangge.cases.queries.holders import cases_handled_by, promises_by
from wangge.cases.queries.presence import may_be_given
from wangge.staff import queries as staff
from wangge.staff.models import Account, Assignment, Post

#: So many cases that one follows elsewhere are shown, the newest.
_MOST_ELSEWHERE = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that waits for somebody. `why` is open, due or promised; `to` is who gets it: the receiver, or nobody.

    An open case without a receiver goes to its desk; a promise without one is only listed.
    """

    case: Case
    why: str
    to: Account | None


@dataclass(frozen=True, slots=True)
class Handing:
    """A post before it is given to `receiver`: who holds it on that day, and what of theirs would pass."""

    post: Post
    holder: Assignment | None
    receiver: Account
    waiting: list[Waiting]


def handing_of(viewer: Viewer, post_id: int, *, to_account: int, from_on: date, today: date) -> Handing:
    """What giving the post would do; the action does it. NotFound, and NotAllowed without the right to change staff."""
    post = staff.post_held(viewer, post_id, today=today)
    if not viewer.may(Verb.STAFF_CHANGE, post.path):
        raise NotAllowed
    receiver = staff.account_by_id(viewer, to_account)
    holder = holder_on(post, from_on)
    waiting = work_of(viewer, holder.account_id, today=today, below=holder.path) if holder else []
    handles = Verb.CASE_HANDLE in verbs_of(post.kind.duties) and not post.department_id
    passing = [
        Waiting(each.case, each.why, receiver if _passes(each, receiver.id, post, today, handles) else None)
        for each in waiting
    ]
    return Handing(post, holder, receiver, passing)


def _passes(waiting: Waiting, account_id: int, post: Post, today: date, handles: bool) -> bool:
    """With this post, or by another that they hold; a promise is kept by whoever holds the post."""
    case = waiting.case
    if waiting.why == "promised" or (handles and (post.kind.confidential or not case.confidential)):
        return True
    return may_be_given(account_id, case.path, today, confidential=case.confidential)


def holder_on(post: Post, day: date) -> Assignment | None:
    """Who holds the post on this day by right of their own, of those in `post.held`; nobody for a post that is shared."""
    if post.kind.shared:
        return None
    held: list[Assignment] = getattr(post, "held", [])
    return next(
        (each for each in held if each.from_on <= day and (each.to_on is None or each.to_on >= day)), None
    )


def work_of(viewer: Viewer, account_id: int, *, today: date, below: str = "") -> list[Waiting]:  # noqa: ARG001 - the row policy uses it
    """Open and promised work of an account, as far as the viewer sees it; with `below`, what lies in that area."""
    opened = [
        Waiting(case, "due" if case.late else "open", None)
        for case in cases_handled_by(account_id, below=below)
    ]
    promised = [Waiting(case, "promised", None) for case in promises_by(account_id, today, below=below)]
    return opened + promised


def cases_elsewhere(viewer: Viewer, *, limit: int = _MOST_ELSEWHERE) -> list[Case]:
    """Open cases outside the viewer's areas that they reported or follow: no queue of theirs shows these. Newest first."""
    own = staff.own_id(viewer)
    related = Case.objects.filter(Q(reported_by_id=own) | Q(followers__contains=[own]), state__in=OPEN)
    found = related.order_by("-reported_at", "-id").only("id", "number", "title", "state", "path", "due_at")
    outside = (case for case in found if not any(lies_in(case.path, area) for area in viewer.scope))
    return [case for case, _ in zip(outside, range(limit), strict=False)]
