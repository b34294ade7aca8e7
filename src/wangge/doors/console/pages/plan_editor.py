"""The editor of a plan's grids: its page, and what its script asks for and sends."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.problems import Invalid, NotAllowed, Problem
from wangge.doors.console import plan_words, words
from wangge.doors.console.live_maps import LiveMap
from wangge.doors.console.pages.shell import present, screen, told
from wangge.plans import actions, lifecycle
from wangge.plans.queries import covering, ground
from wangge.plans.queries import plans as queries
from wangge.plans.rules.content import NONE
from wangge.plans.rules.problems import PlanStepNotPossible

#: What of the ground no grid covers, and of which kind it is.
_BARE = {"streets_uncovered_m": "streets", "shops_uncovered": "shops"}
#: Labels and fixed atoms of the largest plan, with room.
_MOST_BYTES = 1_000_000


@require_GET
@screen
def edit_plan(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """Atoms on a map and in a list, given to grids; every figure is counted in the browser."""
    found = queries.plan_by_id(viewer, plan_id)
    if not queries.may_draft(viewer, found.path):
        raise NotAllowed
    if found.state != lifecycle.DRAFT:
        raise PlanStepNotPossible(state=found.state)
    content = queries.content_by_plan(found)
    edges = (content.b_lon.min(), content.b_lat.min(), content.b_lon.max(), content.b_lat.max())
    said = {
        **{f"rule-{code}": words.label(plan_words.RULES, code) for code in plan_words.RULES},
        "new-grid": _("new grid"),
        "no-grid": _("in no grid"),
        "chosen": pgettext("buildings", "{n} chosen"),
        "cut": _("The list shows the first {n}; a name makes it shorter."),
        "changed": _("Somebody else changed this plan, or the network failed. Nothing was kept."),
        "kept": _("Kept."),
        "fixed": _("fixed"),
        "hours": _("{n} h a week"),
        "way": _("farthest door {n} m"),
        "improved": _("Improved: {n} buildings or compounds are in another grid. “Undo” takes it back."),
        "improving": _("Improving from here; this takes some seconds."),
        "missed": _(
            "It was improved, but the result did not arrive. “Improve from here” fetches it; “Keep” keeps what is on this page instead."
        ),
        "unkept": _("not kept yet"),
        "more": _("and {n} more"),
        **{f"bond-{kind}": str(name) for kind, name in plan_words.BONDS.items()},
        "bond-few": _("Choose two or more first."),
        "bond-many": _("That is too many: at most 1,000 together, 60 apart, and 500 groups."),
        "bond-communities": _("They lie in several communities; no grid does."),
        "bond-contradiction": _("This contradicts what must stay together or apart already."),
    }
    hours = {
        "hours_least": _("Hours a week with the ways, least"),
        "hours_most": _("Hours a week with the ways, most"),
    }
    known = {**plan_words.FIGURES, **(hours if content.minutes.any() else {})}
    kinds = ground.ground_kinds(viewer, found)
    ways = _ways(found, on_foot="streets" in kinds)
    bare = [
        (name, code, found.figures_today.get(code), found.figures.get(code, ""))
        for code, name in plan_words.PRINCIPLE_FIGURES["management"].items()
        if code in _BARE and _BARE[code] in kinds
    ]
    with_workers = (content.grid_workers != NONE).any()
    facts = {
        "section": "console:plans",
        "plan": found,
        "figures": [
            *((name, code, found.figures_today.get(code), "") for code, name in known.items()),
            *ways,
            *bare,
        ],
        "changes": ["moved", *(["handed_over"] if with_workers else [])],
        "on_foot": "streets" in kinds,
        "bare": bare,
        "strip": [
            (("grids",), _("Grids")),
            (("least", "most"), _("Households in a grid")),
            (("outside",), _("out of bounds")),
            (("pieces",), _("Pieces too many")),
            (("cut",), _("Compounds cut")),
            (("uncovered",), _("in no grid")),
            (("rms_m",), _("Straight way, RMS (m)")),
            ((ways[0][1],), _("Way to a door, mean (m)")),
            (("moved",), _("Households that change")),
            *([((*hours,), _("Hours a week, with the ways"))] if content.minutes.any() else []),
        ],
        "ground": kinds,
        "map": LiveMap(None, bounds=edges, name=found.name, levels="community township county"),
        "said": orjson.dumps({code: str(text) for code, text in said.items()}).decode(),
    }
    return present(request, "console/plan_edit.html", facts)


def _ways(plan: Any, *, on_foot: bool) -> list[tuple[plan_words.Label, str, Any, Any]]:
    """From a grid's middle door to the others, mean and farthest, along the streets if any are known: name, code, today, with the plan."""
    if on_foot:
        both = [(code, plan_words.PROPOSED[code], code) for code in ("walk_mean_m", "walk_farthest_m")]
        was, now = plan.figures_today, plan.figures
    else:
        names = plan_words.PRINCIPLE_FIGURES["service"]
        both = [(f"door_{code}", names[code], code) for code in ("mean_m", "farthest_m")]
        was, now = (
            each.get("principles", {}).get("service", {}) for each in (plan.figures_today, plan.figures)
        )
    return [(name, code, was.get(told), now.get(told, "")) for code, name, told in both]


