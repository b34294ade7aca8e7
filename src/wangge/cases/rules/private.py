"""What looks like a person's number in a text that everybody at the desks will read."""

import re
import unicodedata
from datetime import date

_JOINED = re.compile(r"(?<=\d)[ \-·.]{1,2}(?=\d)")
_IDENTITY = re.compile(r"(?<!\d)(\d{6})((?:19|20)\d{2})(\d{2})(\d{2})\d{3}[\dXx](?![\dA-Za-z])")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)")
_LANDLINE = re.compile(r"(?<![\d-])0\d{2,3}[ -]?[2-9]\d{6,7}(?![\d-])")


def private_parts(text: str) -> tuple[str, ...]:
    """Of which kinds numbers of persons seem to stand in the text: `identity`, `phone`. Numbers of cases are neither."""
    plain = unicodedata.normalize("NFKC", text)
    joined = _JOINED.sub("", plain)
    found = []
    if any(_is_day(*each.group(2, 3, 4)) for each in _IDENTITY.finditer(joined)):
        found.append("identity")
    if _LANDLINE.search(plain) or any(_MOBILE.search(each) for each in (plain, _without_case_numbers(plain))):
        found.append("phone")
    return tuple(found)


def _without_case_numbers(text: str) -> str:
    return _JOINED.sub("", re.sub(r"\d{4}-\d{6}-\d{4,5}", " ", text))


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True
