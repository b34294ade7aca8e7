"""The office's clock: when a state's work is due in working time, when to warn, and what a pause does to it."""

from dataclasses import dataclass
from datetime import datetime

from wangge.base.calendar import CHINA, WorkingCalendar

#: The share of a deadline's working time after which its holder is warned.
WARN_PERCENT = 80


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline and the moment to warn of it, both in UTC."""

    due_at: datetime
    warn_at: datetime


def due_for(start: datetime, minutes: int, calendar: WorkingCalendar = CHINA) -> Due:
    """The deadline of `minutes` working minutes from `start`, and its warning."""
    return Due(
        calendar.add_working_minutes(start, minutes),
        calendar.add_working_minutes(start, minutes * WARN_PERCENT // 100),
    )


def after_pause(
    due: Due, paused_from: datetime, paused_until: datetime, calendar: WorkingCalendar = CHINA
) -> Due:
    """A deadline after the clock stood still: what was left when the pause began is left when it ends."""
    return Due(
        calendar.extend_deadline(due.due_at, paused_from, paused_until),
        calendar.extend_deadline(due.warn_at, paused_from, paused_until),
    )


def first_alarm(due: Due, now: datetime) -> datetime:
    """When to look at the case again: at the warning, or at the deadline when that has passed."""
    return due.warn_at if due.warn_at > now else due.due_at


def next_alarm(now: datetime, calendar: WorkingCalendar = CHINA) -> datetime:
    """An overdue case is raised one tier further each working day."""
    return calendar.add_working_minutes(now, calendar.minutes_per_day)
