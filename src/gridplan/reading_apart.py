"""A ground read in a process of its own: `python -m gridplan.reading_apart FILE FOLDER BOX MOST`.

A file that somebody sends may be made to take all memory and time. Here both are bounded, and what ends is this process alone; it tells by
how it ends. Where it ends well, FOLDER holds `<kind>.wkb` for each kind of shapes and `told.json`: how many there are of each, how
many were left out, notes, and of each barrier what it is.
"""

import json
import resource
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from gridplan.ground import BadFile, TooMuch, read_ground

KINDS = ("barriers", "crossings", "streets", "shops")
#: Of memory in bytes, the program itself included, which has some 400 MB mapped; and of the processor in seconds.
MOST_MEMORY = 1536 * 1024 * 1024
MOST_SECONDS = 60
#: How it ends, where not with 0: it is no map; it is too much for the bounds. A signal also says that it was too much.
NO_MAP, TOO_MUCH = 3, 4


def main(file: Path, folder: Path, box: str, most: int) -> int:
    _bound(resource.RLIMIT_AS, MOST_MEMORY)
    _bound(resource.RLIMIT_CPU, MOST_SECONDS)
    _bound(resource.RLIMIT_CORE, 0)
    try:
        west_to_north = json.loads(box)
        ground = read_ground(file, box=tuple(west_to_north) if west_to_north else None, most=most)
        counts: dict[str, int] = {}
        for kind in KINDS:
            shapes = getattr(ground, kind)
            counts[kind] = len(shapes)
            (folder / f"{kind}.wkb").write_bytes(packed(shapes))
        counts |= Counter(f"{kind}_barriers" for kind in ground.barrier_kinds if kind)
    except (TooMuch, MemoryError):
        return TOO_MUCH
    except (BadFile, RecursionError):
        return NO_MAP
    told = {
        "counts": {**counts, "left_out": len(ground.faults)},
        "notes": ground.notes,
        "barrier_kinds": ground.barrier_kinds,
    }
    (folder / "told.json").write_text(json.dumps(told))
    return 0


def packed(shapes: Iterable[BaseGeometry]) -> bytes:
    """All of them as one collection, in well-known bytes."""
    found: bytes = shapely.to_wkb(shapely.GeometryCollection(list(shapes)))
    return found


def _bound(what: int, most: int) -> None:
    """Where less is allowed already, that stays."""
    hard = resource.getrlimit(what)[1]
    least = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (least, least))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
