"""Reading the tree, and which area a point lies in."""

from wangge.areas.queries.places import Place, Places, locate, locate_many
from wangge.areas.queries.tree import (
    AreaPage,
    ancestors,
    area_by_code,
    areas,
    children,
    history,
    level_counts,
    root_name,
    roots,
)

__all__ = [
    "AreaPage",
    "Place",
    "Places",
    "ancestors",
    "area_by_code",
    "areas",
    "children",
    "history",
    "level_counts",
    "locate",
    "locate_many",
    "root_name",
    "roots",
]
