"""Mediations: the list of files, opening one, the file itself with a form for each step. For its mediators and overseers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods, require_safe

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.answers import keeping
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed, NotFound, Problem
from wangge.base.text import clean_line, clean_text
from wangge.cases import actions, queries
from wangge.cases.rules import mediation as rules
from wangge.doors.console import dispute_words, timeline
from wangge.doors.console.forms import Choice
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.mediation_forms import (
    MediationForm,
    facts_typed,
    parties_typed,
    party_fields,
    step_form,
)
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import asked, present, screen, told
from wangge.doors.console.pages.typed import id_in, id_of, today
from wangge.staff.queries import names_of

#: The parties that the page for opening asks for, and their roles.
_PARTIES: Mapping[str, str] = {"first": "applicant", "second": "respondent", "third": "other"}
_PAGE = 50


def confidential(response: HttpResponse) -> HttpResponse:
    """A page that no browser keeps: the next person at the desk must not find it by the back button."""
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@screen
def mediations(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The files of one queue, newest first; visits that are due by their day. Names are masked."""
    queries.check_reads_mediations(viewer)
    queue = asked(request, "queue", 12)
    wanted = queries.MediationFilter(
        queue=queue if queue in queries.MEDIATION_QUEUES else "open",
        kind=_known(asked(request, "kind", 12), rules.KINDS),
        area=asked(request, "area", 16),
    )
    day = today()
    cursor = request.GET.get("cursor") or None
    page = queries.mediation_page(viewer, wanted, today=day, cursor=cursor, limit=_PAGE)
    counts = queries.mediation_counts(viewer, today=day)
    query = request.GET.copy()
    if page.next:
        query["cursor"] = page.next
    facts = {
        "section": "console:mediations",
        "wanted": wanted,
        "rows": page.items,
        "areas": lookups.area_names(row.mediation.path.rsplit(".", 1)[-1] for row in page.items),
        "queues": [(name, counts.get(name)) for name in queries.MEDIATION_QUEUES],
        "kinds": dispute_words.KINDS,
        "today": day,
        "cursor": cursor,
        "next_page": f"?{query.urlencode()}" if page.next else "",
        "may_open": bool(queries.committees(viewer)),
    }
    return confidential(present(request, "console/mediations.html", facts))


