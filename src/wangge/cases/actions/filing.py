"""Filing with what follows in the same step: the case goes on to its department, or joins one that is known already."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from wangge.access import Viewer
from wangge.base.problems import OtherContent
from wangge.cases.actions.notes import LONGEST_NOTE, write_note
from wangge.cases.actions.report import Report, report_case
from wangge.cases.actions.steps import PAST, take_step
from wangge.cases.models import Case
from wangge.cases.queries.prospects import obstacle_to_dispatch
from wangge.cases.queries.routing import routing
from wangge.cases.rules import NotClear
from wangge.journal.queries import carried_out


def report_and_dispatch(
    viewer: Viewer,
    case_id: UUID,
    report: Report,
    *,
    departments: Sequence[str] = (),
    now: datetime,
    source: str = "desk",
) -> tuple[Case, bool]:
    """Files the case and dispatches it to the departments, by default the one that its routing names; both or neither.

    The case, and whether it is new: sent again it answers as the first time. NotClear when the case would not come to the
    viewer's own desk, may not be dispatched by them, or its department has no office; OtherContent for an id that was used
    for a report alone; else as `report_case` and the step `dispatch`.
    """
    command_id = uuid5(case_id, "dispatch")
    with transaction.atomic():
        case, is_new = _report_with(viewer, case_id, report, "dispatch", command_id, now=now, source=source)
        if not is_new:
            return case, False
        going = routing(case.item_version, case.path, now)
        if obstacle := obstacle_to_dispatch(viewer, going):
            raise NotClear(why=obstacle)
        chosen = list(departments) or [going.choice.department]
        facts = {"departments": chosen}
        return take_step(viewer, case_id, "dispatch", command_id=command_id, facts=facts, now=now), True


def report_into(
    viewer: Viewer,
    case_id: UUID,
    report: Report,
    *,
    into: UUID,
    again: str,
    now: datetime,
    source: str = "desk",
) -> tuple[Case, bool]:
    """Files what a caller reports of a known case and merges it into that in the same step; both or neither.

    So the report keeps its own number, words and moment, and its reporter follows the known case, where a note for staff
    begins with `again` ({number}: the new case's) and tells the words, these only where the known case is as confidential
    as the new one. Sent again it answers as the first time. Problems: those of `report_case` and `merge`.
    """
    command_id = uuid5(case_id, "merge")
    with transaction.atomic():
        case, is_new = _report_with(viewer, case_id, report, "merge", command_id, now=now, source=source)
        if not is_new:
            return case, False
        merged = take_step(viewer, case_id, "merge", command_id=command_id, facts={"into": into}, now=now)
        known = Case.objects.get(id=into)
        said = [merged.title, merged.description, merged.address]
        told = said if known.confidential or not merged.confidential else []
        text = "\n".join([again.format(number=merged.number), *(each for each in told if each)])[
            :LONGEST_NOTE
        ]
        write_note(viewer, into, uuid5(case_id, "note"), audience="staff", text=text, now=now)
        return merged, True


def _report_with(
    viewer: Viewer, case_id: UUID, report: Report, step: str, command_id: UUID, *, now: datetime, source: str
) -> tuple[Case, bool]:
    """As `report_case`; OtherContent where the report stands already, but without the step that belongs to it here."""
    case, is_new = report_case(viewer, case_id, report, now=now, source=source)
    if not is_new and not carried_out(viewer, command_id, verb=PAST[step], subject=case.subject):
        raise OtherContent
    return case, is_new
