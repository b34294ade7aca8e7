"""A command as a phone sends it, and what it is answered."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wangge.base.fields import Moment
from wangge.base.problems import Invalid, Problem

#: So many come in one push; a phone sends fifty.
MOST_COMMANDS = 200
#: A phone that has lost the time begins in 1970.
_MOST_AHEAD_MS = 100 * 366 * 86_400_000

Outcome = Literal["done", "repeated", "conflict", "refused"]


class Asked(BaseModel):
    """One command. `at` is the phone's clock; `ahead` by how many milliseconds it knew the server's to be ahead of that when it was
    written; `based_on` the revision that its writer saw.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: UUID
    kind: str = Field(max_length=40, pattern=r"^[a-z]+\.[a-z]+$")
    at: Moment
    ahead: int | None = Field(default=None, ge=-_MOST_AHEAD_MS, le=_MOST_AHEAD_MS)
    based_on: int | None = Field(default=None, ge=0, le=2**31 - 1)
    data: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """What came, as far as it can be read: its id, its digest, and the command or what is wrong with it."""

    id: UUID
    digest: bytes
    asked: Asked | None
    problem: Problem | None = None

    @property
    def kind(self) -> str:
        return self.asked.kind if self.asked else ""


@dataclass(frozen=True, slots=True)
class Done:
    """What an action tells of a command that it carried out. `facts` hold nothing private. `conflict`: it was not, since what
    it settles changed once more.
    """

    revision: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    conflict: UUID | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What one command is answered. With `again` the phone sends it once more by itself; without, its owner decides.

    Of a conflict `facts` are the fields with their three values.
    """

    id: UUID
    status: Outcome
    revision: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    problem: Problem | None = None
    again: bool = False
    conflict: UUID | None = None


def digest_of(sent: Mapping[str, Any]) -> bytes:
    """The SHA-256 of a command as it was sent, whatever the order of its keys. Invalid for characters that no text may have."""
    plain = json.dumps(sent, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    try:
        written = plain.encode("utf-8")
    except UnicodeEncodeError:
        raise Invalid(field="data", expected="UTF-8") from None
    if "\\u0000" in plain:
        raise Invalid(field="data", expected="no U+0000")
    return hashlib.sha256(written).digest()


def read_commands(sent: Sequence[Mapping[str, Any]]) -> list[Read]:
    """Each command by itself: one that cannot be read stops no other. Invalid where there is not even an id."""
    if len(sent) > MOST_COMMANDS:
        raise Invalid(field="commands", expected=f"≤ {MOST_COMMANDS}")
    return [_read(one) for one in sent]


def _read(sent: Mapping[str, Any]) -> Read:
    try:
        known = UUID(str(sent.get("id")))
    except ValueError:
        raise Invalid(field="commands.id", expected="UUID") from None
    try:
        digest = digest_of(sent)
    except Invalid as problem:
        return Read(known, b"", None, problem)
    try:
        return Read(known, digest, Asked.model_validate(sent))
    except ValidationError as error:
        return Read(known, digest, None, fault_of(error))


def fault_of(error: ValidationError) -> Invalid:
    """The first thing that is wrong, without the value itself."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return Invalid(field=".".join(str(part) for part in first["loc"]), expected=str(first["msg"]))
