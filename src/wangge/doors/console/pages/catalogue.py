"""The catalogue: what may enter the grid, what each item costs and asks, and how it came to be admitted."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wangge.access import Viewer
from wangge.base.text import clean_line
from wangge.catalogue import queries
from wangge.catalogue.lifecycle import STATES
from wangge.doors.console import timeline
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.shell import asked, present, screen
from wangge.doors.console.words import BUSINESSES


@require_safe
@screen
def catalogue(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All items by group, narrowed by business, state and words in the address."""
    business, state = asked(request, "business", 20), asked(request, "state", 20)
    text = asked(request, "text", 100)
    items = queries.items(
        viewer,
        business=business if business in BUSINESSES else "",
        state=state if state in STATES else "",
        text=text,
    )
    facts = {
        "section": "console:catalogue",
        "found": items,
        "business": business,
        "state": state,
        "text": text,
        "filtered": bool(business or state or text),
        "businesses": BUSINESSES,
        "states": STATES,
        "burden": queries.burden(),
    }
    return present(request, "console/catalogue.html", facts)


@require_safe
@screen
def item(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """One item: all its versions and the story of its admission."""
    history = queries.item_history(viewer, clean_line(code, limit=20, name="item"))
    codes = timeline.codes_in(history.entries)
    facts = {
        "section": "console:catalogue",
        "history": history,
        "version": history.versions[0],
        "timeline": timeline.lines(history.entries, lookups.names(codes, history.entries, {})),
    }
    return present(request, "console/item.html", facts)
