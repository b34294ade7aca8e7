"""What an answer is worth, and where it leaves its household. Pure: one table of cases, used for one answer and for thousands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from wangge.campaigns.lifecycle import DONE, ENDED, FAULTY, GONE, NOBODY_HOME, NOT_FOUND, REFUSED, WAITING

#: So many days after a campaign's end its answers still count when they were given in time: a phone may be days without a signal.
DAYS_AFTER = 14

_IN_VAIN = {
    "nobody_home": NOBODY_HOME,
    "refused": REFUSED,
    "not_found": NOT_FOUND,
    "moved": GONE,
    "empty": GONE,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a campaign asks. `last_day` is its last or that on which it was ended; `ended` whether it is over now."""

    state: str
    last_day: date
    counts: str = "answered"
    times: int = 1
    every_days: int = 0
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a household is. `due_on` None: nothing more is to be done."""

    standing: str = WAITING
    answered: int = 0
    tried: int = 0
    due_on: date | None = None
    changed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as far as it matters here. `whole`: it has a form's answers, and none is missing or wrong."""

    outcome: str
    said_on: date
    came_on: date
    has_answers: bool
    faults: Sequence[object] = ()
    left: bool = False


def after(  # noqa: PLR0911 - a table of cases
    terms: Terms, before: Standing | None, given: Given
) -> tuple[str, Standing | None]:
    """What becomes of the answer, and the household's standing after it; `before` is None for one that was not asked.

    `counted`, `tried` (nobody was met, or met without an answer), `faulty`, `again` (it was done already), and what never
    changes a standing: `late`, `left` (the household is no longer there), `not_asked`.
    """
    if before is None:
        return "not_asked", None
    if is_late(terms, given):
        return "late", before
    if given.left:
        gone = replace(before, standing=GONE, due_on=None, changed_on=given.came_on)
        return "left", gone if before.standing not in (DONE, GONE) else before
    if before.standing == DONE:
        return "again", before
    if given.outcome != "met":
        return _in_vain(terms, before, given)
    if given.has_answers and given.faults:
        return "faulty", replace(
            before, standing=FAULTY, tried=before.tried + 1, due_on=given.came_on, changed_on=given.came_on
        )
    if terms.counts == "answered" and not given.has_answers:
        waiting = replace(before, tried=before.tried + 1, changed_on=given.came_on)
        return "tried", waiting
    return "counted", _once_more(terms, before, given)


def is_late(terms: Terms, given: Given) -> bool:
    """Whether it was given after the end, or reached us when nobody waits for it any more."""
    over = terms.state == ENDED or given.came_on > terms.last_day
    return over and (
        given.said_on > terms.last_day or given.came_on > terms.last_day + timedelta(days=DAYS_AFTER)
    )


def _in_vain(terms: Terms, before: Standing, given: Given) -> tuple[str, Standing]:
    standing, tried = _IN_VAIN[given.outcome], before.tried + 1
    ends = standing in (REFUSED, GONE) or bool(terms.tries and tried >= terms.tries)
    again = None if ends else given.came_on + timedelta(days=1)
    return "tried", replace(before, standing=standing, tried=tried, due_on=again, changed_on=given.came_on)


def _once_more(terms: Terms, before: Standing, given: Given) -> Standing:
    answered = before.answered + 1
    if answered >= terms.times:
        return replace(before, standing=DONE, answered=answered, due_on=None, changed_on=given.came_on)
    return replace(
        before,
        standing=WAITING,
        answered=answered,
        due_on=given.came_on + timedelta(days=max(1, terms.every_days)),
        changed_on=given.came_on,
    )
