"""Streets and barriers that are known: of which areas, and those that a plan goes by."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from wangge.access import Viewer
from wangge.base.problems import NotFound
from wangge.plans.models import Ground, Plan, Reading
from wangge.plans.queries.plans import content_by_plan
from wangge.plans.rules import ground as rules
from wangge.plans.rules.ways import net_of

OPEN = ("waiting", "reading")
#: Whoever reads a map and has not ended after twice the time that it may take has died.
LOST = timedelta(seconds=2 * rules.MOST_SECONDS)
#: So long it is told how the reading of a map ended.
TOLD_FOR = timedelta(days=1)


def grounds(viewer: Viewer, *, area_path: str = "") -> list[Ground]:  # noqa: ARG001 - the row policy uses it
    """What is known today in, above and below the viewer's areas, without the shapes; of one area and what lies in it."""
    found = _light().filter(ended_at__isnull=True)
    if area_path:
        found = found.filter(RawSQL("plans_ground.path <@ %s::ltree", [area_path], BooleanField()))
    return list(found.order_by("path"))


def ground_of_area(viewer: Viewer, code: str) -> Ground:  # noqa: ARG001 - the row policy uses it
    """What is known today of just this area. NotFound."""
    found = _light().filter(area_id=code, ended_at__isnull=True).first()
    if found is None:
        raise NotFound
    known: Ground = found
    return known


def readings(viewer: Viewer, *, now: datetime) -> list[Reading]:  # noqa: ARG001 - the row policy uses it
    """Maps that wait or are being read, and how those of the last day ended, in areas where the viewer manages; the newest first."""
    found = Reading.objects.select_related("area").defer("file", "area__boundary")
    told = found.filter(Q(state__in=OPEN) | Q(ended_at__gt=now - TOLD_FOR))
    return list(told.order_by("-asked_at", "-id")[:20])


def reading_by_id(viewer: Viewer, reading_id: UUID) -> Reading:  # noqa: ARG001 - the row policy uses it
    """NotFound."""
    found = Reading.objects.defer("file").filter(id=reading_id).first()
    if found is None:
        raise NotFound
    return found


def grounds_for(path: str) -> list[UUID]:
    """What holds for an area: the nearest at or above it, else all that lie in it."""
    above = path.split(".")
    holders = [".".join(above[:length]) for length in range(len(above), 0, -1)]
    standing = Ground.objects.filter(ended_at__isnull=True)
    known = dict(standing.filter(path__in=holders).values_list("path", "id"))
    if known:
        return [known[max(known, key=len)]]
    below = standing.filter(RawSQL("plans_ground.path <@ %s::ltree", [path], BooleanField()))
    return list(below.order_by("path").values_list("id", flat=True))


def ground_of(ids: Sequence[UUID]) -> rules.Ground | None:
    """These together, with their shapes."""
    kept = (
        Ground.objects.filter(id__in=list(ids)).order_by("path").values(*rules.KINDS, "barrier_kinds")
        if ids
        else []
    )
    return rules.unpacked(list(kept))


def ground_features(viewer: Viewer, plan: Plan) -> dict[str, Any]:  # noqa: ARG001 - the plan was seen
    """What the plan goes by, as GeoJSON, where the plan's buildings are."""
    ground = ground_of(plan.ground_ids)
    if ground is None:
        return {"type": "FeatureCollection", "features": []}
    content = content_by_plan(plan)
    box = rules.box_around(content.b_lon.min(), content.b_lat.min(), content.b_lon.max(), content.b_lat.max())
    return rules.as_features(ground, box)


def ways_of(viewer: Viewer, plan: Plan) -> dict[str, Any]:  # noqa: ARG001 - the plan was seen
    """The net that ways on foot are counted over in the plan, in arrays (`rules.ways.Net`); without any where no street is known near."""
    content = content_by_plan(plan)
    net = net_of(content, rules.streets_of(content, ground_of(plan.ground_ids)))
    return {} if net is None else net.as_json()


def ground_kinds(viewer: Viewer, plan: Plan) -> list[str]:  # noqa: ARG001 - the plan was seen
    """Of which kinds the plan knows anything on the ground, in their order: barriers by what they are, as far as that is known."""
    known = list(Ground.objects.filter(id__in=plan.ground_ids).values_list("counts", flat=True))
    own = [f"{kind}_barriers" for kind in rules.BARRIERS]
    sums = {kind: sum(each.get(kind, 0) for each in known) for kind in ("barriers", *own, *rules.KINDS)}
    sums["barriers"] -= sum(sums[kind] for kind in own)
    return [kind for kind in ("streets", *own, "barriers", "crossings", "shops") if sums[kind] > 0]


def drawn_ground(
    ids: Sequence[UUID], box: tuple[float, float, float, float]
) -> dict[str, list[list[list[float]]]]:
    """Lines and points of these in a box, by kind, for a picture."""
    ground = ground_of(ids)
    return {} if ground is None else rules.drawn(ground, box)


def _light() -> Any:
    return Ground.objects.select_related("area").defer(*rules.KINDS, "barrier_kinds", "area__boundary")


def replaced_by(plan: Plan) -> bool:
    """Whether other streets and barriers are known by now than the plan goes by."""
    return set(grounds_for(plan.path)) != set(plan.ground_ids)
