"""Mediations over HTTP. A list shows names masked; a file shows them whole, and the journal keeps who read it."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.calendar import SHANGHAI
from wangge.base.fields import AreaCode, Day, Past, line, text
from wangge.base.private import mask_name, mask_phone
from wangge.cases import actions, queries
from wangge.cases.rules import mediation as rules

mediations = Router(tags=["mediations"])
Kind = Literal[rules.KINDS]  # type: ignore[valid-type]  # a fixed list, said once
Role = Literal[rules.ROLES]  # type: ignore[valid-type]  # as above


class PartyIn(Schema):
    model_config = ConfigDict(extra="forbid")
    role: Role
    name: line(60, name="name")  # type: ignore[valid-type]
    phone: line(30, least=0, name="phone") = ""  # type: ignore[valid-type]
    address: line(200, least=0, name="address") = ""  # type: ignore[valid-type]
    represented_by: line(60, least=0, name="represented_by") = ""  # type: ignore[valid-type]


class MediationIn(Schema):
    """A mediation to open at the viewer's committee: the area named, else the lowest that holds the case."""

    model_config = ConfigDict(extra="forbid")
    kind: Kind
    matter: text(4000, least=1, name="matter")  # type: ignore[valid-type]
    parties: Annotated[list[PartyIn], Field(max_length=rules.MOST_PARTIES)] = []
    area: AreaCode | None = None
    case: UUID | None = None


class MediationStepIn(Schema):
    """A step, as a command: the same `command_id` again changes nothing. Which of the others it needs, the file's `steps`
    say. `party` names a party to correct; without it the step `party` adds one.
    """

    model_config = ConfigDict(extra="forbid")
    command_id: UUID
    party: UUID | None = None
    role: Role | None = None
    name: line(60, least=0, name="name") | None = None  # type: ignore[valid-type]
    phone: line(30, least=0, name="phone") | None = None  # type: ignore[valid-type]
    address: line(200, least=0, name="address") | None = None  # type: ignore[valid-type]
    represented_by: line(60, least=0, name="represented_by") | None = None  # type: ignore[valid-type]
    held_at: Past | None = None
    place: line(200, least=0, name="place") | None = None  # type: ignore[valid-type]
    present: text(1000, name="present") | None = None  # type: ignore[valid-type]
    record: text(8000, name="record") | None = None  # type: ignore[valid-type]
    form: Literal[rules.FORMS] | None = None  # type: ignore[valid-type]
    terms: text(8000, name="terms") | None = None  # type: ignore[valid-type]
    signed_on: Day | None = None
    perform_by: Day | None = None
    visit_on: Day | None = None
    court: Literal[rules.COURT] | None = None  # type: ignore[valid-type]
    applied_on: Day | None = None
    kept: Literal[rules.KEPT] | None = None  # type: ignore[valid-type]
    words: text(4000, name="words") | None = None  # type: ignore[valid-type]
    to: Literal[rules.REFERRED_TO] | None = None  # type: ignore[valid-type]
    reason: text(2000, name="reason") | None = None  # type: ignore[valid-type]
    rights_told: bool | None = None
    account: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None


class RevealIn(Schema):
    model_config = ConfigDict(extra="forbid")
    command_id: UUID
    why: Literal[rules.REVEAL_REASONS]  # type: ignore[valid-type]


class MediationOut(Schema):
    id: UUID
    number: str
    area: str
    case: UUID | None
    kind: str
    mediator: int
    state: str
    result: str
    opened_at: datetime
    agreed_at: datetime | None
    closed_at: datetime | None
    visit_on: date | None


class MediationRowOut(MediationOut):
    """`parties` are masked names."""

    parties: list[str]


class MediationPageOut(Schema):
    items: list[MediationRowOut]
    next: str | None


class PartyOut(Schema):
    """`phone` is masked unless it was revealed to the viewer within the last minutes."""

    id: UUID
    role: str
    name: str
    phone: str
    address: str
    represented_by: str


class MediationSessionOut(Schema):
    id: UUID
    held_at: datetime
    place: str
    present: str
    record: str


class AgreementOut(Schema):
    form: str
    terms: str
    signed_on: date
    perform_by: date
    court: str
    court_applied_on: date | None
    court_until: date


class FollowUpOut(Schema):
    due_on: date
    done_at: datetime | None
    kept: str
    words: str


class ReferralOut(Schema):
    to: str
    reason: str
    written_at: datetime


class MediationEntryOut(Schema):
    at: datetime
    actor: str
    post: str
    verb: str
    after: dict[str, Any]


class MediationMoveOut(Schema):
    step: str
    needs: list[str]


class MediationFileOut(MediationOut):
    matter: str
    parties: list[PartyOut]
    sessions: list[MediationSessionOut]
    agreement: AgreementOut | None
    visits: list[FollowUpOut]
    referrals: list[ReferralOut]
    journal: list[MediationEntryOut]
    steps: list[MediationMoveOut]


class MediationFigureOut(Schema):
    """`agreed_share` is of the mediations that have a result."""

    area: str
    month: date
    opened: int
    agreed: int
    ended: int
    agreed_share: float | None


