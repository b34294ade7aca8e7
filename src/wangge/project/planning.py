"""What `wangge plan` does: a file in, a file out, and a table of what came. No database is needed."""

import json
import signal
import sys
import threading
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from types import FrameType
from unicodedata import east_asian_width

import numpy as np
from numpy.typing import NDArray

from gridplan import (
    NONE,
    BadFile,
    BadRound,
    BadTown,
    Bounds,
    Division,
    Names,
    Plane,
    Proposal,
    Reading,
    Route,
    Stop,
    Town,
    compounds_as_units,
    grid_names,
    mend,
    merge,
    read,
    split,
    to_geojson,
    walkable_links,
    walking_distances,
)
from gridplan import divide as divide_town
from gridplan import revise as revise_town
from gridplan import route as find_route
from wangge.project.environment import Environment, StartRefused

#: So many faults of a file are printed one by one.
FAULTS_TOLD = 20


def divide(environment: Environment, arguments: Namespace) -> None:  # noqa: ARG001 - needs no installation
    bounds, reading = _bounds(arguments), _read_place(arguments)
    with _stopped_by_hand() as stop, _refusing():
        division = divide_town(
            reading.town,
            bounds=bounds,
            seed=arguments.seed,
            limit_s=arguments.limit,
            weigh=arguments.weigh,
            distance=arguments.distance,
            workers=arguments.workers,
            progress=_shown if sys.stderr.isatty() else None,
            stop=stop,
        )
    write(arguments.out, to_geojson(division, reading=reading, notes=reading.notes))
    tell(division)
    print(f"{arguments.out} holds {division.count} grids and {len(division.town)} places.")


def revise(environment: Environment, arguments: Namespace) -> None:  # noqa: ARG001 - needs no installation
    """From today's grids, mended: proposals to choose from, or one change that is asked for by name."""
    bounds, reading = _bounds(arguments), _read_place(arguments)
    mended = mend(reading.town, reading.grids)
    for fault in mended.faults[:FAULTS_TOLD]:
        print(f"today's grids: {fault.text} {fault.mended}", file=sys.stderr)
    if len(mended.faults) > FAULTS_TOLD:
        print(f"and {len(mended.faults) - FAULTS_TOLD} more faults of today's grids.", file=sys.stderr)
    town = mended.town
    if not town.grids:
        raise StartRefused(
            f"{arguments.file} knows no grids of today.", "Use `wangge plan divide`, or name their property."
        )
    with _stopped_by_hand() as stop, _refusing():
        proposals = _proposals(town, reading, bounds, arguments, stop)
    for row in _aligned(list(_compared(proposals))):
        print(row)
    if not 1 <= arguments.take <= len(proposals):
        raise StartRefused(f"There is no proposal {arguments.take}.", f"Take one of 1 to {len(proposals)}.")
    taken = proposals[arguments.take - 1]
    write(
        arguments.out,
        to_geojson(taken.division, reading=reading, names=_names_going_on(taken), notes=reading.notes),
    )
    tell(taken.division)
    print(f"{arguments.out} holds proposal {arguments.take}.")


def _proposals(
    town: Town, reading: Reading, bounds: Bounds, arguments: Namespace, stop: threading.Event
) -> list[Proposal]:
    if arguments.split:
        grid = _grid_named(town, arguments.split)
        return [split(town, grid, into=arguments.into, bounds=bounds, seed=arguments.seed)]
    if arguments.merge:
        return [merge(town, [_grid_named(town, name) for name in arguments.merge.split(",")], bounds=bounds)]
    if arguments.each_compound:
        named = sorted({door.compound for door in reading.doors if door.compound})
        place = {name: number for number, name in enumerate(named)}
        compound = np.full(len(town), NONE)
        compound[reading.of] = [place.get(door.compound, NONE) for door in reading.doors]
        return [
            compounds_as_units(town, compound, bounds=bounds, seed=arguments.seed, limit_s=arguments.limit)
        ]
    return revise_town(
        town,
        bounds=bounds,
        seed=arguments.seed,
        limit_s=arguments.limit,
        curve=arguments.curve,
        distance=arguments.distance,
        progress=_shown if sys.stderr.isatty() else None,
        stop=stop.is_set,
    )


