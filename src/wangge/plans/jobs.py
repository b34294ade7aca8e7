"""Promises kept without anybody asking: a plan is applied on its day, several proposals are looked for, and one is proven as long as somebody wants to know more."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from wangge.areas import queries as areas
from wangge.base.calendar import SHANGHAI
from wangge.plans.actions import apply_dated, prove_on, take_search
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


def prove_plans(now: datetime) -> int:
    """Each minute: keeps what the proofs of plans have reached, and begins those that are asked for; how many are on their way."""
    return prove_on(now=now)


def take_searches(now: datetime) -> list[tuple[str, UUID, int]]:
    """Each minute: what is to be looked for next, as the path of its city, its number and which beginning it is; whoever asked begins it."""
    taken = []
    for root in areas.roots():
        with transaction.atomic():
            search = take_search(staff.enter_as_system(root.path), now=now)
        if search is not None:
            taken.append((root.path, search.id, search.tries))
    return taken
