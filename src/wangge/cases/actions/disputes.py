"""Every write of mediations. What the journal tells of them holds no name and no word of the dispute."""

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from wangge.access import Viewer
from wangge.areas import queries as areas
from wangge.base.calendar import SHANGHAI
from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed, NotFound, OtherContent
from wangge.cases.models import (
    Agreement,
    FollowUp,
    Mediation,
    MediationSession,
    Party,
    Referral,
    Remark,
)
from wangge.cases.queries.disputes import committees, file_of, mediators_for
from wangge.cases.queries.pages import case_by_id
from wangge.cases.rules import (
    AgreementTooEarly,
    BadAnswer,
    CourtTooLate,
    InMediation,
    MediationStepNotPossible,
    MissingFact,
)
from wangge.cases.rules import mediation as rules
from wangge.journal.actions import record, record_once
from wangge.journal.queries import carried_out, entry_of_command


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


#: How the journal names each step.
MEDIATION_PAST = {
    "agree": "mediation.agreed",
    "assign": "mediation.assigned",
    "close": "mediation.closed",
    "court": "mediation.brought-to-court",
    "fail": "mediation.failed",
    "party": "mediation.party-written",
    "refer": "mediation.referred",
    "reopen": "mediation.reopened",
    "session": "mediation.session-held",
    "visit": "mediation.followed-up",
    "withdraw": "mediation.withdrawn",
}
#: The name space of the entries that say who looked: one a person, file and hour.
_LOOKS = UUID("0192f4c0-0000-7000-8000-6d6564696174")


@dataclass(frozen=True)
class Opening:
    """What a mediation begins with: the dispute in words, who asks for it against whom, and the case that it comes from.

    `parties`: role, name, phone, address, represented_by of each.
    """

    kind: str
    matter: str
    parties: tuple[Mapping[str, str], ...] = ()
    area: str = ""
    case: UUID | None = None


def open_mediation(
    viewer: Viewer, mediation_id: UUID, opening: Opening, *, now: datetime
) -> tuple[Mediation, bool]:
    """Opens the file at the viewer's committee, with them as its mediator; False when it stood there already.

    NotAllowed without the duty there, or for a case that lies elsewhere. OtherContent for an id used otherwise.
    InMediation when the case is being mediated.
    """
    told = orjson.dumps(asdict(opening), option=orjson.OPT_SORT_KEYS).decode()
    if known := Mediation.objects.filter(id=mediation_id).first():
        # A keyed hash: a plain one of so few words could be guessed back.
        if bytes(known.content_hash) not in settings.PRIVATE_KEYS.lookups("opening", told):
            raise OtherContent
        return known, False
    case = case_by_id(viewer, opening.case) if opening.case else None
    path = _committee(viewer, opening, case.path if case else "")
    for party in opening.parties:
        _check_party(party)
    if len(opening.parties) > rules.MOST_PARTIES:
        raise BadAnswer(field="name", expected=f"≤ {rules.MOST_PARTIES}")
    if opening.kind not in rules.KINDS:
        raise BadAnswer(field="dispute", expected=", ".join(rules.KINDS))
    if not opening.matter:
        raise MissingFact(field="matter")
    made = Mediation(
        id=mediation_id,
        content_hash=settings.PRIVATE_KEYS.lookup("opening", told),
        path=path,
        case=case,
        kind=opening.kind,
        matter=opening.matter,
        mediator_id=_account(viewer),
        opened_at=now,
    )
    _insert(made, now)
    for party in opening.parties:
        _write_party(made, new_id(), party, viewer, now)
    after: dict[str, Any] = {"number": made.number, "kind": made.kind, "state": made.state}
    if case:
        record(
            viewer, verb="case.taken-into-mediation", subject=case.subject, path=case.path, at=now,
            confidential=case.confidential,
        )  # fmt: skip
        after["case"] = str(case.id)
    _tell(viewer, made, "mediation.opened", now, after)
    return made, True


def _account(viewer: Viewer) -> int:
    """Files are written by people: the system has no part in them."""
    if viewer.account_id is None:
        raise NotAllowed
    return viewer.account_id


def _committee(viewer: Viewer, opening: Opening, case_path: str) -> str:
    """The area whose mediators take it on: the one named, else the lowest of the viewer's that holds the case."""
    own = committees(viewer, case_path)
    if opening.area:
        own = [path for path in own if path == areas.area_by_code(opening.area).path]
    if not own:
        raise NotAllowed
    return own[0]


