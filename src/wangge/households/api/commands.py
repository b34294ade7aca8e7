"""What every command of a register says of itself, and how its parts are read and told."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.commands import Command
from wangge.base.fields import Moment


class RegisterCommandIn(Schema):
    """A command: the same `command_id` again changes nothing. `at` is the writer's clock, now when left out; `based_on` the
    revision that they saw.
    """

    model_config = ConfigDict(extra="forbid")
    command_id: UUID
    at: Moment | None = None
    based_on: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None

    def as_command(self) -> Command:
        return Command(self.command_id, self.at or clock.now(), self.based_on)


class RegisterEndIn(RegisterCommandIn):
    on: date | None = None


def last_code(path: str) -> str:
    return path.rsplit(".", 1)[-1]


def given_edits(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: edit for name, edit in given.items() if edit is not None}
