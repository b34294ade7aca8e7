"""The tree of areas, and one area: what lies below it, who works there, what it was before, and its changes."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from wangge.access import Verb, Viewer
from wangge.access.viewer import LEVELS
from wangge.areas import actions, queries
from wangge.areas.rules import outline_in
from wangge.base import clock
from wangge.base.problems import Invalid, NotAllowed, Problem
from wangge.base.text import clean_line
from wangge.doors.console import words
from wangge.doors.console.live_maps import LiveMap
from wangge.doors.console.pages import lookups, outlines
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import asked, present, screen
from wangge.doors.console.pages.typed import day_of, line_of, lines_of, today, trouble, uploaded, whole_in
from wangge.households.queries import compounds_of
from wangge.journal import queries as journal
from wangge.plans.queries.plans import plans
from wangge.staff import queries as staff
from wangge.visits.queries import lying_elsewhere

#: So many vacancies stand on an area's own page; their page shows all.
_MOST_VACANCIES = 8
#: Estates and villages stand on the pages of the levels that know them.
_WITH_COMPOUNDS = ("township", "community", "grid")
_MOST_COMPOUNDS = 60
#: Of one area, what was done by whom is looked for among so many entries.
_MOST_ENTRIES = 400
#: An outline that is pasted has at most so many characters: some 200,000 points.
_MOST_PASTED = 8_000_000


@require_safe
@screen
def areas(request: HttpRequest, viewer: Viewer, code: str = "") -> HttpResponse:
    """One area with those right below it; without a code, the area of the viewer's own highest seat."""
    seat = viewer.first_seat
    roots = queries.roots()
    if not roots:
        return present(request, "console/areas_none.html", {"section": "console:areas"})
    area = queries.area_by_code(
        clean_line(code, limit=40, name="area") or (seat.path.rsplit(".", 1)[-1] if seat else roots[0].code)
    )
    facts: dict[str, Any] = {
        **frame(request, viewer, area, "console:area"),
        **_below(request, viewer, area),
        "map": _map_of(area),
        "compounds": compounds_of(area.code, limit=_MOST_COMPOUNDS + 1)
        if area.level in _WITH_COMPOUNDS
        else [],
        "most_compounds": _MOST_COMPOUNDS,
        **(_lineage(viewer, area.code) if area.level == "grid" else {}),
    }
    if viewer.may(Verb.FIGURES_READ, area.path):
        vacant = staff.vacancies(viewer, area.code, today=today(), limit=_MOST_VACANCIES)
        facts |= {
            "vacancies": vacant.items,
            "more_vacancies": vacant.next is not None,
            "posts": lookups.post_names(),
        }
    return present(request, "console/areas.html", facts)


def _lineage(viewer: Viewer, code: str) -> dict[str, Any]:
    """From and to which grids its households went, with the plans that the viewer may see: applied, or undone, at that moment."""
    lineage = queries.lineages_of([code])[code]
    if not lineage.any:
        return {}
    plans_at = {plan.applied_at: plan for plan in plans(viewer, state="applied")}
    if lineage.back_to:
        plans_at |= {plan.undone_at: plan for plan in plans(viewer, state="undone")}
    return {"lineage": lineage, "plans_at": plans_at}


def _map_of(area: Any) -> LiveMap | None:
    """The area and what lies in it; a click on an area goes to its page."""
    drawn = lookups.map_of_area(area.code)
    return LiveMap(drawn, area=area.code, select=True, name=area.name) if drawn else None


