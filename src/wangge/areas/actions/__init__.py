"""Changing the tree: importing many areas at once, or one area's name, boundary and end."""

from wangge.areas.actions.change import change_area, end_area, set_boundary
from wangge.areas.actions.dividing import (
    Drawn,
    Went,
    draw_grids,
    end_grids,
    give_back,
    keep_successions,
    undo_successions,
)
from wangge.areas.actions.imports import ImportReport, import_areas

__all__ = [
    "Drawn",
    "ImportReport",
    "Went",
    "change_area",
    "draw_grids",
    "end_area",
    "end_grids",
    "give_back",
    "import_areas",
    "keep_successions",
    "set_boundary",
    "undo_successions",
]
