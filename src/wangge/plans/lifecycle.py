"""The life of a plan as a table. Pure.

Who drafts a plan does not approve it: that needs a post above the area that it divides. Applying may be put off to a day;
until then it stands approved.
"""

from dataclasses import dataclass

from wangge.access import Verb

DRAFT, CHECKED, CONSULTED, APPROVED, APPLIED, UNDONE, WITHDRAWN = STATES = (
    "draft",
    "checked",
    "consulted",
    "approved",
    "applied",
    "undone",
    "withdrawn",
)
#: In these it is shown to the grids that it concerns; in the first of them they may comment.
SHOWN = (CONSULTED, APPROVED, APPLIED, UNDONE)
#: In these its grids are not changed any more.
FIXED = (APPLIED, UNDONE, WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table: `step` takes a plan from `source` to `target`, for who has the verb. `above`: above its area."""

    step: str
    source: str
    target: str
    verb: Verb
    above: bool = False
    reason: bool = False


STEPS = (
    Step("check", DRAFT, CHECKED, Verb.PLAN_CHECK),
    Step("consult", CHECKED, CONSULTED, Verb.PLAN_CONSULT),
    Step("approve", CONSULTED, APPROVED, Verb.PLAN_APPROVE, above=True),
    Step("apply", APPROVED, APPLIED, Verb.PLAN_APPLY),
    Step("undo", APPLIED, UNDONE, Verb.PLAN_APPLY, reason=True),
    Step("reopen", CHECKED, DRAFT, Verb.PLAN_DRAFT, reason=True),
    Step("reopen", CONSULTED, DRAFT, Verb.PLAN_DRAFT, reason=True),
    Step("reopen", APPROVED, DRAFT, Verb.PLAN_APPROVE, above=True, reason=True),
    Step("withdraw", DRAFT, WITHDRAWN, Verb.PLAN_DRAFT),
    Step("withdraw", CHECKED, WITHDRAWN, Verb.PLAN_DRAFT),
    Step("withdraw", CONSULTED, WITHDRAWN, Verb.PLAN_DRAFT),
    Step("withdraw", APPROVED, WITHDRAWN, Verb.PLAN_APPROVE, above=True),
)
STEP_NAMES = tuple(dict.fromkeys(line.step for line in STEPS))


def line_of(state: str, step: str) -> Step | None:
    """The line of the table for `step` from `state`; None when there is none."""
    return next((line for line in STEPS if line.source == state and line.step == step), None)


def lines_from(state: str) -> tuple[Step, ...]:
    return tuple(line for line in STEPS if line.source == state)
