"""Forms made in a spreadsheet: taken in with every wrong cell named, looked at, tried; filled and read at the desk for a door."""

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from wangge.access import Verb, Viewer
from wangge.base import clock
from wangge.base.commands import Command
from wangge.base.problems import Invalid, NotAllowed, NotFound, Problem
from wangge.blobs import queries as blobs
from wangge.campaigns.actions.answers import record_answer
from wangge.campaigns.actions.exports import read_answers
from wangge.campaigns.actions.forms import take_form
from wangge.campaigns.queries import campaigns as queries
from wangge.campaigns.queries import forms as forms_of
from wangge.campaigns.rules.outline import only_on_phones, pictures_in
from wangge.campaigns.rules.problems import BadForm
from wangge.doors.console import campaign_words, words
from wangge.doors.console.answered import answered
from wangge.doors.console.drawn import FILE, asked_names, drawn, typed_into
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.files import store_files
from wangge.doors.console.pages.shell import present, screen, told
from wangge.doors.console.pages.typed import id_in, id_of, line_of

_SECTION = "console:campaigns"


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def forms(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All forms with their versions; a file that is sent becomes one, or tells what is wrong in which cell."""
    if request.method != "POST":
        return _forms(request, viewer, {})
    form_id, area = id_in(request.POST.get("form", "")), line_of(request.POST, "area", 16)
    try:
        with transaction.atomic():
            file = request.FILES.get("file")
            if file is None or not file.name:
                raise Invalid(field="file", expected=_("choose a file"))
            sent = [each for each in request.FILES.getlist("pictures") if each.name]
            digests = store_files(viewer, sent, now=clock.now())
            version = take_form(
                viewer,
                content=file.read(6 << 20),
                file_name=file.name,
                area=area,
                form_id=form_id,
                pictures={str(each.name): digest for each, digest in zip(sent, digests, strict=True)},
                now=clock.now(),
            )
    except BadForm as problem:
        cells = [
            {
                "cell": cell,
                "said": words.said(cell.expected).format(**dict(cell.facts))
                if cell.facts
                else words.said(cell.expected),
            }
            for cell in problem.cells
        ]
        return _forms(
            request,
            viewer,
            {"problem": told(problem), "cells": cells, "form": form_id},
            status=problem.status,
        )
    except Problem as problem:
        return _forms(request, viewer, {"problem": told(problem), "form": form_id}, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:form', version.id)}?done=taken")


def _forms(request: HttpRequest, viewer: Viewer, facts: dict[str, Any], *, status: int = 200) -> HttpResponse:
    places = queries.places_to_run(viewer)
    names = lookups.area_names({path.rsplit(".", 1)[-1] for path in places})
    shown = {
        "section": _SECTION,
        "forms": forms_of.forms(viewer),
        "areas": [(path.rsplit(".", 1)[-1], names.get(path.rsplit(".", 1)[-1], "")) for path in places],
    }
    return present(request, "console/campaign_forms.html", {**shown, **facts}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def form(request: HttpRequest, viewer: Viewer, version_id: UUID) -> HttpResponse:
    """One version, drawn so that it can be tried: nothing is kept of what is typed here."""
    version = forms_of.form_version(viewer, version_id)
    step = request.POST.get("step", "")[:300]
    answers = typed_into(version.outline, request.POST, step) if request.method == "POST" else {}
    filled = forms_of.filled(version, answers, now=clock.now())
    nodes = drawn(filled, lookups.language(), with_faults=step == "check")
    facts = {
        "section": _SECTION,
        "version": version,
        "nodes": nodes,
        "tried": step == "check",
        "faults": len(filled.faults),
        "not_checked": filled.not_checked,
        "only_on_phones": [node["name"] for node in only_on_phones(version.outline)],
        "may_run": bool(queries.places_to_run(viewer)),
        "done": _("The form is taken in. Look at it here, and try it.")
        if request.GET.get("done") == "taken"
        else "",
    }
    return present(request, "console/campaign_form.html", facts)


@require_GET
@screen
def form_file(_request: HttpRequest, viewer: Viewer, version_id: UUID) -> HttpResponse:
    """The workbook as it was taken in."""
    version = forms_of.form_version(viewer, version_id)
    response = HttpResponse(bytes(version.source), content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=version.file_name
    )
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@screen
def form_picture(_request: HttpRequest, viewer: Viewer, version_id: UUID, digest: str) -> HttpResponse:
    """A picture beside a question or a choice. Its name is its content: it never changes."""
    if digest not in pictures_in(forms_of.form_version(viewer, version_id).outline):
        raise NotFound
    with blobs.open_blob(digest, "thumbnail") as content:
        response = HttpResponse(content.read(), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def fill(request: HttpRequest, viewer: Viewer, campaign_id: UUID, household_id: UUID) -> HttpResponse:
    """The campaign's form for one door. Questions that follow from an answer come with the next step; it is kept by the last.
    Sent with `read`, it shows what was answered there, which the journal tells.
    """
    campaign = queries.campaign_by_id(viewer, campaign_id)
    at = queries.door_of(viewer, campaign, household_id)
    if not viewer.may(Verb.CAMPAIGN_ANSWER, at.target.path):
        raise NotAllowed
    version = forms_of.form_version(viewer, campaign.form_version_id)
    step, photo_problem = request.POST.get("step", "")[:300], ""
    answers: dict[str, Any] = {}
    if request.method == "POST":
        answers, photo_problem = _typed_with_photos(request, viewer, version.outline, step)
    filled = forms_of.filled(version, answers, now=clock.now())
    nodes = drawn(filled, lookups.language(), with_faults=step == "save")
    facts: dict[str, Any] = {
        "section": _SECTION,
        "campaign": campaign,
        "at": at,
        "version": version,
        "materials": queries.materials_of(viewer, campaign.id),
        "nodes": nodes,
        "shown": ",".join(asked_names(nodes)),
        "command_id": id_of(request.POST, "command_id"),
        "outcome": request.POST.get("outcome", "met"),
        "outcomes": campaign_words.OUTCOMES.items(),
        "problem": photo_problem,
        "has_answers": queries.has_answers(viewer, campaign, household_id),
    }
    if step == "read":
        found = read_answers(viewer, campaign, household_id, now=clock.now())
        facts["answered"] = answered(found, lookups.language())
    if request.method != "POST" or step not in ("save", "outcome") or photo_problem:
        return present(request, "console/campaign_fill.html", facts)
    if step == "save":
        new = set(asked_names(nodes)) - set(request.POST.get("shown", "").split(","))
        if new or filled.faults:
            facts["problem"] = (
                _("Some answers are missing or wrong. They are marked below.")
                if filled.faults
                else _("Further questions follow from your answers. Look through them, then keep it.")
            )
            return present(request, "console/campaign_fill.html", facts, status=422)
    outcome = "met" if step == "save" else request.POST.get("outcome", "")
    try:
        with transaction.atomic():
            recorded = record_answer(
                viewer,
                Command(facts["command_id"], clock.now()),
                campaign=campaign.id,
                household=household_id,
                form_version=version.id,
                outcome=outcome,
                answers=answers if step == "save" else None,
                now=clock.now(),
            )
    except Problem as problem:
        return present(
            request, "console/campaign_fill.html", {**facts, "problem": told(problem)}, status=problem.status
        )
    return HttpResponseRedirect(f"{resolve_url('console:campaign-doors', campaign.id)}?done={recorded.end}")


@require_GET
@screen
def answer_file(
    _request: HttpRequest, viewer: Viewer, campaign_id: UUID, household_id: UUID, digest: str, *, small: bool
) -> HttpResponse:
    """A photo or a recording that an answer from this door names. Its name is its content: it never changes."""
    campaign = queries.campaign_by_id(viewer, campaign_id)
    at = queries.door_of(viewer, campaign, household_id)
    if not viewer.may(Verb.CAMPAIGN_ANSWER, at.target.path):
        raise NotAllowed
    if not queries.names_file(viewer, campaign, household_id, digest):
        raise NotFound
    kind = "image/jpeg" if small else blobs.blob(digest).media_type
    with blobs.open_blob(digest, "thumbnail" if small else "clean") as content:
        response = HttpResponse(content.read(), content_type=kind)
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response


def _typed_with_photos(
    request: HttpRequest, viewer: Viewer, outline: dict[str, Any], step: str
) -> tuple[dict[str, Any], str]:
    """What was typed, each photo or recording stored and named by its digest; and why one was not taken."""
    typed, problem = request.POST.copy(), ""
    for name, file in request.FILES.items():
        if not name.startswith(FILE) or not isinstance(file, UploadedFile):
            continue
        try:
            with transaction.atomic():
                typed[name.removeprefix(FILE)] = store_files(viewer, [file], now=clock.now())[0]
        except Problem as refused:
            problem = told(refused)
    return typed_into(outline, typed, step), problem
