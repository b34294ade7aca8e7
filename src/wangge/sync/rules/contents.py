"""What the commands about cases carry; those of other nouns are read by their own actions."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from wangge.base.fields import AreaCode, Day, Digest, ItemCode, Lat, Lon, line, text


class Content(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CaseReported(Content):
    """`attachments` are digests of photos and voices that were uploaded before; later ones come with `case.attach`."""

    case: UUID
    item: ItemCode
    title: line(200, name="title")  # type: ignore[valid-type]  # a type made by a function
    description: text(4000, name="description") = ""  # type: ignore[valid-type]
    lon: Lon | None = None
    lat: Lat | None = None
    area: AreaCode | None = None
    address: line(200, least=0, name="address") = ""  # type: ignore[valid-type]
    urgency: Literal["normal", "urgent", "emergency"] | None = None
    source: Literal["worker", "patrol"] = "worker"
    attachments: Annotated[list[Digest], Field(max_length=10)] = []


class CaseStepped(Content):
    """A step of the lifecycle with what it needs, as `POST /cases/{id}/{step}` takes it."""

    case: UUID
    step: Literal[
        "accept",
        "cancel",
        "close",
        "escalate",
        "handle",
        "return",
        "suspend",
        "resume",
        "verify",
        "rate",
        "reopen",
    ]
    reason: text(1000, name="reason") = ""  # type: ignore[valid-type]
    area: AreaCode | None = None
    outcome: Literal["mended", "answered", "nothing", "not_ours", "planned", "refused"] | None = None
    answer: text(4000, name="answer") = ""  # type: ignore[valid-type]
    whose: line(80, least=0, name="whose") = ""  # type: ignore[valid-type]
    planned_on: Day | None = None
    ground: line(200, least=0, name="ground") = ""  # type: ignore[valid-type]
    mended: bool | None = None
    witness: Literal["reporter", "photo"] | None = None
    until: Day | None = None
    attachments: Annotated[list[Digest], Field(max_length=10)] = []


class CaseAttached(Content):
    case: UUID
    blob: Digest
    name: line(120, least=0, name="name") = ""  # type: ignore[valid-type]


class NoteAdded(Content):
    """Its id is the command's."""

    case: UUID
    audience: Literal["staff", "reporter"] = "staff"
    text: text(4000, least=1, name="text")  # type: ignore[valid-type]


class ConflictSettled(Content):
    """Of each field of the conflict, whose value is to stand."""

    conflict: UUID
    choice: dict[str, Literal["mine", "theirs"]]
