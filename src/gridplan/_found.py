"""What a file holds, before it is put together as a town; and what is wrong with it."""

from dataclasses import dataclass, field
from datetime import date

from shapely.geometry.base import BaseGeometry

#: What a barrier may be.
BARRIERS = ("road", "railway", "water")


class BadFile(ValueError):  # noqa: N818 - named by the fact
    """Nothing can be read from the file."""


class TooMuch(BadFile):
    """The file holds more than its reader looks through."""


class Wrong(Exception):  # noqa: N818 - named by the fact
    """Why a feature is not taken; never leaves the readers."""


@dataclass(frozen=True, slots=True)
class Names:
    """Which property, or column, holds what. All but the households may be missing."""

    name: str = "name"
    households: str = "households"
    community: str = "community"
    grid: str = "grid"
    compound: str = "compound"
    minutes: str = "minutes"
    apart: str = "apart"
    hours: str = "hours"
    due: str = "due"
    kind: str = "kind"
    lon: str = "lon"
    lat: str = "lat"
    worker: str = "worker"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a feature, or a row. Features are counted from 1; a row is named by its line."""

    number: int
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.number}{f' ({self.name})' if self.name else ''}: {self.text}"


@dataclass(slots=True)
class Door:
    """What the file has one feature of: a building, or a door; in degrees. `number` is the feature's."""

    number: int
    name: str
    shape: BaseGeometry
    households: int
    community: str = ""
    grid: str = ""
    compound: str = ""
    minutes: float = 0.0
    apart: tuple[str, ...] = ()
    #: When it is open, in minutes after midnight; and the last day to call. A round asks for both, a division for neither.
    hours: tuple[tuple[float, float], ...] = ()
    due: date | None = None
    is_estimated: bool = False


@dataclass(slots=True)
class Found:
    """Everything that was read, in degrees, before it is put together."""

    doors: list[Door] = field(default_factory=list)
    compounds: dict[str, BaseGeometry] = field(default_factory=dict)
    communities: dict[str, BaseGeometry] = field(default_factory=dict)
    grids: dict[str, BaseGeometry] = field(default_factory=dict)
    #: By the name of a grid of today who works there, where its outline says so.
    workers: dict[str, str] = field(default_factory=dict)
    barriers: list[BaseGeometry] = field(default_factory=list)
    #: Of each barrier what it is, where the file says so: one of `BARRIERS`, else nothing.
    barrier_kinds: list[str] = field(default_factory=list)
    crossings: list[BaseGeometry] = field(default_factory=list)
    streets: list[BaseGeometry] = field(default_factory=list)
    shops: list[BaseGeometry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
