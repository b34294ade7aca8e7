"""One made-up case living through its steps: writes what `wangge.cases.actions` would have written, without asking the database.

It follows `cases.actions.effects` and `alarms` line by line; a test takes sample lives through the real actions and
compares every column. Journal entries are made as `journal.actions.record` makes them; the chain comes later.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from wangge.access.viewer import LEVELS
from wangge.cases.actions.effects import ALONE
from wangge.cases.actions.steps import PAST, TOLD
from wangge.cases.lifecycle import next_step
from wangge.cases.models import Case
from wangge.cases.rules import Due, after_pause, due_for, first_alarm, next_alarm
from wangge.catalogue.models import ItemVersion
from wangge.catalogue.rules import deadline_minutes
from wangge.demo.rules.world import Actor, Desk, World

_DEFAULTS: dict[str, Any] = {each.column: each.get_default() for each in Case._meta.concrete_fields}
_LISTS = ("border_ids", "department_keys", "followers")
COLUMNS = tuple(_DEFAULTS)


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
class Life:
    """`row` are the case's columns, `entries` its journal, `tasks`, `summonses` and `photos` what hangs on it."""

    filed: Filed
    world: World
    root: str
    now: datetime
    rng: Random
    patience: int = 1_000
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

    # ---- reporting

    def report(self, number: str) -> None:
        filed = self.filed
        desk, passed = self.world.reading_desk(
            filed.path, filed.version.first_tier, confidential=self.confidential
        )
        codes = [*filed.path.split("."), "", "", ""]
        at = filed.received_at
        due = due_for(at, self.minutes(filed.version.accept_minutes))
        self.row = {**_DEFAULTS, **{name: [] for name in _LISTS}}
        self.row |= {
            "id": filed.id,
            "number": number,
            "content_hash": hashlib.sha256(filed.id.bytes + filed.title.encode()).digest(),
            "county_id": codes[1],
            "township_id": codes[2],
            "community_id": codes[3],
            "grid_id": codes[4],
            "path": filed.path,
            "lon": filed.lon,
            "lat": filed.lat,
            "item_id": filed.version.item_id,
            "item_version_id": filed.version.id,
            "business": filed.version.business,
            "urgency": filed.urgency,
            "title": filed.title,
            "description": filed.description,
            "confidential": self.confidential,
            "source": filed.source,
            "reported_by_id": filed.reporter.account_id,
            "reported_at": filed.reported_at,
            "received_at": at,
            "found_tier": filed.found_tier,
            "holder_path": desk.path,
            "holder_level": desk.level,
            "state": "reported",
            "due_at": due.due_at,
            "warn_at": due.warn_at,
            "next_alarm_at": first_alarm(due, at),
        }
        why = [{"because": "item", "tier": filed.version.first_tier}]
        why += [{"because": "nobody-present", "area": each.code, "level": each.level} for each in passed]
        after = {
            "state": "reported",
            "number": number,
            "item": filed.version.item_id,
            "holder": desk.code,
            "why": why,
        }
        self._enter("case.reported", at, filed.reporter, after=after, source=filed.source)

    # ---- the steps, in the order of the table

    def accept(self, at: datetime, by: Actor) -> None:
        self._take("accept", at, by, self._handling_started(at))

    def dispatch(self, at: datetime, by: Actor, keys: list[str]) -> None:
        self._sound(at)
        self._withdraw()
        changes = self._given(at, keys) | self._handling_started(at)
        extra = {"departments": [key.split("/")[1] for key in keys]}
        self._take("dispatch", at, by, changes, extra=extra)

    def handle(self, at: datetime, by: Actor, outcome: str, answer: str, more: Mapping[str, Any]) -> None:
        """`more`: what the outcome needs beside the answer (whose, planned_on, ground, merged_into_id)."""
        acting = [task for task in self.open_tasks if by.department and task["key"] == by.key]
        for task in acting:
            task |= {"answered_at": at, "answered_by_id": by.account_id, "outcome": outcome, "answer": answer}
        changes: dict[str, Any] = {"whose": "", "ground": "", "planned_on": None, **more}
        if acting and self.open_tasks:
            self._take("handle", at, by, changes, facts={"others_open"})
            return
        self._sound(at)
        if not acting:
            self._withdraw()
        tier = by.level if by.department else self._level_over(by)
        changes |= {
            "outcome": outcome,
            "answer": self._joint_answer(answer),
            "handled_at": at,
            "handled_by_id": by.account_id,
            "handled_tier": tier or self.row["holder_level"],
            "accepted_at": self.row["accepted_at"] or at,
            **self._due(at, self.filed.version.verify_minutes),
        }
        self._take("handle", at, by, changes, facts={"others_done"})

    def verify(self, at: datetime, by: Actor, *, mended: bool, reason: str = "") -> None:
        if mended:
            changes = {"verified_by_id": by.account_id}
            facts = {"mended", "another_person"}
        else:
            self._sound(at)
            changes = self._again(at)
            facts = {"not_mended", "was_dispatched" if self.row["department"] else "was_own"}
        self._take("verify", at, by, changes, facts=facts, reason=reason, extra={"mended": mended})
        if not mended and self.state == "dispatched":
            self._ask_again(at)

    def close(self, at: datetime, by: Actor, witness: str) -> None:
        same = self.row["reported_by_id"] == self.row["handled_by_id"] == by.account_id
        changes = {
            "witness": witness,
            "closed_at": at,
            "closed_by_id": by.account_id,
            "resolved_tier": self.row["handled_tier"] or self.row["holder_level"],
            "done_alone": same and at - self.row["received_at"] <= ALONE,
            **_STOPPED,
        }
        self._take("close", at, by, changes, facts={"witnessed"})

    def rate(self, at: datetime, by: Actor, *, mended: bool) -> None:
        changes: dict[str, Any] = {"rating": mended, "rated_at": at}
        if not mended:
            changes |= {"noes": self.row["noes"] + 1} | self._again(at)
        self._take("rate", at, by, changes, facts={"mended"} if mended else {"not_mended", "recent"})

    def reopen(self, at: datetime, by: Actor, reason: str) -> None:
        changes = {"reopened": self.row["reopened"] + 1, **self._again(at), "handler_id": None, "department": ""}
        self._take("reopen", at, by, changes, facts={"recent"}, reason=reason)

    def escalate(self, at: datetime, by: Actor, to: Desk, reason: str) -> None:
        self._sound(at)
        self._withdraw()
        changes = {
            "handler_id": None,
            "department": "",
            "holder_path": to.path,
            "holder_level": to.level,
            **self._due(at, self.filed.version.accept_minutes),
        }
        self._take("escalate", at, by, changes, facts={"higher_desk"}, reason=reason)

    def return_(self, at: datetime, by: Actor, reason: str) -> None:
        self._sound(at)
        self._withdraw()
        changes = {"handler_id": None, "department": "", **self._due(at, self.filed.version.accept_minutes)}
        self._take("return", at, by, changes, reason=reason)

    def suspend(self, at: datetime, by: Actor, until: datetime, reason: str) -> None:
        changes = {
            "suspended_from": self.state,
            "suspended_at": at,
            "resume_at": until,
            "suspensions": self.row["suspensions"] + 1,
            "due_at": None,
            "next_alarm_at": until,
            "late": "",
        }
        extra = {"until": str(until.date())}
        self._take("suspend", at, by, changes, facts={"may_suspend"}, reason=reason, extra=extra)

    def merge(self, at: datetime, by: Actor, into: "Life") -> None:
        who = {*into.row["followers"], self.row["reported_by_id"]}
        into.row |= {"followers": sorted(who), "revision": into.row["revision"] + 1}
        self._sound(at)
        self._withdraw()
        ended = {"closed_at": at, "closed_by_id": by.account_id, "resume_at": None, **_STOPPED}
        self._take("merge", at, by, {"merged_into_id": into.row["id"], "handler_id": None, **ended})

    def cancel(self, at: datetime, by: Actor, reason: str) -> None:
        ended = {"closed_at": at, "closed_by_id": by.account_id, "resume_at": None, **_STOPPED}
        self._take("cancel", at, by, ended, reason=reason)

    def supervise(self, at: datetime, by: Actor, reason: str) -> None:
        self._take("supervise", at, by, {"supervised": True}, reason=reason)

    def summon(self, at: datetime, by: Actor, keys: list[str], within: int) -> None:
        for key in keys:
            self.summonses.append(
                {
                    "key": key,
                    "kind": self.filed.version.summons,
                    "called_at": at,
                    "called_by_id": by.account_id,
                    "within_minutes": within,
                    "arrived_at": None,
                    "arrived_by_id": None,
                }
            )
        changes = {"department_keys": list(dict.fromkeys([*self.row["department_keys"], *keys]))}
        extra = {"departments": [key.split("/")[1] for key in keys], "within_minutes": within}
        self._take("summon", at, by, changes, facts={"summons_allowed"}, extra=extra)

    def arrive(self, at: datetime, by: Actor, summons: dict[str, Any]) -> None:
        """The office called comes; no step, but an entry."""
        self._sound(at)
        summons |= {"arrived_at": at, "arrived_by_id": by.account_id}
        minutes = int((at - summons["called_at"]).total_seconds() // 60)
        after = {"office": summons["key"], "minutes": minutes, "in_time": minutes <= summons["within_minutes"]}
        self._enter("case.summons-answered", at, by, after=after)

    def attach(self, at: datetime, by: Actor, digest: str, step: str) -> None:
        self._sound(at)
        self.photos.append({"blob_id": digest, "step": step, "added_at": at, "added_by_id": by.account_id})
        self._enter("case.attached", at, by, after={"blob": digest, "kind": "photo", "step": step})

    def wait(self, until: datetime) -> None:
        """Lets time pass until the next step: what the clock does by itself is done. Ended when the present comes first, or
        when nobody takes another step (`patience`).
        """
        self.patience -= 1
        if until > self.now or self.patience < 0:
            self._sound(self.now)
            raise Ended
        self._sound(until)

    # ---- what steps have in common

    def _take(
        self,
        step: str,
        at: datetime,
        by: Actor,
        changes: Mapping[str, Any],
        *,
        facts: set[str] | None = None,
        reason: str = "",
        extra: Mapping[str, Any] | None = None,
        source: str = "",
    ) -> None:
        self._sound(at)
        line = next_step(self.state, step, facts or set())
        changed = {
            name: value for name, value in {**changes, "state": line.target}.items() if self.row[name] != value
        }
        before = {name: _plain(self.row[name]) for name in TOLD if name in changed}
        after = {name: _plain(changed[name]) for name in TOLD if name in changed} | dict(extra or {})
        self.row |= changed
        self.row["revision"] += 1
        command = UUID(int=self.rng.getrandbits(128), version=4)
        self._enter(PAST[step], at, by, before=before, after=after, reason=reason, command_id=command, source=source)

    def _enter(
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

    def _due(self, at: datetime, normal_minutes: int) -> dict[str, Any]:
        return _clock(due_for(at, self.minutes(normal_minutes)), at)

    def _handling_started(self, at: datetime) -> dict[str, Any]:
        self._sound(at)
        changes: dict[str, Any] = {"accepted_at": self.row["accepted_at"] or at}
        had = self.row["handle_due_at"]
        if had is None:
            changes |= self._due(at, self.filed.version.handle_minutes)
            changes["handle_due_at"] = changes["due_at"]
        elif self.state in ("reported", "returned"):
            changes |= _clock(Due(had, had), at)
        return changes

    def _given(self, at: datetime, keys: list[str]) -> dict[str, Any]:
        for key in keys:
            self.tasks.append(_task(key, at))
        return {
            "handler_id": None,
            "department": keys[0].split("/")[1],
            "department_keys": list(dict.fromkeys([*self.row["department_keys"], *keys])),
        }

    def _withdraw(self) -> None:
        for task in self.open_tasks:
            task["withdrawn"] = True

    def _ask_again(self, at: datetime) -> None:
        for key in dict.fromkeys(task["key"] for task in self.tasks if not task["withdrawn"]):
            self.tasks.append(_task(key, at))

    def _joint_answer(self, last: str) -> str:
        said = [task for task in self.tasks if task["answered_at"] is not None and not task["withdrawn"]]
        if len(said) < 2:
            return last
        names = self.world.department_names
        return "\n".join(f"{names[task['key'].split('/')[1]]}：{task['answer']}" for task in said)

    def _level_over(self, by: Actor) -> str:
        return by.level if (self.path + ".").startswith(by.path + ".") else ""

    def _again(self, at: datetime) -> dict[str, Any]:
        """Back to work: half of the item's time from now, and never less than was left."""
        changes = {**_UNDONE, **self._due(at, max(self.filed.version.handle_minutes // 2, 1))}
        had = self.row["handle_due_at"]
        if had and had > changes["due_at"]:
            changes |= _clock(Due(had, changes["warn_at"]), at)
        return changes | {"handle_due_at": changes["due_at"]}

    # ---- what the clock does by itself

    def _sound(self, until: datetime) -> None:
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
            **_clock(due, at),
            "suspended_from": "",
            "suspended_at": None,
            "resume_at": None,
        }
        facts, row["next_alarm_at"] = {f"from_{row['suspended_from']}"}, None
        line = next_step(self.state, "resume", facts)
        changed = {name: value for name, value in {**changes, "state": line.target}.items() if row[name] != value}
        before = {name: _plain(row[name]) for name in TOLD if name in changed}
        after = {name: _plain(changed[name]) for name in TOLD if name in changed}
        row |= changed
        row["revision"] += 1
        command = UUID(int=self.rng.getrandbits(128), version=4)
        self._enter("case.resumed", at, None, before=before, after=after, reason="time is up", command_id=command)

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
        told = {name: str(changed[name]) for name in ("late", "raised_to", "holder_path") if name in changed}
        self._enter(verb, at, None, after=told, source="clock")


_STOPPED: Mapping[str, Any] = {"due_at": None, "warn_at": None, "next_alarm_at": None, "late": ""}
_UNDONE: Mapping[str, Any] = {
    "verified_by_id": None,
    "handled_at": None,
    "handled_by_id": None,
    "handled_tier": "",
    "outcome": "",
    "witness": "",
    "resolved_tier": "",
    "done_alone": False,
    "closed_at": None,
    "closed_by_id": None,
    "merged_into_id": None,
}


def _clock(due: Due, at: datetime) -> dict[str, Any]:
    return {
        "due_at": due.due_at,
        "warn_at": due.warn_at,
        "next_alarm_at": first_alarm(due, at),
        "late": "overdue" if due.due_at <= at else "",
    }


def _task(key: str, at: datetime) -> dict[str, Any]:
    return {
        "key": key,
        "asked_at": at,
        "answered_at": None,
        "answered_by_id": None,
        "outcome": "",
        "answer": "",
        "withdrawn": False,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, str | int | bool | float) else str(value)
