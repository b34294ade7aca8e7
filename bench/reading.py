"""Pages, counts and searches at ten thousand and at a million cases, asked in turn in the same run."""

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.ground import asked, p95, tell

Times = dict[str, dict[str, list[float]]]


def measure(names: list[str], small: Path, large: Path, runs: int) -> None:
    what = {"case_page": "pages", "desk_counts": "counts", "case_search": "search"}
    wanted = ["pages", *(part for name, part in what.items() if name in names and part != "pages")]
    asked(large, "bench.asking", *wanted)  # a city's server has its newest pages in memory
    taken = [
        (asked(small, "bench.asking", "pages"), asked(large, "bench.asking", *wanted)) for _ in range(runs)
    ]
    if "case_page" in names:
        _pages(taken)
    if "desk_counts" in names:
        _against_page(taken, "desk_counts", "counts", 5, "county")
    if "case_search" in names:
        _against_page(taken, "case_search", "search", 10)


def _pages(taken: list[tuple[Times, Times]]) -> None:
    """The worst of first and hundredth page at four tiers decides."""
    places = list(taken[0][0]["pages"])

    def ratio(place: str) -> float:
        return statistics.median(
            p95(large["pages"][place]) / p95(small["pages"][place]) for small, large in taken
        )

    worst = max(places, key=ratio)
    each = {place: _ms(taken, lambda run, at=place: p95(run[1]["pages"][at])) for place in places}
    runs = [(p95(large["pages"][worst]), p95(small["pages"][worst])) for small, large in taken]
    tell(
        "case_page",
        runs,
        unit="ms p95",
        limit=2,
        worst=worst,
        p95_ms=each,
        ratios={place: round(ratio(place), 2) for place in places},
    )


def _against_page(
    taken: list[tuple[Times, Times]], name: str, part: str, limit: float, only: str = ""
) -> None:
    """The worst kind of question against the first page of a county, all at a million cases."""
    kinds = [kind for kind in taken[0][1][part] if not only or kind == only]
    worst = max(kinds, key=lambda kind: _ms(taken, lambda run: p95(run[1][part][kind])))
    runs = [(p95(large[part][worst]), p95(large["pages"]["county 1"])) for _, large in taken]
    each = {kind: _ms(taken, lambda run, of=kind: p95(run[1][part][of])) for kind in taken[0][1][part]}
    tell(name, runs, unit="ms p95", limit=limit, worst=worst, p95_ms=each)


def _ms(taken: list[tuple[Times, Times]], tell_one: Callable[[Any], float]) -> float:
    return round(statistics.median(tell_one(run) for run in taken), 2)
