"""Visits that were made, and what phones keep of them."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from wangge.access import Viewer
from wangge.base.problems import NotFound
from wangge.catalogue.queries import departments
from wangge.staff import queries as staff
from wangge.staff.models import Department
from wangge.visits.models import DueVisit, Errand, Place, Question, Visit
from wangge.visits.queries.doors import rules_in_force
from wangge.visits.queries.dues import placed
from wangge.visits.queries.questions import questions_of
from wangge.visits.rules import Rule, shipped_rules


def visit_by_id(viewer: Viewer, visit_id: UUID) -> Visit:  # noqa: ARG001 - the row policy uses it
    found = Visit.objects.filter(id=visit_id).first()
    if found is None:
        raise NotFound
    return found


def visits_of(viewer: Viewer, household: UUID, *, limit: int = 50) -> list[Visit]:  # noqa: ARG001 - the row policy uses it
    """The newest visits at a household."""
    return list(Visit.objects.filter(household_id=household).order_by("-happened_at", "-id")[:limit])


def visits_of_round(viewer: Viewer, round_id: UUID) -> dict[UUID, Visit]:  # noqa: ARG001 - the row policy uses it
    """What was typed in from the sheet of a round, by household."""
    return {visit.household_id: visit for visit in Visit.objects.filter(round_id=round_id)}


def newest_visits(
    viewer: Viewer,  # noqa: ARG001 - the row policy uses it
    path: str,
    *,
    day: date | None = None,
    limit: int = 100,
) -> list[Visit]:
    """The newest visits at or below a path, all or of a day."""
    rows = placed(Visit.objects.all(), path)
    if day:
        rows = rows.filter(day=day)
    return list(rows.order_by("-happened_at", "-id")[:limit])


def visitors(visits: Collection[Visit]) -> dict[int, str]:
    """The names of those who made them."""
    return staff.names_of({visit.visitor_id for visit in visits if visit.visitor_id})


KEPT_FOR = timedelta(days=366)
"""So long a phone keeps visits: a year says when somebody was met last."""


def kept(viewer: Viewer, kind: str, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """What a phone keeps of visits, of what is due (by household) and of places to check, as values of JSON.

    What is gone, or not the viewer's, is left out.
    """
    return _KEPT[kind](viewer, [UUID(str(each)) for each in ids])


def _visits(_viewer: Viewer, ids: Collection[UUID]) -> dict[str, dict[str, Any]]:
    """A year of a grid is thousands: only what is told is asked for, and no row becomes an object."""
    # An array is one value; a thousand ids in a list would be a thousand.
    rows = Visit.objects.extra(where=["id = any(%s)"], params=[list(ids)])
    told = rows.values_list(
        "id",
        "revision",
        "household_id",
        "day",
        "happened_at",
        "outcome",
        "well",
        "note",
        "case_id",
        "visitor_id",
        "time_noted",
    )
    found = list(told)
    # Only its own row opens a private text.
    noted = Visit.objects.only("id", "note").in_bulk([each[0] for each in found if each[7] is not None])
    return {
        str(key): {
            "id": str(key),
            "revision": revision,
            "household": str(household),
            "day": day.isoformat(),
            # Of a sheet's row without a time only the day is known.
            "happened_at": happened_at.isoformat() if time_noted else None,
            "outcome": outcome,
            "well": well,
            "note": noted[key].note or "" if key in noted else "",
            "case": str(case) if case else None,
            "visitor": visitor,
        }
        for key, revision, household, day, happened_at, outcome, well, _sealed, case, visitor, time_noted in found
    }


def _dues(viewer: Viewer, ids: Collection[UUID]) -> dict[str, dict[str, Any]]:
    rows = DueVisit.objects.filter(household_id__in=ids)
    errand_ids = [UUID(reason["id"]) for row in rows for reason in row.reasons if reason["id"]]
    errands = {row.id: row for row in Errand.objects.filter(id__in=errand_ids)}
    asked = questions_of(viewer, errands.values())
    offices = departments() if asked else {}
    asks = {question: _asks(row, offices) for question, row in asked.items()}
    # Phones know the shipped rules in words of their own.
    own = {rule.code: rule for rule in rules_in_force() if rule not in shipped_rules()}
    return {
        str(row.household_id): {
            "id": str(row.household_id),
            "revision": row.revision,
            "household": str(row.household_id),
            "since": row.since.isoformat(),
            "by": row.by.isoformat(),
            "reasons": [
                _reason(reason, errands.get(UUID(reason["id"])) if reason["id"] else None, asks, own)
                for reason in row.reasons
            ],
        }
        for row in rows
    }


def _reason(
    reason: dict[str, Any],
    errand: Errand | None,
    asks: Mapping[UUID, dict[str, Any]],
    own: Mapping[str, Rule],
) -> dict[str, Any]:
    """With what to bring or to ask in words, what it belongs to (a campaign), and how a department's question is answered; by a
    rule of the installation's own with how that is called.
    """
    ref = errand.ref if errand else None
    told = {**reason, "text": errand.text if errand else "", "ref": str(ref) if ref else None}
    if errand is None and (rule := own.get(reason["why"])):
        return {**told, "zh": rule.zh, "en": rule.en or rule.zh}
    return {**told, "asks": asks[ref]} if ref and ref in asks else told


def _asks(question: Question, offices: Mapping[str, Department]) -> dict[str, Any]:
    office = offices.get(question.department)
    return {
        "answer": question.answer,
        "words": question.words,
        "basis": question.basis,
        "zh": office.zh if office else "",
        "en": office.en if office else "",
    }


def _places(_viewer: Viewer, ids: Collection[UUID]) -> dict[str, dict[str, Any]]:
    return {
        str(row.id): {
            "id": str(row.id),
            "revision": row.revision,
            "kind": row.kind,
            "name": row.name,
            "address": row.address,
            "lon": row.lon,
            "lat": row.lat,
            "every_days": row.every_days,
            "due_on": row.due_on.isoformat(),
            "checked_on": row.checked_on.isoformat() if row.checked_on else None,
            "found": row.found,
            "closed": row.closed_on is not None,
        }
        for row in Place.objects.filter(id__in=ids)
    }


_KEPT = {"visit": _visits, "due": _dues, "place": _places}
