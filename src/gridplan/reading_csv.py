"""Tables: a row for each door, with its position in degrees."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gridplan._found import BadFile, Fault, Found, Names, Wrong
from gridplan._values import check_degrees, door_of, word


def found_in_csv(path: Path, names: Names) -> Found:
    """Rows with a position in degrees; the separator is a comma, a semicolon or a tab."""
    found = Found()
    for line, row in rows_of(path, (names.lon, names.lat, names.households)):
        _take_row(row, line, names, found)
    return found


def rows_of(path: Path, needed: Sequence[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The rows of a table with the lines they end on; BadFile where it is none, or lacks a column. Text is UTF-8, or GB 18030 as
    office programs of China write it.
    """
    try:
        content = path.read_bytes()
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("gb18030")
        first = text.partition("\n")[0]
        rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
        known = rows.fieldnames or ()
        if missing := [each for each in needed if each not in known]:
            raise BadFile(f"{path.name} lacks the column {missing[0]!r}; it has: {', '.join(known)}.")
        for row in rows:
            yield rows.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise BadFile(f"{path.name} is no table that can be read: {problem}.") from problem


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
