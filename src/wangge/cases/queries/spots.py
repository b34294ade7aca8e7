"""Where a report lies: the area that answers for it, and whether this viewer may report there."""

from dataclasses import dataclass

from wangge.access import Verb, Viewer
from wangge.access.viewer import lies_in
from wangge.areas import queries as areas
from wangge.cases.rules import NoPlace


@dataclass(frozen=True, slots=True)
class Spot:
    """The area that answers for a place, and the grids that share its border there."""

    path: str
    border_codes: tuple[str, ...] = ()


def spot_of(lon: float | None, lat: float | None, area: str) -> Spot:
    """The point's grid; an area that is named as well must hold the point, and alone it serves as the place. NoPlace
    without either, and outside the city's areas.
    """
    if area:
        path = areas.area_by_code(area).path
        if len(path.split(".")) < 2:
            raise NoPlace
        if lon is None or lat is None:
            return Spot(path)
    if lon is None or lat is None:
        raise NoPlace
    place = areas.locate(lon, lat)
    if area and not (place.code and lies_in(place.path, path)):
        # The reporter names the area on purpose, for instance from a map that is a little off.
        return Spot(path)
    if place.path.count(".") < 1:
        raise NoPlace
    return Spot(place.path, place.border_codes)


def may_report_at(viewer: Viewer, spot: Spot) -> bool:
    """Within one's own areas, at their border, or where one's department serves."""
    codes = spot.path.split(".")
    return viewer.may(Verb.CASE_REPORT, spot.path) or any(
        Verb.CASE_REPORT in seat.verbs
        and (seat.path.rsplit(".", 1)[-1] in (codes if seat.department else spot.border_codes))
        for seat in viewer.seats
    )
