"""Promises that are kept without anybody asking: alarms each minute, and no case left with somebody who is away."""

from datetime import datetime

from django.db import transaction

from wangge.areas import queries as areas
from wangge.cases.actions import alarms, handover
from wangge.cases.queries.alarms import due_alarms
from wangge.staff import queries as staff


def sound_alarms(now: datetime, *, at_most: int = 5_000) -> int:
    """Warns, raises and resumes what is due; costs by what is due, not by what is open. Gives how many were touched.

    Each case is a transaction of its own: a fault in one stops no other, and a restart goes on where it was.
    """
    done = 0
    for root in areas.roots():
        with transaction.atomic():
            staff.enter_as_system(root.path)
            waiting = due_alarms(now, at_most)
        for case_id in waiting:
            with transaction.atomic():
                viewer = staff.enter_as_system(root.path)
                done += bool(alarms.sound_alarm(viewer, case_id, now=now))
    return done


def rehome_cases(now: datetime) -> int:
    """Once a day and after a start: what lies with somebody away or with a desk that nobody reads goes to who is there."""
    done = 0
    for root in areas.roots():
        with transaction.atomic():
            viewer = staff.enter_as_system(root.path)
            done += handover.rehome_unread_cases(viewer, now=now)
    return done
