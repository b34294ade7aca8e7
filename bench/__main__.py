"""`python -m bench` measures everything; `python -m bench case_page locate` only those. Ends with 1 where a limit was not kept."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench import (
    applying,
    bursting,
    dividing,
    ground,
    holding,
    listening,
    locating,
    mapping,
    opening,
    painting,
    proving,
    putting,
    reading,
    registering,
    resting,
    routing,
    starting,
    syncing,
    visiting,
    weighing,
)

RUNS = 3
SMALL, LARGE = 10_000, 1_000_000


READ = ("case_page", "desk_counts", "case_search")
#: What is measured on a ground of so many cases, each by itself.
ALONE: dict[str, tuple[int, Callable[[Path], None]]] = {
    "desk_map": (mapping.CASES, lambda data: mapping.measure(data, RUNS)),
    "plan_paint": (0, lambda data: painting.measure(data, RUNS)),
    "plan_apply": (0, lambda data: applying.measure(data, RUNS)),
    "plan_district": (0, lambda data: applying.measure(data, 1, "plan_district")),
    "desk_weight": (SMALL, lambda data: weighing.measure(data, RUNS)),
    "field_weight": (0, lambda data: weighing.measure_field(data, RUNS)),
    "locate": (SMALL, lambda data: locating.measure(data, RUNS)),
    "household_import": (0, registering.measure),
    "household_import_city": (0, registering.measure_city),
    "visit_import": (0, visiting.measure),
    "rounds_city": (0, routing.measure_city),
    "rounds_whole_city": (0, lambda data: routing.measure_city(data, routing.CITY, "rounds_whole_city")),
    "pull_first": (SMALL, lambda data: syncing.measure_pull(data, RUNS)),
    "push_items": (SMALL, lambda data: syncing.measure_push(data, RUNS)),
    "sync_burst": (SMALL, bursting.measure),
    "field_first": (SMALL, lambda data: holding.measure_first(data, RUNS)),
    "household_scroll": (SMALL, lambda data: holding.measure_scroll(data, RUNS)),
    "campaign_start": (0, starting.measure),
    "case_put": (0, lambda data: putting.measure(data, RUNS)),
    "desk_live": (SMALL, listening.measure),
}
#: What needs no database.
BARE: dict[str, Callable[[], None]] = {
    "round_60": routing.measure_round,
    "division_2000": lambda: dividing.measure(2_000, limit=0.57, worst=0.65, time_limit=10),
    "division_50000": lambda: dividing.measure(50_000, limit=0.6, worst=0.65, time_limit=5),
    "division_50000_memory": lambda: dividing.measure_memory(50_000),
    "division_gap": lambda: proving.measure_gap(2_000, limit=1.15),
    "division_gap_5000": lambda: proving.measure_gap_of_one(5_000, seconds=60, limit=1.15),
    "division_gap_50000": lambda: proving.measure_gap_of_one(50_000, seconds=300, limit=1.15),
    "division_gap_walking": lambda: proving.measure_gap_walking(1_000, limit=1.15),
    "division_gerrychain": lambda: proving.measure_gerrychain(2_000, limit=0.6),
    "division_revised": lambda: proving.measure_revised(2_000, limit=1.3),
    "division_scaling": lambda: dividing.measure_scaling(limit=0.8),
    "division_province": lambda: dividing.measure_province(dividing.IN_A_PROVINCE),
}


def main(names: list[str]) -> int:
    known = (*READ, "desk_open", *ALONE, *BARE, "demo_memory")
    if unknown := [name for name in names if name not in known]:
        print(f"There is no {unknown[0]!r}; there are: {', '.join(known)}.", file=sys.stderr)
        return 2
    measure_these(names or list(known))
    if ground.MISSED:
        print(f"Not kept: {', '.join(ground.MISSED)}.", file=sys.stderr)
    return 1 if ground.MISSED else 0


def measure_these(names: list[str]) -> None:
    """One line for each, on a ground that several share."""
    with ExitStack() as open_grounds:
        if {*READ, "desk_open"} & set(names):
            large = open_grounds.enter_context(ground.grown(LARGE))
        if set(READ) & set(names):
            small = open_grounds.enter_context(ground.grown(SMALL))
            reading.measure(names, small, large, RUNS)
        if "desk_open" in names:  # it opens many of the cases: after the others
            opening.measure(large, RUNS)
        for name, (cases, measure) in ALONE.items():
            if name in names:
                measure(open_grounds.enter_context(ground.grown(cases)))
        for name, measure_bare in BARE.items():
            if name in names:
                measure_bare()
        if "demo_memory" in names:
            resting.measure(RUNS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
