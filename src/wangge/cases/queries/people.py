"""Who works on a case's path today, at its desks and departments, and for whom each of its next steps waits."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connections

from wangge.access import Verb, Viewer, system_viewer, verbs_of
from wangge.base.calendar import SHANGHAI
from wangge.cases.lifecycle import verb_of, who_of
from wangge.cases.models import Case
from wangge.cases.queries.moves import standing_of
from wangge.cases.rules import Standing, possible_moves


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at one post today. `away_until` is the last day of a leave that has begun."""

    account: int
    name: str
    path: str
    kind: str
    verbs: frozenset[Verb]
    department: str = ""
    confidential: bool = False
    stands_in: bool = False
    away_until: date | None = None

    @property
    def code(self) -> str:
        return self.path.rsplit(".", 1)[-1]

    @property
    def office(self) -> str:
        """`<area>/<department>`; empty at a desk."""
        return f"{self.code}/{self.department}" if self.department else ""

    @property
    def is_away(self) -> bool:
        return self.away_until is not None


@dataclass(frozen=True, slots=True)
class People:
    """Everybody at the desks and departments from a place upwards, the nearest first: one query answers who may do what."""

    everybody: tuple[Person, ...]

    def at_desk(self, code: str, verb: Verb, *, confidential: bool) -> list[Person]:
        """Holders of posts at exactly this desk that carry the verb, also those who are away."""
        return [
            each
            for each in self.everybody
            if each.code == code
            and not each.department
            and verb in each.verbs
            and (each.confidential or not confidential)
        ]

    def at_office(self, key: str, verb: Verb = Verb.CASE_HANDLE) -> list[Person]:
        return [each for each in self.everybody if each.office == key and verb in each.verbs]

    def office_of(self, department: str) -> list[Person]:
        """Who of the nearest office of the department that has somebody present handles for it; nobody when none has."""
        for each in self.everybody:
            if each.department == department and Verb.CASE_HANDLE in each.verbs and not each.is_away:
                return self.at_office(each.office)
        return []

    @property
    def departments(self) -> list[str]:
        """Departments that can be given a case of this place today."""
        there = {
            each.department
            for each in self.everybody
            if each.department and Verb.CASE_HANDLE in each.verbs and not each.is_away
        }
        return sorted(there)


_PEOPLE = """
select account, name, path::text, kind, duties, department, confidential, stands_in, away_until
  from cases_people(%s::ltree, %s)
 order by nlevel(path) desc, away_until is not null, stands_in, name, account, kind
"""


def people_on(path: str, today: date) -> People:
    """Whoever holds a post at an area on the path, or at a department's office there."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_PEOPLE, [path, today])
        return People(
            tuple(
                Person(
                    account, name, where, kind, verbs_of(duties), department, confidential, stands_in, away
                )
                for account, name, where, kind, duties, department, confidential, stands_in, away in cursor.fetchall()
            )
        )


@dataclass(frozen=True, slots=True)
class Awaited:
    """Steps that somebody else may take now. `kind`: a `desk` (code), an `office` (key), a `person` or the `reporter`."""

    kind: str
    where: str
    account: int | None = None
    steps: tuple[str, ...] = ()
    people: tuple[Person, ...] = field(default=())

    @property
    def present(self) -> list[Person]:
        return [each for each in self.people if not each.is_away]


def awaited(
    viewer: Viewer,
    case: Case,
    *,
    now: datetime,
    people: People | None = None,
    standing: Standing | None = None,
) -> list[Awaited]:
    """Each step that is possible now but not open to the viewer, and who may take it: first those whose turn it is."""
    standing = standing or standing_of(case)
    there = people or people_on(case.path, now.astimezone(SHANGHAI).date())
    mine = {move.step for move in possible_moves(standing, viewer, now)}
    if viewer.account_id is not None and viewer.account_id == standing.handled_by_id:
        mine.discard(
            "verify"
        )  # they may say that it is not mended after all; somebody else must say that it is
    anybody = system_viewer(case.path.split(".", 1)[0])
    grouped: dict[tuple[str, str, int | None], tuple[list[str], dict[int, Person]]] = {}
    for move in possible_moves(standing, anybody, now):
        if move.step in mine:
            continue
        for key, able in _who(case, standing, move.step, there):
            steps, found = grouped.setdefault(key, ([], {}))
            steps.append(move.step)
            found.update({person.account: person for person in able})
    answers = [
        Awaited(kind, where, account, tuple(steps), tuple(found.values()))
        for (kind, where, account), (steps, found) in grouped.items()
    ]
    return sorted(answers, key=lambda each: _TURN.index(each.kind))


_TURN = ("person", "office", "desk", "reporter")
_Key = tuple[str, str, int | None]
_Able = list[tuple[_Key, list[Person]]]


def _who(case: Case, standing: Standing, step: str, there: People) -> _Able:
    """Who may take this step: the nearest desk with somebody who can, or those whom the table names besides it."""
    verb, who = verb_of(step), who_of(step)
    if who == "handler" and standing.handler_id:
        able = [each for each in there.everybody if each.account == standing.handler_id]
        return [(("person", "", standing.handler_id), able[:1])]
    if who == "handler" and standing.open_offices:
        return [(("office", key, None), there.at_office(key, verb)) for key in sorted(standing.open_offices)]
    if step == "rate":
        return [(("reporter", "", standing.reported_by_id), [])] if standing.reported_by_id else []
    but = {standing.handled_by_id} if step == "verify" else set()
    return _desk(case, verb, there, but)


def _desk(case: Case, verb: Verb, there: People, but: Iterable[int | None]) -> _Able:
    """The nearest desk at or above the holder's where somebody present may do it; else the nearest with anybody."""
    codes = list(reversed(case.holder_path.split(".")))
    able = {
        code: [
            each
            for each in there.at_desk(code, verb, confidential=case.confidential)
            if each.account not in but
        ]
        for code in codes
    }
    manned = [code for code in codes if any(not each.is_away for each in able[code])]
    chosen: _Able = [(("desk", code, None), able[code]) for code in manned or codes if able[code]]
    return chosen[:1]
