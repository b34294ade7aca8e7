"""A point of the map in what somebody pasted or says: degrees in either order, or a map's link."""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from wangge.base.coordinates import Datum

#: China, by which a longitude and a latitude are told apart: their ranges do not meet.
_LONS, _LATS = (73.0, 136.0), (3.0, 54.0)

_DEGREES = re.compile(
    r"(\d{1,3})\s*[°度]\s*(\d{1,2})\s*[′'分]\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:[\"秒]|''|′′))?", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![\d.])\d{1,3}\.\d{2,}(?![\d.])")
_DATUM_OF: tuple[tuple[re.Pattern[str], Datum], ...] = (
    (re.compile(r"baidu|bd-?09|百度", re.IGNORECASE), "bd09"),
    (re.compile(r"amap|gaode|qq\.com|gcj-?02|高德|腾讯|火星|google", re.IGNORECASE), "gcj02"),
    (re.compile(r"openstreetmap|geo:|wgs-?84|gps|天地图|cgcs", re.IGNORECASE), "wgs84"),
)


@dataclass(frozen=True, slots=True)
class Position:
    """Degrees as they are written, and the datums that they may be in."""

    lon: float
    lat: float
    datums: tuple[Datum, ...]


def read_position(text: str) -> Position | None:
    """The first longitude and latitude in a text; None without.

    A link or a word tells whose map it is from; without one the degrees may be in any datum that Chinese maps use.
    """
    plain = _DEGREES.sub(_decimal, unicodedata.normalize("NFKC", text))
    numbers = [float(each) for each in _NUMBER.findall(plain)]
    for one, other in pairwise(numbers):
        for lon, lat in ((one, other), (other, one)):
            if _LONS[0] <= lon <= _LONS[1] and _LATS[0] <= lat <= _LATS[1]:
                return Position(lon, lat, _datums(text))
    return None


def _decimal(found: re.Match[str]) -> str:
    degrees, minutes, seconds = (float(part or 0) for part in found.groups())
    return f" {degrees + minutes / 60 + seconds / 3600:.7f} "


def _datums(text: str) -> tuple[Datum, ...]:
    for said, datum in _DATUM_OF:
        if said.search(text):
            return (datum,)
    return ("wgs84", "gcj02", "bd09")
