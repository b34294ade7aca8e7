"""Compounds from a table: read row by row, placed set-wise, all or nothing."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from wangge.access import Verb, Viewer
from wangge.access.viewer import common_path
from wangge.areas import queries as areas
from wangge.areas.models import Area
from wangge.base.calendar import SHANGHAI
from wangge.base.coordinates import Datum
from wangge.base.digests import digest_of_file
from wangge.base.problems import NotAllowed
from wangge.base.tables.reading import Fault, rows_of
from wangge.households.models import Compound
from wangge.households.rules import (
    COLUMNS,
    REQUIRED,
    CompoundImportRefused,
    CompoundRow,
    given_code,
    read_row,
)
from wangge.journal.actions import record

Progress = Callable[[str, int], None]

_AT_ONCE = 2_000
_EVERY = 5_000
_WRITTEN = (
    "name",
    "aliases",
    "address",
    "area_id",
    "path",
    "lon",
    "lat",
    "made_up",
    "valid_from",
    "valid_to",
)


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class CompoundReport:
    """How many came new, were changed, ended or stood already so; and of all, how many points lie outside the area named."""

    added: int
    changed: int
    ended: int
    unchanged: int
    outside_their_area: int


@dataclass(slots=True)
class _Plan:
    """What is to be written, and what is wrong."""

    faults: list[Fault] = field(default_factory=list)
    placed: list[tuple[CompoundRow, str, str]] = field(default_factory=list)  # row, code, path
    outside: int = 0

    def refuse(self, row: CompoundRow, column: str, value: str, expected: str) -> None:
        self.faults.append(Fault(row.line, column, value, expected))


def import_compounds(
    viewer: Viewer,
    path: Path,
    *,
    now: datetime,
    datum: Datum = "wgs84",
    made_up: bool = False,
    progress: Progress | None = None,
) -> CompoundReport:
    """Takes a CSV or spreadsheet of compounds; headers in Chinese or English (`rules.COLUMNS`).

    Each lies in the area that its row names, else in the one that holds its point, whose degrees are in the row's datum or
    `datum`. A code that is known, or without a code the same name in the same area, is the same compound; what its row
    leaves blank stays. CompoundImportRefused names every wrong cell; NotAllowed beyond the viewer's areas.
    """
    told = progress or (lambda _stage, _done: None)
    today = now.astimezone(SHANGHAI).date()
    with transaction.atomic():
        plan = _Plan()
        rows = _read(path, datum, today, plan, told)
        _place(plan, rows)
        _refuse_faults(plan)
        report, home = _write(viewer, plan, today, told, made_up=made_up)
        if report.added + report.changed + report.ended:
            record(
                viewer,
                verb="compounds.imported",
                subject=f"area:{home.rsplit('.', 1)[-1]}",
                path=home,
                at=now,
                after={
                    "added": report.added,
                    "changed": report.changed,
                    "ended": report.ended,
                    "files": [{"name": path.name, "sha256": digest_of_file(path)}],
                },
            )
    return report


def _refuse_faults(plan: _Plan) -> None:
    if plan.faults:
        raise CompoundImportRefused(sorted(plan.faults, key=lambda fault: fault.line))


def _read(path: Path, datum: Datum, today: date, plan: _Plan, told: Progress) -> list[CompoundRow]:
    rows: list[CompoundRow] = []
    with closing(rows_of(path, COLUMNS, required=REQUIRED, faults=plan.faults)) as lines:
        for line in lines:
            row, wrong = read_row(line, datum=datum, today=today)
            plan.faults += wrong
            if row:
                rows.append(row)
                if len(rows) % _EVERY == 0:
                    told("read", len(rows))
    told("read", len(rows))
    return rows


def _place(plan: _Plan, rows: list[CompoundRow]) -> None:
    """Finds each row's area, and refuses what lies in none, and what comes twice."""
    named = {row.area for row in rows if row.area}
    standing = Area.objects.filter(code__in=named, valid_to__isnull=True)
    paths = dict(standing.values_list("code", "path"))
    points = [row for row in rows if row.lon is not None]
    held = iter(areas.locate_many([row.lon for row in points], [row.lat for row in points]))
    lines: dict[str, int] = {}
    for row in rows:
        place = next(held) if row.lon is not None else None
        path = paths.get(row.area, "") if row.area else (place.path if place else "")
        if path.count(".") < 1:
            column, value = ("area", row.area) if row.area else ("lon", f"{row.lon}, {row.lat}")
            plan.refuse(row, column, value, _("an area of today below the city, or a point inside one"))
            continue
        if row.area and place and not f"{place.path}.".startswith(f"{path}."):
            plan.outside += 1
        code = row.code or given_code(path.rsplit(".", 1)[-1], row.name)
        if code in lines:
            plan.refuse(row, "code" if row.code else "name", row.code or row.name, _("each compound once"))
        lines[code] = row.line
        plan.placed.append((row, code, path))


def _write(
    viewer: Viewer, plan: _Plan, today: date, told: Progress, *, made_up: bool
) -> tuple[CompoundReport, str]:
    """Writes what is new or different; the path of the smallest area that holds all of that."""
    codes = [code for _row, code, _path in plan.placed]
    known = Compound.objects.select_for_update().in_bulk(codes)
    counts = {"added": 0, "changed": 0, "ended": 0, "unchanged": 0}
    written: list[Compound] = []
    touched: set[str] = set()
    for row, code, path in plan.placed:
        before = known.get(code)
        after = _after(row, code, path, before, today, made_up=made_up)
        if after.valid_to and after.valid_to < after.valid_from:
            plan.refuse(row, "valid_to", str(after.valid_to), _("a day not before it began"))
        if before is None:
            counts["added"] += 1
        elif all(getattr(before, name) == getattr(after, name) for name in _WRITTEN):
            counts["unchanged"] += 1
            continue
        else:
            counts["ended" if after.valid_to and not before.valid_to else "changed"] += 1
            touched.add(before.path)
        touched.add(path)
        written.append(after)
    _refuse_faults(plan)
    home = common_path(touched)
    if written and not viewer.may(Verb.AREA_CHANGE, home):
        raise NotAllowed
    for start in range(0, len(written), _AT_ONCE):
        Compound.objects.bulk_create(
            written[start : start + _AT_ONCE],
            update_conflicts=True,
            update_fields=_WRITTEN,
            unique_fields=["code"],
        )
        told("write", min(start + _AT_ONCE, len(written)))
    return CompoundReport(**counts, outside_their_area=plan.outside), home


def _after(
    row: CompoundRow, code: str, path: str, before: Compound | None, today: date, *, made_up: bool
) -> Compound:
    """The compound as the row says it, with what the row leaves open as it stood."""
    said: dict[str, Any] = {
        "aliases": list(row.aliases),
        "address": row.address,
        "lon": row.lon,
        "lat": row.lat,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
    }
    open_to = {"valid_from": min(today, row.valid_to or today), "aliases": [], "address": ""}
    for name, value in said.items():
        if value in (None, "", []):
            said[name] = getattr(before, name) if before else open_to.get(name)
    return Compound(
        code=code, name=row.name, area_id=path.rsplit(".", 1)[-1], path=path, made_up=made_up, **said
    )
