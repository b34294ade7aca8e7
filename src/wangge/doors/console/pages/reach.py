"""What would reach nobody, as pages tell it: the check of all routing with what its areas, items and departments are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wangge.access import Viewer
from wangge.base.calendar import SHANGHAI
from wangge.cases.queries import routing_check
from wangge.doors.console import words
from wangge.doors.console.pages import lookups

#: So many areas stand by name beside a gap; there may be thousands.
_MOST_NAMES = 12


@dataclass(frozen=True, slots=True)
class Gap:
    """Cases of these items would reach no desk, or no office of a department (`what`), in `count` areas, some by name."""

    what: str
    codes: tuple[str, ...]
    items: list[str]
    count: int
    areas: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reach:
    """The gaps, widest first; how many more there are; and the departments that nobody handles for, each with how many
    areas miss it: the shortest way to mend it.
    """

    gaps: list[Gap]
    more: int
    offices: list[tuple[str, int]]


def reach(
    viewer: Viewer,
    versions: list[Any],
    *,
    now: datetime,
    within: str = "",
    apart: bool = False,
    most: int | None = None,
) -> Reach:
    """Every item in every area at or below `within` that has none below. The same gap of many areas is one gap, unless
    areas are to stand `apart`.
    """
    alike: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    today = now.astimezone(SHANGHAI).date()
    for gap in routing_check(viewer, versions, today=today, at=now, within=within):
        alike.setdefault((gap.what, gap.items, gap.area if apart else ""), []).append(gap.area)
    widest = sorted(alike.items(), key=lambda each: -len(each[1]))
    shown = widest[:most]
    calls = {version.item_id: words.named(version, lookups.language()) for version in versions}
    names = lookups.area_names(code for _gap, areas in shown for code in areas[:_MOST_NAMES])
    gaps = [
        Gap(
            what,
            codes,
            [calls[code] for code in codes],
            len(areas),
            {code: names.get(code, code) for code in areas[:_MOST_NAMES]},
        )
        for (what, codes, _area), areas in shown
    ]
    return Reach(gaps, len(widest) - len(shown), _offices(versions, alike))


def _offices(
    versions: list[Any], alike: Mapping[tuple[str, tuple[str, ...], str], list[str]]
) -> list[tuple[str, int]]:
    department = {version.item_id: version.department_id for version in versions}
    missing: dict[str, int] = {}
    for (what, codes, _area), areas in alike.items():
        if what == "office":
            for code in {department[item] for item in codes}:
                missing[code] = missing.get(code, 0) + len(areas)
    names = lookups.department_names()
    ranked = sorted(missing.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(names.get(code, code), count) for code, count in ranked]
