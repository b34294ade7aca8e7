"""Workers of a table or a GeoJSON, whose points are homes. What is wrong is named by its line, or the number of its feature."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gridplan._found import BadFile, Fault, Wrong
from gridplan._values import check_degrees, number_of, word, words
from gridplan.assign import Worker
from gridplan.plane import Plane
from gridplan.reading_csv import rows_of
from gridplan.reading_geojson import features_of, properties_of, shape_of
from gridplan.town import Town

#: What a heading or a property says of a worker, in English or Chinese.
HEADINGS = {
    "name": ("name", "姓名"),
    "lon": ("lon", "经度"),
    "lat": ("lat", "纬度"),
    "grids": ("grids", "所属网格"),
    "most": ("most", "网格数"),
    "minutes": ("minutes", "年分钟"),
    "skills": ("skills", "技能"),
}


def read_workers(path: Path, town: Town) -> tuple[tuple[Worker, ...], tuple[Fault, ...]]:
    """Who may work in a town, and which lines say something else. BadFile for what is no list at all."""
    found: dict[str, Worker] = {}
    faults: list[Fault] = []
    plane = Plane(*town.origin)
    for number, said in _lines(path):
        name = word(_own(said, "name"))
        try:
            worker = _worker(name, said, plane)
            _check(worker, found, town)
            found[name] = worker
        except Wrong as wrong:
            faults.append(Fault(number, name, str(wrong)))
    return tuple(found.values()), tuple(faults)


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if path.name.lower().endswith((".csv", ".tsv", ".txt")):
        for number, row in rows_of(path, ()):
            if not set(HEADINGS["name"]) & set(row):
                heads = ", ".join(str(head) for head in row)
                raise BadFile(f"{path.name} lacks the column 'name' (姓名); it has: {heads}.")
            yield number, row
        return
    for number, feature in enumerate(features_of(path), 1):
        yield number, {**properties_of(feature), "feature": feature}


def _own(said: Mapping[str, Any], what: str) -> Any:
    return next((said[each] for each in HEADINGS[what] if said.get(each) not in (None, "")), None)


def _worker(name: str, said: Mapping[str, Any], plane: Plane) -> Worker:
    if not name:
        raise Wrong("it does not say a name")
    most = number_of(_own(said, "most"), "most")
    if most is not None and most != int(most):
        raise Wrong(f"'most' is {most:g}, which is no whole number")
    return Worker(
        name,
        _home(said, plane),
        tuple(words(_own(said, "grids"))),
        1 if most is None else int(most),
        number_of(_own(said, "minutes"), "minutes"),
        frozenset(words(_own(said, "skills"))),
    )


def _home(said: Mapping[str, Any], plane: Plane) -> tuple[float, float] | None:
    """In metres; nothing where none is said."""
    feature = said.get("feature")
    if isinstance(feature, dict) and feature.get("geometry"):
        point = shape_of(feature)
        if point.geom_type != "Point":
            raise Wrong(f"a home must be a point, this is a {point.geom_type}")
        spot: list[float] = [point.x, point.y]
    else:
        degrees = [_degree(_own(said, each), each) for each in ("lon", "lat")]
        spot = [each for each in degrees if each is not None]
    if not spot:
        return None
    if len(spot) != 2:
        raise Wrong("a home has both 'lon' and 'lat'")
    check_degrees(np.array([spot]))
    east, north = plane.to_metres(spot).tolist()
    return east, north


def _degree(value: Any, name: str) -> float | None:
    if value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise Wrong(f"{name!r} is {value!r}, which is no number") from None


def _check(worker: Worker, others: Mapping[str, Worker], town: Town) -> None:
    if worker.name in others:
        raise Wrong("there is another worker of this name")
    if unknown := sorted(set(worker.grids) - set(town.grids)):
        raise Wrong(f"there is no grid {unknown[0]!r} today")
