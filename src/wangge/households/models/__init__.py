"""The registers: what stands in an area, who lives there, and what was before."""

from wangge.households.models.columns import ColumnMapping
from wangge.households.models.compounds import Compound
from wangge.households.models.homes import Building, Dwelling, Household, NumberCounter, Tally
from wangge.households.models.people import CareNeed, Earlier, Merge, Resident, Sought, Stay, Transfer

__all__ = [
    "Building",
    "CareNeed",
    "ColumnMapping",
    "Compound",
    "Dwelling",
    "Earlier",
    "Household",
    "Merge",
    "NumberCounter",
    "Resident",
    "Sought",
    "Stay",
    "Tally",
    "Transfer",
]
