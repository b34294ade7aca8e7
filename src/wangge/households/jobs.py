"""Promises kept without anybody asking: what is no longer needed is erased."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from wangge.areas import queries as areas
from wangge.households import actions
from wangge.staff import queries as staff


def erase_care_details(now: datetime) -> int:
    """Each night: details of care needs that ended so many years ago go (WANGGE_CARE_DETAIL_YEARS); says how many.

    So many at once as one transaction holds easily; a restart goes on where it was.
    """
    done = 0
    for root in areas.roots():
        while True:
            with transaction.atomic():
                viewer = staff.enter_as_system(root.path)
                erased = actions.erase_care_details(viewer, years=settings.CARE_DETAIL_YEARS, now=now)
            done += erased
            if not erased:
                break
    return done
