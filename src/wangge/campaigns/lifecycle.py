"""The life of a campaign, and what a household that it asks can be; as tables. Pure.

A draft asks nobody. Starting it freezes whom it asks: who moves in later is not added, who leaves is counted as gone. It
ends by hand or after its last day, and is not begun again: what comes back is a new campaign, which may copy it.
"""

from dataclasses import dataclass

DRAFT, RUNNING, ENDED = "draft", "running", "ended"
STATES = (DRAFT, RUNNING, ENDED)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table: `step` takes a campaign from `source` to `target`."""

    step: str
    source: str
    target: str
    why: str


STEPS = (
    Step(
        "start", DRAFT, RUNNING, "whom it asks is frozen; it reaches the phones when they next ask for news"
    ),
    Step(
        "end",
        RUNNING,
        ENDED,
        "its aim is reached, its last day is over, or it was a mistake: then it says why",
    ),
)
STEP_NAMES = tuple(line.step for line in STEPS)

#: What a household that is asked can be. A problem is something that a person looks at: refused, not found, faulty.
WAITING, NOBODY_HOME, REFUSED, NOT_FOUND, GONE, FAULTY, DONE = STANDINGS = (
    "waiting",
    "nobody_home",
    "refused",
    "not_found",
    "gone",
    "faulty",
    "done",
)
PROBLEMS = (REFUSED, NOT_FOUND, FAULTY)
#: Nothing more is to be done at these doors.
SETTLED = (DONE, REFUSED, GONE)


def line_of(state: str, step: str) -> Step | None:
    """The line of the table for `step` from `state`; None when there is none."""
    return next((line for line in STEPS if line.source == state and line.step == step), None)


def steps_from(state: str) -> tuple[str, ...]:
    return tuple(line.step for line in STEPS if line.source == state)
