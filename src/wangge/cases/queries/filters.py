"""What a page of cases asks for, and by which columns it is looked up: never by the row policy alone."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q, QuerySet

from wangge.access import Verb, Viewer
from wangge.access.viewer import LEVELS, lies_in
from wangge.areas import queries as areas
from wangge.areas.models import Area
from wangge.base.problems import Invalid, NotFound
from wangge.cases.lifecycle import OPEN, STATES
from wangge.cases.models import Case

#: Which states a queue shows. `soon`, `overdue` and `supervised` are open cases with that mark; `mine` is asked apart.
QUEUES: dict[str, tuple[str, ...]] = {
    "new": ("reported",),
    "open": OPEN,
    "soon": OPEN,
    "overdue": OPEN,
    "handled": ("handled",),
    "returned": ("returned",),
    "suspended": ("suspended",),
    "supervised": OPEN,
    "mine": OPEN,
    "closed": ("closed",),
}
#: States in which the desk that holds a case is the one to move, and those in which its handler is.
DESK_TURN = ("reported", "accepted", "handled", "verified", "returned")
HANDLER_TURN = ("dispatched", "suspended")

_BY_COLUMN = ("county", "township", "community", "grid")


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """`area` a code; `state` one state; `queue` one of QUEUES; `late` "soon" or "overdue"; `since` ≤ reported < `until`;
    `mine`: whose next step is the viewer's own; `q`: words in title and description, or a case's number. `reported_there`: what lay in
    the area when it was reported, as figures count it, instead of what lies there now.
    """

    area: str = ""
    state: str = ""
    queue: str = ""
    item: str = ""
    business: str = ""
    urgency: str = ""
    late: str = ""
    q: str = ""
    since: datetime | None = None
    until: datetime | None = None
    mine: bool = False
    supervised: bool = False
    found_tier: str = ""
    resolved_tier: str = ""
    reported_there: bool = False

    def settled(self) -> "CaseFilter":
        """The same with the queue's own marks set; Invalid for a queue or state that there is not."""
        if self.queue and self.queue not in QUEUES:
            raise Invalid(field="queue", expected=", ".join(QUEUES))
        if self.state and self.state not in STATES:
            raise Invalid(field="state", expected=", ".join(STATES))
        if self.late not in ("", "soon", "overdue"):
            raise Invalid(field="late", expected="soon, overdue")
        return replace(
            self,
            late=self.queue if self.queue in ("soon", "overdue") else self.late,
            supervised=self.supervised or self.queue == "supervised",
            mine=self.mine or self.queue == "mine",
        )

    @property
    def states(self) -> tuple[str, ...] | None:
        """The states that may be shown; None for any."""
        asked = QUEUES.get(self.queue)
        if asked is None and self.mine:
            asked = OPEN
        if not self.state:
            return asked
        return (self.state,) if asked is None or self.state in asked else ()


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to reach cases by an index: all of an `area`, or those that relate to the viewer: `given` to their
    department, `reported` by them, on the `border` of their grid, in their `hands`, at their `desk` (then `holder` is its
    tier, and a confidential case waits there only for those who may see such). Each lies at or below `path`, or anywhere without one.
    What lay in an area when it was reported: what has `stayed` in it, and what `went` to another grid since.
    """

    kind: str
    level: str = ""
    path: str = ""
    states: tuple[str, ...] | None = None
    holder: str = ""
    secret: bool = False

    @property
    def code(self) -> str:
        return self.path.rsplit(".", 1)[-1]


def area_at(viewer: Viewer, code: str) -> tuple[str, str]:
    """Path and level of an area; NotFound."""
    for seat in viewer.seats:
        if seat.path.endswith(code) and seat.path.rsplit(".", 1)[-1] == code and seat.level in LEVELS:
            return seat.path, seat.level
    found = Area.objects.filter(code=code).values_list("path", "level").first()
    if found is None:
        raise NotFound
    return found


def places_at(viewer: Viewer, code: str) -> list[tuple[str, str]]:
    """Path and level of an area, as `area_at`. Of a grid that has ended also those that have today what it had: an address or a view
    that names it goes on to show what became of it.
    """
    path, level = area_at(viewer, code)
    if level != "grid" or any(seat.path == path for seat in viewer.seats):
        return [(path, level)]
    return [(path, level), *((grid.path, "grid") for grid in areas.grids_in_place_of(code))]


def highest_seats(viewer: Viewer) -> list[tuple[str, str]]:
    """Path and level of the plain seats that lie in no other."""
    seats = {(seat.path, seat.level) for seat in viewer.seats if not seat.department}
    return sorted(
        (path, level)
        for path, level in seats
        if not any(path != other and lies_in(path, other) for other, _ in seats)
    )


def arms_of(viewer: Viewer, area: str) -> list[Arm]:
    """How to reach what the viewer may see in `area`; without one, in all that their posts give them.

    What somebody with a plain seat reported elsewhere is not in their own areas' pages: they ask for that place.
    """
    seats = highest_seats(viewer)
    if not area:
        own = _below(viewer, seats)
        return own if own and not viewer.department_keys else [*own, *_by_relation(viewer, "", "")]
    found = [arm for path, level in places_at(viewer, area) for arm in _arms_at(viewer, path, level, seats)]
    return list(dict.fromkeys(found))


def arms_for(viewer: Viewer, filters: CaseFilter) -> list[Arm]:
    """How to reach what a filter asks for, before it is narrowed."""
    if filters.mine:
        return arms_of_mine(viewer, filters.area)
    if filters.reported_there and filters.area:
        path, level = area_at(viewer, filters.area)
        if any(lies_in(path, seat) for seat, _ in highest_seats(viewer)):
            return [Arm("stayed", level, path), Arm("went", level, path)]
    return arms_of(viewer, filters.area)


def _arms_at(viewer: Viewer, path: str, level: str, seats: list[tuple[str, str]]) -> list[Arm]:
    if any(lies_in(path, seat) for seat, _ in seats):
        return _below(viewer, [(path, level)])
    inside = [(seat, of) for seat, of in seats if lies_in(seat, path)]
    return [*_below(viewer, inside), *_by_relation(viewer, path, level)]


def _below(viewer: Viewer, places: list[tuple[str, str]]) -> list[Arm]:
    arms = []
    for path, level in places:
        arms.append(Arm("area", level, path))
        if level == "grid" and path in viewer.scope:
            arms.append(Arm("border", level, path))
    return arms


def _by_relation(viewer: Viewer, path: str, level: str) -> list[Arm]:
    """What is a department handler's or a reporter's, within the asked area or anywhere."""
    arms = [Arm("reported", level, path)] if viewer.account_id else []
    offices = sorted({(seat.path, seat.level) for seat in viewer.seats if seat.department})
    return [
        *arms,
        *dict.fromkeys(
            Arm("given", *lower) for office in offices if (lower := _lower(office, (path, level)))
        ),
    ]


def _lower(one: tuple[str, str], other: tuple[str, str]) -> tuple[str, str] | None:
    """Level and path of the lower of two areas (path, level), of which one must hold the other; an empty path holds all."""
    if not other[0] or lies_in(one[0], other[0]):
        return one[1], one[0]
    return (other[1], other[0]) if lies_in(other[0], one[0]) else None


def arms_of_mine(viewer: Viewer, area: str) -> list[Arm]:
    """How to reach the open cases whose next step is the viewer's: at their desk, in their hands, at their department."""
    places = places_at(viewer, area) if area else [("", "")]
    return list(dict.fromkeys(arm for path, level in places for arm in _of_mine_at(viewer, path, level)))


