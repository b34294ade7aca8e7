"""How a case stands, as one plain value, and what that lets a viewer do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from wangge.access import Viewer
from wangge.access.verbs import Verb
from wangge.cases.lifecycle import MAX_SUSPENSIONS, REOPEN_DAYS, TABLE, steps_from, verb_of, who_of


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules need to know of a case. `open_offices` are the keys of departments that have not answered yet."""

    state: str
    path: str
    holder_path: str
    holder_level: str
    handler_id: int | None = None
    reported_by_id: int | None = None
    handled_by_id: int | None = None
    open_offices: frozenset[str] = frozenset()
    suspended_from: str = ""
    suspensions: int = 0
    was_dispatched: bool = False
    ended_at: datetime | None = None
    summons: str = ""
    proof: str = "none"
    has_photo: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A step that the viewer may take now, and the names of what it needs."""

    step: str
    needs: tuple[str, ...]


def relation_holds(standing: Standing, viewer: Viewer, verb: Verb, who: str) -> bool:
    """Whether the viewer stands to the case as `who` says, with the verb (see `lifecycle`)."""
    if viewer.may(verb, standing.holder_path):
        return True
    mine = viewer.account_id is not None
    if who == "handler":
        given = mine and viewer.account_id == standing.handler_id
        return (given and viewer.may_anywhere(verb)) or any(
            verb in seat.verbs and seat.department_key in standing.open_offices
            for seat in viewer.seats
            if seat.department
        )
    return who == "reporter" and mine and viewer.account_id == standing.reported_by_id


def acting_offices(standing: Standing, viewer: Viewer) -> frozenset[str]:
    """The keys of the departments for which this viewer can answer now; none when they act as the desk."""
    return standing.open_offices.intersection(viewer.department_keys)


def facts_of(standing: Standing, viewer: Viewer, data: Mapping[str, Any], now: datetime) -> frozenset[str]:
    """The facts that hold, by the names the table uses; `data` is what the command carries."""
    acting = acting_offices(standing, viewer)
    others = bool(acting) and bool(standing.open_offices - acting)
    answered = {True: "mended", False: "not_mended"}.get(data.get("mended"))  # type: ignore[arg-type]
    facts = {
        "others_open": others,
        "others_done": not others,
        "another_person": viewer.account_id is None or viewer.account_id != standing.handled_by_id,
        "was_dispatched": standing.was_dispatched,
        "was_own": not standing.was_dispatched,
        "witnessed": _witnessed(standing, viewer, str(data.get("witness", ""))),
        "recent": standing.ended_at is not None and now - standing.ended_at <= timedelta(days=REOPEN_DAYS),
        "higher_desk": standing.holder_level != "city",
        "lower_desk": len(standing.path) > len(standing.holder_path),
        "may_suspend": standing.suspensions < MAX_SUSPENSIONS,
        "from_accepted": standing.suspended_from == "accepted",
        "from_dispatched": standing.suspended_from == "dispatched",
        "summons_allowed": bool(standing.summons),
        "to_department": bool(data.get("departments")),
        "to_desk": bool(data.get("area")) and not data.get("departments") and not data.get("account"),
    }
    return frozenset({name for name, holds in facts.items() if holds} | ({answered} if answered else set()))


def _witnessed(standing: Standing, viewer: Viewer, witness: str) -> bool:
    """A photo of the place, unless the item wants a person; or the reporter, asked by somebody who did not handle it."""
    if witness == "photo":
        return standing.has_photo and standing.proof != "witness"
    if witness == "reporter":
        return standing.proof != "photo" and (
            viewer.account_id is None or viewer.account_id != standing.handled_by_id
        )
    return False


#: What a command may still bring, so that a move is offered before its form is filled.
_PROMISES: tuple[dict[str, Any], ...] = (
    {},
    {"mended": True},
    {"mended": False},
    {"witness": "photo"},
    {"witness": "reporter"},
    {"departments": ["any"]},
    {"area": "any"},
)


#: What a step asks by a choice, and which answers there are.
_ASKED: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    "verify": ("mended", (True, False)),
    "rate": ("mended", (True, False)),
    "close": ("witness", ("reporter", "photo")),
}


def open_answers(standing: Standing, viewer: Viewer, step: str, now: datetime) -> dict[str, list[Any]]:
    """Of what a step asks by a choice, the answers with which the viewer may take it now; a photo may still come with it."""
    name, answers = _ASKED.get(step, ("", ()))
    with_photo = replace(standing, has_photo=True)
    lines = [line for line in TABLE if line.source == standing.state and line.name == step]
    may = [
        answer
        for answer in answers
        if any(line.when <= facts_of(with_photo, viewer, {name: answer}, now) for line in lines)
    ]
    return {name: may} if name else {}


def possible_moves(standing: Standing, viewer: Viewer, now: datetime) -> list[Move]:
    """The steps that the viewer may take, in the table's order, each with what its form must ask for."""
    promised = [facts_of(standing, viewer, promise, now) for promise in _PROMISES]
    moves = []
    for step in steps_from(standing.state):
        if not relation_holds(standing, viewer, verb_of(step), who_of(step)):
            continue
        lines = [line for line in TABLE if line.source == standing.state and line.name == step]
        open_lines = [line for line in lines if any(line.when <= facts for facts in promised)]
        if open_lines:
            needs = dict.fromkeys(need for line in open_lines for need in line.needs)
            moves.append(Move(step, tuple(needs)))
    return moves
