"""The journal of the viewer's areas: who did what to what, newest first."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wangge.access import Verb, Viewer
from wangge.base.paging import decode_cursor, encode_cursor
from wangge.base.problems import NotAllowed
from wangge.doors.console import timeline
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.shell import asked, present, screen
from wangge.journal.queries import latest_entries

_PAGE = 50


@require_safe
@screen
def journal(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Entries within the areas over which the viewer may read the journal."""
    paths = sorted(
        {seat.path for seat in viewer.seats if Verb.JOURNAL_READ in seat.verbs and not seat.department}
    )
    if not paths:
        raise NotAllowed
    verb = asked(request, "verb", 60)
    cursor = request.GET.get("cursor")
    before = decode_cursor(cursor, int)[0] if cursor else None
    entries = latest_entries(
        viewer, paths, verb=verb, before=before if isinstance(before, int) else None, limit=_PAGE + 1
    )
    shown = entries[:_PAGE]
    query = request.GET.copy()
    if len(entries) > _PAGE:
        query["cursor"] = encode_cursor((shown[-1].id,))
    facts = {
        "section": "console:journal",
        "rows": list(
            zip(shown, timeline.lines(shown, lookups.names(timeline.codes_in(shown), shown, {})), strict=True)
        ),
        "areas": lookups.area_names(entry.area_id for entry in shown),
        "verb": verb,
        "cursor": cursor,
        "next_page": f"?{query.urlencode()}" if len(entries) > _PAGE else "",
    }
    return present(request, "console/journal.html", facts)
