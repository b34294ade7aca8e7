"""Taking in what a phone did: each command once, each by itself, and none lost.

One push is one transaction: what it answered is kept, and what it could not answer never was. Inside it each command has a
savepoint, so that what a rule refuses leaves the others alone.
"""

import logging
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, ProgrammingError, connection, transaction
from psycopg.errors import InsufficientPrivilege

from wangge.access import Viewer
from wangge.base.commands import Command
from wangge.base.problems import Changed, NotAllowed, NotFound, NotSignedIn, OtherContent, Problem, TooMany
from wangge.households.rules.people import KnownHere
from wangge.staff import queries as staff
from wangge.staff.queries import own_id
from wangge.sync.actions.conflicts import keep_conflict, settle
from wangge.sync.actions.ending import Data, Kind, read
from wangge.sync.actions.held import hold, release
from wangge.sync.actions.kinds import KINDS
from wangge.sync.models import Conflict, HeldCommand, SyncCommand
from wangge.sync.queries.conflicts import conflict_by_id, sides_in
from wangge.sync.queries.devices import last_words_left
from wangge.sync.queries.places import seats_on_the_ground
from wangge.sync.rules import (
    Done,
    FromLostPhone,
    LastWords,
    NotHereYet,
    NotNow,
    Read,
    Result,
    UnknownKind,
    put_right,
    read_commands,
)
from wangge.sync.rules.contents import ConflictSettled

log = logging.getLogger("wangge.sync")

#: So long a command may wait for what it belongs to; afterwards its owner hears that it is not there.
WAITS = timedelta(days=3)
_AGAIN = (NotHereYet, NotNow, TooMany)
_CODES_AGAIN = [problem.code for problem in _AGAIN]
#: What a worker hears whose grid was divided anew while they had no signal.
_ELSEWHERE = (NotFound, NotAllowed)


@dataclass(frozen=True, slots=True)
class Pushed:
    """What all commands of one push share."""

    viewer: Viewer
    device_id: UUID | None
    clock: datetime | None
    now: datetime
    #: The phone was reported lost.
    lost: LastWords | None = None
    #: When it arrived, where it was held here since.
    came: datetime | None = None


def push(
    viewer: Viewer,
    sent: Sequence[Mapping[str, Any]],
    *,
    device_id: UUID | None = None,
    clock: datetime | None = None,
    lost: LastWords | None = None,
    now: datetime,
) -> list[Result]:
    """Carries out what is new of these commands and answers each, in their order; what was carried out is answered again.

    `clock` is what the phone takes the present moment for, where a command does not say how wrong it was. Of a `lost` phone what was written before it was reported is carried
    out, with the posts that one works on a phone with, and the answers tell nothing that stands in the registers (decision 0006).
    Invalid when there are too many, or one has no id.
    """
    own_id(viewer)
    reads = read_commands(sent)
    with transaction.atomic():
        take_turns(viewer)
        if lost is None:
            return answered(Pushed(viewer, device_id, clock, now), reads)
        viewer = replace(viewer, seats=seats_on_the_ground(viewer))
        lost, reads = _bounded(viewer, lost, reads)
        return _last_words(Pushed(viewer, lost.device_id, clock, now, lost), lost, sent, reads)


def _last_words(
    asked: Pushed, lost: LastWords, sent: Sequence[Mapping[str, Any]], reads: list[Read]
) -> list[Result]:
    """Of a lost phone each has an end now, since it wipes itself then: what is to wait is held here, and tried again by the clock."""
    held = _held_before(reads)
    told = _conflicts_before(reads) | held
    results = {one.id: one for one in answered(asked, [one for one in reads if one.id not in held])}
    ends = []
    for raw, one in zip(sent, reads, strict=True):
        result = results.get(one.id) or Result(one.id, "repeated")
        if result.again and one.id not in told:
            hold(
                asked.viewer, raw, result,
                device_id=asked.device_id, clock=asked.clock, lost_at=lost.since, now=asked.now,
            )  # fmt: skip
        ends.append(_told_little(result, told))
    return ends


def _conflicts_before(reads: list[Read]) -> set[UUID]:
    ids = [one.id for one in reads]
    return set(SyncCommand.objects.filter(id__in=ids, status="conflict").values_list("id", flat=True))


def _held_before(reads: list[Read]) -> set[UUID]:
    """What is held already under this id, and is the same."""
    sent = {one.id: one.digest for one in reads}
    held = HeldCommand.objects.filter(id__in=list(sent)).values("id")
    known = SyncCommand.objects.filter(id__in=held).values_list("id", "digest")
    return {key for key, digest in known if bytes(digest) == sent[key]}


