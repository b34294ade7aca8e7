"""A mediation's life as one table, who may take its steps, and what it must hold before it goes on. Pure.

The law is the People's Mediation Law (人民调解法). Mediation is voluntary: either party may ask for its end (art. 23).
Sessions are recorded and the papers filed together (art. 27). An agreement is written, or oral and its content recorded
(art. 28); it names the parties, the facts and duties, the terms, how and by when they are met (art. 29). It binds, and the
committee watches over it (art. 31): hence the visits. Both parties together may ask the court to confirm it within thirty
days of its taking effect (art. 33). Where none is reached the parties are told of the other ways that the law gives (art. 26).
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from wangge.access import Verb, Viewer
from wangge.access.viewer import lies_in

STATES = ("opened", "mediating", "agreed", "followed_up", "failed", "referred", "closed", "withdrawn")
#: States in which somebody still has something to do.
OPEN = ("opened", "mediating", "agreed", "followed_up", "failed")
RESULTS = ("agreed", "failed", "referred", "withdrawn")
KINDS = ("neighbours", "family", "property", "labour", "land", "consumer", "damage", "other")
ROLES = ("applicant", "respondent", "other")
FORMS = ("written", "oral")
KEPT = ("yes", "partly", "no")
COURT = ("applied", "confirmed", "refused")
REFERRED_TO = ("court", "arbitration", "police", "township", "department")
#: Why somebody looks at a telephone number.
REVEAL_REASONS = ("contact", "deliver", "visit", "oversee")

#: So long both parties may ask the court to confirm the agreement (art. 33).
CONFIRMATION_DAYS = 30
MOST_PARTIES = 20
MOST_SESSIONS = 60
MOST_VISITS = 40
#: So long a number stays readable to whoever gave a reason for it.
REVEALED_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. `when` are facts that must hold, `needs` what the command must carry."""

    name: str
    source: str
    target: str
    verb: Verb
    needs: tuple[str, ...] = ()
    when: frozenset[str] = frozenset()
    why: str = ""


def _lines(
    name: str,
    sources: str,
    target: str,
    *,
    needs: str = "",
    when: str = "",
    why: str,
    verb: Verb = Verb.MEDIATION_KEEP,
) -> list[Line]:
    """A line for each source; the target `=` leaves the state as it is."""
    return [
        Line(
            name,
            source,
            source if target == "=" else target,
            verb,
            tuple(needs.split()),
            frozenset(when.split()),
            why,
        )
        for source in sources.split()
    ]


_BEFORE, _AFTER = "opened mediating", "agreed followed_up"

TABLE: tuple[Line, ...] = (
    *_lines("party", f"{_BEFORE} {_AFTER}", "=", needs="name role", why="who comes later, or was written down wrongly"),
    *_lines("session", _BEFORE, "mediating", needs="held_at place present record", why="each session is recorded (art. 27)"),
    *_lines(
        "agree",
        _BEFORE, "agreed", needs="form terms signed_on perform_by visit_on", when="two_sides met",
        why="the parties agree of their own will (art. 28, 29)",
    ),
    *_lines("court", _AFTER, "=", needs="court applied_on", when="agreement", why="both may ask the court (art. 33)"),
    *_lines("visit", _AFTER, "followed_up", needs="kept words", when="agreement", why="the committee watches over it (art. 31)"),
    *_lines("refer", f"{_BEFORE} failed", "referred", needs="to reason", why="another body can do what mediation cannot"),
    *_lines("fail", _BEFORE, "failed", needs="rights_told reason", why="ended, and the parties told of other ways (art. 26)"),
    *_lines(
        "fail", "followed_up", "failed", needs="rights_told reason", when="not_kept",
        why="what was agreed is not kept: the way to the court stands open (art. 32)",
    ),
    *_lines("withdraw", _BEFORE, "withdrawn", needs="reason", why="a party may end it (art. 23)"),
    *_lines("close", "followed_up", "closed", when="kept", why="the agreement was kept"),
    *_lines("close", _AFTER, "closed", needs="reason", why="without a visit that found it kept, the file says why"),
    *_lines("close", "failed", "closed", when="rights_told", why="the parties were told of other ways"),
    *_lines("reopen", "closed withdrawn failed referred", "mediating", needs="reason", verb=Verb.MEDIATION_OVERSEE,
            why="the supervisor finds that there is more to do"),
    *_lines("assign", " ".join(OPEN), "=", needs="account", verb=Verb.MEDIATION_OVERSEE,
            why="a mediator is away, or a party asks for another (art. 23)"),
)  # fmt: skip

