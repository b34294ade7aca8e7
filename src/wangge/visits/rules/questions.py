"""What a department asks at doors, and what a reply may be. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from wangge.base.text import clean_line
from wangge.visits.rules.problems import BadVisit

ANSWER_KINDS = ("yes_no", "words", "number", "line")
YES_NO = ("yes", "no")
LEAST_WORDS, MOST_WORDS = 2, 6
LONGEST_WORD = 20
LONGEST_LINE = 120
MOST_DAYS = 92
"""What is asked for longer is a rule or a campaign."""
LEAST_HOMES = 10
"""Fewer households are not asked, and the answers of fewer are not told: a sum would be somebody. The database keeps it, too."""

WAITING, REFUSED, RUNNING, ENDED = QUESTION_STATES = ("waiting", "refused", "running", "ended")
#: (step, state before) → state after. The office of the area accepts and refuses; it and the department end.
STEPS = {
    ("accept", WAITING): RUNNING,
    ("refuse", WAITING): REFUSED,
    ("end", WAITING): ENDED,
    ("end", RUNNING): ENDED,
}
QUESTION_STEPS = tuple(dict.fromkeys(step for step, _state in STEPS))

_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,2})?")


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Said:
    """A reply as it is kept: the place of the word among those to choose from, a number, or a line."""

    choice: int | None = None
    number: Decimal | None = None
    line: str | None = None


def options(answer: str, words: Sequence[str]) -> tuple[str, ...]:
    """Among which of these somebody chooses; none where they are asked for a number or a line."""
    if answer == "yes_no":
        return YES_NO
    return tuple(words) if answer == "words" else ()


def said_of(answer: str, words: Sequence[str], text: str) -> Said:
    """A reply that fits the question; BadVisit for any other."""
    known = options(answer, words)
    if known:
        if text not in known:
            raise BadVisit(field="replies", expected=", ".join(known))
        return Said(choice=known.index(text))
    if answer == "number":
        if not _NUMBER.fullmatch(text):
            raise BadVisit(field="replies", expected=_("a number with at most two decimals"))
        return Said(number=Decimal(text))
    line = clean_line(text, limit=LONGEST_LINE, name="replies")
    if not line:
        raise BadVisit(field="replies", expected=_("a line of at most 120 characters"))
    return Said(line=line)


def shown(answer: str, words: Sequence[str], said: Said) -> str:
    """A kept reply as it was said."""
    if said.choice is not None:
        known = options(answer, words)
        return known[said.choice] if said.choice < len(known) else ""
    if said.number is not None:
        return f"{said.number.normalize():f}"
    return said.line or ""
