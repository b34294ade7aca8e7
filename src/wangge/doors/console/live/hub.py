"""Hears of what is done and tells the desks of this process: one thread, one connection, however many desks."""

import logging
import threading
import time
import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from operator import attrgetter
from uuid import UUID

from django.db import connection, transaction

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.problems import NotFound
from wangge.cases import queries as cases
from wangge.doors.console.live.desks import Desk, Group, News, event, key_of
from wangge.doors.console.live.window import Window
from wangge.journal import queries as journal
from wangge.staff import queries as staff

log = logging.getLogger("wangge.live")

#: The empty path holds every area.
EVERYWHERE = ""
#: How often the journal is looked at. The look costs the same with one desk and with a thousand.
LOOK_SECONDS = 0.5
#: A number beside a queue changes at most so often.
COUNT_SECONDS = 1.0
#: Counting takes at most this part of the hub's time.
COUNT_SHARE = 0.25
#: How often it is asked whether each desk's sign-in and posts are as they were.
CHECK_SECONDS = 30.0
#: How often the number of desks is written where /metrics finds it.
NAME_SECONDS = 5.0
#: A word now and then, so that no proxy takes the stream for dead.
BEAT_SECONDS = 20.0
#: What a desk that opens hears of the time before: its page was made a moment ago.
BEFORE_SECONDS = 10.0
#: What was done last, for desks that come back.
KEPT = 1000
#: More at once are not told one by one: the desk hears that it has missed something.
MOST_AT_ONCE = 100
#: Streams in one process, and of one person.
MOST_DESKS, MOST_OF_ONE = 1000, 8
LONGEST_PAUSE_SECONDS = 10.0


class Full(Exception):  # noqa: N818 - a fact about the hub
    """No further stream in this process."""


class Hub:
    """Its thread runs while a desk is open; without one it costs nothing."""

    def __init__(self, look_seconds: float = LOOK_SECONDS) -> None:
        self.look_seconds = look_seconds
        self._lock = threading.Lock()
        self._desks: set[Desk] = set()
        self._thread: threading.Thread | None = None
        self._closed = False

    def join(self, viewer: Viewer, sign_in: bytes, since: int | None = None) -> Desk:
        """A stream for this viewer, going on after `since`; Full. One too many of theirs takes the place of the oldest."""
        desk = Desk(viewer, sign_in, since)
        with self._lock:
            if len(self._desks) >= MOST_DESKS:
                raise Full
            own = [other for other in self._desks if other.viewer.account_id == viewer.account_id]
            if len(own) >= MOST_OF_ONE:
                oldest = min(own, key=attrgetter("opened_at"))
                oldest.tell(event("replaced", {}, since or 0))
                oldest.end()
                self._desks.discard(oldest)
            self._desks.add(desk)
            if self._closed:
                desk.end()
            elif self._thread is None:
                self._thread = threading.Thread(target=self._run, name="tells the desks", daemon=True)
                self._thread.start()
        return desk

    def leave(self, desk: Desk) -> None:
        with self._lock:
            self._desks.discard(desk)
        desk.end()

    def close(self) -> None:
        """Ends every stream: the process stops."""
        with self._lock:
            self._closed = True
            for desk in self._desks:
                desk.end()

    def __len__(self) -> int:
        return len(self._desks)

    def _run(self) -> None:
        rounds = Rounds()
        pause = self.look_seconds
        try:
            while True:
                with self._lock:
                    desks = {desk for desk in self._desks if not desk.ended}
                    if not self._desks or self._closed:
                        self._thread = None
                        return
                began = time.monotonic()
                try:
                    rounds.look(desks)
                    # Never busy for more than half of the time: what waits is told together.
                    pause = max(self.look_seconds - (time.monotonic() - began), time.monotonic() - began)
                except Exception as problem:  # noqa: BLE001 - the database may be away; the desks wait for it
                    _log_of(problem)
                    rounds.named = -1
                    pause = min(max(pause, self.look_seconds) * 2, LONGEST_PAUSE_SECONDS)
                    _close_connection()
                time.sleep(pause)
        finally:
            _close_connection()


