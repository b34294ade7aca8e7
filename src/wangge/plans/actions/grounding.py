"""Streets and barriers of an area, kept from a file; another file takes their place, plans begun before keep theirs."""

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import numpy as np
import orjson
import shapely

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.areas.models import Area
from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed, NotFound
from wangge.journal.actions import record
from wangge.plans.models import Ground
from wangge.plans.queries.plans import LEVELS
from wangge.plans.queries.registers import buildings_in
from wangge.plans.rules import ground as rules
from wangge.plans.rules.problems import GroundTooLarge, NoGround, NotAMap

#: How `gridplan.reading_apart` ends where it read nothing: it is no map; it is more than the bounds allow.
_NO_MAP, _TOO_MUCH = 3, 4


@dataclass(frozen=True, slots=True)
class _Read:
    """What the other process told: shapes as they are kept, by kind."""

    shapes: dict[str, bytes]
    counts: dict[str, int]
    notes: list[str]


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def keep_ground(viewer: Viewer, *, area: str, file: Path, now: datetime) -> Ground:
    """Takes in streets, barriers, crossings and shops of a county, township or community from GeoJSON or an extract of
    OpenStreetMap; what lies outside the area is left out. NotAllowed, Invalid, NotAMap, NoGround, GroundTooLarge.
    """
    place = areas.area_by_code(area)
    if not viewer.may(Verb.PLAN_DRAFT, place.path):
        raise NotAllowed
    if place.level not in LEVELS or place.valid_to is not None:
        raise Invalid(field="area", expected=_("a county, township or community of today"))
    read = _read(file, _box_of(place))
    if not (read.counts["barriers"] or read.counts["streets"]):
        raise NoGround(left_out=read.counts["left_out"])
    Ground.objects.filter(area=place, ended_at__isnull=True).update(
        ended_at=now, ended_by_id=viewer.account_id
    )
    kept = Ground(
        id=new_id(),
        area=place,
        path=place.path,
        counts=read.counts,
        notes=read.notes,
        added_at=now,
        added_by_id=viewer.account_id,
        **read.shapes,
    )
    kept.save(force_insert=True)
    record(viewer, verb="ground.kept", subject=kept.subject, path=kept.path, at=now, after=kept.counts)
    return kept


def remove_ground(viewer: Viewer, ground_id: UUID, *, now: datetime) -> Ground:
    """From now on no streets and barriers are known there; plans begun before keep theirs. NotFound, NotAllowed."""
    found = Ground.objects.select_related("area").filter(id=ground_id, ended_at__isnull=True).first()
    if found is None:
        raise NotFound
    if not viewer.may(Verb.PLAN_DRAFT, found.path):
        raise NotAllowed
    found.ended_at, found.ended_by_id = now, viewer.account_id
    found.save(update_fields=["ended_at", "ended_by_id"])
    record(viewer, verb="ground.removed", subject=found.subject, path=found.path, at=now)
    return found


def _read(file: Path, box: tuple[float, float, float, float] | None) -> _Read:
    """In a process of its own, with bounds: a file may be made to take all memory and time, and this one serves others."""
    if file.stat().st_size > rules.MOST_BYTES:
        raise _too_large()
    named = file.with_name(f"map{_kind(file)}")
    if named != file:
        file.rename(named)
    with TemporaryDirectory(prefix="wangge-") as folder:
        ended = _ended(named, Path(folder), box)
        if ended == _NO_MAP:
            raise NotAMap
        if ended == _TOO_MUCH or ended < 0:
            raise _too_large()
        if ended:
            raise RuntimeError(f"reading a map ended with {ended}")
        told = orjson.loads((Path(folder) / "told.json").read_bytes())
        shapes = {kind: (Path(folder) / f"{kind}.wkb").read_bytes() for kind in rules.KINDS}
    return _Read(shapes, told["counts"], told["notes"])


def _ended(file: Path, folder: Path, box: tuple[float, float, float, float] | None) -> int:
    """How the reading ended; below 0 where it was ended."""
    # Each thread of the libraries would take of the memory that is bounded.
    few = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    bounds = [orjson.dumps(box and [float(each) for each in box]).decode(), str(rules.MOST_POINTS)]
    command = [sys.executable, "-m", "gridplan.reading_apart", str(file), str(folder), *bounds]
    try:
        return subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={**os.environ, **few},
            timeout=rules.MOST_SECONDS,
        ).returncode
    except subprocess.TimeoutExpired as late:
        raise _too_large() from late


def _kind(file: Path) -> str:
    """By what the file begins with; its name may say anything."""
    with file.open("rb") as opened:
        head = opened.read(400)
    if b"OSMHeader" in head[:40]:
        return ".osm.pbf"
    return ".osm" if b"<osm" in head else ".geojson"


def _too_large() -> GroundTooLarge:
    return GroundTooLarge(megabytes=rules.MOST_BYTES // 1024 // 1024, points=rules.MOST_POINTS)


def _box_of(place: Area) -> tuple[float, float, float, float] | None:
    """Where the area is, with what matters around it: by its outline, else by its buildings; None where neither is known."""
    if place.boundary:
        return rules.box_around(*shapely.bounds(shapely.from_geojson(orjson.dumps(place.boundary))).tolist())
    spots = [
        (each.row.lon, each.row.lat) for each in buildings_in(place.path) if each.row.lon and each.row.lat
    ]
    if not spots:
        return None
    lon, lat = np.array(spots).T
    return rules.box_around(lon.min(), lat.min(), lon.max(), lat.max())
