"""Households, residents and their files over HTTP. Private particulars are masked unless they were revealed to the viewer."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.calendar import SHANGHAI
from wangge.base.commands import Command
from wangge.base.fields import AreaCode, Lat, Lon, Moment, line, text
from wangge.base.private import mask_identity, mask_phone
from wangge.households import actions, queries
from wangge.households.rules import people as rules

households = Router(tags=["households"])
residents = Router(tags=["residents"])

Residency = Literal[rules.RESIDENCIES]  # type: ignore[valid-type]  # a fixed list, said once
NeedKind = Literal[rules.NEEDS]  # type: ignore[valid-type]  # as above
Basis = Literal[rules.BASES]  # type: ignore[valid-type]  # as above
Name = line(rules.LONGEST_NAME, name="name")


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


class HomeIn(Schema):
    """Where the household lives: a dwelling known by its id, or a new one in a building, which is known by its id or new."""

    model_config = ConfigDict(extra="forbid")
    dwelling: UUID
    area: AreaCode | None = None
    building: UUID | None = None
    building_name: line(80, least=0, name="building_name") = ""  # type: ignore[valid-type]
    compound: line(32, least=0, name="compound") = ""  # type: ignore[valid-type]
    door: line(40, least=0, name="door") = ""  # type: ignore[valid-type]
    lon: Lon | None = None
    lat: Lat | None = None


class HouseholdIn(RegisterCommandIn):
    home: HomeIn
    has_plot: bool = False
    only_by_law: bool = False
    on: date | None = None


class FlagEdit(Schema):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    was: bool
    made: bool = Field(alias="is")


class TextEdit(Schema):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    was: Annotated[str, Field(max_length=240)] | None
    made: Annotated[str, Field(max_length=240)] | None = Field(alias="is")


class YearEdit(Schema):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    was: Annotated[int, Field(ge=0, le=9999)] | None
    made: Annotated[int, Field(ge=0, le=9999)] | None = Field(alias="is")


class HouseholdEdits(Schema):
    model_config = ConfigDict(extra="forbid")
    has_plot: FlagEdit | None = None
    only_by_law: FlagEdit | None = None


class HouseholdChangeIn(RegisterCommandIn):
    fields: HouseholdEdits


class ResidentEdits(Schema):
    """Only what was changed. Of `identity` and `phone`, `was` may be the mask that was shown, or the last four figures."""

    model_config = ConfigDict(extra="forbid")
    name: TextEdit | None = None
    birth_year: YearEdit | None = None
    sex: TextEdit | None = None
    residency: TextEdit | None = None
    relation: TextEdit | None = None
    identity: TextEdit | None = None
    phone: TextEdit | None = None


class ResidentChangeIn(RegisterCommandIn):
    fields: ResidentEdits


class RegisterEndIn(RegisterCommandIn):
    on: date | None = None


class ResidentIn(RegisterCommandIn):
    household: UUID
    name: Name  # type: ignore[valid-type]
    residency: Residency
    birth_year: Annotated[int, Field(ge=1880, le=2200)] | None = None
    sex: Literal["", "m", "f"] = ""
    relation: Literal["", *rules.RELATIONS] = ""  # type: ignore[valid-type]  # a fixed list, said once
    identity: line(40, least=0, name="identity") = ""  # type: ignore[valid-type]
    phone: line(30, least=0, name="phone") = ""  # type: ignore[valid-type]
    came: Literal["known", "born", "moved_in"] = "moved_in"
    on: date | None = None


class ResidentMoveIn(RegisterCommandIn):
    """`to` names a household of the same grid for `within` and `in`; to another grid a file goes by a transfer."""

    move: Literal["in", "out", "within", "died"]
    to: UUID | None = None
    on: date | None = None


class ParticularsIn(Schema):
    model_config = ConfigDict(extra="forbid")
    command_id: UUID
    what: Annotated[list[Literal[rules.PRIVATE]], Field(min_length=1, max_length=3)]  # type: ignore[valid-type]
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


class OfferIn(RegisterCommandIn):
    household: UUID
    to: AreaCode
    residents: Annotated[list[UUID], Field(max_length=rules.MOST_PEOPLE)] = []
    said: line(400, least=0, name="said") = ""  # type: ignore[valid-type]


class TakeIn(RegisterCommandIn):
    into: UUID
    on: date | None = None


class DeclineIn(RegisterCommandIn):
    reason: line(400, name="reason")  # type: ignore[valid-type]


class HouseholdsQuery(Schema):
    """With `q` what somebody said: a name, a door, the last four figures of a telephone; else all by number, page by page."""

    q: line(60, least=0, name="q") = ""  # type: ignore[valid-type]
    within: AreaCode | None = None
    cursor: Annotated[str, Field(max_length=400)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class HouseholdOut(Schema):
    id: UUID
    number: str
    area: str
    dwelling: UUID
    has_plot: bool
    only_by_law: bool
    made_up: bool
    revision: int
    valid_from: date
    valid_to: date | None


class HouseholdRowOut(HouseholdOut):
    place: str
    residents: list[str]
    needs: int


class HouseholdPageOut(Schema):
    items: list[HouseholdRowOut]
    next: str | None


class ResidentOut(Schema):
    """`identity` and `phone` are masked unless they were revealed to the viewer within the last minutes."""

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
    left_on: date | None
    merged_into: UUID | None
    revision: int


class NeedOut(Schema):
    """`detail` is null unless it was revealed to the viewer within the last minutes."""

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
    revision: int


class StayOut(Schema):
    resident: UUID
    name: str
    household: UUID
    from_on: date
    came: str
    to_on: date | None
    went: str


class TransferOut(Schema):
    id: UUID
    household: UUID
    people: list[dict[str, Any]]
    from_area: str
    to_area: str
    state: str
    said: str
    offered_at: datetime
    settled_at: datetime | None
    reason: str
    taken_into: UUID | None


class HouseholdFileOut(HouseholdOut):
    place: str
    residents: list[ResidentOut]
    merged: list[ResidentOut]
    needs: list[NeedOut]
    stays: list[StayOut]
    transfers: list[TransferOut]


class ParticularsOut(Schema):
    identity: str | None = None
    phone: str | None = None
    care: dict[str, str] | None = None


class HomeCountOut(Schema):
    """How many live in one part of an area, without names."""

    code: str
    households: int
    residents: int
    registered_present: int
    registered_away: int
    permanent: int
    floating: int


class DwellingOut(Schema):
    id: UUID
    plate: str
    revision: int


def _household(row: Any) -> dict[str, Any]:
    told = ("id", "number", "has_plot", "only_by_law", "made_up", "revision", "valid_from", "valid_to")
    return {name: getattr(row, name) for name in told} | {
        "area": _last(row.path),
        "dwelling": row.dwelling_id,
    }


def _last(path: str) -> str:
    return path.rsplit(".", 1)[-1]


def _resident(row: Any, shown: frozenset[str] = frozenset()) -> dict[str, Any]:
    told = ("id", "name", "birth_year", "sex", "residency", "relation", "left_on", "revision")
    identity, phone = row.identity or "", row.phone or ""
    return {name: getattr(row, name) for name in told} | {
        "household": row.household_id,
        "area": _last(row.path),
        "merged_into": row.merged_into_id,
        "identity": identity if "identity" in shown else mask_identity(identity),
        "phone": phone if "phone" in shown else mask_phone(phone),
    }


def _need(row: Any, shown: frozenset[str] = frozenset()) -> dict[str, Any]:
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
        "revision",
    )
    detail = (row.detail or "") if "care" in shown else None
    return {name: getattr(row, name) for name in told} | {"resident": row.resident_id, "detail": detail}


def _stay(row: Any, name: str) -> dict[str, Any]:
    told = ("from_on", "came", "to_on", "went")
    return {each: getattr(row, each) for each in told} | {
        "resident": row.resident_id,
        "household": row.household_id,
        "name": name,
    }


def _transfer(row: Any) -> dict[str, Any]:
    told = ("id", "people", "state", "said", "offered_at", "settled_at", "reason")
    return {name: getattr(row, name) for name in told} | {
        "household": row.household_id,
        "from_area": _last(row.from_path),
        "to_area": _last(row.to_path),
        "taken_into": row.taken_into_id,
    }


def _edits(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: edit for name, edit in given.items() if edit is not None}


def _today() -> date:
    return clock.now().astimezone(SHANGHAI).date()


@households.get("", response={200: HouseholdPageOut, **problems(403, 404)})
def list_households(request: Asked, asked: Query[HouseholdsQuery]) -> dict[str, Any]:
    """Households of the viewer's homes, found by what somebody says, or all of them."""
    within = asked.within or ""
    if asked.q:
        lines = queries.find_homes(request.viewer, asked.q, within=within, limit=asked.limit, today=_today())
        following = None
    else:
        page = queries.households(
            request.viewer, within=within, cursor=asked.cursor, limit=asked.limit, today=_today()
        )
        lines, following = page.items, page.next
    return {
        "items": [
            {
                **_household(each.household),
                "place": each.place,
                "residents": [person.name for person in each.residents],
                "needs": each.needs,
            }
            for each in lines
        ],
        "next": following,
    }


