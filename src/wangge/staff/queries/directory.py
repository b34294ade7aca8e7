"""People and posts as those see them who administer them: who holds what, who is away, where somebody is signed in."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import BooleanField, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.expressions import RawSQL

from wangge.access import Verb, Viewer
from wangge.areas.queries import area_by_code
from wangge.base.paging import decode_cursor, encode_cursor
from wangge.base.problems import NotAllowed, NotFound
from wangge.staff.models import Account, Assignment, Leave, Post, SignIn
from wangge.staff.queries.people import AccountPage, OpenSignIn, account_by_id, holding_on
from wangge.staff.queries.posts import PostPage
from wangge.staff.queries.staffing import area_of_figures

#: What stands for a password that nobody has.
_NONE = "!"

#: What a list of people can be narrowed to.
STANDINGS = ("away", "no_post", "locked", "ended")


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people. `standing` is one of STANDINGS or empty: all who have not ended."""

    area: str = ""
    text: str = ""
    kind: str = ""
    standing: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """One account with what it holds from today on, also what begins later, and its leaves that are not over."""

    account: Account
    assignments: list[Assignment]
    leaves: list[Leave]

    @property
    def can_sign_in(self) -> bool:
        """Whether a password was ever given."""
        return self.account.password != _NONE


def people(
    viewer: Viewer,  # noqa: ARG001 - the row policy uses it
    asked: PeopleFilter,
    *,
    now: datetime,
    today: date,
    cursor: str | None = None,
    limit: int = 50,
) -> AccountPage:
    """Accounts by username, each with today's assignments as `held` and the leave that it is on as `away`.

    Three queries a page, however many people there are. An area asks where an account is administered or holds a post.
    """
    found = _narrowed(asked, now, today)
    if cursor:
        found = found.filter(username__gt=decode_cursor(cursor, str)[0])
    held = holding_on(today).select_related("post__kind", "post__area", "post__department")
    away = Leave.objects.filter(from_on__lte=today, to_on__gte=today)
    rows = found.order_by("username").prefetch_related(
        Prefetch("assignments", held.order_by("path", "id"), to_attr="held"),
        Prefetch("leaves", away, to_attr="away"),
    )
    items = list(rows[: limit + 1])
    following = encode_cursor((items[limit - 1].username,)) if len(items) > limit else None
    return AccountPage(items[:limit], following)


#: Whose post lies there today, wherever their account is administered.
_POSTED = (
    "staff_account.id in (select s.account_id from staff_assignment s where s.path <@ %s::ltree"
    " and s.from_on <= %s and (s.to_on is null or s.to_on >= %s))"
)


def _narrowed(asked: PeopleFilter, now: datetime, today: date) -> QuerySet[Account]:
    found = Account.objects.filter(ended_at__isnull=asked.standing != "ended")
    mine = holding_on(today).filter(account_id=OuterRef("id"))
    if asked.area:
        path = area_by_code(asked.area).path
        at_home = RawSQL("staff_account.home_path <@ %s::ltree", [path], BooleanField())
        posted = RawSQL(_POSTED, [path, today, today], BooleanField())  # noqa: S611 - a constant of this module, values as parameters
        found = found.filter(Q(at_home) | Q(posted))
    if asked.text:
        found = found.filter(Q(name__icontains=asked.text) | Q(username__icontains=asked.text))
    if asked.kind:
        found = found.filter(Exists(mine.filter(post__kind_id=asked.kind)))
    if asked.standing == "no_post":
        found = found.filter(~Exists(mine))
    elif asked.standing == "away":
        gone = Leave.objects.filter(account_id=OuterRef("id"), from_on__lte=today, to_on__gte=today)
        found = found.filter(Exists(gone))
    elif asked.standing == "locked":
        found = found.filter(locked_until__gt=now)
    return found


def person(viewer: Viewer, account_id: int, *, today: date) -> Person:
    """An account that the viewer sees, with its posts as far as the scope reaches; NotFound."""
    account = account_by_id(viewer, account_id)
    held = _from(today).filter(account_id=account_id)
    assignments = held.select_related(
        "post__kind", "post__area", "post__department", "stands_in_for__account"
    ).prefetch_related(_stand_ins(today))
    leaves = Leave.objects.filter(account_id=account_id, to_on__gte=today).order_by("from_on")
    return Person(account, list(assignments.order_by("path", "from_on", "id")), list(leaves))


