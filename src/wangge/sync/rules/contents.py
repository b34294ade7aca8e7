"""What the commands about cases carry; those of other nouns are read by their own actions."""

from typing import Annotated, Any, Literal
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


DepartmentCode = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{1,29}$")]
CaseNumber = Annotated[str, Field(pattern="^[0-9A-Za-z]{2,16}-[0-9]{6}-[0-9]{4,8}$")]


class CasePart(Content):
    """What one further case is about that is split off."""

    item: ItemCode
    title: line(200, name="title")  # type: ignore[valid-type]
    description: text(4000, name="description") = ""  # type: ignore[valid-type]


class CaseStepped(Content):
    """A step of the lifecycle with what it needs, as `POST /cases/{id}/{step}` takes it; `into` may also be a case's number, which
    somebody reads from a paper or hears on the telephone.
    """

    case: UUID
    step: Literal[
        "accept",
        "cancel",
        "close",
        "dispatch",
        "escalate",
        "handle",
        "merge",
        "rate",
        "reopen",
        "resume",
        "return",
        "split",
        "summon",
        "supervise",
        "suspend",
        "verify",
    ]
    reason: text(1000, name="reason") = ""  # type: ignore[valid-type]
    account: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    departments: Annotated[list[DepartmentCode], Field(max_length=8)] = []
    area: AreaCode | None = None
    outcome: Literal["mended", "answered", "nothing", "not_ours", "planned", "refused", "repeated"] | None = (
        None
    )
    answer: text(4000, name="answer") = ""  # type: ignore[valid-type]
    whose: line(80, least=0, name="whose") = ""  # type: ignore[valid-type]
    planned_on: Day | None = None
    ground: line(200, least=0, name="ground") = ""  # type: ignore[valid-type]
    into: UUID | CaseNumber | None = None
    mended: bool | None = None
    witness: Literal["reporter", "photo"] | None = None
    until: Day | None = None
    within_minutes: Annotated[int, Field(ge=5, le=2880)] | None = None
    parts: Annotated[list[CasePart], Field(max_length=9)] = []
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


class CampaignAnswered(Content):
    """What was answered at a door: `answers` by question, or the XForm's `instance` as XML. The answer's id is the command's."""

    campaign: UUID
    household: UUID
    form_version: UUID
    outcome: Literal["met", "nobody_home", "refused", "moved", "not_found", "empty"] = "met"
    answers: dict[str, Any] | None = None
    instance: Annotated[str, Field(max_length=200_000)] = ""
    visit: UUID | None = None


class HouseholdAdded(Content):
    """A household in a dwelling known by its id, or in a new one of a building that is known or new."""

    household: UUID
    dwelling: UUID
    area: AreaCode | None = None
    building: UUID | None = None
    building_name: line(80, least=0, name="building_name") = ""  # type: ignore[valid-type]
    compound: line(32, least=0, name="compound") = ""  # type: ignore[valid-type]
    door: line(40, least=0, name="door") = ""  # type: ignore[valid-type]
    lon: Lon | None = None
    lat: Lat | None = None
    has_plot: bool = False
    only_by_law: bool = False
    on: Day | None = None


class ResidentAdded(Content):
    resident: UUID
    household: UUID
    name: line(60, name="name")  # type: ignore[valid-type]
    residency: line(18, name="residency")  # type: ignore[valid-type]
    birth_year: Annotated[int, Field(ge=1880, le=2200)] | None = None
    sex: Literal["", "m", "f"] = ""
    relation: line(12, least=0, name="relation") = ""  # type: ignore[valid-type]
    identity: line(40, least=0, name="identity") = ""  # type: ignore[valid-type]
    phone: line(30, least=0, name="phone") = ""  # type: ignore[valid-type]
    came_from: line(120, least=0, name="came_from") = ""  # type: ignore[valid-type]
    came: Literal["known", "born", "moved_in"] = "moved_in"
    on: Day | None = None


class ResidentMoved(Content):
    resident: UUID
    move: Literal["in", "out", "within", "died"]
    to: UUID | None = None
    came_from: line(120, least=0, name="came_from") = ""  # type: ignore[valid-type]
    on: Day | None = None


class NeedAdded(Content):
    need: UUID
    resident: UUID
    kind: line(20, name="kind")  # type: ignore[valid-type]
    basis: Literal["law", "consent"]
    until: Day
    law: line(200, least=0, name="law") = ""  # type: ignore[valid-type]
    consent_on: Day | None = None
    consent_by: Literal["", "self", "guardian"] = ""
    detail: text(2000, name="detail") = ""  # type: ignore[valid-type]
    from_on: Day | None = None


class NeedEnded(Content):
    need: UUID
    on: Day | None = None


class Edited(BaseModel):
    """A change: which record, and beside it the fields that were changed, `{"was": …, "is": …}` each."""

    model_config = ConfigDict(extra="allow", frozen=True)
    household: UUID | None = None
    resident: UUID | None = None
