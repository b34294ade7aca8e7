"""What is not needed any more for phones to find their way."""

from datetime import datetime, timedelta

from wangge.sync.models import Touched
from wangge.sync.rules import LASTS

#: Every cursor from before has ended, and its phone takes everything anew.
_KEPT = LASTS + timedelta(days=10)


def forget_gone(*, now: datetime) -> int:
    """Forgets which records left their places long ago; says how many. Leaves no entry: phones heard of it or start anew."""
    return Touched.objects.filter(gone=True, touched_at__lt=now - _KEPT).delete()[0]
