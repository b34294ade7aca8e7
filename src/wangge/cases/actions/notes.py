"""Words beside the steps: notes that only staff read, and answers that the reporter reads before the case is closed."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from wangge.access import Viewer
from wangge.base.problems import NotAllowed, NotFound, OtherContent
from wangge.cases.models import Case, Note
from wangge.cases.models.desk import Audience
from wangge.cases.queries.notes import may_write_note
from wangge.cases.rules import BadAnswer, MissingFact
from wangge.journal.actions import record

LONGEST_NOTE = 4_000
#: How the journal names each: the text itself stays with the note, since nothing can be taken out of the journal.
_PAST = {Audience.STAFF: "case.noted", Audience.REPORTER: "case.answered"}


def write_note(
    viewer: Viewer, case_id: UUID, note_id: UUID, *, audience: str, text: str, now: datetime
) -> tuple[Note, bool]:
    """The note, and whether it is new: the same id with the same words answers as the first time.

    `audience` "staff": any post that sees the case may write it. "reporter": the desk, or who handles the case. NotFound
    for a case that the viewer does not see, OtherContent for an id that was used otherwise.
    """
    if audience not in Audience.values:
        raise BadAnswer(field="audience", expected=", ".join(Audience.values))
    if not text:
        raise MissingFact(field="text")
    case = Case.objects.select_related("item_version").filter(id=case_id).first()
    if case is None:
        raise NotFound
    if not may_write_note(viewer, case, audience):
        raise NotAllowed
    if known := _known(viewer, case, note_id, audience, text):
        return known, False
    note = Note(
        id=note_id,
        case=case,
        path=case.path,
        audience=audience,
        text=text,
        written_at=now,
        written_by_id=viewer.account_id,
        written_by=viewer.name,
    )
    try:
        with transaction.atomic():
            note.save(force_insert=True)
    except IntegrityError:
        # The same note came twice at once, or its id belongs to a note that this viewer does not see.
        known = _known(viewer, case, note_id, audience, text)
        if known is None:
            raise OtherContent from None
        return known, False
    record(
        viewer,
        verb=_PAST[Audience(audience)],
        subject=case.subject,
        path=case.path,
        at=now,
        confidential=case.confidential,
        after={"note": str(note_id)},
    )
    return note, True


def _known(viewer: Viewer, case: Case, note_id: UUID, audience: str, text: str) -> Note | None:
    found = Note.objects.filter(id=note_id).first()
    if found is None:
        return None
    if (found.case_id, found.audience, found.text, found.written_by_id) != (
        case.id,
        audience,
        text,
        viewer.account_id,
    ):
        raise OtherContent
    return found
