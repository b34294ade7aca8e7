"""What `wangge plan divide`, `revise` and `explain` do: a file in, a file out, and a table of what came. No database is needed."""

import sys
import threading
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gridplan import NONE, Bounds, Division, Explanation, Proposal, Reading, Town
from gridplan import explain as explained_by
from gridplan.number import named
from wangge.project.environment import Environment
from wangge.project.planning_input import (
    BadInput,
    Shown,
    bounds_of,
    check_outcome,
    compounds_of,
    mended_place,
    read_place,
    refuse_idle,
    refusing,
    stopped_by_hand,
    weighed,
)
from wangge.project.planning_told import (
    as_json,
    collection_of,
    compared,
    facts,
    tell,
    tell_compared,
    write,
)

#: Steps of a proof that has its time: more than there is time for.
STEPS = 10_000


def divide(environment: Environment, arguments: Namespace) -> None:  # noqa: ARG001 - needs no installation
    check_outcome(arguments)
    refuse_idle(arguments, shared=not arguments.compounds)
    bounds = bounds_of(arguments)
    reading = read_place(arguments, compounds=not (arguments.cut_compounds or arguments.compounds))
    weigh = weighed(arguments, reading.town)
    with stopped_by_hand() as stop, refusing():
        if arguments.compounds:
            division = _each_compound(reading, bounds, arguments, stop).division
        else:
            from gridplan import divide as divided  # loads the compiler

            division = divided(
                reading.town,
                bounds=bounds,
                seed=arguments.seed,
                limit_s=arguments.limit,
                weigh=weigh,
                distance=arguments.distance,
                workers=arguments.workers,
                progress=Shown("divided"),
                stop=stop,
            )
        names = named(division.town, division.labels)
        explained = _explained(division, reading, arguments, stop)
    _told("divide", division, reading, names, explained, arguments)
    if not arguments.json:
        print(f"{arguments.out} holds {division.count} grids and {len(division.town)} places.")


def revise(environment: Environment, arguments: Namespace) -> None:  # noqa: ARG001 - needs no installation
    """From today's grids, mended: proposals to choose from, or one change that is asked for by name."""
    check_outcome(arguments)
    refuse_idle(arguments)
    bounds = bounds_of(arguments)
    reading = read_place(arguments, compounds=not (arguments.cut_compounds or arguments.compounds))
    town = mended_place(arguments, reading).town
    if arguments.absorb:
        town = _with_new(town, reading)
    with stopped_by_hand() as stop, refusing():
        proposals = _proposals(town, reading, bounds, arguments, stop)
        if not 1 <= arguments.take <= len(proposals):
            raise BadInput(f"There is no proposal {arguments.take}.", f"Take one of 1 to {len(proposals)}.")
        taken = proposals[arguments.take - 1]
        goes_on = {grid: town.grids[old] for grid, old in enumerate(taken.goes_on) if old != NONE}
        names = named(town, taken.division.labels, keep=goes_on)
        explained = _explained(taken.division, reading, arguments, stop)
    staffed = _posts(town, reading) is not None
    if not arguments.json:
        tell_compared(proposals, staffed=staffed)
    more = {
        "proposals": compared(proposals, staffed=staffed),
        "taken": arguments.take,
        **_changes(taken, names),
    }
    _told("revise", taken.division, reading, names, explained, arguments, **more)
    if not arguments.json:
        print(f"{arguments.out} holds proposal {arguments.take}.")


def explain(environment: Environment, arguments: Namespace) -> None:  # noqa: ARG001 - needs no installation
    """The four principles of the grids that the file has, as they are."""
    refuse_idle(arguments)
    bounds = bounds_of(arguments)
    reading = read_place(arguments, compounds=False)
    mended = mended_place(arguments, reading).town
    # What a file says of its doors is told as it is; where it draws outlines only, those are mended first.
    town = reading.town if (reading.town.grid != NONE).any() else mended
    used, labels = np.unique(town.grid, return_inverse=True)
    labels = labels.reshape(-1) - int(used[0] == NONE)
    names = {label: town.grids[grid] for label, grid in enumerate(used[used != NONE].tolist())}
    with stopped_by_hand() as stop, refusing():
        from gridplan import reasons

        told = reasons(town, labels, bounds)
        division = Division(town, labels.astype(np.int64), bounds, 0, told)
        explained = _explained(division, reading, arguments, stop)
    _told("explain", division, reading, names, explained, arguments)


