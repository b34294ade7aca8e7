"""Which language an answer speaks: the one switched to, else for programs the one they ask for, else Chinese."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers


def _wanted(request: HttpRequest) -> str:
    """Browsers are not asked for their own language: a desk's machine set up in English still serves a Chinese office."""
    switched = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if switched in dict(settings.LANGUAGES):
        return switched
    if request.path.startswith("/api/"):
        return translation.get_language_from_request(request)
    return settings.LANGUAGE_CODE


def speak(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        translation.activate(_wanted(request))
        request.LANGUAGE_CODE = translation.get_language()
        response = get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        patch_vary_headers(
            response, ("Cookie", "Accept-Language") if request.path.startswith("/api/") else ("Cookie",)
        )
        return response

    return middleware
