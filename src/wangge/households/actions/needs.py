"""Care needs: written down with their ground and their end, and ended before it."""

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from wangge.access import Verb, Viewer
from wangge.base.calendar import SHANGHAI
from wangge.base.commands import Command
from wangge.base.problems import Invalid, NotAllowed, NotFound, OtherContent
from wangge.households.actions.keeping import Act, resident_to_change
from wangge.households.models import CareNeed, Resident
from wangge.households.rules.people import FIRST_DAY, Need, NeedOver, ResidentMerged, checked_need
from wangge.journal.actions import record_all


def add_need(
    viewer: Viewer, command: Command, need_id: UUID, resident_id: UUID, need: Need, *, now: datetime
) -> CareNeed:
    """Writes a care need down. The journal tells that there is one, and not which: that is on the file alone."""
    act = Act(viewer, command, "need.added", f"need:{need_id}", now)
    if act.was_done:
        return _known(need_id)
    checked = checked_need(need, today=act.today)
    resident = resident_to_change(act, resident_id)
    if act.was_done:
        return _known(need_id)
    if resident.merged_into_id:
        raise ResidentMerged(into=str(resident.merged_into_id))
    made = CareNeed(
        id=need_id,
        resident=resident,
        path=resident.path,
        kind=checked.kind,
        basis=checked.basis,
        law=checked.law,
        consent_on=checked.consent_on,
        consent_by=checked.consent_by,
        detail=checked.detail or None,
        from_on=checked.from_on or act.today,
        until=checked.until,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise OtherContent from None
    _touch(resident)
    act.tell(made.path, resident=str(resident.id))
    return made


def _known(need_id: UUID) -> CareNeed:
    found = CareNeed.objects.filter(id=need_id).first()
    if found is None:
        raise NotFound
    return found


def _touch(resident: Resident) -> None:
    resident.revision += 1
    resident.save(update_fields=["revision"])


def end_need(
    viewer: Viewer, command: Command, need_id: UUID, *, on: date | None = None, now: datetime
) -> CareNeed:
    """Ends a care need before its day: it is no longer needed, or the person took their consent back."""
    act = Act(viewer, command, "need.ended", f"need:{need_id}", now)
    if act.was_done:
        return _known(need_id)
    need = CareNeed.objects.select_for_update(of=("self",)).filter(id=need_id).first()
    if need is None:
        raise NotFound
    act.check_may(Verb.HOUSEHOLD_CHANGE, need.path)
    if act.was_done:
        return need
    if need.ended_on is not None:
        raise NeedOver
    day = on or act.today
    if not max(FIRST_DAY, need.from_on) <= day <= act.today:
        raise Invalid(field="on", expected=f"{need.from_on} – {act.today}")
    need.ended_on = day
    need.revision += 1
    need.save(update_fields=["ended_on", "revision"])
    act.tell(need.path, resident=str(need.resident_id), on=day.isoformat())
    return need


_ERASED = """
update households_careneed n set detail = null, erased_on = %(today)s, revision = n.revision + 1
 where n.id in (
   select id from households_careneed
    where detail is not null and least(ended_on, until) < (%(today)s - make_interval(years => %(years)s))::date
    order by until limit %(most)s for update skip locked)
returning n.id, n.path::text
"""


def erase_care_details(viewer: Viewer, *, years: int, now: datetime, at_most: int = 2_000) -> int:
    """Erases what was told in detail of care needs that ended more than so many years ago; says of how many.

    That there was a need, of which kind and until when, stays: it is counted. The journal tells that it was erased, and not what.
    """
    if viewer.account_id is not None:
        raise NotAllowed
    facts: dict[str, date | int] = {"today": now.astimezone(SHANGHAI).date(), "years": years, "most": at_most}
    with connection.cursor() as cursor:
        cursor.execute(_ERASED, facts)
        erased = cursor.fetchall()
    told = {"verb": "need.erased", "at": now, "after": {"years": years}}
    record_all(viewer, [{**told, "subject": f"need:{need}", "path": path} for need, path in erased])
    return len(erased)
