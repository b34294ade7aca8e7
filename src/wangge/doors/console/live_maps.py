"""A map that a script takes over: the picture drawn by the server, and what the script must know, as attributes."""

from dataclasses import dataclass
from typing import Literal, cast

import orjson
from django.conf import settings
from django.utils.translation import gettext as _

from wangge.areas.queries.tiles import boundary_stamp, first_zooms
from wangge.doors.maps import Map, Position

Bounds = tuple[float, float, float, float]
Datum = Literal["wgs84", "gcj02"]


@dataclass(frozen=True, slots=True)
class LiveMap:
    """What `live_map.html` draws. `cases` is the query of a page of cases, None for a map without cases; `pick` names the two
    fields of the form, longitude first, that a click or Enter fills; `levels` are the levels shown, all when empty.
    """

    drawn: Map | None
    bounds: Bounds | None = None
    point: Position | None = None
    area: str = ""
    cases: str | None = None
    heat: bool = False
    pick: str = ""
    select: bool = False
    levels: str = ""
    name: str = ""
    address: bool = False

    @property
    def stamp(self) -> str:
        """In the address of the tiles: another one as soon as a boundary has changed, or the datum."""
        return f"{boundary_stamp()}-{datum()}"

    @property
    def zooms(self) -> str:
        return " ".join(f"{level}:{zoom}" for level, zoom in first_zooms().items())

    @property
    def edges(self) -> str:
        """`w,s,e,n`, without any given those of the drawn picture."""
        bounds = self.bounds
        if bounds is None and self.drawn:
            frame = self.drawn.frame
            east = frame.west + self.drawn.width / frame.per_lon
            south = frame.north - self.drawn.height / frame.per_lat
            bounds = (frame.west, south, east, frame.north)
        return ",".join(f"{edge:.6f}" for edge in bounds) if bounds else ""

    @property
    def place(self) -> str:
        return f"{self.point[0]:.6f},{self.point[1]:.6f}" if self.point else ""

    @property
    def basemap(self) -> object:
        return settings.BASEMAP

    @property
    def words(self) -> str:
        """What the map's own buttons are called."""
        said = {
            "Map.Title": self.name or _("Map"),
            "NavigationControl.ZoomIn": _("Nearer"),
            "NavigationControl.ZoomOut": _("Farther"),
            "Popup.Close": _("Close"),
            "Marker.Title": _("Place"),
            "AttributionControl.ToggleAttribution": _("About the map"),
            "ScaleControl.Meters": _("m"),
            "ScaleControl.Kilometers": _("km"),
        }
        return orjson.dumps(said).decode()


def datum() -> Datum:
    """The coordinates in which maps are drawn: those of the basemap."""
    return cast("Datum", settings.BASEMAP.coordinates)
