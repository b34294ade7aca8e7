"""What was carried away from a phone as a file is read in, by whoever wrote it: each command once, as if the phone had sent it."""

import base64
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from wangge.access import Viewer
from wangge.base.private import PrivateKeyMissing
from wangge.base.problems import Problem
from wangge.blobs.actions import store_part
from wangge.blobs.rules import BadBlob
from wangge.staff.queries import own_id
from wangge.sync.actions.devices import check_not_lost
from wangge.sync.actions.held import hold
from wangge.sync.actions.push import push
from wangge.sync.queries.devices import device_of
from wangge.sync.rules import MOST_COMMANDS, Result
from wangge.sync.rules.carried import Carried, Head, carried_in, head_of, purpose
from wangge.sync.rules.problems import WaitingFileFromElsewhere, WaitingFileOfAnother, WaitingFileTorn


@dataclass(frozen=True, slots=True)
class Came:
    """One command of a file and what became of it. One that was put off (`again`) is held here, and tried again by the clock."""

    kind: str
    at: str
    result: Result


@dataclass(frozen=True, slots=True)
class ReadIn:
    """What became of a file; `photos` that are here now, and why others were not taken."""

    commands: list[Came]
    photos: int
    refused_photos: list[Problem]


def give_file_key(viewer: Viewer, device_id: UUID) -> str:
    """The key under which this phone seals what is carried away from it, in base64, its mark (4 bytes) first. It is made of the
    installation's own, so that a file opens also after its phone was wiped. NotFound, WipeOrdered.
    """
    check_not_lost(device_of(viewer, device_id))
    given: bytes = settings.PRIVATE_KEYS.given_away(purpose(own_id(viewer), device_id))
    return base64.b64encode(given).decode()


def read_in(viewer: Viewer, content: bytes, *, now: datetime) -> ReadIn:
    """Takes in a file that was carried away from a phone of the viewer's own. A second time everything is answered as before.

    NoWaitingFile, WaitingFileTorn, WaitingFileOfAnother, WaitingFileFromElsewhere: then nothing was taken in.
    """
    head = head_of(content)
    if head.account_id != own_id(viewer):
        raise WaitingFileOfAnother
    told = _opened(head)
    photos, refused = _photos(viewer, told, now)
    clock = None if told.ahead_ms is None else now - timedelta(milliseconds=told.ahead_ms)
    came: list[Came] = []
    with transaction.atomic():
        for first in range(0, len(told.commands), MOST_COMMANDS):
            some = told.commands[first : first + MOST_COMMANDS]
            results = push(viewer, some, device_id=head.device_id, clock=clock, now=now)
            for sent, result in zip(some, results, strict=True):
                if result.again:
                    hold(viewer, sent, result, device_id=head.device_id, clock=clock, now=now)
                came.append(Came(_said(sent, "kind"), _said(sent, "at"), result))
    return ReadIn(came, photos, refused)


def _opened(head: Head) -> Carried:
    try:
        key = settings.PRIVATE_KEYS.given_before(purpose(head.account_id, head.device_id), head.mark)
        return carried_in(AESGCM(key).decrypt(head.nonce, head.sealed, head.bound))
    except PrivateKeyMissing:
        raise WaitingFileFromElsewhere from None
    except InvalidTag:
        raise WaitingFileTorn from None


def _photos(viewer: Viewer, told: Carried, now: datetime) -> tuple[int, list[Problem]]:
    """Each by itself: one that is never taken keeps nothing else away."""
    refused: list[Problem] = []
    for digest, content in told.photos.items():
        try:
            with transaction.atomic():
                store_part(viewer, digest, io.BytesIO(content), None, now=now, length=len(content))
        except BadBlob as problem:
            refused.append(problem)
    return len(told.photos) - len(refused), refused


def _said(sent: dict[str, Any], name: str) -> str:
    return str(sent.get(name, ""))[:40]
