"""Reads of mediations. The row policies say whose they are: their mediators' and their overseers'."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.fields import BooleanField
from django.db.models.functions import TruncMonth

from wangge.access import Verb, Viewer
from wangge.access.viewer import lies_in
from wangge.areas import queries as areas
from wangge.base.calendar import SHANGHAI
from wangge.base.paging import BadCursor, decode_cursor, encode_cursor
from wangge.base.problems import NotAllowed, NotFound
from wangge.cases.models import (
    Agreement,
    FollowUp,
    Mediation,
    MediationSession,
    Party,
    Referral,
    Remark,
)
from wangge.cases.rules.mediation import OPEN, REVEALED_MINUTES, File, Line, possible_lines
from wangge.journal.models import Entry
from wangge.journal.queries import entries_of
from wangge.staff import queries as staff

#: What the list can be narrowed to.
MEDIATION_QUEUES = ("open", "mine", "visits", "ended", "all")


@dataclass(frozen=True)
class MediationFilter:
    queue: str = "open"
    kind: str = ""
    state: str = ""
    area: str = ""


@dataclass(frozen=True)
class MediationRow:
    """One line of the list: the file, its parties' names as they are, and who mediates."""

    mediation: Mediation
    parties: tuple[Party, ...]
    mediator: str


@dataclass(frozen=True)
class MediationPage:
    items: list[MediationRow]
    next: str | None


@dataclass(frozen=True)
class MediationFile:
    """All of one file, what was done with it, and what the viewer may do next. `revealed`: parties whose number is shown."""

    mediation: Mediation
    parties: list[Party]
    sessions: list[MediationSession]
    agreement: Agreement | None
    earlier: list[Agreement]
    visits: list[FollowUp]
    referrals: list[Referral]
    remarks: list[Remark]
    entries: list[Entry]
    names: dict[int, str]
    lines: list[Line]
    revealed: frozenset[UUID] = field(default=frozenset())


@dataclass(frozen=True)
class CaseMediation:
    """What a case's page tells of its mediation: `open`, `ended` or nothing; the file only to who may read it."""

    state: str = ""
    mediation_id: UUID | None = None
    may_open: bool = False


def check_reads_mediations(viewer: Viewer) -> None:
    """NotAllowed for whoever has nothing to do with mediation."""
    reading = {Verb.MEDIATION_KEEP, Verb.MEDIATION_OVERSEE}
    if not any(reading & seat.verbs and not seat.department for seat in viewer.seats):
        raise NotAllowed


def mediation_counts(viewer: Viewer, *, today: date) -> dict[str, int]:
    """How many files stand where: open, one's own open ones, visits due until today."""
    counted = Mediation.objects.aggregate(
        open=Count("id", filter=Q(state__in=OPEN)),
        mine=Count("id", filter=Q(state__in=OPEN, mediator_id=viewer.account_id or 0)),
        visits=Count("id", filter=Q(visit_on__lte=today)),
    )
    return {name: counted[name] for name in ("open", "mine", "visits")}


