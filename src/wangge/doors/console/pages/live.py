"""The stream of what others do, and the same for a browser that gets no stream: it asks now and then."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from wangge.access import Viewer
from wangge.cases.queries import queue_counts
from wangge.doors.console.live import HUB, Desk, Full
from wangge.doors.console.live.asking import Standing, standing_since
from wangge.doors.console.pages.typed import whole_in

#: How long a browser that gets no stream waits before it asks for one again.
RETRY_SECONDS = 120


class DeskStream:
    """What a server iterates. One that can carry streams without a thread for each takes the desk out of it."""

    def __init__(self, desk: Desk) -> None:
        self.desk: Desk | None = desk

    def take(self) -> Desk | None:
        desk, self.desk = self.desk, None
        return desk

    def __iter__(self) -> Any:
        return iter(self.desk or ())

    def close(self) -> None:
        if desk := self.take():
            HUB.leave(desk)


@require_safe
def live(request: HttpRequest) -> HttpResponseBase:
    """Events for as long as the desk is open, or with `?ask` one answer in JSON. 401 without a sign-in, 503 when all streams
    are taken.
    """
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is None:
        return _plain(HTTPStatus.UNAUTHORIZED)
    since = whole_in(request.headers.get("Last-Event-ID") or request.GET.get("since", ""))
    if "ask" in request.GET:
        return _answer(viewer, standing_since(viewer, since))
    try:
        desk = HUB.join(viewer, request.sign_in, since)  # type: ignore[attr-defined] # the entrance sets it
    except Full:
        refused = _plain(HTTPStatus.SERVICE_UNAVAILABLE)
        refused["Retry-After"] = str(RETRY_SECONDS)
        return refused
    stream = DeskStream(desk)
    response = StreamingHttpResponse(stream, content_type="text/event-stream; charset=utf-8")
    response.live = stream  # type: ignore[attr-defined] # for `project/rsgi.py`
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    response["Content-Encoding"] = "identity"  # else it would be gathered to be compressed
    return response


def _answer(viewer: Viewer, standing: Standing) -> HttpResponse:
    response = JsonResponse(
        {
            "since": standing.since,
            "missed": standing.missed,
            "queues": queue_counts(viewer),
            "cases": [news.told() for news in standing.news],
        }
    )
    response["Cache-Control"] = "no-store"
    return response


def _plain(status: HTTPStatus) -> HttpResponse:
    response = HttpResponse(status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response
