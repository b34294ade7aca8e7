"""One field for everything: cases by words or number, areas, work items, people, the places of the navigation."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wangge.access import Verb, Viewer
from wangge.areas.queries import areas_named
from wangge.areas.queries.outlines import area_names
from wangge.cases.queries import CaseFilter, case_page, views
from wangge.catalogue.queries import items
from wangge.doors.console import words
from wangge.doors.console.pages.lookups import language
from wangge.doors.console.pages.shell import asked, places_of, present, screen
from wangge.staff.queries import accounts

_MOST = 6


@dataclass(frozen=True, slots=True)
class Found:
    """Something to go to; `aside` says which of several with the same name it is. `words` go along, but not in the address:
    what a caller says stands in no log.
    """

    link: str
    label: str
    aside: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    found: list[Found]


@require_safe
@screen
def palette(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What the words find; `part=found` is the list alone, for the palette that lies over a page."""
    text = asked(request, "q", 100)
    groups = [group for group in _groups(viewer, text) if group.found]
    template = "console/palette_found.html" if request.GET.get("part") == "found" else "console/palette.html"
    return present(request, template, {"q": text, "groups": groups})


def _groups(viewer: Viewer, text: str) -> list[Group]:
    shown = [Group(_("Go to"), _places(viewer, text)), Group(_("Saved views"), _views(viewer, text))]
    if not text:
        return shown
    return [
        *shown,
        Group(_("Cases"), _cases(viewer, text)),
        Group(_("Areas"), _areas(viewer, text)),
        Group(_("Work items"), _items(viewer, text)),
        Group(_("People"), _people(viewer, text)),
        Group(_("Do"), _deeds(viewer, text)),
    ]


def _places(viewer: Viewer, text: str) -> list[Found]:
    found = [
        Found(place.link, str(place.label), f"g {place.key}")
        for place in places_of(viewer)
        if text.casefold() in str(place.label).casefold()
    ]
    beside = _("Changes on both sides")
    if viewer.homes and text and text.casefold() in beside.casefold():
        found.append(Found(reverse("console:conflicts"), beside, _("Households")))
    return found


def _views(viewer: Viewer, text: str) -> list[Found]:
    queues = reverse("console:queues")
    return [
        Found(
            f"{queues}?{view.query}&view={view.id}",
            view.name,
            "" if view.account_id == viewer.account_id else _("shared"),
        )
        for view in views(viewer)
        if text.casefold() in view.name.casefold()
    ][:_MOST]


def _cases(viewer: Viewer, text: str) -> list[Found]:
    cases = case_page(viewer, CaseFilter(q=text), limit=_MOST).items
    names = area_names(_own_code(case) for case in cases)
    return [
        Found(
            reverse("console:case", args=[case.id]),
            case.title,
            _line(case.number, names.get(_own_code(case)), words.label(words.STATES, case.state)),
        )
        for case in cases
    ]


def _areas(viewer: Viewer, text: str) -> list[Found]:
    found = areas_named(viewer, text, limit=_MOST)
    above = area_names(area.parent_id for area in found if area.parent_id)
    return [
        Found(
            reverse("console:area", args=[area.code]),
            area.name,
            _line(above.get(area.parent_id or ""), words.label(words.LEVELS, area.level)),
        )
        for area in found
    ]


def _items(viewer: Viewer, text: str) -> list[Found]:
    return [
        Found(
            reverse("console:item", args=[item.code]),
            words.named(item.version, language()),
            _line(item.code, words.label(words.ADMISSION, item.state)),
        )
        for item in items(viewer, text=text)[:_MOST]
    ]


def _people(viewer: Viewer, text: str) -> list[Found]:
    """Those of the viewer's areas, for whoever appoints people."""
    if not viewer.may_anywhere(Verb.STAFF_CHANGE):
        return []
    return [
        Found(reverse("console:person", args=[account.pk]), account.name, account.username)
        for account in accounts(viewer, text=text, limit=_MOST).items
    ]


def _deeds(viewer: Viewer, text: str) -> list[Found]:
    """What can be begun with these words."""
    sought = f"{reverse('console:queues')}?{urlencode({'queue': 'open', 'text': text})}"
    deeds = [Found(sought, _("Search the open cases for “{words}”").format(words=text))]
    if viewer.may_anywhere(Verb.CASE_REPORT):
        label = _("File a case: {words}").format(words=text)
        deeds.append(Found(reverse("console:file"), label, words=text))
    return deeds


def _own_code(case: Any) -> str:
    return str(case.path).rsplit(".", 1)[-1]


def _line(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)
