"""What `wangge plan assign` does: who works in which grid of a file, and what each override of it costs."""

import threading
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gridplan import (
    NONE,
    Assignment,
    BadAssignment,
    Bounds,
    Division,
    Reading,
    Town,
    Worker,
    read,
    to_geojson,
)
from gridplan import assign as assigned_by
from gridplan.assign import Price
from gridplan.reading_workers import read_workers
from wangge.project.environment import Environment
from wangge.project.planning_input import (
    BadInput,
    Shown,
    check_outcome,
    mended_place,
    names_of,
    read_place,
    refusing,
    stopped_by_hand,
    tell_faults,
)
from wangge.project.planning_told import aligned, as_json, write

#: A file that `wangge plan` wrote says where a place was before.
BEFORE = "grid_before"


@dataclass(frozen=True, slots=True)
class _Grids:
    """The grids of a file that get workers: `town.grid` is where households are today, which is what workers know."""

    division: Division
    names: tuple[str, ...]

    def numbered(self, name: str) -> int:
        if name not in self.names:
            raise BadInput(f"There is no grid {name}.", f"There are {', '.join(self.names)}.")
        return self.names.index(name)


def assign(environment: Environment, arguments: Namespace) -> None:  # noqa: ARG001 - needs no installation
    check_outcome(arguments)
    if not arguments.staff.is_file():
        raise BadInput(f"There is no file {arguments.staff}.", "Check its name and folder.")
    reading = read_place(arguments, compounds=False)
    grids = _grids(arguments, reading)
    workers = _workers(arguments.staff, grids.division.town)
    with stopped_by_hand() as stop, refusing():
        found = assigned_by(
            grids.division,
            workers,
            needs={grids.numbered(grid): _words(skills) for grid, skills in arguments.needs},
            forced=_pairs(arguments.force, workers, grids),
            forbidden=_pairs(arguments.forbid, workers, grids),
            limit_s=arguments.limit,
        )
        asked = _pairs(arguments.price, workers, grids)
        prices = list(_priced(found, asked, arguments.alternatives, stop))
    told = [_fact(grid, found, grids, workers, prices) for grid in range(len(grids.names))]
    if arguments.out:
        write(arguments.out, _collection(grids, reading, told))
    if arguments.json:
        print(
            as_json(
                {
                    "command": "assign",
                    "minutes_a_year": round(found.minutes),
                    "without": len(found.without),
                    "lacking": found.lacking,
                    "grids": told,
                    "exact": found.exact,
                    "stopped": stop.is_set(),
                }
            )
        )
        return
    _tell(told)
    print(
        f"{len(told) - len(found.without)} of {len(told)} grids have a worker: {found.minutes:,.0f} minutes a year on the way from home"
        f" and for households that a worker has yet to get to know;"
        f" {'no other way has fewer' if found.exact else 'this is the best that was found in the time that there was'}."
    )
    if stop.is_set():
        print("It was ended early: not every override has its price.")


def _grids(arguments: Namespace, reading: Reading) -> _Grids:
    """The grids that the file has, mended. What a worker knows is where a place was before, if the file tells that."""
    mended = mended_place(arguments, reading).town
    used, labels = np.unique(mended.grid, return_inverse=True)
    labels = (labels.reshape(-1) - int(used[0] == NONE)).astype(np.int64)
    names = tuple(mended.grids[grid] for grid in used[used != NONE])
    town = _before(arguments, mended)
    return _Grids(Division(town, labels, Bounds(), 0), names)


def _before(arguments: Namespace, town: Town) -> Town:
    if arguments.file.name.lower().endswith((".pbf", ".osm", ".osm.gz", ".osm.bz2")):
        return town
    with refusing():
        said = read(arguments.file, names=replace(names_of(arguments), grid=BEFORE), compounds=False).doors
    if not any(door.grid for door in said):
        return town
    grids = tuple(sorted({door.grid for door in said if door.grid}))
    place: Mapping[str, int] = {name: number for number, name in enumerate(grids)}
    return replace(town, grid=np.array([place.get(door.grid, NONE) for door in said], np.int64), grids=grids)


def _workers(path: Path, town: Town) -> tuple[Worker, ...]:
    """Everybody in the list; each wrong line is named, and nobody is assigned then."""
    with refusing():
        found, faults = read_workers(path, town)
    if faults:
        tell_faults(faults, path.name)
        wrong = "one wrong line" if len(faults) == 1 else f"{len(faults)} wrong lines"
        raise BadInput(f"{path.name} has {wrong}.", "Nobody was assigned.")
    if not found:
        raise BadInput(f"{path.name} names no worker.", "Give a line for each.")
    return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(";") if each.strip())