class MediationsQuery(Schema):
    """What to list. `queue` narrows to the open ones, one's own, those with a visit due, or those that ended."""

    queue: Literal[queries.MEDIATION_QUEUES] = "all"  # type: ignore[valid-type]
    kind: Kind | None = None
    state: Literal[rules.STATES] | None = None  # type: ignore[valid-type]
    area: AreaCode | None = None
    cursor: Annotated[str, Field(max_length=400)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


def _shown(mediation: Any) -> dict[str, Any]:
    told = ("id", "number", "kind", "state", "result", "opened_at", "agreed_at", "closed_at", "visit_on")
    return {name: getattr(mediation, name) for name in told} | {
        "area": mediation.path.rsplit(".", 1)[-1],
        "case": mediation.case_id,
        "mediator": mediation.mediator_id,
    }


def _party(party: Any, *, revealed: bool) -> dict[str, Any]:
    told = {name: getattr(party, name) for name in ("id", "role", "name", "address", "represented_by")}
    return {**told, "phone": party.phone if revealed else mask_phone(party.phone)}


@mediations.get("", response={200: MediationPageOut, **problems(403, 404)})
def list_mediations(request: Asked, asked: Query[MediationsQuery]) -> dict[str, Any]:
    """The newest first, by keyset pages: give `next` back as `cursor`. Visits that are due come by their day."""
    wanted = queries.MediationFilter(asked.queue, asked.kind or "", asked.state or "", asked.area or "")
    today = clock.now().astimezone(SHANGHAI).date()
    page = queries.mediation_page(request.viewer, wanted, today=today, cursor=asked.cursor, limit=asked.limit)
    return {
        "items": [
            {**_shown(row.mediation), "parties": [mask_name(party.name) for party in row.parties]}
            for row in page.items
        ],
        "next": page.next,
    }


@mediations.get("/figures", response={200: list[MediationFigureOut], **problems(403, 404)})
def mediation_figures(
    request: Asked, area: AreaCode, year: Annotated[int, Field(ge=2000, le=2099)]
) -> list[dict[str, Any]]:
    """How many were opened, and how many of those that ended were agreed: by committee and month."""
    return [
        {
            "area": figure.area,
            "month": figure.month,
            "opened": figure.opened,
            "agreed": figure.agreed,
            "ended": figure.ended,
            "agreed_share": figure.agreed_share,
        }
        for figure in queries.mediation_figures(request.viewer, area, year)
    ]


@mediations.put(
    "/{uuid:mediation_id}", response={200: MediationOut, 201: MediationOut, **problems(403, 404, 409)}
)
def open_mediation(request: Asked, mediation_id: UUID, given: MediationIn) -> Status[dict[str, Any]]:
    """Opens a mediation under an id that the client made (UUID, best version 7): 201 the first time, 200 ever after."""
    opening = actions.Opening(
        kind=given.kind,
        matter=given.matter,
        parties=tuple(party.model_dump() for party in given.parties),
        area=given.area or "",
        case=given.case,
    )
    made, is_new = actions.open_mediation(request.viewer, mediation_id, opening, now=clock.now())
    return Status(201 if is_new else 200, _shown(made))


@mediations.get("/{uuid:mediation_id}", response={200: MediationFileOut, **problems(403, 404)})
def mediation_file(request: Asked, mediation_id: UUID) -> dict[str, Any]:
    """The file, and what the viewer may do next. Reading it is recorded, once an hour."""
    viewer, now = request.viewer, clock.now()
    actions.look_at_mediation(viewer, mediation_id, now=now)
    file = queries.mediation_file(viewer, mediation_id, now=now)
    return {
        **_shown(file.mediation),
        "matter": file.mediation.matter,
        "parties": [_party(party, revealed=party.id in file.revealed) for party in file.parties],
        "sessions": file.sessions,
        "agreement": _agreement(file.agreement) if file.agreement else None,
        "visits": [
            {"due_on": visit.due_on, "done_at": visit.done_at, "kept": visit.kept, "words": visit.words or ""}
            for visit in file.visits
        ],
        "referrals": file.referrals,
        "journal": [
            {"at": e.at, "actor": e.actor_name, "post": e.post, "verb": e.verb, "after": e.after}
            for e in file.entries
        ],
        "steps": [{"step": line.name, "needs": list(line.needs)} for line in file.lines],
    }


def _agreement(agreement: Any) -> dict[str, Any]:
    told = ("form", "terms", "signed_on", "perform_by", "court", "court_applied_on")
    return {name: getattr(agreement, name) for name in told} | {
        "court_until": rules.last_day_for_court(agreement.signed_on)
    }


@mediations.post(
    "/{uuid:mediation_id}/parties/{uuid:party_id}/reveal", response={200: PartyOut, **problems(403, 404, 409)}
)
def reveal_phone(request: Asked, mediation_id: UUID, party_id: UUID, given: RevealIn) -> dict[str, Any]:
    """A party's number, for a reason that the journal keeps; it stays readable for some minutes."""
    party = actions.reveal_phone(
        request.viewer, mediation_id, party_id, why=given.why, command_id=given.command_id, now=clock.now()
    )
    return _party(party, revealed=True)


@mediations.post("/{uuid:mediation_id}/{step}", response={200: MediationOut, **problems(403, 404, 409)})
def take_mediation_step(
    request: Asked,
    mediation_id: UUID,
    step: Literal[rules.STEPS],  # type: ignore[valid-type]  # the table's own
    command: MediationStepIn,
) -> dict[str, Any]:
    """Takes a step (docs/workings/mediation.md)."""
    facts = command.model_dump(exclude={"command_id"}, exclude_unset=True)
    given = {name: value for name, value in facts.items() if value is not None}
    return _shown(
        actions.take_mediation_step(
            request.viewer, mediation_id, step, command_id=command.command_id, facts=given, now=clock.now()
        )
    )