@require_safe
@screen
def parts(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Only the list of what lies below an area, for the tree that grows where it is opened."""
    area = queries.area_by_code(clean_line(code, limit=40, name="area"))
    return present(
        request, "console/area_parts.html", {"area": area, "inside": True, **_below(request, viewer, area)}
    )


def frame(request: HttpRequest, viewer: Viewer, area: Any, tab: str) -> dict[str, Any]:
    """What the pages of one area have in common: its name, what lies above, and the other pages."""
    standing = area.valid_to is None
    shown = viewer.may(Verb.FIGURES_READ, area.path)
    done = asked(request, "done", 12)
    return {
        "section": "console:areas",
        "area": area,
        "above": queries.ancestors(area.path)[:-1],
        "tab": tab,
        "tabs": [
            ("console:area", _("Overview"), ""),
            *([("console:area-staff", _("Posts and people"), "p")] if shown else []),
            *([("console:area-history", _("History"), "h")] if shown else []),
            *(
                [("console:area-change", _("Change"), "e")]
                if standing and viewer.may(Verb.AREA_CHANGE, area.path)
                else []
            ),
        ],
        "may_change": standing and viewer.may(Verb.AREA_CHANGE, area.path),
        "may_appoint": standing and viewer.may(Verb.STAFF_CHANGE, area.path),
        "done": done if done in words.CHANGED else "",
    }


def _below(request: HttpRequest, viewer: Viewer, area: Any) -> dict[str, Any]:
    """A page of what lies right below, with how each is staffed for those whose areas these are."""
    page = queries.parts(viewer, area.code, cursor=request.GET.get("cursor") or None)
    facts: dict[str, Any] = {"parts": page, "paged": bool(request.GET.get("cursor"))}
    if viewer.may(Verb.FIGURES_READ, area.path):
        figures = staff.staffing(viewer, area.code, today=today())
        facts |= {"staffing": figures, "standing_below": figures.below}
    return facts


@require_safe
@screen
def area_staff(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """The posts of an area with who holds them, who is away and who stands in; with `below`, of all below it too."""
    area = queries.area_by_code(clean_line(code, limit=40, name="area"))
    return staff_page(request, viewer, area, {})


def staff_page(
    request: HttpRequest, viewer: Viewer, area: Any, more: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The posts of an area; `more` is what a form on it says that was not taken."""
    below = asked(request, "below", 1) == "1"
    figures = staff.staffing(viewer, area.code, today=today())
    names = lookups.post_names()
    facts = {
        **frame(request, viewer, area, "console:area-staff"),
        "staffing": figures,
        "kinds": [
            (level, names.get(kind, kind), kind, standing)
            for (level, kind), standing in sorted(
                figures.kinds.items(), key=lambda each: (LEVELS.index(each[0][0]), each[0][1])
            )
        ],
        "below": below,
        "page": staff.posts_held(
            viewer, area.code, today=today(), below=below, cursor=request.GET.get("cursor") or None
        ),
        "post_kinds": staff.post_kinds(),
        "departments": staff.departments(),
        "today": today(),
        **more,
    }
    return present(request, "console/area_staff.html", facts, status=status)


@require_safe
@screen
def area_history(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """What changed when, by whom and why; with `version`, the boundary of then drawn over that of now."""
    area = queries.area_by_code(clean_line(code, limit=40, name="area"))
    changes = queries.changes_of(viewer, area)
    told = {}
    if viewer.may(Verb.JOURNAL_READ, area.path):
        entries = journal.entries_of(viewer, f"area:{area.code}", limit=_MOST_ENTRIES)
        told = {entry.at: entry for entry in entries if entry.verb.startswith("area")}
    people = staff.names_of(entry.actor_id for entry in told.values())
    number = whole_in(asked(request, "version", 18))
    then = queries.version_of(viewer, area, number) if number is not None else None
    facts = {
        **frame(request, viewer, area, "console:area-history"),
        "changes": [
            (
                change,
                told.get(change.recorded_at),
                people.get(getattr(told.get(change.recorded_at), "actor_id", 0), ""),
            )
            for change in changes
        ],
        "then": then,
        "map": outlines.map_of_then(area, then) if then else None,
    }
    return present(request, "console/area_history.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def area_change(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Another name or class for an area, or its end, from a day and for a reason."""
    area = queries.area_by_code(clean_line(code, limit=40, name="area"))
    if not viewer.may(Verb.AREA_CHANGE, area.path):
        raise NotAllowed
    more: dict[str, Any] = {}
    if request.method == "POST":
        try:
            return _changed(request, viewer, area)
        except Problem as problem:
            more = {**trouble(problem), "status": problem.status, "sent": request.POST.get("what", "")}
    facts = {
        **frame(request, viewer, queries.area_by_code(area.code), "console:area-change"),
        "classes": words.URBAN_RURAL,
        "datums": words.DATUMS,
        "today": today(),
        "typed": request.POST,
        **more,
    }
    return present(request, "console/area_change.html", facts, status=more.get("status", 200))


def _changed(request: HttpRequest, viewer: Viewer, area: Any) -> HttpResponse:
    typed = request.POST
    common: dict[str, Any] = {
        "now": clock.now(),
        "on": day_of(typed, "on", today()),
        "reason": lines_of(typed, "reason", 400),
    }
    with transaction.atomic():
        if typed.get("what") == "end":
            actions.end_area(viewer, area.code, **common)
            return HttpResponseRedirect(f"{resolve_url('console:area', area.code)}?done=ended")
        actions.change_area(
            viewer,
            area.code,
            name=line_of(typed, "name", 200),
            urban_rural_class=line_of(typed, "urban_rural_class", 3),
            **common,
        )
    return HttpResponseRedirect(f"{resolve_url('console:area', area.code)}?done=changed")


@sent_from("console:area-change", "code")
@screen
def area_boundary(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """An outline from a file or pasted: first drawn with what it overlaps and leaves open, set when it is confirmed."""
    area = queries.area_by_code(clean_line(code, limit=40, name="area"))
    if not viewer.may(Verb.AREA_CHANGE, area.path):
        raise NotAllowed
    typed = request.POST
    facts: dict[str, Any] = {
        **frame(request, viewer, area, "console:area-change"),
        "datums": words.DATUMS,
        "today": today(),
        "typed": typed,
    }
    try:
        text, datum = _outline_text(request), _datum(typed)
        preview = queries.boundary_preview(viewer, area.code, outline_in(text, area.code), datum)
        if "set" in typed:
            with transaction.atomic():
                actions.set_boundary(
                    viewer,
                    area.code,
                    preview.shape.boundary,
                    now=clock.now(),
                    on=day_of(typed, "on", today()),
                    reason=lines_of(typed, "reason", 400),
                )
                after = "area-homes" if lying_elsewhere(viewer, area.code, now=clock.now()) else "area"
            return HttpResponseRedirect(f"{resolve_url(f'console:{after}', area.code)}?done=bounded")
    except Problem as problem:
        facts |= {**trouble(problem), "sent": "boundary", "classes": words.URBAN_RURAL}
        return present(request, "console/area_change.html", facts, status=problem.status)
    facts |= outlines.preview_facts(preview)
    return present(request, "console/area_boundary.html", facts)


def _outline_text(request: HttpRequest) -> str:
    """The text of the file, else what was pasted."""
    if "file" in request.FILES:
        with uploaded(request) as path:
            try:
                return path.read_text("utf-8-sig")
            except UnicodeDecodeError:
                raise Invalid(field="file", expected=_TELL["utf8"]) from None
    text = request.POST.get("boundary", "").strip()
    if not text or len(text) > _MOST_PASTED:
        raise Invalid(field="boundary", expected=_TELL["outline"])
    return text


def _datum(typed: Any) -> Any:
    datum = typed.get("datum", "wgs84")
    if datum not in words.DATUMS:
        raise Invalid(field="datum", expected=", ".join(words.DATUMS))
    return datum


_TELL = {
    "utf8": gettext_noop("GeoJSON in UTF-8"),
    "outline": gettext_noop("choose a file, or paste GeoJSON of at most 8 million characters"),
}
