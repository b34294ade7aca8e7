"""The map: areas, cases as the filters of the list let them through, and what its script asks for while it is moved."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import orjson
from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    HttpResponseRedirect,
)
from django.shortcuts import render, resolve_url
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_safe

from wangge.access import Viewer
from wangge.areas import queries as areas
from wangge.areas.queries.outlines import area_names
from wangge.areas.queries.tiles import area_tile, boundary_stamp, first_zooms
from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import Invalid
from wangge.cases.queries import cases_by_id
from wangge.cases.queries.map import Frame, Squares, case_squares, cases_in_frame
from wangge.doors.console import words
from wangge.doors.console.live_maps import LiveMap, datum
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.asking import Asked, asked_of
from wangge.doors.console.pages.shell import present, screen
from wangge.doors.console.pages.typed import id_in
from wangge.doors.maps import with_spots

#: What is drawn of the cases.
SHOWN: dict[str, str | Promise] = {
    "cases": gettext_lazy("Cases"),
    "heat": gettext_lazy("Where many were reported"),
    "none": gettext_lazy("Areas only"),
}
#: Quick choices of a period: days back from today.
PERIODS: dict[int, str | Promise] = {
    7: gettext_lazy("7 days"),
    30: gettext_lazy("30 days"),
    90: gettext_lazy("90 days"),
    365: gettext_lazy("1 year"),
}
#: Cases told beside the map, and single ones drawn on it.
MOST_LISTED, MOST_DRAWN = 20, 2_000
#: A browser asks for the tiles again when their address has another stamp.
_KEPT = "private, max-age=2592000, immutable"
_AT = re.compile(r"-?[0-9.]{1,12},-?[0-9.]{1,12},[0-9.]{1,6}")
_RANGE = re.compile(r"bytes=([0-9]{1,15})-([0-9]{0,15})")
#: So much of the basemap's file goes out at once, in memory; the map asks for parts of some kilobytes.
_MOST_OF_FILE = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Step:
    """A choice of a period: its name, its address, and whether it is the one that is shown."""

    label: str
    link: str
    chosen: bool = False


@require_safe
@screen
def map_page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The whole map of the viewer's area, or of the one that is asked for."""
    asked = asked_of(request.GET, usual="" if "queue" in request.GET else "open")
    shown = request.GET.get("show", "") if request.GET.get("show", "") in SHOWN else "cases"
    levels = [level for level in first_zooms() if level in request.GET.getlist("levels")]
    seat = viewer.first_seat
    code = asked.area or (seat.path.rsplit(".", 1)[-1] if seat else "")
    drawn = lookups.map_of_area(code) if code else None
    today = clock.now().astimezone(SHANGHAI).date()
    squares = None if shown == "none" else case_squares(viewer, asked.filters(clock.now()))
    if drawn and squares:
        drawn = with_spots(drawn, squares, warm=shown == "heat")
    live = LiveMap(
        drawn,
        area=code,
        cases=None if squares is None else _query(asked),
        heat=shown == "heat",
        select=True,
        levels=" ".join(levels),
        name=_("Map of areas and cases"),
        address=True,
    )
    here: dict[str, Any] = {"show": shown, "levels": levels, "at": _at(request)}
    facts: dict[str, Any] = {
        "section": "console:map",
        "asked": asked,
        "live": live,
        "shown": shown,
        "shows": SHOWN,
        "queue_names": list(words.QUEUES),
        "urgencies": list(words.URGENCIES),
        "businesses": list(words.BUSINESSES),
        "levels": levels,
        "all_levels": list(reversed(first_zooms())),
        "total": squares.total if squares else None,
        "overdue": int(squares.overdue.sum()) if squares else 0,
        "at": here["at"],
        "areas": lookups.areas_around(viewer, asked.area),
        "items": lookups.item_choices(viewer),
        "periods": _periods(asked, here, today),
        "months": _months(asked, here, today),
        "here": asked.query(),
        "query": _query(asked),
        "listed": [],
    }
    if squares is not None and live.edges:
        facts |= _listed(
            cases_in_frame(viewer, asked.filters(clock.now()), _frame(live.edges), most=MOST_LISTED + 1)
        )
    return present(request, "console/map_page.html", facts)