def _of_mine_at(viewer: Viewer, path: str, level: str) -> list[Arm]:
    arms = [Arm("hands", level, path, HANDLER_TURN)] if viewer.account_id else []
    desks = {
        (seat.path, seat.level)
        for seat in viewer.seats
        if not seat.department and Verb.CASE_ACCEPT in seat.verbs
    }
    for desk in sorted(desks):
        if lower := _lower(desk, (path, level)):
            secret = any(
                seat.confidential and not seat.department and lies_in(desk[0], seat.path)
                for seat in viewer.seats
            )
            arms.append(Arm("desk", *lower, states=DESK_TURN, holder=desk[1], secret=secret))
    return arms + [
        replace(arm, states=HANDLER_TURN) for arm in _by_relation(viewer, path, level) if arm.kind == "given"
    ]


def below(rows: "QuerySet[Case]", arm: Arm) -> "QuerySet[Case]":
    """Only cases in the arm's area."""
    if not arm.path:
        return rows
    if arm.kind == "went":
        rows = rows.filter(reported_in__isnull=False)
        return rows.extra(where=["reported_in <@ %s::ltree"], params=[arm.path])
    if arm.kind == "stayed":
        where = "(reported_in is null or reported_in <@ %s::ltree)"
        rows = rows.extra(where=[where], params=[arm.path])  # noqa: S610 - parameters
    column, codes = column_of(arm)
    return rows.filter(**{column: codes[0]} if column == f"{arm.level}_id" else {f"{column}__in": codes})


def column_of(arm: Arm) -> tuple[str, list[str]]:
    """By which column an arm's area is looked up, and its values: its level's own, which has an index; above counties, theirs."""
    if arm.level in _BY_COLUMN:
        return f"{arm.level}_id", [arm.code]
    return "county_id", counties_below(arm.path)


def counties_below(path: str) -> list[str]:
    """Codes of the counties of a tier above them."""
    counties = Area.objects.filter(level="county").extra(where=["path <@ %s::ltree"], params=[path])
    return list(counties.values_list("code", flat=True))


def narrowed(rows: "QuerySet[Case]", filters: CaseFilter, states: tuple[str, ...] | None) -> "QuerySet[Case]":
    """Only cases that the filter lets through, apart from area and words."""
    exact = {
        "item_id": filters.item,
        "business": filters.business,
        "urgency": filters.urgency,
        "late": filters.late,
        "found_tier": filters.found_tier,
        "resolved_tier": filters.resolved_tier,
    }
    rows = rows.filter(**{column: value for column, value in exact.items() if value})
    if states is not None:
        rows = rows.filter(state__in=states)
    if filters.supervised:
        rows = rows.filter(supervised=True)
    if filters.since:
        rows = rows.filter(reported_at__gte=filters.since)
    if filters.until:
        rows = rows.filter(reported_at__lt=filters.until)
    return rows


def newest_first(rows: "QuerySet[Case]", before: tuple[datetime, object] | None) -> "QuerySet[Case]":
    """In the order of pages, from below the row whose key is `before`."""
    if before:
        at, case_id = before
        rows = rows.filter(Q(reported_at__lt=at) | Q(id__lt=case_id), reported_at__lte=at)
    return rows.order_by("-reported_at", "-id")