def sign_ins_open(viewer: Viewer, account_id: int, *, now: datetime) -> list[OpenSignIn]:
    """Where somebody else is signed in, the latest first; NotAllowed without the right over the account."""
    account = account_by_id(viewer, account_id)
    if not viewer.may(Verb.STAFF_CHANGE, account.home_path):
        raise NotAllowed
    rows = SignIn.objects.filter(account_id=account_id, expires_at__gt=now).order_by("-created_at")
    return [
        OpenSignIn(
            bytes(row.digest).hex(),
            row.created_at,
            row.expires_at,
            row.agent,
            current=False,
            sends_only=row.sends_only,
        )
        for row in rows
    ]


def posts_held(
    viewer: Viewer,
    area: str,
    *,
    today: date,
    below: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> PostPage:
    """The open posts of one area, or of all below it too, each with who holds it from today on as `held`.

    NotAllowed to whoever may not read the area's figures. Those have their account's leaves of today as `account.away`, and who stands in for them as `standing_in`.
    """
    place = area_of_figures(viewer, area)
    found = Post.objects.filter(Q(closed_on__isnull=True) | Q(closed_on__gte=today)).select_related(
        "kind", "department", "area"
    )
    if below:
        found = found.filter(RawSQL("staff_post.path <@ %s::ltree", [place.path], BooleanField()))
    else:
        found = found.filter(area_id=place.code)
    if cursor:
        found = found.filter(id__gt=decode_cursor(cursor, int)[0])
    items = list(found.prefetch_related(_holders(today)).order_by("id")[: limit + 1])
    following = encode_cursor((items[limit - 1].id,)) if len(items) > limit else None
    return PostPage(items[:limit], following)


def post_held(viewer: Viewer, post_id: int, *, today: date) -> Post:  # noqa: ARG001 - the row policy uses it
    """One post with who holds it from today on as `held`; NotFound outside the viewer's scope."""
    found = Post.objects.select_related("kind", "department", "area").prefetch_related(_holders(today))
    post = found.filter(id=post_id).first()
    if post is None:
        raise NotFound
    return post


def assignment_by_id(viewer: Viewer, assignment_id: int) -> Assignment:  # noqa: ARG001 - the row policy uses it
    """One assignment with its account, post and area; NotFound outside the viewer's scope."""
    found = Assignment.objects.select_related("account", "post__kind", "post__area", "post__department")
    held = found.filter(id=assignment_id).first()
    if held is None:
        raise NotFound
    return held


def vacant_post(area: str, kind: str, department: str, on: date) -> int | None:
    """An open post of this kind at the area that nobody holds from this day on; None without one."""
    holders = (
        _from(on)
        .filter(post_id=OuterRef("id"), stands_in_for__isnull=True)
        .exclude(account__ended_at__isnull=False)
    )
    return (
        Post.objects.filter(area_id=area, kind_id=kind, department_id=department or None)
        .filter(Q(closed_on__isnull=True), ~Exists(holders))
        .order_by("id")
        .values_list("id", flat=True)
        .first()
    )


def counted_staff(viewer: Viewer) -> tuple[int, int, int]:  # noqa: ARG001 - the row policies use it
    """How many accounts there are in the viewer's areas, how many of them can sign in, and how many posts are open."""
    living = Account.objects.filter(ended_at__isnull=True)
    return (
        living.count(),
        living.exclude(password=_NONE).count(),
        Post.objects.filter(closed_on__isnull=True).count(),
    )


def _from(today: date) -> QuerySet[Assignment]:
    """Assignments that hold today or later; a withdrawn one holds on no day."""
    running = Assignment.objects.filter(Q(to_on__isnull=True) | Q(to_on__gte=today))
    return running.exclude(to_on__lt=F("from_on"))


def _stand_ins(today: date) -> "Prefetch[str]":
    return Prefetch(
        "stand_ins", _from(today).select_related("account").order_by("from_on"), to_attr="standing_in"
    )


def _holders(today: date) -> "Prefetch[str]":
    away = Leave.objects.filter(from_on__lte=today, to_on__gte=today)
    held = (
        _from(today)
        .filter(stands_in_for__isnull=True, account__ended_at__isnull=True)
        .select_related("account")
        .prefetch_related(_stand_ins(today), Prefetch("account__leaves", away, to_attr="away"))
        .order_by("from_on", "id")
    )
    return Prefetch("assignments", held, to_attr="held")
