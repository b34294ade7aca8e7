"""The routing table, changed by those who administer an area."""

from datetime import datetime

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.base.problems import NotAllowed, NotFound
from wangge.cases.models import Route
from wangge.cases.rules import BadAnswer
from wangge.catalogue import queries as catalogue
from wangge.journal.actions import record
from wangge.staff.models import Department


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


TIERS = ("", "grid", "community", "township", "county", "city")


def set_route(
    viewer: Viewer,
    *,
    area: str,
    item: str = "",
    business: str = "",
    hours: str = "any",
    tier: str = "",
    department: str = "",
    note: str = "",
    now: datetime,
) -> Route:
    """Adds a routing rule for an area; the latest of two alike decides. At least a tier or a department must be given."""
    path = areas.area_by_code(area).path
    if not viewer.may(Verb.ROUTE_CHANGE, path):
        raise NotAllowed
    if not (tier or department):
        raise BadAnswer(field="tier", expected=_("a tier, a department, or both"))
    if tier not in TIERS or hours not in ("any", "office", "off"):
        raise BadAnswer(
            field="tier" if tier not in TIERS else "hours",
            expected=", ".join(TIERS[1:] if tier not in TIERS else ("any", "office", "off")),
        )
    if department and not Department.objects.filter(code=department).exists():
        raise BadAnswer(field="department", expected=_("the code of a department"))
    if item:
        catalogue.current_item(item)
    route = Route.objects.create(
        area_id=area,
        path=path,
        item_id=item or None,
        business=business,
        hours=hours,
        tier=tier,
        department_id=department or None,
        note=note,
    )
    record(
        viewer,
        verb="route.set",
        subject=f"route:{route.id}",
        path=path,
        at=now,
        after={
            "item": item,
            "business": business,
            "hours": hours,
            "tier": tier,
            "department": department,
            "note": note,
        },
    )
    return route


def remove_route(viewer: Viewer, route_id: int, *, now: datetime) -> None:
    """Takes a rule away; running cases stay where they are."""
    route = Route.objects.filter(id=route_id).first()
    if route is None:
        raise NotFound
    if not viewer.may(Verb.ROUTE_CHANGE, route.path):
        raise NotAllowed
    told = {
        "item": route.item_id or "",
        "tier": route.tier,
        "department": route.department_id or "",
        "note": route.note,
    }
    route.delete()
    record(viewer, verb="route.removed", subject=f"route:{route_id}", path=route.path, at=now, before=told)
