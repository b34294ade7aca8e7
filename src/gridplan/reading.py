"""What files tell of a place, put together as a town. Features that are wrong are named, each with its number; the rest is read."""

from pathlib import Path

import numpy as np
import shapely

from gridplan._found import BadFile, Door, Fault, Found, Names
from gridplan._together import Reading, put_together
from gridplan.ground import read_ground
from gridplan.reading_csv import found_in_csv
from gridplan.reading_geojson import areas_of, found_in_geojson

#: So far around the doors streets are taken from another file, some kilometre.
AROUND_DEGREES = 0.01

__all__ = ["BadFile", "Door", "Fault", "Names", "Reading", "read"]


def read(
    path: Path,
    *,
    names: Names = Names(),  # noqa: B008 - frozen
    communities: Path | None = None,
    streets: Path | None = None,
    compounds: bool = True,
) -> Reading:
    """Reads a town from a file: GeoJSON, CSV, or an extract of OpenStreetMap (`.osm`, `.pbf`, or GeoJSON with its tags).

    `communities` is a GeoJSON whose polygons are the communities, with their names, where the file itself knows none. Of `streets`, a
    GeoJSON or an extract of OpenStreetMap, streets, barriers, crossings and shops near the doors are added to those of the file.
    Without `compounds` each door is an atom by itself, whatever compound it is part of.
    """
    kind = path.name.lower()
    if kind.endswith((".pbf", ".osm", ".osm.gz", ".osm.bz2")):
        from gridplan.reading_osm import found_in_osm

        found = found_in_osm(path)
    elif kind.endswith((".csv", ".tsv", ".txt")):
        found = found_in_csv(path, names)
    else:
        found = found_in_geojson(path, names)
    if communities is not None:
        found.communities |= areas_of(communities, names, found.faults)
    if streets is not None:
        _lay_under(found, streets, names)
    return put_together(found, compounds=compounds)


def _lay_under(found: Found, path: Path, names: Names) -> None:
    """What lies on the ground as another file tells it, cut around the doors: an extract may hold a whole province."""
    if not found.doors:
        return
    west, south, east, north = shapely.total_bounds(np.array([door.shape for door in found.doors], object))
    box = (west - AROUND_DEGREES, south - AROUND_DEGREES, east + AROUND_DEGREES, north + AROUND_DEGREES)
    ground = read_ground(path, box=box, names=names)
    found.barriers += ground.barriers
    found.barrier_kinds += ground.barrier_kinds
    found.crossings += ground.crossings
    found.streets += ground.streets
    found.shops += ground.shops
    found.faults += [
        Fault(fault.number, fault.name, f"in {path.name}: {fault.text}") for fault in ground.faults
    ]
    found.notes += [note for note in ground.notes if note not in found.notes]
    if not (ground.streets or ground.barriers):
        found.notes.append(f"{path.name} has no street and no barrier near the doors.")
