"""Reporting in confidence: past the desks near the place, to the township and to one department, and to nobody else there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction

from wangge.access import Verb, Viewer
from wangge.access.viewer import Seat, lies_in
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import NotAllowed, OtherContent
from wangge.cases.actions.attachments import attach_to
from wangge.cases.actions.report import Report, digest_of_report, insert_case, new_case
from wangge.cases.actions.steps import change, record_step, write_changes
from wangge.cases.models import Case
from wangge.cases.queries.presence import office_for
from wangge.cases.queries.routing import routing
from wangge.cases.queries.spots import Spot
from wangge.catalogue import queries as catalogue
from wangge.journal.actions import record

#: city.county.township
_TOWNSHIP_DEPTH = 3


def report_in_confidence(
    viewer: Viewer,
    case_id: UUID,
    report: Report,
    *,
    path: str,
    departments: Sequence[str],
    now: datetime,
    source: str = "worker",
) -> Case:
    """A confidential case of what was seen at `path`, filed with the township there and given to `departments` in the same step.

    It lies in the township and not in the grid, so that neither the community's desk nor the grid's other people see it, in
    no list and no count. Its `address` says where. A department without an office is left out: then the township alone has
    it. The same id with the same content answers as the first time; OtherContent, NotAllowed, ItemNotOpen.
    """
    digest = digest_of_report(report)
    known = Case.objects.filter(id=case_id).first()
    if known:
        if bytes(known.content_hash) != digest:
            raise OtherContent
        return known
    if not viewer.may(Verb.CASE_REPORT, path):
        raise NotAllowed
    township = ".".join(path.split(".")[:_TOWNSHIP_DEPTH])
    version = catalogue.current_item(report.item)
    going = routing(version, township, now, with_office=False)
    urgency = report.urgency or version.urgency_levels[0]
    case = new_case(viewer, case_id, report, digest, version, urgency, Spot(township), going, now, source)
    case.confidential = True
    try:
        with transaction.atomic():
            insert_case(case, now)
    except IntegrityError:
        raise OtherContent from None  # somebody else's case has this id
    told = {"number": case.number, "item": case.item_id, "holder": going.desk.code, "why": going.why}
    record(
        viewer,
        verb="case.reported",
        subject=case.subject,
        path=case.path,
        at=now,
        source=source,
        confidential=True,
        after={"state": case.state, **told},
    )
    for blob in report.attachments:
        attach_to(viewer, case, blob, step="report", now=now)
    return _given(viewer, case, departments, now)


def _given(viewer: Viewer, case: Case, departments: Sequence[str], now: datetime) -> Case:
    """Gives it to the departments as the township's desk would: the rule says so, the reporter has no such right."""
    today = now.astimezone(SHANGHAI).date()
    there = [each for each in departments if office_for(each, case.path, today)]
    if not there:
        return case
    root = case.path.split(".")[0]
    assert lies_in(case.holder_path, root)  # noqa: S101 - a case's desk is above it
    desk = Seat(root, "city", "system", frozenset({Verb.CASE_DISPATCH}), confidential=True)
    command_id = uuid5(case.id, "dispatch")
    facts = {"departments": there, "command_id": command_id}
    before = dict(vars(case))
    line = change(replace(viewer, seats=(desk,)), case, "dispatch", facts, now)
    write_changes(case, before)
    record_step(viewer, case, before, line, command_id, facts, now)
    return case
