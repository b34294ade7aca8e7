"""A phone in a few lines, and a network that loses: what another client would have to do to speak the protocol.

The phone writes a command to its disk before it says "saved", sends what waits in order, and takes a command away only when
the server says that it has it. Its disk is what a crash leaves.
"""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from tests.builders import NOW

from wangge.staff.queries import enter_as
from wangge.sync import actions, queries


class Lost(Exception):  # noqa: N818 - what happened, named as it is
    """The question, or its answer, did not arrive."""


class Crash(Exception):  # noqa: N818 - as above
    """The server dies in the midst of a transaction."""


@dataclass
class Server:
    """The real actions and queries, each call in a transaction as a request has it."""

    chance: object
    loses: float = 0.0
    crashes: float = 0.0

    def ask(self, account, call):
        """Like a request: it may not arrive, the server may die before it commits, and its answer may be lost."""
        if self.chance.random() < self.loses:
            raise Lost
        dies = self.chance.random() < self.crashes
        try:
            with transaction.atomic():
                answer = call(enter_as(account, now=NOW))
                if dies:
                    raise Crash  # noqa: TRY301 - it dies inside the transaction
        except Crash:
            raise Lost from None
        if self.chance.random() < self.loses:
            raise Lost
        return answer


@dataclass
class Phone:
    """Disk: `outbox`, `records`, `cursor`, and what waits for its owner. All else is gone when it crashes."""

    account: int
    server: Server
    chance: object
    clock: timedelta = timedelta(0)
    outbox: list = field(default_factory=list)
    records: dict = field(default_factory=dict)
    cursor: str | None = None
    conflicts: dict = field(default_factory=dict)
    refused: dict = field(default_factory=dict)
    done: dict = field(default_factory=dict)
    said: list = field(default_factory=list)

    def new_id(self):
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def write(self, kind, data, based_on=None):
        """Written down: from here on it may not be lost."""
        at = NOW + self.clock
        command = {
            "id": self.new_id(),
            "kind": kind,
            "at": at.isoformat(),
            "based_on": based_on,
            "data": data,
        }
        self.outbox.append(command)
        self.said.append(command)
        return command["id"]

    def push(self, most=50):
        batch = self.outbox[:most]
        if self.chance.random() < 0.2:
            batch = [*batch, *batch[:3]]  # the same twice in one push
        if not batch:
            return
        clock = NOW + self.clock
        results = self.server.ask(
            self.account, lambda viewer: actions.push(viewer, batch, clock=clock, now=NOW)
        )
        assert [str(one.id) for one in results] == [one["id"] for one in batch]
        for result in results:
            self.settle(str(result.id), result)

    def settle(self, key, result):
        sent = next((one for one in self.outbox if one["id"] == key), None)
        if sent is None or (result.status == "refused" and result.again):
            return
        self.outbox.remove(sent)
        if result.status == "conflict":
            self.conflicts[str(result.conflict)] = result.facts
        elif result.status == "refused":
            self.refused[key] = result.problem.code
        else:
            self.done[key] = result.revision

    def pull(self, most):
        found = self.server.ask(
            self.account,
            lambda viewer: queries.changes_since(viewer, self.cursor, limit=most, now=NOW),
        )
        if found.fresh:
            return self.begin()
        for one in found.changes:
            self.records[one.kind, one.id] = one.fields
        for one in found.gone:
            self.records.pop((one.kind, one.id), None)
        self.cursor = found.cursor
        return found.more

    def begin(self):
        *records, cursor = self.server.ask(
            self.account, lambda viewer: list(queries.snapshot(viewer, now=NOW))
        )
        self.records = {(one.kind, one.id): one.fields for one in records}
        self.cursor = cursor
        return False

    def settle_one(self):
        """Its owner picks."""
        for key, fields in list(self.conflicts.items()):
            choice = {name: self.chance.choice(["mine", "theirs"]) for name in fields}
            self.write("conflict.settle", {"conflict": key, "choice": choice})
            del self.conflicts[key]
            return

    def rest(self):
        """With a good network until nothing waits any more."""
        for _ in range(60):
            self.push()
            while self.conflicts:
                self.settle_one()
            while self.pull(50):
                pass
            if not self.outbox and not self.conflicts:
                return
        raise AssertionError(f"never at rest: {self.outbox[:3]}")
