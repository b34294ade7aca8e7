"""Changing the tree: importing many areas at once, or one area's name, boundary and end."""

from wangge.areas.actions.change import change_area, end_area, set_boundary
from wangge.areas.actions.imports import ImportReport, import_areas

__all__ = ["ImportReport", "change_area", "end_area", "import_areas", "set_boundary"]
