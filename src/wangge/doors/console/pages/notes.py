"""Writing beside a case's steps: for staff, or for the reporter."""

from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.problems import NotFound, Problem
from wangge.base.text import clean_text
from wangge.cases import actions
from wangge.doors.console.pages.case import back_to_case, case_page
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import screen, told
from wangge.doors.console.pages.typed import id_of

_DONE = {"staff": "note", "reporter": "answer-reporter"}


@sent_from("console:case", "case_id")
@screen
def write(request: HttpRequest, viewer: Viewer, case_id: UUID, audience: str) -> HttpResponse:
    """Keeps the note once; what cannot be kept comes back with what was typed."""
    if audience not in _DONE:
        raise NotFound
    if request.POST.get("fill"):
        return case_page(request, viewer, case_id, {"failed": audience})
    try:
        with transaction.atomic():
            text = clean_text(request.POST.get("text", ""), limit=4_000, name="text")
            actions.write_note(
                viewer, case_id, id_of(request.POST, "note_id"), audience=audience, text=text, now=clock.now()
            )
    except Problem as problem:
        wrong = {"problem": told(problem), "failed": audience}
        return case_page(request, viewer, case_id, wrong, status=problem.status)
    return back_to_case(request, case_id, _DONE[audience])
