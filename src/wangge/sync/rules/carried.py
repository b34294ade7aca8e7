"""A file in which what waits on a phone is carried away when no signal is to be had, or its app is broken: how it is made. Pure.

`WGWAIT02` | mark of the key (4 bytes) | account (8) | phone (16) | nonce (12) | what is sealed (AES-256-GCM, the head before the nonce
authenticated with it). Sealed is: a length (4 bytes), so many bytes of JSON, then the bytes of the photos in the order in which the JSON
names them. Numbers are big-endian.
"""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from wangge.sync.rules.problems import NoWaitingFile, WaitingFileTorn

FORMAT = b"WGWAIT02"
#: A phone makes files of half of this, and several where more waits.
MOST_BYTES = 24 * 1024 * 1024
MOST_COMMANDS = 1_000
_MARK, _ACCOUNT, _PHONE, _NONCE, _LENGTH = 4, 8, 16, 12, 4
_HEAD = len(FORMAT) + _MARK + _ACCOUNT + _PHONE


@dataclass(frozen=True, slots=True)
class Head:
    """What can be read without a key: by which it is sealed, whose it is, and of which phone."""

    mark: bytes
    account_id: int
    device_id: UUID
    bound: bytes
    nonce: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Carried:
    """What was sealed: commands as they are sent, by how many milliseconds the server was ahead of the phone's clock, and photos."""

    commands: list[dict[str, Any]]
    ahead_ms: int | None
    photos: dict[str, bytes]


def purpose(account_id: int, device_id: UUID) -> str:
    """For which the key is given away: each phone of each account has its own."""
    return f"what waits on {device_id} of {account_id}"


def head_of(content: bytes) -> Head:
    """NoWaitingFile, WaitingFileTorn."""
    if not content.startswith(FORMAT):
        raise NoWaitingFile
    if len(content) <= _HEAD + _NONCE:
        raise WaitingFileTorn
    at = len(FORMAT)
    mark, at = content[at : at + _MARK], at + _MARK
    account, at = int.from_bytes(content[at : at + _ACCOUNT]), at + _ACCOUNT
    phone = UUID(bytes=content[at : at + _PHONE])
    nonce = content[_HEAD : _HEAD + _NONCE]
    return Head(mark, account, phone, content[:_HEAD], nonce, content[_HEAD + _NONCE :])


def carried_in(opened: bytes) -> Carried:
    """WaitingFileTorn for what no phone has sealed so."""
    try:
        end = _LENGTH + int.from_bytes(opened[:_LENGTH])
        told = json.loads(opened[_LENGTH:end])
        commands, ahead, named = told["commands"], told["ahead"], told["blobs"]
        if not (isinstance(commands, list) and all(isinstance(one, dict) for one in commands)):
            raise WaitingFileTorn
        photos: dict[str, bytes] = {}
        for each in named:
            size = int(each["size"])
            photos[str(each["digest"])] = opened[end : end + size]
            end += size
    except (KeyError, TypeError, ValueError):
        raise WaitingFileTorn from None
    if end != len(opened) or len(commands) > MOST_COMMANDS:
        raise WaitingFileTorn
    return Carried(commands, None if ahead is None else round(float(ahead)), photos)
