"""Where a case would go, and why; and every place that it would not reach anybody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef

from wangge.access import Verb, Viewer
from wangge.access.viewer import LEVELS
from wangge.areas import queries as areas
from wangge.areas.models import Area
from wangge.base.calendar import CHINA, SHANGHAI
from wangge.cases.models import Route
from wangge.cases.queries.presence import READERS, Desk, duties_with, office_for, reading_desk
from wangge.cases.rules import Choice, NoPlace, Rule, choose_rule
from wangge.catalogue import queries as catalogue
from wangge.staff.models import Assignment, Leave


@dataclass(frozen=True, slots=True)
class Routing:
    """Where a case goes: its desk, the office that would handle it (key, empty when none is there), the reasons, the path
    of the place, and whether only those with the right to it would read it.
    """

    desk: Desk
    office: str
    choice: Choice
    passed_over: tuple[Desk, ...]
    path: str = ""
    confidential: bool = False

    @property
    def why(self) -> list[dict[str, Any]]:
        """The reasons in order, as facts that a page puts into words."""
        rule = self.choice.rule
        first = (
            {"because": "rule", "rule": rule.id, "note": rule.note}
            if rule
            else {"because": "item", "tier": self.choice.tier}
        )
        return [
            first,
            *(
                {"because": "nobody-present", "area": desk.code, "level": desk.level}
                for desk in self.passed_over
            ),
        ]


def rules_for(path: str) -> list[Rule]:
    """The routing rules of the areas on a path."""
    codes = path.split(".")
    return [rule_of(route) for route in Route.objects.filter(area_id__in=codes)]


def rule_of(route: Route) -> Rule:
    """A row of the table as the rules see it."""
    return Rule(
        route.id,
        route.path,
        route.item_id or "",
        route.business,
        route.hours,
        route.tier,
        route.department_id or "",
        route.note,
    )


def routing(version: Any, path: str, at: datetime, *, with_office: bool = True) -> Routing:
    """Where a case of an item's version at `path`, reported `at`, goes.

    The choice is made by the rules (`rules.choose_rule`); a desk that nobody reads is passed over, upwards.
    """
    choice = choose_rule(
        rules_for(path),
        item=version.item_id,
        business=version.business,
        first_tier=version.first_tier,
        department=version.department_id,
        path=path,
        in_office_hours=in_office_hours(at),
    )
    today = at.astimezone(SHANGHAI).date()
    desk, passed = reading_desk(path, choice.tier, today, confidential=version.confidential)
    office = office_for(choice.department, path, today) if with_office else ""
    return Routing(desk, office, choice, tuple(passed), path, version.confidential)


def in_office_hours(at: datetime) -> bool:
    """Whether offices are open at this moment, by the Chinese calendar."""
    return CHINA.add_working_minutes(at, 0) == at


def rehearse_route(viewer: Viewer, version: Any, path: str, at: datetime) -> Routing:  # noqa: ARG001 - any signed-in account may ask
    """What would happen to such a case; nothing is written."""
    return routing(version, path, at)


def rehearse_route_at(
    viewer: Viewer, item: str, *, lon: float | None, lat: float | None, area: str, at: datetime
) -> Routing:
    """The same for an item's code and a point, or an area's code; NoPlace without either."""
    if area:
        path = areas.area_by_code(area).path
    elif lon is not None and lat is not None:
        path = areas.locate(lon, lat).path
    else:
        raise NoPlace
    if path.count(".") < 1:
        raise NoPlace
    return rehearse_route(viewer, catalogue.current_item(item), path, at)


def routes_of(viewer: Viewer, area: str) -> list[Route]:  # noqa: ARG001 - the routing table is public to those signed in
    """The routing rules of an area and of those above it, in the order of the tree."""
    return list(
        Route.objects.filter(area_id__in=areas.area_by_code(area).path.split(".")).order_by("path", "id")
    )


def rules_at(viewer: Viewer, path: str) -> list[Rule]:  # noqa: ARG001 - the routing table is public to those signed in
    """The same for a path, as the rules see them."""
    return sorted(rules_for(path), key=lambda rule: (rule.path, rule.id))


@dataclass(frozen=True, slots=True)
class Unreached:
    """Cases of these items in this area would reach no living account (`what` desk or office)."""

    area: str
    what: str
    items: tuple[str, ...]


def routing_check(
    viewer: Viewer,  # noqa: ARG001 - any signed-in account may ask
    versions: list[Any],
    *,
    today: date,
    at: datetime,
    within: str = "",
) -> Iterator[Unreached]:
    """Walks every item × every area without children, at or below the path `within`, and names what would reach nobody.

    A desk is reached when it or one above it is read; an office when one at or above the place has somebody.
    Set-wise: presence is read once, items that are routed alike are asked once.
    """
    readers, secret, offices = _presence(today)
    leaves = (
        Area.objects.filter(valid_to__isnull=True, children__isnull=True)
        .values_list("code", "path")
        .order_by("code")
    )
    if within:
        leaves = leaves.extra(where=["areas_area.path <@ %s::ltree"], params=[within])
    routes: dict[str, list[Rule]] = {}
    for route in Route.objects.all():
        routes.setdefault(route.area_id, []).append(rule_of(route))
    office_hours = in_office_hours(at)
    for code, path in leaves:
        codes = path.split(".")
        rules = [rule for each in codes for rule in routes.get(each, ())]
        no_desk: list[str] = []
        no_office: list[str] = []
        for version in versions:
            choice = choose_rule(
                rules,
                item=version.item_id,
                business=version.business,
                first_tier=version.first_tier,
                department=version.department_id,
                path=path,
                in_office_hours=office_hours,
            )
            depth = LEVELS.index(choice.tier) + 1
            if not any(each in (secret if version.confidential else readers) for each in codes[:depth]):
                no_desk.append(version.item_id)
            if not any(f"{each}/{choice.department}" in offices for each in codes):
                no_office.append(version.item_id)
        if no_desk:
            yield Unreached(code, "desk", tuple(no_desk))
        if no_office:
            yield Unreached(code, "office", tuple(no_office))


def _presence(today: date) -> tuple[set[str], set[str], set[str]]:
    """Areas whose desk is read, those read by somebody with confidential rights, and the keys of staffed offices."""
    present = Assignment.objects.filter(from_on__lte=today, account__ended_at__isnull=True)
    present = present.exclude(to_on__lt=today).exclude(post__closed_on__lt=today)
    away = Leave.objects.filter(account=OuterRef("account"), from_on__lte=today, to_on__gte=today)
    present = present.filter(~Exists(away))
    readers, secret, offices = set(), set(), set()
    handlers = set(duties_with(Verb.CASE_HANDLE))
    rows = present.values_list(
        "post__area_id", "post__department_id", "post__kind__duties", "post__kind__confidential"
    ).distinct()
    for area, department, duties, confidential in rows:
        if department:
            if handlers.intersection(duties):
                offices.add(f"{area}/{department}")
        elif set(READERS).intersection(duties):
            readers.add(area)
            if confidential:
                secret.add(area)
    return readers, secret, offices
