"""One made-up case as it is written down: its row, its journal, its clock.

It follows `cases.actions.steps` and `alarms` without asking the database. Journal entries are made as
`journal.actions.record` makes them; the chain comes later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from wangge.access.viewer import LEVELS
from wangge.cases.actions.steps import PAST, TOLD
from wangge.cases.lifecycle import Step, next_step
from wangge.cases.models import Case
from wangge.cases.queries.moves import PROOF_STEPS
from wangge.cases.rules import Due, Standing, after_pause, due_for, facts_of, first_alarm, next_alarm
from wangge.catalogue.models import ItemVersion
from wangge.catalogue.rules import deadline_minutes
from wangge.demo.rules.world import Actor, World

DEFAULTS: dict[str, Any] = {str(each.column): each.get_default() for each in Case._meta.concrete_fields}
LISTS = ("border_ids", "department_keys", "followers")
COLUMNS = tuple(DEFAULTS)


class Ended(Exception):  # noqa: N818 - the present is not an error
    """The next step would lie after the present: the case stays as it is."""


@dataclass(frozen=True, slots=True)
class Filed:
    """What is reported, by whom, where and when."""

    id: UUID
    version: ItemVersion
    urgency: str
    path: str
    lon: float
    lat: float
    title: str
    description: str
    reporter: Actor
    source: str
    found_tier: str
    reported_at: datetime
    received_at: datetime


@dataclass
class Record:
    """`row` are the case's columns, `entries` its journal, `tasks`, `summonses` and `photos` what hangs on it."""

    filed: Filed
    world: World
    root: str
    now: datetime
    rng: Random
    patience: int | None = None
    row: dict[str, Any] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    summonses: list[dict[str, Any]] = field(default_factory=list)
    photos: list[dict[str, Any]] = field(default_factory=list)

    # ---- what is asked of it

    @property
    def state(self) -> str:
        return str(self.row["state"])

    @property
    def path(self) -> str:
        return self.filed.path

    @property
    def confidential(self) -> bool:
        return self.filed.version.confidential

    def minutes(self, normal: int) -> int:
        """Working minutes of a step at this case's urgency."""
        version = self.filed.version
        return deadline_minutes(
            normal,
            self.filed.urgency,
            urgent_percent=version.urgent_percent,
            emergency_percent=version.emergency_percent,
        )

    @property
    def open_tasks(self) -> list[dict[str, Any]]:
        return [task for task in self.tasks if task["answered_at"] is None and not task["withdrawn"]]

    def wait(self, until: datetime) -> None:
        """Lets time pass until the next step: what the clock does by itself is done. Ended when the present comes first, or
        when nobody takes another step (`patience`).
        """
        if self.patience is not None:
            self.patience -= 1
        if until > self.now or self.patience == -1:
            self.sound(self.now)
            raise Ended
        self.sound(until)

    # ---- what steps have in common

    def line(self, step: str, at: datetime, by: Actor, data: Mapping[str, Any] | None = None) -> Step:
        """The line of the table that applies to this step now, by the facts as the actions establish them."""
        self.sound(at)
        return next_step(self.state, step, facts_of(self._standing(), by.viewer, data or {}, at))

    def take(
        self,
        line: Step,
        at: datetime,
        by: Actor | None,
        changes: Mapping[str, Any],
        *,
        reason: str = "",
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Writes what a step changes, and its entry."""
        changed = {
            name: value
            for name, value in {**changes, "state": line.target}.items()
            if self.row[name] != value
        }
        before = {name: _plain(self.row[name]) for name in TOLD if name in changed}
        after = {name: _plain(changed[name]) for name in TOLD if name in changed} | dict(extra or {})
        self.row |= changed
        self.row["revision"] += 1
        command = UUID(int=self.rng.getrandbits(128), version=4)
        self.enter(PAST[line.name], at, by, before=before, after=after, reason=reason, command_id=command)

    def _standing(self) -> Standing:
        row, version = self.row, self.filed.version
        return Standing(
            state=self.state,
            path=self.path,
            holder_path=row["holder_path"],
            holder_level=row["holder_level"],
            handler_id=row["handler_id"],
            reported_by_id=row["reported_by_id"],
            handled_by_id=row["handled_by_id"],
            open_offices=frozenset(task["key"] for task in self.open_tasks),
            suspended_from=row["suspended_from"],
            suspensions=row["suspensions"],
            was_dispatched=bool(row["handler_id"] or row["department"]),
            ended_at=row["closed_at"],
            summons=version.summons,
            proof=version.proof,
            has_photo=self.state == "handled" and any(photo["step"] in PROOF_STEPS for photo in self.photos),
        )

    def enter(
        self,
        verb: str,
        at: datetime,
        by: Actor | None,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
        command_id: UUID | None = None,
        source: str = "",
    ) -> None:
        self.entries.append(
            {
                "at": at,
                "actor_id": by.account_id if by else None,
                "actor_name": by.name if by else "system",
                "post": by.post if by else f"system@{self.root}",
                "verb": verb,
                "before": before or {},
                "after": after or {},
                "reason": reason,
                "command_id": command_id,
                "source": source,
            }
        )

    def due(self, at: datetime, normal_minutes: int) -> dict[str, Any]:
        return clock_of(due_for(at, self.minutes(normal_minutes)), at)

    # ---- what the clock does by itself

    def sound(self, until: datetime) -> None:
        """Every alarm up to then, a few seconds after its time as the sweep comes."""
        while (due := self.row["next_alarm_at"]) is not None and due <= until:
            at = min(due + timedelta(seconds=self.rng.randint(1, 59)), until)
            if self.state == "suspended":
                self._resume(at)
            elif self.row["due_at"] > at:
                self._alarm("case.warned", at, {"late": "soon", "next_alarm_at": self.row["due_at"]})
            else:
                self._overdue(at)

    def _resume(self, at: datetime) -> None:
        row = self.row
        had = row["handle_due_at"] or at
        due = after_pause(Due(had, row["warn_at"] or had), row["suspended_at"] or at, at)
        changes = {
            "handle_due_at": due.due_at,
            **clock_of(due, at),
            "suspended_from": "",
            "suspended_at": None,
            "resume_at": None,
        }
        line = next_step(self.state, "resume", {f"from_{row['suspended_from']}"})
        self.take(line, at, None, changes, reason="time is up")

    def _overdue(self, at: datetime) -> None:
        row = self.row
        above = LEVELS[max(LEVELS.index(row["raised_to"] or row["holder_level"]) - 1, 0)]
        changes: dict[str, Any] = {"late": "overdue", "was_late": True, "raised_to": above}
        if self.state in ("reported", "returned"):
            desk = self.world.higher_desk(self.path, row["holder_level"], confidential=self.confidential)
            if desk:
                changes |= {"holder_path": desk.path, "holder_level": desk.level, "raised_to": desk.level}
        changes["next_alarm_at"] = next_alarm(at) if changes["raised_to"] != "city" else None
        self._alarm("case.overdue", at, changes)

    def _alarm(self, verb: str, at: datetime, changes: Mapping[str, Any]) -> None:
        changed = {name: value for name, value in changes.items() if self.row[name] != value}
        self.row |= changed
        told: dict[str, Any] = {
            name: str(changed[name]) for name in ("late", "raised_to", "holder_path") if name in changed
        }
        self.enter(verb, at, None, after=told, source="clock")


def clock_of(due: Due, at: datetime) -> dict[str, Any]:
    return {
        "due_at": due.due_at,
        "warn_at": due.warn_at,
        "next_alarm_at": first_alarm(due, at),
        "late": "overdue" if due.due_at <= at else "",
        "raised_to": "",
    }


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, str | int | bool | float) else str(value)
