"""Promises kept without anybody asking: a plan is applied on its day, proposals are looked for and divisions proven, maps are read, and
telephone numbers that residents left are erased.
"""

from datetime import datetime

from django.db import transaction

from wangge.areas import queries as areas
from wangge.base.calendar import SHANGHAI
from wangge.plans import actions
from wangge.plans.actions import reading
from wangge.plans.actions.turns import SOON_SECONDS, BeginSearch
from wangge.plans.queries.plans import dated
from wangge.staff import queries as staff


def apply_plans(now: datetime) -> int:
    """Each hour: approved plans whose day has come; gives how many were applied. What stops one stops no other."""
    applied = 0
    today = now.astimezone(SHANGHAI).date()
    for root in areas.roots():
        with transaction.atomic():
            viewer = staff.enter_as_system(root.path)
            for plan in dated(today):
                applied += actions.apply_dated(viewer, plan, now=now)
    return applied


def erase_comment_phones(now: datetime) -> int:
    """Each night: telephone numbers that residents left half a year ago with a comment go; says how many. So many at once as one
    transaction holds easily; a restart goes on where it was.
    """
    done = 0
    for root in areas.roots():
        while True:
            with transaction.atomic():
                erased = actions.erase_comment_phones(staff.enter_as_system(root.path), now=now)
            done += erased
            if not erased:
                break
    return done


def compute_plans(now: datetime, *, begin_search: BeginSearch, seconds: float = SOON_SECONDS) -> int:
    """Each minute: searches and proofs go on, and begin when their turn comes; gives how many processes are on their way."""
    return actions.take_turns(now=now, begin_search=begin_search, seconds=seconds)


def take_reading(now: datetime) -> reading.Taken | None:
    """The map that is read next; None while one is read."""
    waiting = []
    for root in areas.roots():
        with transaction.atomic():
            found = actions.waiting_readings(staff.enter_as_system(root.path), root.path, now=now)
        if found.reading:
            return None
        waiting += found.waiting
    for each in sorted(waiting):
        with transaction.atomic():
            taken = reading.take_reading(staff.enter_as_system(each.root), each, now=now)
        if taken is not None:
            return taken
    return None