def _grid_named(town: Town, name: str) -> int:
    if name not in town.grids:
        raise StartRefused(f"There is no grid {name} today.", f"There are {', '.join(town.grids)}.")
    return town.grids.index(name)


def _compared(proposals: Sequence[Proposal]) -> Iterator[tuple[str, ...]]:
    yield (
        "proposal",
        "grids",
        "keep their number",
        "households that change grid",
        "distance in m",
        "outside",
    )
    for number, each in enumerate(proposals, 1):
        outside = len({reason.grid for reason in each.division.reasons if reason.rule in ("below", "above")})
        figures = (each.division.count, each.kept, each.moved)
        yield (str(number), *(f"{figure:,}" for figure in figures), f"{each.rms_m:.1f}", str(outside))


def _names_going_on(taken: Proposal) -> dict[int, str]:
    """Grids that go on keep their name; new ones are numbered on, past all names of today."""
    town = taken.division.town
    names = {grid: town.grids[old] for grid, old in enumerate(taken.goes_on) if old != NONE}
    used = set(town.grids)
    for grid, name in grid_names(town, taken.division.labels).items():
        if grid in names:
            continue
        community = name.rpartition("-")[0]
        names[grid] = next(
            new
            for count in range(1, len(town) + len(used) + 2)
            if (new := f"{community}-{count:02d}") not in used
        )
        used.add(names[grid])
    return names


def route(environment: Environment, arguments: Namespace) -> None:  # noqa: ARG001 - needs no installation
    reading = _read(arguments, None, compounds=False)
    town = reading.town
    plane = Plane(*town.origin)
    stops = [
        Stop(name, door.minutes or arguments.visit, door.hours, door.due)
        for name, door in zip(town.names, reading.doors, strict=True)
    ]
    ends = {name: plane.to_metres(spot) for name in ("start", "end") if (spot := getattr(arguments, name))}
    ways, rows = _ways(town, ends)
    with _stopped_by_hand() as stop, _refusing():
        walked = find_route(
            stops,
            distances=ways,
            begins=arguments.begins,
            shift_minutes=arguments.shift,
            seed=arguments.seed,
            limit_s=arguments.limit,
            stop=stop.is_set,
            start=rows.get("start"),
            end=rows.get("end"),
        )
    write(arguments.out, route_to_geojson(town, walked))
    for place, (row, begin) in enumerate(zip(walked.order, walked.begins, strict=True), 1):
        print(f"{place:3}  {clock(begin)}  {town.names[row]}")
    for left in walked.left:
        print(f"left: {town.names[left.stop]}: {left.text}")
    print(
        f"{len(walked.order)} doors, {walked.metres:,.0f} m, {clock(walked.starts)} to {clock(walked.ends)}"
        f"{', no order ends earlier' if walked.exact else ''}."
    )


def _ways(town: Town, ends: dict[str, NDArray[np.float64]]) -> tuple[NDArray[np.float64], dict[str, int]]:
    """Metres on foot between the doors and where the round begins and ends; in which rows these are."""
    spots = np.array(list(ends.values())).reshape(-1, 2)
    xy = np.vstack([town.xy, spots])
    links = walkable_links(xy) if len(spots) else town.edges
    # The file's own links know its barriers; those to the round's ends are added.
    own = (links >= len(town)).any(axis=1)
    edges = np.vstack([town.edges, links[own]])
    whole = replace(town, xy=xy, edges=edges, names=(*town.names, *ends))
    rows = {name: len(town) + number for number, name in enumerate(ends)}
    return walking_distances(whole), rows


def route_to_geojson(town: Town, walked: Route) -> dict[str, object]:
    """Doors in the order of the round with the time of each visit; then those that are left, with the reason."""
    plane = Plane(*town.origin)
    left = {each.stop: each.text for each in walked.left}
    said: list[tuple[int, dict[str, object]]] = [
        (row, {"order": place, "begins": clock(begin)})
        for place, (row, begin) in enumerate(zip(walked.order, walked.begins, strict=True), 1)
    ]
    said += [(row, {"order": None, "left": text}) for row, text in sorted(left.items())]
    features = [
        {
            "type": "Feature",
            "properties": {"kind": "door", "name": town.names[row], **more},
            "geometry": {
                "type": "Point",
                "coordinates": plane.to_degrees(town.xy[row]).round(7).tolist(),
            },
        }
        for row, more in said
    ]
    return {"type": "FeatureCollection", "features": features}


