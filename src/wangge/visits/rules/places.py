"""Places that are looked at every so often, and how often unless somebody says otherwise."""

from datetime import date, timedelta

PLACE_KINDS = ("hydrant", "lift", "site", "exit", "water", "slope", "other")
EVERY_DAYS = {"hydrant": 30, "lift": 30, "site": 7, "exit": 14, "water": 14, "slope": 14, "other": 90}
AGAIN_DAYS = 3
"""Whoever could not get in, or did not find it, tries again after so many days."""


def next_check(checked_on: date, found: str, every_days: int) -> date:
    """A fault is looked at again in half the time, at most a week: whether it was mended."""
    if found == "fault":
        return checked_on + timedelta(days=min(7, max(1, every_days // 2)))
    if found in ("no_access", "not_found"):
        return checked_on + timedelta(days=min(AGAIN_DAYS, every_days))
    return checked_on + timedelta(days=every_days)
