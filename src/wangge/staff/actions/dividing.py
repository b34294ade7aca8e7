"""Posts of grids that end when an area is divided anew: they close with their grid, and open again when that is undone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
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
    kept: dict[str, Any] = {"posts": {}, "assignments": {}, "holders": [], "last": last.isoformat()}
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
    _held_again(viewer, kept["assignments"], kept.get("last", ""), now)


@dataclass(frozen=True, slots=True)
class Seats:
    """`moved`: account, kind, grid before and grid from now on. `missing`: account and kind of those who have no such post there any
    more. `kept` is what `unseat_walkers` needs, as JSON values.
    """

    moved: tuple[tuple[int, str, str, str], ...]
    missing: tuple[tuple[int, str], ...]
    kept: Mapping[str, Any]


def seat_walkers(
    viewer: Viewer, wanted: Sequence[tuple[int, str, str]], grids: Collection[str], *, now: datetime
) -> Seats:
    """Each account of `wanted` (account, kind, grid) has its posts of that kind in these grids from today on, and the others of
    `grids` no longer. A post that stands free there is taken, else one is opened; nobody else loses theirs.
    """
    today = now.astimezone(SHANGHAI).date()
    last = today - timedelta(days=1)
    kept: dict[str, Any] = {"ended": {}, "opened": [], "given": [], "last": last.isoformat()}
    moved, missing = [], []
    held = _held_by({account for account, _kind, _grid in wanted}, grids, today)
    targets: dict[tuple[int, str], list[str]] = {}
    for account, kind, grid in wanted:
        targets.setdefault((account, kind), []).append(grid)
    for (account, kind), codes in sorted(targets.items()):
        own = held.get((account, kind), [])
        if not own:
            missing.append((account, kind))
            continue
        here = {one.post.area_id for one in own}
        leaving = [one for one in own if one.post.area_id not in codes]
        for one in leaving:
            _check(viewer, one.post)
            _end(one, last, kept["ended"])
            _record(viewer, "assignment.ended", one.post, now, account=account, to_on=_told(one.to_on))
        for at, code in enumerate(sorted(set(codes) - here)):
            post = _free_post(viewer, kind, code, today, kept["opened"], now)
            part = (leaving[at] if at < len(leaving) else own[0]).part
            given = Assignment.objects.create(
                post=post, account_id=account, path=post.path, part=part, from_on=today
            )
            kept["given"].append(given.id)
            _record(
                viewer, "post.assigned", post, now,
                account=account, part=part, from_on=today.isoformat(), to_on=None, stands_in_for=None,
            )  # fmt: skip
            moved.append((account, kind, leaving[at].post.area_id if at < len(leaving) else "", code))
    return Seats(tuple(moved), tuple(missing), kept)


def unseat_walkers(viewer: Viewer, kept: Mapping[str, Any], *, now: datetime) -> None:
    """Takes back what `seat_walkers` gave, and gives back what it ended."""
    last = now.astimezone(SHANGHAI).date() - timedelta(days=1)
    for one in Assignment.objects.select_related("post").filter(id__in=kept["given"]).order_by("id"):
        if one.to_on is None or one.to_on > last:
            _check(viewer, one.post)
            _end(one, last, {})
            _record(viewer, "assignment.ended", one.post, now, account=one.account_id, to_on=_told(one.to_on))
    # Somebody else may have been put there since: their post stays.
    beyond = Q(to_on__isnull=True) | Q(to_on__gt=last)
    others = Assignment.objects.filter(beyond, post__in=kept["opened"]).exclude(to_on__lt=F("from_on"))
    opened = Post.objects.select_for_update(of=("self",)).filter(id__in=kept["opened"])
    for post in opened.exclude(id__in=others.values("post_id")).order_by("id"):
        _check(viewer, post)
        post.closed_on = last
        post.save(update_fields=["closed_on"])
        _record(viewer, "post.closed", post, now, on=last.isoformat())
    _held_again(viewer, kept["ended"], kept.get("last", ""), now)


def _held_again(viewer: Viewer, ended: Mapping[str, str], last: str, now: datetime) -> None:
    """Gives back what ended on the day `last`, but not what somebody changed since, and not to whom is gone."""
    rows = Assignment.objects.select_related("post").filter(
        id__in=[int(each) for each in ended], account__ended_at__isnull=True
    )
    for one in rows.order_by("id"):
        if last and one.to_on != max(date.fromisoformat(last), one.from_on - timedelta(days=1)):
            continue
        _check(viewer, one.post)
        was = ended[str(one.id)]
        one.to_on = date.fromisoformat(was) if was else None
        one.save(update_fields=["to_on"])
        _record(
            viewer, "post.assigned", one.post, now,
            account=one.account_id, part=one.part, from_on=one.from_on.isoformat(), to_on=was or None,
            stands_in_for=one.stands_in_for_id,
        )  # fmt: skip


def _held_by(
    accounts: Collection[int], grids: Collection[str], today: date
) -> dict[tuple[int, str], list[Assignment]]:
    """What these accounts hold themselves in these grids today."""
    found: dict[tuple[int, str], list[Assignment]] = {}
    rows = Assignment.objects.select_related("post").filter(
        account_id__in=accounts,
        account__ended_at__isnull=True,
        post__area_id__in=grids,
        stands_in_for__isnull=True,
        from_on__lte=today,
    )
    for one in rows.filter(Q(to_on__isnull=True) | Q(to_on__gte=today)).order_by("id"):
        found.setdefault((one.account_id, one.post.kind_id), []).append(one)
    return found


def _end(held: Assignment, last: date, kept: dict[str, str]) -> None:
    """With whoever stands in for it."""
    beyond = Q(to_on__isnull=True) | Q(to_on__gt=last)
    for one in (held, *held.stand_ins.filter(beyond).order_by("id")):
        kept[str(one.id)] = _told(one.to_on)
        one.to_on = max(last, one.from_on - timedelta(days=1))
        one.save(update_fields=["to_on"])


def _free_post(viewer: Viewer, kind: str, code: str, today: date, opened: list[int], now: datetime) -> Post:
    """The first post of the kind there that nobody holds from today on; else a new one."""
    posts = Post.objects.select_for_update(of=("self",)).filter(
        area_id=code, kind_id=kind, department__isnull=True, closed_on__isnull=True
    )
    taken = Assignment.objects.filter(post__in=posts.values("id")).filter(
        Q(to_on__isnull=True) | Q(to_on__gte=today)
    )
    busy = set(taken.exclude(to_on__lt=F("from_on")).values_list("post_id", flat=True))
    free = next((post for post in posts.order_by("id") if post.id not in busy), None)
    if free is not None:
        _check(viewer, free)
        return free
    post = Post(kind_id=kind, area_id=code, path=areas.area_by_code(code).path)
    _check(viewer, post)
    post.save()
    opened.append(post.id)
    _record(viewer, "post.opened", post, now, kind=kind, department="")
    return post


def _check(viewer: Viewer, post: Post) -> None:
    if not viewer.may(Verb.STAFF_CHANGE, post.path):
        raise NotAllowed


def _told(day: date | None) -> str:
    return day.isoformat() if day else ""


def _record(viewer: Viewer, verb: str, post: Post, now: datetime, **after: Any) -> None:
    record(viewer, verb=verb, subject=f"post:{post.id}", path=post.path, at=now, after=after)
