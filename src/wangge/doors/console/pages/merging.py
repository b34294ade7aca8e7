"""Two cases side by side before one is merged into the other: what each has, and what the result will be."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.ids import new_id
from wangge.base.problems import NotFound
from wangge.base.text import bigrams
from wangge.cases import queries
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.shell import asked, present, screen
from wangge.staff import queries as staff


@require_safe
@screen
def compare(request: HttpRequest, viewer: Viewer, case_id: UUID) -> HttpResponse:
    """The case beside the one that `with` names by number or id."""
    case = queries.case_by_id(viewer, case_id)
    named = asked(request, "with", 36)
    try:
        other = queries.case_named(viewer, named) if named else None
    except NotFound:
        other = None
    moves = {move.step for move in queries.moves_for(viewer, case, now=clock.now())}
    facts = {
        "section": "console:queues",
        "case": case,
        "other": other,
        "with": named,
        "same": other is not None and other.id == case.id,
        "may_merge": "merge" in moves,
        "sides": _sides(viewer, [each for each in (case, other) if each is not None]),
        "result": _result(viewer, case, other) if other else {},
        "command_id": str(new_id()),
        "came_from": request.GET.get("from", "")[:600],
    }
    return present(request, "console/compare.html", facts, status=200 if other or not named else 404)


def _sides(viewer: Viewer, pair: list[Any]) -> list[dict[str, Any]]:
    items = lookups.items_by_version({case.item_version_id for case in pair})
    areas = lookups.area_names(
        {code for case in pair for code in (*case.path.split("."), *case.holder_path.split("."))}
    )
    people = staff.names_of(
        {account for case in pair for account in (case.reported_by_id, *case.followers)} - {None}
    )
    return [
        {
            "case": case,
            "item": items.get(case.item_version_id),
            "place": " · ".join(areas.get(code, code) for code in case.path.split(".")[2:]),
            "holder": areas.get(case.holder_path.rsplit(".", 1)[-1], ""),
            "reporter": people.get(case.reported_by_id, ""),
            "followers": [people.get(account, "—") for account in case.followers],
            "files": queries.attachments_of(viewer, case),
        }
        for case in pair
    ]


def _result(viewer: Viewer, case: Any, other: Any) -> dict[str, Any]:
    """The preview with names in place of codes."""
    tokens, other_tokens = (bigrams(f"{each.title} {each.description[:400]}") for each in (case, other))
    found = queries.merge_preview(viewer, case, other, tokens=tokens, other_tokens=other_tokens)
    people = staff.names_of(found.coming)
    known = lookups.names({key.partition("/")[0] for key in found.withdrawn}, [], people)
    return {
        "coming": [people.get(account, "—") for account in found.coming],
        "following": found.following,
        "withdrawn": [known.office(key) for key in found.withdrawn],
        "ended": found.ended,
        "like": found.like,
    }