@households.get("/counts", response={200: list[HomeCountOut], **problems(403, 404)})
def count_homes(request: Asked, area: AreaCode) -> Any:
    """How many households and residents live in each part of an area, for whoever sees the area."""
    return queries.home_counts(request.viewer, area)


@households.get("/transfers", response={200: list[TransferOut], **problems(403)})
def list_transfers(
    request: Asked,
    state: Literal["", *rules.TRANSFER_STATES] = "offered",  # type: ignore[valid-type]  # a fixed list
) -> list[dict[str, Any]]:
    """Files on their way from or to the viewer's homes, the newest first."""
    return [_transfer(each) for each in queries.transfers(request.viewer, state=state)]


@households.put("/transfers/{uuid:transfer_id}", response={200: TransferOut, **problems(403, 404, 409)})
def offer_transfer(request: Asked, transfer_id: UUID, given: OfferIn) -> dict[str, Any]:
    """Offers the file of people of a household, by default of all, to another grid. It moves when that takes it."""
    return _transfer(
        actions.offer_transfer(
            request.viewer,
            given.as_command(),
            transfer_id,
            given.household,
            given.to,
            residents=given.residents,
            said=given.said,
            now=clock.now(),
        )
    )


@households.post("/transfers/{uuid:transfer_id}/take", response={200: TransferOut, **problems(403, 404, 409)})
def take_transfer(request: Asked, transfer_id: UUID, given: TakeIn) -> dict[str, Any]:
    """Takes an offered file into a household of one's own grid."""
    return _transfer(
        actions.take_transfer(
            request.viewer, given.as_command(), transfer_id, given.into, on=given.on, now=clock.now()
        )
    )


