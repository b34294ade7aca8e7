"""What is due, door by door, and the round that comes of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from wangge.access import Viewer
from wangge.access.viewer import LEVELS, lies_in
from wangge.areas.queries import area_by_code
from wangge.base.problems import NotFound
from wangge.visits.models import DueVisit, Question
from wangge.visits.models import Errand as ErrandRow
from wangge.visits.models import Round as RoundRow
from wangge.visits.queries.doors import DoorAt, doors, rules_in_force
from wangge.visits.queries.questions import questions_of
from wangge.visits.queries.streets import ways_of
from wangge.visits.rules import EACH_ERRAND, BadVisit, Hours, Point, Stop, day_between, day_walk

STOPS = 20
"""So many doors stand on one sheet."""
COLUMNS = (None, "county_id", "township_id", "community_id", "grid_id")


@dataclass(frozen=True, slots=True)
class Asks:
    """A department's question that is done by its reply: `words` to choose from, of other kinds of answer none."""

    question: UUID
    answer: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a door is called at, in words of both languages, on which basis, from when and until when."""

    why: str
    since: date
    by: date
    law: bool
    zh: str
    en: str
    basis_zh: str = ""
    basis_en: str = ""
    text: str = ""
    id: str = ""
    department: str = ""
    #: Brought to the door from elsewhere; a rule may have the same code.
    errand: bool = False
    asks: Asks | None = None


@dataclass(frozen=True, slots=True)
class DueDoor:
    """One visit: a household with everything that is due there. `late`: its day has passed."""

    door: DoorAt
    since: date
    by: date
    reasons: tuple[Reason, ...]
    revision: int

    def late(self, day: date) -> bool:
        return self.by < day

    def stop(self, day: date) -> Stop:
        """As the rules for rounds see it: with the minutes for what is brought and asked there on the day."""
        errands = sum(reason.errand and reason.since <= day for reason in self.reasons)
        return replace(self.door.stop, minutes=minutes_at(errands), due=self.by)

    @property
    def asks(self) -> tuple[UUID, ...]:
        """The questions of departments that are asked here."""
        return tuple(reason.asks.question for reason in self.reasons if reason.asks)


@dataclass(frozen=True, slots=True)
class Round:
    """Doors in walking order. `id` and `number` are set when it was kept; what has been visited since stays in its place.

    `about`: when each call begins, in minutes after midnight; nothing where nobody planned it. `left_over` are the doors for which
    the day is too short; `left`: so many are due and not on the round, those among them.
    """

    day: date
    path: str
    stops: tuple[DueDoor, ...]
    left: int = 0
    about: tuple[int, ...] = ()
    left_over: tuple[DueDoor, ...] = ()
    id: UUID | None = None
    number: int = 0
    account_id: int | None = None


def homes_of(viewer: Viewer, area: str = "") -> str:
    """The path of the area asked for, if the viewer may see who lives there; without one their own lowest. NotFound else."""
    own = sorted(viewer.homes, key=lambda path: (-path.count("."), path))
    if not area:
        if not own:
            raise NotFound
        return own[0]
    path = str(area_by_code(area).path)
    if not any(lies_in(path, home) for home in own):
        raise NotFound
    return path


def placed(rows: QuerySet[Any], path: str) -> QuerySet[Any]:
    """Rows at or below the path, asked by code: an equal text is found in an index before the row policy is asked."""
    codes = dict(zip(COLUMNS, path.split("."), strict=False))
    return rows.filter(**{column: code for column, code in codes.items() if column})


def due_doors(
    viewer: Viewer, path: str, *, day: date, limit: int = 200, ahead: int = 0
) -> tuple[list[DueDoor], int]:
    """The doors at or below the path that are due on the day, or within `ahead` days, those that end first first; and how many
    there are in all.
    """
    rows = placed(DueVisit.objects.all(), path).filter(since__lte=day + timedelta(days=ahead))
    return with_reasons(viewer, list(rows.order_by("by", "household_id")[:limit])), rows.count()


def with_reasons(viewer: Viewer, rows: Sequence[DueVisit]) -> list[DueDoor]:
    known = doors(viewer, [row.household_id for row in rows])
    rules = {rule.code: rule for rule in rules_in_force()}
    ids = [UUID(reason["id"]) for row in rows for reason in row.reasons if reason["id"]]
    errands = ErrandRow.objects.in_bulk(ids)
    asked = questions_of(viewer, errands.values())
    return [
        DueDoor(
            known[row.household_id],
            row.since,
            row.by,
            tuple(_reason(each, rules, errands, asked) for each in row.reasons),
            row.revision,
        )
        for row in rows
        if row.household_id in known
    ]


def _reason(
    kept: Mapping[str, Any],
    rules: Mapping[str, Any],
    errands: Mapping[UUID, ErrandRow],
    asked: Mapping[UUID, Question],
) -> Reason:
    facts = {
        "why": kept["why"],
        "since": date.fromisoformat(kept["fell"]),
        "by": date.fromisoformat(kept["by"]),
        "law": kept["law"],
        "id": kept["id"],
    }
    errand = errands.get(UUID(kept["id"])) if kept["id"] else None
    rule = rules.get(kept["why"])
    if rule and errand is None:
        return Reason(
            **facts, zh=rule.zh, en=rule.en or rule.zh, basis_zh=rule.basis_zh, basis_en=rule.basis_en
        )
    if errand is None:
        return Reason(**facts, zh="", en="")
    said, question = errand.text, asked.get(errand.ref) if errand.kind == "question" and errand.ref else None
    asks = Asks(question.id, question.answer, tuple(question.words)) if question else None
    basis = question.basis if question else ""
    return Reason(
        **facts,
        zh=said,
        en=said,
        basis_zh=basis,
        basis_en=basis,
        text=said,
        department=errand.department,
        errand=True,
        asks=asks,
    )


def minutes_at(errands: int) -> float:
    """So long a call takes at which so much is brought or asked."""
    return float(settings.VISIT_MINUTES + EACH_ERRAND * errands)


def working_day() -> Hours:
    """The hours of this installation in which doors are called at, in minutes after midnight."""
    hours: Hours = settings.ROUND_HOURS
    return hours


def hours_between(begins: int | None, ends: int | None) -> Hours:
    """The working day, or what lies between these without its breaks (minutes after midnight); BadVisit where nothing does."""
    found = day_between(working_day(), begins, ends)
    if not found:
        raise BadVisit(field="ends", expected=f"> {time_of(begins or working_day()[0][0])}")
    return found


def time_of(minutes: int) -> str:
    """Minutes after midnight as a clock shows them."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def points_of(stops: Iterable[Stop]) -> list[Point]:
    """Where these lie, each point once."""
    known = ((stop.lon, stop.lat) for stop in stops if stop.lon is not None and stop.lat is not None)
    return list(dict.fromkeys(known))


