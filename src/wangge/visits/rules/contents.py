"""What the commands of phones about visits, shifts, patrols and places carry."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from wangge.base.fields import AreaCode, Lat, Lon, Moment, line, text
from wangge.visits.rules.outcomes import CHECKED, MOST_NOTE, OUTCOMES, SEEN
from wangge.visits.rules.questions import LONGEST_LINE

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class Content(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReplyGiven(Content):
    """What was said to the question of this id: `yes` or `no`, one of its words, a number, a line; or they would not answer."""

    question: UUID
    said: line(LONGEST_LINE, least=0, name="said") = ""  # type: ignore[valid-type]  # a type made by a function
    declined: bool = False


class VisitRecorded(Content):
    """`visit` is the record's id. `reasons` are those that the worker saw; `errands` the ids of what they saw
    was to be brought or asked, and only these can be done (not said: those that were there when they called); `left` those that
    were not done; a department's question is done by its reply alone. `case` is one that they report of what was heard there, before or after. Of where they stood only `seen` is said, or the code that they
    read off the door's plate: a position is refused.
    """

    visit: UUID
    household: UUID
    outcome: Literal[OUTCOMES]  # type: ignore[valid-type]  # the tuple of the rules
    well: bool = False
    seen: Literal[SEEN] = ""  # type: ignore[valid-type]  # as above
    plate: line(20, least=0, name="plate") = ""  # type: ignore[valid-type]  # a type made by a function
    note: text(MOST_NOTE, name="note") = ""  # type: ignore[valid-type]  # as above
    reasons: Annotated[list[Code], Field(max_length=20)] = []
    errands: Annotated[list[UUID], Field(max_length=100)] | None = None
    left: Annotated[list[UUID], Field(max_length=100)] = []
    replies: Annotated[list[ReplyGiven], Field(max_length=20)] = []
    case: UUID | None = None


class ShiftStarted(Content):
    shift: UUID
    area: AreaCode | None = None


class ShiftEnded(Content):
    shift: UUID


class PatrolRecorded(Content):
    """`points`: longitude, latitude, seconds since the start; only when the worker started a track."""

    patrol: UUID
    shift: UUID
    started_at: Moment
    ended_at: Moment
    note: line(300, least=0, name="note") = ""  # type: ignore[valid-type]  # as above
    points: Annotated[
        list[tuple[Lon, Lat, Annotated[float, Field(ge=0, le=200_000)]]], Field(max_length=20_000)
    ] = []


class PlaceChecked(Content):
    """`case` is one that was reported of it, before or after."""

    check: UUID
    place: UUID
    found: Literal[CHECKED]  # type: ignore[valid-type]  # the tuple of the rules
    note: text(500, name="note") = ""  # type: ignore[valid-type]  # as above
    seen: Literal[SEEN] = ""  # type: ignore[valid-type]  # as above
    case: UUID | None = None
