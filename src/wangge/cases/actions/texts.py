"""Keeping ready texts for an area and all below it."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.base.problems import NotAllowed, NotFound
from wangge.cases.models import TextTemplate
from wangge.cases.rules import BadAnswer, MissingFact
from wangge.cases.rules.texts import USES, TextNameTaken, check_text
from wangge.journal.actions import record


def set_text(
    viewer: Viewer, text_id: UUID, *, area: str, name: str, use: str, text: str, now: datetime
) -> TextTemplate:
    """Adds a ready text under an id that the client made, or changes the one with this id; the same again changes nothing.

    UnknownTextField when it names a field that there is not, TextNameTaken when the area has another of this name and use.
    """
    path = areas.area_by_code(area).path
    known = TextTemplate.objects.select_for_update(of=("self",)).filter(id=text_id).first()
    if not viewer.may(Verb.TEXT_CHANGE, path) or (known and not viewer.may(Verb.TEXT_CHANGE, known.path)):
        raise NotAllowed
    if known is None and TextTemplate.objects.filter(id=text_id).exists():
        raise NotAllowed
    for field, value in (("name", name), ("text", text)):
        if not value:
            raise MissingFact(field=field)
    if use not in USES:
        raise BadAnswer(field="use", expected=", ".join(USES))
    check_text(text)
    said = {"path": path, "name": name, "use": use, "text": text}
    if known and all(getattr(known, column) == value for column, value in said.items()):
        return known
    kept = known or TextTemplate(id=text_id)
    for column, value in said.items():
        setattr(kept, column, value)
    kept.changed_at, kept.changed_by_id = now, viewer.account_id
    try:
        with transaction.atomic():
            kept.save(force_insert=known is None)
    except IntegrityError:
        raise TextNameTaken(name=name) from None
    _record(viewer, "text.set", kept, now)
    return kept


def remove_text(viewer: Viewer, text_id: UUID, *, now: datetime) -> None:
    """Takes a ready text away; what was written with it stays as it is."""
    known = TextTemplate.objects.filter(id=text_id).first()
    if known is None:
        raise NotFound
    if not viewer.may(Verb.TEXT_CHANGE, known.path):
        raise NotAllowed
    TextTemplate.objects.filter(id=text_id).delete()
    _record(viewer, "text.removed", known, now)


def _record(viewer: Viewer, verb: str, text: TextTemplate, now: datetime) -> None:
    """Which text and what for, not what it is called: its name is free text, and the journal cannot be erased."""
    record(
        viewer,
        verb=verb,
        subject=f"text:{text.id}",
        path=text.path,
        at=now,
        after={"use": text.use},
    )
