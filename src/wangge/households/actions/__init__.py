"""Keeping the registers: many compounds from a list, or one by hand."""

from wangge.households.actions.compounds import CompoundFacts, end_compound, set_compound
from wangge.households.actions.imports import CompoundReport, import_compounds

__all__ = ["CompoundFacts", "CompoundReport", "end_compound", "import_compounds", "set_compound"]