def _insert(made: Mediation, now: datetime) -> None:
    year = now.astimezone(SHANGHAI).year
    codes = made.path.split(".")
    county = codes[1] if len(codes) > 1 else codes[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into cases_counter as c (id, last) values (%s, 1) on conflict (id) do update set last = c.last + 1"
            " returning last",
            [f"{county[2:6]}-T{year}"],
        )
        (serial,) = cursor.fetchone()
    made.number = rules.mediation_number(county, year, serial)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as problem:
        # One file of a case at a time; else the id is another's, whom this viewer does not see.
        raise (InMediation if "one_of_a_case" in str(problem) else OtherContent) from None


def take_mediation_step(
    viewer: Viewer,
    mediation_id: UUID,
    step: str,
    *,
    command_id: UUID,
    facts: Mapping[str, Any],
    now: datetime,
) -> Mediation:
    """Takes a step of `rules.mediation.TABLE`; the same command again changes nothing and answers the file.

    NotFound: not the viewer's to read. NotAllowed: theirs to read, not to do. MediationStepNotPossible,
    AgreementTooEarly: not now. MissingFact, BadAnswer, CourtTooLate: the command lacks something or says something wrong.
    """
    act = {"verb": MEDIATION_PAST[step], "subject": f"mediation:{mediation_id}"}
    if carried_out(viewer, command_id, **act):
        return Mediation.objects.get(id=mediation_id)
    mediation = Mediation.objects.select_for_update(of=("self",)).filter(id=mediation_id).first()
    if mediation is None:
        raise NotFound
    # The same command sent twice at once: the second waited for the lock, and finds that the first has done it.
    if carried_out(viewer, command_id, **act):
        return mediation
    if not rules.may_take(viewer, rules.verb_of(step), mediation.path, mediation.mediator_id):
        raise NotAllowed
    file = file_of(mediation)
    line = rules.line_of(step, file)
    if line is None:
        if step == "agree" and rules.missing_facts(step, file):
            raise AgreementTooEarly
        raise MediationStepNotPossible(state=mediation.state, step=step)
    if need := rules.missing_need(line, facts):
        raise MissingFact(field=need)
    writing = _Writing(viewer, mediation, file, command_id, facts, now)
    mediation.state = line.target
    mediation.result = rules.RESULT_OF.get(step, mediation.result)
    after = _EFFECTS[step](writing)
    mediation.visit_on = _next_visit(mediation)
    mediation.save()
    changed = {"state": mediation.state} if mediation.state != file.state else {}
    _tell(viewer, mediation, MEDIATION_PAST[step], now, changed | after, command_id=command_id)
    return mediation


@dataclass(frozen=True)
class _Writing:
    """One step while it is carried out."""

    viewer: Viewer
    mediation: Mediation
    file: rules.File
    command_id: UUID
    facts: Mapping[str, Any]
    now: datetime

    @property
    def part(self) -> dict[str, Any]:
        return {
            "id": self.command_id,
            "mediation": self.mediation,
            "written_at": self.now,
            "written_by_id": _account(self.viewer),
        }

    @property
    def today(self) -> date:
        return self.now.astimezone(SHANGHAI).date()

    def remark(self, step: str) -> None:
        """Keeps why, in the file."""
        if reason := self.facts.get("reason"):
            Remark(**{**self.part, "id": new_id()}, step=step, text=reason).save(force_insert=True)


