"""The maps of a plan, before and after: a grid that goes on has its colour in both, and no grid has its neighbour's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from wangge.doors.console import plan_words, words
from wangge.doors.maps import Map, draw, with_lines
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
    bare = queries.untouched(plan)
    after += [(_Outlined(name, outline), before_hues[code]) for code, name, outline in drawn if code in bare]
    frame = around or [each for each, _hue in (*before, *after) if each.boundary]
    pictures = []
    for named, shapes in ((_("Grids before"), before), (title or _("Grids of the plan"), after)):
        areas = [(each, f"own hue-{hue}") for each, hue in shapes]
        picture = draw(areas, title=named, around=frame) if frame else None
        pictures.append(with_lines(picture, lines_of(plan.ground_ids, picture.box)) if picture else None)
    return pictures[0], pictures[1]


def maps_of_today(plan: Any, today: Any) -> tuple[Map | None, Map | None]:
    """Today's grids with what is wrong with them, and mended; in the same frame and colours."""
    hues, _after = queries.hues(plan)
    drawn = queries.drawn_before(plan)
    own = [(_Outlined(name, outline), f"own hue-{hues[code]}") for code, name, outline in drawn]
    faults = [
        (_Outlined(str(words.label(plan_words.FAULTS, fault.kind)), fault.outline), f"fault {fault.kind}")
        for fault in today.faults
        if fault.outline
    ]
    mended = [
        (_Outlined(name, today.outlines.get(code)), f"own hue-{hues[code]}") for code, name, _was in drawn
    ]
    frame = [each for each, _kind in (*own, *mended) if each.boundary]
    if not frame:
        return None, None
    before = draw([*own, *faults], title=_("Today's grids"), around=frame)
    spots = {"astray": [[spot] for fault in today.faults for spot in fault.spots]}
    if before:
        shapes = [replace(one, label=None) if one.kind.startswith("fault") else one for one in before.shapes]
        before = with_lines(replace(before, shapes=shapes), spots)
    return before, draw(mended, title=_("Today's grids, mended"), around=frame)


def outlined(plan: Any, grids: Sequence[Any]) -> list[Any]:
    """All outlines of a plan, of before and after, to frame several maps alike."""
    before = [_Outlined(name, outline) for _code, name, outline in queries.drawn_before(plan)]
    return [
        each for each in (*before, *(_Outlined(grid.name, grid.outline) for grid in grids)) if each.boundary
    ]
