"""What bytes really are. The name and the media type a client sends are never believed."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import puremagic

from wangge.base.problems import _
from wangge.blobs.rules.documents import document_kind
from wangge.blobs.rules.limits import LIMITS, MAX_BYTES, MIB, Kind
from wangge.blobs.rules.refusals import Empty, TooLarge, UnknownType
from wangge.blobs.rules.voices import HEAD_BYTES, voice_kind

_APPLE_PHOTO_BRANDS = (
    b"heic",
    b"heix",
    b"heim",
    b"heis",
    b"hevc",
    b"hevx",
    b"mif1",
    b"msf1",
    b"avif",
    b"avis",
)


def sniff(content: bytes | Path | BinaryIO, *, name: str = "") -> Kind:
    """What `content` is, from its bytes; `name`, as the client calls it, only helps to word a refusal.

    A file handed in open keeps its place. Raises Empty, TooLarge (20 MiB for photos and documents, 10 MiB for
    voice), UnknownType for all that is not on the list, and for documents Damaged and DecompressionBomb.
    """
    with _opened(content) as file:
        size = file.seek(0, 2)
        if size == 0:
            raise Empty
        if size > MAX_BYTES:
            raise TooLarge(limit_mib=MAX_BYTES // MIB)
        file.seek(0)
        head = file.read(HEAD_BYTES)
        kind = _photo_kind(head) or voice_kind(head, file) or document_kind(head, file)
    if kind is None:
        raise UnknownType(seems=_resemblance(head, name))
    if size > LIMITS[kind.kind]:
        raise TooLarge(limit_mib=LIMITS[kind.kind] // MIB)
    return kind


@contextmanager
def _opened(content: bytes | Path | BinaryIO) -> Iterator[BinaryIO]:
    if isinstance(content, bytes):
        yield BytesIO(content)
    elif isinstance(content, Path):
        with content.open("rb") as file:
            yield file
    else:
        at = content.tell()
        try:
            yield content
        finally:
            content.seek(at)


def _photo_kind(head: bytes) -> Kind | None:
    """By signature only: what follows is proven, and made harmless, when the photo is decoded and written anew."""
    if head.startswith(b"\xff\xd8\xff"):
        return Kind("photo", "image/jpeg", "jpg")
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        return Kind("photo", "image/png", "png")
    if head.startswith(b"RIFF") and head[8:15] == b"WEBPVP8":
        return Kind("photo", "image/webp", "webp")
    return None


def _resemblance(head: bytes, name: str) -> str:
    """What refused bytes look like, for the sentence shown. `puremagic` only names: it is content with two bytes."""
    text = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head[4:8] == b"ftyp" and head[8:12] in _APPLE_PHOTO_BRANDS:
        return _("a HEIC or AVIF photo (set the camera to “most compatible”, which is JPEG)")
    if text.startswith((b"<", b"#!")) or b"<script" in text or b"<?php" in text:
        return _("a web page or a script")
    if text.startswith((b"mz", b"\x7felf")):
        return _("a program")
    if text.startswith(b"pk\x03\x04"):
        return _("an archive or a document with macros")
    try:
        media_types = [match.mime_type for match in puremagic.magic_string(head, filename=name or None)]
    except (puremagic.PureError, ValueError):
        media_types = []
    return next((media_type for media_type in media_types if media_type), _("of an unknown kind"))
