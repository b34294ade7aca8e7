"""The kinds of commands, and the action that each ends in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from wangge.access import Viewer
from wangge.base.commands import Command
from wangge.base.problems import Problem
from wangge.campaigns.actions.answers import note_visits
from wangge.campaigns.actions.plants import check_plant
from wangge.campaigns.rules.plants_content import PlantChecked
from wangge.cases import actions as cases
from wangge.sync.rules.commands import Done, fault_of
from wangge.sync.rules.contents import CaseAttached, CaseReported, CaseStepped, NoteAdded
from wangge.visits import actions as visits
from wangge.visits.rules.contents import (
    PatrolRecorded,
    PlaceChecked,
    ShiftEnded,
    ShiftStarted,
    VisitRecorded,
)

Data = Mapping[str, Any]
Act = Callable[[Viewer, Command, Data, datetime], Done]
ActOnMany = Callable[[Viewer, Sequence[tuple[Command, Data]], datetime], Sequence[Done | Problem]]

Content = TypeVar("Content", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a command of this kind ends in. `together` takes many at once, each done or with its problem; it raises nothing.

    `subject` names the record that a command is about, as the journal does; where it may conflict.
    """

    act: Act
    together: ActOnMany | None = None
    subject: Callable[[Data], str] | None = None


def read(content: type[Content], data: Data) -> Content:
    """The command's data as its kind has it; Invalid, without the value."""
    try:
        return content.model_validate(data)
    except ValidationError as error:
        raise fault_of(error) from None


def _report_case(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    given = read(CaseReported, data)
    report = cases.Report(
        item=given.item,
        title=given.title,
        reported_at=command.at,
        description=given.description,
        lon=given.lon,
        lat=given.lat,
        area=given.area or "",
        address=given.address,
        urgency=given.urgency or "",
        attachments=tuple(given.attachments),
    )
    case, _ = cases.report_case(viewer, given.case, report, now=now, source=given.source)
    return Done(case.revision, {"number": case.number})


def _take_step(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    given = read(CaseStepped, data)
    facts = given.model_dump(exclude={"case", "step"}, exclude_none=True)
    if command.based_on is not None:
        facts["revision"] = command.based_on
    case = cases.take_step(viewer, given.case, given.step, command_id=command.id, facts=facts, now=now)
    return Done(case.revision, {"state": case.state})


def _attach(viewer: Viewer, _command: Command, data: Data, now: datetime) -> Done:
    given = read(CaseAttached, data)
    cases.attach(viewer, given.case, given.blob, name=given.name, now=now)
    return Done()


def _add_note(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    given = read(NoteAdded, data)
    cases.write_note(viewer, given.case, command.id, audience=given.audience, text=given.text, now=now)
    return Done()


def _check_plant(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    return Done(check_plant(viewer, command, read(PlantChecked, data), now=now).revision)


def _visit(command: Command, data: Data) -> tuple[Command, visits.Told]:
    given = read(VisitRecorded, data)
    told = visits.Told(**{**given.model_dump(), "left": tuple(given.left), "reasons": tuple(given.reasons)})
    return command, told


def _record_visit(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    (done,) = _record_visits(viewer, [(command, data)], now)
    if isinstance(done, Problem):
        raise done
    return done


def _record_visits(
    viewer: Viewer, items: Sequence[tuple[Command, Data]], now: datetime
) -> Sequence[Done | Problem]:
    """Many visits in few statements, and what they mean for the campaigns at these doors."""
    answers: list[Done | Problem] = [Done()] * len(items)
    told: dict[int, tuple[Command, visits.Told]] = {}
    for place, (command, data) in enumerate(items):
        try:
            told[place] = _visit(command, data)
        except Problem as problem:
            answers[place] = problem
    made = visits.record_visits(viewer, list(told.values()), now=now)
    for place, one in zip(told, made, strict=True):
        answers[place] = one.problem or Done(one.visit.revision if one.visit else None)
    new = [one.visit for one in made if one.visit and one.is_new]
    note_visits(viewer, [(one.id, one.household_id, one.outcome, one.said_at) for one in new], now=now)
    return answers


def _start_shift(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    given = read(ShiftStarted, data)
    return Done(visits.start_shift(viewer, command, given.shift, area=given.area or "", now=now).revision)


def _end_shift(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    return Done(visits.end_shift(viewer, command, read(ShiftEnded, data).shift, now=now).revision)


def _record_patrol(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    given = read(PatrolRecorded, data)
    walked = visits.Walked(
        given.shift, given.started_at, given.ended_at, given.note, tuple(given.points), given.patrol
    )
    visits.record_patrol(viewer, command, walked, now=now)
    return Done()


def _check_place(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    visits.check_place(viewer, command, visits.Found(**read(PlaceChecked, data).model_dump()), now=now)
    return Done()


def _case(data: Data) -> str:
    return f"case:{data.get('case')}"


KINDS: dict[str, Kind] = {
    "case.report": Kind(_report_case, subject=_case),
    "case.step": Kind(_take_step, subject=_case),
    "case.attach": Kind(_attach, subject=_case),
    "note.add": Kind(_add_note, subject=_case),
    "plant.check": Kind(_check_plant),
    "visit.record": Kind(_record_visit, together=_record_visits),
    "shift.start": Kind(_start_shift),
    "shift.end": Kind(_end_shift),
    "patrol.record": Kind(_record_patrol),
    "place.check": Kind(_check_place),
}