class Rounds:
    """What the hub's thread knows from one look to the next."""

    def __init__(self) -> None:
        self.groups: dict[tuple[object, ...], Group] = {}
        self.members: dict[Desk, Group] = {}
        self.window: Window | None = None
        self.recent: deque[News] = deque()
        #: Everything after this entry is in `recent`.
        self.whole_since = 0
        self.check_at = self.count_at = self.name_at = 0.0
        self.beat = 0
        self.named = -1

    def look(self, desks: set[Desk]) -> None:
        now = time.monotonic()
        self._regroup(desks)
        if now >= self.check_at:
            self._check(desks)
            self.check_at = now + CHECK_SECONDS
        self._tell(self._news())
        self._greet([desk for desk in desks if not desk.greeted])
        self._beat(desks)
        if now >= self.count_at:
            self._count()
            spent = time.monotonic() - now
            self.count_at = time.monotonic() + max(COUNT_SECONDS - spent, spent / COUNT_SHARE)
        if self.named != len(desks) and now >= self.name_at:
            _name_connection(len(desks))
            self.named, self.name_at = len(desks), now + NAME_SECONDS

    def _regroup(self, desks: set[Desk]) -> None:
        for desk in [gone for gone in self.members if gone not in desks]:
            group = self.members.pop(desk)
            group.desks.discard(desk)
        for desk in desks - self.members.keys():
            key = key_of(desk.viewer)
            group = self.groups.setdefault(key, Group(desk.viewer.seats))
            group.desks.add(desk)
            self.members[desk] = group
        self.groups = {key: group for key, group in self.groups.items() if group.desks}

    def _check(self, desks: set[Desk]) -> None:
        """Ends the streams of those who would not be let in any more, or with other posts."""
        with transaction.atomic():
            entering = staff.viewers_still_entering([desk.sign_in for desk in desks], now=clock.now())
        for desk in desks:
            viewer = entering.get(desk.sign_in)
            if viewer is None or viewer.seats != desk.viewer.seats:
                desk.end()

    def _news(self) -> list[News]:
        """What was done to cases since the last look."""
        with transaction.atomic():
            system = staff.enter_as_system(EVERYWHERE)
            reading = journal.journal_reading()
            window = self._window(reading.newest)
            acts = journal.acts_after(system, window.floor, known=window.known)
            about = {act.id: case_id for act in acts if (case_id := case_of(act))}
            standing = cases.cases_now(system, set(about.values())) if about else {}
        window.note(
            [act.id for act in acts],
            oldest_open=reading.oldest_open,
            next_one=reading.next_one,
            now=time.monotonic(),
        )
        news = [News(act, standing[about[act.id]]) for act in acts if about.get(act.id) in standing]
        self.recent.extend(news)
        while len(self.recent) > KEPT:
            self.whole_since = max(self.whole_since, self.recent.popleft().act.id)
        return news

    def _window(self, newest: int) -> Window:
        """Begun anew when the journal is another, shorter one: a database that was put back."""
        if self.window is None or newest < self.window.floor:
            self.window = Window(max(newest - KEPT // 2, 0))
            self.whole_since = self.window.floor
            self.recent.clear()
        return self.window

    @property
    def floor(self) -> int:
        return self.window.floor if self.window else 0

    def _tell(self, news: list[News]) -> None:
        """Each group what its posts open, and each person what they have to do with elsewhere."""
        if not news:
            return
        related = {account for one in news for account in one.related}
        counting = related | {hand for one in news for hand in one.hands}
        for group in self.groups.values():
            accounts = group.accounts
            group.dirty = (
                group.dirty
                or not accounts.isdisjoint(counting)
                or any(group.counts_change(one) for one in news)
            )
            for desks, theirs in _parts(group, news, accounts & related):
                listening = [desk for desk in desks if desk.greeted]
                if listening and (said := self._said(_seen(listening, theirs))):
                    for desk in listening:
                        desk.tell(said)

    def _said(self, told: list[News]) -> bytes:
        last = {one.case.id: one for one in told}
        if len(last) > MOST_AT_ONCE:
            return event("missed", {}, self.floor)
        return b"".join(event("case", one.told(), self.floor) for one in last.values())

    def _greet(self, desks: list[Desk]) -> None:
        """A desk that opens or comes back hears what was done since its page was made, or that it has missed something."""
        made_after = clock.now().timestamp() - BEFORE_SECONDS
        for desk in desks:
            group = self.members[desk]
            desk.greeted = True
            desk.tell(event("open", {}, self.floor))
            if desk.since is not None and desk.since < self.whole_since:
                desk.tell(event("missed", {}, self.floor))
            else:
                since = desk.since
                news = [
                    one
                    for one in self.recent
                    if (one.act.id > since if since is not None else one.act.at.timestamp() > made_after)
                    and (group.may_see(one.case) or desk.viewer.account_id in one.related)
                ]
                if said := self._said(_seen([desk], news)):
                    desk.tell(said)
            if group.dirty or desk.viewer.account_id not in group.hands:
                group.dirty = True
            else:
                _tell_counts(desk, group, self.floor)

    def _beat(self, desks: set[Desk]) -> None:
        """In turns: not all desks are written to in the same moment."""
        turns = max(int(BEAT_SECONDS / LOOK_SECONDS), 1)
        self.beat = (self.beat + 1) % turns
        said = f"id: {self.floor}\n\n".encode()
        for desk in desks:
            if hash(desk.sign_in) % turns == self.beat:
                desk.tell(said)

    def _count(self) -> None:
        """The longest uncounted first."""
        waiting = sorted((group for group in self.groups.values() if group.dirty), key=_counted_at)
        until = time.monotonic() + COUNT_SECONDS
        for group in waiting:
            if time.monotonic() > until:
                return
            with transaction.atomic():
                viewer = _entered(group.desks)
                if viewer is None:
                    continue
                group.counts = cases.shared_counts(viewer)
                group.hands = cases.in_hands(viewer, group.accounts)
            group.dirty, group.counted_at = False, time.monotonic()
            for desk in group.desks:
                _tell_counts(desk, group, self.floor)


def _counted_at(group: Group) -> float:
    return group.counted_at


def _tell_counts(desk: Desk, group: Group, floor: int) -> None:
    account = desk.viewer.account_id
    counts = dict(group.counts)
    counts["mine"] = counts.get("mine", 0) + (group.hands.get(account, 0) if account else 0)
    if counts != desk.counted:
        desk.counted = counts
        desk.tell(event("counts", {"queues": counts}, floor))


def _parts(group: Group, news: list[News], related: set[int]) -> Iterator[tuple[list[Desk], list[News]]]:
    """The group's desks in parts that may see the same of the news: each person who has to do with a case is one."""
    shared = [one for one in news if group.may_see(one.case)]
    others = [desk for desk in group.desks if desk.viewer.account_id not in related]
    if shared and others:
        yield others, shared
    for account in related:
        own = [desk for desk in group.desks if desk.viewer.account_id == account]
        yield own, [one for one in news if account in one.related or group.may_see(one.case)]


def _seen(desks: Iterable[Desk], news: list[News]) -> list[News]:
    """Those that the row policies show to people of these desks, who see the same."""
    if not news:
        return []
    with transaction.atomic():
        viewer = _entered(desks)
        seen = cases.seen_among(viewer, {one.case.id for one in news}) if viewer else frozenset()
    return [one for one in news if one.case.id in seen]


def _entered(desks: Iterable[Desk]) -> Viewer | None:
    """The first of these people whose posts are as they were, with this transaction's scope set for them. The streams of
    those whose posts are not end.
    """
    for desk in desks:
        if desk.ended:
            continue
        try:
            viewer = staff.enter_as(desk.viewer.account_id or 0, now=clock.now())
        except NotFound:
            desk.end()
            continue
        if viewer.seats == desk.viewer.seats:
            return viewer
        desk.end()
    return None


def case_of(act: journal.Act) -> UUID | None:
    """The case that something was done to; None when it was something else."""
    noun, _, name = act.subject.partition(":")
    try:
        return UUID(name) if noun == "case" and act.verb.startswith("case.") else None
    except ValueError:
        return None


def _name_connection(desks: int) -> None:
    """/metrics adds up what the connections of all processes are called."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('application_name', %s, false)", [f"wangge desks={desks}"])


def _log_of(problem: Exception) -> None:
    """Kind and place, never its words: they may quote people's data."""
    place = traceback.extract_tb(problem.__traceback__)[-1]
    log.warning("The desks were not told: %s at %s:%s", type(problem).__name__, place.filename, place.lineno)


def _close_connection() -> None:
    try:
        connection.close()
    except Exception as problem:  # noqa: BLE001 - a connection that is gone cannot be closed either
        _log_of(problem)


HUB = Hub()