def _told(
    command: str,
    division: Division,
    reading: Reading,
    names: Mapping[int, str],
    explained: Explanation,
    arguments: Namespace,
    **more: object,
) -> None:
    if arguments.out:
        write(arguments.out, collection_of(division, reading, names, explained))
    if arguments.json:
        print(as_json(facts(command, division, reading, names, explained, **more)))
    else:
        tell(division, explained)


def _explained(
    division: Division, reading: Reading, arguments: Namespace, stop: threading.Event
) -> Explanation:
    """The four principles, and a proof for as long as `--prove` says, of the ways that the division was made by."""
    return explained_by(
        division,
        shops=reading.shops if len(reading.shops) else None,
        # Grids that a file has do not say which ways they were made by.
        distance=getattr(arguments, "distance", "straight"),
        rounds=STEPS if arguments.prove else 0,
        limit_s=arguments.prove,
        workers=arguments.workers,
        progress=Shown("proven"),
        stop=stop.is_set,
    )


def _changes(taken: Proposal, names: Mapping[int, str]) -> dict[str, object]:
    """How many households go from which grid of today to which new one, by name."""
    today = taken.division.town.grids
    return {
        "moved": taken.moved,
        "closed": [today[grid] for grid in taken.closed],
        "lineage": [
            {
                "from": today[old] if old != NONE else None,
                "to": names[new] if new != NONE else None,
                "households": many,
            }
            for old, new, many in taken.lineage
        ],
    }


def _with_new(town: Town, reading: Reading) -> Town:
    """Places that say no grid are new, though mending laid them into the nearest: they are to be absorbed."""
    says = reading.town.grid != NONE
    if not says.any():
        raise BadInput(
            "No place says its grid: which are new cannot be told.",
            "Name the property by --names grid=网格, and leave it empty where a place is new.",
        )
    new = ~says & (town.community != NONE)
    print(f"{new.sum()} places with {town.households[new].sum()} households are new.", file=sys.stderr)
    return replace(town, grid=np.where(new, NONE, town.grid))


def _proposals(
    town: Town, reading: Reading, bounds: Bounds, arguments: Namespace, stop: threading.Event
) -> list[Proposal]:
    import gridplan

    workers = _posts(town, reading)
    if arguments.split:
        grid = _grid_named(town, arguments.split)
        return [
            gridplan.split(
                town, grid, into=arguments.into, bounds=bounds, seed=arguments.seed, workers=workers,
                limit_s=arguments.limit, stop=stop,
            )
        ]  # fmt: skip
    if arguments.merge:
        grids = [_grid_named(town, name.strip()) for name in arguments.merge.split(",")]
        return [gridplan.merge(town, grids, bounds=bounds, workers=workers)]
    if arguments.compounds:
        return [_each_compound(replace(reading, town=town), bounds, arguments, stop)]
    return gridplan.revise(
        town,
        bounds=bounds,
        seed=arguments.seed,
        limit_s=arguments.limit,
        curve=1 if arguments.absorb else arguments.curve,
        workers=workers,
        weigh=weighed(arguments, town),
        distance=arguments.distance,
        progress=Shown("revised"),
        stop=stop.is_set,
    )


def _each_compound(reading: Reading, bounds: Bounds, arguments: Namespace, stop: threading.Event) -> Proposal:
    from gridplan import compounds_as_units

    return compounds_as_units(
        reading.town,
        compounds_of(reading),
        bounds=bounds,
        seed=arguments.seed,
        limit_s=arguments.limit,
        workers=_posts(reading.town, reading),
        progress=Shown("divided"),
        stop=stop,
    )


def _posts(town: Town, reading: Reading) -> list[int] | None:
    """For each grid of today the number of who works there, as its outline says; nothing where none does."""
    people = sorted({reading.workers[name] for name in town.grids if name in reading.workers})
    if not people:
        return None
    return [people.index(reading.workers[name]) if name in reading.workers else NONE for name in town.grids]


def _grid_named(town: Town, name: str) -> int:
    if name not in town.grids:
        raise BadInput(f"There is no grid {name} today.", f"There are {', '.join(town.grids)}.")
    return town.grids.index(name)