STEPS = tuple(dict.fromkeys(line.name for line in TABLE))

#: What ends a mediation, and how its result is called; closing keeps what went before.
RESULT_OF: Mapping[str, str] = {
    "agree": "agreed",
    "fail": "failed",
    "refer": "referred",
    "withdraw": "withdrawn",
}


@dataclass(frozen=True, slots=True)
class File:
    """What of a mediation decides which steps there are."""

    state: str
    path: str
    mediator_id: int | None
    roles: tuple[str, ...] = ()
    sessions: int = 0
    has_agreement: bool = False
    signed_on: date | None = None
    last_kept: str = ""
    rights_told: bool = False
    parties: int = field(default=0)

    @property
    def facts(self) -> frozenset[str]:
        sides = {role for role in self.roles if role != "other"}
        holds = {
            "two_sides": len(sides) == 2,
            "met": self.sessions > 0,
            "agreement": self.has_agreement,
            "kept": self.last_kept == "yes",
            "not_kept": self.last_kept in ("partly", "no"),
            "rights_told": self.rights_told,
        }
        return frozenset(name for name, true in holds.items() if true)


def keeps(viewer: Viewer, path: str, mediator_id: int | None) -> bool:
    """Whether the viewer keeps the files of this very committee, or this one was assigned to them."""
    own = [seat for seat in viewer.seats if Verb.MEDIATION_KEEP in seat.verbs and not seat.department]
    return any(seat.path == path for seat in own) or (
        bool(own) and mediator_id is not None and mediator_id == viewer.account_id
    )


def oversees(viewer: Viewer, path: str) -> bool:
    return any(
        Verb.MEDIATION_OVERSEE in seat.verbs and not seat.department and lies_in(path, seat.path)
        for seat in viewer.seats
    )


def may_take(viewer: Viewer, verb: Verb, path: str, mediator_id: int | None) -> bool:
    return keeps(viewer, path, mediator_id) if verb is Verb.MEDIATION_KEEP else oversees(viewer, path)


def verb_of(step: str) -> Verb:
    return next(line.verb for line in TABLE if line.name == step)


def possible_lines(viewer: Viewer, file: File) -> list[Line]:
    """The steps open to the viewer now, one line each: where two lead on, the one that needs less."""
    found: dict[str, Line] = {}
    for line in TABLE:
        if (
            line.source == file.state
            and line.when <= file.facts
            and may_take(viewer, line.verb, file.path, file.mediator_id)
        ):
            found.setdefault(line.name, line)
    return list(found.values())


def line_of(step: str, file: File) -> Line | None:
    """The line that this step takes from here; None when there is none."""
    return next(
        (
            line
            for line in TABLE
            if line.name == step and line.source == file.state and line.when <= file.facts
        ),
        None,
    )


def missing_facts(step: str, file: File) -> AbstractSet[str]:
    """What the step waits for in this state: empty when the state has no such step at all."""
    waits = [line.when - file.facts for line in TABLE if line.name == step and line.source == file.state]
    return min(waits, key=len, default=frozenset())


def missing_need(line: Line, given: Mapping[str, Any]) -> str:
    """The first thing that the step needs and the command does not carry."""
    return next((need for need in line.needs if given.get(need) in (None, "", [])), "")


def last_day_for_court(signed_on: date) -> date:
    """The last day on which the parties may ask for confirmation (art. 33)."""
    return signed_on + timedelta(days=CONFIRMATION_DAYS)


def mediation_number(county_code: str, year: int, serial: int) -> str:
    """`0703-T2026-0001`: four digits of the county, T for 调解, the year, the serial."""
    return f"{county_code[2:6]}-T{year}-{serial:04d}"
