"""The request as pages and the interface get it."""

from typing import Any

from django.http import HttpRequest


class Asked(HttpRequest):
    """A request after `project.entrance`: `viewer` is an `access.Viewer`, or None for a page that needs no sign-in."""

    viewer: Any
