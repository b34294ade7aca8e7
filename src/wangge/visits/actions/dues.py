"""What is due, computed again set-wise; errands for doors; rules of an installation."""

import csv
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, transaction

from wangge.access import Verb, Viewer
from wangge.access.viewer import common_path
from wangge.areas import queries as areas
from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed, NotFound
from wangge.journal.actions import record
from wangge.visits import queries
from wangge.visits.models import DueRule, DueVisit, Errand, Round
from wangge.visits.rules import ERRANDS, BadVisit, Due, RulesRefused, day_of, door, due, rules_in

_AT_ONCE = 2_000

_PUT = """
insert into visits_duevisit as d (household_id, path, since, by, reasons, known_on, revision, computed_at)
select *, 1, %s from unnest(%s::uuid[], %s::ltree[], %s::date[], %s::date[], %s::jsonb[], %s::date[])
 order by 1
on conflict (household_id) do update set path = excluded.path, since = excluded.since, by = excluded.by,
  reasons = excluded.reasons, computed_at = excluded.computed_at, revision = d.revision + 1
  where (d.path, d.since, d.by, d.reasons) is distinct from (excluded.path, excluded.since, excluded.by, excluded.reasons)
"""


def renew_due(viewer: Viewer, households: Collection[UUID], *, now: datetime) -> int:
    """Computes again what is due at these households, from the register, the visits and the errands; says at how many it is."""
    today, rules, waiting = day_of(now), queries.rules_in_force(), 0
    ids = sorted(households)
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        known = queries.facts(viewer, part, today=today)
        rows: list[tuple[UUID, str, date, date, str, date]] = []
        for household, told in known.items():
            found = due(
                rules, told.needs, told.visits, told.wish, told.errands, began=told.began, today=today
            )
            visit = door(found, wish=told.wish)
            if visit:
                reasons = orjson.dumps([_kept(each) for each in visit.reasons]).decode()
                rows.append((household, told.path, visit.since, visit.by, reasons, told.began))
        if rows:
            with connection.cursor() as cursor:
                cursor.execute(_PUT, [now, *map(list, zip(*rows, strict=True))])
        gone = set(part) - {row[0] for row in rows}
        DueVisit.objects.filter(household_id__in=gone).delete()
        waiting += len(rows)
    return waiting


def _kept(reason: Due) -> dict[str, object]:
    return {
        "why": reason.why,
        "since": reason.since.isoformat(),
        "by": reason.by.isoformat(),
        "fell": reason.fell.isoformat(),
        "law": reason.law,
        "id": reason.id,
    }


def renew_stale(viewer: Viewer, *, now: datetime, at_most: int = 20_000) -> int:
    """Computes again what is due where the register changed; says at how many households."""
    stale = queries.stale_households(at_most)
    if stale:
        # First taken off the list: what changes from here on puts it there again.
        with connection.cursor() as cursor:
            cursor.execute("delete from visits_stale where household_id = any (%s)", [stale])
        renew_due(viewer, stale, now=now)
    return len(stale)


@dataclass(frozen=True, slots=True)
class NewErrand:
    """Something to bring to doors or to ask there; `ref` is what it belongs to (a case, a campaign), once a household."""

    kind: str
    text: str
    since: date
    by: date
    department: str = ""
    ref: UUID | None = None
    law: bool = False


def add_errands(viewer: Viewer, households: Collection[UUID], errand: NewErrand, *, now: datetime) -> int:
    """Puts the errand on the next visit at each of these doors; says at how many it was new.

    NotAllowed without the right to plan visits there, NotFound for a household that is not the viewer's to see.
    """
    if errand.kind not in ERRANDS:
        raise BadVisit(field="kind", expected=", ".join(ERRANDS))
    if errand.by < errand.since:
        raise BadVisit(field="by", expected=str(errand.since))
    if errand.ref and queries.questions_by_id(viewer, [errand.ref]):
        # A department's question stands at doors once its office has accepted it, and not by hand.
        raise BadVisit(field="ref", expected="no question of a department")
    known = queries.doors(viewer, households)
    if missing := set(households) - known.keys():
        raise NotFound(household=str(min(missing)))
    if not all(viewer.may(Verb.VISIT_PLAN, each.path) for each in known.values()):
        raise NotAllowed
    there = set(
        Errand.objects.filter(household_id__in=known, kind=errand.kind, ref=errand.ref).values_list(
            "household_id", flat=True
        )
        if errand.ref
        else ()
    )
    made = [
        Errand(
            id=new_id(),
            household_id=each.id,
            path=each.path,
            kind=errand.kind,
            text=errand.text,
            department=errand.department,
            ref=errand.ref,
            since=errand.since,
            by=errand.by,
            law=errand.law,
            added_by_id=viewer.account_id,
            added_at=now,
        )
        for each in known.values()
        if each.id not in there
    ]
    Errand.objects.bulk_create(made, ignore_conflicts=True)
    if made:
        path = common_path(each.path for each in made)
        told = {"kind": errand.kind, "households": len(made)}
        record(
            viewer,
            verb="errands.added",
            subject=f"area:{path.rsplit('.', 1)[-1]}",
            path=path,
            at=now,
            after=told,
        )
        renew_due(viewer, [each.household_id for each in made], now=now)
    return len(made)


