"""What is known of the sample city: its data files, and whether it stands in this database."""

import csv
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import wangge.catalogue
from wangge.areas.models import Area
from wangge.demo.rules.city import plan_city
from wangge.demo.rules.compounds import plan_compounds
from wangge.demo.rules.distributions import TIER_FACTORS
from wangge.demo.rules.places import DEMO_COMMUNITY, LATTICE, TOWNSHIP, Division
from wangge.demo.rules.tiling import Ring
from wangge.demo.rules.town import plan_town

_DATA = Path(__file__).parent / "data"
_ITEMS = Path(wangge.catalogue.__file__).parent / "data" / "items.csv"


@dataclass(frozen=True, slots=True)
class Habit:
    """How often an item is reported against others, and when more: invented, beside the sample catalogue."""

    weight: int
    rainy: bool
    winter: bool
    night: bool


@cache
def divisions() -> tuple[Division, ...]:
    """The city, its counties, townships, villages and communities (data/README.md), parents first."""
    with (_DATA / "divisions.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Division(*row) for row in list(csv.reader(file))[1:])


@cache
def outlines() -> dict[str, Ring]:
    """The illustrative outline of each county, on the lattice of `rules.places`."""
    drawn = json.loads((_DATA / "outlines.json").read_text(encoding="utf-8"))
    unit = round(drawn["unit_degrees"] * LATTICE)
    return {
        f"{code}000000": tuple((x * unit, y * unit) for x, y in ring)
        for code, ring in drawn["counties"].items()
    }


@cache
def habits() -> dict[str, Habit]:
    """By item code."""
    with _ITEMS.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Habit(
                int(row["common_weight"]) * TIER_FACTORS[row["first_tier"]],
                *(row[name] == "1" for name in ("rainy", "winter", "night")),
            )
            for row in csv.DictReader(file)
        }


def town(code: str, seed: int) -> dict[str, Any] | None:
    """A made-up map of a township or a community, as `gridplan.read` takes it; nothing where no community lies in the code."""
    places = plan_city(divisions(), outlines(), seed)
    if not any(place.level == "community" and code in place.path.split(".") for place in places):
        return None
    return plan_town(places, plan_compounds(places, seed), code, seed)


def is_built() -> bool:
    """Whether this database holds the whole sample city; it is written in one transaction, so one area tells."""
    return Area.objects.filter(code=f"{DEMO_COMMUNITY}1001", boundary_made_up=True).exists()


def township_is_registered(cursor: Any) -> bool:
    """Whether the demo's township has homes outside the demo's own community."""
    cursor.execute(
        "select exists (select from households_household h where h.path ~ %s::lquery and not h.path ~ %s::lquery)",
        [f"*.{TOWNSHIP}.*", f"*.{DEMO_COMMUNITY}.*"],
    )
    return bool(cursor.fetchone()[0])


def ground_is_known(cursor: Any) -> bool:
    """Whether streets of the demo's township are known today."""
    cursor.execute(
        "select exists (select from plans_ground where area_id = %s and ended_at is null)", [TOWNSHIP]
    )
    return bool(cursor.fetchone()[0])
