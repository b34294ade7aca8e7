"""Refusing work on the catalogue's pages: the form, what was typed into it, and the counts by who asked."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, QueryDict

from wangge.access import Verb, Viewer
from wangge.base import clock
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed
from wangge.base.text import clean_line
from wangge.catalogue import actions, queries
from wangge.catalogue.lifecycle import OPEN
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.typed import id_of

#: How far back refusals are counted.
_DAYS = 365


def check_may_refuse(viewer: Viewer) -> None:
    """NotAllowed for those who have no form."""
    if not _paths(viewer):
        raise NotAllowed


def refuse(request: HttpRequest, viewer: Viewer, item: Any = None) -> None:
    """Refuses what was typed, once however often it is sent: beyond the item when it is admitted, else not admitted."""
    typed = request.POST
    with transaction.atomic():
        actions.refuse_work(
            viewer,
            asked_by=_typed(typed, "asked_by", 30),
            what=_typed(typed, "what", 200),
            area_code=_typed(typed, "area", 16),
            item=item.code if item else None,
            ground="beyond" if item and item.state == OPEN else "not_admitted",
            command_id=id_of(typed, "command_id"),
            now=clock.now(),
        )


def shown(request: HttpRequest, viewer: Viewer) -> dict[str, Any]:
    """The form, with what was typed before when it could not be done, and the counts of the viewer's own area.

    Nothing for those who may not refuse.
    """
    paths = _paths(viewer)
    areas = _areas(viewer) if paths else []
    if not areas:
        return {}
    now = clock.now()
    here = paths[0].rsplit(".", 1)[-1]
    return {
        "refusing": {
            "command_id": new_id(),
            "typed": request.POST,
            "areas": areas,
            "area": request.POST.get("area", here),
            "departments": queries.departments(),
            "done": request.GET.get("done") == "refuse",
            "here": lookups.area_names([here]).get(here, here),
            "counts": queries.refusals_by_asker(viewer, here, now - timedelta(days=_DAYS), now),
        }
    }


def _paths(viewer: Viewer) -> list[str]:
    """Where the viewer may refuse, the highest area first."""
    paths = {seat.path for seat in viewer.seats if Verb.ITEM_REFUSE in seat.verbs and not seat.department}
    return sorted(paths, key=lambda path: (path.count("."), path))


def _areas(viewer: Viewer) -> list[Any]:
    """Grids and communities refuse; tiers above only in their name."""
    return [
        area
        for area in lookups.areas_to_choose(viewer)
        if area.level in ("community", "grid") and viewer.may(Verb.ITEM_REFUSE, area.path)
    ]


def _typed(typed: QueryDict, name: str, limit: int) -> str:
    given = clean_line(typed.get(name, ""), limit=limit, name=name)
    if not given:
        raise Invalid(field=name, expected=_TELL[name])
    return given


def _(text: str) -> str:
    """Marks a sentence for translation; it is translated when the problem is told."""
    return text


_TELL = {
    "asked_by": _("choose who asked for the work"),
    "what": _("say in a few words what was asked for"),
    "area": _("choose the grid or community that was asked"),
}
