"""Phones in a few lines, and a network that loses: what another client would have to do to speak the protocol.

A phone writes a command and its photos to its disk before it says "saved", sends what waits in order, and takes a command away only
when the server says that it has it. Its disk is what a crash leaves; all else is gone.
"""

import copy
import hashlib
import io
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from wangge.base.calendar import SHANGHAI
from wangge.base.problems import Problem
from wangge.blobs.actions import store_part
from wangge.blobs.rules import UploadGap
from wangge.staff.queries import digest_of, viewer_entering
from wangge.sync import actions, queries

#: Photos of these stories have one to three kilobytes.
PART_BYTES = 900


class Lost(Exception):  # noqa: N818 - what happened, named as it is
    """The question, or its answer, did not arrive; or the phone went out before it read the answer."""


class Dies(Exception):  # noqa: N818 - as above
    """The server dies in the midst of a transaction."""


class SignedOut(Exception):  # noqa: N818 - as above
    """401."""


@dataclass
class Server:
    """The real actions and queries, each call in a transaction of its own as a request has it, with the entrance's two ways in."""

    chance: object
    now: datetime
    loses: float = 0.0
    dies: float = 0.0
    happened: Counter = field(default_factory=Counter)

    def ask(self, secret, call, *, sends=False):
        """It may not arrive, the server may die before it commits, and its answer may be lost. A problem is an answer, too."""
        if self.chance.random() < self.loses:
            self._lost("question")
        dies = self.chance.random() < self.dies
        problem = None
        try:
            with transaction.atomic():
                answer = call(*self._entering(secret, sends=sends))
                if dies:
                    raise Dies  # noqa: TRY301 - it dies inside the transaction
        except Dies:
            self._lost("transaction")
        except Problem as found:
            problem = found
        if self.chance.random() < self.loses:
            self._lost("answer")
        if problem is not None:
            raise problem
        return answer

    def _lost(self, what):
        self.happened[f"lost {what}"] += 1
        raise Lost

    def _entering(self, secret, *, sends):
        viewer = viewer_entering(secret, now=self.now)
        if viewer is not None:
            return viewer, None
        viewer = viewer_entering(secret, now=self.now, last_words=True) if sends else None
        lost = queries.last_words_for(viewer, digest_of(secret)) if viewer else None
        if lost is None:
            raise SignedOut
        return viewer, lost


@dataclass
class Photo:
    content: bytes
    sent: int = 0
    arrived: bool = False


@dataclass
class Waiting:
    """A command in the queue. `state`: `waiting`, `conflict` or `refused`; what is done is there no more."""

    command: dict
    photos: tuple[str, ...] = ()
    state: str = "waiting"
    code: str = ""
    conflict: str = ""
    fields: dict = field(default_factory=dict)


@dataclass
class Disk:
    """Of one account on a phone. Whatever changes it changes all that belongs together in one step, as a transaction does."""

    outbox: dict[str, Waiting] = field(default_factory=dict)
    photos: dict[str, Photo] = field(default_factory=dict)
    records: dict = field(default_factory=dict)
    cursor: str | None = None
    #: By how much the server's clock is ahead, once the phone has heard of it.
    ahead: timedelta | None = None


@dataclass
class Handset:
    """What several people may work on: it goes out for all of them, and is lost for all of them."""

    server: Server
    chance: object
    clock: timedelta = timedelta(0)
    crashes: float = 0.0
    tables: list = field(default_factory=list)

    def perhaps_crash(self):
        if self.chance.random() < self.crashes:
            self.server.happened["phone went out"] += 1
            for each in self.tables:
                each.begin_again()
            raise Lost


