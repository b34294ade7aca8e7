"""Reading blobs: what is stored, and its bytes. The row policies keep a blob to those who brought it or see where it hangs."""

from collections.abc import Collection
from typing import Literal

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection

from wangge.access import Viewer
from wangge.base.problems import NotFound
from wangge.blobs import rules
from wangge.blobs.models import Blob, Upload

Variant = Literal["clean", "thumbnail"]


def blob(digest: str) -> Blob:
    """The blob of this digest as far as the viewer of this transaction sees it; NotFound."""
    found = Blob.objects.filter(digest=digest).first() if rules.is_hash(digest) else None
    if found is None:
        raise NotFound
    return found


def seen_among(digests: Collection[str]) -> dict[str, Blob]:
    """Those of these blobs that have come and that the viewer of this transaction sees."""
    return Blob.objects.in_bulk([digest for digest in digests if rules.is_hash(digest)])


def blobs(digests: Collection[str]) -> dict[str, Blob]:
    """These blobs as far as the viewer of this transaction sees them; NotFound when one of them is not."""
    found = seen_among(digests)
    if len(found) < len(set(digests)):
        raise NotFound
    return found


def brought_by(viewer: Viewer, digest: str) -> Blob | None:
    """The blob if the viewer has uploaded it once, and has nothing more to send."""
    # Mostly there is none, and that is asked of one small table alone.
    is_there = Upload.objects.filter(blob_id=digest, by_id=viewer.account_id or 0).exists()
    return Blob.objects.filter(digest=digest).first() if is_there else None


def open_blob(digest: str, variant: Variant = "clean") -> "File[bytes]":
    """The clean copy or the thumbnail, open for reading: the caller closes it. NotFound, NoThumbnail."""
    found = blob(digest)
    if variant == "thumbnail" and found.kind != "photo":
        raise rules.NoThumbnail
    try:
        return default_storage.open(stored_name(digest, variant))
    except FileNotFoundError as error:
        raise NotFound from error


def stored_name(digest: str, variant: Variant) -> str:
    """Where a variant lies in storage: folders of two letters keep any of them from growing too large."""
    return f"{digest[:2]}/{digest}/{variant}"


def is_stored(digest: str) -> bool:
    """Whether anybody has brought it, who may be nobody that the viewer sees."""
    with connection.cursor() as cursor:
        cursor.execute("select * from blobs_stored(%s)", [[digest]])
        return cursor.fetchone() is not None