def _pairs(
    asked: Iterable[tuple[str, str]], workers: Sequence[Worker], grids: _Grids
) -> list[tuple[int, int]]:
    """`张伟=东街-1003` as numbers."""
    names = [worker.name for worker in workers]
    found = []
    for worker, grid in asked:
        if worker not in names:
            raise BadInput(f"There is no worker {worker}.", f"There are {', '.join(names)}.")
        found.append((names.index(worker), grids.numbered(grid)))
    return found


def _priced(
    found: Assignment, asked: Sequence[tuple[int, int]], alternatives: int, stop: threading.Event
) -> Iterator[Price]:
    """What it costs to put somebody else into a grid: whom one asks for, and of each grid those who fit it next best."""
    todo = list(dict.fromkeys(asked))
    for grid, has in enumerate(found.of):
        others = sorted(
            (len(fit.lacks), fit.cost, worker) for worker, fit in enumerate(found.fits[grid]) if worker != has
        )
        todo += [(worker, grid) for _, _, worker in others[:alternatives] if (worker, grid) not in asked]
    shown = Shown("priced")
    for done, (worker, grid) in enumerate(todo):
        if stop.is_set():
            return
        shown(done / len(todo))
        try:
            yield found.price(worker, grid)
        except BadAssignment as problem:
            if (worker, grid) in asked:
                raise BadInput(f"This override cannot be: {problem}.", "") from problem
    shown(1.0)


def _fact(
    grid: int, found: Assignment, grids: _Grids, workers: Sequence[Worker], prices: Sequence[Price]
) -> dict[str, Any]:
    has = found.of[grid]
    said: dict[str, Any] = {"grid": grids.names[grid], "worker": None}
    if has == NONE:
        households = grids.division.town.households[grids.division.labels == grid].sum()
        said |= {"households": int(households), "why": dict(found.without)[grid]}
    else:
        fit = found.fit(has, grid)
        said |= {
            "worker": workers[has].name,
            "households": fit.households,
            "known": fit.known,
            "metres": None if fit.metres is None else round(fit.metres),
            "minutes_of_visits": round(fit.minutes),
            "minutes_a_year": round(fit.cost),
            "lacks": list(fit.lacks),
        }

    def called(worker: int) -> str | None:
        return None if worker == NONE else workers[worker].name

    said["overrides"] = [
        {
            "worker": called(price.worker),
            "minutes_a_year": round(price.minutes),
            "exact": price.exact,
            "without": price.without,
            "lacking": price.lacking,
            "moves": [
                {"grid": grids.names[place], "from": called(had), "to": called(gets)}
                for place, had, gets in price.moves
            ],
        }
        for price in prices
        if price.grid == grid
    ]
    return said


def _collection(grids: _Grids, reading: Reading, told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The grids with who works there, and the doors as they are."""
    names = dict(enumerate(grids.names))
    made = to_geojson(grids.division, reading=reading, names=names, notes=reading.notes)
    by_grid = {each["grid"]: each for each in told}
    for feature in made["features"]:
        said = feature["properties"]
        if said["kind"] == "grid":
            said |= {name: value for name, value in by_grid[said["name"]].items() if name != "grid"}
    return made


def _tell(told: Sequence[Mapping[str, Any]]) -> None:
    rows = [("grid", "worker", "households", "known", "metres from home", "lacks")]
    for each in told:
        metres = each.get("metres")
        rows.append(
            (
                each["grid"],
                each["worker"] or "nobody",
                f"{each['households']:,}",
                f"{each.get('known', 0):,}",
                "" if metres is None else f"{metres:,}",
                ", ".join(each.get("lacks", ())),
            )
        )
    for row in aligned(rows):
        print(row.rstrip())
    for each in told:
        if each["worker"] is None:
            print(f"{each['grid']}: {each['why']}.")
    for each in told:
        for other in each["overrides"]:
            print(f"{other['worker']} in {each['grid']} instead: {_cost(other, each['grid'])}")


def _cost(price: Mapping[str, Any], grid: str) -> str:
    """What it costs, and what else changes."""
    minutes = price["minutes_a_year"]
    said = [
        f"{'' if price['exact'] else 'as far as was found in time '}{abs(minutes):,} minutes a year {'more' if minutes >= 0 else 'fewer'}"
    ]
    for key, what in (("without", "grids more without a worker"), ("lacking", "skills more lacking")):
        if price[key]:
            said.append(f"{price[key]} {what}")
    moves = [f"{each['to'] or 'nobody'} in {each['grid']}" for each in price["moves"] if each["grid"] != grid]
    return ", ".join(said) + (f"; then {', '.join(moves)}." if moves else ".")
