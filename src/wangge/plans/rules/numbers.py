"""Which grid of today each new one goes on as, and the codes and names of those that begin."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wangge.areas.rules import grid_code
from wangge.plans.rules.content import Content
from wangge.plans.rules.figures import Figures

Ints = NDArray[np.int64]

_DIGITS = "零一二三四五六七八九"


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
) -> list[Named]:
    """Each grid of today goes on as the one that most of its households stay in, so that as few as possible change their grid.

    New ones get the next numbers of their community that no grid has or ever had, west to east, then north to south.
    `names` are those that somebody gave.
    """
    given = names or {}
    going_on = going_on_as(content, labels, figures)
    taken = set(used) | set(content.grids)
    found: list[Named] = []
    fresh = [grid for grid in figures.grids if grid.label not in going_on]
    for grid in sorted(fresh, key=lambda each: (each.community, round(each.lon, 4), -each.lat)):
        code, number = _next_code(content.communities[grid.community], taken)
        taken.add(code)
        found.append(Named(grid.label, code, given.get(grid.label) or f"{in_words(number)}网格", -1))
    for label, today in going_on.items():
        name = given.get(label) or content.grid_names[today]
        found.append(Named(label, content.grids[today], name, today))
    return sorted(found, key=lambda each: each.label)


def going_on_as(content: Content, labels: Ints, figures: Figures) -> dict[int, int]:
    """Label → grid of today, within each community the pairing by which most households stay."""
    if not content.grids or not figures.grids:
        return {}
    from scipy.optimize import linear_sum_assignment

    count = max(grid.label for grid in figures.grids) + 1
    overlap = content.overlaps(labels, count)
    found: dict[int, int] = {}
    for community in range(len(content.communities)):
        own = np.array([grid.label for grid in figures.grids if grid.community == community], np.int64)
        today = np.flatnonzero(content.grid_community == community)
        if len(own) and len(today):
            part = overlap[np.ix_(own, today)]
            rows, columns = linear_sum_assignment(part, maximize=True)
            pairs = zip(rows, columns, strict=True)
            found |= {int(own[row]): int(today[column]) for row, column in pairs if part[row, column] > 0}
    return found


def _next_code(community: str, taken: Collection[str]) -> tuple[str, int]:
    numbers = [int(code[13:]) for code in taken if code.startswith(f"{community}1")]
    number = max(numbers, default=0) + 1
    if number > 999:
        number = next(each for each in range(1, 1000) if each not in numbers)
    return grid_code(community, "public", number), number


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
