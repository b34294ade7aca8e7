"""Promises that are kept without anybody asking."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from wangge.areas import queries as areas
from wangge.base.problems import NotFound
from wangge.staff import queries as staff
from wangge.sync.actions import forget_gone, try_again
from wangge.sync.actions.following import follow_records
from wangge.sync.queries.held import accounts_with_held


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


def try_held_again(now: datetime) -> int:
    """Each hour: commands that no phone sends again, whether what they wait for has come; gives how many were taken in."""
    taken = 0
    for root in areas.roots():
        with transaction.atomic():
            accounts = accounts_with_held(staff.enter_as_system(root.path))
        for account in accounts:
            # Of an account that has ended it stays as it is, for the day on which that is taken back.
            with suppress(NotFound), transaction.atomic():
                taken += try_again(staff.enter_as(account, now=now), now=now)
    return taken
