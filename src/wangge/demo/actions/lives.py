"""One made-up case living through its steps: writes what `wangge.cases.actions` would have written.

It follows `cases.actions.report` and `effects` line by line; a test takes sample lives through the real actions and
compares every column.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wangge.base.calendar import SHANGHAI
from wangge.cases.actions.effects import ALONE
from wangge.cases.queries.moves import PROOF_STEPS
from wangge.cases.rules import Due, due_for, first_alarm
from wangge.demo.actions.records import DEFAULTS, LISTS, Record, clock_of
from wangge.demo.rules.world import Actor, Desk


class Life(Record):
    """A case and the steps that can be taken with it."""

    # ---- reporting

    def report(self, number: str) -> None:
        filed = self.filed
        desk, passed = self.world.reading_desk(
            filed.path, filed.version.first_tier, confidential=self.confidential
        )
        codes = [*filed.path.split("."), "", "", ""]
        at = filed.received_at
        due = due_for(at, self.minutes(filed.version.accept_minutes))
        self.row = {**DEFAULTS, **{name: [] for name in LISTS}}
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
        self.enter("case.reported", at, filed.reporter, after=after, source=filed.source)

    # ---- the steps, in the order of the table

    def accept(self, at: datetime, by: Actor) -> None:
        line = self.line("accept", at, by)
        self.take(line, at, by, self._handling_started(at))

    def dispatch(self, at: datetime, by: Actor, keys: list[str]) -> None:
        asked = {"departments": [key.split("/")[1] for key in keys]}
        line = self.line("dispatch", at, by, asked)
        changes = self._given(at, keys, self._withdraw()) | self._handling_started(at)
        self.take(line, at, by, changes, extra=asked)

    def handle(self, at: datetime, by: Actor, outcome: str, answer: str, more: Mapping[str, Any]) -> None:
        """`more`: what the outcome needs beside the answer (whose, planned_on, ground, merged_into_id)."""
        line = self.line("handle", at, by)
        told = {"outcome": outcome, "answer": answer}
        acting = [task for task in self.open_tasks if by.department and task["key"] == by.key]
        for task in acting:
            task |= {"answered_at": at, "answered_by_id": by.account_id, **told}
        changes: dict[str, Any] = {"whose": "", "ground": "", "planned_on": None, **more}
        if line.target == "handled":
            changes |= self._handled(at, by, outcome, answer, by_desk=not acting)
        self.take(line, at, by, changes, extra=told)

    def verify(self, at: datetime, by: Actor, *, mended: bool, reason: str = "") -> None:
        line = self.line("verify", at, by, {"mended": mended})
        changes = {"verified_by_id": by.account_id} if mended else self._again(at)
        self.take(line, at, by, changes, reason=reason, extra={"mended": mended})
        if not mended and self.state == "dispatched":
            self._ask_again(at)

    def close(self, at: datetime, by: Actor, witness: str) -> None:
        line = self.line("close", at, by, {"witness": witness})
        same = self.row["reported_by_id"] == self.row["handled_by_id"] == by.account_id
        changes = {
            "witness": witness,
            "closed_at": at,
            "closed_by_id": by.account_id,
            "rating": None,
            "rated_at": None,
            "resolved_tier": self.row["handled_tier"] or self.row["holder_level"],
            "done_alone": same and at - self.row["received_at"] <= ALONE,
            **_STOPPED,
        }
        self.take(line, at, by, changes)

    def rate(self, at: datetime, by: Actor, *, mended: bool) -> None:
        line = self.line("rate", at, by, {"mended": mended})
        changes: dict[str, Any] = {"rating": mended, "rated_at": at}
        if not mended:
            changes |= {"noes": self.row["noes"] + 1} | self._again(at)
        self.take(line, at, by, changes)

    def reopen(self, at: datetime, by: Actor, reason: str) -> None:
        line = self.line("reopen", at, by)
        changes = {"reopened": self.row["reopened"] + 1, **self._again(at)}
        self.take(line, at, by, changes | {"handler_id": None, "department": ""}, reason=reason)

    def escalate(self, at: datetime, by: Actor, to: Desk, reason: str) -> None:
        line = self.line("escalate", at, by)
        changes = {
            "handler_id": None,
            "department": "",
            "department_keys": self._withdraw(),
            "holder_path": to.path,
            "holder_level": to.level,
            **self.due(at, self.filed.version.accept_minutes),
        }
        self.take(line, at, by, changes, reason=reason)

    def return_(self, at: datetime, by: Actor, reason: str) -> None:
        """By the one department that was asked: it still sees that it did so."""
        line = self.line("return", at, by)
        self._withdraw()
        changes = {"handler_id": None, "department": "", **self.due(at, self.filed.version.accept_minutes)}
        self.take(line, at, by, changes, reason=reason)

    def suspend(self, at: datetime, by: Actor, until: datetime, reason: str) -> None:
        line = self.line("suspend", at, by)
        changes = {
            "suspended_from": self.state,
            "suspended_at": at,
            "resume_at": until,
            "suspensions": self.row["suspensions"] + 1,
            "due_at": None,
            "next_alarm_at": until,
            "late": "",
        }
        extra = {"until": str(until.astimezone(SHANGHAI).date())}
        self.take(line, at, by, changes, reason=reason, extra=extra)

    def merge(self, at: datetime, by: Actor, into: "Life") -> None:
        line = self.line("merge", at, by)
        who = {*into.row["followers"], self.row["reported_by_id"]}
        into.row |= {"followers": sorted(who), "revision": into.row["revision"] + 1}
        gone = {"merged_into_id": into.row["id"], "handler_id": None, "department_keys": self._withdraw()}
        self.take(line, at, by, gone | self._ended(at, by))

    def cancel(self, at: datetime, by: Actor, reason: str) -> None:
        line = self.line("cancel", at, by)
        self.take(line, at, by, {"department_keys": self._withdraw(), **self._ended(at, by)}, reason=reason)

    def supervise(self, at: datetime, by: Actor, reason: str) -> None:
        self.take(self.line("supervise", at, by), at, by, {"supervised": True}, reason=reason)

    def summon(self, at: datetime, by: Actor, keys: list[str], within: int) -> None:
        line = self.line("summon", at, by)
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
        self.take(line, at, by, changes, extra=extra)

    def arrive(self, at: datetime, by: Actor, summons: dict[str, Any]) -> None:
        """The office called comes; no step, but an entry."""
        self.sound(at)
        summons |= {"arrived_at": at, "arrived_by_id": by.account_id}
        minutes = int((at - summons["called_at"]).total_seconds() // 60)
        after = {
            "office": summons["key"],
            "minutes": minutes,
            "in_time": minutes <= summons["within_minutes"],
        }
        self.enter("case.summons-answered", at, by, after=after)

    def attach(self, at: datetime, by: Actor, digest: str, step: str) -> None:
        if any(photo["blob_id"] == digest for photo in self.photos):
            return
        self.sound(at)
        self.photos.append({"blob_id": digest, "step": step, "added_at": at, "added_by_id": by.account_id})
        self.enter("case.attached", at, by, after={"blob": digest, "kind": "photo", "step": step})

    # ---- what steps have in common

    def _handling_started(self, at: datetime) -> dict[str, Any]:
        changes: dict[str, Any] = {"accepted_at": self.row["accepted_at"] or at}
        had = self.row["handle_due_at"]
        if had is None:
            changes |= self.due(at, self.filed.version.handle_minutes)
            changes["handle_due_at"] = changes["due_at"]
        elif self.state in ("reported", "returned"):
            changes |= clock_of(Due(had, had), at)
        return changes

    def _handled(
        self, at: datetime, by: Actor, outcome: str, answer: str, *, by_desk: bool
    ) -> dict[str, Any]:
        tier = by.level if by.department else self._level_over(by)
        changes: dict[str, Any] = {
            "outcome": outcome,
            "answer": self._joint_answer(answer),
            "handled_at": at,
            "handled_by_id": by.account_id,
            "handled_tier": tier or self.row["holder_level"],
            "accepted_at": self.row["accepted_at"] or at,
            **self.due(at, self.filed.version.verify_minutes),
        }
        return changes | {"department_keys": self._withdraw(), "department": ""} if by_desk else changes

    def _given(self, at: datetime, keys: list[str], had: list[str]) -> dict[str, Any]:
        self.tasks += [_task(key, at) for key in keys]
        return {
            "handler_id": None,
            "department": keys[0].split("/")[1],
            "department_keys": list(dict.fromkeys([*had, *keys])),
        }

    def _withdraw(self) -> list[str]:
        """Takes open tasks back; the offices that may still see the case: who did nothing on it does not."""
        gone = {task["key"] for task in self.open_tasks}
        for task in self.open_tasks:
            task["withdrawn"] = True
        kept = {task["key"] for task in self.tasks if not task["withdrawn"]}
        kept |= {summons["key"] for summons in self.summonses}
        return [key for key in self.row["department_keys"] if key in kept or key not in gone]

    def _ended(self, at: datetime, by: Actor) -> dict[str, Any]:
        return {"closed_at": at, "closed_by_id": by.account_id, "resume_at": None, **_STOPPED}

    def _ask_again(self, at: datetime) -> None:
        for key in dict.fromkeys(task["key"] for task in self.tasks if not task["withdrawn"]):
            self.tasks.append(_task(key, at))

    def _joint_answer(self, last: str) -> str:
        answered = [task for task in self.tasks if task["answered_at"] is not None and not task["withdrawn"]]
        names = self.world.department_names
        said: dict[str, str] = {}
        for task in sorted(answered, key=lambda task: task["answered_at"]):
            said.pop(task["key"], None)
            said[task["key"]] = f"{names[task['key'].split('/')[1]]}：{task['answer']}"
        return "\n".join(said.values()) if len(said) > 1 else last

    def _level_over(self, by: Actor) -> str:
        return by.level if (self.path + ".").startswith(by.path + ".") else ""

    def _again(self, at: datetime) -> dict[str, Any]:
        """Back to work: half of the item's time from now, and never less than was left."""
        for photo in self.photos:
            if photo["step"] in PROOF_STEPS:
                photo["step"] = "note"
        changes = {**_UNDONE, **self.due(at, max(self.filed.version.handle_minutes // 2, 1))}
        had = self.row["handle_due_at"]
        if had and had > changes["due_at"]:
            changes |= clock_of(Due(had, changes["warn_at"]), at)
        return changes | {"handle_due_at": changes["due_at"]}


_STOPPED: Mapping[str, Any] = {
    "due_at": None,
    "warn_at": None,
    "next_alarm_at": None,
    "late": "",
    "raised_to": "",
}
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
