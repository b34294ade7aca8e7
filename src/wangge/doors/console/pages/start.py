"""The first day: areas, people, catalogue, and the desk is open; each step as the database has it, its form in place."""

import csv
import io
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from wangge.access import Verb, Viewer
from wangge.areas import actions as areas_actions
from wangge.areas import queries as areas
from wangge.base import clock
from wangge.base.problems import Invalid, NotAllowed, NotFound, Problem
from wangge.catalogue import actions as catalogue_actions
from wangge.catalogue import queries as catalogue
from wangge.catalogue.rules import COLUMN_TITLES
from wangge.doors.console import words
from wangge.doors.console.pages.reach import reach
from wangge.doors.console.pages.shell import asked, present, screen
from wangge.doors.console.pages.typed import day_of, today, trouble, uploaded
from wangge.households.queries import whole_of
from wangge.staff import actions as staff_actions
from wangge.staff import queries as staff
from wangge.visits.queries import lying_elsewhere

#: So many places that nobody would hear from are listed; the count is of all.
_MOST_GAPS = 40


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def start(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The steps with how far each is; a file that was sent is taken in first and reported here."""
    if not viewer.may_anywhere(Verb.AREA_CHANGE):
        raise NotAllowed
    more = _taken(request, viewer, request.POST.get("what", "")) if request.method == "POST" else {}
    facts = {
        "section": "console:start",
        **_state(viewer),
        **(_reach(viewer) if asked(request, "check", 1) else {}),
        "datums": words.DATUMS,
        "today": today(),
        **more,
    }
    return present(request, "console/start.html", facts, status=more.get("status", 200))


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def take_file(request: HttpRequest, viewer: Viewer, what: str) -> HttpResponse:
    """One kind of file taken in, by itself: what an administrator does on later days."""
    needed = {"areas": Verb.AREA_CHANGE, "people": Verb.STAFF_CHANGE}.get(what)
    if needed is None:
        raise NotFound
    if not viewer.may_anywhere(needed):
        raise NotAllowed
    more = _taken(request, viewer, what) if request.method == "POST" else {}
    facts = {
        "section": f"console:{what}",
        "what": what,
        "datums": words.DATUMS,
        "today": today(),
        **more,
    }
    return present(request, "console/take_file.html", facts, status=more.get("status", 200))


def _taken(request: HttpRequest, viewer: Viewer, what: str) -> dict[str, Any]:
    """What came of a file: the report, or what is wrong with it; all of it was taken in or nothing."""
    try:
        with transaction.atomic():
            report = _TAKE[what](request, viewer)
            return {"sent": what, "report": report, **(_moved_by(viewer, report) if what == "areas" else {})}
    except KeyError:
        raise NotFound from None
    except Problem as problem:
        return {"sent": what, **trouble(problem), "status": problem.status}


def _take_areas(request: HttpRequest, viewer: Viewer) -> Any:
    datum = request.POST.get("datum", "wgs84")
    if datum not in words.DATUMS:
        raise Invalid(field="datum", expected=", ".join(words.DATUMS))
    with uploaded(request) as path:
        return areas_actions.import_areas(
            viewer,
            path,
            now=clock.now(),
            valid_from=day_of(request.POST, "valid_from", today()),
            datum=datum,  # type: ignore[arg-type] # looked up among the datums above
        )


def _moved_by(viewer: Viewer, report: Any) -> dict[str, Any]:
    """What is kept under another grid than it lies in since the file was taken in, for whoever may move it."""
    if not report.within or not viewer.may(Verb.AREA_CHANGE, whole_of(areas.area_by_code(report.within))):
        return {}
    return {"elsewhere": lying_elsewhere(viewer, report.within, now=clock.now())}


def _take_people(request: HttpRequest, viewer: Viewer) -> Any:
    with uploaded(request) as path:
        return staff_actions.import_staff(viewer, path, now=clock.now())


def _take_items(request: HttpRequest, viewer: Viewer) -> Any:
    with uploaded(request) as path:
        return catalogue_actions.import_items(viewer, source=path, reason=path.name, now=clock.now())


def _take_sample(_request: HttpRequest, viewer: Viewer) -> Any:
    return catalogue_actions.load_sample_catalogue(viewer, now=clock.now())


_TAKE: dict[str, Callable[[HttpRequest, Viewer], Any]] = {
    "areas": _take_areas,
    "people": _take_people,
    "items": _take_items,
    "sample": _take_sample,
}


def _state(viewer: Viewer) -> dict[str, Any]:
    """How far each step is."""
    levels = areas.bounded_counts()
    accounts, able, posts = staff.counted_staff(viewer)
    seat = next((seat for seat in viewer.seats if Verb.AREA_CHANGE in seat.verbs), None)
    code = seat.path.rsplit(".", 1)[-1] if seat else ""
    standing = staff.staffing(viewer, code, today=today()).total if code else None
    admitted = catalogue.admitted_count()
    return {
        "levels": [(level, *counts) for level, counts in levels.items()],
        "has_areas": sum(count for count, _bounded in levels.values()) > 1,
        "unbounded": sum(count - bounded for count, bounded in levels.values()),
        "area": code,
        "accounts": accounts,
        "able": able,
        "unable": accounts - able,
        "open_posts": posts,
        "has_people": accounts > 1,
        "standing": standing,
        "kinds": len(staff.post_kinds()),
        "admitted": admitted,
        "may_admit": viewer.may_anywhere(Verb.ITEM_ADMIT),
        "may_appoint": viewer.may_anywhere(Verb.STAFF_CHANGE),
        "proposed": len(catalogue.items(viewer, state="proposed"))
        + len(catalogue.items(viewer, state="reviewed")),
        "ready": accounts > 1 and admitted > 0,
    }


def _reach(viewer: Viewer) -> dict[str, Any]:
    """The routing check, area by area."""
    versions = catalogue.current_items()
    found = reach(viewer, versions, now=clock.now(), apart=True, most=_MOST_GAPS)
    return {
        "checked": True,
        "checked_well": bool(versions) and not found.gaps,
        "items_checked": len(versions),
        "reach": found,
    }


@require_safe
@screen
def template(request: HttpRequest, viewer: Viewer, name: str) -> HttpResponse:  # noqa: ARG001 - everyone signed in may have it
    """An empty table with its headers and one line that is marked as an example, and is refused until it is removed."""
    if name not in _TEMPLATES:
        raise NotFound
    rows = _TEMPLATES[name]()
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    # The mark tells spreadsheet programs that it is UTF-8.
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _in_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _areas_template() -> list[list[str]]:
    if _in_chinese():
        return [
            ["代码", "名称", "上级代码", "城乡分类", "类型", "启用日期"],
            ["示例,请删除本行:320703003002", "荷花社区", "320703003000", "111", "", "2026-01-01"],
        ]
    return [
        ["code", "name", "parent", "urban_rural_class", "kind", "valid_from"],
        [
            "EXAMPLE, remove this line: 320703003002",
            "Hehua community",
            "320703003000",
            "111",
            "",
            "2026-01-01",
        ],
    ]


def _people_template() -> list[list[str]]:
    if _in_chinese():
        return [
            ["姓名", "账号", "岗位", "区划代码", "部门", "专职兼职", "起始日期", "截止日期"],
            ["王芳", "示例,请删除本行:wang.fang", "网格员", "3207030030021001", "", "专职", "2026-01-01", ""],
        ]
    return [
        ["name", "username", "post", "area", "department", "part", "from", "to"],
        [
            "Wang Fang",
            "EXAMPLE, remove: wang.fang",
            "Grid worker",
            "3207030030021001",
            "",
            "full time",
            "2026-01-01",
            "",
        ],
    ]


def _items_template() -> list[list[str]]:
    titles = [title for title in COLUMN_TITLES if title.isascii() != _in_chinese()]
    text = (files("wangge.catalogue") / "data" / "items.csv").read_text("utf-8")
    shipped = next(csv.DictReader(text.splitlines()))
    example = [shipped[COLUMN_TITLES[title]] for title in titles]
    example[titles.index(next(title for title in titles if COLUMN_TITLES[title] == "code"))] = (
        "示例,请删除本行" if _in_chinese() else "EXAMPLE, remove this line"
    )
    return [titles, example]


_TEMPLATES: dict[str, Callable[[], list[list[str]]]] = {
    "areas": _areas_template,
    "people": _people_template,
    "items": _items_template,
}
