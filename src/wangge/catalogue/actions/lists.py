"""Whole lists of items: the sample that is shipped, and a city's own in the same columns."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from wangge.access import Verb, Viewer
from wangge.base.problems import NotAllowed
from wangge.base.tables.reading import Fault, Row, Source, rows_of
from wangge.catalogue import lifecycle, rules
from wangge.catalogue.actions.writing import note, same_text, version_of
from wangge.catalogue.models import ItemVersion, WorkItem
from wangge.catalogue.queries import departments, items
from wangge.staff.models import Department

#: A report names so many wrong cells; the count is of all.
_MOST_FAULTS = 500


@dataclass(frozen=True, slots=True)
class ListReport:
    """What a list did: codes that came in, codes that got a new version, and how many were as they are."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int


def load_sample_catalogue(viewer: Viewer, *, now: datetime) -> ListReport:
    """Adds the shipped departments and items that are not there yet, admitted. What a city has changed, it keeps."""
    if not viewer.may_anywhere(Verb.ITEM_ADMIT):
        raise NotAllowed
    _add_departments()
    rows = _shipped("items.csv")
    known = set(WorkItem.objects.values_list("code", flat=True))
    fresh = [row for row in rows if row["code"] not in known]
    _add(viewer, fresh, now=now, reason="sample catalogue")
    return ListReport(tuple(row["code"] for row in fresh), (), len(rows) - len(fresh))


def import_items(viewer: Viewer, *, source: Source, reason: str = "", now: datetime) -> ListReport:
    """Takes in a city's own list, as admitted: new codes become items, changed ones new versions, the rest stays.

    All or nothing: BadItemList names every wrong cell by line, column, value and what was expected. TableProblem when
    the file is no such table. NotAllowed without the right to admit.
    """
    if not viewer.may_anywhere(Verb.ITEM_ADMIT):
        raise NotAllowed
    faults: list[Fault] = []
    required = [column for column in rules.COLUMNS if column not in rules.SAMPLE_COLUMNS]
    rows = list(rows_of(source, rules.COLUMN_TITLES, required=required, faults=faults))
    known = {item.code: item for item in items(viewer)}
    for row in rows:
        row.values.update(
            {name: row.values.get(name) or value for name, value in rules.SAMPLE_COLUMNS.items()}
        )
    faults += _faults_of(rows, known)
    if faults:
        shown = sorted(faults, key=lambda fault: fault.line)[:_MOST_FAULTS]
        raise rules.BadItemList(count=len(faults), faults=[_told(fault) for fault in shown])
    values = [row.values for row in rows]
    fresh = [row for row in values if row["code"] not in known]
    changed = [row for row in values if row["code"] in known and not _says(known[row["code"]], row)]
    _add(viewer, fresh, now=now, reason=reason)
    _renew(viewer, changed, now=now, reason=reason)
    return ListReport(
        tuple(row["code"] for row in fresh),
        tuple(row["code"] for row in changed),
        len(values) - len(fresh) - len(changed),
    )


def _faults_of(rows: Sequence[Row], known: dict[str, WorkItem]) -> list[Fault]:
    """What is wrong in the rows alone, among them, and against departments and items that there are."""
    offices = departments()
    faults: list[Fault] = []
    seen: set[str] = set()
    for row in rows:
        found = rules.check_item_row(row.values)
        wrong = {fault.column for fault in found}
        faults += [Fault(row.line, fault.column, fault.value, fault.expected) for fault in found]
        code, office = row.values.get("code", ""), row.values.get("department", "")
        if "code" not in wrong:
            if code in seen:
                faults.append(Fault(row.line, "code", code, rules.CODE_AGAIN))
            elif code in known and known[code].state != lifecycle.ADMITTED:
                faults.append(Fault(row.line, "code", code, rules.NOT_ADMITTED))
            seen.add(code)
        if "department" not in wrong and office not in offices:
            faults.append(Fault(row.line, "department", office, rules.NO_SUCH_DEPARTMENT))
    return faults


def _add(viewer: Viewer, rows: Sequence[dict[str, str]], *, now: datetime, reason: str) -> None:
    """New items, admitted, in two statements; the foreign keys between item and version are checked at the end."""
    versions = ItemVersion.objects.bulk_create(
        ItemVersion(**version_of(row, number=1, now=now)) for row in rows
    )
    WorkItem.objects.bulk_create(
        WorkItem(code=version.item_id, state=lifecycle.ADMITTED, version=version) for version in versions
    )
    for row in rows:
        note(
            viewer,
            "item.imported",
            row["code"],
            now=now,
            after={"state": "admitted", "version": 1},
            reason=reason,
        )


def _renew(viewer: Viewer, rows: Sequence[dict[str, str]], *, now: datetime, reason: str) -> None:
    """A next version of each; locked in the order of codes, as every list does, so that two lists cannot deadlock."""
    by_code = {row["code"]: row for row in rows}
    for item in WorkItem.objects.select_for_update().filter(code__in=by_code).order_by("code"):
        newest = ItemVersion.objects.filter(item_id=item.code).order_by("-number")[0]
        number = newest.number + 1
        item.version = ItemVersion.objects.create(**version_of(by_code[item.code], number=number, now=now))
        item.save(update_fields=["version"])
        before, after = {"version": newest.number}, {"version": number}
        note(viewer, "item.changed", item.code, now=now, before=before, after=after, reason=reason)


def _add_departments() -> None:
    rows = _shipped("departments.csv")
    Department.objects.bulk_create(
        (Department(code=row["code"], zh=row["zh"], en=row["en"]) for row in rows), ignore_conflicts=True
    )


def _shipped(name: str) -> list[dict[str, str]]:
    text = (files("wangge.catalogue") / "data" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _says(item: WorkItem, row: dict[str, str]) -> bool:
    return item.version is not None and same_text(item.version, row)


def _told(fault: Fault) -> dict[str, Any]:
    return {"line": fault.line, "column": fault.column, "value": fault.value, "expected": fault.expected}
