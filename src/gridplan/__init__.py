"""Divides a place into grids. A library of its own: it knows no database and no web.

`read` makes a `Town` of a file, `divide` a `Division` of a town, `revise` proposals from today's grids, `to_geojson` a file of a division; `assign`
gives workers to grids, `number` codes, `route` puts doors in walking order; `gap` proves how far a division is from the best. `partition`
is the bare core on arrays. An **atom** is what is never cut (a building, or a compound that stays together); a **grid** is a set of
atoms that hang together and whose households lie within bounds.

Each name is loaded when it is first asked for: who only reads a map does not wait for a compiler.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gridplan._partition import partition
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
    from gridplan.town import NONE, BadTown, Bounds, Division, Reason, Streets, Town
    from gridplan.writing import grid_names, grid_outlines, to_geojson

#: Where each name is at home.
_HOMES = {
    name: module
    for module, names in {
        "_partition": ("partition",),
        "_proof": ("Gap",),
        "_reasons": ("reasons",),
        "assign": ("Assignment", "BadAssignment", "Worker", "assign"),
        "bound": ("gap",),
        "changing": ("compounds_as_units", "merge", "split"),
        "divide": ("divide",),
        "exact": ("NoDivision", "TooLarge", "exact", "fewest_moved"),
        "explain": ("Explanation", "explain"),
        "ground": ("Ground", "read_ground"),
        "links": ("walkable_links", "walking_distances"),
        "many": ("divide_many",),
        "mending": ("GridFault", "Mended", "mend"),
        "number": ("BadNumber", "number"),
        "plane": ("Plane",),
        "proposal": ("Proposal", "proposal"),
        "reading": ("BadFile", "Fault", "Names", "Reading", "read"),
        "revise": ("absorb", "revise"),
        "route": ("BadRound", "Route", "Stop", "route"),
        "town": ("NONE", "BadTown", "Bounds", "Division", "Reason", "Streets", "Town"),
        "writing": ("grid_names", "grid_outlines", "to_geojson"),
    }.items()
    for name in names
}

if not TYPE_CHECKING:  # a type checker would take any name at all to be here

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


class _Library(ModuleType):
    """Python sets a module that was loaded as an attribute of its package. `divide`, `route` and others are functions of modules
    of the same name: here the function is what one gets.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType) and _HOMES.get(name) == name:
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Library

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
