"""What makes a visit due, and when: rules as data, never more often than needed."""

import csv
from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from wangge.households.rules.people import NEEDS
from wangge.visits.rules.outcomes import UNCLEAR

ERRANDS = ("answer", "campaign", "question", "other")
"""What else may be brought to a door: an answer that is owed, a campaign, a department's question."""
LEAST_DAYS = 7
RETRY_DAYS = 3
"""So long waits an errand after nobody was home; a visit by rule waits as long as its rule says."""
PAUSE_REFUSED = timedelta(days=14)
PAUSE_UNCLEAR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Rule:
    """Everyone (`need` empty), or whoever has the need, is called on every so often.

    `early_days` before the interval is over it is due, so that it can be joined with what else is due there. After nobody
    was home the next try waits `retry_days`. `law`: a law or regulation asks for it; it holds also for those who wish
    not to be visited more than that.
    """

    code: str
    need: str
    every_months: int
    every_days: int
    early_days: int
    retry_days: int
    law: bool
    zh: str
    en: str
    basis_zh: str
    basis_en: str

    def after(self, day: date) -> date:
        """The day on which the interval that begins on `day` is over."""
        return added(day, self.every_months) + timedelta(days=self.every_days)


@dataclass(frozen=True, slots=True)
class Need:
    """A care need of somebody in the household, from its first day until its last; `id` as the register knows it."""

    kind: str
    since: date
    until: date | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Visits:
    """What is known of calls at a door: when somebody was met last, and how the last call ended."""

    met_on: date | None = None
    tried_on: date | None = None
    outcome: str = ""
    refused_on: date | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """Something to bring to a door or to ask there, from a day until another."""

    kind: str
    since: date
    by: date
    law: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """One reason for a visit: the code of its rule or the kind of its errand, from when on, and until when.

    `fell` is when it fell due; `since` is later where the door is left alone for a while.
    """

    why: str
    since: date
    by: date
    law: bool = False
    id: str = ""
    fell: date = date.min


@dataclass(frozen=True, slots=True)
class Door:
    """One visit for everything that is due at one door. `reasons` stand in the order in which they end."""

    since: date
    by: date
    reasons: tuple[Due, ...]

    def on(self, day: date) -> tuple[Due, ...]:
        """What a call on this day answers: whatever is due by then."""
        return tuple(each for each in self.reasons if each.since <= day)


def added(day: date, months: int) -> date:
    """So many months later; the last day of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def due(
    rules: Iterable[Rule],
    needs: Collection[Need],
    last_visits: Visits,
    wish: bool,
    owed: Iterable[Errand],
    *,
    began: date,
    today: date,
) -> list[Due]:
    """Every reason to call at a household that began on `began`, in the order in which they end.

    `began`: the first day on which the register knew the household; nothing is overdue from before. Whoever was met is
    called on again when an interval that holds for them is over. A refusal is answered by waiting the interval again
    where no law asks for the visit. After a call that met nobody `since` waits, while `by` stays: what is late stays
    late. `wish`: not more than the law asks for; without such a reason there is none at all.
    """
    found = [
        each
        for rule in rules
        for need in _holding(rule, needs, today)
        if (each := _by(rule, need, last_visits, began)) is not None
    ]
    found += [
        _later(Due(each.kind, each.since, each.by, each.law, each.id), last_visits, RETRY_DAYS)
        for each in owed
    ]
    if wish and not any(each.law for each in found):
        return []
    return sorted(found, key=lambda each: (each.by, each.since, each.why, each.id, not each.law, each.fell))


def door(dues: Sequence[Due], *, wish: bool = False) -> Door | None:
    """All of these as one visit: due with the first of them, over with the first that ends; None without any.

    With the wish, what the law asks for says when; the rest goes along.
    """
    leading = [each for each in dues if each.law] if wish else list(dues)
    if not leading:
        return None
    return Door(min(each.since for each in leading), min(each.by for each in leading), tuple(dues))


def pause(visits: Visits, retry_days: int) -> date | None:
    """Until when a door is left alone after a call that met nobody; None after one that met somebody, or without any."""
    if visits.tried_on is None or (visits.met_on is not None and visits.met_on >= visits.tried_on):
        return None
    if visits.outcome in UNCLEAR:
        return visits.tried_on + PAUSE_UNCLEAR
    if visits.outcome == "refused":
        return visits.tried_on + max(PAUSE_REFUSED, timedelta(days=retry_days))
    return visits.tried_on + timedelta(days=retry_days)


def _later(due: Due, visits: Visits, retry_days: int) -> Due:
    paused = pause(visits, retry_days)
    return replace(due, fell=due.since, since=max(due.since, paused or due.since))


def _holding(rule: Rule, needs: Collection[Need], today: date) -> Iterable[Need]:
    """What the rule holds for: the household itself, or the first of its people's needs of that kind."""
    if not rule.need:
        return (Need("", date.min),)
    open_needs = [
        need for need in needs if need.kind == rule.need and (need.until is None or need.until >= today)
    ]
    return (
        (min(open_needs, key=lambda need: (need.since, need.id, need.until or date.max)),)
        if open_needs
        else ()
    )


def _by(rule: Rule, need: Need, visits: Visits, began: date) -> Due | None:
    """When the rule's interval since the last meeting is over; before the first one it is due at once, until its end.

    A need that began after the last meeting is called on within its own first interval.
    """
    answered = visits.met_on
    if not rule.law and visits.refused_on and (answered is None or visits.refused_on > answered):
        answered = visits.refused_on
    first = max(need.since, began)
    if answered is None or answered < need.since:
        found = Due(rule.code, first, rule.after(first), rule.law, need.id)
    else:
        by = rule.after(answered)
        found = Due(rule.code, by - timedelta(days=rule.early_days), by, rule.law, need.id)
    if need.until is not None and found.since > need.until:
        return None
    return _later(found, visits, rule.retry_days)


def rules_in(lines: Iterable[str]) -> list[Rule]:
    """The rules of a CSV with the columns of `data/due_rules.csv`; ValueError names the line that is wrong."""
    found = []
    for number, row in enumerate(csv.DictReader(lines, restval=""), start=2):
        try:
            found.append(_rule(row))
        except (KeyError, TypeError, ValueError) as fault:
            raise ValueError(f"line {number}: {fault}") from fault
    return found


def _rule(row: Mapping[str, str]) -> Rule:
    numbers = {
        name: int(row[name] or 0) for name in ("every_months", "every_days", "early_days", "retry_days")
    }
    texts = {name: row[name].strip() for name in ("code", "need", "zh", "en", "basis_zh", "basis_en")}
    if row["law"] not in ("true", "false"):
        raise ValueError("law: true or false")
    made = Rule(law=row["law"] == "true", **numbers, **texts)  # type: ignore[arg-type]  # both by name
    if not made.code or not made.zh or not made.basis_zh:
        raise ValueError("code, zh and basis_zh are needed")
    if made.need and made.need not in NEEDS:
        raise ValueError(f"need: {', '.join(NEEDS)}, or empty for everyone")
    interval = made.every_months * 28 + made.every_days
    if interval < LEAST_DAYS or not 0 <= made.early_days <= interval // 2 or made.retry_days < 1:
        raise ValueError("an interval of a week or more, early_days up to its half, retry_days from 1")
    return made


@cache
def shipped_rules() -> tuple[Rule, ...]:
    return tuple(
        rules_in((files("wangge.visits") / "data" / "due_rules.csv").read_text("utf-8").splitlines())
    )
