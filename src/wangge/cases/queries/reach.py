"""To whom a case of a place can be given: what a phone keeps, so that a form without a signal can offer it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from wangge.access import Verb, Viewer
from wangge.cases.queries.people import People, people_on
from wangge.cases.queries.presence import desks_on

#: Steps that name departments: who may take none of them here needs to know of none.
_NAMES_DEPARTMENTS = (Verb.CASE_ESCALATE, Verb.CASE_DISPATCH, Verb.CASE_SUMMON)


def reach_of(viewer: Viewer, paths: Iterable[str], *, today: date) -> dict[str, dict[str, Any]]:
    """By the code of each of these places, whom the viewer could give a case there today: `departments` by code, and for
    who may dispatch also the `people` who can handle and the `desks` that somebody reads, the nearest first. A place where
    the viewer gives nothing to anybody is left out.
    """
    found = {}
    for path in paths:
        if any(viewer.may(verb, path) for verb in _NAMES_DEPARTMENTS):
            there = people_on(path, today)
            gives = viewer.may(Verb.CASE_DISPATCH, path)
            found[path.rsplit(".", 1)[-1]] = {
                "departments": there.departments,
                "people": _people(path, there) if gives else [],
                "desks": _desks(path, there) if gives else [],
            }
    return found


def _people(path: str, there: People) -> list[dict[str, Any]]:
    able = {
        each.account: {"account": each.account, "name": each.name, "area": each.code}
        for desk in desks_on(path)
        for each in there.at_desk(desk.code, Verb.CASE_HANDLE, confidential=False)
        if not each.is_away
    }
    return list(reversed(able.values()))


def _desks(path: str, there: People) -> list[dict[str, str]]:
    return [
        {"area": desk.code, "level": desk.level}
        for desk in reversed(desks_on(path))
        if any(not each.is_away for each in there.at_desk(desk.code, Verb.CASE_ACCEPT, confidential=False))
    ]
