"""Removing what was begun and never finished."""

from datetime import UTC, datetime, timedelta

from django.core.files.storage import default_storage
from django.db import transaction

from wangge.blobs.actions import parts
from wangge.blobs.queries import Variant, is_stored, stored_name

#: A phone without a network for a day may still go on; after this it begins anew.
KEPT = timedelta(days=2)


def drop_unfinished_uploads(*, now: datetime) -> int:
    """Removes parts that have waited for two days, and what a crash left in storage of them; gives how many files.

    A part that is still there belongs to an upload that was never committed: copies of it in storage, if nobody else
    brought the same, belong to nobody.
    """
    old = [
        file
        for file in parts.folder().iterdir()
        if file.suffix in (parts.PART, parts.SPOOL)
        and datetime.fromtimestamp(file.stat().st_mtime, UTC) < now - KEPT
    ]
    for digest in sorted({parts.digest_of(file) for file in old}):
        with transaction.atomic():
            parts.wait_for_others(digest)
            if not is_stored(digest):
                for variant in _VARIANTS:
                    default_storage.delete(stored_name(digest, variant))
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)


_VARIANTS: tuple[Variant, ...] = ("clean", "thumbnail")
