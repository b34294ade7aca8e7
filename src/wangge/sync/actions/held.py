"""What no phone sends again and could not be taken in yet: kept sealed, and let go by its owner when it was refused for good."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from wangge.access import Viewer
from wangge.base.problems import NotFound
from wangge.journal.actions import record
from wangge.staff.queries import home_of, own_id
from wangge.sync.models import HeldCommand
from wangge.sync.rules import Result


def hold(
    viewer: Viewer,
    sent: Mapping[str, Any],
    result: Result,
    *,
    device_id: UUID | None,
    clock: datetime | None,
    lost_at: datetime | None = None,
    now: datetime,
) -> None:
    """Keeps a command that was put off, as it came. `clock` is what its phone took `now` for."""
    behind = None if clock is None else round((now - clock) / timedelta(milliseconds=1))
    HeldCommand.objects.update_or_create(
        id=result.id,
        defaults={
            "code": result.problem.code if result.problem else "",
            # It may have gone here, after it had ended.
            "content": json.dumps(sent, ensure_ascii=False),
            "tried_at": now,
            "ended_at": None,
        },
        create_defaults={
            "account_id": own_id(viewer),
            "device_id": device_id,
            "kind": str(sent["kind"]),
            "content": json.dumps(sent, ensure_ascii=False),
            "behind_ms": behind,
            "lost_at": lost_at,
            "code": result.problem.code if result.problem else "",
            "held_at": now,
            "tried_at": now,
        },
    )


def release(ids: Collection[UUID]) -> None:
    """These were taken in, or wait as conflicts now."""
    if ids:
        HeldCommand.objects.filter(id__in=ids).delete()


def let_go(viewer: Viewer, command_id: UUID, *, now: datetime) -> None:
    """Its owner has read why it was refused for good, and wants it no more. NotFound, also while it is still tried."""
    held = HeldCommand.objects.filter(
        id=command_id, account_id=own_id(viewer), ended_at__isnull=False
    ).first()
    if held is None:
        raise NotFound
    told = {"kind": held.kind, "code": held.code}
    held.delete()
    home = home_of(viewer)
    seen = any(f"{home}.".startswith(f"{path}.") for path in viewer.scope)
    path = home if seen else min(viewer.scope, key=len, default=home)
    record(viewer, verb="command.let-go", subject=f"command:{command_id}", path=path, at=now, after=told)
