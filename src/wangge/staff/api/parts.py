"""What the bodies and answers of staff have in common."""

from datetime import date
from typing import Annotated, Any

from django.utils.translation import get_language
from ninja import Schema
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.calendar import SHANGHAI

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str, Field(max_length=400)]
Password = Annotated[str, Field(max_length=200)]


class Closed(Schema):
    """A body takes the fields that it names and no others."""

    model_config = ConfigDict(extra="forbid")


def today() -> date:
    return clock.now().astimezone(SHANGHAI).date()


def name_of(named: Any) -> str:
    """The Chinese or English name, by the asker's language."""
    return str(named.en if (get_language() or "").startswith("en") else named.zh)
