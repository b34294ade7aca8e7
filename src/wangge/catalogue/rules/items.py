"""What an item must say, which items a text speaks of, and how urgency shortens a deadline.

`check_item_row` judges one row of `data/items.csv` or of a city's own list in the same columns.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from wangge.base.text import FORMULA_SIGNS

BUSINESSES = {"safety": "S", "management": "M", "service": "V"}
"""Business → the letter that its codes begin with."""

TIERS = ("grid", "community", "township", "county")
URGENCIES = ("normal", "urgent", "emergency")
PROOFS = ("none", "photo", "witness")
SUMMONS_KINDS = ("emergency", "enforcement", "nobody")
LOCAL_BASIS = "local duty list"
"""Stands for the legal basis where no law names the work."""

LEAST_DEADLINE_MINUTES = 30
"""No deadline is shorter: a desk must be able to read what came."""


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An item that a text may be about; `score` only orders, `words` are the keywords found, heaviest first."""

    code: str
    score: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell: its column, what stands there, what was expected (an English msgid)."""

    column: str
    value: str
    expected: str


def suggest_items(text: str, keywords: Mapping[str, Sequence[str]], *, limit: int = 5) -> list[Suggestion]:
    """The items whose keywords stand in `text`, best first, at most `limit`; none when no keyword does.

    A keyword weighs by its length and by how few items share it; found again it adds less each time, so a caller
    makes the title count more by repeating it. Width and case are folded. Ties go to the lower code.
    """
    folded = _folded(text)
    sharers = _sharers(tuple((code, tuple(words)) for code, words in keywords.items()))
    weights = {
        word: _weight(word, count, len(keywords)) * (1 + math.log(times))
        for word, count in sharers.items()
        if (times := folded.count(word))
    }
    found: list[Suggestion] = []
    for code, words in keywords.items():
        hits = {word: weights[key] for word in words if (key := _folded_word(word)) in weights}
        if hits:
            ordered = sorted(hits, key=lambda word: (-hits[word], word))
            found.append(Suggestion(code, round(math.fsum(hits.values()), 6), tuple(ordered)))
    found.sort(key=lambda suggestion: (-suggestion.score, suggestion.code))
    return found[: max(limit, 0)]


def deadline_minutes(base_minutes: int, urgency: str, *, urgent_percent: int, emergency_percent: int) -> int:
    """Working minutes for a step at `urgency`: the item's normal minutes, or the percentage of them, rounded up.

    Never under 30; never longer than at a lesser urgency, whatever the percentages say. ValueError for an unknown
    urgency.
    """
    if urgency not in URGENCIES:
        raise ValueError(f"urgency must be one of {', '.join(URGENCIES)}, not {urgency!r}")
    minutes = base_minutes
    if urgency != "normal":
        minutes = min(minutes, _share(base_minutes, urgent_percent))
    if urgency == "emergency":
        minutes = min(minutes, _share(base_minutes, emergency_percent))
    return max(minutes, LEAST_DEADLINE_MINUTES)


def check_item_row(row: Mapping[str, str]) -> list[Fault]:
    """Every fault of one row of an item list, in the order of the columns; a missing column counts as empty.

    Whether the department exists and the code is unique is the caller's to see: a row does not know.
    """
    faults = [
        Fault(column, row.get(column, ""), expected)
        for column, (is_right, expected) in _COLUMNS.items()
        if not is_right(row.get(column, ""))
    ]
    wrong = {fault.column for fault in faults}
    for columns, is_right_together, expected in _TOGETHER:
        if wrong.isdisjoint(columns) and not is_right_together(*(row[column] for column in columns)):
            faults.append(Fault(columns[0], row[columns[0]], expected))
    order = list(_COLUMNS)
    return sorted(faults, key=lambda fault: order.index(fault.column))


def item_values(row: Mapping[str, str]) -> dict[str, Any]:
    """The values of a row without faults, each of its kind. Columns that only the sample city's life uses are left out."""
    kept = {name: row[name] for name in _COLUMNS if name not in SAMPLE_COLUMNS and name != "code"}
    return {
        name: value.split()
        if name in _LISTS
        else value == "1"
        if name == "confidential"
        else int(value)
        if name in _NUMBERS
        else value
        for name, value in kept.items()
    }


def _share(minutes: int, percent: int) -> int:
    # Rounded up in whole numbers: a float would make some shares a minute too long.
    return (minutes * percent + 99) // 100


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


#: For keywords only: what residents write must not stay in a cache.
_folded_word = lru_cache(maxsize=8192)(_folded)


@lru_cache(maxsize=4)
def _sharers(lists: tuple[tuple[str, tuple[str, ...]], ...]) -> Mapping[str, int]:
    """Folded keyword → how many items have it. Kept, because a catalogue is asked thousands of times unchanged."""
    return Counter(word for _code, words in lists for word in {_folded_word(word) for word in words} if word)


def _weight(word: str, sharers: int, items: int) -> float:
    return len(word) * (1 + math.log(items / sharers))


_Check = tuple[Callable[[str], bool], str]


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def _whole(least: int, most: int) -> Callable[[str], bool]:
    digits = re.compile("[0-9]{1,6}")
    return lambda value: digits.fullmatch(value) is not None and least <= int(value) <= most


