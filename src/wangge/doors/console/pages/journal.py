"""The journal of the viewer's areas: who did what to what, newest first, narrowed in the address."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wangge.access import Verb, Viewer
from wangge.access.viewer import lies_in
from wangge.areas import queries as areas
from wangge.base.calendar import SHANGHAI
from wangge.base.paging import decode_cursor, encode_cursor
from wangge.base.problems import NotAllowed, NotFound
from wangge.cases import queries as cases
from wangge.doors.console import timeline, words
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.shell import asked, present, screen
from wangge.journal.queries import Wanted, latest_entries
from wangge.staff import queries as staff

_PAGE = 50
#: So many people may bear the name that was typed; who means one of more says more of the name.
_MOST_PEOPLE = 50
_FIELDS = ("area", "verb", "who", "about", "since", "until")


@require_safe
@screen
def journal(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Entries within the areas over which the viewer may read the journal."""
    own = sorted(
        {seat.path for seat in viewer.seats if Verb.JOURNAL_READ in seat.verbs and not seat.department}
    )
    if not own:
        raise NotAllowed
    typed = {name: asked(request, name, 60) for name in _FIELDS}
    wanted, unknown = _wanted(viewer, own, typed)
    cursor = request.GET.get("cursor")
    entries = [] if unknown else latest_entries(viewer, wanted, before=_key(cursor), limit=_PAGE + 1)
    shown = entries[:_PAGE]
    names = lookups.names(timeline.codes_in(shown), shown, {})
    facts = {
        "section": "console:journal",
        "rows": list(zip(shown, timeline.lines(shown, names), strict=True)),
        "names": lookups.area_names(entry.area_id for entry in shown),
        "typed": typed,
        "unknown": unknown,
        "filtered": any(typed.values()),
        "areas": [area for area in lookups.areas_to_choose(viewer) if _below(area.path, own)],
        "kinds": _kinds(),
        "cursor": cursor,
        "next_page": _next_page(request, shown[-1]) if len(entries) > _PAGE else "",
    }
    return present(request, "console/journal.html", facts)


def _wanted(viewer: Viewer, own: list[str], typed: dict[str, str]) -> tuple[Wanted, str]:
    """What is asked for, and the name of a field whose words point to nothing that there is."""
    paths, unknown = own, ""
    if typed["area"]:
        path = areas.area_by_code(typed["area"]).path
        paths = [path] if _below(path, own) else [each for each in own if lies_in(each, path)]
        if not paths:
            raise NotAllowed
    actors = None
    if typed["who"]:
        actors = tuple(staff.accounts_named(viewer, typed["who"], limit=_MOST_PEOPLE))
        unknown = unknown if actors else "who"
    subject = _subject(viewer, typed["about"])
    if typed["about"] and not subject:
        unknown = "about"
    return (
        Wanted(
            paths=tuple(paths),
            verb=typed["verb"],
            actors=actors,
            subject=subject,
            since=_morning(typed["since"]),
            until=_morning(typed["until"], later=1),
        ),
        unknown,
    )


def _subject(viewer: Viewer, about: str) -> str:
    """A case's number, an area's or item's code as the journal names it; what has a colon is taken as it stands."""
    if not about or ":" in about:
        return about
    try:
        return cases.case_by_number(viewer, about).subject
    except NotFound:
        pass
    if about.isdigit():
        return f"area:{about}"
    return f"item:{about.upper()}" if "-" in about and len(about) < 10 else ""


def _below(path: str, own: list[str]) -> bool:
    return any(lies_in(path, each) for each in own)


def _morning(day: str, *, later: int = 0) -> datetime | None:
    """The beginning of a day in China, or of one so many days later; None for what is no day."""
    try:
        on = date.fromisoformat(day) + timedelta(days=later)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(on, time(), SHANGHAI)


def _kinds() -> list[tuple[str, list[tuple[str, Any]]]]:
    """The journal's verbs under their nouns, for a list to choose from."""
    nouns: dict[str, list[tuple[str, Any]]] = {}
    for verb, label in words.VERBS.items():
        nouns.setdefault(verb.partition(".")[0], []).append((verb, label))
    return list(nouns.items())


def _key(cursor: str | None) -> tuple[datetime, int] | None:
    if not cursor:
        return None
    at, entry_id = decode_cursor(cursor, datetime, int)
    return (at, entry_id) if isinstance(at, datetime) and isinstance(entry_id, int) else None


def _next_page(request: HttpRequest, last: Any) -> str:
    query = request.GET.copy()
    query["cursor"] = encode_cursor((last.at, last.id))
    return f"?{query.urlencode()}"
