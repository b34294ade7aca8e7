"""The queues of the account's own tier: a list with filters in the address, columns chosen, views kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from wangge.access import Verb, Viewer
from wangge.areas.queries import grids_in_place_of
from wangge.base import clock
from wangge.cases import queries
from wangge.cases.rules import BULK_STEPS, FILTERS, MOST_IN_BULK, USUAL_COLUMNS, tidy_columns
from wangge.doors.console import words
from wangge.doors.console.columns import COLUMNS, Column, Named, chosen, rows
from wangge.doors.console.live_maps import LiveMap
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.asking import RANGES, Asked, asked_of, names_filters
from wangge.doors.console.pages.shell import liked, present, screen
from wangge.doors.console.pages.typed import id_in
from wangge.staff import queries as staff

#: What stands above the list when its address asks for it.
PANELS = ("filters", "columns", "view", "file")
ROWS_ON_A_PAGE = 50
#: For who works through many at once: as many as one step takes.
MOST_ROWS_ON_A_PAGE = MOST_IN_BULK
#: Rows that may be fetched again at once.
MOST_FETCHED = 50
#: The verb that each step for many cases needs.
_BULK_VERBS = {
    "accept": Verb.CASE_ACCEPT,
    "dispatch": Verb.CASE_DISPATCH,
    "handle": Verb.CASE_HANDLE,
    "close": Verb.CASE_CLOSE,
}
#: What an empty queue says: why it is empty, and what to do next.
EMPTY: Mapping[str, str | Promise] = {
    "mine": gettext_lazy("Nothing waits for you. Look at what is due soon, or at all that is open."),
    "new": gettext_lazy("No new case. What is reported in your area appears here by itself."),
    "soon": gettext_lazy("No deadline is near. Overdue cases stand in their own queue."),
    "overdue": gettext_lazy("Nothing is overdue. What comes next stands under “Due soon”."),
    "handled": gettext_lazy(
        "Nothing waits to be verified. Handled cases appear here until somebody else has looked."
    ),
    "returned": gettext_lazy(
        "Nothing was returned. A case sent back comes here with the reason, to be given to another."
    ),
    "suspended": gettext_lazy("Nothing is suspended. A suspended case goes on by itself on its day."),
    "supervised": gettext_lazy(
        "Nothing is supervised. A lead puts a case here on its page, with “Supervise” (key p)."
    ),
    "open": gettext_lazy("No open case in your area. File one when somebody calls."),
    "closed": gettext_lazy("No case has been closed yet."),
}


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue as the list of queues shows it."""

    name: str
    count: int | None
    link: str


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter, and the address without it."""

    label: str
    value: str
    link: str


@require_safe
@screen
def queues(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """One queue's page, newest first; the numbers beside all of them count the same areas."""
    return queue_page(request, viewer, request.GET)


