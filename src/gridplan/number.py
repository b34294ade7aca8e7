"""Codes for grids: the community's twelve digits, one for the kind, and a number of three that is given only once."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from gridplan.assign import centres
from gridplan.town import NONE, Division

DIGITS_OF_KIND = {"public": "1", "dedicated": "2"}
"""The thirteenth digit."""
_MOST = 999


class BadNumber(ValueError):  # noqa: N818 - named for what it says
    """These grids cannot be numbered so; the message says why."""


def number(
    division: Division,
    *,
    keep: Mapping[int, str] | None = None,
    taken: Collection[str] = (),
    kind: str = "public",
) -> tuple[str, ...]:
    """The code of each grid, by its label.

    `keep` says which grid goes on under which of today's codes; without it `going_on` tells. New grids get numbers after the
    highest that their community has ever used: of today's grids, and of those that ended before, which `taken` names; past 999
    those that none ever had, then there are none (BadNumber). They are numbered from west to east, then from north to south.
    """
    if kind not in DIGITS_OF_KIND:
        raise BadNumber(f"a grid is {' or '.join(DIGITS_OF_KIND)}, not {kind!r}")
    kept = {**(going_on(division, kind=kind) if keep is None else keep)}
    homes = _communities(division)
    _refuse(division, kept, homes, kind)
    codes = dict(kept)
    known = {*division.town.grids, *taken, *kept.values()}
    for community in sorted(set(homes)):
        head = _head(division.town.communities[community], kind)
        used = {int(code[len(head) :]) for code in known if _is_numbered(code, head)}
        free = _free(used)
        for label in west_to_east(division, [row for row, home in enumerate(homes) if home == community]):
            if label in codes:
                continue
            following = next(free, None)
            if following is None:
                raise BadNumber(f"{head}: a community numbers its grids from 1 to {_MOST}, and all are used")
            codes[label] = f"{head}{following:03d}"
    return tuple(codes[label] for label in range(division.count))


def _free(used: Collection[int]) -> Iterator[int]:
    """Numbers after the highest that was ever given; after the last one those between that never were."""
    highest = max(used, default=0)
    yield from range(highest + 1, _MOST + 1)
    yield from (number for number in range(1, highest) if number not in used)


def heirs(shared: NDArray[Any]) -> dict[int, int]:
    """Which new grid goes on as which of today's: `shared` `(today's, new)` are the households that go from one to the other.

    Of all pairings the one by which most households stay; a grid that nobody comes from is nobody's heir.
    """
    olds, news = linear_sum_assignment(shared, maximize=True)
    return {int(new): int(old) for old, new in zip(olds, news, strict=True) if shared[old, new] > 0}


def going_on(division: Division, *, kind: str = "public") -> dict[int, str]:
    """Which grid carries on which of today's, so that most households keep their grid, its number and its worker. A grid
    never goes on in another community, nor as one of another kind.
    """
    town = division.town
    placed = (division.labels != NONE) & (town.grid != NONE)
    shared = np.zeros((len(town.grids), division.count))
    np.add.at(shared, (town.grid[placed], division.labels[placed]), town.households[placed])
    homes = _communities(division)
    heads = [_head(town.communities[home], kind) for home in homes]
    for old, code in enumerate(town.grids):
        if _is_full(code[:12]):
            shared[old, [not _is_numbered(code, head) for head in heads]] = 0
    return {label: town.grids[old] for label, old in heirs(shared).items()}


def west_to_east(division: Division, labels: Collection[int]) -> list[int]:
    """From west to east; those whose middles lie within some ten metres of one another from north to south."""
    middles = centres(division)
    names = np.array(division.town.names)

    def place(label: int) -> tuple[float, float, str]:
        # Two grids with one middle: the name of their first atom decides.
        east, north = middles[label]
        return round(float(east), -1), -float(north), str(min(names[division.labels == label]))

    return sorted(labels, key=place)


def _communities(division: Division) -> list[int]:
    """The community of each grid; BadNumber for a grid that lies in none or in two."""
    found = []
    for label in range(division.count):
        homes: NDArray[np.int64] = np.unique(division.town.community[division.labels == label])
        if len(homes) != 1 or homes[0] == NONE:
            raise BadNumber(f"grid {label} lies in {len(homes[homes != NONE])} communities: it has no code")
        found.append(int(homes[0]))
    return found


def _refuse(division: Division, kept: Mapping[int, str], homes: list[int], kind: str) -> None:
    codes = list(kept.values())
    if twice := next((code for code in codes if codes.count(code) > 1), None):
        raise BadNumber(f"two grids cannot both go on as {twice}")
    for label, code in kept.items():
        if not 0 <= label < division.count:
            raise BadNumber(f"there is no grid {label}")
        community = division.town.communities[homes[label]]
        if _is_full(community) and not _is_numbered(code, _head(community, kind)):
            raise BadNumber(f"grid {label} lies in {community} and cannot go on as {code}")


def _is_full(community: str) -> bool:
    return len(community) == 12 and community.isascii() and community.isdigit()


def _head(community: str, kind: str) -> str:
    """What stands before the number; a place without statistical codes gets its name and a dash."""
    return f"{community}{'' if _is_full(community) else '-'}{DIGITS_OF_KIND[kind]}"


def _is_numbered(code: str, head: str) -> bool:
    tail = code[len(head) :]
    return code.startswith(head) and len(tail) == 3 and tail.isascii() and tail.isdigit() and tail != "000"
