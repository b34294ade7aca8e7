"""What is held is tried again: what it waited for may have come."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from wangge.access import Viewer
from wangge.base.problems import Problem
from wangge.staff.queries import own_id
from wangge.sync.actions.push import Pushed, answered, take_turns
from wangge.sync.models import HeldCommand
from wangge.sync.queries.held import command_in
from wangge.sync.queries.places import seats_on_the_ground
from wangge.sync.rules import LastWords, NotNow, Read, Result, read_commands

log = logging.getLogger("wangge.sync")

#: So many of one account in one turn; the others have theirs an hour later.
_MOST = 500


def try_again(viewer: Viewer, *, now: datetime) -> int:
    """Carries out what it can of what is held of the viewer's, in the order in which it came; gives how many were taken in. Of what
    is refused for good now its owner reads why.
    """
    taken = 0
    with transaction.atomic():
        take_turns(viewer)
        waiting, is_all = _waiting(viewer)
        refused = _tried(viewer, waiting, now)
        # What was taken in may be what another waits for, whichever came first: only when nothing is taken any more something ends.
        while len(refused) < len(waiting):
            taken += len(waiting) - len(refused)
            waiting = [held for held, _result in refused]
            refused = _tried(viewer, waiting, now)
        for held, result in refused:
            _put_back(held, result, now, is_all=is_all)
    return taken


def _waiting(viewer: Viewer) -> tuple[list[HeldCommand], bool]:
    """What has its turn now, those first that had none for longest, and whether that is all."""
    waits = HeldCommand.objects.filter(account_id=own_id(viewer), ended_at=None)
    found = list(waits.order_by("tried_at", "held_at", "id")[: _MOST + 1])
    return found[:_MOST], len(found) <= _MOST


def _tried(viewer: Viewer, waiting: list[HeldCommand], now: datetime) -> list[tuple[HeldCommand, Result]]:
    """Tries each; gives what was not taken in. The others are held no more."""
    refused: list[tuple[HeldCommand, Result]] = []
    for held in waiting:
        result = _outcome(viewer, held, now)
        if result.status == "refused":
            refused.append((held, result))
        else:
            HeldCommand.objects.filter(id=held.id).delete()
    return refused


def _outcome(viewer: Viewer, held: HeldCommand, now: datetime) -> Result:
    """What it ends in is what it would have ended in when it came: with the posts with which one works on a phone, where that was
    lost, and by the clock of then.
    """
    read = _read(held)
    if read is None:
        log.error("held command %s does not open", held.id)
        # Its key may come back.
        return Result(held.id, "refused", problem=NotNow(), again=True)
    lost = None
    if held.lost_at is not None:
        viewer = replace(viewer, seats=seats_on_the_ground(viewer))
        lost = LastWords(held.device_id or held.id, held.lost_at, 0, 0)
    clock = None if held.behind_ms is None else held.held_at - timedelta(milliseconds=held.behind_ms)
    (result,) = answered(Pushed(viewer, held.device_id, clock, now, lost, held.held_at), [read])
    return result


def _read(held: HeldCommand) -> Read | None:
    """None for what does not open, or is no command."""
    command = command_in(held)
    if not isinstance(command, dict):
        return None
    try:
        (read,) = read_commands([command])
    except Problem:
        return None
    return read


def _put_back(held: HeldCommand, result: Result, now: datetime, *, is_all: bool) -> None:
    """It ends when it is refused for good. Where others had no turn now, one of which it may wait for, only when that is so a second time:
    they had theirs between.
    """
    code = result.problem.code if result.problem else ""
    ends = not result.again and (is_all or held.code == code)
    held.code, held.tried_at, held.ended_at = code, now, now if ends else None
    held.save(update_fields=["code", "tried_at", "ended_at"])
