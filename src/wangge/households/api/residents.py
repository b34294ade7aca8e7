"""Residents, their care needs and stays over HTTP. Private particulars are masked unless they were revealed to the viewer."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router, Schema
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import line, text
from wangge.base.private import mask_address, mask_identity, mask_phone
from wangge.households import actions, queries
from wangge.households.api.commands import RegisterCommandIn, RegisterEndIn, given_edits, last_code
from wangge.households.rules import people as rules

residents = Router(tags=["residents"])

Residency = Literal[rules.RESIDENCIES]  # type: ignore[valid-type]  # a fixed list, said once
NeedKind = Literal[rules.NEEDS]  # type: ignore[valid-type]  # as above
Basis = Literal[rules.BASES]  # type: ignore[valid-type]  # as above
Name = line(rules.LONGEST_NAME, name="name")


class TextEdit(Schema):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    was: Annotated[str, Field(max_length=240)] | None
    made: Annotated[str, Field(max_length=240)] | None = Field(alias="is")


class YearEdit(Schema):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    was: Annotated[int, Field(ge=0, le=9999)] | None
    made: Annotated[int, Field(ge=0, le=9999)] | None = Field(alias="is")


class ResidentEdits(Schema):
    """Only what was changed. Of `identity`, `phone` and `registered_address`, `was` may be the mask that was shown, or the last
    four figures of a telephone.
    """

    model_config = ConfigDict(extra="forbid")
    name: TextEdit | None = None
    birth_year: YearEdit | None = None
    sex: TextEdit | None = None
    residency: TextEdit | None = None
    relation: TextEdit | None = None
    identity: TextEdit | None = None
    phone: TextEdit | None = None
    registered_address: TextEdit | None = None


class ResidentChangeIn(RegisterCommandIn):
    fields: ResidentEdits


class ResidentIn(RegisterCommandIn):
    household: UUID
    name: Name  # type: ignore[valid-type]
    residency: Residency
    birth_year: Annotated[int, Field(ge=1880, le=2200)] | None = None
    sex: Literal["", "m", "f"] = ""
    relation: Literal["", *rules.RELATIONS] = ""  # type: ignore[valid-type]  # a fixed list, said once
    identity: line(40, least=0, name="identity") = ""  # type: ignore[valid-type]
    phone: line(30, least=0, name="phone") = ""  # type: ignore[valid-type]
    registered_address: line(200, least=0, name="registered_address") = ""  # type: ignore[valid-type]
    came: Literal["known", "born", "moved_in"] = "moved_in"
    came_from: line(rules.LONGEST_ORIGIN, least=0, name="came_from") = ""  # type: ignore[valid-type]
    on: date | None = None


class ResidentMoveIn(RegisterCommandIn):
    """`to` names a household of the same grid for `within` and `in`; to another grid a file goes by a transfer. `came_from`: of
    who moves in, where they say that they lived before.
    """

    move: Literal["in", "out", "within", "died"]
    to: UUID | None = None
    came_from: line(rules.LONGEST_ORIGIN, least=0, name="came_from") = ""  # type: ignore[valid-type]
    on: date | None = None


class ParticularsIn(Schema):
    model_config = ConfigDict(extra="forbid")
    command_id: UUID
    what: Annotated[list[Literal[rules.PRIVATE]], Field(min_length=1, max_length=4)]  # type: ignore[valid-type]
    why: Literal[rules.REVEAL_REASONS]  # type: ignore[valid-type]


class ResidentMergeIn(RegisterCommandIn):
    into: UUID
    reason: line(400, least=0, name="reason") = ""  # type: ignore[valid-type]


class NeedIn(RegisterCommandIn):
    """On a law, or on consent: then by whom and on which day. It ends on `until`, at most 366 days after it began."""

    kind: NeedKind
    basis: Basis
    until: date
    law: line(200, least=0, name="law") = ""  # type: ignore[valid-type]
    consent_on: date | None = None
    consent_by: Literal["", "self", "guardian"] = ""
    detail: text(2000, name="detail") = ""  # type: ignore[valid-type]
    from_on: date | None = None


class ResidentOut(Schema):
    """`identity`, `phone` and `registered_address` (户籍地址) are masked unless they were revealed to the viewer within the last
    minutes.
    """

    id: UUID
    household: UUID | None
    area: str
    name: str
    birth_year: int | None
    sex: str
    residency: str
    relation: str
    identity: str
    phone: str
    registered_address: str
    left_on: date | None
    merged_into: UUID | None
    revision: int


class NeedOut(Schema):
    """`detail` is null unless it was revealed to the viewer within the last minutes; empty where it was erased on `erased_on`."""

    id: UUID
    resident: UUID
    kind: str
    basis: str
    law: str
    consent_on: date | None
    consent_by: str
    detail: str | None
    from_on: date
    until: date
    ended_on: date | None
    erased_on: date | None
    revision: int


class StayOut(Schema):
    """`came_from` is masked unless the person's `address` was revealed to the viewer within the last minutes."""

    resident: UUID
    name: str
    household: UUID
    from_on: date
    came: str
    came_from: str
    to_on: date | None
    went: str


class ParticularsOut(Schema):
    identity: str | None = None
    phone: str | None = None
    address: str | None = None
    care: dict[str, str] | None = None


def resident_told(row: Any, shown: frozenset[str] = frozenset()) -> dict[str, Any]:
    told = ("id", "name", "birth_year", "sex", "residency", "relation", "left_on", "revision")
    identity, phone, address = row.identity or "", row.phone or "", row.registered_address or ""
    return {name: getattr(row, name) for name in told} | {
        "household": row.household_id,
        "area": last_code(row.path),
        "merged_into": row.merged_into_id,
        "identity": identity if "identity" in shown else mask_identity(identity),
        "phone": phone if "phone" in shown else mask_phone(phone),
        "registered_address": address if "address" in shown else mask_address(address),
    }


