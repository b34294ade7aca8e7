"""One person, kept twice: both records stay, one points to the other, and it can be undone."""

from datetime import datetime
from uuid import UUID

from django.db.models import F

from wangge.access import Viewer
from wangge.base.commands import Command
from wangge.base.problems import NotFound
from wangge.base.text import clean_line
from wangge.households.actions.keeping import Act, resident_to_change
from wangge.households.actions.people import touch_by_id
from wangge.households.models import Household, Merge, Resident, Stay
from wangge.households.rules.people import AlreadyOne, ResidentMerged


def merge_residents(
    viewer: Viewer, command: Command, merged_id: UUID, into: UUID, *, reason: str = "", now: datetime
) -> Resident:
    """Lets the record `merged_id` point to `into`, by which the person goes from now on. It keeps all that it says, its stays and
    its needs; the stay that goes on ends, since nobody lives twice. The viewer must keep both.
    """
    act = Act(viewer, command, "resident.merged", f"resident:{merged_id}", now)
    if act.was_done:
        return _known(merged_id)
    if merged_id == into:
        raise AlreadyOne
    # In one order, whoever merges which into which: two merges at once do not wait for each other for ever.
    found = {each: resident_to_change(act, each) for each in sorted((merged_id, into))}
    merged, kept = found[merged_id], found[into]
    if act.was_done:
        return merged
    for each in (merged, kept):
        if each.merged_into_id:
            raise ResidentMerged(into=str(each.merged_into_id))
    stay = Stay.objects.filter(resident_id=merged.id, to_on__isnull=True).first()
    left = merged.household_id
    if stay:
        stay.to_on, stay.went, stay.name = max(act.today, stay.from_on), "merged", merged.name
        stay.save(update_fields=["to_on", "went", "name"])
        merged.household, merged.left_on = None, stay.to_on
    merged.merged_into = kept
    merged.revision += 1
    merged.save(update_fields=["household", "left_on", "merged_into", "revision"])
    kept.revision += 1
    kept.save(update_fields=["revision"])
    touch_by_id(left)
    Merge(
        id=command.id,
        kept=kept,
        merged=merged,
        path=merged.path,
        stay=stay,
        reason=clean_line(reason, limit=400, name="reason"),
        at=now,
        by_id=viewer.account_id,
    ).save(force_insert=True)
    act.tell(merged.path, into=str(kept.id))
    return merged


def unmerge_resident(viewer: Viewer, command: Command, merged_id: UUID, *, now: datetime) -> Resident:
    """Lets a merged record stand for itself again: the stay that ended with the merge goes on as if it had not."""
    act = Act(viewer, command, "resident.unmerged", f"resident:{merged_id}", now)
    if act.was_done:
        return _known(merged_id)
    merged = resident_to_change(act, merged_id)
    if act.was_done:
        return merged
    merge = (
        Merge.objects.select_for_update(of=("self",))
        .filter(merged_id=merged_id, undone_at__isnull=True)
        .select_related("stay")
        .first()
    )
    if merge is None or merged.merged_into_id is None:
        raise NotFound
    kept_id = merged.merged_into_id
    merged.merged_into = None
    if merge.stay_id:
        _go_on(merged, merge.stay_id)
    merged.revision += 1
    merged.save(update_fields=["household", "left_on", "merged_into", "revision"])
    Resident.objects.filter(id=kept_id).update(revision=F("revision") + 1)
    merge.undone_at, merge.undone_by_id = now, viewer.account_id
    merge.save(update_fields=["undone_at", "undone_by_id"])
    act.tell(merged.path, of=str(kept_id))
    return merged


def _go_on(merged: Resident, stay_id: int) -> None:
    """Opens the stay again, and its household if it ended meanwhile; not where the file has gone to another grid since: there
    the person lives nowhere until that grid says where.
    """
    stay = Stay.objects.filter(id=stay_id, path=merged.path, went="merged").first()
    if stay is None:
        return
    stay.to_on, stay.went, stay.name = None, "", ""
    stay.save(update_fields=["to_on", "went", "name"])
    household = Household.objects.select_for_update(of=("self",)).get(id=stay.household_id)
    household.valid_to = None
    household.revision += 1
    household.save(update_fields=["valid_to", "revision"])
    merged.household, merged.left_on = household, None


def _known(resident_id: UUID) -> Resident:
    found = Resident.objects.filter(id=resident_id).first()
    if found is None:
        raise NotFound
    return found
