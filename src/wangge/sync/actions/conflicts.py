"""Both sides of what was changed twice: kept when it is found, settled by a person, and never lost."""

import json
from datetime import datetime
from uuid import UUID

from django.db import transaction

from wangge.access import Viewer
from wangge.base.commands import Command
from wangge.base.problems import Changed, NotFound
from wangge.journal.actions import record
from wangge.staff.queries import own_id
from wangge.sync.actions.ending import Data, read
from wangge.sync.actions.kinds import KINDS
from wangge.sync.models import Conflict
from wangge.sync.queries.conflicts import sides_in
from wangge.sync.queries.kinds import path_of
from wangge.sync.rules import AlreadySettled, Asked, Done, edits_of, settled, sides_of
from wangge.sync.rules.conflicts import MINE
from wangge.sync.rules.contents import ConflictSettled


def keep_conflict(viewer: Viewer, asked: Asked, problem: Changed, *, now: datetime) -> Conflict:
    """Keeps what both sides say; the journal tells of which fields, not what stands in them."""
    kind = KINDS[asked.kind]
    subject = kind.subject(asked.data) if kind.subject else f"{asked.kind}:{asked.id}"
    sides = sides_of(asked.data, problem.facts["fields"])
    told = {
        "revision": problem.facts["current_revision"],
        "fields": {name: side.plain() for name, side in sides.items()},
    }
    conflict = Conflict(
        id=asked.id,
        account_id=own_id(viewer),
        path=path_of(viewer, subject),
        kind=asked.kind,
        subject=subject,
        content=json.dumps({"data": asked.data}, ensure_ascii=False),
        fields=json.dumps(told, ensure_ascii=False, default=str),
        found_at=now,
    )
    conflict.save(force_insert=True)
    _record(viewer, conflict, "conflict.found", now, {"fields": sorted(sides)})
    return conflict


def settle_conflict(
    viewer: Viewer, conflict_id: UUID, choice: dict[str, str], *, command_id: UUID, now: datetime
) -> Done:
    """As a person picked: `choice` says of each field whose value is to stand, "mine" (the command's) or "theirs" (what is kept).

    What is written is written by the action of the command, with the viewer's rights. When the record was changed once more
    the conflict stays open with what is kept now, and the answer names it. NotFound, AlreadySettled, Invalid.
    """
    with transaction.atomic():
        conflict = Conflict.objects.select_for_update().filter(id=conflict_id).first()
        if conflict is None:
            raise NotFound
        if conflict.settled_at is not None:
            raise AlreadySettled
        sides = sides_in(conflict)
        told = json.loads(conflict.content)["data"]
        data = settled(told, sides.fields, choice)
        done = Done(sides.revision)
        if edits_of(data) or (not edits_of(told) and MINE in choice.values()):
            command = Command(command_id, now, sides.revision)
            try:
                with transaction.atomic():
                    done = KINDS[conflict.kind].act(viewer, command, data, now)
            except Changed as problem:
                return _still_apart(conflict, told, problem)
        conflict.choice = json.dumps(choice)
        conflict.settled_at, conflict.settled_by_id = now, viewer.account_id
        conflict.save(update_fields=["choice", "settled_at", "settled_by_id"])
        _record(viewer, conflict, "conflict.settled", now, {"choice": choice})
        return done


def settle(viewer: Viewer, command: Command, data: Data, now: datetime) -> Done:
    """The same, as a phone's command."""
    given = read(ConflictSettled, data)
    return settle_conflict(viewer, given.conflict, dict(given.choice), command_id=command.id, now=now)


def _still_apart(conflict: Conflict, told: Data, problem: Changed) -> Done:
    """Somebody changed it a third time: both values of now are shown."""
    sides = sides_in(conflict)
    kept = {name: side["theirs"] for name, side in sides.fields.items()} | dict(problem.facts["fields"])
    found = sides_of(told, kept)
    conflict.fields = json.dumps(
        {
            "revision": problem.facts["current_revision"],
            "fields": {name: side.plain() for name, side in found.items()},
        },
        ensure_ascii=False,
        default=str,
    )
    conflict.save(update_fields=["fields"])
    return Done(conflict=conflict.id)


def _record(viewer: Viewer, conflict: Conflict, verb: str, now: datetime, after: dict[str, object]) -> None:
    record(
        viewer,
        verb=verb,
        subject=conflict.subject,
        path=conflict.path,
        at=now,
        after={"conflict": str(conflict.id), **after},
    )
