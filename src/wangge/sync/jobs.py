"""Promises that are kept without anybody asking."""

from datetime import datetime

from django.db import transaction

from wangge.areas import queries as areas
from wangge.staff import queries as staff
from wangge.sync.actions import forget_gone
from wangge.sync.actions.following import follow_records


def forget_gone_records(now: datetime) -> int:
    """Each night: what left its place so long ago that every phone knows or starts anew."""
    done = 0
    for root in areas.roots():
        with transaction.atomic():
            staff.enter_as_system(root.path)
            done += forget_gone(now=now)
    return done


def follow_records_of_conflicts(now: datetime) -> int:  # noqa: ARG001 - a promise is told when it is
    """Every five minutes: an open conflict is with whoever has its record, also after grids were divided anew."""
    done = 0
    for root in areas.roots():
        with transaction.atomic():
            staff.enter_as_system(root.path)
            done += follow_records()
    return done
