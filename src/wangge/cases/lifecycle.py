"""The life of a case as one table: from a state, a step, on which facts, to a state. Pure.

`who` says which relation to the case lets a viewer take the step, besides the verb over the case's holder:
`desk` a seat with the verb at the desk that holds it or above; `handler` the account or department it was given to (or
the desk); `reporter` who reported it (or a desk); `overseer` a seat with the verb at or above its holder.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from wangge.access import Verb

STATES = (
    "reported",
    "accepted",
    "dispatched",
    "handled",
    "verified",
    "returned",
    "suspended",
    "closed",
    "cancelled",
    "merged",
)
OPEN = ("reported", "accepted", "dispatched", "handled", "verified", "returned", "suspended")
#: Open states whose deadline runs; a suspended case has a day on which it resumes instead.
TIMED = tuple(state for state in OPEN if state != "suspended")
URGENCIES = ("normal", "urgent", "emergency")
OUTCOMES = ("mended", "answered", "nothing", "not_ours", "planned", "refused", "repeated")
WITNESSES = ("reporter", "photo", "verifier")

#: A case may be suspended so often, and so many days each time; then it must go on (product.md M3).
MAX_SUSPENSIONS = 3
MAX_SUSPENSION_DAYS = 60
#: How long after closing or cancelling a case may be opened again.
REOPEN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table. `when` are facts that must all hold, `needs` what the command must carry."""

    name: str
    source: str
    target: str
    verb: Verb
    who: str
    needs: tuple[str, ...] = ()
    when: frozenset[str] = frozenset()
    why: str = ""


def _lines(
    name: str,
    sources: str,
    target: str,
    verb: Verb,
    who: str,
    *,
    needs: str = "",
    when: str = "",
    why: str = "",
) -> list[Step]:
    """One line per source state; the target `same` stays where it is."""
    return [
        Step(
            name,
            source,
            source if target == "same" else target,
            verb,
            who,
            tuple(needs.split()),
            frozenset(when.split()),
            why,
        )
        for source in sources.split()
    ]


