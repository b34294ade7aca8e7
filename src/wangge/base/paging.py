"""Keyset cursors: the sort key of a page's last row, packed so that it survives an address and is trusted in nothing.

A cursor is `base64url(JSON [version, [tag, value], …])`. It is opaque, not secret: it says only what the page showed.
Whoever reads one checks kinds and ranges, since it comes back from outside and goes into a query.
"""

import base64
import binascii
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from wangge.base.problems import Invalid

Key = datetime | str | int | uuid.UUID

LONGEST = 400
"""Characters a cursor may have, made or read."""

_VERSION = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class BadCursor(Invalid, ValueError):  # noqa: N818 - a fact about the request, like every problem
    """A cursor that this program did not make, or not for this list."""

    sentence = _("This page cannot be found from here. Start again from the first page.")


def encode_cursor(key: tuple[Key, ...]) -> str:
    """The cursor of a sort key: aware datetimes (kept to the microsecond, in UTC), texts, 64-bit integers, UUIDs.

    ValueError for a key that could not come back: another kind, a naive datetime, too long.
    """
    packed = json.dumps(
        [_VERSION, *(_packed(part) for part in key)], ensure_ascii=False, separators=(",", ":")
    )
    cursor = base64.urlsafe_b64encode(packed.encode()).rstrip(b"=").decode()
    if len(cursor) > LONGEST:
        raise ValueError(f"a cursor is at most {LONGEST} characters; cut the texts of the sort key")
    return cursor


def decode_cursor(text: str, *kinds: type[Key]) -> tuple[Key, ...]:
    """The sort key in a cursor; BadCursor for anything else. With `kinds`, the key must be of exactly these.

    Datetimes come back in UTC.
    """
    if len(text) > LONGEST:
        raise BadCursor
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        version, *parts = json.loads(raw.decode())
        if version != _VERSION or isinstance(version, bool):
            raise BadCursor
        key = tuple(_unpacked(*part) for part in parts)
    except (TypeError, ValueError, OverflowError, RecursionError, binascii.Error) as error:
        raise BadCursor from error
    if kinds and [type(part) for part in key] != list(kinds):
        raise BadCursor
    return key


def _packed(part: Key) -> list[str | int]:
    match part:
        case datetime():
            if part.utcoffset() is None:
                raise ValueError("a moment without time zone cannot be a sort key")
            packed: list[str | int] = ["t", (part - _EPOCH) // _MICROSECOND]
        case uuid.UUID():
            packed = ["u", part.hex]
        case int() | str():
            packed = ["i" if isinstance(part, int) else "s", part]
        case _:
            raise ValueError(f"{type(part).__name__} cannot be part of a sort key")
    _unpacked(*packed)  # what could not be read back must not go out
    return packed


def _unpacked(tag: Any, value: Any) -> Key:
    match tag, value:
        case "t", int() if not isinstance(value, bool):
            return _EPOCH + timedelta(microseconds=value)
        case "u", str() if len(value) == 32:
            return uuid.UUID(hex=value)
        case "i", int() if not isinstance(value, bool) and -(1 << 63) <= value < 1 << 63:
            return value
        case "s", str() if "\0" not in value:
            value.encode()  # a lone surrogate has no place in a query
            return value
    raise BadCursor
