"""What no phone sends again and could not be taken in yet."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from wangge.access import Viewer
from wangge.base.problems import Problem
from wangge.staff.queries import own_id
from wangge.sync.models import HeldCommand

#: Words that somebody wrote themselves, by which they know what it was; nothing else of it is shown.
_OWN_WORDS = ("title", "text", "note", "spot")
_MOST_WORDS = 60


@dataclass(frozen=True, slots=True)
class Held:
    """A command that is held, as its writer reads it; with `ended_at` it was refused for good, for the reason `code`."""

    id: UUID
    kind: str
    words: str
    held_at: datetime
    ended_at: datetime | None
    code: str


def held_of(viewer: Viewer, *, limit: int = 100) -> list[Held]:
    """The viewer's own: what was refused for good first, then what still waits, each in the order in which it came."""
    own = HeldCommand.objects.filter(account_id=own_id(viewer)).annotate(waits=Q(ended_at=None))
    return [
        Held(each.id, each.kind, _words(each), each.held_at, each.ended_at, each.code)
        for each in own.order_by("waits", "held_at", "id")[:limit]
    ]


def command_in(held: HeldCommand) -> dict[str, Any] | None:
    """The command as it came; None when it has gone, or does not open: its key is not there, or it is not as it was written."""
    try:
        command: dict[str, Any] = json.loads(held.content or "null")
    except (Problem, ValueError):
        return None
    return command


def _words(held: HeldCommand) -> str:
    data = (command_in(held) or {}).get("data")
    said = [data.get(name) for name in _OWN_WORDS] if isinstance(data, dict) else []
    return next((text[:_MOST_WORDS] for text in said if isinstance(text, str) and text), "")


def accounts_with_held(viewer: Viewer) -> list[int]:  # noqa: ARG001 - the function asks whose they are
    """To the system: the accounts of whom something is to be tried again."""
    with connection.cursor() as cursor:
        cursor.execute("select sync_held_accounts()")
        return [account for (account,) in cursor.fetchall()]
