"""Tables: a row for each door, with its position in degrees."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gridplan._found import BadFile, Fault, Found, Names, Wrong
from gridplan._values import check_degrees, door_of, word


def found_in_csv(path: Path, names: Names) -> Found:
    """Rows with a position in degrees; the separator is a comma, a semicolon or a tab."""
    found = Found()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            rows = csv.DictReader(file, delimiter=max(",;\t", key=first.count))
            if missing := [
                each
                for each in (names.lon, names.lat, names.households)
                if each not in (rows.fieldnames or ())
            ]:
                raise BadFile(
                    f"{path.name} lacks the column {missing[0]!r}; it has: {', '.join(rows.fieldnames or ())}."
                )
            for row in rows:
                _take_row(row, rows.line_num, names, found)
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise BadFile(f"{path.name} is no table that can be read: {problem}.") from problem
    return found


def _take_row(row: Mapping[str, Any], line: int, names: Names, found: Found) -> None:
    name = word(row.get(names.name))
    try:
        lon, lat = _degree(row.get(names.lon), names.lon), _degree(row.get(names.lat), names.lat)
        check_degrees(np.array([[lon, lat]]))
        found.doors.append(door_of(line, name, shapely.Point(lon, lat), row, names))
    except Wrong as wrong:
        found.faults.append(Fault(line, name, str(wrong)))


def _degree(value: Any, name: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise Wrong(f"{name!r} is {value!r}, which is no number") from None
