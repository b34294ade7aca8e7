"""What is not needed any more for phones to find their way."""

from datetime import datetime, timedelta

from django.db import connection

from wangge.sync.models import Touched
from wangge.sync.rules import LASTS

#: Every cursor from before has ended, and its phone takes everything anew.
_KEPT = LASTS + timedelta(days=10)
#: So long the content of a held command stays after its end, and a track in it stays at all.
_HELD = timedelta(days=30)


def forget_gone(*, now: datetime) -> int:
    """Forgets which records left their places long ago; says how many. Leaves no entry: phones heard of it or start anew."""
    return Touched.objects.filter(gone=True, touched_at__lt=now - _KEPT).delete()[0]


def forget_held(*, now: datetime) -> int:
    """Empties held commands of everybody that ended a month ago, whose account did, or that hold a track of that time, without reading
    one; says how many. Kind and code stay, for whoever wrote it.
    """
    with connection.cursor() as cursor:
        cursor.execute("select sync_forget_held(%s)", [now - _HELD])
        (gone,) = cursor.fetchone()
    return int(gone)
