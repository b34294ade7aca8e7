"""Divides a place into grids. A library of its own: it knows no database and no web.

`read` makes a `Town` of a file, `divide` a `Division` of a town, `to_geojson` a file of a division; `partition` is the bare core on
arrays. An **atom** is what is never cut (a building, or a compound that stays together); a **grid** is a set of atoms that hang
together and whose households lie within bounds.
"""

from gridplan._partition import BadTown, partition
from gridplan._reasons import reasons
from gridplan.divide import divide, divide_many
from gridplan.links import walkable_links, walking_distances
from gridplan.mending import GridFault, Mended, mend
from gridplan.plane import Plane
from gridplan.reading import BadFile, Fault, Names, Reading, read
from gridplan.town import NONE, Bounds, Division, Reason, Streets, Town
from gridplan.writing import grid_outlines, to_geojson

__all__ = [
    "NONE",
    "BadFile",
    "BadTown",
    "Bounds",
    "Division",
    "Fault",
    "GridFault",
    "Mended",
    "Names",
    "Plane",
    "Reading",
    "Reason",
    "Streets",
    "Town",
    "divide",
    "divide_many",
    "grid_outlines",
    "mend",
    "partition",
    "read",
    "reasons",
    "to_geojson",
    "walkable_links",
    "walking_distances",
]
