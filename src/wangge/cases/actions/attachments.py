"""Photos, voices and documents on a case."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.access import Verb, Viewer
from wangge.base.problems import NotAllowed, NotFound
from wangge.blobs import queries as blobs
from wangge.blobs.models import Blob
from wangge.cases.models import Attachment, Case
from wangge.cases.rules import BadAnswer
from wangge.journal.actions import record

#: A case takes so many; the rest belongs to another case.
MOST = 30


def attach(viewer: Viewer, case_id: UUID, digest: str, *, name: str = "", now: datetime) -> Attachment:
    """Adds a blob that the viewer has uploaded to a case that they see; again is the same. NotFound for either."""
    case = Case.objects.filter(id=case_id).first()
    if case is None:
        raise NotFound
    if not (
        viewer.account_id == case.reported_by_id
        or viewer.may(Verb.CASE_REPORT, case.path)
        or set(viewer.department_keys).intersection(case.department_keys)
    ):
        raise NotAllowed
    return attach_to(
        viewer, case, digest, step="report" if case.state == "reported" else "note", name=name, now=now
    )


def attach_first(
    viewer: Viewer, case: Case, digests: Sequence[str], *, now: datetime
) -> list[dict[str, Any]]:
    """Puts onto a case that this transaction has made what its report brings, and gives the journal's entries of it: few statements
    however many they are. NotFound for a blob that the viewer has not uploaded.
    """
    wanted = list(dict.fromkeys(digests))
    if len(wanted) > MOST:
        raise BadAnswer(field="attachments", expected=f"at most {MOST}")
    found = blobs.blobs(wanted)
    Attachment.objects.bulk_create(
        Attachment(
            case=case,
            blob=found[digest],
            path=case.path,
            name="",
            step="report",
            added_at=now,
            added_by_id=viewer.account_id,
        )
        for digest in wanted
    )
    return [_entry(case, found[digest], "report", now) for digest in wanted]


def _entry(case: Case, blob: Blob, step: str, now: datetime) -> dict[str, Any]:
    return {
        "verb": "case.attached",
        "subject": case.subject,
        "path": case.path,
        "at": now,
        "confidential": case.confidential,
        "after": {"blob": blob.digest, "kind": blob.kind, "step": step},
    }


def attach_to(
    viewer: Viewer, case: Case, digest: str, *, step: str, name: str = "", now: datetime
) -> Attachment:
    """The same within an action that holds the case."""
    blob = blobs.blob(digest)
    known = Attachment.objects.filter(case=case, blob_id=digest).first()
    if known:
        return known
    if Attachment.objects.filter(case=case).count() >= MOST:
        raise BadAnswer(field="attachments", expected=f"at most {MOST}")
    added, is_new = Attachment.objects.get_or_create(
        case=case,
        blob=blob,
        defaults={
            "path": case.path,
            "name": name,
            "step": step,
            "added_at": now,
            "added_by_id": viewer.account_id,
        },
    )
    if not is_new:
        return added
    record(viewer, **_entry(case, blob, step, now))
    return added