def _bounded(viewer: Viewer, lost: LastWords, reads: list[Read]) -> tuple[LastWords, list[Read]]:
    """As many as a lost phone may still send, counted in its turn: what it sent at the same moment counts too."""
    left = last_words_left(viewer, lost.device_id)
    if left is None:  # found or wiped between its entering and its turn
        raise NotSignedIn
    return left, [
        one if place < left.commands else replace(one, asked=None, problem=FromLostPhone())
        for place, one in enumerate(reads)
    ]


def _told_little(result: Result, told: set[UUID]) -> Result:
    """What a lost phone hears: whoever holds it is to read nothing by sending. A conflict is kept for its worker's next phone and the desk,
    and what is to wait is held: here it is `done`, and `repeated` when it was `told` before, like everything else. Else one could
    guess what stands there.
    """
    if result.status == "refused" and not result.again:
        return replace(result, problem=FromLostPhone())
    status = result.status
    if status in ("conflict", "refused"):
        status = "repeated" if result.id in told else "done"
        told.add(result.id)
    return Result(result.id, status)


def take_turns(viewer: Viewer) -> None:
    """One push of an account at a time: what is sent again while the first still runs finds it done."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sync:{viewer.account_id}"])


def answered(asked: Pushed, reads: list[Read]) -> list[Result]:
    known = {row.id: row for row in SyncCommand.objects.filter(id__in=[one.id for one in reads])}
    others = _taken_by_others([one.id for one in reads if one.id not in known])
    results: list[Result] = []
    for (kind, is_new), run in groupby(reads, lambda one: _way(one, known, others)):
        if is_new:
            results += _carried_out(asked, kind, list(run), known)
        else:
            results += [_without_doing(one, known, others) for one in run]
    return results


def _taken_by_others(ids: list[UUID]) -> set[UUID]:
    if not ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute("select id from sync_taken(%s) id", [ids])
        return {taken for (taken,) in cursor.fetchall()}


def _way(one: Read, known: Mapping[UUID, SyncCommand], others: set[UUID]) -> tuple[str, bool]:
    """Its kind, and whether it is to be carried out: also what was refused before, which has changed nothing."""
    before = known.get(one.id)
    decided = before is not None and (before.status != "refused" or bytes(before.digest) != one.digest)
    return one.kind, not (decided or one.id in others or one.asked is None)


def _without_doing(one: Read, known: Mapping[UUID, SyncCommand], others: set[UUID]) -> Result:
    before = known.get(one.id)
    if one.problem is not None:
        return Result(one.id, "refused", problem=one.problem)
    if before is None or one.id in others or bytes(before.digest) != one.digest:
        return Result(one.id, "refused", problem=OtherContent())
    return answer_again(before)


def answer_again(before: SyncCommand) -> Result:
    """What was answered the first time. A conflict is told until somebody has settled it. Not of what was refused: that has
    changed nothing, and is decided anew.
    """
    assert before.status != "refused"  # noqa: S101 - see `_way`
    told = before.answer
    if before.status == "conflict":
        conflict = Conflict.objects.filter(id=UUID(told["conflict"])).first()
        if conflict is not None and conflict.settled_at is None:
            sides = sides_in(conflict)
            return Result(
                before.id, "conflict", revision=sides.revision, facts=sides.fields, conflict=conflict.id
            )
    return Result(before.id, "repeated", revision=told.get("revision"), facts=told.get("facts") or {})


def _carried_out(asked: Pushed, kind: str, run: list[Read], known: dict[UUID, SyncCommand]) -> list[Result]:
    """Commands of one kind in a row, which may be taken together; `known` learns what each was answered."""
    results: list[Result] = []
    fresh: list[SyncCommand] = []
    again: list[SyncCommand] = []
    first: dict[UUID, Read] = {}
    for one in run:
        first.setdefault(one.id, one)
    once = list(first.values())
    for one, outcome in zip(once, _outcomes(asked, kind, once), strict=True):
        before = known.get(one.id)
        result, row = _kept(asked, one, outcome, before)
        known[one.id] = row
        (again if before is not None else fresh).append(row)
        results.append(result)
    SyncCommand.objects.bulk_create(fresh)
    if again:
        SyncCommand.objects.bulk_update(again, ["status", "answer", "answered_at", "device_id"])
        release([row.id for row in again if row.status != "refused"])
    by_id = {result.id: result for result in results}
    return [by_id[one.id] if one is first[one.id] else _twice(one, first, by_id) for one in run]


def _twice(one: Read, first: Mapping[UUID, Read], by_id: Mapping[UUID, Result]) -> Result:
    """The same id once more in one push: what the first was answered, which only then is a repetition when it was done."""
    if one.digest != first[one.id].digest:
        return Result(one.id, "refused", problem=OtherContent())
    result = by_id[one.id]
    return replace(result, status="repeated") if result.status == "done" else result


def _outcomes(asked: Pushed, kind: str, run: list[Read]) -> Sequence[Done | Problem]:
    lost = asked.lost
    if lost is None:
        return _outcomes_of(asked, kind, run)
    in_time = [one for one in run if lost.takes(_command(asked, one)[0].at)]
    hidden = {
        one.id: NotFound() for one in in_time if kind == SETTLE and _settles_what_was_found_since(one, lost)
    }
    tried = [one for one in in_time if one.id not in hidden]
    done: dict[UUID, Done | Problem] = dict(
        zip((one.id for one in tried), _outcomes_of(asked, kind, tried), strict=True)
    )
    for one in tried:
        if isinstance(done[one.id], KnownHere):
            done[one.id] = _without_number(asked, kind, one)
    return [{**done, **hidden}.get(one.id, FromLostPhone()) for one in run]


def _settles_what_was_found_since(one: Read, lost: LastWords) -> bool:
    """A conflict that was found after the phone was lost: its worker has never seen it there, and that there is one is told to nobody."""
    assert one.asked is not None  # noqa: S101 - others were answered before
    try:
        wanted = read(ConflictSettled, one.asked.data).conflict
    except Problem:
        return False  # said as ever
    return Conflict.objects.filter(id=wanted, found_at__gte=lost.since).exists()


def _without_number(asked: Pushed, kind: str, one: Read) -> Done | Problem:
    """Somebody new whose identity number is in the register here already. To refuse them would tell whoever holds the lost phone that it
    is, and so would what is sent of them afterwards: they are added without it. The number waits as a conflict for its worker and
    the desk, who either write it down, and then have two records of one person to merge, or let it go.
    """
    assert one.asked is not None  # noqa: S101 - others were answered before
    given, number = dict(one.asked.data), one.asked.data["identity"]
    del given["identity"]
    (outcome,) = _outcomes_of(asked, kind, [replace(one, asked=one.asked.model_copy(update={"data": given}))])
    if isinstance(outcome, Done):
        edit = {"resident": given["resident"], "identity": {"was": "", "is": number}}
        waits = one.asked.model_copy(update={"kind": "resident.change", "data": edit})
        keep_conflict(asked.viewer, waits, Changed(outcome.revision or 1, {"identity": ""}), now=asked.now)
    return outcome


def _outcomes_of(asked: Pushed, kind: str, run: list[Read]) -> Sequence[Done | Problem]:
    known = KINDS.get(kind)
    if known is None and kind != SETTLE:
        return [UnknownKind(kind=kind) for _ in run]
    commands = [_command(asked, one) for one in run]
    if known is not None and known.together is not None and len(run) > 1:
        together = _together(asked, known, commands)
        if together is not None:
            return [
                _as_they_walked(asked, known.act, *one, outcome) if type(outcome) in _ELSEWHERE else outcome  # type: ignore[arg-type]  # these are problems
                for one, outcome in zip(commands, together, strict=True)
            ]
    act = settle if known is None else known.act
    return [_alone(asked, act, command, data) for command, data in commands]


def _as_they_walked(
    asked: Pushed, act: Any, command: Command, data: Data, problem: Problem
) -> Done | Problem:
    """What was not there or not allowed, tried once more as who they were when it was written down: grids may have been divided
    anew since. What they could not see or do then either is what was wrong before; another reason, or a conflict, is the true one.
    """
    with staff.as_they_walked(asked.viewer, command.at, now=asked.now) as then:
        if then is None:
            return problem
        again = _alone(replace(asked, viewer=then), act, command, data, once=True)
    return problem if type(again) in _ELSEWHERE else again


#: The one command that ends in this app itself.
SETTLE = "conflict.settle"


def _command(asked: Pushed, one: Read) -> tuple[Command, Data]:
    assert one.asked is not None  # noqa: S101 - others were answered before
    ahead = None if one.asked.ahead is None else timedelta(milliseconds=one.asked.ahead)
    at = put_right(one.asked.at, clock=asked.clock, ahead=ahead, now=asked.came or asked.now)
    return Command(one.id, at, one.asked.based_on, at - one.asked.at, asked.came), one.asked.data


def _together(
    asked: Pushed, kind: Kind, commands: list[tuple[Command, Data]]
) -> Sequence[Done | Problem] | None:
    """All at once; None when something failed that concerns one of them, and each has to be tried by itself."""
    assert kind.together is not None  # noqa: S101 - asked by the caller
    try:
        with transaction.atomic():
            return kind.together(asked.viewer, commands, asked.now)
    except (OperationalError, InterfaceError):
        if not _usable():
            raise
    except Exception as problem:  # noqa: BLE001 - whatever it is, each is tried by itself, and says it then
        _note(problem)
    return None


def _alone(asked: Pushed, act: Any, command: Command, data: Data, *, once: bool = False) -> Done | Problem:
    """One command; whatever goes wrong undoes it alone."""
    try:
        with transaction.atomic():
            done: Done = act(asked.viewer, command, data, asked.now)
            return done
    except Problem as problem:
        if once or type(problem) not in _ELSEWHERE:
            return problem
        return _as_they_walked(asked, act, command, data, problem)
    except (OperationalError, InterfaceError):
        if not _usable():
            raise
        return NotNow()
    except ProgrammingError as problem:
        # Who has no post any more is told so by the row policies alone where a rule asks for nothing but what is their own.
        outcome: Done | Problem = NotNow()
        if isinstance(problem.__cause__, InsufficientPrivilege) and not once:
            outcome = _as_they_walked(asked, act, command, data, NotNow())
        if isinstance(outcome, NotNow):
            _note(problem)
        return outcome
    except Exception as problem:  # noqa: BLE001 - a fault in one command must not hold up the queue behind it
        _note(problem)
        return NotNow()


def _usable() -> bool:
    """Whether the transaction goes on: two that waited for each other were parted, but the connection stands."""
    return (
        not connection.needs_rollback
        and connection.connection is not None
        and not connection.connection.closed
    )


def _note(problem: Exception) -> None:
    """Kind and place, never the words: they may quote people's data."""
    place = traceback.extract_tb(problem.__traceback__)[-1]
    log.error("%s at %s:%s", type(problem).__name__, place.filename, place.lineno)


