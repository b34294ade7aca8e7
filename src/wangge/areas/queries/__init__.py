"""Reading the tree, and which area a point lies in."""

from wangge.areas.queries.dividing import (
    Heir,
    communities_within,
    grid_codes_ever,
    grid_now,
    grids_that_took_over,
    grids_within,
    heirs_of,
    lineage_of,
)
from wangge.areas.queries.kept import kept, paths_within
from wangge.areas.queries.named import areas_named
from wangge.areas.queries.parts import (
    AreaChange,
    BoundaryPreview,
    PartPage,
    boundary_preview,
    bounded_counts,
    changes_of,
    parts,
    version_of,
)
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
    "AreaChange",
    "AreaPage",
    "BoundaryPreview",
    "Heir",
    "PartPage",
    "Place",
    "Places",
    "ancestors",
    "area_by_code",
    "areas",
    "areas_named",
    "boundary_preview",
    "bounded_counts",
    "changes_of",
    "children",
    "communities_within",
    "grid_codes_ever",
    "grid_now",
    "grids_that_took_over",
    "grids_within",
    "heirs_of",
    "history",
    "kept",
    "level_counts",
    "lineage_of",
    "locate",
    "locate_many",
    "parts",
    "paths_within",
    "root_name",
    "roots",
    "version_of",
]
