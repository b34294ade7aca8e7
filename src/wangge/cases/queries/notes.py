"""The notes of a case, as far as the viewer may read them, and for whom they may write one."""

from wangge.access import Verb, Viewer
from wangge.cases.models import Case, Note
from wangge.cases.models.desk import Audience
from wangge.cases.queries.moves import standing_of
from wangge.cases.rules import Standing, relation_holds


def notes_of(viewer: Viewer, case: Case) -> list[Note]:  # noqa: ARG001 - the row policy uses it
    """Oldest first; those for staff only when the viewer holds a post."""
    return list(Note.objects.filter(case_id=case.id).order_by("written_at", "id"))


def may_write_note(viewer: Viewer, case: Case, audience: str, standing: Standing | None = None) -> bool:
    """Whether the viewer, who sees the case, may write for this audience: any post for staff, the desk or the handler for
    the reporter.
    """
    if audience == Audience.STAFF:
        return viewer.may_anywhere(Verb.CASE_NOTE)
    return relation_holds(standing or standing_of(case), viewer, Verb.CASE_ANSWER, "handler")