@dataclass
class Phone:
    """One account on a handset."""

    handset: Handset
    account: int
    secret: str
    device: uuid.UUID
    grid: str
    #: Sends a command also before its photos are there, and out of order: the protocol allows both.
    eager: bool = False
    disk: Disk = field(default_factory=Disk)
    #: What the server said of each command, by id: for the proof, the phone itself forgets it.
    said: dict = field(default_factory=dict)
    done: dict = field(default_factory=dict)
    reported_at: datetime | None = None
    wiped: bool = False

    def __post_init__(self):
        self.handset.tables.append(self)
        self.server, self.chance = self.handset.server, self.handset.chance

    def begin_again(self):
        """After a crash: from what the disk holds, and nothing else."""
        self.disk = copy.deepcopy(self.disk)

    @property
    def clock(self):
        return self.server.now + self.handset.clock

    @property
    def today(self):
        """As its owner reads it: by the phone's own clock until the server has told of its own."""
        return (self.clock + (self.disk.ahead or timedelta(0))).astimezone(SHANGHAI).date()

    def new_id(self):
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def write(self, kind, data, photos=(), based_on=None):
        """Its id when it is on the disk, with its photos: from here on it may not be lost."""
        self.handset.perhaps_crash()
        key = self.new_id()
        command = {
            "id": key, "kind": kind, "at": self.clock.isoformat(), "based_on": based_on, "data": data,
        }  # fmt: skip
        if self.disk.ahead:
            command["ahead"] = self.disk.ahead // timedelta(milliseconds=1)
        digests = tuple(hashlib.sha256(content).hexdigest() for content in photos)
        for digest, content in zip(digests, photos, strict=True):
            self.disk.photos.setdefault(digest, Photo(content))
        self.disk.outbox[key] = Waiting(command, digests)
        self.said[key] = {
            "command": command, "photos": dict(zip(digests, photos, strict=True)), "at": self.server.now,
        }  # fmt: skip
        return key

    def waiting(self):
        return [one for one in self.disk.outbox.values() if one.state == "waiting"]

    def missing(self):
        return [digest for digest, photo in self.disk.photos.items() if not photo.arrived]

    # Sending

    def push(self, most=50, tried=()):
        """One batch; which commands it was. In order and each once, but where the phone is another's."""
        missing = set(self.missing())
        ready = [
            one
            for one in self.waiting()
            if one.command["id"] not in tried and (self.eager or missing.isdisjoint(one.photos))
        ][:most]
        if not ready:
            return []
        batch = [one.command for one in ready]
        if self.eager and self.chance.random() < 0.3:
            self.chance.shuffle(batch)
        if self.chance.random() < 0.2:
            batch = [*batch, *batch[:3]]  # the same twice in one push
        clock = self.clock

        def sent(viewer, lost):
            actions.meet(viewer, self.device, waiting=len(self.waiting()), sends=True, now=self.server.now)
            answers = actions.push(
                viewer, batch, device_id=self.device, clock=clock, lost=lost, now=self.server.now
            )
            # It wipes itself: whatever it hears is the end of it here.
            assert lost is None or not [one for one in answers if one.again]
            return answers

        results = self.server.ask(self.secret, sent, sends=True)
        assert [str(one.id) for one in results] == [one["id"] for one in batch]
        self.handset.perhaps_crash()
        self._settle(results)
        return [one["id"] for one in batch]

    def _settle(self, results):
        outbox = dict(self.disk.outbox)
        for result in results:
            key = str(result.id)
            self.server.happened[self._heard(result)] += 1
            if key not in outbox or (result.status == "refused" and result.again):
                continue
            one = outbox[key]
            if result.status == "conflict":
                fields = dict(result.facts)
                outbox[key] = Waiting(one.command, one.photos, "conflict", "", str(result.conflict), fields)
            elif result.status == "refused":
                outbox[key] = Waiting(one.command, one.photos, "refused", result.problem.code)
            else:
                del outbox[key]
                self.done[key] = result
        self.disk.outbox = outbox
        named = {digest for one in outbox.values() for digest in one.photos}
        self.disk.photos = {
            digest: photo for digest, photo in self.disk.photos.items()
            # A phone that sends words first keeps a photo until its bytes are there.
            if digest in named or (self.eager and not photo.arrived)
        }  # fmt: skip

    def _heard(self, result):
        if result.status == "refused":
            return f"{'waits' if result.again else 'refused'}: {result.problem.code}"
        return result.status

    def send_photo(self, digest):
        """On from where it broke off. A photo that is refused for good would be a fault of these stories."""
        photo = self.disk.photos[digest]
        total = len(photo.content)
        at = self._part(digest, b"", f"bytes */{total}") if photo.sent else 0
        if photo.sent:
            self.server.happened["upload resumed"] += 1
        while at < total:
            end = min(total, at + PART_BYTES)
            at = self._part(digest, photo.content[at:end], f"bytes {at}-{end - 1}/{total}")
            self.handset.perhaps_crash()
            self.disk.photos[digest].sent = at
        self.disk.photos[digest].arrived = True

    def _part(self, digest, body, said):
        """The next byte that is wanted. A connection that breaks leaves a part of the body, and no answer."""
        breaks = len(body) > 1 and self.chance.random() < self.server.loses
        length = len(body)
        if breaks:
            body = body[: self.chance.randrange(1, length)]

        def sent(viewer, _lost):
            return store_part(
                viewer, digest, io.BytesIO(body), said, now=self.server.now, length=length if body else None
            )

        try:
            progress = self.server.ask(self.secret, sent, sends=True)
        except UploadGap as gap:
            return gap.facts["expected"]
        if breaks:
            self.server.happened["upload broken off"] += 1
            raise Lost
        return len(self.disk.photos[digest].content) if progress.blob else progress.received

    def send_all(self):
        """Words, then photos, then what names them; with a bad network it breaks off."""
        tried = set()
        while sent := self.push(tried=tried):
            tried |= set(sent)
        for digest in self.missing():
            self.send_photo(digest)
        while sent := self.push(tried=tried):
            tried |= set(sent)

    # Hearing

    def pull(self, most=100):
        """Whether more is to be told. Of a phone that was reported lost: whether it is to be wiped."""
        try:
            found = self.server.ask(
                self.secret,
                lambda viewer, _lost: (
                    actions.meet(viewer, self.device, waiting=len(self.waiting()), now=self.server.now),
                    queries.changes_since(viewer, self.disk.cursor, limit=most, now=self.server.now),
                )[1],
            )
        except SignedOut:
            self._obey()
            return False
        self.handset.perhaps_crash()
        if found.fresh:
            return self.begin()
        records = dict(self.disk.records)
        for one in found.changes:
            records[one.kind, one.id] = one.fields
        for one in found.gone:
            records.pop((one.kind, one.id), None)
        self.disk.records, self.disk.cursor = records, found.cursor
        self.disk.ahead = -self.handset.clock
        return found.more

    def begin(self):
        """Everything anew, in two parts. What was there stays until the last line has come, and goes then where it was not told."""
        told, first = set(), ""
        for part in ("first", "rest"):
            *records, cursor = self.server.ask(
                self.secret,
                lambda viewer, _lost, part=part: list(
                    queries.snapshot(viewer, now=self.server.now, part=part)
                ),
            )
            first = first or cursor
            told |= {(one.kind, one.id) for one in records}
            self.disk.records = self.disk.records | {(one.kind, one.id): one.fields for one in records}
            self.handset.perhaps_crash()
        self.disk.records = {key: fields for key, fields in self.disk.records.items() if key in told}
        self.disk.cursor, self.disk.ahead = first, -self.handset.clock
        return False

    def _obey(self):
        """It is signed in no more: where it was reported lost it removes what it holds, once nothing of its owner's waits."""
        with transaction.atomic():
            ordered = queries.wipe_ordered(self.device)
        if ordered and not self.waiting() and not self.missing():
            with transaction.atomic():
                actions.note_wiped(self.device, now=self.server.now)
            self.wiped = True

    # Its owner

    def conflicts(self):
        """What waits for its owner's pick: of its own commands, and what the server tells of the account's. What was picked already
        waits to be sent; where that was refused the desk has it.
        """
        picked = {
            one.command["data"]["conflict"]
            for one in self.disk.outbox.values()
            if one.command["kind"] == "conflict.settle" and one.state != "conflict"
        }
        own = {one.conflict: one.fields for one in self.disk.outbox.values() if one.state == "conflict"}
        pulled = {
            key: fields["fields"] for (kind, key), fields in self.disk.records.items() if kind == "conflict"
        }
        return {key: fields for key, fields in {**pulled, **own}.items() if key not in picked}

    def settle_one(self):
        """Its owner picks; whether there was something to pick. What the server tells of it stays until the server tells it is gone."""
        for key, fields in self.conflicts().items():
            if not fields:  # a phone that was reported lost is told of no values
                continue
            choice = {name: self.chance.choice(["mine", "theirs"]) for name in sorted(fields)}
            self.write("conflict.settle", {"conflict": key, "choice": choice})
            self.disk.outbox = {name: one for name, one in self.disk.outbox.items() if one.conflict != key}
            return True
        return False