@households.post(
    "/transfers/{uuid:transfer_id}/decline", response={200: TransferOut, **problems(403, 404, 409)}
)
def decline_transfer(request: Asked, transfer_id: UUID, given: DeclineIn) -> dict[str, Any]:
    """Does not take an offered file, and says why."""
    return _transfer(
        actions.decline_transfer(
            request.viewer, given.as_command(), transfer_id, reason=given.reason, now=clock.now()
        )
    )


@households.post(
    "/transfers/{uuid:transfer_id}/withdraw", response={200: TransferOut, **problems(403, 404, 409)}
)
def withdraw_transfer(request: Asked, transfer_id: UUID, given: RegisterCommandIn) -> dict[str, Any]:
    """Takes an offer back."""
    return _transfer(
        actions.withdraw_transfer(request.viewer, given.as_command(), transfer_id, now=clock.now())
    )


@households.post(
    "/dwellings/{uuid:dwelling_id}/plate", response={200: DwellingOut, **problems(403, 404, 409)}
)
def renew_plate(request: Asked, dwelling_id: UUID, given: RegisterCommandIn) -> Any:
    """Gives a dwelling the code of a new door plate; the one before shows nothing any more."""
    return actions.renew_plate(request.viewer, given.as_command(), dwelling_id, now=clock.now())


@households.put("/{uuid:household_id}", response={200: HouseholdOut, **problems(403, 404, 409)})
def add_household(request: Asked, household_id: UUID, given: HouseholdIn) -> dict[str, Any]:
    """Adds a household under an id that the client made."""
    home = given.home.model_dump() | {"area": given.home.area or ""}
    facts = {"has_plot": given.has_plot, "only_by_law": given.only_by_law}
    return _household(
        actions.add_household(
            request.viewer,
            given.as_command(),
            household_id,
            actions.NewHome(**home),
            facts,
            on=given.on,
            now=clock.now(),
        )
    )


@households.get("/{uuid:household_id}", response={200: HouseholdFileOut, **problems(403, 404)})
def household_page(request: Asked, household_id: UUID) -> dict[str, Any]:
    """One household: who lives there and who did, what care they need, and files under way."""
    page = queries.household_page(request.viewer, household_id, now=clock.now())
    shown = page.revealed
    nothing: frozenset[str] = frozenset()
    return {
        **_household(page.household),
        "place": page.place,
        "residents": [_resident(each, shown.get(each.id, nothing)) for each in page.residents],
        "merged": [_resident(each, shown.get(each.id, nothing)) for each in page.merged],
        "needs": [_need(each, shown.get(each.resident_id, nothing)) for each in page.needs],
        "stays": [_stay(each, page.called(each)) for each in page.stays],
        "transfers": [_transfer(each) for each in page.transfers],
    }


