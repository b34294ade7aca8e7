"""Ids that clients and servers make without asking each other: UUID version 7 (RFC 9562 §5.7), ordered by time."""

import secrets
import uuid
from datetime import UTC, datetime, timedelta

from wangge.base.clock import now

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION = 7 << 76
_VARIANT = 0b10 << 62


def new_id(now_ms: int | None = None) -> uuid.UUID:
    """A new UUIDv7: 48 bits of milliseconds since 1970 (`now_ms`, by default the clock's), 74 bits of chance.

    Within a millisecond the order is by chance. ValueError when `now_ms` does not fit 48 bits.
    """
    moment = (now() - _EPOCH) // timedelta(milliseconds=1) if now_ms is None else now_ms
    if not 0 <= moment < 1 << 48:
        raise ValueError("milliseconds since 1970 must fit 48 bits")
    return uuid.UUID(
        int=moment << 80 | _VERSION | secrets.randbits(12) << 64 | _VARIANT | secrets.randbits(62)
    )


def is_uuid7(value: uuid.UUID) -> bool:
    """Whether version and variant are those of a UUIDv7."""
    return value.version == 7


def timestamp_of(value: uuid.UUID) -> datetime:
    """The moment (UTC, milliseconds) a UUIDv7 says it was made; ValueError for any other id or past the year 9999.

    Whoever made the id chose it: never take it for the time at which something happened.
    """
    if not is_uuid7(value):
        raise ValueError("not a UUID of version 7")
    try:
        return _EPOCH + timedelta(milliseconds=value.int >> 80)
    except OverflowError as error:
        raise ValueError("the id's time lies past the year 9999") from error