@require_safe
@screen
def squares(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """How many cases lie in each square, for the filters of the address: columns of whole numbers."""
    asked = asked_of(request.GET, usual="")
    return _json(_columns(case_squares(viewer, asked.filters(clock.now()))))


@require_safe
@screen
def spots(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Single cases within the bounds, as far as they can be drawn."""
    found = _within(request, viewer, MOST_DRAWN)
    cases = [
        {
            "id": str(case.id),
            "number": case.number,
            "state": case.state,
            "late": case.late,
            "lon": round(case.lon, 6),
            "lat": round(case.lat, 6),
        }
        for case in found
    ]
    return _json({"cases": cases})


@require_safe
@screen
def listed(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What lies within the bounds, or the cases of these `ids`, as a list to read."""
    if named := request.GET.get("ids", ""):
        ids = [found for text in named.split(",")[:50] if (found := id_in(text))]
        facts: dict[str, Any] = {"listed": _rows(cases_by_id(viewer, ids)), "more": False, "chosen": True}
    else:
        facts = _listed(_within(request, viewer, MOST_LISTED + 1))
    response = render(request, "console/map_list.html", facts)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@screen
def area_at(request: HttpRequest, viewer: Viewer) -> HttpResponse:  # noqa: ARG001 - the tree is read by everyone
    """To the page of the area that answers for a point."""
    try:
        lon, lat = float(request.GET.get("lon", "")), float(request.GET.get("lat", ""))
    except ValueError as error:
        raise Invalid(field="lon, lat", expected=gettext_noop("degrees, as 119.36")) from error
    place = areas.locate(lon, lat)
    return HttpResponseRedirect(
        resolve_url("console:area", code=place.code) if place.code else resolve_url("console:areas")
    )


@require_safe
@screen
def tile(request: HttpRequest, viewer: Viewer, z: int, x: int, y: int) -> HttpResponse:  # noqa: ARG001 - as above
    """Today's boundaries in one square of the map. Their stamp in the address lets the browser keep it."""
    stamp = f"{boundary_stamp()}-{datum()}"
    mark = f'"{stamp}"'
    if request.headers.get("If-None-Match") == mark:
        return HttpResponseNotModified()
    response = HttpResponse(
        area_tile(z, x, y, datum=datum()), content_type="application/vnd.mapbox-vector-tile"
    )
    response["Content-Encoding"] = "gzip"
    response["ETag"] = mark
    response["Cache-Control"] = _KEPT if request.GET.get("of") == stamp else "private, no-cache"
    return response


@require_safe
@screen
def basemap(request: HttpRequest, viewer: Viewer) -> HttpResponse:  # noqa: ARG001 - as above
    """The file of the basemap in the parts that the map asks for, of 8 MiB at most: 416 says that more must be asked for in parts."""
    file: Path | None = settings.BASEMAP.file
    if file is None:
        raise Http404
    size = file.stat().st_size
    wanted = _RANGE.fullmatch(request.headers.get("Range", ""))
    first, last = (int(wanted[1]), min(int(wanted[2] or size), size - 1)) if wanted else (0, size - 1)
    if first > last or last - first >= _MOST_OF_FILE:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    with file.open("rb") as content:
        content.seek(first)
        part = HttpResponse(content.read(last - first + 1), content_type="application/vnd.pmtiles")
    if wanted:
        part.status_code = 206
        part["Content-Range"] = f"bytes {first}-{last}/{size}"
    return _as_it_is(part, file)


def _as_it_is(response: HttpResponse, file: Path) -> HttpResponse:
    """Not packed again on its way, which would move the parts."""
    known = file.stat()
    response["Content-Encoding"] = "identity"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = f'"{known.st_mtime_ns:x}-{known.st_size:x}"'
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _json(told: object) -> HttpResponse:
    response = HttpResponse(orjson.dumps(told), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def _columns(found: Squares) -> dict[str, object]:
    """Numbers of squares as steps from one to the next, places within them in thousandths of a side: short when packed."""
    across = round(360 / found.side)
    west, south = (found.cells % across) * found.side - 180, (found.cells // across) * found.side - 90
    return {
        "side": found.side,
        "cells": np.diff(found.cells, prepend=0).tolist(),
        "counts": found.counts.tolist(),
        "overdue": found.overdue.tolist(),
        "lons": np.rint((found.lons - west) / found.side * 1000).astype(int).tolist(),
        "lats": np.rint((found.lats - south) / found.side * 1000).astype(int).tolist(),
    }


def _frame(text: str) -> Frame:
    try:
        west, south, east, north = (float(edge) for edge in text[:100].split(","))
    except ValueError as error:
        raise Invalid(field="bounds", expected="west,south,east,north") from error
    # A map that is seen from far off reaches beyond the earth; what is no number stays none.
    return Frame(*np.clip([west, south, east, north], [-180, -90, -180, -90], [180, 90, 180, 90]).tolist())


def _within(request: HttpRequest, viewer: Viewer, most: int) -> list[Any]:
    asked = asked_of(request.GET, usual="")
    frame = _frame(request.GET.get("bounds", ""))
    return cases_in_frame(viewer, asked.filters(clock.now()), frame, most=most)


def _listed(found: list[Any]) -> dict[str, Any]:
    return {"listed": _rows(found[:MOST_LISTED]), "more": len(found) > MOST_LISTED}


def _rows(cases: list[Any]) -> list[tuple[Any, str, str]]:
    """Each case with the names of its item and of its place."""
    items = lookups.item_names(case.item_version_id for case in cases)
    names = area_names(code for case in cases for code in case.path.split(".")[-2:])
    return [
        (
            case,
            items.get(case.item_version_id, ""),
            " · ".join(names.get(code, code) for code in case.path.split(".")[-2:]),
        )
        for case in cases
    ]


def _query(asked: Asked) -> str:
    """The filters as the map's own addresses have them: there, no queue means every state."""
    return asked.query(queue=asked.queue or "all")


def _at(request: HttpRequest) -> str:
    at = request.GET.get("at", "")
    return at if _AT.fullmatch(at) else ""


def _link(asked: Asked, here: dict[str, Any], **changes: str) -> str:
    beside = urlencode({name: value for name, value in here.items() if value}, doseq=True)
    return f"?{asked.query(**{'queue': asked.queue or 'all', 'days': '', **changes})}&{beside}"


def _periods(asked: Asked, here: dict[str, Any], today: date) -> list[Step]:
    steps = []
    for days, label in PERIODS.items():
        since = (today - timedelta(days=days - 1)).isoformat()
        steps.append(
            Step(
                str(label),
                _link(asked, here, since=since, until=""),
                asked.since == since and not asked.until,
            )
        )
    always = Step(
        _("Any time"), _link(asked, here, since="", until=""), not (asked.since or asked.until or asked.days)
    )
    return [always, *steps]


def _months(asked: Asked, here: dict[str, Any], today: date) -> list[Step | None]:
    """The month before and after the shown one; from no month, the last twelve begin."""
    shown = date.fromisoformat(asked.since).replace(day=1) if asked.since and asked.until else None
    first = shown or (today.replace(day=1) - timedelta(days=330)).replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1) if shown else first
    return [
        _month(asked, here, before),
        _month(asked, here, first) if shown else None,
        _month(asked, here, after) if after <= today else None,
    ]


def _month(asked: Asked, here: dict[str, Any], first: date) -> Step:
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    since, until = first.isoformat(), last.isoformat()
    return Step(
        f"{first:%Y-%m}",
        _link(asked, here, since=since, until=until),
        (asked.since, asked.until) == (since, until),
    )
