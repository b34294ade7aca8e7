"""Promises kept without anybody asking: a plan is applied on its day."""

from datetime import datetime

from django.db import transaction

from wangge.areas import queries as areas
from wangge.base.calendar import SHANGHAI
from wangge.plans.actions import apply_dated
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
                applied += apply_dated(viewer, plan, now=now)
    return applied
