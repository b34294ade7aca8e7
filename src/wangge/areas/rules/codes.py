"""Division and grid codes: what their digits say of level, parent and kind.

Statistical division codes have 12 digits in groups of 2 (province), 2 (city), 2 (county), 3 (township) and 3 (village or
community); what lies above is written with zeros behind, and short tables leave the zeros away (2, 4, 6 or 9 digits).
A grid's code is its community's 12 digits, one digit for the kind, and a number of three digits.
"""

from collections.abc import Iterable
from functools import lru_cache

NATION = "000000000000"
"""The root above several provinces; no division has this code."""

LEVELS = ("nation", "province", "city", "county", "township", "community", "grid")
"""From the root down."""

DIGITS_OF_KIND = {"public": "1", "dedicated": "2"}
"""A grid code's thirteenth digit."""

URBAN_RURAL_CLASSES = frozenset({"111", "112", "121", "122", "123", "210", "220"})
"""The Bureau of Statistics' classes of villages and communities: 1xx urban, 2xx rural."""

_KIND_OF_DIGIT = {digit: kind for kind, digit in DIGITS_OF_KIND.items()}
_PREFIXES = {"province": 2, "city": 4, "county": 6, "township": 9, "community": 12}
_LENGTHS = frozenset({2, 4, 6, 9, 12, 16})


def full_code(code: str) -> str:
    """A code of 2, 4, 6, 9 or 12 digits as 12 digits, a grid's as its 16; ValueError for anything else."""
    if len(code) not in _LENGTHS or not (code.isascii() and code.isdigit()):
        raise ValueError("a code has 2, 4, 6, 9 or 12 digits, a grid's 16")
    full = code if len(code) == 16 else code.ljust(12, "0")
    level_of(full)
    return full


@lru_cache(maxsize=4096)
def _level_of_head(head: str) -> str:
    """The level that the first nine digits tell of, when the last three are zeros."""
    province, city, county, township = head[:2], head[2:4], head[4:6], head[6:9]
    if township != "000":
        return "township"
    if county != "00":
        return "county"
    if city != "00":
        return "city"
    return "nation" if province == "00" else "province"


def level_of(code: str) -> str:
    """The level of a full code; ValueError when its digits are no code (a grid of an unknown kind, province 00…)."""
    if len(code) == 16:
        if code[12] not in _KIND_OF_DIGIT or code[13:] == "000" or level_of(code[:12]) != "community":
            raise ValueError(
                "a grid's code is its community's, 1 (public) or 2 (dedicated), and a number from 001"
            )
        return "grid"
    level = "community" if code[9:] != "000" else _level_of_head(code[:9])
    if code[:2] < "11" and level != "nation":
        raise ValueError("a division code begins with its province's two digits, from 11")
    return level


def parent_of(code: str) -> str:
    """The code that the digits place above; empty above a province.

    A township right below a city (there are four such cities) has that city's code in its first digits, so it gets the
    city as its parent without a rule of its own.
    """
    level = level_of(code)
    if level in {"nation", "province"}:
        return ""
    if level == "grid":
        return code[:12]
    above = LEVELS[rank_of(level) - 1]
    return code[: _PREFIXES[above]].ljust(12, "0")


def grid_code(community: str, kind: str, number: int) -> str:
    """The code of a community's grid; ValueError for a number that three digits do not hold."""
    if not 1 <= number <= 999:
        raise ValueError("a community numbers its grids of a kind from 1 to 999")
    code = f"{community}{DIGITS_OF_KIND[kind]}{number:03d}"
    level_of(code)
    return code


def kind_of(code: str) -> str:
    """`public` or `dedicated` for a grid's code, empty for any other."""
    return _KIND_OF_DIGIT[code[12]] if len(code) == 16 else ""


def rank_of(level: str) -> int:
    """0 for the nation, 6 for a grid."""
    return LEVELS.index(level)


def path_below(parent_path: str, code: str) -> str:
    """The ltree path of an area; a root's is its own code."""
    return f"{parent_path}.{code}" if parent_path else code


def root_among(heads: Iterable[str]) -> str:
    """Where a new tree begins, from the first four digits of all codes below a province: at the one city when they
    have but one in common, else at the one province, else at the nation. Empty without any.
    """
    cities = set(heads)
    provinces = {head[:2] for head in cities}
    if len(cities) == 1:
        return cities.pop().ljust(12, "0")
    if len(provinces) == 1:
        return provinces.pop().ljust(12, "0")
    return NATION if provinces else ""
