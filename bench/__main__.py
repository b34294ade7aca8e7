"""`python -m bench` measures everything; `python -m bench case_page locate` only those."""

import sys
from contextlib import ExitStack

from bench import ground, listening, locating, mapping, opening, putting, reading, resting, weighing

RUNS = 3
SMALL, LARGE = 10_000, 1_000_000


def main(names: list[str]) -> int:
    known = (
        "case_page",
        "desk_counts",
        "case_search",
        "desk_open",
        "desk_map",
        "desk_weight",
        "locate",
        "case_put",
        "desk_live",
        "demo_memory",
    )
    if unknown := [name for name in names if name not in known]:
        print(f"There is no {unknown[0]!r}; there are: {', '.join(known)}.", file=sys.stderr)
        return 2
    names = names or list(known)
    with ExitStack() as open_grounds:
        if {"case_page", "desk_counts", "case_search", "desk_open"} & set(names):
            large = open_grounds.enter_context(ground.grown(LARGE))
        if {"case_page", "desk_counts", "case_search"} & set(names):
            small = open_grounds.enter_context(ground.grown(SMALL))
            reading.measure(names, small, large, RUNS)
        if "desk_open" in names:  # it opens many of the cases: after the others
            opening.measure(large, RUNS)
        if "desk_map" in names:
            mapping.measure(open_grounds.enter_context(ground.grown(mapping.CASES)), RUNS)
        if "desk_weight" in names:
            weighing.measure(open_grounds.enter_context(ground.grown(SMALL)), RUNS)
        if "locate" in names:
            locating.measure(open_grounds.enter_context(ground.grown(SMALL)), RUNS)
        if "case_put" in names:
            putting.measure(open_grounds.enter_context(ground.grown(0)), RUNS)
        if "desk_live" in names:
            listening.measure(open_grounds.enter_context(ground.grown(SMALL)))
        if "demo_memory" in names:
            resting.measure(RUNS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
