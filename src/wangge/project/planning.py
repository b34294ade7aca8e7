"""What `wangge plan` does: a file in, a file out, and a table of what came. No database is needed."""

import json
import signal
import sys
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from types import FrameType
from unicodedata import east_asian_width

import numpy as np

from gridplan import NONE, BadFile, BadTown, Bounds, Division, Names, Reading, read, to_geojson
from gridplan import divide as divide_town
from wangge.project.environment import Environment, StartRefused

#: So many faults of a file are printed one by one.
FAULTS_TOLD = 20


def divide(environment: Environment, arguments: Namespace) -> None:  # noqa: ARG001 - needs no installation
    bounds, reading = _bounds(arguments), _read(arguments)
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
    write(arguments.out, to_geojson(division, notes=reading.notes))
    tell(division)
    print(f"{arguments.out} holds {division.count} grids and {len(division.town)} places.")


def _bounds(arguments: Namespace) -> Bounds:
    if not 0 < arguments.low <= arguments.high:
        raise StartRefused(
            f"No number of households lies between {arguments.low} and {arguments.high}.",
            "Give --low and --high in order, above 0.",
        )
    return Bounds(arguments.low, arguments.high)


def _read(arguments: Namespace) -> Reading:
    for path in filter(None, (arguments.file, arguments.communities)):
        if not path.is_file():
            raise StartRefused(f"There is no file {path}.", "Check its name and folder.")
    with _refusing():
        reading = read(
            arguments.file,
            names=names_of(arguments.names),
            communities=arguments.communities,
            compounds=not arguments.cut_compounds,
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
    except (BadFile, BadTown) as problem:
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
