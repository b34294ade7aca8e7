"""Whether a place can be divided within the bounds at all: every grouping is tried, as far as patience reaches.

Sets of atoms are whole numbers, a bit for each atom. One atom after the other is given each grid that it could be part of;
what is left must hang together in parts whose households can be shared among whole grids. Ends that failed once are remembered.
"""

from collections.abc import Iterator
from math import ceil
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

#: Larger places are not looked through as a whole.
ATOMS = 60
#: Parts of a place that are not larger are looked through when it is asked whether an atom has a grid at all.
ATOMS_OF_REST = 24
#: Sets that are looked at before the answer is that it is not known.
PATIENCE = 60_000


def grouping(
    households: Array, pairs: Array, apart: Array, low: float, high: float
) -> tuple[Array | None, bool]:
    """Labels within the bounds and in one piece each, if there are any; and whether the answer is certain."""
    search = _Search(households, pairs, apart, low, high)
    try:
        groups = search.divide(search.all)
    except _TiredError:
        return None, False
    if groups is None:
        return None, True
    labels = np.zeros(len(households), np.int64)
    for number, group in enumerate(groups):
        labels[list(_bits(group))] = number
    return labels, True


def has_no_grid(atom: int, households: Array, pairs: Array, apart: Array, low: float, high: float) -> bool:
    """Whether it is certain that no grid within the bounds can hold the atom and leave the rest divisible."""
    search = _Search(households, pairs, apart, low, high)
    try:
        return not any(search.may_be_left(search.all & ~grid) for grid in search.grids_with(atom, search.all))
    except _TiredError:
        return False


class _TiredError(Exception):
    """Patience is over; never leaves this module."""


class _Search:
    def __init__(self, households: Array, pairs: Array, apart: Array, low: float, high: float) -> None:
        n = len(households)
        self.households = [float(each) for each in households]
        self.low, self.high, self.all = low, high, (1 << n) - 1
        self.near, self.foes = [0] * n, [0] * n
        for table, both in ((self.near, pairs), (self.foes, apart)):
            for one, other in both.tolist():
                table[one] |= 1 << other
                table[other] |= 1 << one
        self.failed: set[int] = set()
        self.patience = PATIENCE

    def weight(self, atoms: int) -> float:
        return sum(self.households[atom] for atom in _bits(atoms))

    def fits(self, atoms: int) -> bool:
        weight = self.weight(atoms)
        return weight > 0 and ceil(weight / self.high) <= weight // self.low

    def parts(self, atoms: int) -> Iterator[int]:
        """Those that hang together."""
        while atoms:
            part = edge = atoms & -atoms
            while edge:
                reached = 0
                for atom in _bits(edge):
                    reached |= self.near[atom]
                edge = reached & atoms & ~part
                part |= edge
            yield part
            atoms &= ~part

    def divide(self, atoms: int) -> list[int] | None:
        """Groups of all of these."""
        parts = sorted(self.parts(atoms), key=int.bit_count)
        if not all(self.fits(part) for part in parts):
            return None
        groups: list[int] = []
        for part in parts:
            found = self._divide_part(part)
            if found is None:
                return None
            groups += found
        return groups

    def _divide_part(self, part: int) -> list[int] | None:
        if part in self.failed:
            return None
        # Who has the fewest neighbours left has the fewest grids to be in.
        first = min(
            _bits(part), key=lambda atom: ((self.near[atom] & part).bit_count(), -self.households[atom])
        )
        for grid in self.grids_with(first, part):
            rest = self.divide(part & ~grid)
            if rest is not None:
                return [grid, *rest]
        self.failed.add(part)
        return None

    def may_be_left(self, atoms: int) -> bool:
        """False where it is certain that these cannot be divided: large parts are only counted."""
        parts = list(self.parts(atoms))
        return all(self.fits(part) for part in parts) and all(
            part.bit_count() > ATOMS_OF_REST or self._divide_part(part) is not None for part in parts
        )

    def grids_with(self, atom: int, among: int) -> Iterator[int]:
        """Every set within the bounds that hangs together and holds the atom."""
        return self._grown(
            1 << atom, self.households[atom], self.foes[atom], among & ~(1 << atom), self.near[atom]
        )

    def _grown(self, grid: int, weight: float, foes: int, among: int, near: int) -> Iterator[int]:
        self.patience -= 1
        if self.patience < 0:
            raise _TiredError
        if weight > self.high:
            return
        if weight >= self.low:
            yield grid
        for atom in _bits(near & among & ~foes):
            # Later sets do without this one, so that none comes twice.
            among &= ~(1 << atom)
            yield from self._grown(
                grid | 1 << atom,
                weight + self.households[atom],
                foes | self.foes[atom],
                among,
                near | self.near[atom],
            )


def _bits(atoms: int) -> Iterator[int]:
    while atoms:
        low = atoms & -atoms
        yield low.bit_length() - 1
        atoms ^= low
