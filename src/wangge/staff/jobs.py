"""The promise kept without anybody asking: what expired is gone."""

from datetime import datetime

from wangge.staff import actions


def sweep_sign_ins(now: datetime) -> int:
    """Sign-ins that expired and counts of old attempts; says how many sign-ins went."""
    return actions.sweep_sign_ins(now=now)
