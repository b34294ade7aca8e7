"""The papers of an item's admission: what those who review and admit it read."""

from datetime import datetime

from wangge.access import Verb, Viewer
from wangge.base.problems import NotAllowed
from wangge.blobs import queries as blobs
from wangge.catalogue import rules
from wangge.catalogue.actions.writing import note
from wangge.catalogue.models import Paper
from wangge.catalogue.queries import item_by_code

#: Who reads an item's papers must get through them.
MOST = 20
_MAY_ADD = (Verb.ITEM_PROPOSE, Verb.ITEM_REVIEW, Verb.ITEM_ADMIT)


def add_paper(viewer: Viewer, *, code: str, digest: str, name: str, now: datetime) -> Paper:
    """Adds a document or photo that the viewer has uploaded to an item; again is the same.

    NotFound for the blob, NoSuchItem, NotAPaper, TooManyPapers, NotAllowed.
    """
    if not any(viewer.may_anywhere(verb) for verb in _MAY_ADD):
        raise NotAllowed
    item = item_by_code(code)
    blob = blobs.blob(digest)
    if blob.kind not in ("document", "photo"):
        raise rules.NotAPaper
    if known := Paper.objects.filter(item=item, blob=blob).first():
        return known
    if Paper.objects.filter(item=item).count() >= MOST:
        raise rules.TooManyPapers(most=MOST)
    paper, is_new = Paper.objects.get_or_create(
        item=item,
        blob=blob,
        defaults={
            "name": name or digest[:12],
            "added_at": now,
            "added_by_id": viewer.account_id,
            "added_by": viewer.name,
        },
    )
    if is_new:
        note(viewer, "item.paper-added", code, now=now, after={"blob": digest, "name": paper.name})
    return paper
