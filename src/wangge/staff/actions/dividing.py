"""Posts of grids that end when an area is divided anew: they close with their grid, and open again when that is undone."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q

from wangge.access import Verb, Viewer
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import NotAllowed
from wangge.journal.actions import record
from wangge.staff.models import Assignment, Post


def close_posts_of(viewer: Viewer, codes: Sequence[str], *, now: datetime) -> dict[str, Any]:
    """Ends who holds posts of these grids and closes the posts; gives what `reopen_posts` needs, as JSON values, with the
    accounts that held one (`holders`: account, grid, kind). An account keeps its other posts.
    """
    today = now.astimezone(SHANGHAI).date()
    last = today - timedelta(days=1)
    posts = list(
        Post.objects.select_for_update(of=("self",))
        .filter(area_id__in=list(codes))
        .filter(Q(closed_on__isnull=True) | Q(closed_on__gt=last))
        .order_by("id")
    )
    held = Assignment.objects.filter(post__in=posts).filter(Q(to_on__isnull=True) | Q(to_on__gte=today))
    kept: dict[str, Any] = {"posts": {}, "assignments": {}, "holders": []}
    for one in held.exclude(to_on__lt=F("from_on")).select_related("post").order_by("id"):
        kept["assignments"][str(one.id)] = _told(one.to_on)
        if one.from_on <= today:
            kept["holders"].append([one.account_id, one.post.area_id, one.post.kind_id])
        one.to_on = max(last, one.from_on - timedelta(days=1))
        one.save(update_fields=["to_on"])
    for post in posts:
        _check(viewer, post)
        kept["posts"][str(post.id)] = _told(post.closed_on)
        post.closed_on = last
        post.save(update_fields=["closed_on"])
        _record(viewer, "post.closed", post, now, on=last.isoformat())
    return kept


def reopen_posts(viewer: Viewer, kept: Mapping[str, Any], *, now: datetime) -> None:
    """Gives the posts back to those who held them, as they were before `close_posts_of`."""
    posts = Post.objects.select_for_update(of=("self",)).in_bulk([int(each) for each in kept["posts"]])
    for each, closed_on in kept["posts"].items():
        post = posts[int(each)]
        _check(viewer, post)
        post.closed_on = date.fromisoformat(closed_on) if closed_on else None
        post.save(update_fields=["closed_on"])
        _record(viewer, "post.reopened", post, now)
    for each, to_on in kept["assignments"].items():
        Assignment.objects.filter(id=int(each)).update(to_on=date.fromisoformat(to_on) if to_on else None)


def _check(viewer: Viewer, post: Post) -> None:
    if not viewer.may(Verb.STAFF_CHANGE, post.path):
        raise NotAllowed


def _told(day: date | None) -> str:
    return day.isoformat() if day else ""


def _record(viewer: Viewer, verb: str, post: Post, now: datetime, **after: Any) -> None:
    record(viewer, verb=verb, subject=f"post:{post.id}", path=post.path, at=now, after=after)
