"""Uploads that go on after a broken connection: parts with `Content-Range` (RFC 9110, 14.4 and 14.5)."""

import re
from dataclasses import dataclass

from wangge.blobs.rules.limits import MAX_BYTES, MIB
from wangge.blobs.rules.refusals import BadRange, Empty, TooLarge, UploadGap

# At most 19 digits: a number of a thousand digits must not cost time to read.
_RANGE = re.compile(
    r"bytes (0|[1-9][0-9]{0,18})-(0|[1-9][0-9]{0,18})/([1-9][0-9]{0,18})", re.ASCII | re.IGNORECASE
)
_ASKED = re.compile(r"bytes \*/(?:\*|([0-9]{1,19}))", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes `start` to `end` of `total`, both ends included."""

    start: int
    end: int
    total: int

    @property
    def length(self) -> int:
        """How many bytes the request's body must have."""
        return self.end - self.start + 1


def parse_content_range(text: str) -> Range:
    """`bytes 0-1023/4096` → Range(0, 1023, 4096). The total must be known.

    Raises BadRange for anything else and TooLarge when the total is over what any attachment may have.
    """
    match = _RANGE.fullmatch(text)
    if match is None:
        raise BadRange
    start, end, total = (int(number) for number in match.groups())
    if not start <= end < total:
        raise BadRange
    if total > MAX_BYTES:
        raise TooLarge(limit_mib=MAX_BYTES // MIB)
    return Range(start, end, total)


def asks_for_progress(text: str) -> bool:
    """Whether `Content-Range` names no bytes, `bytes */4096`: how a client asks how much has arrived (RFC 9110, 14.4)."""
    return _ASKED.fullmatch(text) is not None


def total_asked(text: str) -> int | None:
    """How many bytes there are in all, as such a question says; None where it does not."""
    match = _ASKED.fullmatch(text)
    return int(match[1]) if match and match[1] else None


def whole(length: int) -> Range:
    """The range of an upload that comes in one piece; Empty, or TooLarge before a byte of it was read."""
    if length <= 0:
        raise Empty
    if length > MAX_BYTES:
        raise TooLarge(limit_mib=MAX_BYTES // MIB)
    return Range(0, length - 1, length)


def check_total(content_range: str | None, length: int, most: int | None) -> None:
    """TooLarge for what is larger than this asker may bring; `most` is None for those who may bring what anybody may."""
    if most is None or (content_range and asks_for_progress(content_range)):
        return
    total = parse_content_range(content_range).total if content_range else length
    if total > most:
        raise TooLarge(limit_mib=most // MIB)


def merge(received: int, part: Range) -> int:
    """The next offset after `part` came to `received` bytes: a part may repeat bytes already had, never leave a gap.

    Raises UploadGap with the offset expected. A part that brings nothing new leaves the offset where it was.
    """
    if part.start > received:
        raise UploadGap(expected=received)
    return max(received, part.end + 1)
