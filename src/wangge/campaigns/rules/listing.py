"""A list of households as somebody has it: which cell of each line says which household. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: What a column may be called, the surest first: the household's number, the code of its door, its address.
_TITLES: tuple[tuple[str, ...], ...] = (
    ("户编号", "户号", "住户编号", "家庭编号", "household", "householdnumber", "household_number", "number"),
    ("门牌码", "门牌编码", "门牌二维码", "房屋编码", "房屋编号", "plate", "dwelling", "dwellingcode", "doorplate"),
    ("地址", "住址", "居住地址", "现居住地址", "现住址", "常住地址", "家庭住址", "家庭地址", "详细地址", "房屋地址", "address"),
)  # fmt: skip
#: A title above the header is usual.
_HEADER_WITHIN = 10


def plain(said: str) -> str:
    """As codes and addresses are compared: full width or half, capitals, no blanks. The twin of `campaigns_plain`."""
    return re.sub(r"[\s\x00-\x1f\x7f]+", "", unicodedata.normalize("NFKC", said)).upper()


def said_in(lines: Iterable[tuple[int, Sequence[str]]]) -> list[tuple[int, str]]:
    """What names a household in each line of a table, with the line's number.

    With a header: the surest of its columns that is filled in. Without one: the first cell that is.
    """
    every = [(line, [str(cell).strip() for cell in cells]) for line, cells in lines]
    at, columns = _header(every)
    found = []
    for line, cells in every[at:]:
        asked = [cells[column] for column in columns if column < len(cells)] if columns else cells
        if any(cells):
            found.append((line, next((cell for cell in asked if cell), "")))
    return found


def _header(lines: Sequence[tuple[int, list[str]]]) -> tuple[int, list[int]]:
    """Where the lines below the header begin, and its columns that name households."""
    for at, (_line, cells) in enumerate(lines[:_HEADER_WITHIN]):
        titles = [plain(cell).lower() for cell in cells]
        columns = [titles.index(title) for names in _TITLES for title in names if title in titles]
        if columns:
            return at + 1, columns
    return 0, []


def typed_lines(text: str) -> list[tuple[int, str]]:
    """What was typed, one household a line."""
    return [(line, said.strip()) for line, said in enumerate(text.splitlines(), start=1) if said.strip()]


def shown(kept: Mapping[str, Any], numbers: Mapping[str, str]) -> str:
    """A kept list as it is typed: by numbers where they are known."""
    return "\n".join(numbers.get(each, each) for each in kept.get("households", []))
