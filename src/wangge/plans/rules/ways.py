"""The net that one walks along in a plan: what lies between doors and junctions is one way, in whole centimetres. Server and browser count
ways over the same one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wangge.plans.rules.content import Content
from wangge.plans.rules.dividing import town_of

if TYPE_CHECKING:
    from gridplan.town import Streets

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Junctions nearer to each other, in metres, are one.
_ONE = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """`pairs` `(m, 2)` of nodes with a way between them, the smaller number first, in order, and `cm` `(m,)` how long it is. The plan's
    `atoms` are the first of the `nodes`.
    """

    atoms: int
    nodes: int
    pairs: Ints
    cm: Ints

    def from_each(self, doors: Sequence[int]) -> Floats:
        """`(doors, atoms)`: centimetres from each of these atoms to all; what no way joins is infinitely far."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra

        graph = csr_array((self.cm.astype(np.float64), self.pairs.T), (self.nodes, self.nodes))
        far: Floats = dijkstra(graph, directed=False, indices=np.asarray(doors, np.int64))
        return np.round(far[:, : self.atoms])

    def as_json(self) -> dict[str, Any]:
        """As small as it gets. `many`: of each node how many ways lead to one with a larger number; `steps`: there, less its own; `cm`: how
        long they are.
        """
        return {
            "many": np.bincount(self.pairs[:, 0], minlength=self.nodes).tolist(),
            "steps": (self.pairs[:, 1] - self.pairs[:, 0]).tolist(),
            "cm": self.cm.tolist(),
        }


def net_of(content: Content, streets: "Streets | None") -> Net | None:
    """None where no street is known. Ways between atoms are those of the library (`gridplan.walking_distances`) to a centimetre a bit."""
    if streets is None:
        return None
    from gridplan.links import walks

    graph = walks(town_of(content, streets=streets)).tocoo()
    pairs = np.stack([graph.row, graph.col], axis=1).astype(np.int64)
    metres, total = graph.data.astype(np.float64), graph.shape[0]
    atoms = len(content)
    pairs, metres = _merged(atoms, total, pairs, metres)
    while True:
        before = len(pairs)
        pairs, metres = _reached(atoms, total, *_joined(atoms, total, pairs, metres))
        if len(pairs) == before:
            break
    return _numbered(atoms, pairs, np.maximum(np.round(metres * 100), 1).astype(np.int64))


def _merged(atoms: int, total: int, pairs: Ints, metres: Floats) -> tuple[Ints, Floats]:
    """Junctions at one spot are one; a door stays one for itself."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    at_one = (metres < _ONE) & (pairs >= atoms).all(axis=1)
    same = coo_array((np.ones(at_one.sum(), bool), pairs[at_one].T), (total, total))
    of = connected_components(same, directed=False)[1]
    # The atoms are alone in theirs, and keep their numbers.
    first = np.unique(of, return_index=True)[1]
    return _shortest(first[of][pairs], metres)


def _joined(atoms: int, total: int, pairs: Ints, metres: Floats) -> tuple[Ints, Floats]:
    """Bends between two junctions or doors are left out, and the bits that meet there become one way."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    bend = np.bincount(pairs.ravel(), minlength=total) == 2
    bend[:atoms] = False
    ends = bend[pairs]
    inside, outside = ends.all(axis=1), ends.sum(axis=1) == 1
    chains = coo_array((np.ones(inside.sum(), bool), pairs[inside].T), (total, total))
    of = connected_components(chains, directed=False)[1]
    chain = of[np.where(ends[:, 0], pairs[:, 0], pairs[:, 1])]
    touched = inside | outside
    long = np.bincount(chain[touched], metres[touched], minlength=total)
    stops = np.where(ends[:, 0], pairs[:, 1], pairs[:, 0])[outside]
    order = np.argsort(chain[outside], kind="stable")
    # Every chain that ends anywhere has two ends.
    joins, which = stops[order].reshape(-1, 2), chain[outside][order][::2]
    return _shortest(np.vstack([pairs[~touched], joins]), np.concatenate([metres[~touched], long[which]]))


def _reached(atoms: int, total: int, pairs: Ints, metres: Floats) -> tuple[Ints, Floats]:
    """Without streets that end nowhere, and those that lead to no door."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    net = coo_array((np.ones(len(pairs), bool), pairs.T), (total, total))
    part = connected_components(net, directed=False)[1]
    kept = np.isin(part[pairs[:, 0]], part[:atoms])
    pairs, metres = pairs[kept], metres[kept]
    while True:
        dead = np.bincount(pairs.ravel(), minlength=total) == 1
        dead[:atoms] = False
        kept = ~dead[pairs].any(axis=1)
        if kept.all():
            return pairs, metres
        pairs, metres = pairs[kept], metres[kept]


def _shortest(pairs: Ints, metres: Floats) -> tuple[Ints, Floats]:
    """Of several ways between two nodes the shortest; a way back to its beginning is none."""
    ends = np.sort(pairs, axis=1)
    order = np.lexsort((metres, ends[:, 1], ends[:, 0]))
    order = order[ends[order, 0] != ends[order, 1]]
    kept = order[np.sort(np.unique(ends[order], axis=0, return_index=True)[1])]
    return ends[kept], metres[kept]


def _numbered(atoms: int, pairs: Ints, cm: Ints) -> Net:
    """The nodes that are left, in their order, without gaps."""
    used = np.unique(np.append(pairs.ravel(), np.arange(atoms)))
    return Net(atoms, len(used), np.searchsorted(used, pairs), cm)
