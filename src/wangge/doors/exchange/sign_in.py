"""Who asks the interface: the viewer that `project.entrance` found; a cookie's request must carry the CSRF token."""

from django.http import HttpRequest
from ninja.utils import check_csrf

from wangge.access import Viewer
from wangge.base.problems import NotAllowed, NotSignedIn


def signed_in(request: HttpRequest) -> Viewer:
    """Ninja's `auth`: gives the viewer, or NotSignedIn; NotAllowed for a form that another site made."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is None:
        raise NotSignedIn
    if (
        not request.headers.get("Authorization", "").startswith("Bearer ")
        and request.method not in ("GET", "HEAD", "OPTIONS")
        and check_csrf(request)
    ):
        raise NotAllowed
    return viewer
