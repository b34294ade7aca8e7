"""Why grids are as no rule wants them: what is too large or too small by itself, and what cannot be helped is told by name."""

from collections.abc import Collection
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from gridplan._starting import pieces_of
from gridplan.town import NONE, Bounds, Reason, Town

Array = np.ndarray[Any, Any]


def reasons(
    town: Town,
    labels: Array,
    bounds: Bounds,
    *,
    proven: Collection[int] = (),
    searched: bool = False,
    kept: Array | None = None,
) -> tuple[Reason, ...]:
    """Each broken rule of a division, grid by grid.

    `proven` are grids of which a solver has shown that no grouping of their place fits. `searched` says that a better
    division was looked for, which is not so where somebody is still painting. `kept` (a truth for each atom) was kept by hand.
    """
    labels = np.asarray(labels)
    grids = int(labels.max(initial=NONE)) + 1
    within = labels >= 0
    weight = np.bincount(labels[within], town.households[within], grids)
    count = np.bincount(labels[within], minlength=grids)
    places = _Places(town, bounds)
    told: list[Reason] = []
    for grid in np.flatnonzero(count):
        below, above = weight[grid] < bounds.low, weight[grid] > bounds.high
        if below or above:
            atoms = np.flatnonzero(labels == grid)
            held = int(grid) in proven
            told.append(
                _size(
                    int(grid), atoms, places, is_above=bool(above), proven=held, searched=searched, kept=kept
                )
            )
    told += _pieces(town, labels, grids)
    told += _apart(town, labels)
    return tuple(sorted(told, key=lambda each: (each.grid, each.rule)))


@dataclass(frozen=True)
class Place:
    """Atoms that hang together once what is too large by itself is out; `beside` are such atoms next to them."""

    atoms: Array
    beside: Array
    households: int


class _Places:
    def __init__(self, town: Town, bounds: Bounds) -> None:
        self.town, self.bounds = town, bounds
        self.of, self.all = places_of(town, bounds.high)
        self.of_community = np.bincount(
            town.community[town.community >= 0],
            town.households[town.community >= 0],
            len(town.communities),
        )


def places_of(town: Town, high: float) -> tuple[Array, list[Place]]:
    """Of each atom its place, and the places; an atom that is too large by itself, or in no community, is in none."""
    one, other = town.edges[:, 0], town.edges[:, 1]
    own = (town.community[one] == town.community[other]) & (town.community[one] >= 0)
    large = (town.households > high) | (town.community < 0)
    joined = town.edges[own & ~large[one] & ~large[other]]
    _, of = pieces_of(joined, len(town))
    of[large] = NONE
    numbers = np.unique(of[of >= 0])
    of = np.where(of >= 0, np.searchsorted(numbers, of), NONE)
    found = []
    for place in range(len(numbers)):
        atoms = np.flatnonzero(of == place)
        mine = of == place
        near = np.concatenate([other[own & mine[one] & large[other]], one[own & mine[other] & large[one]]])
        found.append(Place(atoms, np.unique(near), int(town.households[atoms].sum())))
    return of, found


def fits(households: float, bounds: Bounds) -> bool:
    """Whether so many households can be shared among whole grids at all."""
    return ceil(households / bounds.high) <= households // bounds.low


@dataclass(frozen=True)
class _Cause:
    word: str
    text: str
    atoms: Array
    households: int


def _size(
    grid: int,
    atoms: Array,
    places: _Places,
    *,
    is_above: bool,
    proven: bool,
    searched: bool,
    kept: Array | None,
) -> Reason:
    cause = _too_large(atoms, places, kept) if is_above else None
    cause = cause or _of_its_place(atoms, places)
    if not cause:
        said = _plainly(places.town, atoms, places.bounds, is_above=is_above)
        word = "proven" if proven else "not_found" if searched else ""
        more = {
            "proven": " No grouping of the atoms around it keeps the bounds: all were tried.",
            "not_found": " No division without it was found; there may be one.",
        }
        cause = _Cause(word, said + more.get(word, ""), atoms, int(places.town.households[atoms].sum()))
    rule = "above" if is_above else "below"
    return Reason(grid, rule, tuple(cause.atoms.tolist()), cause.households, cause.text, cause.word)


