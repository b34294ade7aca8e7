"""What would become of a case before it is filed: whose it would be, who walks there, and whether it may go on at once."""

from dataclasses import dataclass
from datetime import datetime

from wangge.access import Verb, Viewer
from wangge.access.viewer import LEVELS
from wangge.base.calendar import SHANGHAI
from wangge.cases.queries.presence import Desk, people_reading
from wangge.cases.queries.routing import Routing, routing
from wangge.cases.queries.spots import may_report_at, spot_of
from wangge.catalogue import queries as catalogue
from wangge.staff import queries as staff


@dataclass(frozen=True, slots=True)
class Prospect:
    """A place's area and its people; with an item also where the case would go. `department` is the one to which this
    viewer may dispatch it in the same step; where it is empty, `obstacle` says why: `no-office`, `other-desk`, `no-right`.
    """

    path: str
    border_codes: tuple[str, ...]
    people: tuple[str, ...]
    may_report: bool
    routing: Routing | None = None
    department: str = ""
    obstacle: str = ""

    @property
    def code(self) -> str:
        return self.path.rsplit(".", 1)[-1]


def prospect(
    viewer: Viewer, *, item: str, lon: float | None, lat: float | None, area: str, at: datetime
) -> Prospect:
    """For a place, and an item's code where it is known; nothing is written. NoPlace outside the city's areas."""
    spot = spot_of(lon, lat, area)
    today = at.astimezone(SHANGHAI).date()
    here = Desk(spot.path, LEVELS[min(spot.path.count("."), len(LEVELS) - 1)])
    names = staff.names_of(people_reading(here, today))
    may_report = may_report_at(viewer, spot)
    facts = (spot.path, spot.border_codes, tuple(names.values()), may_report)
    if not item:
        return Prospect(*facts)
    going = routing(catalogue.current_item(item), spot.path, at)
    obstacle = obstacle_to_dispatch(viewer, going)
    return Prospect(*facts, going, "" if obstacle else going.choice.department, obstacle)


def obstacle_to_dispatch(viewer: Viewer, going: Routing) -> str:
    """Why the viewer may not hand such a case to its department in the step that files it; empty when they may.

    It must come to the viewer's own desk: what belongs to a lower desk is that desk's to decide.
    """
    if not going.office:
        return "no-office"
    if going.desk.path not in viewer.scope:
        return "other-desk"
    return "" if viewer.may(Verb.CASE_DISPATCH, going.desk.path) else "no-right"
