"""The rounds of everybody for a day, planned in the night: read set-wise, put in order by several processes, kept part by part."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from multiprocessing import get_context
from uuid import UUID

from django.db import connection, transaction

from wangge.access import Viewer
from wangge.base.ids import new_id
from wangge.base.processes import end_with_parent
from wangge.journal.actions import record
from wangge.staff import queries as staff
from wangge.visits import queries
from wangge.visits.models import Round
from wangge.visits.rules import Asked, Hours, Walk, part_of_day, walks_of_many

_GRIDS = 200
"""So many grids are read and kept at once."""
_EACH = 10
"""So many rounds go to a process at once."""
_KEPT_DAYS = 60


@dataclass(frozen=True, slots=True)
class Planned:
    """How many rounds were planned now, in how many grids, and in how many grids they are still to be planned."""

    rounds: int
    grids: int
    left: int


def plan_rounds(
    root: str,
    day: date,
    *,
    now: datetime,
    seconds: float | None = None,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Planned:
    """Plans the rounds of the day that are missing in the area, for `seconds` at most; what is left the next call does.

    `progress` is told how many grids of how many are done. Each part is kept in a transaction of its own, in which the system
    enters: what was kept stays, whatever happens then.
    """
    began = time.monotonic()
    with transaction.atomic():
        waiting = queries.walkers_without_round(staff.enter_as_system(root), day)
    # Who walks in several grids has a part of the day for each.
    walked = Counter(account for each in waiting for account in each.accounts)
    rounds = done = 0
    if not waiting:
        return Planned(0, 0, 0)
    with _routers(processes, len(waiting)) as walk:
        while done < len(waiting) and (seconds is None or time.monotonic() - began < seconds):
            part = waiting[done : done + _GRIDS]
            with transaction.atomic():
                rounds += _keep(staff.enter_as_system(root), part, day, walk, walked, now)
            done += len(part)
            if progress:
                progress(done, len(waiting))
    return Planned(rounds, done, len(waiting) - done)


Planner = Callable[[Sequence[Asked]], list[list[Walk]]]


@contextmanager
def _routers(processes: int | None, grids: int) -> Iterator[Planner]:
    """Plans rounds, here or in processes of their own that know no database."""
    count = processes or len(os.sched_getaffinity(0))
    if count == 1 or grids <= _EACH:
        yield walks_of_many
        return
    # Forked, a process would hold this one's connections.
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:

        def walk(asked: Sequence[Asked]) -> list[list[Walk]]:
            parts = [asked[start : start + _EACH] for start in range(0, len(asked), _EACH)]
            return [walks for done in pool.map(walks_of_many, parts) for walks in done]

        yield walk


def _keep(
    viewer: Viewer,
    grids: Sequence[queries.Walkers],
    day: date,
    walk: Planner,
    waiting: Counter[int],
    now: datetime,
) -> int:
    """`waiting`: in how many grids each account has still no round; those that get one now are taken off."""
    doors = queries.first_doors(viewer, grids, day)
    who = [account for each in grids for account in each.accounts]
    walked = Counter(queries.grids_walked(viewer, who, day))
    places = [(each.path, queries.points_of(doors.get(each.path, ()))) for each in grids]
    asked = [
        Asked(
            tuple(doors.get(each.path, ())),
            tuple(_part(account, waiting, walked) for account in each.accounts),
            ways,
        )
        for each, ways in zip(grids, queries.ways_of(viewer, places), strict=True)
    ]
    numbers = Counter(queries.last_numbers(viewer, who, day))
    rows = []
    for each, walks in zip(grids, walk(asked), strict=True):
        for account, planned in zip(each.accounts, walks, strict=True):
            if not planned.stops and not planned.left:
                continue
            numbers[account] += 1
            rows.append(
                Round(
                    id=new_id(),
                    path=each.path,
                    day=day,
                    account_id=account,
                    number=numbers[account],
                    households=[UUID(stop.key) for stop in planned.stops],
                    begins=planned.begins,
                    left_over=[UUID(stop.key) for stop in planned.left],
                    made_at=now,
                    made_by_id=viewer.account_id,
                )
            )
    # Whoever kept a round meanwhile has theirs.
    Round.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        root = grids[0].path.split(".", 1)[0]
        told = {"day": day.isoformat(), "rounds": len(rows), "grids": len(grids)}
        record(viewer, verb="rounds.planned", subject=f"area:{root}", path=root, at=now, after=told)
    return len(rows)


def _part(account: int, waiting: Counter[int], walked: Counter[int]) -> Hours:
    """The next part of the account's day, as long as those for the other grids where it walks."""
    hours = part_of_day(queries.working_day(), walked[account], walked[account] + waiting[account])
    walked[account] += 1
    waiting[account] -= 1
    return hours


def forget_rounds(now: datetime) -> int:
    """Erases rounds that the night planned, are older than sixty days, and from whose sheet nothing was typed in."""
    with connection.cursor() as cursor:
        cursor.execute("select visits_forget_rounds(%s)", [(now - timedelta(days=_KEPT_DAYS)).date()])
        (gone,) = cursor.fetchone()
    return int(gone)