def _chosen(facts: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
    if facts[name] not in known:
        raise BadAnswer(field=name, expected=", ".join(known))
    return str(facts[name])


def _check_party(party: Mapping[str, Any]) -> None:
    for name in ("name", "role"):
        if not party.get(name):
            raise MissingFact(field=name)
    _chosen(party, "role", rules.ROLES)


def _write_party(
    mediation: Mediation, party_id: UUID, facts: Mapping[str, Any], viewer: Viewer, now: datetime
) -> None:
    told = {name: facts.get(name) or "" for name in ("name", "phone", "address", "represented_by")}
    Party(
        id=party_id,
        mediation=mediation,
        role=facts["role"],
        written_at=now,
        written_by_id=_account(viewer),
        **told,
    ).save(force_insert=True)


def _party(writing: _Writing) -> dict[str, Any]:
    """A party more, or with `party` its id, what was written of one corrected."""
    facts = writing.facts
    _check_party(facts)
    if not facts.get("party"):
        if writing.file.parties >= rules.MOST_PARTIES:
            raise BadAnswer(field="name", expected=f"≤ {rules.MOST_PARTIES}")
        _write_party(writing.mediation, writing.command_id, facts, writing.viewer, writing.now)
        return {"party": str(writing.command_id), "role": facts["role"]}
    party = Party.objects.filter(id=facts["party"], mediation=writing.mediation).first()
    if party is None:
        raise NotFound
    for name in ("name", "role", "phone", "address", "represented_by"):
        if name in facts:  # what the command does not speak of stays as it is
            setattr(party, name, facts[name] or "")
    party.save()
    return {"party": str(party.id), "role": party.role}


def _session(writing: _Writing) -> dict[str, Any]:
    facts = writing.facts
    if writing.file.sessions >= rules.MOST_SESSIONS:
        raise BadAnswer(field="record", expected=f"≤ {rules.MOST_SESSIONS}")
    told = {name: facts[name] for name in ("held_at", "place", "present", "record")}
    MediationSession(**writing.part, **told).save(force_insert=True)
    return {"session": str(writing.command_id)}


def _agree(writing: _Writing) -> dict[str, Any]:
    facts, mediation = writing.facts, writing.mediation
    _not_after(facts, "signed_on", writing.today)
    for name in ("perform_by", "visit_on"):
        _not_before(facts, name, facts["signed_on"])
    Agreement.objects.filter(mediation=mediation, replaced=False).update(replaced=True)
    told = {name: facts[name] for name in ("terms", "signed_on", "perform_by")}
    Agreement(**writing.part, **told, form=_chosen(facts, "form", rules.FORMS)).save(force_insert=True)
    # A visit that was still due for an earlier agreement is now due for this one.
    if not FollowUp.objects.filter(mediation=mediation, done_at__isnull=True).update(
        due_on=facts["visit_on"]
    ):
        FollowUp(**{**writing.part, "id": new_id()}, due_on=facts["visit_on"]).save(force_insert=True)
    mediation.agreed_at = writing.now
    return {"form": facts["form"], "visit_on": str(facts["visit_on"])}


def _not_after(facts: Mapping[str, Any], name: str, day: date) -> None:
    if facts[name] > day:
        raise BadAnswer(field=name, expected=f"≤ {day}")


def _not_before(facts: Mapping[str, Any], name: str, day: date) -> None:
    if facts[name] < day:
        raise BadAnswer(field=name, expected=f"≥ {day}")


def _court(writing: _Writing) -> dict[str, Any]:
    facts = writing.facts
    agreement = Agreement.objects.get(mediation=writing.mediation, replaced=False)
    _not_before(facts, "applied_on", agreement.signed_on)
    _not_after(facts, "applied_on", writing.today)
    if facts["applied_on"] > rules.last_day_for_court(agreement.signed_on):
        raise CourtTooLate(until=str(rules.last_day_for_court(agreement.signed_on)))
    agreement.court = _chosen(facts, "court", rules.COURT)
    agreement.court_applied_on = facts["applied_on"]
    agreement.save(update_fields=["court", "court_applied_on"])
    return {"court": agreement.court}


def _visit(writing: _Writing) -> dict[str, Any]:
    """The visit that was due is done; `visit_on` names the day of another."""
    facts, mediation = writing.facts, writing.mediation
    done = FollowUp.objects.filter(mediation=mediation)
    if done.count() >= rules.MOST_VISITS:
        raise BadAnswer(field="words", expected=f"≤ {rules.MOST_VISITS}")
    visit = done.filter(done_at__isnull=True).order_by("due_on", "id").first()
    if visit is None:
        visit = FollowUp(**writing.part, due_on=writing.today)
    visit.done_at, visit.kept, visit.words = writing.now, _chosen(facts, "kept", rules.KEPT), facts["words"]
    visit.written_at, visit.written_by_id = writing.now, _account(writing.viewer)
    visit.save()
    if facts.get("visit_on"):
        _not_before(facts, "visit_on", writing.today)
        FollowUp(**{**writing.part, "id": new_id()}, due_on=facts["visit_on"]).save(force_insert=True)
    return {"kept": visit.kept}


def _refer(writing: _Writing) -> dict[str, Any]:
    to = _chosen(writing.facts, "to", rules.REFERRED_TO)
    Referral(**writing.part, to=to, reason=writing.facts["reason"]).save(force_insert=True)
    writing.mediation.closed_at = writing.now
    return {"to": to}


def _fail(writing: _Writing) -> dict[str, Any]:
    if writing.facts["rights_told"] is not True:
        raise MissingFact(field="rights_told")
    writing.mediation.rights_told = True
    writing.remark("fail")
    return {}


def _end(step: str) -> Callable[[_Writing], dict[str, Any]]:
    def effect(writing: _Writing) -> dict[str, Any]:
        writing.mediation.closed_at = writing.now
        writing.remark(step)
        return {"result": writing.mediation.result}

    return effect


def _reopen(writing: _Writing) -> dict[str, Any]:
    mediation = writing.mediation
    mediation.closed_at, mediation.result, mediation.rights_told = None, "", False
    if mediation.case_id:
        others = Mediation.objects.filter(case_id=mediation.case_id, state__in=rules.OPEN)
        if others.exclude(id=mediation.id).exists():
            raise InMediation
    writing.remark("reopen")
    return {}


def _assign(writing: _Writing) -> dict[str, Any]:
    account = writing.facts["account"]
    if account not in {known for known, _area in mediators_for(writing.mediation.path, today=writing.today)}:
        raise BadAnswer(field="account", expected=_("a mediator of this area or one above, who is there"))
    writing.mediation.mediator_id = account
    return {"mediator": account}


_EFFECTS: Mapping[str, Callable[[_Writing], dict[str, Any]]] = {
    "agree": _agree,
    "assign": _assign,
    "close": _end("close"),
    "court": _court,
    "fail": _fail,
    "party": _party,
    "refer": _refer,
    "reopen": _reopen,
    "session": _session,
    "visit": _visit,
    "withdraw": _end("withdraw"),
}


def _next_visit(mediation: Mediation) -> date | None:
    """The day of the next visit that is due, as long as the file is open."""
    if mediation.state not in ("agreed", "followed_up"):
        return None
    waiting = FollowUp.objects.filter(mediation=mediation, done_at__isnull=True)
    return waiting.order_by("due_on").values_list("due_on", flat=True).first()


def look_at_mediation(viewer: Viewer, mediation_id: UUID, *, now: datetime, printed: bool = False) -> None:
    """Records that somebody reads the file, or prints of it: once an hour for each person, file and way."""
    mediation = Mediation.objects.filter(id=mediation_id).first()
    if mediation is None:
        raise NotFound
    verb = "mediation.printed" if printed else "mediation.looked"
    command = uuid.uuid5(
        _LOOKS, f"{verb} {viewer.account_id} {mediation_id} {now.astimezone(SHANGHAI):%Y-%m-%d %H}"
    )
    if not carried_out(viewer, command, verb=verb, subject=mediation.subject):
        with suppress(OtherContent):  # two pages opened at once: one entry tells of both
            _tell(viewer, mediation, verb, now, {}, command_id=command)


def reveal_phone(
    viewer: Viewer, mediation_id: UUID, party_id: UUID, *, why: str, command_id: UUID, now: datetime
) -> Party:
    """Shows a party's number to the viewer for some minutes; the journal keeps who asked, whose, and why.

    The same command again shows it to the same person within these minutes; after them it is OtherContent.
    """
    party = Party.objects.filter(id=party_id, mediation_id=mediation_id).select_related("mediation").first()
    if party is None:
        raise NotFound
    if why not in rules.REVEAL_REASONS:
        raise BadAnswer(field="why", expected=", ".join(rules.REVEAL_REASONS))
    entry = entry_of_command(viewer, command_id)
    if entry is not None:
        if (
            entry.verb != "mediation.revealed"
            or entry.after.get("party") != str(party_id)
            or entry.actor_id != viewer.account_id
            or entry.at <= now - timedelta(minutes=rules.REVEALED_MINUTES)
        ):
            raise OtherContent
        return party
    after = {"party": str(party_id), "purpose": why}
    _tell(viewer, party.mediation, "mediation.revealed", now, after, command_id=command_id)
    return party


def _tell(
    viewer: Viewer,
    mediation: Mediation,
    verb: str,
    now: datetime,
    after: dict[str, Any],
    *,
    command_id: UUID | None = None,
) -> None:
    record_once(
        viewer, verb=verb, subject=mediation.subject, path=mediation.path, at=now, after=after,
        command_id=command_id, confidential=True,
    )  # fmt: skip
