"""Accounts, who holds what, and one's own posts and sign-ins; the row policies keep to the viewer's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import BooleanField, F, Q, QuerySet
from django.db.models.expressions import RawSQL

from wangge.access import Viewer
from wangge.areas.queries import area_by_code
from wangge.base.paging import decode_cursor, encode_cursor
from wangge.base.problems import NotFound, NotSignedIn
from wangge.staff.models import Account, Assignment, Leave, SignIn
from wangge.staff.queries.entering import digest_of


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Accounts in the order of their usernames; `next` is the cursor of the page after, or None."""

    items: Sequence[Account]
    next: str | None


@dataclass(frozen=True, slots=True)
class OpenSignIn:
    """One of an account's sign-ins. `key` names it, and opens nothing."""

    key: str
    created_at: datetime
    expires_at: datetime
    agent: str
    current: bool
    #: That of a lost phone, which may send what it holds.
    sends_only: bool = False


def account_by_id(viewer: Viewer, account_id: int) -> Account:  # noqa: ARG001 - the row policy uses it
    """The account, if the viewer sees it; else NotFound."""
    account = Account.objects.filter(id=account_id).first()
    if account is None:
        raise NotFound
    return account


def accounts(
    viewer: Viewer,  # noqa: ARG001 - the row policy uses it
    *,
    area: str = "",
    text: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> AccountPage:
    """Accounts that have not ended, administered at or below `area`; `text` is part of a name or username."""
    found = Account.objects.filter(ended_at__isnull=True)
    if area:
        found = found.filter(RawSQL("home_path <@ %s::ltree", [area_by_code(area).path], BooleanField()))
    if text:
        found = found.filter(Q(name__icontains=text) | Q(username__icontains=text))
    if cursor:
        found = found.filter(username__gt=decode_cursor(cursor, str)[0])
    items = list(found.order_by("username")[: limit + 1])
    following = encode_cursor((items[limit - 1].username,)) if len(items) > limit else None
    return AccountPage(items[:limit], following)


def accounts_named(viewer: Viewer, text: str, *, limit: int = 50) -> list[int]:  # noqa: ARG001 - the row policy uses it
    """Whose name or username holds the text, also those that have ended: what they did stays in the journal."""
    found = Account.objects.filter(Q(name__icontains=text) | Q(username__icontains=text))
    return list(found.order_by("username").values_list("id", flat=True)[:limit])


def own_id(viewer: Viewer) -> int:
    """The viewer's account; the system's own jobs have none and are NotSignedIn."""
    if viewer.account_id is None:
        raise NotSignedIn
    return viewer.account_id


def home_of(viewer: Viewer) -> str:
    """The path of the area that administers the viewer's own account."""
    return str(Account.objects.values_list("home_path", flat=True).get(id=own_id(viewer)))


def holding_on(day: date) -> QuerySet[Assignment]:
    """Assignments that hold on this day, on posts that exist, of accounts that have not ended."""
    return Assignment.objects.filter(
        Q(to_on__isnull=True) | Q(to_on__gte=day),
        Q(post__closed_on__isnull=True) | Q(post__closed_on__gte=day),
        from_on__lte=day,
        account__ended_at__isnull=True,
    ).exclude(to_on__lt=F("from_on"))


def days_of_change(areas: list[str], first: date, last: date) -> list[date]:
    """`first`, and each later day until `last` on which somebody with a post in these areas goes on leave or gives it up."""
    there = Assignment.objects.filter(post__area_id__in=areas)
    leaves = Leave.objects.filter(
        account_id__in=there.values("account_id"), from_on__gt=first, from_on__lte=last
    )
    ends = there.filter(to_on__gte=first, to_on__lt=last).values_list("to_on", flat=True)
    days = {
        first,
        *leaves.values_list("from_on", flat=True),
        *(end + timedelta(days=1) for end in ends if end),
    }
    return sorted(days)


def assignments_of(account_id: int, *, today: date) -> list[Assignment]:
    """What an account holds on this day, also one that has ended since; as far as the scope reaches."""
    return list(
        Assignment.objects.filter(
            Q(to_on__isnull=True) | Q(to_on__gte=today), account_id=account_id, from_on__lte=today
        ).order_by("path", "id")
    )


def stand_in_for(assignment_id: int, *, today: date) -> int | None:
    """The account that stands in for this assignment today and is there itself; None without one."""
    return (
        holding_on(today)
        .filter(stands_in_for_id=assignment_id)
        .exclude(account__leaves__from_on__lte=today, account__leaves__to_on__gte=today)
        .order_by("id")
        .values_list("account_id", flat=True)
        .first()
    )


def my_posts(viewer: Viewer, *, today: date) -> list[Assignment]:
    """The viewer's assignments today with post, kind and area, the highest first."""
    held = holding_on(today).filter(account_id=own_id(viewer))
    return list(held.select_related("post__kind", "post__area", "post__department").order_by("path", "id"))


def signed_in_at(viewer: Viewer, sign_in: bytes) -> datetime | None:
    """When the password was typed for this open sign-in of the viewer's, by its digest."""
    found = SignIn.objects.filter(digest=sign_in, account_id=own_id(viewer))
    return found.values_list("created_at", flat=True).first()


def sign_ins_of(viewer: Viewer, *, secret: str = "", now: datetime) -> list[OpenSignIn]:
    """The viewer's own open sign-ins, the latest first; the one of `secret` is the current one."""
    current = digest_of(secret)
    rows = SignIn.objects.filter(account_id=own_id(viewer), expires_at__gt=now).order_by("-created_at")
    return [
        OpenSignIn(
            bytes(row.digest).hex(),
            row.created_at,
            row.expires_at,
            row.agent,
            bytes(row.digest) == current,
            row.sends_only,
        )
        for row in rows
    ]
