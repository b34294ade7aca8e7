"""How a department's work becomes an item of the grid, changes, and leaves. Items have no place: any seat's verb counts."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from wangge.access import Verb, Viewer
from wangge.base.problems import NotAllowed
from wangge.catalogue import lifecycle, rules
from wangge.catalogue.actions.writing import note, same_text, version_of
from wangge.catalogue.models import ItemVersion, WorkItem
from wangge.catalogue.queries import departments, item_by_code, row_of

#: Steps after which somebody is told no, or loses something, say why.
_NEED_REASON = ("decline", "retire")
_DONE = {
    "review": "item.reviewed",
    "admit": "item.admitted",
    "decline": "item.declined",
    "retire": "item.retired",
}


def propose_item(viewer: Viewer, *, values: Mapping[str, str], reason: str = "", now: datetime) -> WorkItem:
    """Brings a department's work before those who admit it; `values` are a list's columns as texts. Without a code it gets
    the next free one of its group.

    NotAllowed, BadItem with every wrong value, or ItemExists.
    """
    if not viewer.may_anywhere(Verb(lifecycle.PROPOSE_VERB)):
        raise NotAllowed
    if values.get("group") and not values.get("code"):
        values = {**values, "code": _next_code(values["group"])}
    row = _checked(values)
    code = row["code"]
    try:
        with transaction.atomic():
            version = ItemVersion.objects.create(**version_of(row, number=1, now=now))
            item = WorkItem.objects.create(code=code, state=lifecycle.FIRST, version=version)
    except IntegrityError as error:
        raise rules.ItemExists(item=code) from error
    note(viewer, "item.proposed", code, now=now, after=_told(version, item.state), reason=reason)
    return item


def review_item(viewer: Viewer, *, code: str, reason: str = "", now: datetime) -> WorkItem:
    """Legal basis, data and minutes were examined; the item waits for admission."""
    return _take(viewer, code, "review", reason, now)


def admit_item(viewer: Viewer, *, code: str, reason: str = "", now: datetime) -> WorkItem:
    """From now on cases may be filed under it."""
    return _take(viewer, code, "admit", reason, now)


def decline_item(viewer: Viewer, *, code: str, reason: str, now: datetime) -> WorkItem:
    """The proposal goes no further; says why."""
    return _take(viewer, code, "decline", reason, now)


def retire_item(viewer: Viewer, *, code: str, reason: str, now: datetime) -> WorkItem:
    """It takes no new case; running ones go on under the version that they began with."""
    return _take(viewer, code, "retire", reason, now)


def change_item(
    viewer: Viewer, *, code: str, values: Mapping[str, str], reason: str, now: datetime
) -> WorkItem:
    """A new version of a proposed or admitted item, from `values` that differ from the last; others stay as they are.

    New cases take it, running cases keep theirs. A proposal is changed by whoever may propose, an admitted item by
    whoever may admit. BadItem, NothingChanged, MissingReason, ItemStepNotPossible.
    """
    item = _locked(code)
    verbs = {lifecycle.PROPOSED: Verb.ITEM_PROPOSE, lifecycle.ADMITTED: Verb.ITEM_ADMIT}
    if item.state not in verbs:
        raise rules.ItemStepNotPossible(
            state=item.state, step="change", possible=lifecycle.possible_steps(item.state)
        )
    if not viewer.may_anywhere(verbs[item.state]):
        raise NotAllowed
    if not reason:
        raise rules.MissingReason(field="reason")
    last = ItemVersion.objects.get(item_id=code, pk=item.version_id or 0)
    row = _checked({**row_of(last), **values, "code": code})
    if same_text(last, row):
        raise rules.NothingChanged
    newest = ItemVersion.objects.filter(item_id=code).order_by("-number").values_list("number", flat=True)[0]
    version = ItemVersion.objects.create(**version_of(row, number=newest + 1, now=now))
    item.version = version
    item.save(update_fields=["version"])
    before = {"version": last.number}
    note(
        viewer, "item.changed", code, now=now, before=before, after=_told(version, item.state), reason=reason
    )
    return item


def _take(viewer: Viewer, code: str, step: str, reason: str, now: datetime) -> WorkItem:
    item = _locked(code)
    try:
        line = lifecycle.line_of(item.state, step)
    except lifecycle.StepNotAllowed as error:
        raise rules.ItemStepNotPossible(state=error.state, step=step, possible=error.possible) from error
    if not viewer.may_anywhere(Verb(line.verb)):
        raise NotAllowed
    if step in _NEED_REASON and not reason:
        raise rules.MissingReason(field="reason")
    item.state = line.target
    item.save(update_fields=["state"])
    note(
        viewer,
        _DONE[step],
        code,
        now=now,
        before={"state": line.source},
        after={"state": line.target},
        reason=reason,
    )
    return item


def _locked(code: str) -> WorkItem:
    """The item under lock, so that two who decide at once decide one after the other; NotAllowed for who may not."""
    item = WorkItem.objects.select_for_update().filter(code=code).first()
    if item is None:
        item_by_code(code)
        raise NotAllowed  # it is there: the row policy keeps it from who may neither propose nor admit
    return item


def _next_code(group: str) -> str:
    """One more than the last of the group. Held until the transaction ends, so that two who propose at once get two codes."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('catalogue:' || %s))", [group])
    taken = WorkItem.objects.filter(code__startswith=f"{group}-").values_list("code", flat=True)
    last = max((int(code[-2:]) for code in taken if code[-2:].isdigit()), default=0)
    return f"{group}-{last + 1:02d}"


def _checked(values: Mapping[str, str]) -> dict[str, str]:
    row = {**rules.SAMPLE_COLUMNS, **values}
    faults = [
        {"field": fault.column, "value": fault.value, "expected": fault.expected}
        for fault in rules.check_item_row(row)
    ]
    if not faults and row["department"] not in departments():
        faults = [{"field": "department", "value": row["department"], "expected": rules.NO_SUCH_DEPARTMENT}]
    if faults:
        raise rules.BadItem(faults)
    return row


def _told(version: ItemVersion, state: str) -> dict[str, object]:
    return {
        "state": state,
        "version": version.number,
        "department": version.department_id,
        "minutes_per_week": version.minutes_per_week,
    }