@require_safe
@screen
def fetch_rows(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The rows of these `ids`, as they are now, for the list whose filters stand beside them; nothing else of the page."""
    ids = [found for text in request.GET.get("ids", "").split(",")[:MOST_FETCHED] if (found := id_in(text))]
    asked = asked_of(request.GET, usual="open")
    cases = queries.cases_by_id(viewer, ids)
    fitting = queries.fitting_cases(viewer, asked.filters(clock.now()), cases)
    names = columns_of(liked(request, viewer), _view(queries.views(viewer), request.GET.get("view", "")))
    drawn = rows(
        cases, chosen(names), named(cases, names), tickable=bool(steps_for_many(viewer)), fitting=fitting
    )
    response = HttpResponse(f"<table><tbody>{drawn}</tbody></table>")
    response["Cache-Control"] = "no-store"
    return response


def _states(asked: Asked) -> list[str]:
    """In which states a case may stand in the list."""
    return [state for state in queries.QUEUES[asked.queue] if asked.state in ("", state)]


def queue_page(
    request: HttpRequest,
    viewer: Viewer,
    query: Mapping[str, str],
    *,
    said: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page for a query; `said` adds what a form that stands on it has to tell."""
    now = clock.now()
    counts = queries.queue_counts(viewer, asked_of(query, usual="open").area)
    asked = asked_of(query, usual=_usual_queue(counts, query))
    cursor = query.get("cursor") or None
    long = query.get("rows") == str(MOST_ROWS_ON_A_PAGE)
    page = queries.listed_page(
        viewer, asked.filters(now), cursor=cursor, limit=MOST_ROWS_ON_A_PAGE if long else ROWS_ON_A_PAGE
    )
    views = queries.views(viewer)
    view = _view(views, query.get("view", ""))
    likes = liked(request, viewer)
    names = columns_of(likes, view)
    columns = chosen(names)
    names_here = named(page.items, names)
    steps = steps_for_many(viewer)
    panel = query.get("panel", "") if query.get("panel") in PANELS else ""
    same = asked.query() + (f"&view={view.id}" if view else "")
    longer = f"{same}&rows={MOST_ROWS_ON_A_PAGE}"
    here = longer if long else same
    facts = {
        "section": "console:queues",
        "asked": asked,
        "here": here,
        "queues": _queues(asked, counts),
        "own_counts": not asked.area,
        "found": _found(asked, counts, len(page.items), more=bool(cursor or page.next)),
        "chips": _chips(viewer, asked, names_here),
        "quick": [(code, label, asked.query(days="" if asked.days == code else code, since="", until="")) for code, label in RANGES.items()],
        "columns": columns,
        "rows": rows(page.items, columns, names_here, tickable=bool(steps)),
        "any": bool(page.items),
        "steps": steps,
        "states": " ".join(_states(asked)),
        "cursor": cursor,
        "other_length": (same, ROWS_ON_A_PAGE) if long else (longer, MOST_ROWS_ON_A_PAGE) if page.next else None,
        "next_page": page.next and f"{here}&{urlencode({'cursor': page.next})}",
        "views": [(each, each.account_id == viewer.account_id) for each in views],
        "view": view,
        "own_view": view if view and view.account_id == viewer.account_id else None,
        "map": _map(viewer, asked) if likes.get("layout") == "split" else None,
        "empty": EMPTY[asked.queue],
        "instead": _(", ").join(grid.name for grid in grids_in_place_of(asked.area)) if asked.area else "",
        "may_report": viewer.may_anywhere(Verb.CASE_REPORT),
        "may_share": bool(queries.sharing_place(viewer)),
        "panel": panel,
        **(_panel(viewer, panel, asked, names)),
        **(said or {}),
    }  # fmt: skip
    facts["area_name"] = next((chip.value for chip in facts["chips"] if chip.label == _("Area")), "")
    return present(request, "console/queues.html", facts, status=status)


def _map(viewer: Viewer, asked: Asked) -> LiveMap:
    """The area of the list, with its cases as the same filters let them through."""
    seat = viewer.first_seat
    code = asked.area or (seat.path.rsplit(".", 1)[-1] if seat else "")
    drawn = lookups.map_of_area(code) if code else None
    return LiveMap(drawn, area=asked.area, cases=asked.query(), name=_("Map of areas and cases"))


def columns_of(likes: Mapping[str, Any], view: Any) -> list[str]:
    """The names of the columns: the view's, else those that the person chose, else the usual ones."""
    if view and view.columns:
        return tidy_columns(view.columns)
    mine = likes.get("columns")
    return tidy_columns(mine) if isinstance(mine, list) and mine else list(USUAL_COLUMNS)


def named(cases: Sequence[Any], names: Iterable[str]) -> Named:
    """The names that these columns of these cases need, each kind fetched at once."""
    wanted = set(names)
    codes = {code for case in cases for code in case.path.split(".")[1:]} if "place" in wanted else set()
    if "holder" in wanted:
        codes |= {case.holder_path.rsplit(".", 1)[-1] for case in cases}
    hands = "hands" in wanted
    return Named(
        now=clock.now(),
        items=lookups.item_names(case.item_version_id for case in cases)
        if wanted & {"title", "item"}
        else {},
        areas=lookups.area_names(codes) if codes else {},
        departments=lookups.department_names() if hands else {},
        people=staff.names_of({case.handler_id for case in cases} - {None}) if hands else {},
    )


def steps_for_many(viewer: Viewer) -> list[str]:
    """The steps that the viewer may take on many cases somewhere."""
    return [step for step in BULK_STEPS if viewer.may_anywhere(_BULK_VERBS[step])]


def _usual_queue(counts: Mapping[str, int], query: Mapping[str, str]) -> str:
    """Without a wish: what waits for oneself, and when nothing does, all that is open."""
    return "mine" if counts.get("mine") and not names_filters(query) else "open"


def _queues(asked: Asked, counts: Mapping[str, int]) -> list[Queue]:
    return [Queue(name, counts.get(name), asked.query(queue=name)) for name in words.QUEUES]


def _found(asked: Asked, counts: Mapping[str, int], on_page: int, *, more: bool) -> int | None:
    """How many there are, when that is known without counting."""
    if not more:
        return on_page
    return None if asked.narrowed_in_place else counts.get(asked.queue)


def _chips(viewer: Viewer, asked: Asked, known: Named) -> list[Chip]:
    told: dict[str, tuple[str, str]] = {}
    if asked.area:
        name = known.areas.get(asked.area) or lookups.area_names([asked.area]).get(asked.area, asked.area)
        told["area"] = (_("Area"), name)
    if asked.item:
        told["item"] = (_("Work item"), lookups.name_of_item(viewer, asked.item))
    labels: dict[str, tuple[str, Mapping[str, Any]]] = {
        "state": (_("State"), words.STATES),
        "business": (_("Business"), words.BUSINESSES),
        "urgency": (_("Urgency"), words.URGENCIES),
        "late": (_("Deadline"), words.LATE),
        "days": (_("Reported"), RANGES),
    }
    for name, (label, values) in labels.items():
        if code := getattr(asked, name):
            told[name] = (label, words.label(values, code))
    if asked.supervised:
        told["supervised"] = (_("Supervised"), pgettext("filter", "yes"))
    for name, label in (("since", _("From")), ("until", _("Up to")), ("text", _("Words"))):
        if value := getattr(asked, name):
            told[name] = (label, value)
    return [Chip(*told[name], asked.query(**{name: ""})) for name in FILTERS if name in told]


def _view(views: Iterable[Any], given: str) -> Any:
    return next((view for view in views if str(view.id) == given), None)


def _panel(viewer: Viewer, panel: str, asked: Asked, names: list[str]) -> dict[str, Any]:
    """What the open panel offers; looked up only then."""
    if panel == "filters":
        return {
            "areas": lookups.areas_around(viewer, asked.area),
            "items": lookups.item_choices(viewer),
            "states": words.STATES,
            "businesses": words.BUSINESSES,
            "urgencies": words.URGENCIES,
        }
    if panel == "columns":
        others = [name for name in COLUMNS if name not in names]
        return {"offered": [(COLUMNS[name], name in names) for name in [*names, *others]]}
    return {}


def columns_named(columns: Iterable[Column]) -> list[str]:
    return [str(column.filed or column.label) for column in columns]
