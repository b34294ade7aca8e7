"""Signing in and out, and oneself, over HTTP. Parses, calls one action or query, presents."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from ninja import Router, Schema, Status
from pydantic import Field

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.problems import NotAllowed
from wangge.staff import actions, queries
from wangge.staff.api.parts import Closed, Password, name_of, today

if TYPE_CHECKING:
    from wangge.staff.models import Assignment

router = Router(tags=["staff"])

COOKIE = "wangge_session"
Username = Annotated[str, Field(max_length=200)]


class SignInIn(Closed):
    username: Username
    password: Password


class SignedInOut(Schema):
    """`token` goes into `Authorization: Bearer …`; a browser has it as a cookie already."""

    token: str
    expires_at: datetime


class NamedAreaOut(Schema):
    code: str
    name: str
    level: str


class MyPostOut(Schema):
    id: int
    kind: str
    name: str
    area: NamedAreaOut
    department: str
    part: str
    from_on: date
    to_on: date | None
    duties: list[str]
    stands_in: bool


class MeOut(Schema):
    """Who asks. `areas` are the codes of the areas that one's posts open, with all below them."""

    id: int
    username: str
    name: str
    language: str
    posts: list[MyPostOut]
    areas: list[str]
    duties: list[str]
    verbs: list[str]


class OpenSignInOut(Schema):
    key: str
    created_at: datetime
    expires_at: datetime
    agent: str
    current: bool


class PasswordIn(Closed):
    """`current` is needed for one's own password, and is not looked at for another's."""

    password: Password
    current: Password = ""


def secret_of(request: HttpRequest) -> str:
    """The secret by which a request is signed in: its bearer token, else its cookie."""
    given = request.headers.get("Authorization", "")
    return given[7:].strip() if given.startswith("Bearer ") else request.COOKIES.get(COOKIE, "")


def keep_signed_in(request: HttpRequest, response: HttpResponse, opened: actions.SignedIn) -> None:
    """Gives the browser its cookie and another CSRF token, so that one planted before is worth nothing."""
    rotate_token(request)
    response.set_cookie(
        COOKIE,
        opened.secret,
        expires=opened.expires_at,
        httponly=True,
        samesite="Lax",
        secure=bool(settings.SESSION_COOKIE_SECURE),
    )


def refuse_other_sites(request: HttpRequest) -> None:
    """NotAllowed for a form on another site that would sign a browser in as somebody else."""
    origin = request.headers.get("Origin", "")
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin") or (
        origin and urlsplit(origin).netloc != request.get_host()
    ):
        raise NotAllowed


@router.post("/sign-in", auth=None, response={200: SignedInOut, **problems(403, 429)})
def sign_in(request: HttpRequest, given: SignInIn, response: HttpResponse) -> dict[str, Any]:
    refuse_other_sites(request)
    opened = actions.sign_in(
        given.username,
        given.password,
        source=request.META.get("REMOTE_ADDR", ""),
        agent=request.headers.get("User-Agent", ""),
        now=clock.now(),
    )
    keep_signed_in(request, response, opened)
    return {"token": opened.secret, "expires_at": opened.expires_at}


@router.post("/sign-out", response={204: None, **problems(403)})
def sign_out(request: Asked, response: HttpResponse) -> Status[None]:
    actions.sign_out(secret_of(request), now=clock.now())
    response.delete_cookie(COOKIE, samesite="Lax")
    return Status(204, None)


@router.get("/me", response={200: MeOut, **problems()})
def me(request: Asked) -> dict[str, Any]:
    """Who am I, with which posts, areas and duties."""
    viewer = request.viewer
    posts = [_my_post(held) for held in queries.my_posts(viewer, today=today())]
    return {
        "id": viewer.account_id,
        "username": viewer.username,
        "name": viewer.name,
        "language": viewer.language,
        "posts": posts,
        "areas": [path.rsplit(".", 1)[-1] for path in viewer.scope],
        "duties": sorted({duty for post in posts for duty in post["duties"]}),
        "verbs": sorted({verb for seat in viewer.seats for verb in seat.verbs}),
    }


def _my_post(held: "Assignment") -> dict[str, Any]:
    post = held.post
    return {
        "id": post.id,
        "kind": post.kind_id,
        "name": name_of(post.kind),
        "area": {"code": post.area.code, "name": post.area.name, "level": post.area.level},
        "department": post.department_id or "",
        "part": held.part,
        "from_on": held.from_on,
        "to_on": held.to_on,
        "duties": list(post.kind.duties),
        "stands_in": held.stands_in_for_id is not None,
    }


@router.get("/me/sign-ins", response={200: list[OpenSignInOut], **problems()})
def list_sign_ins(request: Asked) -> list[Any]:
    """Where one is signed in, the latest first."""
    return queries.sign_ins_of(request.viewer, secret=secret_of(request), now=clock.now())


@router.delete("/me/sign-ins/{key}", response={204: None, **problems(403, 404)})
def end_sign_in(request: Asked, key: Annotated[str, Field(max_length=64)]) -> Status[None]:
    """Ends one of one's own sign-ins, as for a phone that was lost."""
    actions.end_sign_in(request.viewer, key, now=clock.now())
    return Status(204, None)


@router.post("/me/password", response={204: None, **problems(403)})
def set_my_password(request: Asked, given: PasswordIn) -> Status[None]:
    """Another password for oneself; every other sign-in ends."""
    actions.set_password(
        request.viewer,
        queries.own_id(request.viewer),
        password=given.password,
        current=given.current,
        keep=queries.digest_of(secret_of(request)),
        now=clock.now(),
    )
    return Status(204, None)
