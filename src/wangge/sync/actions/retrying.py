"""What is held is tried again: what it waited for may have come."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from wangge.access import Viewer
from wangge.staff.queries import own_id
from wangge.sync.actions.push import Pushed, answered, take_turns
from wangge.sync.models import HeldCommand
from wangge.sync.queries.places import seats_on_the_ground
from wangge.sync.rules import LastWords, read_commands

#: So many of one account in one turn; the others have theirs an hour later.
_MOST = 500


def try_again(viewer: Viewer, *, now: datetime) -> int:
    """Carries out what it can of what is held of the viewer's, in the order in which it came; gives how many were taken in. Of what
    is refused for good now its owner reads why.
    """
    taken = 0
    with transaction.atomic():
        take_turns(viewer)
        # What was taken in may be what another waits for.
        while now_taken := sum(_is_taken(viewer, held, now) for held in _waiting(viewer)):
            taken += now_taken
    return taken


def _waiting(viewer: Viewer) -> list[HeldCommand]:
    found = HeldCommand.objects.filter(account_id=own_id(viewer), ended_at=None)
    return list(found.order_by("held_at", "id")[:_MOST])


def _is_taken(viewer: Viewer, held: HeldCommand, now: datetime) -> bool:
    """Whether it is held no more. What it ends in is what it would have ended in when it came: with the posts with which one works on
    a phone, where that was lost, and by the same clock.
    """
    lost = None
    if held.lost_at is not None:
        viewer = replace(viewer, seats=seats_on_the_ground(viewer))
        lost = LastWords(held.device_id or held.id, held.lost_at, 0, 0)
    clock = None if held.behind_ms is None else now - timedelta(milliseconds=held.behind_ms)
    asked = Pushed(viewer, held.device_id, clock, now, lost)
    (result,) = answered(asked, read_commands([json.loads(held.content)]))
    if result.status != "refused":
        HeldCommand.objects.filter(id=held.id).delete()
        return True
    held.code, held.tried_at = result.problem.code if result.problem else "", now
    held.ended_at = None if result.again else now
    held.save(update_fields=["code", "tried_at", "ended_at"])
    return False
