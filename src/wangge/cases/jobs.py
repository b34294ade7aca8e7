"""Promises that are kept without anybody asking: alarms each minute, and no case left with somebody who is away."""

import logging
import traceback
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import transaction

from wangge.access import Viewer
from wangge.areas import queries as areas
from wangge.cases.actions import alarms, handover
from wangge.cases.queries.alarms import due_alarms
from wangge.cases.queries.holders import absent_handlers, cases_of_unread_desks
from wangge.staff import queries as staff

log = logging.getLogger("wangge.jobs")


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
            done += _alone(root.path, partial(alarms.sound_alarm, case_id=case_id, now=now))
    return done


def rehome_cases(now: datetime) -> int:
    """Each hour and after a start: what lies with somebody away or with a desk that nobody reads goes to who is there.

    Each person and each case is a transaction of its own, as above.
    """
    done = 0
    for root in areas.roots():
        with transaction.atomic():
            staff.enter_as_system(root.path)
            away = sorted({handler for handler, _ in absent_handlers(handover.day_of(now))})
        for handler in away:
            done += _alone(root.path, partial(handover.rehome_cases_of, account_id=handler, now=now))
        with transaction.atomic():
            staff.enter_as_system(root.path)
            unread = cases_of_unread_desks(handover.day_of(now))
        for case_id in unread:
            done += _alone(root.path, partial(handover.raise_unread_case, case_id=case_id, now=now))
    return done


def _alone(root: str, act: Callable[[Viewer], int | str]) -> int:
    """One act of the system in a transaction of its own. Of a fault the log gets kind and place, never its words."""
    try:
        with transaction.atomic():
            said = act(staff.enter_as_system(root))
            return said if isinstance(said, int) else bool(said)
    except Exception as problem:  # noqa: BLE001 - whatever it is, the next case has its turn
        place = traceback.extract_tb(problem.__traceback__)[-1]
        log.error("%s at %s:%s", type(problem).__name__, place.filename, place.lineno)  # noqa: TRY400
        return 0
