"""Divides a place into grids. A library of its own: it knows no database and no web.

`read` makes a `Town` of a file, `divide` a `Division` of a town, `revise` proposals from today's grids, `to_geojson` a file of a division; `assign`
gives workers to grids, `number` codes, `route` puts doors in walking order; `gap` proves how far a division is from the best. `partition`
is the bare core on arrays. An **atom** is what is never cut (a building, or a compound that stays together); a **grid** is a set of
atoms that hang together and whose households lie within bounds.
"""

from gridplan._partition import BadTown, partition
from gridplan._reasons import reasons
from gridplan.assign import Assignment, BadAssignment, Worker, assign
from gridplan.bound import Gap, gap
from gridplan.changing import compounds_as_units, merge, split
from gridplan.divide import divide
from gridplan.exact import NoDivision, TooLarge, exact, fewest_moved
from gridplan.explain import Explanation, explain
from gridplan.ground import Ground, read_ground
from gridplan.links import walkable_links, walking_distances
from gridplan.many import divide_many
from gridplan.mending import GridFault, Mended, mend
from gridplan.number import BadNumber, number
from gridplan.plane import Plane
from gridplan.proposal import Proposal, proposal
from gridplan.reading import BadFile, Fault, Names, Reading, read
from gridplan.revise import absorb, revise
from gridplan.route import BadRound, Route, Stop, route
from gridplan.town import NONE, Bounds, Division, Reason, Streets, Town
from gridplan.writing import grid_names, grid_outlines, to_geojson

__all__ = [
    "NONE",
    "Assignment",
    "BadAssignment",
    "BadFile",
    "BadNumber",
    "BadRound",
    "BadTown",
    "Bounds",
    "Division",
    "Explanation",
    "Fault",
    "Gap",
    "GridFault",
    "Ground",
    "Mended",
    "Names",
    "NoDivision",
    "Plane",
    "Proposal",
    "Reading",
    "Reason",
    "Route",
    "Stop",
    "Streets",
    "TooLarge",
    "Town",
    "Worker",
    "absorb",
    "assign",
    "compounds_as_units",
    "divide",
    "divide_many",
    "exact",
    "explain",
    "fewest_moved",
    "gap",
    "grid_names",
    "grid_outlines",
    "mend",
    "merge",
    "number",
    "partition",
    "proposal",
    "read",
    "read_ground",
    "reasons",
    "revise",
    "route",
    "split",
    "to_geojson",
    "walkable_links",
    "walking_distances",
]
