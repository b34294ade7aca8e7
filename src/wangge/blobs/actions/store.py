"""Taking in a photo, a voice note or a document under the SHA-256 of its bytes, in one piece or in many.

What must hold: a row in the database is written last, so that whatever breaks before leaves nothing to be seen; the file
of parts goes only after the row is committed, so that the sweep can tell what was left behind.
"""

import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from wangge.access import Verb, Viewer
from wangge.base.digests import digest_of_file
from wangge.base.problems import NotAllowed, NotFound
from wangge.blobs import rules
from wangge.blobs.actions import parts
from wangge.blobs.models import Blob, Upload
from wangge.blobs.queries import Variant, brought_by, is_stored, stored_name
from wangge.journal import actions as journal

#: A large photo takes some hundred MiB while it is decoded: one at a time in each process.
_DECODING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is: `received` bytes from the first on, and the blob once it is whole; `is_new`: by this call."""

    received: int
    blob: Blob | None = None
    is_new: bool = False


def store_part(
    viewer: Viewer,
    digest: str,
    body: parts.Body,
    content_range: str | None,
    *,
    now: datetime,
    length: int | None = None,
) -> Progress:
    """Takes in bytes of the upload `digest`; the blob is there when they are complete and their hash is right.

    `content_range` is the header `bytes FIRST-LAST/TOTAL`; none: the body is all of it. `bytes */TOTAL` only asks how
    far it is. `length` is what the request says of its body. A part may repeat bytes, never leave a gap. Raises
    NotAllowed, NotFound for what is no digest, BadRange, UploadGap, TooManyUploads, or a BadBlob: then nothing is kept.
    """
    if viewer.account_id is None or not viewer.may_anywhere(Verb.CASE_REPORT):
        raise NotAllowed
    if not rules.is_hash(digest):
        raise NotFound
    file, known = parts.part_file(viewer.account_id, digest), brought_by(viewer, digest)
    if content_range and rules.asks_for_progress(content_range):
        return _how_far(viewer, digest, file, known, rules.total_asked(content_range), now)
    part = rules.parse_content_range(content_range) if content_range else None
    if part is not None and length not in (None, part.length):
        raise rules.BadRange
    if part is None and length is not None:
        part = rules.whole(length)
    if known and part is not None and part.length < part.total:
        return Progress(known.size, known)  # a last part sent again, because its answer was lost
    parts.refuse_another(viewer.account_id, file)
    with parts.spooled(body, file, part.length if part else rules.MAX_BYTES) as (spool, size):
        if part is None:
            part = rules.whole(size)
        elif size > part.length:
            raise rules.BadRange
        received = parts.joined(file, spool, part, size) if size else parts.held(file)
    if received < part.total:
        return Progress(received)
    return _finished(viewer, digest, file, known, now)


def _how_far(
    viewer: Viewer, digest: str, file: Path, known: Blob | None, total: int | None, now: datetime
) -> Progress:
    """Asked only. All of it may have come and nothing been kept, because whoever took the last part died before: it is finished
    now. A phone that hears that all has come sends nothing any more.
    """
    if known:
        return Progress(known.size, known)
    received = parts.held(file)
    return (
        _finished(viewer, digest, file, known, now) if received and received == total else Progress(received)
    )


def _finished(viewer: Viewer, digest: str, file: Path, known: Blob | None, now: datetime) -> Progress:
    """Everything arrived: it becomes a blob, or is refused and thrown away."""
    try:
        if digest_of_file(file) != digest:
            raise rules.WrongHash
        if known is not None:
            file.unlink(missing_ok=True)
            return Progress(known.size, known)
        kind = rules.sniff(file)
        photo = _clean(file) if kind.kind == "photo" else None
        blob, is_new = _kept(viewer, digest, file, kind, photo, now)
    except rules.BadBlob:
        file.unlink(missing_ok=True)
        raise
    except FileNotFoundError as error:  # another request of the same account finished it meanwhile
        if (known := brought_by(viewer, digest)) is None:
            raise rules.UploadGap(expected=0) from error
        return Progress(known.size, known)
    transaction.on_commit(lambda: file.unlink(missing_ok=True))
    return Progress(blob.size, blob, is_new)


def _kept(
    viewer: Viewer, digest: str, file: Path, kind: rules.Kind, photo: rules.CleanPhoto | None, now: datetime
) -> tuple[Blob, bool]:
    """The blob, stored unless somebody else had brought it, and this account among those who brought it."""
    parts.wait_for_others(digest)
    if (known := brought_by(viewer, digest)) is not None:
        return known, False
    upload = Upload.objects.create(blob_id=digest, by_id=viewer.account_id or 0, at=now)
    if is_stored(digest):
        blob = Blob.objects.get(digest=digest)  # seen by having brought it
    else:
        blob = _stored(viewer, digest, file, kind, photo, now)
    seat = viewer.first_seat
    journal.record(
        viewer,
        verb="blob.stored",
        subject=f"blob:{digest}",
        path=seat.path if seat else "",
        at=now,
        after={"kind": blob.kind, "size": blob.size, "upload": upload.pk},
    )
    return blob, True


def _stored(
    viewer: Viewer, digest: str, file: Path, kind: rules.Kind, photo: rules.CleanPhoto | None, now: datetime
) -> Blob:
    facts: dict[str, Any] = {"media_type": kind.media_type}
    if photo is None:
        with file.open("rb") as content:
            facts["size"] = _write(digest, "clean", File(content))
    else:
        _write(digest, "thumbnail", ContentFile(photo.thumbnail))
        lon, lat = photo.position or (None, None)
        facts = {
            "media_type": photo.media_type,
            "size": _write(digest, "clean", ContentFile(photo.clean)),
            "width": photo.width,
            "height": photo.height,
            "position_lon": lon,
            "position_lat": lat,
            "taken_at": photo.taken_at,
        }
    return Blob.objects.create(
        digest=digest, kind=kind.kind, stored_at=now, uploaded_by_id=viewer.account_id, **facts
    )


def _write(digest: str, variant: Variant, content: "File[bytes]") -> int:
    """Puts a variant into storage. What lies there has no row, so it was left by a crash and may be half."""
    name = stored_name(digest, variant)
    default_storage.delete(name)
    default_storage.save(name, content)
    return content.size


def _clean(file: Path) -> rules.CleanPhoto:
    with _DECODING:
        return rules.clean_photo(file.read_bytes())