def need_told(row: Any, shown: frozenset[str] = frozenset()) -> dict[str, Any]:
    told = (
        "id",
        "kind",
        "basis",
        "law",
        "consent_on",
        "consent_by",
        "from_on",
        "until",
        "ended_on",
        "erased_on",
        "revision",
    )
    detail = (row.detail or "") if "care" in shown else None
    return {name: getattr(row, name) for name in told} | {"resident": row.resident_id, "detail": detail}


def stay_told(row: Any, name: str, shown: frozenset[str] = frozenset()) -> dict[str, Any]:
    told = ("from_on", "came", "to_on", "went")
    origin = row.came_from or ""
    return {each: getattr(row, each) for each in told} | {
        "resident": row.resident_id,
        "household": row.household_id,
        "name": name,
        "came_from": origin if "address" in shown else mask_address(origin),
    }


@residents.put("/{uuid:resident_id}", response={200: ResidentOut, **problems(403, 404, 409)})
def add_resident(request: Asked, resident_id: UUID, given: ResidentIn) -> dict[str, Any]:
    """Adds somebody to a household under an id that the client made."""
    facts = given.model_dump(include=set(rules.OF_RESIDENT))
    return resident_told(
        actions.add_resident(
            request.viewer,
            given.as_command(),
            resident_id,
            given.household,
            facts,
            came=given.came,
            came_from=given.came_from,
            on=given.on,
            now=clock.now(),
        )
    )


@residents.get("/{uuid:resident_id}", response={200: ResidentOut, **problems(403, 404)})
def resident(request: Asked, resident_id: UUID) -> dict[str, Any]:
    """Somebody in the register."""
    shown = queries.revealed(request.viewer, [resident_id], now=clock.now())
    return resident_told(
        queries.resident_by_id(request.viewer, resident_id), shown.get(resident_id, frozenset())
    )


@residents.get("/{uuid:resident_id}/stays", response={200: list[StayOut], **problems(403, 404)})
def stays(request: Asked, resident_id: UUID) -> list[dict[str, Any]]:
    """Where somebody lived, the earliest first; a grid that no longer keeps them reads its own time alone."""
    shown = queries.revealed(request.viewer, [resident_id], now=clock.now()).get(resident_id, frozenset())
    return [stay_told(each, each.name, shown) for each in queries.stays_of(request.viewer, resident_id)]


@residents.post("/{uuid:resident_id}/change", response={200: ResidentOut, **problems(403, 404, 409)})
def change_resident(request: Asked, resident_id: UUID, given: ResidentChangeIn) -> dict[str, Any]:
    """Changes fields of a resident; `changed` when somebody else changed the same."""
    edits = given_edits(given.fields.model_dump(by_alias=True))
    return resident_told(
        actions.change_resident(request.viewer, given.as_command(), resident_id, edits, now=clock.now())
    )


@residents.post("/{uuid:resident_id}/move", response={200: ResidentOut, **problems(403, 404, 409)})
def move_resident(request: Asked, resident_id: UUID, given: ResidentMoveIn) -> dict[str, Any]:
    """Moves somebody in, out, or within the grid, or keeps that they died."""
    return resident_told(
        actions.move_resident(
            request.viewer,
            given.as_command(),
            resident_id,
            given.move,
            to=given.to,
            came_from=given.came_from,
            on=given.on,
            now=clock.now(),
        )
    )


@residents.post("/{uuid:resident_id}/reveal", response={200: ParticularsOut, **problems(403, 404, 409)})
def reveal(request: Asked, resident_id: UUID, given: ParticularsIn) -> dict[str, Any]:
    """Private particulars, for a reason that the journal keeps; they stay readable for some minutes."""
    return actions.reveal(
        request.viewer, resident_id, given.what, why=given.why, command_id=given.command_id, now=clock.now()
    )


@residents.post("/{uuid:resident_id}/merge", response={200: ResidentOut, **problems(403, 404, 409)})
def merge_residents(request: Asked, resident_id: UUID, given: ResidentMergeIn) -> dict[str, Any]:
    """Lets this record point to another of the same person; both are kept."""
    return resident_told(
        actions.merge_residents(
            request.viewer, given.as_command(), resident_id, given.into, reason=given.reason, now=clock.now()
        )
    )


@residents.post("/{uuid:resident_id}/unmerge", response={200: ResidentOut, **problems(403, 404, 409)})
def unmerge_resident(request: Asked, resident_id: UUID, given: RegisterCommandIn) -> dict[str, Any]:
    """Lets a merged record stand for itself again."""
    return resident_told(
        actions.unmerge_resident(request.viewer, given.as_command(), resident_id, now=clock.now())
    )


@residents.put("/{uuid:resident_id}/needs/{uuid:need_id}", response={200: NeedOut, **problems(403, 404, 409)})
def add_need(request: Asked, resident_id: UUID, need_id: UUID, given: NeedIn) -> dict[str, Any]:
    """Writes a care need down, on its ground and until its day."""
    said = given.model_dump(exclude={"command_id", "at", "based_on"})
    return need_told(
        actions.add_need(
            request.viewer, given.as_command(), need_id, resident_id, actions.Need(**said), now=clock.now()
        )
    )


@residents.post("/needs/{uuid:need_id}/end", response={200: NeedOut, **problems(403, 404, 409)})
def end_need(request: Asked, need_id: UUID, given: RegisterEndIn) -> dict[str, Any]:
    """Ends a care need before its day."""
    return need_told(
        actions.end_need(request.viewer, given.as_command(), need_id, on=given.on, now=clock.now())
    )
