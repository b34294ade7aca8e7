"""The catalogue and refusals over HTTP. Parses, calls one action or query, presents."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field, create_model

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import FIRST_MOMENT, AreaCode, Digest, ItemCode, Moment, line, text
from wangge.catalogue import actions, queries

router = Router(tags=["items"])
refusals = Router(tags=["refusals"])

Business = Literal["safety", "management", "service"]
State = Literal["proposed", "reviewed", "admitted", "declined", "retired"]
Tier = Literal["grid", "community", "township", "county"]
Urgency = Literal["normal", "urgent", "emergency"]
Group = Annotated[str, Field(pattern="^[SMV][0-9]{2}$")]
DepartmentCode = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{1,29}$")]
Keyword = Annotated[str, Field(pattern=r"^\S+$", min_length=2, max_length=20)]
WorkingMinutes = Annotated[int, Field(ge=30, le=126_000, description="working minutes; 420 are a day")]
Percent = Annotated[int, Field(ge=1, le=100)]
Minutes = Annotated[int, Field(ge=0, le=2_100)]
Reason = text(1000, name="reason")


class ItemText(Schema):
    """What a work item says. Deadlines are in working minutes at normal urgency; the percentages shorten them."""

    model_config = ConfigDict(extra="forbid")
    business: Business
    group: Group
    group_zh: line(40, name="group_zh")  # type: ignore[valid-type]
    group_en: line(60, name="group_en")  # type: ignore[valid-type]
    zh: line(60, name="zh")  # type: ignore[valid-type]
    en: line(90, name="en")  # type: ignore[valid-type]
    keywords: Annotated[list[Keyword], Field(min_length=3, max_length=12)]
    department: DepartmentCode
    first_tier: Tier
    urgency_levels: Annotated[list[Urgency], Field(min_length=1, max_length=3)]
    accept_minutes: WorkingMinutes
    handle_minutes: WorkingMinutes
    verify_minutes: WorkingMinutes
    urgent_percent: Percent
    emergency_percent: Percent
    proof: Literal["none", "photo", "witness"]
    confidential: bool
    summons: Literal["", "emergency", "enforcement", "nobody"]
    retention_years: Annotated[int, Field(ge=1, le=100)]
    legal_basis: line(300, name="legal_basis")  # type: ignore[valid-type]
    data_collected: line(300, name="data_collected")  # type: ignore[valid-type]
    minutes_per_case: Minutes
    minutes_per_week: Minutes


class ProposalIn(ItemText):
    code: ItemCode
    reason: Reason = ""  # type: ignore[valid-type]


class PaperIn(Schema):
    model_config = ConfigDict(extra="forbid")
    name: line(120, name="name")  # type: ignore[valid-type]


class ItemStepIn(Schema):
    model_config = ConfigDict(extra="forbid")
    reason: Reason = ""  # type: ignore[valid-type]


_OPTIONAL: dict[str, Any] = {
    name: (field.rebuild_annotation() | None, None) for name, field in ItemText.model_fields.items()
}
#: What of an item's text changes; what is left out stays.
ChangeIn: Any = create_model("ItemChangeIn", __base__=ItemStepIn, **_OPTIONAL)


class ItemOut(Schema):
    code: str
    state: State
    version: int
    since: datetime
    business: Business
    group: str
    group_zh: str
    group_en: str
    zh: str
    en: str
    keywords: list[str]
    department: str
    first_tier: str
    urgency_levels: list[Urgency]
    accept_minutes: int
    handle_minutes: int
    verify_minutes: int
    urgent_percent: int
    emergency_percent: int
    proof: str
    confidential: bool
    summons: str
    retention_years: int
    legal_basis: str
    data_collected: str
    minutes_per_case: int
    minutes_per_week: int


class ItemsOut(Schema):
    items: list[ItemOut]


class ItemEntryOut(Schema):
    at: datetime
    actor: str
    post: str
    verb: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str


class PaperOut(Schema):
    """A document of the admission; its bytes are at /blobs/{digest}."""

    digest: str
    name: str
    added_at: datetime
    added_by: str


class ItemDetailOut(ItemOut):
    versions: list[ItemOut]
    journal: list[ItemEntryOut]
    papers: list[PaperOut]


class SuggestionOut(Schema):
    code: str
    zh: str
    en: str
    score: float
    words: list[str]


class SuggestionsOut(Schema):
    items: list[SuggestionOut]


class ItemBurdenOut(Schema):
    code: str
    zh: str
    en: str
    state: State
    department: str
    first_tier: str
    minutes_per_case: int
    minutes_per_week: int
    share: float


class BurdenOut(Schema):
    minutes_per_week: int
    minutes_with_waiting: int
    week_minutes: int
    by_tier: dict[str, int]
    admitted: list[ItemBurdenOut]
    waiting: list[ItemBurdenOut]


class RefusalIn(Schema):
    """Work not taken: `beyond` an admitted item, or `not_admitted` at all."""

    model_config = ConfigDict(extra="forbid")
    command_id: UUID
    area: AreaCode
    asked_by: DepartmentCode
    what: line(200, name="what")  # type: ignore[valid-type]
    item: ItemCode | None = None
    ground: Literal["not_admitted", "beyond"]


class RefusalOut(Schema):
    id: int
    area: str
    asked_by: str
    what: str
    item: str | None
    ground: str
    at: datetime


class RefusalCountOut(Schema):
    department: str
    zh: str
    en: str
    not_admitted: int
    beyond: int
    total: int
    last_at: datetime


class RefusalCountsOut(Schema):
    items: list[RefusalCountOut]


@router.get("", response={200: ItemsOut, **problems()})
def items(
    request: Asked,
    business: Business | None = None,
    group: Group | None = None,
    state: State | None = None,
    text: line(60, least=0) = "",  # type: ignore[valid-type]
) -> dict[str, Any]:
    """Work items with what they say now, by code; of every state unless one is asked for."""
    found = queries.items(
        request.viewer, business=business or "", group=group or "", state=state or "", text=text
    )
    return {"items": [_shown(item.version, item.state) for item in found]}


@router.get("/suggest", response={200: SuggestionsOut, **problems()})
def suggestions(
    request: Asked,  # noqa: ARG001 - everyone signed in may ask
    text: text(1_000),  # type: ignore[valid-type]  # a longer one would not fit an address
    limit: Annotated[int, Field(ge=1, le=20)] = 5,
) -> dict[str, Any]:
    """The items that a free text may be about, best first."""
    return {"items": [_plain(SuggestionOut, one) for one in queries.suggestions(text, limit)]}


@router.get("/burden", response={200: BurdenOut, **problems()})
def burden(request: Asked) -> dict[str, Any]:  # noqa: ARG001 - everyone signed in may ask
    """What the catalogue is expected to cost in minutes a week, and what each proposal would add."""
    found = queries.burden()
    shown = _plain(BurdenOut, found)
    for part in ("admitted", "waiting"):
        shown[part] = [_plain(ItemBurdenOut, one) for one in shown[part]]
    return shown


@router.post("", response={201: ItemOut, **problems(403, 409)})
def propose_item(request: Asked, proposal: ProposalIn) -> Status[dict[str, Any]]:
    """Proposes a new item; it takes no case until it was reviewed and admitted."""
    values = _row(proposal.model_dump(exclude={"reason"}))
    item = actions.propose_item(request.viewer, values=values, reason=proposal.reason, now=clock.now())
    return Status(201, _shown(item.version, item.state))


@router.get("/{code}", response={200: ItemDetailOut, **problems(404)})
def item(request: Asked, code: ItemCode) -> dict[str, Any]:
    """An item with all its versions and the journal of its admission."""
    history = queries.item_history(request.viewer, code)
    return {
        **_shown(history.item.version, history.item.state),
        "versions": [_shown(version, history.item.state) for version in history.versions],
        "journal": [
            {
                **{
                    name: getattr(entry, name) for name in ("at", "post", "verb", "before", "after", "reason")
                },
                "actor": entry.actor_name,
            }
            for entry in history.entries
        ],
        "papers": [_paper(each) for each in history.papers],
    }


_ANSWERS: Any = {200: ItemOut, **problems(403, 404, 409)}


@router.post("/{code}/review", response=_ANSWERS)
def review_item(request: Asked, code: ItemCode, step: ItemStepIn) -> dict[str, Any]:
    """Legal basis, data and minutes were examined."""
    return _current(actions.review_item(request.viewer, code=code, reason=step.reason, now=clock.now()).code)


@router.post("/{code}/admit", response=_ANSWERS)
def admit_item(request: Asked, code: ItemCode, step: ItemStepIn) -> dict[str, Any]:
    """From now on cases may be filed under it."""
    return _current(actions.admit_item(request.viewer, code=code, reason=step.reason, now=clock.now()).code)


@router.post("/{code}/decline", response=_ANSWERS)
def decline_item(request: Asked, code: ItemCode, step: ItemStepIn) -> dict[str, Any]:
    """The proposal goes no further; `reason` says why."""
    return _current(actions.decline_item(request.viewer, code=code, reason=step.reason, now=clock.now()).code)


@router.post("/{code}/retire", response=_ANSWERS)
def retire_item(request: Asked, code: ItemCode, step: ItemStepIn) -> dict[str, Any]:
    """It takes no new case; `reason` says why."""
    return _current(actions.retire_item(request.viewer, code=code, reason=step.reason, now=clock.now()).code)


@router.post("/{code}/change", response=_ANSWERS)
def change_item(request: Asked, code: ItemCode, change: ChangeIn) -> dict[str, Any]:
    """A new version, for new cases; running ones keep theirs. `reason` says why."""
    values = _row(change.model_dump(exclude={"reason"}, exclude_none=True))
    actions.change_item(request.viewer, code=code, values=values, reason=change.reason, now=clock.now())
    return _current(code)


@router.put("/{code}/papers/{digest}", response={200: PaperOut, **problems(403, 404, 409)})
def add_paper(request: Asked, code: ItemCode, digest: Digest, paper: PaperIn) -> dict[str, Any]:
    """Adds a document or picture that one has uploaded to the papers of an item; again is the same."""
    return _paper(
        actions.add_paper(request.viewer, code=code, digest=digest, name=paper.name, now=clock.now())
    )


@refusals.post("", response={200: RefusalOut, 201: RefusalOut, **problems(403, 404, 409)})
def refuse_work(request: Asked, refusal: RefusalIn) -> Status[dict[str, Any]]:
    """Refuses work in one step: 201 the first time, 200 when the same command comes again."""
    made, is_new = actions.refuse_work(
        request.viewer,
        area_code=refusal.area,
        asked_by=refusal.asked_by,
        what=refusal.what,
        item=refusal.item,
        ground=refusal.ground,
        command_id=refusal.command_id,
        now=clock.now(),
    )
    told = {name: getattr(made, name) for name in ("id", "what", "ground", "at")}
    names = {"area": made.area_id, "asked_by": made.asked_by_id, "item": made.item_id}
    return Status(201 if is_new else 200, {**told, **names})


@refusals.get("", response={200: RefusalCountsOut, **problems(403, 404)})
def refusals_by_asker(
    request: Asked,
    area: AreaCode,
    since: Moment | None = None,
    until: Moment | None = None,
) -> dict[str, Any]:
    """How often each department asked for work that was refused at or below an area, most often first."""
    counts = queries.refusals_by_asker(request.viewer, area, since or FIRST_MOMENT, until or clock.now())
    return {"items": [_plain(RefusalCountOut, count) for count in counts]}


def _plain(schema: type[Schema], value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in schema.model_fields}


def _shown(version: Any, state: str) -> dict[str, Any]:
    """One version as it is answered, with the state of its item."""
    said = {name: getattr(version, name) for name in ItemText.model_fields if name != "department"}
    return {
        **said,
        "department": version.department_id,
        "code": version.item_id,
        "state": state,
        "version": version.number,
        "since": version.made_at,
    }


def _paper(paper: Any) -> dict[str, Any]:
    told = {name: getattr(paper, name) for name in ("name", "added_at", "added_by")}
    return {"digest": paper.blob_id, **told}


def _current(code: str) -> dict[str, Any]:
    item = queries.item_by_code(code)
    return _shown(item.version, item.state)


def _row(values: dict[str, Any]) -> dict[str, str]:
    """Typed values as the columns of a list, which the rules judge."""
    return {
        name: " ".join(value)
        if isinstance(value, list)
        else str(int(value))
        if isinstance(value, bool)
        else str(value)
        for name, value in values.items()
    }
