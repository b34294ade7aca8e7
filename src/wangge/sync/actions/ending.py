"""What a command ends in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from wangge.access import Viewer
from wangge.base.commands import Command
from wangge.base.problems import Problem
from wangge.sync.rules.commands import Done, fault_of

Data = Mapping[str, Any]
Act = Callable[[Viewer, Command, Data, datetime], Done]
ActOnMany = Callable[[Viewer, Sequence[tuple[Command, Data]], datetime], Sequence[Done | Problem]]

Content = TypeVar("Content", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a command of this kind ends in. `together` takes many at once, each done or with its problem; it raises nothing.

    `subject` names the record that a command is about, as the journal does; where it may conflict.
    """

    act: Act
    together: ActOnMany | None = None
    subject: Callable[[Data], str] | None = None


def read(content: type[Content], data: Data) -> Content:
    """The command's data as its kind has it; Invalid, without the value."""
    try:
        return content.model_validate(data)
    except ValidationError as error:
        raise fault_of(error) from None


def named(data: Data, name: str, command_id: UUID) -> Data:
    """The data with the id of the record that the command makes: where it says none, the command's own."""
    return {name: str(command_id), **data}
