"""Decisions about what stands in an area, on plain values."""

from wangge.households.rules.compounds import (
    CompoundEnded,
    CompoundImportRefused,
    NoArea,
    RegisterImportRefused,
    address_in,
    given_code,
    name_and_rest,
    written_datum,
)
from wangge.households.rules.rows import COLUMNS, REQUIRED, CompoundRow, read_row

__all__ = [
    "COLUMNS",
    "REQUIRED",
    "CompoundEnded",
    "CompoundImportRefused",
    "CompoundRow",
    "NoArea",
    "RegisterImportRefused",
    "address_in",
    "given_code",
    "name_and_rest",
    "read_row",
    "written_datum",
]