@require_GET
@screen
def plan_atoms(_request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """All that the editor needs, in one answer."""
    found = queries.plan_by_id(viewer, plan_id)
    return _answer(queries.atoms_to_change(viewer, found))


@require_GET
@screen
def plan_ground(_request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """Streets, barriers and crossings that the plan goes by."""
    return _answer(ground.ground_features(viewer, queries.plan_by_id(viewer, plan_id)))


@require_GET
@screen
def plan_ways(_request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """The net that ways on foot are counted over."""
    return _answer(ground.ways_of(viewer, queries.plan_by_id(viewer, plan_id)))


@require_POST
@screen
def plan_covered(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """Streets and shops that no grid would cover if it were kept like this. Nothing is kept."""
    found = queries.plan_by_id(viewer, plan_id)
    try:
        told_of = covering.covered_by(viewer, found, _wholes(_sent(request), "labels"))
    except Problem as problem:
        return _answer({"detail": told(problem)}, status=problem.status)
    return _answer(told_of)


@require_POST
@screen
def keep_plan(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """Keeps what was changed in the editor."""
    queries.plan_by_id(viewer, plan_id)
    try:
        with transaction.atomic():
            sent = _sent(request)
            kept = actions.change_plan(
                viewer,
                plan_id,
                revision=_whole(sent, "revision"),
                labels=_wholes(sent, "labels"),
                fixed=_wholes(sent, "fixed"),
                names=_named(sent),
                bonds=_bonds(sent),
                now=clock.now(),
            )
    except Problem as problem:
        return _answer({"detail": told(problem)}, status=problem.status)
    return _answer({"revision": kept.revision, "grids": queries.labelled(kept)})


@require_POST
@screen
def improve_plan(request: HttpRequest, viewer: Viewer, plan_id: UUID) -> HttpResponse:
    """Makes what is kept better; what is fixed stays where it is."""
    queries.plan_by_id(viewer, plan_id)
    try:
        with transaction.atomic():
            sent = _sent(request)
            better = actions.improve_plan(viewer, plan_id, revision=_whole(sent, "revision"), now=clock.now())
    except Problem as problem:
        return _answer({"detail": told(problem)}, status=problem.status)
    return _answer({"revision": better.revision, "grids": queries.labelled(better)})


def _answer(found: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    response = HttpResponse(orjson.dumps(found), content_type="application/json", status=status)
    response["Cache-Control"] = "no-store"
    return response


def _sent(request: HttpRequest) -> Mapping[str, Any]:
    if len(request.body) > _MOST_BYTES:
        raise Invalid(field="labels", expected="< 1 MB")
    try:
        found = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise Invalid(field="body", expected="JSON") from None
    if not isinstance(found, dict):
        raise Invalid(field="body", expected="{…}")
    return found


def _named(sent: Mapping[str, Any]) -> dict[int, str]:
    """Names by label; the action says what is wrong with a name."""
    found = sent.get("names", {})
    if not isinstance(found, dict) or not all(
        isinstance(name, str) and label.isdecimal() and len(label) < 6 for label, name in found.items()
    ):
        raise Invalid(field="names", expected="{0: …}")
    return {int(label): name for label, name in found.items()}


def _bonds(sent: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Groups that must be together or apart; None where nothing is said of them. The action says what is wrong with one."""
    found = sent.get("bonds")
    if found is None:
        return None
    if not isinstance(found, list) or not all(
        isinstance(one, dict) and one.get("kind") in plan_words.BONDS for one in found
    ):
        raise Invalid(field="bonds", expected="[{kind, atoms}, …]")
    return [{"kind": one["kind"], "atoms": _wholes(one, "atoms")} for one in found]


def _whole(sent: Mapping[str, Any], name: str) -> int:
    found = sent.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 < found < 2**31:
        raise Invalid(field=name, expected=_("a whole number"))
    return found


def _wholes(sent: Mapping[str, Any], name: str) -> list[int]:
    found = sent.get(name)
    if not isinstance(found, list) or not all(
        isinstance(each, int) and not isinstance(each, bool) and -1 <= each < 2**31 for each in found
    ):
        raise Invalid(field=name, expected=_("whole numbers"))
    return found