def withdraw_errands(viewer: Viewer, kind: str, ref: UUID, *, now: datetime) -> int:
    """Takes back what belongs to `ref` and was not brought yet: a campaign that ended early, a question that is answered."""
    rows = list(Errand.objects.filter(kind=kind, ref=ref, done_at__isnull=True))
    if not all(viewer.may(Verb.VISIT_PLAN, row.path) for row in rows):
        raise NotAllowed
    Errand.objects.filter(id__in=[row.id for row in rows]).update(done_at=now)
    if rows:
        path = common_path(row.path for row in rows)
        told = {"kind": kind, "households": len(rows)}
        record(
            viewer,
            verb="errands.withdrawn",
            subject=f"area:{path.rsplit('.', 1)[-1]}",
            path=path,
            at=now,
            after=told,
        )
    renew_due(viewer, {row.household_id for row in rows}, now=now)
    return len(rows)


_OWED = """
select v.household_id, v.path::text, c.id, c.number from visits_visit v join cases_case c on c.id = v.case_id
 where c.state = 'closed' and not c.confidential and c.reported_by_id = v.entered_by_id
   and not exists (select from visits_errand e where e.household_id = v.household_id and e.kind = 'answer' and e.ref = c.id)
 order by c.id limit %s
"""
_ANSWER_DAYS = 14


def owe_answers(viewer: Viewer, *, now: datetime, at_most: int = 2_000) -> int:
    """What was heard at a door became a case, and the case has ended: the door is owed the answer. Says how many are new."""
    today = day_of(now)
    with connection.cursor() as cursor:
        cursor.execute(_OWED, [at_most])
        owed = cursor.fetchall()
    made = [
        Errand(
            id=new_id(),
            household_id=household,
            path=path,
            kind="answer",
            text=number,
            ref=case,
            since=today,
            by=today + timedelta(days=_ANSWER_DAYS),
            added_by_id=viewer.account_id,
            added_at=now,
        )
        for household, path, case, number in owed
    ]
    Errand.objects.bulk_create(made, ignore_conflicts=True)
    renew_due(viewer, {each.household_id for each in made}, now=now)
    return len(made)


# Also where nothing is due now: a rule that comes back holds there again.
_CONCERNED = """
insert into visits_stale (household_id, since)
select household_id, %(now)s::timestamptz from (
  select h.id from households_household h where %(everyone)s and h.valid_to is null
  union
  select r.household_id from households_careneed n join households_resident r on r.id = n.resident_id
   where n.kind = any (%(needs)s) and n.ended_on is null and r.household_id is not null
  union
  select d.household_id from visits_duevisit d cross join lateral jsonb_array_elements(d.reasons) reason
   where reason ->> 'why' = any (%(codes)s)
) as concerned (household_id)
 order by household_id
on conflict (household_id) do nothing
"""


def load_due_rules(viewer: Viewer, lines: Sequence[str], *, now: datetime) -> int:
    """Takes this installation's rules from a CSV (`data/due_rules.csv` shows the columns); `ended` in an added column ends one.

    RulesRefused names the line that is wrong; nothing is then taken. NotAllowed for whoever does not administer the city.
    What is due where they hold, or held, is computed by the next runs of the timer.
    """
    root = areas.roots()[0].path
    if not viewer.may(Verb.RULE_CHANGE, root):
        raise NotAllowed
    try:
        rules = rules_in(lines)
    except ValueError as fault:
        raise RulesRefused(fault=str(fault)) from None
    ended = {row["code"] for row in csv.DictReader(lines) if (row.get("ended") or "").strip() == "true"}
    for rule in rules:
        facts = {name: getattr(rule, name) for name in type(rule).__dataclass_fields__ if name != "code"}
        DueRule.objects.update_or_create(code=rule.code, defaults={**facts, "ended": rule.code in ended})
    told = {"rules": sorted(rule.code for rule in rules), "ended": sorted(ended)}
    record(viewer, verb="rules.changed", subject=f"area:{root}", path=root, at=now, after=told)
    needs, codes = sorted({rule.need for rule in rules}), [rule.code for rule in rules]
    asked: dict[str, Any] = {"now": now, "everyone": "" in needs, "needs": needs, "codes": codes}
    with connection.cursor() as cursor:
        cursor.execute(_CONCERNED, asked)
    return len(rules)


def keep_round(
    viewer: Viewer,
    day: date,
    *,
    area: str = "",
    account: int | None = None,
    begins: int | None = None,
    ends: int | None = None,
    now: datetime,
) -> queries.Round:
    """Plans the round of a day and keeps it, so that the sheet and whoever types it in have the same rows.

    It fits into the working day, or what is between `begins` and `ends` (minutes after midnight) without its breaks. BadVisit
    where nothing is between them.
    """
    hours = queries.hours_between(begins, ends)
    planned = queries.plan_round(viewer, day, area=area, hours=hours)
    if not viewer.may(Verb.VISIT_RECORD, planned.path):
        raise NotAllowed
    who = account if account is not None else queries.account_of(viewer)
    before = Round.objects.filter(account_id=who, day=day).order_by("-number").first()
    households = [stop.door.id for stop in planned.stops]
    if (
        before
        and (list(before.households), list(before.begins)) == (households, list(planned.about))
        and before.path == planned.path
    ):
        return queries.round_by_id(viewer, before.id)
    try:
        with transaction.atomic():
            row = Round.objects.create(
                id=new_id(),
                path=planned.path,
                day=day,
                account_id=who,
                number=before.number + 1 if before else 1,
                households=households,
                begins=planned.about,
                left_over=[each.door.id for each in planned.left_over],
                made_at=now,
                made_by_id=viewer.account_id,
            )
            record(
                viewer,
                verb="round.kept",
                subject=f"round:{row.id}",
                path=planned.path,
                at=now,
                after={"day": day.isoformat(), "households": len(households)},
            )
    except IntegrityError:
        # Kept twice at once: the other one stands.
        row = Round.objects.filter(account_id=who, day=day).latest("number")
    return queries.round_by_id(viewer, row.id)
