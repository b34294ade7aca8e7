"""What the edges take in: typed values for pydantic, each made safe or refused with a sentence. No Django."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field

from wangge.base import clock
from wangge.base.text import clean_line, clean_text

FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing that this system keeps happened before; a date in 1900 is a slip of the hand."""

AHEAD = timedelta(minutes=10)
"""So much may a phone's clock be fast."""


def line(limit: int, *, least: int = 1, name: str = "text") -> Any:
    """A line of `least` to `limit` characters after cleaning (`base.text.clean_line`)."""

    def check(value: str) -> str:
        kept = clean_line(value, limit=limit, name=name)
        if len(kept) < least:
            raise ValueError(f"at least {least} characters")
        return kept

    return Annotated[str, Field(max_length=limit * 4), AfterValidator(check)]


def text(limit: int, *, least: int = 0, name: str = "text") -> Any:
    """A text of lines, at most `limit` characters after cleaning (`base.text.clean_text`)."""

    def check(value: str) -> str:
        kept = clean_text(value, limit=limit, name=name)
        if len(kept) < least:
            raise ValueError(f"at least {least} characters")
        return kept

    return Annotated[str, Field(max_length=limit * 4), AfterValidator(check)]


def _past(value: datetime) -> datetime:
    if not FIRST_MOMENT <= value <= clock.now() + AHEAD:
        raise ValueError("a moment from the year 2000 until now")
    return value.astimezone(UTC)


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment that also exists in UTC") from None


Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Past = Annotated[AwareDatetime, AfterValidator(_past)]
"""A moment that has been, with its offset; comes out in UTC."""
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""Any moment, with its offset; comes out in UTC, since PostgreSQL refuses offsets that Python takes."""
Day = Annotated[
    date, Field(ge=FIRST_MOMENT.date(), le=date(2099, 12, 31), description="2000-01-01 to 2099-12-31")
]
"""A day that plans are made for; what is computed from it stays within the calendar."""
AreaCode = Annotated[str, Field(pattern=r"^[0-9]{12}([0-9]{4})?$")]
ItemCode = Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}-[0-9]{2}$")]

Digest = Annotated[
    str, Field(pattern="^[0-9a-f]{64}$", description="the SHA-256 of the bytes, in hexadecimal")
]
"""How a blob is named."""
