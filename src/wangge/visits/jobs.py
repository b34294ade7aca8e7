"""Promises kept without anybody asking: what is due follows the register, answers reach doors, tracks go."""

import logging
import time
from datetime import datetime

from django.db import transaction

from wangge.areas import queries as areas
from wangge.base.calendar import SHANGHAI
from wangge.staff import queries as staff
from wangge.visits import actions, queries
from wangge.visits.rules import day_of

log = logging.getLogger("wangge.worker")

NIGHT = range(4, 6)
"""The hours, in Shanghai, in which the rounds of the day are planned."""
SLICE_SECONDS = 30
"""So long at once, so that nothing else waits for it."""


def renew_due_visits(now: datetime) -> int:
    """Each minute: computes what is due where the register changed, and puts on visits the answers that are owed."""
    done = 0
    for root in areas.roots():
        with transaction.atomic():
            viewer = staff.enter_as_system(root.path)
            done += actions.renew_stale(viewer, now=now)
        with transaction.atomic():
            done += actions.owe_answers(staff.enter_as_system(root.path), now=now)
    return done


def ask_questions(now: datetime, *, seconds: float = SLICE_SECONDS) -> int:
    """Each minute: puts accepted questions of departments on visits, a township at a time, each in a transaction of its own; and
    ends those whose last day is over. Says how many steps that were.
    """
    until, done = time.monotonic() + seconds, 0
    for root in areas.roots():
        with transaction.atomic():
            viewer = staff.enter_as_system(root.path)
            for question in queries.over(day_of(now)):
                actions.end_question(viewer, question, now=now)
                done += 1
        while time.monotonic() < until:
            with transaction.atomic():
                staff.enter_as_system(root.path)
                waiting = queries.being_asked()
                if not waiting:
                    break
                actions.ask_next_doors(waiting[0], now=now)
                done += 1
    return done


def begin_day_of_visits(now: datetime) -> int:
    """Each night: needs end and begin with a day, without anybody writing anything."""
    done = 0
    for root in areas.roots():
        with transaction.atomic():
            viewer = staff.enter_as_system(root.path)
            done += actions.renew_due(viewer, queries.outdated_households(day_of(now)), now=now)
    return done


def plan_rounds(now: datetime) -> int:
    """Each minute of the night's last hours: the rounds of the day that are missing, for half a minute; says how many."""
    if now.astimezone(SHANGHAI).hour not in NIGHT:
        return 0
    done = 0
    for root in areas.roots():
        found = actions.plan_rounds(root.path, day_of(now), now=now, seconds=SLICE_SECONDS)
        if found.grids:
            log.info("rounds: %d planned in %d grids, %d grids to go", found.rounds, found.grids, found.left)
        done += found.rounds
    return done


def forget_rounds(now: datetime) -> int:
    """Each night: rounds that the night planned, and nobody used, go after sixty days; says how many."""
    return actions.forget_rounds(now)


def forget_tracks(now: datetime) -> int:
    """Each night: tracks older than thirty days go; says how many."""
    return actions.forget_tracks(now)
