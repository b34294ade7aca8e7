"""Campaigns: the list, a new one without programming, how far one is at every tier, its doors, and its answers as a file."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from wangge.access import Viewer
from wangge.areas import queries as areas
from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import Invalid, NotAllowed, NotFound, Problem
from wangge.base.tables.writing import Cell, stream_csv, stream_xlsx
from wangge.blobs import queries as blobs
from wangge.campaigns.actions import campaigns as actions
from wangge.campaigns.actions.exports import Exported, begin_answers_export, exported_answers
from wangge.campaigns.lifecycle import STANDINGS, STATES, STEP_NAMES, steps_from
from wangge.campaigns.queries import campaigns as queries
from wangge.campaigns.queries import forms as forms_of
from wangge.campaigns.queries.listed import Listed, lines_of_table, listed, numbers_of
from wangge.campaigns.rules.choosing import chosen_of
from wangge.campaigns.rules.listing import shown, typed_lines
from wangge.doors.console import campaign_words, words
from wangge.doors.console.drawn import cell_of, columns_of
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.files import store_files
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import asked, present, screen, told
from wangge.doors.console.pages.typed import (
    MOST_FAULTS,
    day_of,
    id_in,
    id_of,
    line_of,
    lines_of,
    today,
    whole_in,
)
from wangge.staff import queries as staff

_SECTION = "console:campaigns"
#: Twenty thousand lines with an address each are a tenth of it.
_MOST_LIST_BYTES = 20 << 20
_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_GET
@screen
def campaigns(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All of the viewer's areas, running ones first, with how far each is."""
    state = asked(request, "state", 10)
    facts = {
        "section": _SECTION,
        "rows": queries.campaigns(viewer, state=state if state in STATES else ""),
        "state": state,
        "states": STATES,
        "may_run": bool(queries.places_to_run(viewer)),
        "today": today(),
    }
    return present(request, "console/campaigns.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def new_campaign(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A draft from a form that was taken in. Sent with `look`, it says how many households would be asked."""
    if not queries.places_to_run(viewer):
        raise NotAllowed
    typed = request.POST.copy() if request.method == "POST" else _usual(request)
    return _written(request, viewer, typed, None)


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def change_campaign(request: HttpRequest, viewer: Viewer, campaign_id: UUID) -> HttpResponse:
    campaign = queries.campaign_by_id(viewer, campaign_id)
    if not queries.may_run(viewer, campaign):
        raise NotAllowed
    typed = request.POST.copy() if request.method == "POST" else _as_typed(viewer, campaign)
    return _written(request, viewer, typed, campaign)


def _written(request: HttpRequest, viewer: Viewer, typed: QueryDict, campaign: Any) -> HttpResponse:
    facts: dict[str, Any] = {"typed": typed, "campaign": campaign}
    if request.method != "POST":
        return _form(request, viewer, facts)
    try:
        with transaction.atomic():
            found = _listed(request, viewer, typed, campaign)
            if found.bad:
                facts |= {"bad": found.bad[:MOST_FAULTS], "bad_count": len(found.bad), "wrong": "households"}
                return _form(request, viewer, facts, status=422)
            facts |= {"listed": len(found.households), "repeated": found.repeated}
            draft = _draft(typed, found.households)
            if "look" in typed:
                path = areas.area_by_code(draft.area).path
                count = queries.would_ask(viewer, path=path, chosen=dict(draft.chosen), today=today())
                return _form(request, viewer, {**facts, "would_ask": count, "looked": True})
            if campaign is None:
                kept = actions.begin_campaign(
                    viewer, draft, campaign_id=id_of(typed, "campaign_id"), now=clock.now()
                )
            else:
                revision = whole_in(typed.get("revision", "")) or 0
                kept = actions.change_campaign(viewer, campaign.id, draft, revision=revision, now=clock.now())
    except Problem as problem:
        wrong = {"problem": told(problem), "wrong": problem.facts.get("field", "")}
        return _form(request, viewer, {**facts, **wrong}, status=problem.status)
    return HttpResponseRedirect(resolve_url("console:campaign", kept.id))


def _listed(request: HttpRequest, viewer: Viewer, typed: QueryDict, campaign: Any) -> Listed:
    """Whom the list names that was sent as a file, or typed. What stood in a file is shown as if it were typed, to be mended
    there; of a campaign that runs the list is fixed.
    """
    if campaign is not None and campaign.state != "draft":
        return Listed(campaign.chosen.get("households", []))
    file = request.FILES.get("list")
    if file is not None:
        lines = lines_of_table(io.BytesIO(file.read(_MOST_LIST_BYTES)))
        typed["households"] = "\n".join(said for _line, said in lines if said)
    else:
        lines = typed_lines(lines_of(typed, "households", 800_000))
    if not lines:
        return Listed()
    return listed(viewer, areas.area_by_code(line_of(typed, "area", 16)).path, lines)


def _form(request: HttpRequest, viewer: Viewer, facts: dict[str, Any], *, status: int = 200) -> HttpResponse:
    typed: QueryDict = facts["typed"]
    places = queries.places_to_run(viewer)
    names = lookups.area_names({path.rsplit(".", 1)[-1] for path in places})
    known = {
        "section": _SECTION,
        "campaign_id": id_of(typed, "campaign_id"),
        "versions": [version for kept in forms_of.forms(viewer) for version in kept.versions[:1]],
        "chosen_version": typed.get("form_version", ""),
        "own": [(path.rsplit(".", 1)[-1], names.get(path.rsplit(".", 1)[-1], "")) for path in places],
        "areas": lookups.areas_to_choose(viewer),
        "chosen_areas": typed.getlist("areas"),
        "needs": campaign_words.NEEDS.items(),
        "chosen_needs": typed.getlist("needs"),
        "counts": campaign_words.COUNTS.items(),
        "ways": campaign_words.WAYS.items(),
    }
    return present(request, "console/campaign_new.html", {**known, **facts}, status=status)


def _usual(request: HttpRequest) -> QueryDict:
    typed = QueryDict(mutable=True)
    version = id_in(request.GET.get("form", ""))
    typed["form_version"] = str(version) if version else ""
    typed["from_on"], typed["to_on"] = today().isoformat(), (today() + timedelta(days=13)).isoformat()
    typed["times"], typed["every_days"], typed["tries"], typed["counts"] = "1", "0", "3", "answered"
    return typed


def _as_typed(viewer: Viewer, campaign: Any) -> QueryDict:
    typed = QueryDict(mutable=True)
    for name in ("name", "purpose", "way", "counts", "times", "every_days", "tries", "revision"):
        typed[name] = str(getattr(campaign, name))
    typed["from_on"], typed["to_on"] = campaign.from_on.isoformat(), campaign.to_on.isoformat()
    typed["area"], typed["form_version"] = campaign.path.rsplit(".", 1)[-1], str(campaign.form_version_id)
    typed.setlist("areas", campaign.chosen.get("areas", []))
    typed.setlist("needs", campaign.chosen.get("needs", []))
    typed["plot"] = "yes" if campaign.chosen.get("plot") else ""
    typed["households"] = shown(campaign.chosen, numbers_of(viewer, campaign.chosen.get("households", [])))
    return typed


def _draft(typed: QueryDict, households: list[str]) -> actions.Draft:
    version = id_in(typed.get("form_version", ""))
    if version is None:
        raise Invalid(field="form_version", expected=_("a form that was taken in"))
    name = line_of(typed, "name", 120)
    if not name:
        raise Invalid(field="name", expected=_("what the campaign is called"))
    chosen = chosen_of(
        areas=[code[:16] for code in typed.getlist("areas") if code],
        plot=bool(typed.get("plot")),
        needs=[code for code in typed.getlist("needs") if code in campaign_words.NEEDS],
        households=households,
    )
    way, counts = typed.get("way", ""), typed.get("counts", "")
    return actions.Draft(
        name=name,
        area=line_of(typed, "area", 16),
        form_version=version,
        from_on=day_of(typed, "from_on"),
        to_on=day_of(typed, "to_on"),
        purpose=lines_of(typed, "purpose", 2000),
        way=way if way in campaign_words.WAYS else "",
        chosen=chosen,
        counts=counts if counts in campaign_words.COUNTS else "answered",
        times=_number(typed, "times", least=1, most=60),
        every_days=_number(typed, "every_days", least=0, most=366),
        tries=_number(typed, "tries", least=0, most=20),
    )


def _number(typed: QueryDict, name: str, *, least: int, most: int) -> int:
    found = whole_in(typed.get(name, "").strip() or str(least))
    if found is None or not least <= found <= most:
        raise Invalid(
            field=name, expected=_("a number from {least} to {most}").format(least=least, most=most)
        )
    return found


@require_GET
@screen
def campaign(request: HttpRequest, viewer: Viewer, campaign_id: UUID) -> HttpResponse:
    """How far it is, of the area asked for in the address and of those right below it; `part=progress` gives the sums alone."""
    return _campaign(request, viewer, campaign_id, {})


def _campaign(
    request: HttpRequest, viewer: Viewer, campaign_id: UUID, facts: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    found = queries.campaign_by_id(viewer, campaign_id)
    code = asked(request, "area", 16)
    progress = queries.progress(viewer, found, code=code, today=today()) if found.state != "draft" else None
    here = areas.area_by_code(progress.code if progress else found.path.rsplit(".", 1)[-1])
    above = [
        each
        for each in areas.ancestors(here.path)[:-1]
        if any(f"{each.path}.".startswith(f"{path}.") for path in viewer.scope)
    ]
    may_run = queries.may_run(viewer, found)
    known = {
        "section": _SECTION,
        "campaign": found,
        "progress": progress,
        "here": here,
        "above": above if progress else [],
        "most": max((count for _day, count in progress.by_day), default=0) if progress else 0,
        "steps": steps_from(found.state) if may_run and not found.is_starting else (),
        "frozen": queries.frozen(viewer, found) if found.is_starting else 0,
        "may_run": may_run,
        "materials": queries.materials_of(viewer, found.id),
        "would_ask": (
            queries.would_ask(viewer, path=found.path, chosen=found.chosen, today=today())
            if found.state == "draft" and may_run and not found.is_starting
            else None
        ),
        "chosen_areas": [each.name for each in map(areas.area_by_code, found.chosen.get("areas", []))],
        "homes": bool(viewer.homes),
        "today": today(),
        "done": words.label(campaign_words.DONE, request.GET.get("done", ""))
        if request.GET.get("done") in campaign_words.DONE
        else "",
    }
    template = (
        "console/campaign_progress.html" if request.GET.get("part") == "progress" else "console/campaign.html"
    )
    return present(request, template, {**known, **facts}, status=status)


@sent_from("console:campaign", "campaign_id")
@screen
def step(request: HttpRequest, viewer: Viewer, campaign_id: UUID, name: str) -> HttpResponse:
    """Starts or ends it."""
    if name not in STEP_NAMES:
        raise NotFound
    try:
        with transaction.atomic():
            if name == "start":
                actions.start_campaign(viewer, campaign_id, now=clock.now())
            else:
                reason = line_of(request.POST, "reason", 500)
                actions.end_campaign(viewer, campaign_id, reason=reason, now=clock.now())
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        return _campaign(request, viewer, campaign_id, {"problem": told(problem)}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:campaign', campaign_id)}?done={name}")


@sent_from("console:campaign", "campaign_id")
@screen
def add_material(request: HttpRequest, viewer: Viewer, campaign_id: UUID) -> HttpResponse:
    now = clock.now()
    try:
        with transaction.atomic():
            file = request.FILES.get("picture")
            picture = store_files(viewer, [file], now=now)[0] if file else ""
            title = line_of(request.POST, "title", 120)
            if not title:
                raise Invalid(field="title", expected=_("a title"))
            text = lines_of(request.POST, "text", 4000)
            actions.add_material(viewer, campaign_id, title=title, text=text, picture=picture, now=now)
    except (NotFound, NotAllowed):
        raise
    except Problem as problem:
        return _campaign(request, viewer, campaign_id, {"problem": told(problem)}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:campaign', campaign_id)}#material")


@sent_from("console:campaign", "campaign_id")
@screen
def remove_material(
    _request: HttpRequest, viewer: Viewer, campaign_id: UUID, material_id: UUID
) -> HttpResponse:
    actions.remove_material(viewer, campaign_id, material_id, now=clock.now())
    return HttpResponseRedirect(f"{resolve_url('console:campaign', campaign_id)}#material")


@require_GET
@screen
def picture(_request: HttpRequest, viewer: Viewer, campaign_id: UUID, digest: str) -> HttpResponse:
    """A picture of the campaign's material, small. Its name is its content: it never changes."""
    found = next(
        (each for each in queries.materials_of(viewer, campaign_id) if each.picture_id == digest), None
    )
    if found is None:
        raise NotFound
    with blobs.open_blob(digest, "thumbnail") as content:
        response = HttpResponse(content.read(), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@require_GET
@screen
def doors(request: HttpRequest, viewer: Viewer, campaign_id: UUID) -> HttpResponse:
    """The households that are asked and that the viewer may see, those still to do first; from here one is filled at the desk."""
    if not viewer.homes:
        raise NotAllowed
    found = queries.campaign_by_id(viewer, campaign_id)
    standing = asked(request, "standing", 12)
    page = queries.doors_of(
        viewer,
        found,
        code=asked(request, "area", 16),
        standing=standing if standing in STANDINGS else "",
        cursor=request.GET.get("cursor") or None,
    )
    facts = {
        "section": _SECTION,
        "campaign": found,
        "page": page,
        "standing": standing,
        "standings": STANDINGS,
        "areas": lookups.area_names({row.target.grid_id or row.target.community_id for row in page.items}),
        "done": words.label(campaign_words.ENDS, request.GET.get("done", ""))
        if request.GET.get("done") in campaign_words.ENDS
        else "",
    }
    return present(request, "console/campaign_doors.html", facts)


@sent_from("console:campaign", "campaign_id")
@screen
def export(request: HttpRequest, viewer: Viewer, campaign_id: UUID) -> HttpResponseBase:
    """The answers that the viewer may see, row by row; choices by their labels."""
    kind = request.POST.get("kind", "")
    if kind not in _KINDS:
        raise Invalid(field="kind", expected=", ".join(_KINDS))
    found = queries.campaign_by_id(viewer, campaign_id)
    version = forms_of.form_version(viewer, found.form_version_id)
    now = clock.now()
    begin_answers_export(viewer, found, kind=kind, now=now)
    columns = columns_of(version.outline, lookups.language())
    header = [
        _("Household"),
        _("Address"),
        _("Area"),
        _("Outcome"),
        _("What became of it"),
        _("Answered at"),
        _("By"),
        *(label for _path, label in columns),
    ]
    rows = _Rows(viewer.account_id or 0, found.id, [path for path, _label in columns])
    pieces = stream_csv(header, rows) if kind == "csv" else stream_xlsx(header, rows, sheet=found.name[:31])
    response = StreamingHttpResponse(pieces, content_type=_KINDS[kind])
    name = f"{found.name}-{now.astimezone(SHANGHAI):%Y%m%d-%H%M}.{kind}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Cache-Control"] = "no-store"
    if kind == "xlsx":
        response["Content-Encoding"] = "identity"  # it is compressed already
    return response


class _Rows:
    """The rows of the file; the request's language has ended when they are written, so each is told in it anew."""

    def __init__(self, account_id: int, campaign_id: UUID, paths: list[str]) -> None:
        self._account, self._campaign, self._paths = account_id, campaign_id, paths
        self._language = translation.get_language() or ""
        self._people: dict[int, str] = {}
        self._areas: dict[str, str] = {}

    def __iter__(self) -> Iterator[list[Cell]]:
        for one in exported_answers(self._account, self._campaign):
            with translation.override(self._language):
                row = self._row(one)
            yield row

    def _row(self, one: Exported) -> list[Cell]:
        answer, code = one.answer, one.answer.path.rsplit(".", 1)[-1]
        if answer.by_id not in self._people:
            self._people |= {answer.by_id: "", **staff.names_of({answer.by_id})}
        if code not in self._areas:
            self._areas |= {code: code, **lookups.area_names({code})}
        return [
            one.door.number if one.door else "",
            one.door.address if one.door else "",
            self._areas[code],
            words.label(campaign_words.OUTCOMES, answer.outcome),
            words.label(campaign_words.ENDS, answer.end),
            answer.at.astimezone(SHANGHAI).replace(tzinfo=None),
            self._people[answer.by_id],
            *(cell_of(one.answers, path, one.outline, self._language) for path in self._paths),
        ]
