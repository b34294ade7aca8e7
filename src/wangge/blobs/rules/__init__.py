"""Decisions about attachments on plain bytes: what is accepted, how a photo is made clean, how an upload goes on.

Everything comes out as a value or as a `BadBlob`, `BadRange` or `UploadGap`; nothing is read from disk or network here
but the file handed in.
"""

from wangge.blobs.rules.hashes import content_hash, is_hash
from wangge.blobs.rules.kinds import sniff
from wangge.blobs.rules.limits import (
    EXTENSIONS,
    LIMITS,
    MAX_BYTES,
    MAX_PIXELS,
    MAX_WEBP_PIXELS,
    Kind,
    KindName,
)
from wangge.blobs.rules.photos import CleanPhoto, clean_photo
from wangge.blobs.rules.refusals import (
    BadBlob,
    BadRange,
    Damaged,
    DecompressionBomb,
    Empty,
    LengthRequired,
    NoThumbnail,
    TooLarge,
    TooManyUploads,
    UnknownType,
    UploadGap,
    UploadsBusy,
    WrongHash,
)
from wangge.blobs.rules.uploads import (
    Range,
    asks_for_progress,
    check_total,
    merge,
    parse_content_range,
    total_asked,
    whole,
)

__all__ = [
    "EXTENSIONS",
    "LIMITS",
    "MAX_BYTES",
    "MAX_PIXELS",
    "MAX_WEBP_PIXELS",
    "BadBlob",
    "BadRange",
    "CleanPhoto",
    "Damaged",
    "DecompressionBomb",
    "Empty",
    "Kind",
    "KindName",
    "LengthRequired",
    "NoThumbnail",
    "Range",
    "TooLarge",
    "TooManyUploads",
    "UnknownType",
    "UploadGap",
    "UploadsBusy",
    "WrongHash",
    "asks_for_progress",
    "check_total",
    "clean_photo",
    "content_hash",
    "is_hash",
    "merge",
    "parse_content_range",
    "sniff",
    "total_asked",
    "whole",
]
