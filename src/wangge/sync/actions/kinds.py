"""The kinds of commands, and the action that each ends in."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wangge.access import Viewer
from wangge.areas.queries import grids_that_took_over
from wangge.base.commands import Command
from wangge.base.problems import Invalid, NotFound, Problem
from wangge.campaigns.actions.answers import GivenAnswer, record_answers
from wangge.campaigns.actions.plants import check_plant
from wangge.campaigns.rules.plants_content import PlantChecked
from wangge.cases import actions as cases
from wangge.cases import queries
from wangge.sync.actions.ending import Data, Kind, named, read
from wangge.sync.actions.homes import HOMES
from wangge.sync.rules.commands import Done
from wangge.sync.rules.contents import CampaignAnswered, CaseAttached, CaseReported, CaseStepped, NoteAdded
from wangge.visits import actions as visits
from wangge.visits import queries as visited
from wangge.visits.rules import NoShift
from wangge.visits.rules.contents import (
    PatrolRecorded,
    PlaceChecked,
    ShiftEnded,
    ShiftStarted,
    VisitRecorded,
)


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


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
    if isinstance(given.into, str):
        facts["into"] = _numbered(viewer, given.into)
    if given.area:
        facts["area"] = _desk(viewer, given.case, given.area, command.at)
    case = cases.take_step(viewer, given.case, given.step, command_id=command.id, facts=facts, now=now)
    return Done(case.revision, {"state": case.state})


def _desk(viewer: Viewer, case_id: UUID, area: str, at: datetime) -> str:
    """The desk that was named; of a grid that was divided anew since, that of the case's own grid."""
    own = queries.case_by_id(viewer, case_id).grid_id
    return own if own and own in grids_that_took_over([area], at) else area


def _numbered(viewer: Viewer, number: str) -> UUID:
    """The case of a number that somebody typed. No other phone will bring one that is not there: it is refused at once."""
    try:
        return queries.case_by_number(viewer, number).id
    except NotFound:
        raise Invalid(field="into", expected=_("the number of a case that you see")) from None


def _attach(viewer: Viewer, _command: Command, data: Data, now: datetime) -> Done:
    given = read(CaseAttached, data)
    cases.attach(viewer, given.case, given.blob, name=given.name, now=now)
    return Done()


def _add_note(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    given = read(NoteAdded, data)
    cases.write_note(viewer, given.case, command.id, audience=given.audience, text=given.text, now=now)
    return Done()


def _check_plant(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    given = read(PlantChecked, named(data, "plant", command.id))
    return Done(check_plant(viewer, command, given, now=now).revision)


def _visit(command: Command, data: Data) -> tuple[Command, visits.Told]:
    given = read(VisitRecorded, named(data, "visit", command.id))
    lists = {"left": tuple(given.left), "reasons": tuple(given.reasons)}
    errands = None if given.errands is None else tuple(given.errands)
    replies = tuple(visits.ReplyTold(each.question, each.said, each.declined) for each in given.replies)
    return command, visits.Told(**{**given.model_dump(), **lists, "errands": errands, "replies": replies})


def _record_visit(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    (done,) = _record_visits(viewer, [(command, data)], now)
    if isinstance(done, Problem):
        raise done
    return done


def _record_visits(
    viewer: Viewer, items: Sequence[tuple[Command, Data]], now: datetime
) -> Sequence[Done | Problem]:
    """Many visits in few statements."""
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
    return answers


def _start_shift(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    given = read(ShiftStarted, named(data, "shift", command.id))
    return Done(visits.start_shift(viewer, command, given.shift, area=given.area or "", now=now).revision)


def _end_shift(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    return Done(visits.end_shift(viewer, command, read(ShiftEnded, data).shift, now=now).revision)


def _record_patrol(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    given = read(PatrolRecorded, named(data, "patrol", command.id))
    walked = visits.Walked(
        given.shift,
        given.started_at + command.moved,
        given.ended_at + command.moved,
        given.note,
        tuple(given.points),
        given.patrol,
    )
    try:
        visits.record_patrol(viewer, command, walked, now=now)
    except NoShift:
        if visited.has_shift(viewer, given.shift):
            raise
        raise NotFound from None  # another phone of theirs may still hold its start
    return Done()


def _check_place(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    given = read(PlaceChecked, named(data, "check", command.id))
    visits.check_place(viewer, command, visits.Found(**given.model_dump()), now=now)
    return Done()


def _answer(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    (done,) = _answers(viewer, [(command, data)], now)
    if isinstance(done, Problem):
        raise done
    return done


def _answers(
    viewer: Viewer, items: Sequence[tuple[Command, Data]], now: datetime
) -> Sequence[Done | Problem]:
    """Many answers in few statements. What became of each is told: one that came too late is kept, and says so."""
    answers: list[Done | Problem] = [Done()] * len(items)
    given: dict[int, GivenAnswer] = {}
    for place, (command, data) in enumerate(items):
        try:
            given[place] = GivenAnswer(command, **read(CampaignAnswered, data).model_dump())
        except Problem as problem:
            answers[place] = problem
    for place, one in zip(given, record_answers(viewer, list(given.values()), now=now), strict=True):
        told = {"end": one.end, "faults": one.faults, "not_checked": one.not_checked}
        answers[place] = one.problem or Done(facts=told)
    return answers


def _case(data: Data) -> str:
    return f"case:{data.get('case')}"


KINDS: dict[str, Kind] = {
    "case.report": Kind(_report_case, subject=_case),
    "case.step": Kind(_take_step, subject=_case),
    "case.attach": Kind(_attach, subject=_case),
    "note.add": Kind(_add_note, subject=_case),
    **HOMES,
    "campaign.answer": Kind(_answer, together=_answers),
    "plant.check": Kind(_check_plant),
    "visit.record": Kind(_record_visit, together=_record_visits),
    "shift.start": Kind(_start_shift),
    "shift.end": Kind(_end_shift),
    "patrol.record": Kind(_record_patrol),
    "place.check": Kind(_check_place),
}