def clock(minutes: float) -> str:
    return f"{int(minutes) // 60:02}:{int(minutes) % 60:02}"


def _read_place(arguments: Namespace) -> Reading:
    return _read(arguments, arguments.communities, compounds=not arguments.cut_compounds)


def _bounds(arguments: Namespace) -> Bounds:
    if not 0 < arguments.low <= arguments.high:
        raise StartRefused(
            f"No number of households lies between {arguments.low} and {arguments.high}.",
            "Give --low and --high in order, above 0.",
        )
    return Bounds(arguments.low, arguments.high)


def _read(arguments: Namespace, communities: Path | None, *, compounds: bool) -> Reading:
    for path in filter(None, (arguments.file, communities)):
        if not path.is_file():
            raise StartRefused(f"There is no file {path}.", "Check its name and folder.")
    with _refusing():
        reading = read(
            arguments.file,
            names=names_of(arguments.names),
            communities=communities,
            compounds=compounds,
        )
    for fault in reading.faults[:FAULTS_TOLD]:
        print(f"left out or doubtful: {fault}", file=sys.stderr)
    if len(reading.faults) > FAULTS_TOLD:
        print(f"and {len(reading.faults) - FAULTS_TOLD} more faults.", file=sys.stderr)
    for note in reading.notes:
        print(note, file=sys.stderr)
    return reading


def names_of(text: str) -> Names:
    """`households=户数,community=社区` as names of properties."""
    given = dict(part.partition("=")[::2] for part in text.split(",") if part)
    known = [field.name for field in fields(Names)]
    for what, name in given.items():
        if what not in known or not name:
            raise StartRefused(f"--names does not know {what}={name}.", f"It knows {', '.join(known)}.")
    return Names(**given)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except (BadFile, BadRound, BadTown) as problem:
        raise StartRefused(str(problem), "") from problem


@contextmanager
def _stopped_by_hand() -> Iterator[threading.Event]:
    """Ctrl-C ends the search with the best so far; a second one ends the program."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as signals are given
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _shown(share: float) -> None:
    print(f"\r{share:4.0%}", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)


def write(path: Path, collection: object) -> None:
    try:
        path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    except OSError as problem:
        raise StartRefused(
            f"{path} cannot be written: {problem.strerror}.", "Choose another place."
        ) from problem


def tell(division: Division) -> None:
    """A line for each community, then a sentence for each grid that is not within the bounds."""
    town, labels, bounds = division.town, division.labels, division.bounds
    rows: list[tuple[str, ...]] = [
        ("community", "places", "households", "grids", "smallest", "largest", "outside")
    ]
    for number, name in enumerate(town.communities):
        mine = (town.community == number) & (labels >= 0)
        sizes = np.bincount(labels[mine], town.households[mine])[np.unique(labels[mine])]
        if not len(sizes):
            continue
        outside = int(((sizes < bounds.low) | (sizes > bounds.high)).sum())
        said = (int(mine.sum()), int(sizes.sum()), len(sizes), int(sizes.min()), int(sizes.max()), outside)
        rows.append((name, *(f"{each:,}" for each in said)))
    for row in _aligned(rows):
        print(row)
    for reason in division.reasons:
        print(f"{reason.rule}: {reason.text}")
    if lost := int((labels == NONE).sum()):
        print(f"{lost} places lie in no community and are in no grid.")
    if division.stopped:
        print(f"It was ended early, after {division.seconds:.1f} s; this is the best so far.")


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Names to the left, figures to the right; a Chinese character is two wide."""
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for name, *figures in rows:
        first = name + " " * (widths[0] - _width(name))
        yield "  ".join(
            [first, *(each.rjust(width) for each, width in zip(figures, widths[1:], strict=True))]
        )


def _width(text: str) -> int:
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)
