"""Promises that are kept without anybody asking."""

import logging
import traceback
from datetime import datetime

from django.db import transaction

from wangge.areas import queries as areas
from wangge.base.problems import NotFound
from wangge.staff import queries as staff
from wangge.sync.actions import forget_gone, forget_held, try_again
from wangge.sync.actions.following import follow_records
from wangge.sync.queries.held import accounts_with_held

log = logging.getLogger("wangge.worker")


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


def forget_held_commands(now: datetime) -> int:
    """Each night: what is in held commands that ended long ago, and tracks in them; says how many."""
    return forget_held(now=now)


def try_held_again(now: datetime) -> int:
    """Each hour: commands that no phone sends again, whether what they wait for has come; gives how many were taken in."""
    taken = 0
    for root in areas.roots():
        with transaction.atomic():
            accounts = accounts_with_held(staff.enter_as_system(root.path))
        for account in accounts:
            taken += _try_those_of(account, now)
    return taken


def _try_those_of(account: int, now: datetime) -> int:
    try:
        with transaction.atomic():
            return try_again(staff.enter_as(account, now=now), now=now)
    except NotFound:
        # Of an account that has ended it stays as it is, for the day on which that is taken back.
        return 0
    except Exception as problem:  # noqa: BLE001 - whatever it is, the others' are tried all the same
        place = traceback.extract_tb(problem.__traceback__)[-1]
        log.error("held commands: %s at %s:%s", type(problem).__name__, place.filename, place.lineno)  # noqa: TRY400 - its words may quote people's data
        return 0
