"""What files tell of a place, put together as a town. Features that are wrong are named, each with its number; the rest is read."""

from pathlib import Path

from gridplan._found import BadFile, Door, Fault, Names
from gridplan._together import Reading, put_together
from gridplan.reading_csv import found_in_csv
from gridplan.reading_geojson import areas_of, found_in_geojson

__all__ = ["BadFile", "Door", "Fault", "Names", "Reading", "read"]


def read(
    path: Path,
    *,
    names: Names = Names(),  # noqa: B008 - frozen
    communities: Path | None = None,
    compounds: bool = True,
) -> Reading:
    """Reads a town from a file: GeoJSON, CSV, or an extract of OpenStreetMap (`.osm`, `.pbf`, or GeoJSON with its tags).

    `communities` is a GeoJSON whose polygons are the communities, with their names, where the file itself knows none.
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
    return put_together(found, compounds=compounds)
