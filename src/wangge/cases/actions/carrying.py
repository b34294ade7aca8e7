"""Routing rules and ready texts of grids that are divided anew go over to the grids that took their households; and back.

What an ended grid had stays with it, as a record; the grids that go on get copies, which are taken back when the division is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.access import Verb, Viewer
from wangge.areas.models import Area
from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed
from wangge.cases.models import Route, TextTemplate
from wangge.cases.queries.routing import rule_of
from wangge.cases.rules import Rule
from wangge.cases.rules.carrying import Share, name_beside, rules_that_go
from wangge.journal.actions import record_all


@dataclass(frozen=True, slots=True)
class Carried:
    """A routing rule (`what` is `route`, `name` its note) or ready text that goes from a grid to another; `to_code` is empty
    for a rule of an ended grid that holds nowhere from now on. Of a rule also for which cases, and where they go.
    """

    what: str
    name: str
    from_code: str
    to_code: str
    item: str = ""
    business: str = ""
    hours: str = ""
    tier: str = ""
    department: str = ""
    use: str = ""


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What went over; `made` is what `take_back_rules` needs, as JSON values."""

    carried: tuple[Carried, ...]
    made: Mapping[str, Any] = field(default_factory=dict)


def carry_rules_over(
    viewer: Viewer, shares: Sequence[Share], *, ended: Sequence[str], now: datetime, reason: str = ""
) -> CarriedOver:
    """Copies the routing rules and ready texts of grids to those that took their households (`rules.carrying` says which to which).

    The new grids stand already. Whoever may change areas on both sides may.
    """
    codes = {code for share in shares for code in (share.from_code, share.to_code)} | set(ended)
    areas = Area.objects.in_bulk(codes)
    if any(not viewer.may(Verb.AREA_CHANGE, area.path) for area in areas.values()):
        raise NotAllowed
    shares = [share for share in shares if share.from_code in areas and share.to_code in areas]
    routes, told_routes, made_routes = _routes(shares, areas, ended, now, reason)
    texts, told_texts, made_texts = _texts(viewer, shares, areas, ended, now, reason)
    record_all(viewer, told_routes + told_texts)
    return CarriedOver(
        tuple(routes + texts), {"routes": made_routes, "texts": made_texts, "at": now.isoformat()}
    )


def take_back_rules(viewer: Viewer, made: Mapping[str, Any], *, now: datetime, reason: str = "") -> None:
    """Takes the copies away again. A text that somebody changed since stays."""
    if not made:
        return
    routes = list(Route.objects.filter(id__in=made["routes"]))
    texts = list(
        TextTemplate.objects.filter(
            id__in=[UUID(each) for each in made["texts"]], changed_at=datetime.fromisoformat(made["at"])
        )
    )
    paths = [each.path for each in routes] + [each.path for each in texts]
    if any(not viewer.may(Verb.AREA_CHANGE, path) for path in paths):
        raise NotAllowed
    told = [
        _told("route.removed", f"route:{each.id}", each.path, now, reason, before=_of_rule(rule_of(each)))
        for each in routes
    ]
    told += [
        _told("text.removed", f"text:{each.id}", each.path, now, reason, after={"use": each.use})
        for each in texts
    ]
    Route.objects.filter(id__in=[each.id for each in routes]).delete()
    TextTemplate.objects.filter(id__in=[each.id for each in texts]).delete()
    record_all(viewer, told)


def _routes(
    shares: Sequence[Share], areas: Mapping[str, Area], ended: Sequence[str], now: datetime, reason: str
) -> tuple[list[Carried], list[dict[str, Any]], list[int]]:
    kept: dict[str, list[Rule]] = {}
    for route in Route.objects.filter(area_id__in=list(areas)):
        kept.setdefault(route.area_id, []).append(rule_of(route))
    found: list[Carried] = []
    told: list[dict[str, Any]] = []
    made: list[int] = []
    for going in rules_that_go(kept, shares, ended=ended):
        rule, was = going.rule, going.rule.path.rsplit(".", 1)[-1]
        found.append(Carried("route", rule.note, was, going.to, **_of_rule(rule)))
        if not going.to:
            continue
        copy = Route.objects.create(
            area_id=going.to,
            path=areas[going.to].path,
            item_id=rule.item or None,
            business=rule.business,
            hours=rule.hours,
            tier=rule.tier,
            department_id=rule.department or None,
            note=rule.note,
        )
        made.append(copy.id)
        after = {**_of_rule(rule), "note": rule.note, "grid": was}
        told.append(_told("route.set", f"route:{copy.id}", copy.path, now, reason, after=after))
    return found, told, made


def _texts(
    viewer: Viewer,
    shares: Sequence[Share],
    areas: Mapping[str, Area],
    ended: Sequence[str],
    now: datetime,
    reason: str,
) -> tuple[list[Carried], list[dict[str, Any]], list[str]]:
    """A grid that begins gets those of all grids from which it comes, one that goes on those of grids that ended."""
    kept: dict[str, list[TextTemplate]] = {}
    of_grids = TextTemplate.objects.filter(path__in=[area.path for area in areas.values()])
    for text in of_grids.order_by("use", "name", "id"):
        kept.setdefault(text.path.rsplit(".", 1)[-1], []).append(text)
    before = {share.from_code for share in shares}
    found: list[Carried] = []
    told: list[dict[str, Any]] = []
    copies: list[TextTemplate] = []
    for share in sorted(shares, key=lambda one: (one.to_code, -one.weight, one.from_code)):
        goes_on = share.to_code in before
        if share.from_code == share.to_code or (goes_on and share.from_code not in ended):
            continue
        there = kept.setdefault(share.to_code, [])
        for text in kept.get(share.from_code, ()):
            if any((one.use, one.text) == (text.use, text.text) for one in there):
                continue
            name = name_beside(
                text.name, areas[share.from_code].name, [one.name for one in there if one.use == text.use]
            )
            copy = TextTemplate(
                id=new_id(),
                path=areas[share.to_code].path,
                name=name,
                use=text.use,
                text=text.text,
                changed_at=now,
                changed_by_id=viewer.account_id,
            )
            there.append(copy)
            copies.append(copy)
            found.append(Carried("text", name, share.from_code, share.to_code, use=text.use))
            told.append(_told("text.set", f"text:{copy.id}", copy.path, now, reason, after={"use": copy.use}))
    TextTemplate.objects.bulk_create(copies)
    return found, told, [str(copy.id) for copy in copies]


def _of_rule(rule: Rule) -> dict[str, str]:
    return {
        "item": rule.item,
        "business": rule.business,
        "hours": rule.hours,
        "tier": rule.tier,
        "department": rule.department,
    }


def _told(verb: str, subject: str, path: str, now: datetime, reason: str, **facts: Any) -> dict[str, Any]:
    return {"verb": verb, "subject": subject, "path": path, "at": now, "reason": reason, **facts}
