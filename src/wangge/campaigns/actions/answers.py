"""Answers from the doors, one or thousands at once: each exactly once, each with an outcome that says what became of it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import IntegrityError, connection, transaction

from wangge.access import Verb, Viewer
from wangge.base.calendar import SHANGHAI
from wangge.base.commands import Command
from wangge.base.problems import Invalid, NotAllowed, NotFound, OtherContent, Problem
from wangge.campaigns import lifecycle
from wangge.campaigns.models import Answer, AnswerPhoto, Campaign, FormVersion, Target
from wangge.campaigns.models.campaign import OUTCOMES
from wangge.campaigns.rules.filling import Filled, files_in, fill
from wangge.campaigns.rules.instance import from_instance
from wangge.campaigns.rules.problems import NotRunning, OtherForm
from wangge.campaigns.rules.standing import Given, Standing, Terms, after
from wangge.journal.actions import record
from wangge.visits.queries.doors import doors

if TYPE_CHECKING:
    from wangge.visits.models import Visit

LONGEST = 200_000


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What one command says of one door. `answers` as an object by question, or `instance`, the XForm's instance as XML."""

    command: Command
    campaign: UUID
    household: UUID
    form_version: UUID
    outcome: str = "met"
    answers: Mapping[str, Any] | None = None
    instance: str = ""
    visit: UUID | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of an answer: `end` (see rules/standing.py), or the problem for which it was not taken."""

    id: UUID
    end: str = ""
    faults: list[dict[str, str]] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    problem: Problem | None = None
    repeated: bool = False


def record_answer(
    viewer: Viewer,
    command: Command,
    *,
    campaign: UUID,
    household: UUID,
    form_version: UUID,
    outcome: str = "met",
    answers: Mapping[str, Any] | None = None,
    instance: str = "",
    visit: UUID | None = None,
    now: datetime,
) -> Recorded:
    """One answer (the command `campaign.answer`). Raises the problem for which it was not taken: NotFound, NotAllowed,
    OtherContent, OtherForm, NotRunning, Invalid.
    """
    given = GivenAnswer(command, campaign, household, form_version, outcome, answers, instance, visit)
    recorded = record_answers(viewer, [given], now=now)[0]
    if recorded.problem is not None:
        raise recorded.problem
    return recorded


def record_answers(
    viewer: Viewer, given: Sequence[GivenAnswer], *, now: datetime, source: str = "app"
) -> list[Recorded]:
    """Many answers in few statements, in their order; what is wrong with one hinders no other.

    One that came before gets its former outcome. An answer of a household that left, that was not asked, or of a campaign
    that is over is kept and says so. It never changes another answer.
    """
    try:
        with transaction.atomic():
            return _Recording(viewer, given, now, source).done()
    except IntegrityError:  # an id that stands there for what this viewer does not see
        if len(given) == 1:
            return [Recorded(given[0].command.id, problem=OtherContent())]
        return [record_answers(viewer, [one], now=now, source=source)[0] for one in given]


def note_visits(
    viewer: Viewer, visits: Iterable[tuple[UUID, UUID, str, datetime]], *, now: datetime
) -> list[Recorded]:
    """What visits (id, household, outcome, said at) mean for the campaigns that are due at their doors: nobody was home, or was
    met where that is all that counts. An answer that names the visit says it already.
    """
    told = list(visits)
    today = now.astimezone(SHANGHAI).date()
    due: dict[UUID, list[Campaign]] = {}
    rows = Target.objects.filter(
        household_id__in=[household for _visit, household, _outcome, _at in told],
        due_on__lte=today,
        campaign__state=lifecycle.RUNNING,
    ).select_related("campaign")
    for row in rows:
        due.setdefault(row.household_id, []).append(row.campaign)
    if not due:
        return []
    known = set(
        Answer.objects.filter(visit_id__in=[visit for visit, *_ in told]).values_list(
            "visit_id", "campaign_id"
        )
    )
    found = [
        GivenAnswer(
            Command(uuid5(visit, str(campaign.id)), at),
            campaign.id,
            household,
            campaign.form_version_id,
            outcome,
            visit=visit,
        )
        for visit, household, outcome, at in told
        for campaign in due.get(household, [])
        if (visit, campaign.id) not in known and (outcome != "met" or campaign.counts == "met")
    ]
    return record_answers(viewer, found, now=now) if found else []


def count_visits(viewer: Viewer, visits: Sequence["Visit"], now: datetime) -> None:
    """Hears of each new visit, from whichever way in."""
    note_visits(viewer, [(one.id, one.household_id, one.outcome, one.said_at) for one in visits], now=now)


class _Recording:
    def __init__(self, viewer: Viewer, given: Sequence[GivenAnswer], now: datetime, source: str) -> None:
        self.viewer, self.given, self.now, self.source = viewer, given, now, source
        self.today = now.astimezone(SHANGHAI).date()
        self.rows: list[tuple[Answer, Filled | None]] = []
        self.changed: dict[tuple[UUID, UUID], Standing] = {}

    def done(self) -> list[Recorded]:
        self._look_up()
        recorded = [self._one(each) for each in self.given]
        self._write()
        return recorded

    def _look_up(self) -> None:
        households = {each.household for each in self.given}
        self.campaigns = Campaign.objects.defer("purpose").in_bulk({each.campaign for each in self.given})
        self.versions = FormVersion.objects.defer("source", "xform").in_bulk(
            {each.form_version for each in self.given}
        )
        self.known = Answer.objects.in_bulk([each.command.id for each in self.given])
        self.doors = doors(self.viewer, households)
        asked = Target.objects.filter(campaign_id__in=self.campaigns, household_id__in=households)
        # Who records in the same grids at once waits here, once and in one order: the sums are kept one row a grid.
        paths = sorted(set(asked.values_list("campaign_id", "path")))
        with connection.cursor() as cursor:
            for campaign, path in paths:
                cursor.execute(
                    "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"campaigns:{campaign}:{path}"]
                )
        rows = asked.order_by("campaign_id", "household_id").select_for_update()
        self.targets = {(row.campaign_id, row.household_id): row for row in rows}
        self.standings = {
            key: Standing(row.standing, row.answered, row.tried, row.due_on, row.changed_on)
            for key, row in self.targets.items()
        }

    def _one(self, given: GivenAnswer) -> Recorded:
        try:
            return self._record(given)
        except Problem as problem:
            return Recorded(given.command.id, problem=problem)

    def _record(self, given: GivenAnswer) -> Recorded:
        campaign, version = self.campaigns.get(given.campaign), self.versions.get(given.form_version)
        if campaign is None or version is None:
            raise NotFound
        if given.outcome not in OUTCOMES:
            raise Invalid(field="outcome", expected=", ".join(OUTCOMES))
        filled = self._filled(given, version)
        before = self.known.get(given.command.id)
        if before is not None:
            return _again(before, given, filled)
        key = (campaign.id, given.household)
        target, door = self.targets.get(key), self.doors.get(given.household)
        path = target.path if target else door.path if door else ""
        if not path:
            raise NotFound
        if not self.viewer.may(Verb.CAMPAIGN_ANSWER, path):
            raise NotAllowed
        if campaign.state == lifecycle.DRAFT:
            raise NotRunning
        if not FormVersion.objects.filter(id=campaign.form_version_id, form_id=version.form_id).exists():
            raise OtherForm
        faults = (
            [{"question": fault.question, "fault": fault.fault} for fault in filled.faults] if filled else []
        )
        end, standing = after(
            _terms(campaign),
            self.standings.get(key),
            Given(
                given.outcome,
                min(given.command.at, self.now).astimezone(SHANGHAI).date(),
                self.today,
                has_answers=filled is not None,
                faults=faults,
                left=door is None,
            ),
        )
        if standing is not None and standing != self.standings[key]:
            self.standings[key] = self.changed[key] = replace(standing, changed_on=self.today)
        answer = Answer(
            id=given.command.id,
            campaign=campaign,
            form_version=version,
            household_id=given.household,
            visit_id=given.visit,
            path=path,
            outcome=given.outcome,
            answers=_json(filled.values) if filled else None,
            faults=faults,
            not_checked=[name[:200] for name in filled.not_checked] if filled else [],
            end=end,
            said_at=given.command.at,
            at=self.now,
            by_id=self.viewer.account_id or 0,
        )
        self.known[answer.id] = answer
        self.rows.append((answer, filled))
        return Recorded(answer.id, end, faults, answer.not_checked)

    def _filled(self, given: GivenAnswer, version: FormVersion) -> Filled | None:
        answers = from_instance(given.instance, version.outline) if given.instance else given.answers
        if answers is None:
            return None
        if len(_json(answers)) > LONGEST:
            raise Invalid(field="answers", expected=_("at most 200,000 characters"))
        # Calculations that ask for today mean the day at the door.
        moment = min(given.command.at, self.now).astimezone(SHANGHAI)
        return fill(version.outline, answers, now=moment)

    def _write(self) -> None:
        if not self.rows:
            return
        Answer.objects.bulk_create([answer for answer, _filled in self.rows], batch_size=1000)
        AnswerPhoto.objects.bulk_create(
            [
                AnswerPhoto(answer=answer, digest=digest, question=question[:200])
                for answer, filled in self.rows
                if filled
                for question, digest in files_in(filled)
            ]
        )
        _move(self.changed)
        for answer, _filled in self.rows:
            record(
                self.viewer,
                verb="campaign.answered",
                subject=answer.campaign.subject,
                path=answer.path,
                at=self.now,
                after={"answer": str(answer.id), "outcome": answer.outcome, "end": answer.end},
                command_id=answer.id,
                source=self.source,
            )


_MOVE = """
update campaigns_target t set standing = v.standing, answered = v.answered, tried = v.tried, due_on = v.due_on,
       changed_on = v.changed_on
  from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::int[], %s::int[], %s::date[], %s::date[])
       as v(campaign_id, household_id, standing, answered, tried, due_on, changed_on)
 where t.campaign_id = v.campaign_id and t.household_id = v.household_id
"""


def _move(changed: Mapping[tuple[UUID, UUID], Standing]) -> None:
    """One statement, so that the triggers sum once."""
    if not changed:
        return
    columns = zip(
        *(
            (*key, one.standing, one.answered, one.tried, one.due_on, one.changed_on)
            for key, one in sorted(changed.items())
        ),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [list(column) for column in columns])


def _again(before: Answer, given: GivenAnswer, filled: Filled | None) -> Recorded:
    """The outcome of the first time; OtherContent when another thing was said with this id."""
    same = (
        before.campaign_id == given.campaign
        and before.household_id == given.household
        and before.form_version_id == given.form_version
        and before.outcome == given.outcome
        and before.visit_id == given.visit
        and (before.answers or None) == (_json(filled.values) if filled else None)
    )
    if not same:
        raise OtherContent
    return Recorded(before.id, before.end, before.faults, before.not_checked, repeated=True)


def _terms(campaign: Campaign) -> Terms:
    last: date = campaign.to_on
    if campaign.ended_at:
        last = min(last, campaign.ended_at.astimezone(SHANGHAI).date())
    return Terms(campaign.state, last, campaign.counts, campaign.times, campaign.every_days, campaign.tries)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