def _kept(
    asked: Pushed, one: Read, outcome: Done | Problem, before: SyncCommand | None
) -> tuple[Result, SyncCommand]:
    """What this command is answered, and how that is kept for the next time it comes."""
    assert one.asked is not None  # noqa: S101 - others were answered before
    row = before or SyncCommand(
        id=one.id,
        account_id=own_id(asked.viewer),
        kind=one.kind,
        digest=one.digest,
        said_at=one.asked.at,
        received_at=asked.now,
    )
    row.device_id, row.answered_at = asked.device_id, asked.now
    result = _result(asked, one, outcome, row.received_at)
    row.status = "done" if result.status == "repeated" else result.status
    times = row.answer.get("times", 0) + _counts(asked, before)
    row.answer = _answer(result) | ({"times": times} if times else {})
    return result, row


def _counts(asked: Pushed, before: SyncCommand | None) -> bool:
    """Whether it counts toward what a lost phone may send although it came before: what was refused for good is not sent by itself, and
    what is held is sent by nobody.
    """
    sends = asked.lost is not None and asked.came is None
    return sends and before is not None and before.answer.get("code") not in _CODES_AGAIN


def _answer(result: Result) -> dict[str, Any]:
    match result.status:
        case "conflict":
            return {"conflict": str(result.conflict)}
        case "refused":
            return {"code": result.problem.code if result.problem else ""}
        case _:
            return {"revision": result.revision, "facts": dict(result.facts)}


def _result(asked: Pushed, one: Read, outcome: Done | Problem, first_at: datetime) -> Result:
    assert one.asked is not None  # noqa: S101 - others were answered before
    if isinstance(outcome, Done) and outcome.conflict is None:
        return Result(one.id, "done", revision=outcome.revision, facts=outcome.facts)
    if isinstance(outcome, Done | Changed):
        conflict = (
            conflict_by_id(asked.viewer, outcome.conflict)
            if isinstance(outcome, Done) and outcome.conflict
            else keep_conflict(asked.viewer, one.asked, outcome, now=asked.now)  # type: ignore[arg-type]  # the other one
        )
        sides = sides_in(conflict)
        return Result(one.id, "conflict", revision=sides.revision, facts=sides.fields, conflict=conflict.id)
    problem = outcome
    if type(problem) is NotFound and asked.now - first_at < WAITS:
        problem = NotHereYet()
    return Result(one.id, "refused", problem=problem, again=isinstance(problem, _AGAIN))


def kinds() -> Iterable[str]:
    """Every kind of command that is taken in."""
    return sorted([*KINDS, SETTLE])
