"""Who may appoint whom, and fetching what is to be changed."""

from collections.abc import Iterable
from datetime import date, datetime

from wangge.access import Verb, Viewer, verbs_of
from wangge.access.viewer import lies_in
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import NotAllowed, NotFound
from wangge.staff.models import Account, Assignment, Post, PostKind
from wangge.staff.queries import given_seats
from wangge.staff.rules import AccountEnded, OwnPost


def today_of(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()


def check_appoints(viewer: Viewer, kind: PostKind, path: str) -> None:
    """NotAllowed unless the viewer may change staff there and gives no right that they have not themselves.

    Who administers an area appoints to every post in it, also to those whose work is not theirs; and who leads appoints those who
    keep the register of homes, which is kept where people live and not read above.
    """
    if not may_give(viewer, kind.duties, path, confidential=kind.confidential):
        raise NotAllowed


def may_give(viewer: Viewer, duties: Iterable[str], path: str, *, confidential: bool) -> bool:
    if not viewer.may(Verb.STAFF_CHANGE, path):
        return False
    own = set(duties) - {"register"}
    return viewer.may(Verb.AREA_CHANGE, path) or has_all(viewer, own, path, confidential=confidential)


def has_all(viewer: Viewer, duties: Iterable[str], path: str, *, confidential: bool) -> bool:
    """Whether the viewer's own posts carry there all that a post of these duties would."""
    return all(viewer.may(verb, path) for verb in verbs_of(duties)) and (
        not confidential
        or any(
            seat.confidential and not seat.department and lies_in(path, seat.path) for seat in viewer.seats
        )
    )


def check_not_beyond_oneself(viewer: Viewer, account_id: int, kind: PostKind, path: str) -> None:
    """OwnPost when the post is to be the viewer's own and would give them more than they have there.

    Who administers may give every post, but not decide alone what they may read themselves.
    """
    if account_id == viewer.account_id and not has_all(
        viewer, kind.duties, path, confidential=kind.confidential
    ):
        raise OwnPost


def check_would_appoint(viewer: Viewer, account: Account, today: date) -> None:
    """NotAllowed unless the account is administered by the viewer and every post that it has or will have is one that
    they could have given: else somebody low could shut out, or sign in as, who ranks above them.
    """
    if not viewer.may(Verb.STAFF_CHANGE, account.home_path) or not all(
        may_give(viewer, duties, path, confidential=confidential)
        for path, duties, confidential in given_seats(account.id, today=today)
    ):
        raise NotAllowed


def post_to_change(viewer: Viewer, post_id: int) -> Post:
    """The post, locked, so that two who appoint at once come one after the other. NotFound when it is not seen."""
    post = Post.objects.select_related("kind").filter(id=post_id).first()
    if post is None:
        raise NotFound
    check_appoints(viewer, post.kind, post.path)
    return Post.objects.select_for_update(of=("self",)).select_related("kind").get(id=post_id)


def assignment_to_change(viewer: Viewer, assignment_id: int) -> Assignment:
    """The assignment, with its post locked. NotFound when it is not seen."""
    found = Assignment.objects.filter(id=assignment_id).values_list("post_id", flat=True).first()
    if found is None:
        raise NotFound
    post_to_change(viewer, found)
    return Assignment.objects.select_related("account").get(id=assignment_id)


def open_account(account_id: int) -> Account:
    """An account that the viewer sees and that has not ended."""
    account = Account.objects.filter(id=account_id).first()
    if account is None:
        raise NotFound
    if account.ended_at is not None:
        raise AccountEnded
    return account
