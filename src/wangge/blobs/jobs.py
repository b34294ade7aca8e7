"""The promise kept: what was never finished does not fill the disk."""

from datetime import datetime

from wangge.blobs.actions import drop_unfinished_uploads


def sweep_unfinished_uploads(now: datetime) -> int:
    """Once an hour or so; gives how many files went."""
    return drop_unfinished_uploads(now=now)
