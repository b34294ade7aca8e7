"""Counting what anybody may try, with and without an account: by where it comes from, and by what is tried. Each count commits itself
where no transaction is open, or the throttle would forget what it throttles.
"""

from datetime import datetime

from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from wangge.base.problems import TooMany
from wangge.staff.rules.sign_in import WINDOW, source_of, wait_seconds


def counted_by(kind: str, value: str) -> str:
    """A digest, so that no list of names and addresses is kept."""
    named = f"{kind}:{value}".encode("utf-8", "surrogatepass").hex()
    return salted_hmac("wangge.staff.attempts", named, algorithm="sha256").hexdigest()


def counted_by_source(kind: str, address: str) -> str:
    """Where something comes from: one household or office."""
    return counted_by(kind, source_of(address))


def count_attempt(keys: dict[str, int], now: datetime) -> None:
    """Counts first and asks then, so that attempts at the same moment do not pass together. One statement each. `keys`: what it is counted
    by, and how many are heard within ten minutes. TooMany with the seconds to wait.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into staff_attempts as a (source, minute, count)"
            " select key, %s, 1 from unnest(%s::text[]) key order by key"
            " on conflict (source, minute) do update set count = a.count + 1",
            [now.replace(second=0, microsecond=0), list(keys)],
        )
        cursor.execute(
            "select source, minute, count from staff_attempts where source = any (%s) and minute > %s",
            [list(keys), now - WINDOW],
        )
        rows = cursor.fetchall()
        seconds = max(
            wait_seconds([row[1:] for row in rows if row[0] == key], most=most + 1, now=now)
            for key, most in keys.items()
        )
        if seconds:
            transaction.set_rollback(True)  # what was not heard does not count: else waiting would never end
    if seconds:
        raise TooMany(seconds=seconds)


def take_back(keys: dict[str, int], now: datetime) -> None:
    """It was right, and does not count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update staff_attempts set count = count - 1 where source = any (%s) and minute = %s and count > 0",
            [list(keys), now.replace(second=0, microsecond=0)],
        )
