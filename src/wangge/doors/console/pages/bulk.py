"""One step for many cases: what would be done to which, then what became of each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from wangge.access import Viewer
from wangge.access.viewer import common_path
from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, Problem
from wangge.cases import actions, queries
from wangge.cases.rules import BULK_STEPS, MOST_IN_BULK, Move
from wangge.doors.console.forms import Field, Offer, StepForm, facts_typed, step_form
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import present, screen, told
from wangge.doors.console.pages.typed import id_in, id_of
from wangge.doors.console.pages.views import query_posted

#: What each step needs of the form; `witness` only where a case is not verified yet.
_NEEDS = {"accept": (), "dispatch": ("assignee",), "handle": ("outcome", "answer"), "close": ("witness",)}


@dataclass(frozen=True, slots=True)
class Line:
    """One of the cases: what it is, and what stands against the step, or stood."""

    case: Any
    item: str
    place: str
    why_not: str = ""


@sent_from("console:queues")
@screen
def bulk(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """First the cases and the form of the step; sent again with `go`, each is done for itself."""
    step = request.POST.get("step", "")
    if step not in BULK_STEPS:
        raise Invalid(field="step", expected=", ".join(BULK_STEPS))
    ids = _ids(request.POST)
    if not ids:
        return _page(
            request, viewer, step, ids, {"problem": _("Choose at least one case in the list.")}, status=422
        )
    if not request.POST.get("go"):
        return _page(request, viewer, step, ids, {})
    try:
        with transaction.atomic():
            outcomes = actions.take_steps(
                viewer,
                ids,
                step,
                command_id=id_of(request.POST, "command_id"),
                facts=_facts(request.POST),
                now=clock.now(),
                revisions=_revisions(request.POST),
            )
    except Problem as problem:
        wrong = {"problem": told(problem), "field": str(problem.facts.get("field", ""))}
        return _page(request, viewer, step, ids, wrong, status=problem.status)
    return _result(request, step, outcomes)


def _ids(posted: QueryDict) -> list[UUID]:
    """At most one more than may be done at once, so that the action can say so."""
    found = []
    for text in posted.getlist("case")[: MOST_IN_BULK + 1]:
        case_id = id_in(text)
        if case_id is None:
            raise Invalid(field="case", expected=_("a case of the list"))
        found.append(case_id)
    return list(dict.fromkeys(found))


def _facts(posted: QueryDict) -> dict[str, Any]:
    return {
        name: value
        for name, value in facts_typed(posted).items()
        if name not in ("revision", "reason", "into")
    }


def _revisions(posted: QueryDict) -> dict[UUID, int]:
    """As the page showed them: who was quicker is not decided over."""
    shown = {}
    for text in posted.getlist("shown")[: MOST_IN_BULK + 1]:
        case, _colon, revision = text.partition(":")
        if revision.isascii() and revision.isdigit() and len(revision) < 10 and (case_id := id_in(case)):
            shown[case_id] = int(revision)
    return shown


def _page(
    request: HttpRequest,
    viewer: Viewer,
    step: str,
    ids: list[UUID],
    said: Mapping[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    found = queries.cases_for_step(viewer, ids, step, now=now)
    able = [case for case, against in found if against is None]
    facts = {
        "section": "console:queues",
        "step": step,
        "able": _lines([(case, "") for case in able]),
        "unable": _lines([(case, told(against)) for case, against in found if against]),
        "form": _form(request, step, able, now.astimezone(SHANGHAI).date(), said),
        "query": query_posted(request).urlencode(),
        **said,
    }
    return present(request, "console/bulk.html", facts, status=status)


def _form(
    request: HttpRequest, step: str, cases: list[Any], today: date, said: Mapping[str, Any]
) -> StepForm:
    needs = _NEEDS[step]
    if step == "close" and not any(case.state == "handled" for case in cases):
        needs = ()
    again = bool(request.POST.get("go"))
    form = step_form(
        step,
        (*needs, "answer") if step == "close" else needs,
        offer=_offer(cases, today) if step == "dispatch" else Offer(),
        today=today,
        command_id=request.POST.get("command_id", "") if again else str(new_id()),
        revision=0,
        typed=request.POST if again else None,
        wrong=said.get("field", ""),
    )
    return _for_many(form)


def _for_many(form: StepForm) -> StepForm:
    """Without what belongs to one case alone: its photos, and the other case that it repeats."""
    fields = [
        _field_for_many(field, form.step) for field in form.fields if field.name not in ("file", "into")
    ]
    return replace(form, fields=tuple(fields), files=False)


def _field_for_many(field: Field, step: str) -> Field:
    if field.name == "outcome":
        return replace(field, choices=tuple(one for one in field.choices if one.code != "repeated"))
    if field.name == "answer" and step == "close":
        help_ = _("The same for every case; empty: each keeps the answer that it has.")
        return replace(field, required=False, help=help_)
    return field


def _offer(cases: list[Any], today: date) -> Offer:
    """Who may be given every one of the cases: those who sit where all of their places lie."""
    if not cases:
        return Offer()
    shared = common_path(case.path for case in cases)
    held = max((case.holder_path for case in cases), key=len)
    common = SimpleNamespace(
        path=shared,
        holder_path=held if shared.startswith(held) else shared,
        confidential=any(case.confidential for case in cases),
    )
    return lookups.offer(common, today, [Move("dispatch", ("assignee",))])


def _lines(cases: list[tuple[Any, str]]) -> list[Line]:
    items = lookups.item_names(case.item_version_id for case, _why in cases)
    areas = lookups.area_names({code for case, _why in cases for code in case.path.split(".")[-2:]})
    return [
        Line(
            case,
            items.get(case.item_version_id, ""),
            " · ".join(areas.get(code, code) for code in case.path.split(".")[-2:]),
            why,
        )
        for case, why in cases
    ]


def _result(request: HttpRequest, step: str, outcomes: list[actions.Outcome]) -> HttpResponse:
    seen = [(one.case, told(one.problem) if one.problem else "") for one in outcomes if one.case is not None]
    lines = _lines(seen)
    facts = {
        "section": "console:queues",
        "step": step,
        "done": [line for line in lines if not line.why_not],
        "left": [line for line in lines if line.why_not],
        "unseen": sum(one.case is None for one in outcomes),
        "query": query_posted(request).urlencode(),
    }
    return present(request, "console/bulk_done.html", facts)