def mediation_page(
    viewer: Viewer, wanted: MediationFilter, *, today: date, cursor: str | None = None, limit: int = 50
) -> MediationPage:
    """The newest first; visits that are due by their day."""
    check_reads_mediations(viewer)
    found = _narrowed(Mediation.objects.all(), viewer, wanted, today)
    if wanted.queue == "visits":
        return _visits_page(found, cursor, limit)
    if cursor:
        opened_at, last = decode_cursor(cursor, datetime, UUID)
        found = found.filter(Q(opened_at__lt=opened_at) | Q(opened_at=opened_at, id__lt=last))
    rows = list(found.order_by("-opened_at", "-id")[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    return MediationPage(_rows(rows), encode_cursor((rows[-1].opened_at, rows[-1].id)) if more else None)


def _visits_page(found: QuerySet[Mediation], cursor: str | None, limit: int) -> MediationPage:
    if cursor:
        day, last = decode_cursor(cursor, str, UUID)
        try:
            visit_on = date.fromisoformat(str(day))
        except ValueError:
            raise BadCursor from None
        found = found.filter(Q(visit_on__gt=visit_on) | Q(visit_on=visit_on, id__gt=last))
    rows = list(found.order_by("visit_on", "id")[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    return MediationPage(_rows(rows), encode_cursor((str(rows[-1].visit_on), rows[-1].id)) if more else None)


def _narrowed(
    found: QuerySet[Mediation], viewer: Viewer, wanted: MediationFilter, today: date
) -> QuerySet[Mediation]:
    match wanted.queue:
        case "open":
            found = found.filter(state__in=OPEN)
        case "mine":
            found = found.filter(state__in=OPEN, mediator_id=viewer.account_id or 0)
        case "visits":
            found = found.filter(visit_on__lte=today)
        case "ended":
            found = found.exclude(state__in=OPEN)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.area:
        found = found.filter(_below(areas.area_by_code(wanted.area).path))
    return found


def _below(path: str) -> RawSQL:
    return RawSQL("path <@ %s::ltree", [path], BooleanField())


def _rows(mediations: Sequence[Mediation]) -> list[MediationRow]:
    parties: dict[UUID, list[Party]] = {}
    for party in Party.objects.filter(mediation__in=[each.id for each in mediations]).order_by(
        "written_at", "id"
    ):
        parties.setdefault(party.mediation_id, []).append(party)
    names = staff.names_of({each.mediator_id for each in mediations})
    return [
        MediationRow(each, tuple(parties.get(each.id, ())), names.get(each.mediator_id, "—"))
        for each in mediations
    ]


def mediation_by_id(viewer: Viewer, mediation_id: UUID) -> Mediation:  # noqa: ARG001 - the row policy uses it
    """NotFound when it is not there, or not the viewer's to read."""
    found = Mediation.objects.filter(id=mediation_id).first()
    if found is None:
        raise NotFound
    return found


def mediation_file(viewer: Viewer, mediation_id: UUID, *, now: datetime) -> MediationFile:
    """The whole file. Whoever shows it records that it was looked at (`actions.look_at_mediation`)."""
    mediation = mediation_by_id(viewer, mediation_id)
    agreements = list(Agreement.objects.filter(mediation_id=mediation.id).order_by("written_at", "id"))
    parts: list[list[Any]] = [
        list(found.filter(mediation_id=mediation.id).order_by(first, "id"))
        for found, first in (
            (Party.objects, "written_at"),
            (MediationSession.objects, "held_at"),
            (FollowUp.objects, "due_on"),
            (Referral.objects, "written_at"),
            (Remark.objects, "written_at"),
        )
    ]
    parties, sessions, visits, referrals, remarks = parts
    entries = entries_of(viewer, mediation.subject)
    assigned = {entry.after["mediator"] for entry in entries if "mediator" in entry.after}
    people = {mediation.mediator_id, *assigned, *(part.written_by_id for each in parts for part in each)}
    return MediationFile(
        mediation=mediation,
        parties=parties,
        sessions=sessions,
        agreement=next((each for each in agreements if not each.replaced), None),
        earlier=[each for each in agreements if each.replaced],
        visits=visits,
        referrals=referrals,
        remarks=remarks,
        entries=entries,
        names=staff.names_of(people),
        lines=possible_lines(viewer, file_of(mediation)),
        revealed=_revealed(viewer, entries, now),
    )


def file_of(mediation: Mediation) -> File:
    """What of it decides which steps there are."""
    of = {"mediation_id": mediation.id}
    agreement = Agreement.objects.filter(**of, replaced=False).first()
    last = FollowUp.objects.filter(**of, done_at__isnull=False).order_by("-done_at", "-id").first()
    roles = tuple(Party.objects.filter(**of).values_list("role", flat=True))
    return File(
        state=mediation.state,
        path=mediation.path,
        mediator_id=mediation.mediator_id,
        roles=roles,
        parties=len(roles),
        sessions=MediationSession.objects.filter(**of).count(),
        has_agreement=agreement is not None,
        signed_on=agreement.signed_on if agreement else None,
        last_kept=last.kept if last else "",
        rights_told=mediation.rights_told,
    )


def _revealed(viewer: Viewer, entries: Iterable[Entry], now: datetime) -> frozenset[UUID]:
    """Parties whose number this viewer gave a reason for within the last minutes."""
    since = now - timedelta(minutes=REVEALED_MINUTES)
    return frozenset(
        UUID(entry.after["party"])
        for entry in entries
        if entry.verb == "mediation.revealed" and entry.actor_id == viewer.account_id and entry.at > since
    )


def mediation_of_case(viewer: Viewer, case_id: UUID, path: str) -> CaseMediation:
    """What may be told of a case's mediation to this viewer, who sees the case."""
    with connection.cursor() as cursor:
        cursor.execute("select cases_mediated(%s)", [case_id])
        (state,) = cursor.fetchone()
    seen = (
        Mediation.objects.filter(case_id=case_id).order_by("-opened_at").values_list("id", flat=True).first()
    )
    return CaseMediation(state, seen, state != "open" and bool(committees(viewer, path)))


def committees(viewer: Viewer, path: str = "") -> list[str]:
    """Paths of the areas whose files the viewer keeps, the lowest first; with `path`, those that it lies in."""
    own = {
        seat.path
        for seat in viewer.seats
        if Verb.MEDIATION_KEEP in seat.verbs
        and not seat.department
        and (not path or lies_in(path, seat.path))
    }
    return sorted(own, key=lambda each: (-each.count("."), each))


def mediators_for(path: str, *, today: date) -> list[tuple[int, str]]:
    """Who may be given a file of this area: mediators there and above, present today, each with their area's code."""
    return [
        (account, code)
        for code in reversed(path.split("."))
        for account in staff.present_at(code, ["mediate"], today=today)
    ]


@dataclass(frozen=True)
class MediationFigure:
    """Of one area and month: files opened, and how those that have a result ended."""

    area: str
    month: date
    opened: int
    agreed: int
    ended: int

    @property
    def agreed_share(self) -> float | None:
        return self.agreed / self.ended if self.ended else None


def mediation_figures(viewer: Viewer, area_code: str, year: int) -> list[MediationFigure]:
    """By committee and month of opening, of the files that the viewer may read within the area."""
    check_reads_mediations(viewer)
    found = Mediation.objects.filter(_below(areas.area_by_code(area_code).path)).filter(
        opened_at__gte=datetime(year, 1, 1, tzinfo=SHANGHAI),
        opened_at__lt=datetime(year + 1, 1, 1, tzinfo=SHANGHAI),
    )
    counted = (
        found.annotate(month=TruncMonth("opened_at", tzinfo=SHANGHAI))
        .values("path", "month")
        .annotate(
            opened=Count("id"),
            agreed=Count("id", filter=Q(result="agreed")),
            ended=Count("id", filter=~Q(result="")),
        )
        .order_by("path", "month")
    )
    return [
        MediationFigure(
            line["path"].rsplit(".", 1)[-1],
            line["month"].date(),
            line["opened"],
            line["agreed"],
            line["ended"],
        )
        for line in counted
    ]
