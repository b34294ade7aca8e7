"""Headers that every answer carries; scripts and styles come from our own files only."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Of other hosts only the one is asked that the settings name for the tiles under maps.
_TILES = f" {settings.BASEMAP.host}" if settings.BASEMAP.host else ""
_POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{_TILES}; media-src 'self' blob:; "
    f"connect-src 'self'{_TILES}; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "manifest-src 'self'"
)


def security_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        response.headers.setdefault(
            "Permissions-Policy", "geolocation=(self), camera=(self), microphone=(self)"
        )
        return response

    return middleware


def keep_stamped(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A static file asked for with the stamp of its content is never asked for again: changed, it has another address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if (
            request.path.startswith(settings.STATIC_URL)
            and "v" in request.GET
            and response.status_code == 200
        ):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    return middleware
