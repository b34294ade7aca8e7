"""`wangge import` and `wangge export`: files in, all of them or nothing, and files out."""

import csv
import sys
import time
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from wangge.base.text import FORMULA_SIGNS
from wangge.project.commands import installation
from wangge.project.environment import Environment, StartRefused

#: Progress is told at most so often.
EVERY_SECONDS = 1.0
MOST_FAULTS_SHOWN = 200


def import_file(environment: Environment, arguments: Namespace) -> int:
    """Calls the app's import as the system itself; faults are listed with line, column, value and what was expected."""
    if arguments.file and not arguments.file.exists():
        raise StartRefused(f"There is no file {arguments.file}.", "Check its name and folder.")
    with installation(environment):
        from django.db import transaction

        from wangge.base.problems import Problem

        try:
            with transaction.atomic():
                report = IMPORTS[arguments.kind](arguments)
                more = _what_lies_elsewhere(report, arguments) if arguments.kind == "areas" else ()
        except Problem as problem:
            faults = getattr(problem, "faults", None) or problem.facts.get("faults", ())
            if not faults:
                raise
            return _list_faults(faults)
    print(f"{arguments.file or 'The sample'}: " + ", ".join(_outcome(report)))
    for line in more:
        print(line)
    return 0


def _import_areas(given: Namespace) -> Any:
    """The first tree brings the kinds of posts that are shipped: without them nobody could hold one."""
    from wangge.areas import queries as areas
    from wangge.areas.actions import import_areas
    from wangge.base import clock
    from wangge.staff import queries as staff
    from wangge.staff.actions import load_post_kinds

    now, first = clock.now(), not areas.roots()
    viewer = staff.enter_as_system("")
    report = import_areas(
        viewer, given.file, now=now, valid_from=given.valid_from, datum=given.datum, progress=Progress()
    )
    if first:
        load_post_kinds(system_over_all(), now=now)
    return report


def _what_lies_elsewhere(report: Any, given: Namespace) -> Iterable[str]:
    """What is kept under another grid than it lies in since this file; with `--rehome` it goes there in the same transaction."""
    from wangge.areas import queries as areas
    from wangge.base import clock
    from wangge.visits.actions import rehome_by_borders
    from wangge.visits.queries import lying_elsewhere

    roots = areas.roots()
    if not roots or not (report.within or given.rehome):
        return ()
    viewer, now = system_over_all(), clock.now()
    within = report.within or roots[0].code
    found = lying_elsewhere(viewer, within, now=now)
    if not found:
        return ("Everything lies in the grid that it is kept under.",) if given.rehome else ()
    told = ", ".join(f"{count:,} {kind}" for kind, count in found.counts.items())
    if given.rehome:
        rehome_by_borders(viewer, within, now=now, reason=given.file.name)
        return (f"Moved to the grids in which they lie: {told}",)
    return (
        f"These now lie in another grid than they are kept under: {told}.",
        f"Move them on the page /console/areas/{within}/homes, or with: wangge import areas {given.file} --rehome",
    )


def _import_items(given: Namespace) -> Any:
    from wangge.base import clock
    from wangge.catalogue.actions import import_items, load_sample_catalogue

    if not given.file:
        return load_sample_catalogue(system_over_all(), now=clock.now())
    reason = f"import of {given.file.name}"
    return import_items(system_over_all(), source=given.file, reason=reason, now=clock.now())


def _import_staff(given: Namespace) -> Any:
    from wangge.base import clock
    from wangge.staff.actions import import_staff

    return import_staff(system_over_all(), given.file, now=clock.now(), progress=Progress())


def _import_compounds(given: Namespace) -> Any:
    from wangge.base import clock
    from wangge.households.actions import import_compounds

    return import_compounds(
        system_over_all(), given.file, now=clock.now(), datum=given.datum, progress=Progress()
    )


def _import_visits(given: Namespace) -> Any:
    from wangge.base import clock
    from wangge.visits.actions import import_visits

    return import_visits(system_over_all(), given.file, now=clock.now(), progress=Progress())


def _import_due_rules(given: Namespace) -> Any:
    from dataclasses import make_dataclass

    from wangge.base import clock
    from wangge.visits.actions import load_due_rules

    lines = given.file.read_text("utf-8-sig").splitlines()
    taken = load_due_rules(system_over_all(), lines, now=clock.now())
    return make_dataclass("Taken", [("rules", int)])(taken)


def _import_register(given: Namespace) -> Any:
    from wangge.base import clock
    from wangge.households.actions import import_register
    from wangge.households.rules.headings import read_mapping

    return import_register(
        system_over_all(),
        given.file,
        given.kind,
        now=clock.now(),
        area=given.area,
        mapping=read_mapping(given.mapping) if given.mapping else None,
        residency=given.residency,
        leave_out_wrong=given.leave_out_wrong,
        sheet=given.sheet,
        progress=Progress(),
    )


