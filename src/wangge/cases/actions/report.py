"""Reporting a case: once, at its place, on the desk that its routing says."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, transaction

from wangge.access import Verb, Viewer
from wangge.access.viewer import LEVELS
from wangge.areas import queries as areas
from wangge.base.calendar import SHANGHAI
from wangge.base.problems import NotAllowed, OtherContent
from wangge.cases.actions.attachments import attach_first
from wangge.cases.models import Case
from wangge.cases.queries.routing import Routing, routing
from wangge.cases.queries.spots import Spot, may_report_at, spot_of
from wangge.cases.rules import BadAnswer, case_number, due_for, first_alarm, number_prefix
from wangge.catalogue import queries as catalogue
from wangge.catalogue.models import ItemVersion
from wangge.catalogue.rules import deadline_minutes
from wangge.journal.actions import record_all


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody reports. The place is a point, or an area's code, or both."""

    item: str
    title: str
    reported_at: datetime
    description: str = ""
    lon: float | None = None
    lat: float | None = None
    area: str = ""
    address: str = ""
    urgency: str = ""
    attachments: tuple[str, ...] = ()


def report_case(
    viewer: Viewer, case_id: UUID, report: Report, *, now: datetime, source: str = "worker"
) -> tuple[Case, bool]:
    """The case, and whether it is new: the same id with the same content answers as the first time.

    OtherContent for the same id with another content, NoPlace outside the city's areas, NotAllowed outside the viewer's,
    ItemNotOpen for work that is not admitted.
    """
    digest = digest_of_report(report)
    if known := _known(case_id, digest):
        return known, False
    if not viewer.may_anywhere(Verb.CASE_REPORT):
        raise NotAllowed
    version = catalogue.current_item(report.item)
    urgency = report.urgency or version.urgency_levels[0]
    if urgency not in version.urgency_levels:
        raise BadAnswer(field="urgency", expected=", ".join(version.urgency_levels))
    area = report.area and areas.grid_now(report.area, report.reported_at, report.lon, report.lat)
    spot = spot_of(report.lon, report.lat, area)
    if not may_report_at(viewer, spot):
        raise NotAllowed
    going = routing(version, spot.path, now, with_office=False)
    case = new_case(viewer, case_id, report, digest, version, urgency, spot, going, now, source)
    try:
        with transaction.atomic():
            insert_case(case, now)
    except IntegrityError:
        # The same report came twice at once, and the other was first.
        known = _known(case_id, digest)
        if known is None:
            raise OtherContent from None
        return known, False
    reported = {
        "verb": "case.reported",
        "subject": case.subject,
        "path": case.path,
        "at": now,
        "source": source,
        "confidential": case.confidential,
        "after": {
            "state": case.state,
            "number": case.number,
            "item": case.item_id,
            "holder": going.desk.code,
            "why": going.why,
        },
    }
    brought = attach_first(viewer, case, report.attachments, now=now) if report.attachments else []
    record_all(viewer, [reported, *brought])
    return case, True


def digest_of_report(report: Report) -> bytes:
    return hashlib.sha256(orjson.dumps(asdict(report), option=orjson.OPT_SORT_KEYS)).digest()


def _known(case_id: UUID, digest: bytes) -> Case | None:
    found = Case.objects.filter(id=case_id).first()
    if found and bytes(found.content_hash) != digest:
        raise OtherContent
    return found


def new_case(
    viewer: Viewer,
    case_id: UUID,
    report: Report,
    digest: bytes,
    version: ItemVersion,
    urgency: str,
    spot: Spot,
    going: Routing,
    now: datetime,
    source: str,
) -> Case:
    codes = [*spot.path.split("."), "", "", "", ""]
    due = due_for(now, minutes_for(version, urgency, version.accept_minutes))
    return Case(
        id=case_id,
        content_hash=digest,
        county_id=codes[1],
        township_id=codes[2],
        community_id=codes[3],
        grid_id=codes[4],
        path=spot.path,
        border_ids=list(spot.border_codes),
        lon=report.lon,
        lat=report.lat,
        address=report.address,
        item_id=version.item_id,
        item_version=version,
        business=version.business,
        urgency=urgency,
        title=report.title,
        description=report.description,
        confidential=version.confidential,
        source=source,
        reported_by_id=viewer.account_id,
        reported_at=report.reported_at,
        received_at=now,
        found_tier=found_tier(viewer, spot.path),
        holder_path=going.desk.path,
        holder_level=going.desk.level,
        state="reported",
        due_at=due.due_at,
        warn_at=due.warn_at,
        next_alarm_at=first_alarm(due, now),
    )


def found_tier(viewer: Viewer, path: str) -> str:
    """The tier at which it was found (row M6): the lowest seat that the reporter holds over the place."""
    return viewer.level_for(path) or max(
        (seat.level for seat in viewer.seats), key=LEVELS.index, default="city"
    )


def minutes_for(version: ItemVersion, urgency: str, minutes: int) -> int:
    """Working minutes of a step at this urgency."""
    return deadline_minutes(
        minutes, urgency, urgent_percent=version.urgent_percent, emergency_percent=version.emergency_percent
    )


_FIELDS = [field for field in Case._meta.concrete_fields if field.attname != "number"]
_COLUMNS = ", ".join(f'"{field.column}"' for field in _FIELDS)
_VALUES = ", ".join(f"%s::{field.db_type(connection)}" for field in _FIELDS)
# Number and case in one statement: the counter's row is locked for as long as it takes to write them and the journal's
# entry, and a report that fails leaves no gap.
_INSERT = f"""
with drawn as (
  insert into cases_counter as c (id, last) values (%s, 1) on conflict (id) do update set last = c.last + 1 returning last)
insert into cases_case (number, {_COLUMNS})
select %s || lpad(last::text, greatest(4, length(last::text)), '0'), {_VALUES} from drawn returning number
"""  # noqa: S608 - column names and types are the model's own


def insert_case(case: Case, now: datetime) -> None:
    """Writes the case and draws its number in the same statement."""
    on = now.astimezone(SHANGHAI).date()
    prefix = number_prefix(case.county_id, on)
    values = [field.get_db_prep_save(getattr(case, field.attname), connection) for field in _FIELDS]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [prefix, prefix + "-", *values])
        (case.number,) = cursor.fetchone()
    assert case.number.startswith(case_number(case.county_id, on, 0)[:-4])  # noqa: S101 - the two ways to write it agree
    case._state.adding = False