@households.post("/{uuid:household_id}/change", response={200: HouseholdOut, **problems(403, 404, 409)})
def change_household(request: Asked, household_id: UUID, given: HouseholdChangeIn) -> dict[str, Any]:
    """Changes fields of a household; `changed` when somebody else changed the same."""
    edits = _edits(given.fields.model_dump(by_alias=True))
    return _household(
        actions.change_household(request.viewer, given.as_command(), household_id, edits, now=clock.now())
    )


@households.post("/{uuid:household_id}/end", response={200: HouseholdOut, **problems(403, 404, 409)})
def end_household(request: Asked, household_id: UUID, given: RegisterEndIn) -> dict[str, Any]:
    """Ends a household in which nobody lives any more; it stays in the register."""
    return _household(
        actions.end_household(request.viewer, given.as_command(), household_id, on=given.on, now=clock.now())
    )


@residents.put("/{uuid:resident_id}", response={200: ResidentOut, **problems(403, 404, 409)})
def add_resident(request: Asked, resident_id: UUID, given: ResidentIn) -> dict[str, Any]:
    """Adds somebody to a household under an id that the client made."""
    facts = given.model_dump(include=set(rules.OF_RESIDENT))
    return _resident(
        actions.add_resident(
            request.viewer,
            given.as_command(),
            resident_id,
            given.household,
            facts,
            came=given.came,
            on=given.on,
            now=clock.now(),
        )
    )


@residents.get("/{uuid:resident_id}", response={200: ResidentOut, **problems(403, 404)})
def resident(request: Asked, resident_id: UUID) -> dict[str, Any]:
    """Somebody in the register."""
    shown = queries.revealed(request.viewer, [resident_id], now=clock.now())
    return _resident(queries.resident_by_id(request.viewer, resident_id), shown.get(resident_id, frozenset()))


@residents.get("/{uuid:resident_id}/stays", response={200: list[StayOut], **problems(403, 404)})
def stays(request: Asked, resident_id: UUID) -> list[dict[str, Any]]:
    """Where somebody lived, the earliest first; a grid that no longer keeps them reads its own time alone."""
    return [_stay(each, each.name) for each in queries.stays_of(request.viewer, resident_id)]


@residents.post("/{uuid:resident_id}/change", response={200: ResidentOut, **problems(403, 404, 409)})
def change_resident(request: Asked, resident_id: UUID, given: ResidentChangeIn) -> dict[str, Any]:
    """Changes fields of a resident; `changed` when somebody else changed the same."""
    edits = _edits(given.fields.model_dump(by_alias=True))
    return _resident(
        actions.change_resident(request.viewer, given.as_command(), resident_id, edits, now=clock.now())
    )


@residents.post("/{uuid:resident_id}/move", response={200: ResidentOut, **problems(403, 404, 409)})
def move_resident(request: Asked, resident_id: UUID, given: ResidentMoveIn) -> dict[str, Any]:
    """Moves somebody in, out, or within the grid, or keeps that they died."""
    return _resident(
        actions.move_resident(
            request.viewer,
            given.as_command(),
            resident_id,
            given.move,
            to=given.to,
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
    return _resident(
        actions.merge_residents(
            request.viewer, given.as_command(), resident_id, given.into, reason=given.reason, now=clock.now()
        )
    )


@residents.post("/{uuid:resident_id}/unmerge", response={200: ResidentOut, **problems(403, 404, 409)})
def unmerge_resident(request: Asked, resident_id: UUID, given: RegisterCommandIn) -> dict[str, Any]:
    """Lets a merged record stand for itself again."""
    return _resident(
        actions.unmerge_resident(request.viewer, given.as_command(), resident_id, now=clock.now())
    )


@residents.put("/{uuid:resident_id}/needs/{uuid:need_id}", response={200: NeedOut, **problems(403, 404, 409)})
def add_need(request: Asked, resident_id: UUID, need_id: UUID, given: NeedIn) -> dict[str, Any]:
    """Writes a care need down, on its ground and until its day."""
    said = given.model_dump(exclude={"command_id", "at", "based_on"})
    return _need(
        actions.add_need(
            request.viewer, given.as_command(), need_id, resident_id, actions.Need(**said), now=clock.now()
        )
    )


@residents.post("/needs/{uuid:need_id}/end", response={200: NeedOut, **problems(403, 404, 409)})
def end_need(request: Asked, need_id: UUID, given: RegisterEndIn) -> dict[str, Any]:
    """Ends a care need before its day."""
    return _need(actions.end_need(request.viewer, given.as_command(), need_id, on=given.on, now=clock.now()))
