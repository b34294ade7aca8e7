"""Streets and barriers of an area, read from a file by a process of its own; what is known no more, plans begun before keep."""

import ctypes
import os
import signal
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
from wangge.areas.models import Area
from wangge.base.problems import NotAllowed, NotFound
from wangge.journal.actions import record
from wangge.plans.models import Ground
from wangge.plans.queries.registers import buildings_in
from wangge.plans.rules import ground as rules
from wangge.plans.rules.problems import GroundTooLarge, NoGround, NotAMap

#: How `gridplan.reading_apart` ends where it read nothing: it is no map; it is more than the bounds allow.
_NO_MAP, _TOO_MUCH = 3, 4
_END_WITH_PARENT = 1
_LIBRARY = ctypes.CDLL(None)
_NEEDED = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR")

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Read:
    """What the other process told: shapes as they are kept, by kind."""

    shapes: dict[str, bytes]
    counts: dict[str, int]
    notes: list[str]
    barrier_kinds: list[str]


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


def read_apart(file: Path, box: Box | None) -> Read:
    """In a process with bounds: a file may be made to take all memory and time. NotAMap, NoGround, GroundTooLarge."""
    named = file.with_name(f"map{_kind(file)}")
    file.rename(named)
    with TemporaryDirectory(prefix="wangge-") as folder:
        ended = _ended(named, Path(folder), box)
        if ended == _NO_MAP:
            raise NotAMap
        if ended == _TOO_MUCH or ended < 0:
            raise too_large()
        if ended:
            raise RuntimeError(f"reading a map ended with {ended}")
        told = orjson.loads((Path(folder) / "told.json").read_bytes())
        shapes = {kind: (Path(folder) / f"{kind}.wkb").read_bytes() for kind in rules.KINDS}
    if not (told["counts"]["barriers"] or told["counts"]["streets"]):
        raise NoGround(left_out=told["counts"]["left_out"])
    return Read(shapes, told["counts"], told["notes"], told["barrier_kinds"])


def _ended(file: Path, folder: Path, box: Box | None) -> int:
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
            env=_bare() | few,
            timeout=rules.MOST_SECONDS,
            preexec_fn=_ends_with_its_parent,
        ).returncode
    except subprocess.TimeoutExpired as late:
        raise too_large() from late


def _bare() -> dict[str, str]:
    """What a program needs to start, and none of the installation's secrets: it reads what somebody sent."""
    return {name: os.environ[name] for name in _NEEDED if name in os.environ}


def _ends_with_its_parent() -> None:
    """Whoever is killed while a map is read leaves nobody behind who reads on."""
    _LIBRARY.prctl(_END_WITH_PARENT, signal.SIGKILL)


def _kind(file: Path) -> str:
    """By what the file begins with; its name may say anything."""
    with file.open("rb") as opened:
        head = opened.read(400)
    if b"OSMHeader" in head[:40]:
        return ".osm.pbf"
    return ".osm" if b"<osm" in head else ".geojson"


def too_large() -> GroundTooLarge:
    return GroundTooLarge(megabytes=rules.MOST_BYTES // 1024 // 1024, points=rules.MOST_POINTS)


def box_of(place: Area) -> Box | None:
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
