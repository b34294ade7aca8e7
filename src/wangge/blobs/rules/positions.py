"""What a photo says about itself in EXIF: which way is up, where and when it was taken. Wrong values are no values."""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

from PIL import ExifTags, Image

# Cameras rarely write an offset; all of China keeps one time.
CHINA_TIME = timezone(timedelta(hours=8))
# What the decoders raise on hostile bytes, as they parse; their warnings too, where warnings are made errors.
DECODER_ERRORS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,
    struct.error,
)
_MOMENT = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """`orientation` 1 to 8 as EXIF counts; `position` is WGS 84 longitude, latitude; `taken_at` is in UTC."""

    orientation: int
    position: tuple[float, float] | None
    taken_at: datetime | None


def photo_facts(image: Image.Image) -> PhotoFacts:
    """Reads EXIF 2.32 from a decoded image; what is missing or nonsense comes out as 1, None, None."""
    try:
        exif = image.getexif()
        orientation = exif.get(ExifTags.Base.Orientation, 1)
    except DECODER_ERRORS:
        return PhotoFacts(1, None, None)
    upright = orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1
    return PhotoFacts(
        upright,
        position_from(_directory(exif, ExifTags.IFD.GPSInfo)),
        moment_from(_directory(exif, ExifTags.IFD.Exif)),
    )


def _directory(exif: Image.Exif, tag: int) -> Mapping[int, Any]:
    try:
        return exif.get_ifd(tag)
    except DECODER_ERRORS:
        return {}


def position_from(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    """Longitude and latitude in degrees from EXIF's GPS directory (4.6.6), exact until the last rounding.

    None unless both have a hemisphere and lie on the globe; None for 0, 0, which receivers write before they know.
    """
    lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "NS", 90)
    lon = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "EW", 180)
    if lat is None or lon is None or lat == lon == 0:
        return None
    return float(lon), float(lat)


def _degrees(parts: Any, reference: Any, signs: str, most: int) -> Fraction | None:
    """Degrees, minutes, seconds and a hemisphere as one signed number; `signs` names the positive one first."""
    hemisphere = _text(reference).upper()
    if not isinstance(parts, tuple | list) or not 1 <= len(parts) <= 3 or len(hemisphere) != 1:
        return None
    numbers = [_fraction(part) for part in parts]
    known = [number for number in numbers if number is not None and number >= 0]
    if len(known) < len(numbers) or any(number > 60 for number in known[1:]) or hemisphere not in signs:
        return None
    total = sum((number / 60**place for place, number in enumerate(known)), Fraction(0))
    if total > most:
        return None
    return total if hemisphere == signs[0] else -total


def _fraction(value: Any) -> Fraction | None:
    """A rational as the file has it; None for a denominator of zero and for what is no number."""
    try:
        return Fraction(value.numerator, value.denominator)
    except (ArithmeticError, AttributeError, TypeError, ValueError):
        return None


def moment_from(exif: Mapping[int, Any]) -> datetime | None:
    """When the shutter was pressed, in UTC, from DateTimeOriginal and its offset (China time where there is none).

    None before 1990 and after 2200: no camera wrote EXIF then, and a clock was never set.
    """
    match = _MOMENT.fullmatch(_text(exif.get(ExifTags.Base.DateTimeOriginal)))
    if match is None or not 1990 <= int(match[1]) <= 2200:
        return None
    offset = _OFFSET.fullmatch(_text(exif.get(ExifTags.Base.OffsetTimeOriginal)))
    zone = CHINA_TIME
    try:
        if offset is not None:
            span = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
            zone = timezone(-span if offset[1] == "-" else span)
        year, month, day, hour, minute, second = (int(number) for number in match.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None


def _text(value: Any) -> str:
    """EXIF text without the zeros and blanks it is padded with; "" for what is no text."""
    if isinstance(value, bytes):
        value = value.decode("ascii", errors="replace")
    return value.strip("\0 ") if isinstance(value, str) else ""