# One line a case: kept as a table for the eye.
# fmt: off
TABLE: tuple[Step, ...] = (
    *_lines("accept", "reported returned", "accepted", Verb.CASE_ACCEPT, "desk", why="the desk takes it on; its handling clock starts"),
    *_lines("dispatch", "reported accepted dispatched returned", "reported", Verb.CASE_DISPATCH, "desk", needs="assignee",
            when="to_desk", why="given to a lower desk, which accepts it as its own"),
    *_lines("dispatch", "reported accepted dispatched returned", "dispatched", Verb.CASE_DISPATCH, "desk", needs="assignee",
            why="given to a handler or to departments; accepting and dispatching may be one move"),
    *_lines("handle", "accepted dispatched", "handled", Verb.CASE_HANDLE, "handler", needs="outcome answer",
            when="others_done", why="done on the spot, or the last department has answered"),
    *_lines("handle", "dispatched", "dispatched", Verb.CASE_HANDLE, "handler", needs="outcome answer",
            when="others_open", why="joint handling: one department has answered, others have not"),
    *_lines("verify", "handled", "verified", Verb.CASE_VERIFY, "desk", needs="mended", when="mended another_person",
            why="a verifier who is not the handler has seen it mended"),
    *_lines("verify", "handled", "dispatched", Verb.CASE_VERIFY, "desk", needs="mended reason", when="not_mended was_dispatched",
            why="not mended: back to who handled it"),
    *_lines("verify", "handled", "accepted", Verb.CASE_VERIFY, "desk", needs="mended reason", when="not_mended was_own",
            why="not mended: back to the desk that handled it itself"),
    *_lines("close", "verified", "closed", Verb.CASE_CLOSE, "desk", why="the verifier is the witness"),
    *_lines("close", "handled", "closed", Verb.CASE_CLOSE, "desk", needs="witness", when="witnessed",
            why="the reporter or a photo of the place is the witness"),
    *_lines("rate", "closed", "closed", Verb.CASE_REPORT, "reporter", needs="mended", when="mended another_person", why="the reporter says it is mended; who handled it does not rate it"),
    *_lines("rate", "closed", "accepted", Verb.CASE_REPORT, "reporter", needs="mended", when="not_mended recent",
            why="the reporter's no opens it again"),
    *_lines("escalate", "reported accepted dispatched returned", "dispatched", Verb.CASE_ESCALATE, "desk", needs="reason",
            when="to_department", why="beyond this desk: to the department whose work it is"),
    *_lines("escalate", "reported accepted dispatched returned", "reported", Verb.CASE_ESCALATE, "desk", needs="reason",
            when="higher_desk", why="beyond this desk: one tier up, whose desk must accept it"),
    *_lines("return", "dispatched", "dispatched", Verb.CASE_RETURN, "handler", needs="reason", when="others_open",
            why="not this department's to do; others are still at it"),
    *_lines("return", "dispatched", "returned", Verb.CASE_RETURN, "handler", needs="reason", why="not the handler's to do"),
    *_lines("return", "reported accepted", "returned", Verb.CASE_RETURN, "desk", needs="reason", when="lower_desk",
            why="the tier above sends it back to the desk where it began"),
    *_lines("suspend", "accepted dispatched", "suspended", Verb.CASE_SUSPEND, "handler", needs="reason until", when="may_suspend others_done",
            why="waiting for something outside; the office's clock stands still, the resident's does not"),
    *_lines("resume", "suspended", "accepted", Verb.CASE_SUSPEND, "handler", when="from_accepted", why="goes on where it was"),
    *_lines("resume", "suspended", "dispatched", Verb.CASE_SUSPEND, "handler", when="from_dispatched", why="goes on where it was"),
    *_lines("merge", "reported accepted dispatched returned suspended", "merged", Verb.CASE_MERGE, "desk", needs="into",
            why="the same thing was reported before; its reporters follow that case"),
    *_lines("split", "reported accepted returned", "same", Verb.CASE_SPLIT, "desk", needs="parts",
            why="several things were reported as one; each further one becomes a case of its own"),
    *_lines("reopen", "closed cancelled", "accepted", Verb.CASE_REOPEN, "desk", needs="reason", when="recent", why="it was not done after all"),
    *_lines("supervise", "reported accepted dispatched handled verified returned suspended", "same", Verb.CASE_SUPERVISE,
            "overseer", needs="reason", why="a lead watches it until it is closed"),
    *_lines("summon", "reported accepted dispatched returned", "same", Verb.CASE_SUMMON, "overseer",
            needs="departments within_minutes", when="summons_allowed", why="departments are called to the place"),
    *_lines("cancel", "reported accepted returned", "cancelled", Verb.CASE_CANCEL, "reporter", needs="reason", why="reported in error"),
)
# fmt: on

STEPS = tuple(dict.fromkeys(line.name for line in TABLE))


class NoSuchStep(LookupError):  # noqa: N818 - a fact about the case, named as one
    """The table has no line for this step from this state with these facts."""


def next_step(state: str, step: str, facts: AbstractSet[str]) -> Step:
    """The line that applies; NoSuchStep carries the facts that were missing, empty when the state forbids the step."""
    lines = [line for line in TABLE if line.source == state and line.name == step]
    for line in lines:
        if line.when <= facts:
            return line
    raise NoSuchStep(*sorted(set().union(*(line.when - facts for line in lines)) if lines else ()))


def steps_from(state: str) -> tuple[str, ...]:
    """Names of the steps that some line allows from `state`, in the table's order."""
    return tuple(dict.fromkeys(line.name for line in TABLE if line.source == state))


def verb_of(step: str) -> Verb:
    return next(line.verb for line in TABLE if line.name == step)


def who_of(step: str) -> str:
    return next(line.who for line in TABLE if line.name == step)


def diagram() -> str:
    """The table as a Mermaid state diagram, for the docs."""
    edges: dict[tuple[str, str], list[str]] = {}
    for line in TABLE:
        edges.setdefault((line.source, line.target), []).append(line.name)
    body = [f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in edges.items()]
    return "\n".join(["stateDiagram-v2", "    [*] --> reported: report", *body, ""])
