"""Codes for grids: the community's twelve digits, one for the kind, and a number of three that is given only once."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from gridplan.assign import centres
from gridplan.town import NONE, Bounds, Division, Town

DIGITS_OF_KIND = {"public": "1", "dedicated": "2"}
"""The thirteenth digit."""
_MOST, _MOST_OF_A_NAME = 999, 99_999
"""The highest number; of a place without statistical codes, whose numbers may have more than three digits."""


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
    those that none ever had, then there are none (BadNumber); a place that has a name in place of a statistical code goes on with
    four digits. They are numbered from west to east, then from north to south.
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
        most = _MOST if _is_full(head[:-1]) else _MOST_OF_A_NAME
        free = _free(used, most)
        for label in west_to_east(division, [row for row, home in enumerate(homes) if home == community]):
            if label in codes:
                continue
            following = next(free, None)
            if following is None:
                raise BadNumber(f"{head}: a community numbers its grids from 1 to {most}, and all are used")
            codes[label] = f"{head}{following:03d}"
    return tuple(codes[label] for label in range(division.count))


def named(
    town: Town,
    labels: NDArray[np.int64],
    *,
    keep: Mapping[int, str] | None = None,
    taken: Collection[str] = (),
) -> dict[int, str]:
    """What each grid is called, by its label: as today's grid that it goes on as (`keep`; without it `going_on` tells), whatever
    that is called; and by `number`. Labels need not be without gaps. A grid that was painted over a border is its first atom's community's.
    """
    inside = np.flatnonzero(labels != NONE)
    given, first, mine = np.unique(labels[inside], return_index=True, return_inverse=True)
    nowhere = len(town.communities)
    homes = np.where(town.community == NONE, nowhere, town.community)
    numbered = np.full(len(town), NONE)
    numbered[inside] = np.where(homes[inside] == homes[inside[first]][mine], mine, NONE)
    place = replace(town, community=homes, communities=(*town.communities, "no community"))
    division = Division(place, numbered, Bounds(), 0)
    if keep is None:
        goes_on = going_on(division)
    else:
        rows = {int(label): row for row, label in enumerate(given)}
        goes_on = {rows[label]: name for label, name in keep.items() if label in rows}
    heads = [_head(place.communities[home], "public") for home in homes[inside[first]]]
    fitting = {
        row: name
        for row, name in goes_on.items()
        if not _is_full(heads[row][:-1]) or _is_numbered(name, heads[row])
    }
    # Who keeps a name that is no code of here takes no number either.
    counted = [row for row in range(len(given)) if row not in goes_on or row in fitting]
    rank = np.full(len(given) + 1, NONE)
    rank[counted] = np.arange(len(counted))
    ranked = replace(division, labels=rank[numbered])
    codes = number(ranked, keep={int(rank[row]): name for row, name in fitting.items()}, taken=taken)
    return {
        int(label): goes_on[row] if row in goes_on else codes[rank[row]] for row, label in enumerate(given)
    }


def _free(used: Collection[int], most: int) -> Iterator[int]:
    """Numbers after the highest that was ever given; after the last one those between that never were."""
    highest = max(used, default=0)
    yield from range(highest + 1, most + 1)
    yield from (number for number in range(1, highest) if number not in used)


def heirs(shared: NDArray[Any]) -> dict[int, int]:
    """Which new grid goes on as which of today's: `shared` `(today's, new)` are the households that go from one to the other.

    Of all pairings the one by which most households stay; a grid that nobody comes from is nobody's heir. Give atoms a little weight beside
    their households, so that a grid of offices goes on, too.
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
    # A grid in which nobody lives goes on by its atoms.
    np.add.at(shared, (town.grid[placed], division.labels[placed]), town.households[placed] + 1e-6)
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
    digits = code.startswith(head) and tail.isascii() and tail.isdigit()
    return digits and (
        (len(tail) == 3 and tail != "000")
        or (3 < len(tail) <= 5 and tail[0] != "0" and not _is_full(head[:-1]))
    )
