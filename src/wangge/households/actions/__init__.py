"""Keeping the registers: estates, homes and who lives there, many from a list or one by hand."""

from wangge.households.actions.compounds import CompoundFacts, end_compound, set_compound
from wangge.households.actions.homes import (
    NewHome,
    add_household,
    change_household,
    end_household,
    renew_plate,
)
from wangge.households.actions.imports import CompoundReport, import_compounds
from wangge.households.actions.merging import (
    merge_residents,
    unmerge_resident,
)
from wangge.households.actions.needs import (
    add_need,
    end_need,
    erase_care_details,
)
from wangge.households.actions.people import (
    add_resident,
    change_resident,
    move_resident,
    reveal,
)
from wangge.households.actions.registers import RegisterReport, import_register
from wangge.households.actions.rehoming import readdress_offers, rehome, rehome_by_borders
from wangge.households.actions.transfers import (
    decline_transfer,
    offer_transfer,
    refuse_sought,
    take_transfer,
    withdraw_transfer,
)
from wangge.households.rules.people import Need

__all__ = [
    "CompoundFacts",
    "CompoundReport",
    "Need",
    "NewHome",
    "RegisterReport",
    "add_household",
    "add_need",
    "add_resident",
    "change_household",
    "change_resident",
    "decline_transfer",
    "end_compound",
    "end_household",
    "end_need",
    "erase_care_details",
    "import_compounds",
    "import_register",
    "merge_residents",
    "move_resident",
    "offer_transfer",
    "readdress_offers",
    "refuse_sought",
    "rehome",
    "rehome_by_borders",
    "renew_plate",
    "reveal",
    "set_compound",
    "take_transfer",
    "unmerge_resident",
    "withdraw_transfer",
]
