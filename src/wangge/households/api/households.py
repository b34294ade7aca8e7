"""Households, their homes, and files that go to another grid, over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.calendar import SHANGHAI
from wangge.base.fields import AreaCode, Lat, Lon, line
from wangge.households import actions, queries
from wangge.households.api.commands import RegisterCommandIn, RegisterEndIn, given_edits, last_code
from wangge.households.api.residents import NeedOut, ResidentOut, StayOut, need_told, resident_told, stay_told
from wangge.households.rules import people as rules

households = Router(tags=["households"])


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


class HouseholdEdits(Schema):
    model_config = ConfigDict(extra="forbid")
    has_plot: FlagEdit | None = None
    only_by_law: FlagEdit | None = None


class HouseholdChangeIn(RegisterCommandIn):
    fields: HouseholdEdits


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
        "area": last_code(row.path),
        "dwelling": row.dwelling_id,
    }


def _transfer(row: Any) -> dict[str, Any]:
    told = ("id", "people", "state", "said", "offered_at", "settled_at", "reason")
    return {name: getattr(row, name) for name in told} | {
        "household": row.household_id,
        "from_area": last_code(row.from_path),
        "to_area": last_code(row.to_path),
        "taken_into": row.taken_into_id,
    }


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
        "residents": [resident_told(each, shown.get(each.id, nothing)) for each in page.residents],
        "merged": [resident_told(each, shown.get(each.id, nothing)) for each in page.merged],
        "needs": [need_told(each, shown.get(each.resident_id, nothing)) for each in page.needs],
        "stays": [
            stay_told(each, page.called(each), page.revealed.get(each.resident_id, frozenset()))
            for each in page.stays
        ],
        "transfers": [_transfer(each) for each in page.transfers],
    }


@households.post("/{uuid:household_id}/change", response={200: HouseholdOut, **problems(403, 404, 409)})
def change_household(request: Asked, household_id: UUID, given: HouseholdChangeIn) -> dict[str, Any]:
    """Changes fields of a household; `changed` when somebody else changed the same."""
    edits = given_edits(given.fields.model_dump(by_alias=True))
    return _household(
        actions.change_household(request.viewer, given.as_command(), household_id, edits, now=clock.now())
    )


@households.post("/{uuid:household_id}/end", response={200: HouseholdOut, **problems(403, 404, 409)})
def end_household(request: Asked, household_id: UUID, given: RegisterEndIn) -> dict[str, Any]:
    """Ends a household in which nobody lives any more; it stays in the register."""
    return _household(
        actions.end_household(request.viewer, given.as_command(), household_id, on=given.on, now=clock.now())
    )
