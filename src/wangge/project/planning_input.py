"""What `wangge plan` takes in: files, names, bounds. How it refuses, how it is stopped, and how it tells how far it is."""

import signal
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from types import FrameType

import numpy as np
from numpy.typing import NDArray

from gridplan import NONE, BadFile, BadTown, Bounds, Fault, Mended, Names, Reading, Town, mend, read
from gridplan.assign import BadAssignment
from gridplan.number import BadNumber
from gridplan.route import BadRound
from gridplan.town import Weigh
from wangge.project.environment import StartRefused

#: So many faults of a file are printed one by one.
FAULTS_TOLD = 20
#: Where nobody looks at a terminal a line says how far it is, so often in seconds.
BETWEEN_LINES_S = 10.0


#: What is asked for in place of proposals; and which options, with what they are if nobody gives them, it has no use for.
CHANGES = ("split", "merge", "compounds", "absorb")
IDLE: Mapping[str, object] = {"weigh": "households", "distance": "straight", "curve": 5, "into": 2}
IDLE_WITH: Mapping[str, tuple[str, ...]] = {
    "split": ("weigh", "distance", "curve"),
    "merge": ("weigh", "distance", "curve"),
    "compounds": ("weigh", "distance", "curve"),
    "absorb": ("curve",),
}


class BadInput(StartRefused):
    """What was given cannot be worked with, a file or an option."""

    answer = 2


@contextmanager
def refusing() -> Iterator[None]:
    """What the library does not take comes out as a sentence."""
    try:
        yield
    except (BadFile, BadRound, BadTown, BadAssignment, BadNumber) as problem:
        raise BadInput(str(problem), "") from problem


def check_outcome(arguments: Namespace) -> None:
    """Asked before any work: is there a place for what comes of it?"""
    out: Path | None = arguments.out
    if out is None and not arguments.json:
        raise BadInput("Nothing would be written.", "Give --out FILE, --json, or both.")
    if out is not None and out.is_dir():
        raise BadInput(f"{out} is a folder.", "Name a file in it.")
    if out is not None and not out.parent.is_dir():
        raise BadInput(f"There is no folder {out.parent}.", "Make it, or choose another place.")


def refuse_idle(arguments: Namespace, *, shared: bool = False) -> None:
    """An option that would change nothing is refused by its name: whoever gives it believes that it does. `shared`: the search
    itself is shared by `--workers`.
    """
    change = next((each for each in CHANGES if getattr(arguments, each, None)), "")
    idle = [each for each in IDLE_WITH.get(change, ()) if getattr(arguments, each, IDLE[each]) != IDLE[each]]
    if idle:
        raise BadInput(f"--{idle[0]} changes nothing with --{change}.", "Leave out one of both.")
    if change != "split" and getattr(arguments, "into", IDLE["into"]) != IDLE["into"]:
        raise BadInput("--into changes nothing without --split.", "Leave it out, or name a grid by --split.")
    if arguments.workers > 1 and not (shared or arguments.prove):
        raise BadInput(
            "--workers changes nothing here: only a proof would be shared, and none is asked for.",
            "Leave it out, or give --prove SECONDS.",
        )


def bounds_of(arguments: Namespace) -> Bounds:
    if not 0 < arguments.low <= arguments.high:
        raise BadInput(
            f"No number of households lies between {arguments.low} and {arguments.high}.",
            "Give --low and --high in order, above 0.",
        )
    return Bounds(arguments.low, arguments.high)


def read_place(arguments: Namespace, *, compounds: bool) -> Reading:
    """The file with what others say of it. Wrong features are named, each with its number or line, and left out."""
    communities: Path | None = getattr(arguments, "communities", None)
    for path in filter(None, (arguments.file, communities, arguments.streets)):
        if not path.is_file():
            raise BadInput(f"There is no file {path}.", "Check its name and folder.")
    with refusing():
        reading = read(
            arguments.file,
            names=names_of(arguments),
            communities=communities,
            streets=arguments.streets,
            compounds=compounds,
        )
    tell_faults(reading.faults, "left out or doubtful")
    for note in reading.notes:
        print(note, file=sys.stderr)
    if getattr(arguments, "distance", "straight") == "walking" and reading.town.streets is None:
        raise BadInput(f"{arguments.file} has no streets to walk along.", "Give some by --streets FILE.")
    return reading


def tell_faults(faults: Sequence[Fault], what: str) -> None:
    for fault in faults[:FAULTS_TOLD]:
        print(f"{what}: {fault}", file=sys.stderr)
    if len(faults) > FAULTS_TOLD:
        print(f"and {len(faults) - FAULTS_TOLD} more faults.", file=sys.stderr)


def names_of(arguments: Namespace) -> Names:
    """`households=户数,community=社区` as names of properties; `--weigh 走访分钟` names that of the minutes."""
    given = dict(part.partition("=")[::2] for part in arguments.names.split(",") if part)
    known = [field.name for field in fields(Names)]
    for what, name in given.items():
        if what not in known or not name:
            raise BadInput(f"--names does not know {what}={name}.", f"It knows {', '.join(known)}.")
    names = Names(**given)
    weigh = getattr(arguments, "weigh", "households")
    return names if weigh in ("households", "minutes") else replace(names, minutes=weigh)


def weighed(arguments: Namespace, town: Town) -> Weigh:
    """Whether minutes shall be alike, too; refused where no place says any."""
    if arguments.weigh == "households":
        return "households"
    if not town.minutes.sum() > 0:
        raise BadInput(
            f"There is no workload to balance: no place of {arguments.file} says {names_of(arguments).minutes!r}.",
            "Name the property of the minutes, as --weigh 走访分钟.",
        )
    return "minutes"


def compounds_of(reading: Reading) -> NDArray[np.int64]:
    """For each atom the number of its compound; doors were read one by one."""
    named = sorted({door.compound for door in reading.doors if door.compound})
    if not named:
        raise BadInput("No place names a compound.", "Name the property by --names compound=小区.")
    place = {name: number for number, name in enumerate(named)}
    found = np.full(len(reading.town), NONE)
    found[reading.of] = [place.get(door.compound, NONE) for door in reading.doors]
    return found


def mended_place(arguments: Namespace, reading: Reading) -> Mended:
    """Today's grids, with what was wrong named and mended."""
    mended = mend(reading.town, reading.grids)
    for fault in mended.faults[:FAULTS_TOLD]:
        print(f"today's grids: {fault.text} {fault.mended}", file=sys.stderr)
    if len(mended.faults) > FAULTS_TOLD:
        print(f"and {len(mended.faults) - FAULTS_TOLD} more faults of today's grids.", file=sys.stderr)
    if not mended.town.grids or not (mended.town.grid != NONE).any():
        raise BadInput(
            f"{arguments.file} knows no grids of today.",
            "Use `wangge plan divide`, or name their property by --names grid=网格.",
        )
    return mended


@contextmanager
def stopped_by_hand() -> Iterator[threading.Event]:
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


class Shown:
    """How far something is, on stderr: one line of a terminal that changes, else a line now and then."""

    def __init__(self, what: str) -> None:
        self.what, self.told, self.on_terminal = what, time.monotonic(), sys.stderr.isatty()

    def __call__(self, share: float) -> None:
        now = time.monotonic()
        if self.on_terminal:
            end = "\n" if share >= 1 else ""
            print(f"\r{self.what} {share:4.0%}", end=end, file=sys.stderr, flush=True)
        elif now - self.told >= BETWEEN_LINES_S:
            self.told = now
            print(f"{self.what} {share:.0%}", file=sys.stderr, flush=True)
