"""What is printed of a mediation: the agreement with its lines for signatures, and the record of a session."""

import re
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.problems import NotFound
from wangge.cases import actions, queries
from wangge.cases.rules import mediation as rules
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.mediations import confidential
from wangge.doors.console.pages.shell import present, screen

#: What an area's name ends with when it names its committee: the mediation committee has a name of its own.
_COMMITTEE = re.compile("(居民委员会|村民委员会|居委会|村委会|委员会)$")


@require_safe
@screen
def agreement(request: HttpRequest, viewer: Viewer, mediation_id: UUID) -> HttpResponse:
    """The agreement as the parties sign it (People's Mediation Law, art. 29)."""
    file = _printed(viewer, mediation_id)
    if file.agreement is None:
        raise NotFound
    facts = {
        "agreement": file.agreement,
        "copies": len(file.parties) + 1,
        "court_until": rules.last_day_for_court(file.agreement.signed_on),
    }
    return _paper(request, "console/mediation_agreement.html", file, facts)


@require_safe
@screen
def record(request: HttpRequest, viewer: Viewer, mediation_id: UUID, session_id: UUID) -> HttpResponse:
    """The record of one session."""
    file = _printed(viewer, mediation_id)
    found = next((each for each in file.sessions if each.id == session_id), None)
    if found is None:
        raise NotFound
    facts = {"held": found, "ordinal": file.sessions.index(found) + 1}
    return _paper(request, "console/mediation_record.html", file, facts)


def _printed(viewer: Viewer, mediation_id: UUID) -> queries.MediationFile:
    now = clock.now()
    actions.look_at_mediation(viewer, mediation_id, now=now, printed=True)
    return queries.mediation_file(viewer, mediation_id, now=now)


def _paper(
    request: HttpRequest, template: str, file: queries.MediationFile, facts: dict[str, Any]
) -> HttpResponse:
    code = file.mediation.path.rsplit(".", 1)[-1]
    area = lookups.area_names([code]).get(code, code)
    shown = {
        "section": "console:mediations",
        "file": file,
        "mediation": file.mediation,
        "mediator": file.names.get(file.mediation.mediator_id, ""),
        "place": _COMMITTEE.sub("", area) or area,
    }
    return confidential(present(request, template, {**shown, **facts}))