def _text(most: int, letters: str) -> Callable[[str], bool]:
    needed = re.compile(letters)
    return lambda value: (
        len(value) <= most
        and value == value.strip()
        and value.isprintable()
        and not value.startswith(FORMULA_SIGNS)
        and bool(needed.search(value))
    )


def _are_keywords(value: str) -> bool:
    words = value.split()
    return (
        3 <= len(words) <= 12
        and len({_folded(word) for word in words}) == len(words)
        and all(2 <= len(word) <= 20 and word.isprintable() for word in words)
        and not value.startswith(FORMULA_SIGNS)
    )


def _are_urgencies(value: str) -> bool:
    levels = value.split()
    return bool(levels) and set(levels) <= set(URGENCIES) and len(set(levels)) == len(levels)


def _is_legal_basis(value: str) -> bool:
    return value == LOCAL_BASIS or (
        len(value) <= 300
        and value.isprintable()
        and not value.startswith(FORMULA_SIGNS)
        and re.search("《[^《》]{2,}》", value) is not None
    )


def _one_of(values: Iterable[str]) -> Callable[[str], bool]:
    return frozenset(values).__contains__


_CHINESE = "[\u3400-\u9fff]"
_ENGLISH = "[A-Za-z]"
_FLAG: _Check = (_one_of(("0", "1")), _("0 or 1"))
_WORKING: _Check = (
    _whole(LEAST_DEADLINE_MINUTES, 126_000),
    _("working minutes, 30 to 126000 (420 are a day)"),
)
_PERCENT: _Check = (_whole(1, 100), _("a whole number from 1 to 100"))

#: The columns of an item list in their order; lengths are those that the database keeps.
_COLUMNS: Mapping[str, _Check] = {
    "code": (
        _matches("[SMV][0-9]{2}-[0-9]{2}"),
        _("S, M or V, two digits, a hyphen, two digits, as in S01-03"),
    ),
    "business": (_one_of(BUSINESSES), _("one of: safety, management, service")),
    "group": (_matches("[SMV][0-9]{2}"), _("S, M or V and two digits, as in S01")),
    "group_zh": (_text(40, _CHINESE), _("the group's name in Chinese, at most 40 characters")),
    "group_en": (_text(60, _ENGLISH), _("the group's name in English, at most 60 characters")),
    "zh": (_text(60, _CHINESE), _("the item's name in Chinese, at most 60 characters")),
    "en": (_text(90, _ENGLISH), _("the item's name in English, at most 90 characters")),
    "keywords": (_are_keywords, _("3 to 12 different words of 2 to 20 characters, separated by spaces")),
    "department": (
        _matches("[a-z][a-z0-9-]{1,29}"),
        _("the code of a department: small letters, digits, hyphens"),
    ),
    "first_tier": (_one_of(TIERS), _("one of: grid, community, township, county")),
    "urgency_levels": (
        _are_urgencies,
        _("one or more of: normal, urgent, emergency; the first is the default"),
    ),
    "accept_minutes": _WORKING,
    "handle_minutes": _WORKING,
    "verify_minutes": _WORKING,
    "urgent_percent": _PERCENT,
    "emergency_percent": _PERCENT,
    "proof": (_one_of(PROOFS), _("one of: none, photo, witness")),
    "confidential": _FLAG,
    "summons": (_one_of(("", *SUMMONS_KINDS)), _("empty, or one of: emergency, enforcement, nobody")),
    "retention_years": (_whole(1, 100), _("a whole number from 1 to 100")),
    "legal_basis": (_is_legal_basis, _("a law or regulation in 《》, or the words: local duty list")),
    "data_collected": (_text(300, _CHINESE), _("what is asked, in Chinese, at most 300 characters")),
    "minutes_per_case": (_whole(1, 2_100), _("minutes, 1 to 2100")),
    "minutes_per_week": (_whole(0, 2_100), _("minutes, 0 to 2100")),
    "common_weight": (_whole(1, 100), _("a whole number from 1 to 100")),
    "rainy": _FLAG,
    "winter": _FLAG,
    "night": _FLAG,
}

#: How common an item is and when: for the sample city's life, not for the catalogue. A city's own list may leave them out.
SAMPLE_COLUMNS: Mapping[str, str] = {"common_weight": "1", "rainy": "0", "winter": "0", "night": "0"}
COLUMNS = tuple(_COLUMNS)
_LISTS = {"keywords", "urgency_levels"}
_NUMBERS = {name for name in _COLUMNS if name.endswith(("_minutes", "_percent", "_years"))} | {
    "minutes_per_case",
    "minutes_per_week",
}

#: What columns must say together; judged only when each is right alone, and reported at the first of them.
_TOGETHER: tuple[tuple[tuple[str, ...], Callable[..., bool], str], ...] = (
    (
        ("group", "business"),
        lambda group, business: group[0] == BUSINESSES[business],
        _("the letter of its business"),
    ),
    (("code", "group"), lambda code, group: code[:3] == group, _("a code that begins with its group")),
    (
        ("emergency_percent", "urgent_percent"),
        lambda emergency, urgent: int(emergency) <= int(urgent),
        _("at most the percentage for urgent"),
    ),
    (
        ("proof", "confidential"),
        lambda proof, confidential: not (proof == "photo" and confidential == "1"),
        _("no photo for a confidential item"),
    ),
)