def _too_large(atoms: Array, places: _Places, kept: Array | None) -> _Cause | None:
    """By one atom alone, or by what was kept by hand."""
    town, most = places.town, places.bounds.high
    largest = atoms[town.households[atoms].argmax()]
    if (alone := int(town.households[largest])) > most:
        text = f"{town.names[largest]} alone has {alone} households, more than {most}."
        return _Cause("alone", text, np.array([largest]), alone)
    held = atoms[kept[atoms]] if kept is not None else atoms[:0]
    if (households := int(town.households[held].sum())) > most:
        text = f"What was kept by hand has {households} households, more than {most}."
        return _Cause("fixed", text, held, households)
    return None


def _of_its_place(atoms: Array, places: _Places) -> _Cause | None:
    """By how many households there are where the grid lies."""
    town, bounds = places.town, places.bounds
    number = places.of[atoms[0]]
    if number < 0 or (places.of[atoms] != number).any():
        return None
    place = places.all[number]
    community = town.community[atoms[0]]
    if place.households < bounds.low:
        if places.of_community[community] == place.households:
            text = f"{town.communities[community]} has {place.households} households in all, fewer than {bounds.low}."
            return _Cause("community", text, place.atoms, place.households)
        behind = f", reached only through {town.names[place.beside[0]]}," if len(place.beside) else ""
        text = f"{_around(town, place.atoms)}{behind} has only {place.households} households, fewer than {bounds.low}."
        return _Cause("island", text, place.atoms, place.households)
    if not fits(place.households, bounds):
        fewer = place.households // bounds.low
        text = (
            f"{_around(town, place.atoms)} has {place.households} households, too many for {fewer}"
            f" grid{'s' if fewer > 1 else ''} of {bounds.high} and too few for {fewer + 1} of {bounds.low}."
        )
        return _Cause("between", text, place.atoms, place.households)
    return None


def _plainly(town: Town, atoms: Array, bounds: Bounds, *, is_above: bool) -> str:
    total = int(town.households[atoms].sum())
    how = (
        f"{total - bounds.high} more than {bounds.high}"
        if is_above
        else f"{bounds.low - total} fewer than {bounds.low}"
    )
    return f"{_around(town, atoms)} has {total} households, {how}."


def _around(town: Town, atoms: Array) -> str:
    """By the name of the largest atom."""
    name = town.names[atoms[town.households[atoms].argmax()]]
    return name if len(atoms) == 1 else f"What lies around {name} ({len(atoms)} atoms)"


def _pieces(town: Town, labels: Array, grids: int) -> list[Reason]:
    inside = town.edges[labels[town.edges[:, 0]] == labels[town.edges[:, 1]]]
    count, of = pieces_of(inside, len(town))
    grid_of = np.full(count, NONE)
    grid_of[of] = labels
    torn = np.flatnonzero(np.bincount(grid_of[grid_of >= 0], minlength=grids) > 1)
    told = []
    for grid in torn:
        parts = np.flatnonzero(grid_of == grid)
        sizes = np.bincount(of, minlength=count)[parts]
        loose = np.flatnonzero((labels == grid) & (of != parts[sizes.argmax()]))
        text = f"The grid is in {len(parts)} pieces: {_around(town, loose)} does not hang together with the rest."
        told.append(
            Reason(
                int(grid), "pieces", tuple(loose.tolist()), int(town.households[loose].sum()), text, "fixed"
            )
        )
    return told


def _apart(town: Town, labels: Array) -> list[Reason]:
    return [
        Reason(
            int(labels[one]),
            "apart",
            (int(one), int(other)),
            int(town.households[[one, other]].sum()),
            f"{town.names[one]} and {town.names[other]} may not share a grid.",
            "fixed",
        )
        for one, other in town.apart
        if labels[one] == labels[other] != NONE
    ]
