"""What must share a grid and what may not, as somebody said it by hand: groups of atoms, each kept together or apart."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wangge.plans.rules.content import Content

Ints = NDArray[np.int64]
Kind = Literal["together", "apart"]

KINDS = ("together", "apart")
#: So many groups a plan may have, and so many atoms one that is kept together; of those kept apart each is apart from each.
MOST, MOST_TOGETHER, MOST_APART = 500, 1_000, 60


@dataclass(frozen=True, slots=True)
class Bond:
    """Atoms that must all be in one grid (`together`), or of which no two may be in one (`apart`)."""

    kind: Kind
    atoms: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "atoms": list(self.atoms)}


def bonds_of(kept: Iterable[Mapping[str, Any]]) -> tuple[Bond, ...]:
    """The way back from `as_json`; each atom once, in order."""
    return tuple(Bond(one["kind"], tuple(sorted(set(one["atoms"])))) for one in kept)


def wrong_in(bonds: Sequence[Bond], content: Content) -> str:
    """What is wrong with them, in a word: `many`, `atoms`, `communities`, `contradiction`; nothing where nothing is."""
    most = {"together": MOST_TOGETHER, "apart": MOST_APART}
    if len(bonds) > MOST or any(len(bond.atoms) > most[bond.kind] for bond in bonds):
        return "many"
    if any(len(bond.atoms) < 2 or bond.atoms[0] < 0 or bond.atoms[-1] >= len(content) for bond in bonds):
        return "atoms"
    held = [bond for bond in bonds if bond.kind == "together"]
    if any(len(np.unique(content.community[list(bond.atoms)])) > 1 for bond in held):
        return "communities"
    of = united(len(content), bonds)
    pairs = apart_pairs(bonds)
    return "contradiction" if len(pairs) and (of[pairs[:, 0]] == of[pairs[:, 1]]).any() else ""


def united(count: int, bonds: Sequence[Bond], *, without: Ints | None = None) -> Ints:
    """Of each atom a number, from 0 on and in their order, that all those have that must share its grid; each has its own where nothing
    is said. What somebody fixed (their label in `without`, else -1) in several grids is left as it is.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs = [(bond.atoms[0], other) for bond in bonds if bond.kind == "together" for other in bond.atoms[1:]]
    if not pairs:
        return np.arange(count)
    ends = tuple(np.array(pairs, np.int64).T)
    net = coo_array((np.ones(len(pairs), bool), ends), (count, count))
    found = connected_components(net, directed=False)[1].astype(np.int64)
    if without is not None:
        held = np.unique(np.column_stack([found, without])[without >= 0], axis=0)[:, 0]
        found = np.where(np.isin(found, held[1:][held[1:] == held[:-1]]), count + np.arange(count), found)
    _values, first, of = np.unique(found, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    numbered: Ints = rank[of.reshape(-1)]
    return numbered


def apart_pairs(bonds: Sequence[Bond]) -> Ints:
    """Pairs of atoms that may not share a grid `(k, 2)`, each once."""
    pairs = {pair for bond in bonds if bond.kind == "apart" for pair in combinations(bond.atoms, 2)}
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)


def broken_in(labels: Ints, bonds: Sequence[Bond]) -> list[tuple[str, int, int]]:
    """Rule, label and number of groups that are broken there: what should be together counts in the grid with the smallest label of
    those that it lies in, what should be apart in each that holds several of it.
    """
    counts: Counter[tuple[str, int]] = Counter()
    for bond in bonds:
        found, times = np.unique(labels[list(bond.atoms)], return_counts=True)
        held = found >= 0
        if bond.kind == "together" and len(found) > 1:
            counts["together", int(found[held][0])] += 1
        elif bond.kind == "apart":
            counts.update(("apart", label) for label in found[held & (times > 1)].tolist())
    return [(rule, label, count) for (rule, label), count in sorted(counts.items())]
