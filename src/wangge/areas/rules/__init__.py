"""Decisions about areas on plain values: codes, rows of imported tables, boundaries, and which grid answers for a point."""

from wangge.areas.rules.boundaries import BadBoundary, Shape, shape_of
from wangge.areas.rules.codes import (
    DIGITS_OF_KIND,
    LEVELS,
    NATION,
    URBAN_RURAL_CLASSES,
    full_code,
    grid_code,
    kind_of,
    level_of,
    parent_of,
    path_below,
    rank_of,
    root_among,
)
from wangge.areas.rules.faults import (
    AreaEnded,
    AreaHasParts,
    AreaImportRefused,
    DayOutOfOrder,
    Fault,
    NotOnEarth,
)
from wangge.areas.rules.features import Feature, UnreadableMap, features_of, outline_in
from wangge.areas.rules.fit import Fit, fit_of
from wangge.areas.rules.places import Atlas, Hits, checked_point, checked_points
from wangge.areas.rules.rows import COLUMNS, NAME_LENGTH, AreaRow, Wrong, columns_of, read_row

__all__ = [
    "COLUMNS",
    "DIGITS_OF_KIND",
    "LEVELS",
    "NAME_LENGTH",
    "NATION",
    "URBAN_RURAL_CLASSES",
    "AreaEnded",
    "AreaHasParts",
    "AreaImportRefused",
    "AreaRow",
    "Atlas",
    "BadBoundary",
    "DayOutOfOrder",
    "Fault",
    "Feature",
    "Fit",
    "Hits",
    "NotOnEarth",
    "Shape",
    "UnreadableMap",
    "Wrong",
    "checked_point",
    "checked_points",
    "columns_of",
    "features_of",
    "fit_of",
    "full_code",
    "grid_code",
    "kind_of",
    "level_of",
    "outline_in",
    "parent_of",
    "path_below",
    "rank_of",
    "read_row",
    "root_among",
    "shape_of",
]
