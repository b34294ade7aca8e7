"""Which cases the clock must look at."""

from datetime import datetime
from uuid import UUID

from wangge.cases.models import Case


def due_alarms(now: datetime, at_most: int) -> list[UUID]:
    """Cases whose next alarm has come, the longest waiting first; by the partial index of alarms."""
    return list(
        Case.objects.filter(next_alarm_at__lte=now)
        .order_by("next_alarm_at")
        .values_list("id", flat=True)[:at_most]
    )
