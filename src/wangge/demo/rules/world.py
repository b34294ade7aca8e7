"""Who sits where in the sample city: desks, offices and their people, asked by verb and place. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from random import Random

from wangge.access import Seat, Verb, Viewer
from wangge.access.viewer import LEVELS


@dataclass(frozen=True)
class Actor:
    """A person at one post."""

    account_id: int
    name: str
    kind: str
    code: str
    path: str
    level: str
    verbs: frozenset[Verb]
    confidential: bool = False
    department: str = ""

    @property
    def post(self) -> str:
        """As the journal names it."""
        return f"{self.kind}@{self.code}"

    @cached_property
    def viewer(self) -> Viewer:
        """As the rules of a case see them."""
        seat = Seat(self.path, self.level, self.kind, self.verbs, self.department, self.confidential)
        return Viewer(self.account_id, self.name, seats=(seat,))

    @property
    def key(self) -> str:
        return f"{self.code}/{self.department}"


@dataclass(frozen=True, slots=True)
class Desk:
    path: str
    level: str

    @property
    def code(self) -> str:
        return self.path.rsplit(".", 1)[-1]


@dataclass
class World:
    """Seats by area, handlers by office."""

    seats: dict[str, list[Actor]] = field(default_factory=dict)
    offices: dict[str, list[Actor]] = field(default_factory=dict)
    department_names: dict[str, str] = field(default_factory=dict)
    _desks: dict[str, list[Desk]] = field(default_factory=dict)
    _read: dict[tuple[str, bool], bool] = field(default_factory=dict)

    def seat(self, actor: Actor) -> None:
        if not actor.department:
            self.seats.setdefault(actor.code, []).append(actor)
        elif Verb.CASE_HANDLE in actor.verbs:
            self.offices.setdefault(actor.key, []).append(actor)

    def desks_on(self, path: str) -> list[Desk]:
        """From the city down to the end of the path."""
        if path not in self._desks:
            codes = path.split(".")
            self._desks[path] = [
                Desk(".".join(codes[: depth + 1]), level)
                for depth, level in zip(range(len(codes)), LEVELS, strict=False)
            ]
        return self._desks[path]

    def is_read(self, code: str, *, confidential: bool) -> bool:
        """Whether somebody there reads the queue: a seat that can accept a case."""
        key = code, confidential
        if key not in self._read:
            self._read[key] = any(
                Verb.CASE_ACCEPT in actor.verbs and (actor.confidential or not confidential)
                for actor in self.seats.get(code, ())
            )
        return self._read[key]

    def reading_desk(self, path: str, tier: str, *, confidential: bool) -> tuple[Desk, list[Desk]]:
        """The desk of the tier, or the nearest above that is read; and those passed over."""
        upwards = [
            desk for desk in reversed(self.desks_on(path)) if LEVELS.index(desk.level) <= LEVELS.index(tier)
        ]
        for count, desk in enumerate(upwards):
            if self.is_read(desk.code, confidential=confidential):
                return desk, upwards[:count]
        return upwards[-1], upwards[:-1]

    def higher_desk(self, path: str, level: str, *, confidential: bool) -> Desk | None:
        """The nearest desk above `level` that is read."""
        for desk in reversed(self.desks_on(path)):
            if LEVELS.index(desk.level) < LEVELS.index(level) and self.is_read(
                desk.code, confidential=confidential
            ):
                return desk
        return None

    def somebody(
        self, path: str, verb: Verb, rng: Random, *, confidential: bool, but: int | None = None
    ) -> Actor | None:
        """Who would take a step: somebody with the verb at the area of `path`, else above; never the account `but`.

        Only seats that read a desk work on its cases; others, like instructors, may report.
        """
        for desk in reversed(self.desks_on(path)):
            able = [
                actor
                for actor in self.seats.get(desk.code, ())
                if verb in actor.verbs
                and (Verb.CASE_ACCEPT in actor.verbs or verb is Verb.CASE_REPORT)
                and actor.account_id != but
                and (actor.confidential or not confidential)
            ]
            if able:
                return rng.choice(able)
        return None

    def office(self, department: str, path: str) -> str:
        """The key of the nearest office of the department at or above the place; empty when there is none."""
        for code in reversed(path.split(".")):
            if f"{code}/{department}" in self.offices:
                return f"{code}/{department}"
        return ""

    def handler(self, key: str, rng: Random) -> Actor:
        return rng.choice(self.offices[key])


def world_of(actors: Iterable[Actor], department_names: dict[str, str]) -> World:
    world = World(department_names=department_names)
    for actor in actors:
        world.seat(actor)
    return world