def _known(code: str, codes: tuple[str, ...]) -> str:
    return code if code in codes else ""


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def open_mediation(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The form that opens a file, for a case or without one; sent twice it opens one."""
    if not queries.committees(viewer):
        raise NotAllowed
    if request.method != "POST":
        return _opening(request, viewer, {})
    typed = request.POST
    try:
        with transaction.atomic():
            made, _is_new = actions.open_mediation(viewer, _new(typed), _typed(typed), now=clock.now())
    except Problem as problem:
        wrong = {"problem": told(problem), "wrong": str(problem.facts.get("field", ""))}
        return _opening(request, viewer, wrong, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:mediation', made.id)}?done=open")


def _typed(typed: QueryDict) -> actions.Opening:
    return actions.Opening(
        kind=clean_line(typed.get("dispute", ""), limit=12, name="dispute"),
        matter=clean_text(typed.get("matter", ""), limit=4_000, name="matter"),
        parties=tuple(parties_typed(typed, _PARTIES)),
        area=clean_line(typed.get("area", ""), limit=16, name="area"),
        case=_case_id(typed),
    )


def _case_id(query: QueryDict) -> UUID | None:
    given = query.get("case", "").strip()
    if not given:
        return None
    found = id_in(given)
    if found is None:
        raise NotFound
    return found


def _new(typed: QueryDict) -> UUID:
    return id_of(typed, "mediation_id")


def _opening(
    request: HttpRequest, viewer: Viewer, wrong: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    typed = request.POST if request.method == "POST" else request.GET
    found = _case_id(typed)
    case = queries.case_by_id(viewer, found) if found else None
    own = queries.committees(viewer, case.path if case else "")
    if not own:
        raise NotAllowed
    codes = [path.rsplit(".", 1)[-1] for path in own]
    names = lookups.area_names(codes)
    day = today()
    facts = {
        "section": "console:mediations",
        "mediation_id": typed.get("mediation_id") or new_id(),
        "case": case,
        "committees": [(code, names.get(code, code)) for code in codes],
        "area": typed.get("area", codes[0]),
        "kinds": dispute_words.KINDS,
        "typed": typed if request.method == "POST" else {"matter": _matter(case), "dispute": ""},
        "parties": [
            (
                role,
                party_fields(which, required=which != "third", typed=request.POST, today=day),
                which == "third",
            )
            for which, role in _PARTIES.items()
        ],
    }
    return confidential(present(request, "console/mediation_open.html", {**facts, **wrong}, status=status))


def _matter(case: Any) -> str:
    """What the case says already."""
    return f"{case.title}\n{case.description}".strip() if case else ""


@require_safe
@screen
def mediation(request: HttpRequest, viewer: Viewer, mediation_id: UUID) -> HttpResponse:
    """One file. That it was read stands in the journal, once an hour."""
    return _file(
        request, viewer, mediation_id, {"done": dispute_words.DONE.get(request.GET.get("done", ""), "")}
    )


@sent_from("console:mediation", "mediation_id")
@screen
def step(request: HttpRequest, viewer: Viewer, mediation_id: UUID, step: str) -> HttpResponse:
    """Takes the step once, however often the form is sent; what cannot be done is said beside what was typed."""
    if step not in rules.STEPS:
        raise NotFound
    typed = request.POST
    try:
        with transaction.atomic():
            actions.take_mediation_step(
                viewer,
                mediation_id,
                step,
                command_id=id_of(typed, "command_id"),
                facts=facts_typed(typed),
                now=clock.now(),
            )
    except Problem as problem:
        wrong = {"problem": told(problem), "failed": step, "field": str(problem.facts.get("field", ""))}
        return _file(request, viewer, mediation_id, wrong, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:mediation', mediation_id)}?done={step}")


@sent_from("console:mediation", "mediation_id")
@screen
def reveal(request: HttpRequest, viewer: Viewer, mediation_id: UUID, party_id: UUID) -> HttpResponse:
    """Shows a party's number for some minutes, for the reason given."""
    try:
        with transaction.atomic():
            actions.reveal_phone(
                viewer, mediation_id, party_id, why=request.POST.get("why", ""), command_id=id_of(request.POST, "command_id"),
                now=clock.now(),
            )  # fmt: skip
    except Invalid as problem:
        return _file(request, viewer, mediation_id, {"problem": told(problem)}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:mediation', mediation_id)}?done=reveal#parties")


@dataclass(frozen=True, slots=True)
class PartyShown:
    """A party with its number as the viewer may read it, and the form that corrects what was written of it."""

    party: Any
    revealed: bool
    form: MediationForm | None
    command_id: UUID


def _file(
    request: HttpRequest, viewer: Viewer, mediation_id: UUID, told_: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    now = clock.now()
    actions.look_at_mediation(viewer, mediation_id, now=now)
    file = queries.mediation_file(viewer, mediation_id, now=now)
    path = file.mediation.path
    code = path.rsplit(".", 1)[-1]
    names = lookups.names({*timeline.codes_in(file.entries), code}, file.entries, file.names)
    facts = {
        "section": "console:mediations",
        "file": file,
        "mediation": file.mediation,
        "case": _case(viewer, file.mediation.case_id),
        "mediator": file.names.get(file.mediation.mediator_id, "—"),
        "names": file.names,
        "area": names.areas.get(code, code),
        "forms": _forms(request, file, told_),
        "parties": _parties(request, file, told_),
        "reasons": dispute_words.REVEAL_REASONS,
        "court_until": rules.last_day_for_court(file.agreement.signed_on) if file.agreement else None,
        "timeline": timeline.lines(file.entries, names),
        "today": today(),
    }
    # Also beside a step that failed the file is read: the entry that says so stays.
    return keeping(
        confidential(present(request, "console/mediation.html", {**facts, **told_}, status=status))
    )


def _case(viewer: Viewer, case_id: UUID | None) -> Any:
    """The case that it came from, as long as the viewer sees it."""
    if case_id is None:
        return None
    try:
        return queries.case_by_id(viewer, case_id)
    except NotFound:
        return None


def _forms(request: HttpRequest, file: Any, told_: dict[str, Any]) -> list[MediationForm]:
    failed = told_.get("failed") if not request.POST.get("party") else None
    people = _mediators(file.mediation.path) if any(line.name == "assign" for line in file.lines) else []
    return [
        step_form(
            line.name,
            line.needs,
            today=today(),
            people=people,
            typed=request.POST if line.name == failed else None,
            wrong=told_.get("field", "") if line.name == failed else "",
        )
        for line in file.lines
    ]


def _mediators(path: str) -> list[Choice]:
    found = queries.mediators_for(path, today=today())
    names, areas = (
        names_of(account for account, _code in found),
        lookups.area_names(code for _, code in found),
    )
    return [Choice(str(account), names.get(account, "—"), areas.get(code, code)) for account, code in found]


def _parties(request: HttpRequest, file: Any, told_: dict[str, Any]) -> list[PartyShown]:
    line = next((line for line in file.lines if line.name == "party"), None)
    failed = request.POST.get("party") if told_.get("failed") == "party" else None
    shown = []
    for party in file.parties:
        revealed = party.id in file.revealed
        form = None
        if line:
            values = {name: getattr(party, name) for name in ("name", "role", "address", "represented_by")}
            if revealed:
                values["phone"] = party.phone
            form = step_form(
                "party",
                line.needs,
                today=today(),
                party=party.id,
                values=values,
                typed=request.POST if failed == str(party.id) else None,
                wrong=told_.get("field", "") if failed == str(party.id) else "",
            )
        shown.append(PartyShown(party, revealed, form, new_id()))
    return shown
