"""Recording visits: one or fifty at once, each once, with what was heard."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

import orjson
from django.conf import settings
from django.db import IntegrityError, transaction

from wangge.access import Verb, Viewer
from wangge.base.commands import Command
from wangge.base.problems import NotAllowed, NotFound, OtherContent, Problem
from wangge.base.text import clean_text
from wangge.cases.actions import Report, report_case
from wangge.journal.actions import record_all
from wangge.journal.queries import entries_of_commands
from wangge.visits import queries
from wangge.visits.actions.dues import renew_due
from wangge.visits.actions.replies import ReplyTold, replied_errands, replies_of
from wangge.visits.models import DueVisit, Errand, Reply, Visit
from wangge.visits.queries import DoorAt, questions_by_id
from wangge.visits.rules import MOST_NOTE, OUTCOMES, SEEN, SOURCES, BadVisit, day_of, happened

_MOST_AT_ONCE = 1_000

Listener = Callable[[Viewer, Sequence[Visit], datetime], None]
#: Nouns above that count visits too. Each way in, a phone's, the desk's and a program's, comes through here.
_LISTENERS: list[Listener] = []


def hear_of_visits(listener: Listener) -> None:
    """From now on it is told of new visits, in the transaction that records them."""
    _LISTENERS.append(listener)


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody tells of a call at a door.

    `well`: all well. `seen`: how it was shown that they stood there, near or far as the phone found and forgot; `plate` is
    the code read from the door's plate. `heard` becomes a case of the id `case`; without it, `case` is one that the same person
    reports by itself. `errands` are those that the worker saw at the door: only these can be done; None where nobody says,
    and then those that were there when the visit happened. `left` are errands that were not done. A department's question is done
    by its reply and by nothing else.
    `visitor` made the visit where another types it in. `visit` is its id, by default the command's. `reasons` are those that
    they saw, by default those that are due. `time_noted`: only of a sheet's row without a time is it not.
    """

    household: UUID
    outcome: str
    well: bool = False
    seen: str = ""
    plate: str = ""
    note: str = ""
    heard: Report | None = None
    case: UUID | None = None
    errands: tuple[UUID, ...] | None = None
    left: tuple[UUID, ...] = ()
    visitor: int | None = None
    source: str = "app"
    round: UUID | None = None
    visit: UUID | None = None
    reasons: tuple[str, ...] = ()
    replies: tuple[ReplyTold, ...] = ()
    time_noted: bool = True


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of one command: the visit, and whether it is new; or why there is none."""

    command: UUID
    visit: Visit | None = None
    is_new: bool = False
    problem: Problem | None = None


@dataclass(slots=True)
class _Batch:
    """The answers so far, by place in the batch, and the visits that are to be written."""

    answers: dict[int, Recorded] = field(default_factory=dict)
    new: dict[int, tuple[Visit, Told, UUID]] = field(default_factory=dict)
    replies: dict[int, list[Reply]] = field(default_factory=dict)


def record_visit(viewer: Viewer, command: Command, told: Told, *, now: datetime) -> tuple[Visit, bool]:
    """The visit, and whether it is new: the same command again answers as the first time.

    OtherContent for the same id with another content, NotFound for a household that is not the viewer's, NotAllowed
    without the right, BadVisit for a fact that cannot be.
    """
    (answer,) = record_visits(viewer, [(command, told)], now=now)
    if answer.problem:
        raise answer.problem
    assert answer.visit is not None  # noqa: S101 - a command has a visit or a problem
    return answer.visit, answer.is_new


def record_visits(viewer: Viewer, items: Sequence[tuple[Command, Told]], *, now: datetime) -> list[Recorded]:
    """Records many at once, each for itself: what is wrong with one stops no other. Answers stand in the order of the commands."""
    if len(items) > _MOST_AT_ONCE:
        raise BadVisit(field="visits", expected=f"≤ {_MOST_AT_ONCE}")
    batch = _sorted_out(viewer, items, now)
    if batch.new:
        try:
            with transaction.atomic():
                _write_and_tell(viewer, batch, now)
        except IntegrityError:
            # The same commands came twice at once, and the others were first: what stands is now known.
            batch = _sorted_out(viewer, items, now)
            _write_and_tell(viewer, batch, now)
    return [batch.answers[place] for place in range(len(items))]


def _write_and_tell(viewer: Viewer, batch: _Batch, now: datetime) -> None:
    _write(viewer, batch, now)
    for listener in _LISTENERS:
        listener(viewer, [visit for visit, _told, _command in batch.new.values()], now)


def _sorted_out(viewer: Viewer, items: Sequence[tuple[Command, Told]], now: datetime) -> _Batch:
    known = Visit.objects.in_bulk([told.visit or command.id for command, told in items])
    used = entries_of_commands(viewer, [command.id for command, _ in items])
    at_doors = queries.doors(viewer, {told.household for _, told in items})
    asked = questions_by_id(viewer, {each.question for _, told in items for each in told.replies})
    batch, first, taken = _Batch(), dict[UUID, int](), set[UUID]()
    for place, (command, told) in enumerate(items):
        visit_id = told.visit or command.id
        try:
            before = known.get(visit_id)
            if before:
                _same(bytes(before.content_hash), told)
                batch.answers[place] = Recorded(command.id, before)
            elif visit_id in first:
                visit = batch.new[first[visit_id]][0]
                _same(bytes(visit.content_hash), told)
                batch.answers[place] = Recorded(command.id, visit)
            elif command.id in used or command.id in taken:
                raise OtherContent
            else:
                at = at_doors.get(told.household)
                if at is None:
                    raise NotFound
                visit = _visit(viewer, command, told, at, now)
                batch.replies[place] = replies_of(visit, told.replies, asked)
                batch.new[place] = (visit, told, command.id)
                first[visit_id] = place
                taken.add(command.id)
        except Problem as problem:
            batch.answers[place] = Recorded(command.id, problem=problem)
    return batch


def _same(kept: bytes, told: Told) -> None:
    if kept not in _hashes(told):
        raise OtherContent


def _words(told: Told) -> str:
    facts = asdict(told)
    # When it was is no part of the content: a row that is typed in again, now with its time, is the same visit.
    del facts["time_noted"]
    if told.heard and not told.time_noted:
        del facts["heard"]["reported_at"]  # the moment at which it is typed in
    # What was kept before anybody could say it has the hash that it had.
    if told.errands is None:
        del facts["errands"]
    if not told.replies:
        del facts["replies"]
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS).decode()


def _hashes(told: Told) -> list[bytes]:
    return list(settings.PRIVATE_KEYS.lookups("visit", _words(told)))


def _visit(viewer: Viewer, command: Command, told: Told, at: DoorAt, now: datetime) -> Visit:
    if not viewer.may(Verb.VISIT_RECORD, at.path):
        raise NotAllowed
    for name, value, allowed in (
        ("outcome", told.outcome, OUTCOMES),
        ("seen", told.seen, SEEN),
        ("source", told.source, SOURCES),
    ):
        if value not in allowed:
            raise BadVisit(field=name, expected=", ".join(each for each in allowed if each))
    if told.well and told.outcome != "met":
        raise BadVisit(field="well", expected="met")
    if told.heard and told.case is None:
        raise BadVisit(field="case", expected="heard, case")
    # A sheet says its day itself, however late it is typed in; no phone's clock is in doubt.
    moment = min(command.at, now) if told.source == "desk" else happened(command.at, command.came or now)
    return Visit(
        id=told.visit or command.id,
        # A keyed hash: a plain one of so few words could be guessed back.
        content_hash=settings.PRIVATE_KEYS.lookup("visit", _words(told)),
        household_id=told.household,
        path=at.path,
        day=day_of(moment),
        happened_at=moment,
        said_at=command.at,
        at=now,
        time_noted=told.time_noted,
        outcome=told.outcome,
        well=told.well,
        seen="plate"
        if told.plate and told.plate == at.plate
        else (told.seen if told.seen != "plate" else ""),
        note=clean_text(told.note, limit=MOST_NOTE, name="note") or None,
        visitor_id=told.visitor if told.visitor is not None else viewer.account_id,
        entered_by_id=viewer.account_id,
        source=told.source,
        round_id=told.round,
        case_id=told.case,
    )


def _write(viewer: Viewer, batch: _Batch, now: datetime) -> None:
    households = {visit.household_id for visit, _, _ in batch.new.values()}
    due = DueVisit.objects.in_bulk(households)
    errands = Errand.objects.filter(household_id__in=households, done_at__isnull=True)
    waiting = {row.id: row for row in errands.exclude(kind=_ANSWERED)}
    by_reply = replied_errands(waiting.values())
    for place, (visit, told, command_id) in list(batch.new.items()):
        visit.reasons = list(told.reasons) or _answered(
            visit, told, due.get(visit.household_id), waiting, by_reply
        )
        if told.heard:
            try:
                with transaction.atomic():
                    _report(viewer, told, now)
            except Problem as problem:
                batch.answers[place] = Recorded(command_id, problem=problem)
                del batch.new[place]
    Visit.objects.bulk_create([visit for visit, _, _ in batch.new.values()])
    Reply.objects.bulk_create([reply for place in batch.new for reply in batch.replies[place]])
    _finish_errands(batch.new.values(), waiting.values(), by_reply, now)
    # Who was called at and what was found there is in the visit alone: the journal is read by more people.
    record_all(
        viewer,
        [
            {
                "verb": "visit.recorded",
                "subject": f"visit:{visit.id}",
                "path": visit.path,
                "at": now,
                "source": visit.source,
                "after": {"day": visit.day.isoformat()},
                "command_id": command_id,
            }
            for visit, _told, command_id in batch.new.values()
        ],
    )
    for place, (visit, _told, command_id) in batch.new.items():
        batch.answers[place] = Recorded(command_id, visit, is_new=True)
    renew_due(viewer, households, now=now)


#: Kind of the errands that follow how far a campaign is at the door.
_ANSWERED = "campaign"
_NONE = "00000000-0000-0000-0000-000000000000"


def _report(viewer: Viewer, told: Told, now: datetime) -> None:
    assert told.heard is not None and told.case is not None  # noqa: S101, PT018 - asked before
    report_case(viewer, told.case, told.heard, now=now)


def _answered(
    visit: Visit, told: Told, due: DueVisit | None, waiting: Mapping[UUID, Errand], by_reply: Collection[UUID]
) -> list[str]:
    """The reasons of the door that the visit was for: what its worker neither saw nor did is none."""
    found = []
    for reason in due.reasons if due else ():
        reason_id = UUID(reason["id"] or _NONE)
        errand = waiting.get(reason_id)
        if reason["fell"] <= visit.day.isoformat() and (
            _was_brought(visit, told, errand, by_reply) if errand else reason_id not in told.left
        ):
            found.append(reason["why"])
    return found


def _was_brought(visit: Visit, told: Told, errand: Errand, by_reply: Collection[UUID]) -> bool:
    """Whether the worker knew of the errand and did not leave it: it may have been added while their phone had no signal."""
    if errand.household_id != visit.household_id:
        return False
    if errand.id in by_reply and visit.outcome == "met":
        return any(each.question == errand.ref for each in told.replies)
    if errand.id in told.left:
        return False
    if told.errands is not None:
        return errand.id in told.errands
    return errand.since <= visit.day and errand.added_at <= visit.happened_at


def _finish_errands(
    made: Collection[tuple[Visit, Told, UUID]],
    waiting: Iterable[Errand],
    by_reply: Collection[UUID],
    now: datetime,
) -> None:
    """An errand that was brought is done when somebody was met. A campaign's is done by its answer, a question's by its reply."""
    met = [(visit, told) for visit, told, _ in made if visit.outcome == "met"]
    done = []
    for row in waiting:
        by = next((visit for visit, told in met if _was_brought(visit, told, row, by_reply)), None)
        if by:
            row.done_at, row.done_by_visit = now, by.id
            done.append(row)
    Errand.objects.bulk_update(done, ["done_at", "done_by_visit"])
