"""The report on which a plan is decided: as a page to print, as a PDF, as a spreadsheet."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.tables.writing import Cell, stream_xlsx
from wangge.doors.console import plan_pdf, plan_words, words
from wangge.doors.console.pages.plans import principles_shown, shown_facts, staff_named
from wangge.doors.console.pages.shell import present, screen
from wangge.plans.queries import plans as queries
from wangge.plans.queries import posting, proofs
from wangge.plans.queries.said import comments_of

_SECTION = "console:plans"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@screen
def print_plan(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """The report on which the decision is made, as a page to print."""
    found = queries.plan_by_id(viewer, plan_id)
    facts = {
        **shown_facts(viewer, found),
        "section": _SECTION,
        "comments": comments_of(viewer, found),
        "printed_at": clock.now(),
    }
    return present(request, "console/plan_print.html", facts)


@require_GET
@screen
def pdf(_request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """The same report as a file that looks alike everywhere."""
    found = queries.plan_by_id(viewer, plan_id)
    facts = {**shown_facts(viewer, found), "comments": comments_of(viewer, found)}
    written = plan_pdf.write(facts, printed_at=clock.now(), printed_by=viewer.name)
    response = HttpResponse(written, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{found.name}.pdf"
    )
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@screen
def report(_request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponseBase:
    """The plan's grids as a spreadsheet: what each is, and how it differs from today's."""
    found = queries.plan_by_id(viewer, plan_id)
    header = [
        _("Code"), _("Grid"), _("Community"), _("Goes on as"), _("Households"), _("of these from the same grid"),
        _("Units"), _("Pieces"), _("Straight way, RMS (m)"), _("Farthest (m)"),
        _("Way to the farthest door (m)"), _("Rounds with the ways, hours a week"), _("Who would work there"), _("Broken rules"),
    ]  # fmt: skip
    # Once it is sent piece by piece nobody has entered any more: there would be no grids to be read.
    rows = list(_rows(viewer, found))
    response = StreamingHttpResponse(stream_xlsx(header, rows), content_type=_XLSX)
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{found.name}.xlsx"
    )
    response["Cache-Control"] = "no-store"
    return response


def _rows(viewer: Viewer, plan: Any) -> Iterator[list[Cell]]:
    grids = queries.grids_of(viewer, plan)
    names = queries.names_of({grid.community for grid in grids})
    workers = _workers(viewer, plan)
    broken: dict[int, list[str]] = {}
    for rule, label, count in plan.broken:
        broken.setdefault(label, []).append(f"{words.label(plan_words.RULES, rule)} ({count})")
    rows: list[list[Cell]] = [
        [
            grid.code, grid.name, names.get(grid.community, grid.community), grid.today, grid.households, grid.stay,
            grid.atoms, grid.figures["pieces"], grid.figures["rms_m"], grid.figures["farthest_m"],
            grid.figures.get("walk_m", grid.figures.get("door_m")), grid.figures.get("hours_a_week"), workers.get(grid.code, ""),
            "; ".join(broken.get(grid.label, [])),
        ]
        for grid in grids
    ]  # fmt: skip
    yield from rows
    yield []
    for code, before, after in (
        (code, plan.figures_today.get(code), plan.figures.get(code)) for code in plan_words.FIGURES
    ):
        yield [words.label(plan_words.FIGURES, code), _("today"), before, _("with the plan"), after]
    for code in plan_words.CHANGES:
        yield [words.label(plan_words.CHANGES, code), "", None, _("with the plan"), plan.figures.get(code)]
    yield []
    for principle, figures, _all in principles_shown(plan):
        for label, before, after in figures:
            yield [
                words.label(plan_words.PRINCIPLES, principle), str(label), _("today"), _cell(before),
                _("with the plan"), _cell(after),
            ]  # fmt: skip
    yield from _proof_rows(viewer, plan)
    yield from _said_rows(viewer, plan)


def _said_rows(viewer: Viewer, plan: Any) -> Iterator[list[Cell]]:
    """Why rules are not kept, why it was approved and by whom, and what was said of it with its answers."""
    if plan.why or plan.approved_at:
        yield []
    if plan.why:
        yield [_("Why it cannot be otherwise"), plan.why]
    if plan.approved_at:
        yield [_("Approved"), _moment(plan.approved_at), staff_named(plan.approved_by_id)]
        yield [str(plan_words.why_approved(plan)), plan.approved_why]
    said = comments_of(viewer, plan)
    if said:
        yield []
        yield [
            _("What was said"),
            _("Grid"),
            _("When"),
            _("Who"),
            _("Comment"),
            pgettext("plan", "Answer"),
            _("Answered by"),
        ]
    for one in reversed(said):
        kept = one.comment
        yield [
            words.label(plan_words.SIDES, kept.side), kept.grid_name, _moment(kept.at), one.name, kept.text,
            kept.answer, one.answered_by,
        ]  # fmt: skip


def _moment(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI).replace(tzinfo=None)


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value if isinstance(value, int | float | str) else None


def _proof_rows(viewer: Viewer, plan: Any) -> Iterator[list[Cell]]:
    """What is proven, by community, and when."""
    proof = proofs.proof_of(viewer, plan)
    if proof is None or proof.stale:
        return
    at = proof.proven_at.astimezone(SHANGHAI).replace(tzinfo=None) if proof.proven_at else None
    straight = _("Proven: straight ways, root mean square, longer than in the best division by at most (%)")
    on_foot = _("Proven: ways on foot, root mean square, longer than in the best division by at most (%)")
    told = on_foot if proof.distance == "walking" else straight
    yield [told, "", _percent(proof.share), at]
    for part in proof.parts:
        yield [told, part.name, _percent(part.share), at]


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 1)


def _workers(viewer: Viewer, plan: Any) -> dict[str, str]:
    """Grid → who would work there, for who may draft the plan."""
    if not queries.may_draft(viewer, plan.path):
        return {}
    posts = posting.posts_of(viewer, plan, now=clock.now())
    found: dict[str, list[str]] = {}
    for row in posts.rows if posts and not posts.stale else ():
        if row.name:
            found.setdefault(row.grid, []).append(row.name)
    return {grid: "、".join(dict.fromkeys(names)) for grid, names in found.items()}
