"""The kinds of commands, and the action that each ends in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from wangge.access import Viewer
from wangge.base.commands import Command
from wangge.base.problems import Problem
from wangge.campaigns.actions.plants import check_plant
from wangge.campaigns.rules.plants_content import PlantChecked
from wangge.cases import actions as cases
from wangge.sync.rules.commands import Done, fault_of
from wangge.sync.rules.contents import CaseAttached, CaseReported, CaseStepped, NoteAdded

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


def _case(data: Data) -> str:
    return f"case:{data.get('case')}"


KINDS: dict[str, Kind] = {
    "case.report": Kind(_report_case, subject=_case),
    "case.step": Kind(_take_step, subject=_case),
    "case.attach": Kind(_attach, subject=_case),
    "note.add": Kind(_add_note, subject=_case),
    "plant.check": Kind(_check_plant),
}
