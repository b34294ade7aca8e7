"""The maps of a plan, before and after: a grid that goes on has its colour in both, and no grid has its neighbour's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from wangge.doors.console.maps import Map, draw, with_lines
from wangge.plans.queries import plans as queries
from wangge.plans.queries.ground import drawn_ground as lines_of


@dataclass(frozen=True, slots=True)
class _Outlined:
    """What `maps.draw` asks of an area."""

    name: str
    boundary: dict[str, Any] | None
    boundary_made_up: bool = False


def maps_of(
    plan: Any, grids: Sequence[Any], *, title: str = "", around: Sequence[Any] = ()
) -> tuple[Map | None, Map | None]:
    """Both maps with the same frame, that of `around` where it is given (of other plans of the area, by `outlined`)."""
    before_hues, after_hues = queries.hues(plan)
    drawn = queries.drawn_before(plan)
    before = [(_Outlined(name, outline), before_hues[code]) for code, name, outline in drawn]
    after = [(_Outlined(grid.name, grid.outline), after_hues.get(grid.label, 0)) for grid in grids]
    frame = around or [each for each, _hue in (*before, *after) if each.boundary]
    pictures = []
    for named, shapes in ((_("Grids before"), before), (title or _("Grids of the plan"), after)):
        areas = [(each, f"own hue-{hue}") for each, hue in shapes]
        picture = draw(areas, title=named, around=frame) if frame else None
        pictures.append(with_lines(picture, lines_of(plan.ground_ids, picture.box)) if picture else None)
    return pictures[0], pictures[1]


def outlined(plan: Any, grids: Sequence[Any]) -> list[Any]:
    """All outlines of a plan, of before and after, to frame several maps alike."""
    before = [_Outlined(name, outline) for _code, name, outline in queries.drawn_before(plan)]
    return [
        each for each in (*before, *(_Outlined(grid.name, grid.outline) for grid in grids)) if each.boundary
    ]
