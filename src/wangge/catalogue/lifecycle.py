"""Admission (准入) as one table: how a department's work becomes an item of the grid, and how it leaves. Pure.

Proposing makes the item, so it is no step; a change of an admitted item is a new version and no step either.
`declined` and `retired` are ends: what comes back is proposed anew, under its own code.
"""

from dataclasses import dataclass

PROPOSED, REVIEWED, ADMITTED, DECLINED, RETIRED = "proposed", "reviewed", "admitted", "declined", "retired"
STATES = (PROPOSED, REVIEWED, ADMITTED, DECLINED, RETIRED)
FIRST = PROPOSED
#: Only an item in this state takes new cases; running cases keep the version that they began with.
OPEN = ADMITTED

#: The verb that brings an item into FIRST.
PROPOSE_VERB = "item.propose"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table: `step` takes an item from `source` to `target`; `verb` is the right that it needs."""

    step: str
    source: str
    target: str
    verb: str
    why: str


STEPS = (
    Step("review", PROPOSED, REVIEWED, "item.review", "legal basis, data and minutes were examined"),
    Step("decline", PROPOSED, DECLINED, "item.review", "no legal basis, or it costs the grid too much"),
    Step("admit", REVIEWED, ADMITTED, "item.admit", "from now on cases may be filed under it"),
    Step("decline", REVIEWED, DECLINED, "item.admit", "the reviewer saw no fault, who admits does"),
    Step("retire", ADMITTED, RETIRED, "item.admit", "the task ended; it takes no new case"),
)
STEP_NAMES = tuple(dict.fromkeys(line.step for line in STEPS))

_LINES = {(line.source, line.step): line for line in STEPS}


class StepNotAllowed(LookupError):  # noqa: N818 - a fact about the item, named as one
    """The table has no such step from this state. `state` and `step` name both, `possible` the steps there are."""

    def __init__(self, state: str, step: str) -> None:
        self.state = state
        self.step = step
        self.possible = possible_steps(state)
        super().__init__(
            f"{step!r} is no step from {state!r}; possible: {', '.join(self.possible) or 'none'}"
        )


def possible_steps(state: str) -> tuple[str, ...]:
    """The steps that lead out of `state`, in the order of the table; none for an end or an unknown state."""
    return tuple(line.step for line in STEPS if line.source == state)


def line_of(state: str, step: str) -> Step:
    """The line of the table for `step` from `state`, with the verb it needs; StepNotAllowed when there is none."""
    try:
        return _LINES[state, step]
    except KeyError:
        raise StepNotAllowed(state, step) from None


def next_state(state: str, step: str) -> str:
    """Where `step` leads from `state`; StepNotAllowed when the table has no such line."""
    return line_of(state, step).target
