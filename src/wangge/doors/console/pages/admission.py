"""How work comes into the catalogue, changes and leaves it: proposals with their papers, steps with their reasons, whole lists."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from wangge.access import Verb, Viewer
from wangge.base import clock
from wangge.base.problems import Invalid, NotAllowed, NotFound, Problem
from wangge.base.text import clean_line, clean_text
from wangge.blobs import queries as blobs
from wangge.catalogue import actions, queries, rules
from wangge.catalogue.lifecycle import STEP_NAMES
from wangge.doors.console import words
from wangge.doors.console.forms import Choice, Field
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.files import store_files
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import present, screen, told
from wangge.doors.console.pages.typed import trouble, uploaded

_TAKE = {
    "review": actions.review_item,
    "admit": actions.admit_item,
    "decline": actions.decline_item,
    "retire": actions.retire_item,
}
_NUMBERS = {
    "accept_minutes": ("30", "126000"),
    "handle_minutes": ("30", "126000"),
    "verify_minutes": ("30", "126000"),
    "urgent_percent": ("1", "100"),
    "emergency_percent": ("1", "100"),
    "retention_years": ("1", "100"),
    "minutes_per_case": ("1", "2100"),
    "minutes_per_week": ("0", "2100"),
}
#: What a new proposal begins with: what most items say.
_FIRST = {
    "first_tier": "grid",
    "urgency_levels": "normal urgent",
    "accept_minutes": "60",
    "handle_minutes": "1260",
    "verify_minutes": "420",
    "urgent_percent": "50",
    "emergency_percent": "20",
    "proof": "photo",
    "confidential": "0",
    "retention_years": "3",
}


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def propose(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The form of a new item; sent, it lies before those who review."""
    if not viewer.may_anywhere(Verb.ITEM_PROPOSE):
        raise NotAllowed
    if request.method != "POST":
        return _form(request, viewer, _FIRST)
    row = _typed(viewer, request.POST)
    try:
        with transaction.atomic():
            item = actions.propose_item(viewer, values=row, reason=_reason(request), now=clock.now())
            _add_papers(request, viewer, item.code)
    except Problem as problem:
        return _form(request, viewer, row, problem=problem)
    return HttpResponseRedirect(f"{resolve_url('console:item', item.code)}?done=propose")


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def change(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """The form of an item's next version, filled with what it says now."""
    item = queries.item_by_code(clean_line(code, limit=20, name="item"))
    if "change" not in queries.steps_for(viewer, item):
        raise NotAllowed
    if item.version is None:
        raise NotFound
    if request.method != "POST":
        return _form(request, viewer, queries.row_of(item.version), item=item)
    row = {**_typed(viewer, request.POST), "code": item.code}
    try:
        with transaction.atomic():
            actions.change_item(viewer, code=item.code, values=row, reason=_reason(request), now=clock.now())
    except Problem as problem:
        return _form(request, viewer, row, item=item, problem=problem)
    return HttpResponseRedirect(f"{resolve_url('console:item', item.code)}?done=change")


def take(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """A step of admission, or a paper; the page of the item tells what could not be done."""
    step = request.POST.get("step", "")
    if step == "paper":
        _add_papers(request, viewer, code)
    elif step in STEP_NAMES:
        _TAKE[step](viewer, code=code, reason=_reason(request), now=clock.now())
    else:
        raise NotFound
    return HttpResponseRedirect(f"{resolve_url('console:item', code)}?done={step}")


@require_safe
@screen
def paper(_request: HttpRequest, viewer: Viewer, code: str, digest: str) -> HttpResponse:
    """One paper of an item; its name is its content, so it never changes."""
    found = queries.paper(viewer, code, digest)
    with blobs.open_blob(digest, "clean") as content:
        response = HttpResponse(content.read(), content_type=found.blob.media_type)
    response["Cache-Control"] = "private, max-age=86400, immutable"
    response["Content-Disposition"] = "inline" if found.blob.kind == "photo" else "attachment"
    return response


@require_safe
@screen
def list_file(_request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The admitted items as the list that can be taken in again, with the byte order mark that spreadsheets need."""
    out = io.StringIO()
    columns = [name for name in rules.COLUMNS if name not in rules.SAMPLE_COLUMNS]
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    for item in queries.items(viewer, state="admitted"):
        if item.version:
            writer.writerow({**queries.row_of(item.version), "code": item.code})
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="catalogue.csv"'
    return response


@sent_from("console:catalogue")
@screen
def take_list(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Takes in a whole list of items; nothing of it when one cell is wrong, and every wrong cell is named."""
    facts: dict[str, Any] = {"section": "console:catalogue"}
    status = 200
    if not viewer.may_anywhere(Verb.ITEM_ADMIT):
        raise NotAllowed
    try:
        with uploaded(request) as file, transaction.atomic():
            facts["report"] = actions.import_items(
                viewer, source=file, reason=_reason(request), now=clock.now()
            )
    except Problem as problem:
        facts |= trouble(problem)
        status = problem.status
    return present(request, "console/item_list.html", facts, status=status)


def _form(
    request: HttpRequest,
    viewer: Viewer,
    row: dict[str, str],
    *,
    item: Any = None,
    problem: Problem | None = None,
) -> HttpResponse:
    wrong = {}
    if problem:
        for fault in problem.facts.get("faults", [problem.facts]):
            if "field" in fault:
                wrong[fault["field"]] = words.said(str(fault.get("expected", "")))
    facts = {
        "section": "console:catalogue",
        "item": item,
        "parts": _parts(row, wrong, new=item is None),
        "reason": request.POST.get("reason", ""),
        "groups": _groups(viewer) if item is None else [],
        "burden": queries.burden(),
        "problem": told(problem) if problem else "",
    }
    return present(request, "console/item_form.html", facts, status=problem.status if problem else 200)


def _parts(row: dict[str, str], wrong: dict[str, str], *, new: bool) -> list[tuple[str, list[Field]]]:
    """The fields under their headings, each with what stands in it and what was expected of it."""
    offices = [Choice(code, name) for code, name in lookups.department_names().items()]
    tiers = [
        Choice(tier, words.label(words.OFFICES, tier)) for tier in ("grid", "community", "township", "county")
    ]
    lists: dict[str, Sequence[Choice]] = {
        "business": _choices(words.BUSINESSES),
        "department": offices,
        "first_tier": tiers,
        "urgency_levels": _choices(words.URGENCIES),
        "proof": _choices(words.PROOFS),
        "confidential": [Choice("0", _("no")), Choice("1", _("yes"))],
        "summons": [choice for choice in _choices(words.SUMMONS) if choice.code],
    }
    begin = ["business", "group", "code"] if new else []
    heads: list[tuple[str, list[str]]] = [
        (_("What it is"), [*begin, "group_zh", "group_en", "zh", "en", "keywords"]),
        (_("Who does it, and how fast"), ["department", "first_tier", "urgency_levels", *list(_NUMBERS)[:5]]),
        (
            _("What it asks"),
            ["proof", "confidential", "summons", "retention_years", "data_collected", "legal_basis"],
        ),
        (_("What it costs"), ["minutes_per_case", "minutes_per_week"]),
    ]
    return [
        (title, [_field(name, row.get(name, ""), lists.get(name, ()), wrong.get(name, "")) for name in names])
        for title, names in heads
    ]


def _field(name: str, value: str, choices: Sequence[Choice], wrong: str) -> Field:
    label = words.label(words.ITEM_FIELDS, name)
    told_ = wrong or str(words.ITEM_HELP.get(name, ""))
    field = Field(
        name, "console/fields/text.html", label, value=value, help=told_, error=bool(wrong), id=f"item-{name}"
    )
    if name == "urgency_levels":
        return replace(
            field, template="console/fields/checks.html", value=value.split(), choices=tuple(choices)
        )
    if choices:
        optional = name == "summons"
        return replace(
            field, template="console/fields/select.html", choices=tuple(choices), required=not optional
        )
    if name in _NUMBERS:
        least, most = _NUMBERS[name]
        return replace(field, kind="number", limits=(("min", least), ("max", most)))
    if name in ("legal_basis", "data_collected"):
        return replace(field, kind="area", longest=300)
    return replace(field, required=name not in ("code", "group_zh", "group_en"))


def _choices(labels: Any) -> list[Choice]:
    return [Choice(code, str(label)) for code, label in labels.items()]


def _groups(viewer: Viewer) -> list[tuple[str, str, str]]:
    """Code and names of every group that there is."""
    versions = [item.version for item in queries.items(viewer) if item.version]
    return sorted({(version.group, version.group_zh, version.group_en) for version in versions})


def _typed(viewer: Viewer, typed: QueryDict) -> dict[str, str]:
    """What was typed as the row of a list. A group that there is brings its names, and the next free code."""
    row = {
        name: clean_line(" ".join(typed.getlist(name)), limit=1_000, name=name)
        for name in rules.COLUMNS
        if name in typed
    }
    row.setdefault("urgency_levels", "")
    known = {code: (zh, en) for code, zh, en in _groups(viewer)}
    if (group := row.get("group", "")) in known:
        row["group_zh"] = row.get("group_zh") or known[group][0]
        row["group_en"] = row.get("group_en") or known[group][1]
    return row


def _reason(request: HttpRequest) -> str:
    return clean_text(request.POST.get("reason", ""), limit=1_000, name="reason")


def _add_papers(request: HttpRequest, viewer: Viewer, code: str) -> None:
    now = clock.now()
    files = request.FILES.getlist("file")
    for file, digest in zip(files, store_files(viewer, files, now=now), strict=True):
        name = clean_line((file.name or "")[:120], limit=120, name="file")
        actions.add_paper(viewer, code=code, digest=digest, name=name, now=now)
    if not files and request.POST.get("step") == "paper":
        raise Invalid(field="file", expected=gettext_noop("choose a file"))
