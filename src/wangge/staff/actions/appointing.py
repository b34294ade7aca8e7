"""Who may appoint whom, and fetching what is to be changed."""

from collections.abc import Iterable
from datetime import date, datetime

from wangge.access import Verb, Viewer, verbs_of
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import NotAllowed, NotFound
from wangge.staff.models import Account, Assignment, Post, PostKind
from wangge.staff.rules import AccountEnded


def today_of(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()


def check_appoints(viewer: Viewer, kind: PostKind, path: str) -> None:
    """NotAllowed unless the viewer may change staff there and gives no right that they have not themselves.

    Who administers an area appoints to every post in it, also to those whose work is not theirs.
    """
    check_right_to_give(viewer, verbs_of(kind.duties), path)


def check_right_to_give(viewer: Viewer, verbs: Iterable[Verb], path: str) -> None:
    if not viewer.may(Verb.STAFF_CHANGE, path):
        raise NotAllowed
    if not viewer.may(Verb.AREA_CHANGE, path) and not all(viewer.may(verb, path) for verb in verbs):
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
