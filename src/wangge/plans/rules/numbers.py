"""Which grid of today each new one goes on as, and the codes and names of those that begin."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wangge.plans.rules.content import NONE, Content
from wangge.plans.rules.dividing import town_of
from wangge.plans.rules.figures import Figures
from wangge.plans.rules.problems import NoNumberLeft

Ints = NDArray[np.int64]

#: All buildings of a plan together are less than one weighs in `Content.common`.
_LEAST = 1e-11

_DIGITS = "零一二三四五六七八九"
#: Of a code of glossary.md the community's digits and that of the kind; the grid's number follows.
_HEAD = 13
#: As the column.
_LONGEST = 80
_COUNTED = re.compile(r"[0-9]+|[零一二三四五六七八九十百]+")


@dataclass(frozen=True, slots=True)
class Named:
    """A grid of the plan: `today` is the one that it goes on as, or -1 when it begins with the plan."""

    label: int
    code: str
    name: str
    today: int


def named_grids(
    content: Content,
    labels: Ints,
    figures: Figures,
    *,
    used: Collection[str],
    names: Mapping[int, str] | None = None,
    b_stands: Ints | None = None,
) -> list[Named]:
    """Each grid of today goes on as the one that most of its households stay in, so that as few as possible change their grid.

    New ones get numbers of their community that no grid has or ever had (`used`), by the one rule there is: `gridplan.number`.
    `names` are those that somebody gave; `b_stands` as in `going_on_as`. NoNumberLeft where a community has used all.
    """
    given = names or {}
    going_on = going_on_as(content, labels, figures, b_stands)
    codes = _codes(content, labels, figures, going_on, used)
    found, known = [], _known(content)
    for grid in figures.grids:
        today, code = going_on.get(grid.label, NONE), codes[grid.label]
        usual = content.grid_names[today] if today >= 0 else called_like(known[grid.community], code)
        found.append(Named(grid.label, code, given.get(grid.label) or usual, today))
    return sorted(found, key=lambda each: each.label)


def going_on_as(
    content: Content, labels: Ints, figures: Figures, b_stands: Ints | None = None
) -> dict[int, int]:
    """Label → grid of today, within each community the pairing by which most households stay, building by building; of grids in
    which nobody is registered their buildings count, and last those that stand on the ground of a grid in which no building is (`b_stands`).
    """
    if not content.grids or not figures.grids:
        return {}
    from gridplan.number import heirs

    count = max(grid.label for grid in figures.grids) + 1
    overlap = content.common(labels, count)
    if b_stands is not None:
        of = labels[content.b_atom]
        known = (of >= 0) & (b_stands >= 0)
        np.add.at(overlap, (of[known], b_stands[known]), _LEAST)
    found: dict[int, int] = {}
    for community in range(len(content.communities)):
        own = np.array([grid.label for grid in figures.grids if grid.community == community], np.int64)
        today = np.flatnonzero(content.grid_community == community)
        if len(own) and len(today):
            pairs = heirs(overlap[np.ix_(own, today)].T)
            found |= {int(own[new]): int(today[old]) for new, old in pairs.items()}
    return found


def _codes(
    content: Content, labels: Ints, figures: Figures, going_on: Mapping[int, int], used: Collection[str]
) -> dict[int, str]:
    """By the library's rule, which knows one grid one community: of a grid that is painted over a border its first part counts."""
    from gridplan.number import BadNumber, number
    from gridplan.town import Bounds, Division

    places = {grid.label: place for place, grid in enumerate(figures.grids)}
    numbered = np.full(len(content), NONE)
    for grid in figures.grids:
        numbered[(labels == grid.label) & (content.community == grid.community)] = places[grid.label]
    heads = {grid.label: f"{content.communities[grid.community]}1" for grid in figures.grids}
    kept = {label: content.grids[today] for label, today in going_on.items()}
    # A code that does not begin as its community's does stays all the same.
    fitting = {places[label]: code for label, code in kept.items() if code.startswith(heads[label])}
    try:
        codes = number(
            Division(town_of(content), numbered, Bounds(), 0), keep=fitting, taken={*used, *content.grids}
        )
    except BadNumber as problem:
        raise NoNumberLeft from problem
    return {label: kept.get(label, codes[place]) for label, place in places.items()}


def _known(content: Content) -> list[list[tuple[str, str]]]:
    """By community code and name of each of its grids."""
    found: list[list[tuple[str, str]]] = [[] for _ in content.communities]
    for code, name, community in zip(
        content.grids, content.grid_names, content.grid_community.tolist(), strict=True
    ):
        found[community].append((code, name))
    return found


def called_like(known: Iterable[tuple[str, str]], code: str) -> str:
    """The name of a grid that begins: as most grids of its community are called after their number, 荷花社区第3网格 beside 荷花社区第1网格;
    三网格 where none is. `known` are code and name of each.
    """
    ways: Counter[tuple[str, str, bool]] = Counter()
    width = 1
    for each, name in known:
        # The last number: that of a community's name (五一社区) comes before the grid's own.
        counted = [*_COUNTED.finditer(name)]
        if not counted or not each[_HEAD:].isdecimal():
            continue
        said, own = counted[-1].group(), int(each[_HEAD:])
        in_figures = said == f"{own:0{len(said)}}"
        if in_figures or said == in_words(own):
            ways[name[: counted[-1].start()], name[counted[-1].end() :], in_figures] += 1
            if said.startswith("0"):
                width = len(said)
    number = int(code[_HEAD:])
    for (before, after, in_figures), _many in ways.most_common(1):
        called = f"{before}{f'{number:0{width}}' if in_figures else in_words(number)}{after}"
        if len(called) <= _LONGEST:
            return called
    return f"{in_words(number)}网格"


def in_words(number: int) -> str:
    """1 … 999 as Chinese counts: 十二, 二十, 一百零三."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    said = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        said += f"{_DIGITS[tens] if hundreds or tens > 1 else ''}十"
    elif hundreds and ones:
        said += "零"
    return said + (_DIGITS[ones] if ones else "")
