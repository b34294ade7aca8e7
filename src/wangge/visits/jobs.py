"""Promises kept without anybody asking: what is due follows the register, answers reach doors, tracks go."""

from datetime import datetime

from django.db import transaction

from wangge.areas import queries as areas
from wangge.staff import queries as staff
from wangge.visits import actions, queries
from wangge.visits.rules import day_of


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


def begin_day_of_visits(now: datetime) -> int:
    """Each night: needs end and begin with a day, without anybody writing anything."""
    done = 0
    for root in areas.roots():
        with transaction.atomic():
            viewer = staff.enter_as_system(root.path)
            done += actions.renew_due(viewer, queries.outdated_households(day_of(now)), now=now)
    return done


def forget_tracks(now: datetime) -> int:
    """Each night: tracks older than thirty days go; says how many."""
    return actions.forget_tracks(now)