def plan_round(
    viewer: Viewer,
    day: date,
    *,
    area: str = "",
    stops: int = STOPS,
    start: tuple[float, float] | None = None,
    hours: Hours | None = None,
) -> Round:
    """The round of a day: of what is due in the area the doors that end first, as many as fit into the hours (by default the
    working day), in the order in which they are walked: along the streets that are known there.
    """
    path = homes_of(viewer, area)
    chosen, count = due_doors(viewer, path, day=day, limit=stops)
    by_key = {str(each.door.id): each for each in chosen}
    places = [*points_of(each.door.stop for each in chosen), *([start] if start else [])]
    (ways,) = ways_of(viewer, [(path, places)])
    walk = day_walk(
        [each.stop(day) for each in chosen],
        working_day() if hours is None else hours,
        start=start,
        ways=ways,
    )
    return Round(
        day,
        path,
        tuple(by_key[stop.key] for stop in walk.stops),
        left=count - len(walk.stops),
        about=walk.begins,
        left_over=tuple(by_key[stop.key] for stop in walk.left),
    )


def round_by_id(viewer: Viewer, round_id: UUID) -> Round:
    """A round as it was kept, its doors in the same order, with what is due there now. NotFound when it is not the viewer's."""
    row = RoundRow.objects.filter(id=round_id).first()
    if row is None:
        raise NotFound
    found = _at(viewer, [*row.households, *row.left_over])
    about = dict(zip(row.households, row.begins, strict=False))
    on_it = [found[household] for household in row.households if household in found]
    # What was called on since, or moved away, is left no more.
    left_over = [found[household] for household in row.left_over if household in found]
    return Round(
        row.day,
        row.path,
        tuple(on_it),
        about=tuple(about[each.door.id] for each in on_it) if about else (),
        left_over=tuple(each for each in left_over if each.reasons),
        id=row.id,
        number=row.number,
        account_id=row.account_id,
    )


def rounds_of(viewer: Viewer, path: str, *, limit: int = 30) -> list[RoundRow]:  # noqa: ARG001 - the row policy uses it
    """The newest rounds that were kept at or below the path."""
    return list(placed(RoundRow.objects.all(), path).order_by("-day", "-made_at")[:limit])


def _at(viewer: Viewer, households: Sequence[UUID]) -> dict[UUID, DueDoor]:
    """What is due at each of these doors now, those with nothing among them; without those that are no more."""
    due, known = due_at(viewer, households), doors(viewer, households)
    nothing = date.max
    return {
        household: due.get(household) or DueDoor(door, nothing, nothing, (), 0)
        for household, door in known.items()
    }


def due_at(viewer: Viewer, households: Collection[UUID]) -> dict[UUID, DueDoor]:
    """What is due at each of these doors; nothing where nothing is."""
    rows = DueVisit.objects.filter(household_id__in=list(households))
    return {each.door.id: each for each in with_reasons(viewer, list(rows))}


def level_of(path: str) -> str:
    return LEVELS[path.count(".")]
