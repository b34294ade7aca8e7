"""From a cookie or bearer token to the request's viewer and the database's scope, in the request's one transaction."""

from collections.abc import Callable
from select import select

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.answers import keeps
from wangge.doors.exchange.problems import problem_answer
from wangge.staff.queries import digest_of, viewer_entering
from wangge.sync.actions import note_brought
from wangge.sync.queries import last_words_for
from wangge.sync.rules import NotNow

#: Asked before anybody is known, or by no person. A failed sign-in must stay counted, which a request's transaction undoes.
OUTSIDE = ("/healthz", "/metrics", "/api/v1/sign-in", "/sign-in")
#: Everybody is nobody there, whoever has signed in: what one says as a resident is not said by an account.
NOBODYS = ("/static/", "/plans/")

#: Many reads that must show one moment: a record that is moved meanwhile would be told twice, or not at all.
OF_ONE_MOMENT = ("/api/v1/sync/snapshot",)


#: What a phone that was reported lost may still do: send what its worker wrote, before it wipes itself.
LAST_WORDS = (("POST", "/api/v1/sync/push"), ("PUT", "/api/v1/blobs/"))


def _sends(request: HttpRequest) -> bool:
    return any(request.method == method and request.path.startswith(path) for method, path in LAST_WORDS)


_CREATED = 201

#: Others are asked here, which takes seconds: the transaction in which the asker was known ends before, and the view opens its own.
ASKS_OTHERS = ("/api/v1/plants/identify",)


def _secret(request: HttpRequest) -> str:
    given = request.headers.get("Authorization", "")
    if given.startswith("Bearer "):
        # A token is sent on purpose, never by a browser alone: no forged form can carry it.
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # noqa: SLF001 - Django's own switch
        return given[7:].strip()
    return request.COOKIES.get("wangge_session", "")


def _leave_the_dead() -> None:
    """Closes a kept connection whose server has gone, so that this request opens another instead of failing.

    A connection at rest has nothing to say: what can be read from it is its end. Asking the server would cost a round trip.
    """
    kept = connection.connection
    if (
        kept is not None
        and not connection.in_atomic_block
        and (kept.closed or select([kept.fileno()], [], [], 0)[0])
    ):
        connection.close()


def enter(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """One transaction a request: the scope is set for it alone, and an answer of 400 or more leaves nothing behind,
    unless it says that it keeps what was written: that a file was read, that a password was wrong.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.viewer = None  # type: ignore[attr-defined]
        if settings.ENVIRONMENT.behind_proxy and (named := request.headers.get("X-Forwarded-For")):
            # What the proxy itself saw: it adds to the end. Else one bucket of the throttle would serve everybody.
            request.META["REMOTE_ADDR"] = named.rsplit(",", 1)[-1].strip()
        secret = _secret(request)
        if not secret or request.path in OUTSIDE or request.path.startswith(NOBODYS):
            return get_response(request)
        _leave_the_dead()
        begins = not connection.in_atomic_block
        with transaction.atomic():
            if begins and request.path in OF_ONE_MOMENT:
                with connection.cursor() as cursor:
                    cursor.execute("set transaction isolation level repeatable read")
            viewer = viewer_entering(secret, now=clock.now())
            if viewer is None and _sends(request):
                viewer = _with_last_words(request, secret)
            request.viewer = viewer  # type: ignore[attr-defined]
            request.sign_in = digest_of(secret)  # type: ignore[attr-defined]
            if viewer and viewer.language and "wangge_language" not in request.COOKIES:
                translation.activate(viewer.language)
            if request.path not in ASKS_OTHERS:
                return _answered(get_response, request)
        return get_response(request)

    return middleware


def _with_last_words(request: HttpRequest, secret: str) -> Viewer | None:
    """Whose lost phone this is, while it may send. What it brings is bounded: it may be in anybody's hands."""
    viewer = viewer_entering(secret, now=clock.now(), last_words=True)
    if viewer is None:
        return None
    lost = last_words_for(viewer, digest_of(secret))
    if lost is None:
        return None
    request.last_words = lost  # type: ignore[attr-defined]
    request.may_bring = lost.bytes_each  # type: ignore[attr-defined]
    return viewer


def _answered(get_response: Callable[[HttpRequest], HttpResponse], request: HttpRequest) -> HttpResponse:
    """Within the request's transaction: what was refused leaves nothing."""
    response = get_response(request)
    if response.status_code >= 400 and not keeps(response):
        transaction.set_rollback(True)
    elif (
        response.status_code == _CREATED
        and (lost := getattr(request, "last_words", None))
        and not note_brought(lost.device_id)
    ):
        # Others came at the same moment; sent again it is told that it is one too many.
        transaction.set_rollback(True)
        return problem_answer(NotNow())
    return response