IMPORTS = {
    "areas": _import_areas,
    "compounds": _import_compounds,
    "households": _import_register,
    "items": _import_items,
    "residents": _import_register,
    "staff": _import_staff,
    "visits": _import_visits,
    "due-rules": _import_due_rules,
}


def system_over_all() -> Any:
    """The system over the whole tree, in the transaction that is open."""
    from wangge.areas import queries as areas
    from wangge.staff import queries as staff

    roots = areas.roots()
    if not roots:
        raise StartRefused("There are no areas yet.", "Import them first: wangge import areas FILE.")
    return staff.enter_as_system(roots[0].path)


class Progress:
    """Tells on stderr how far it is: on a terminal in place, else now and then a line."""

    def __init__(self) -> None:
        self.told_at = 0.0

    def __call__(self, stage: str, done: int, total: int = 0) -> None:
        now = time.monotonic()
        if now - self.told_at < EVERY_SECONDS and not (total and done == total):
            return
        self.told_at = now
        print(f"  {stage}: {done:,}" + (f" of {total:,}" if total else ""), file=sys.stderr, flush=True)


def _list_faults(faults: Sequence[Any]) -> int:
    for fault in faults[:MOST_FAULTS_SHOWN]:
        told = fault if isinstance(fault, dict) else {name: getattr(fault, name) for name in _slots(fault)}
        file = f"{told['file']}, " if told.get("file") else ""
        print(
            f"{file}line {told['line']}, {told['column'] or 'row'}: {told['value']!r}; expected: {told['expected']}",
            file=sys.stderr,
        )
    more = len(faults) - MOST_FAULTS_SHOWN
    print(
        f"wangge: Nothing was imported: {len(faults)} cells are wrong"
        + (f", {more} more than shown." if more > 0 else "."),
        file=sys.stderr,
    )
    return 1


def _slots(value: object) -> tuple[str, ...]:
    return tuple(type(value).__dataclass_fields__)  # type: ignore[attr-defined]


def _outcome(report: object) -> Iterator[str]:
    for name in _slots(report):
        value = getattr(report, name)
        if isinstance(value, int):
            yield f"{value:,} {name.replace('_', ' ')}"
        elif name not in ("faults", "within"):
            yield f"{len(value):,} {name.replace('_', ' ')}"


COLUMNS = (
    "number", "title", "description", "item_id", "business", "urgency", "state", "county_id", "township_id", "community_id",
    "grid_id", "lon", "lat", "address", "source", "reported_at", "due_at", "late", "closed_at", "outcome", "answer",
    "found_tier", "resolved_tier", "noes",
)  # fmt: skip


def export_cases(environment: Environment, arguments: Namespace) -> None:
    """Streams the cases into the file, newest first; a half-written file never bears its name."""
    if arguments.file.suffix.lower() not in (".csv", ".xlsx"):
        raise StartRefused(
            f"{arguments.file.name} ends in neither .csv nor .xlsx.",
            "Name it after the format that is wanted.",
        )
    draft = arguments.file.with_name(f".{arguments.file.name}.part")
    with installation(environment):
        from django.db import transaction

        from wangge.base import clock
        from wangge.cases.queries import CaseFilter, iterate_cases
        from wangge.journal.actions import record

        with transaction.atomic():
            viewer = system_over_all()
            counted = Counted(iterate_cases(viewer, CaseFilter(area=arguments.area)))
            try:
                _write(draft, arguments.file.suffix.lower(), counted)
                draft.replace(arguments.file)
            except OSError as problem:
                raise StartRefused(
                    f"{arguments.file} cannot be written: {problem.strerror}.", "Name another place."
                ) from problem
            finally:
                draft.unlink(missing_ok=True)
            area = arguments.area or viewer.scope[0].rsplit(".", 1)[-1]
            record(
                viewer, verb="cases.exported", subject=f"area:{area}", path=viewer.scope[0], at=clock.now(),
                after={"cases": counted.count}, source="command",
            )  # fmt: skip
    print(f"{arguments.file}: {counted.count:,} cases")


class Counted:
    """The rows of the cases, and how many there were."""

    def __init__(self, cases: Iterable[Any]) -> None:
        self.cases, self.count = cases, 0

    def __iter__(self) -> Iterator[list[Any]]:
        from wangge.base.calendar import SHANGHAI

        for case in self.cases:
            self.count += 1
            values = (getattr(case, name) for name in COLUMNS)
            yield [
                value.astimezone(SHANGHAI).replace(tzinfo=None) if isinstance(value, datetime) else value
                for value in values
            ]


def _write(file: Path, suffix: str, rows: Iterable[list[Any]]) -> None:
    if suffix == ".xlsx":
        from wangge.base.tables.writing import write_xlsx

        write_xlsx(file, COLUMNS, rows)
        return
    with file.open(
        "w", encoding="utf-8-sig", newline=""
    ) as out:  # the mark tells spreadsheet programs that it is UTF-8
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows([_harmless(value) for value in row] for row in rows)


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value
