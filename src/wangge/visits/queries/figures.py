"""Figures by grid and day, from sums that triggers keep. They say how an area is served, never how a person works."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum as Added

from wangge.access import Verb, Viewer
from wangge.areas import queries as areas
from wangge.base.problems import NotAllowed
from wangge.visits.models import DueSum, Sum
from wangge.visits.queries.dues import COLUMNS, placed
from wangge.visits.rules import OUTCOMES


@dataclass(frozen=True, slots=True)
class Figures:
    """Of an area and its days: visits by how they ended, households met (each once a day); doors due on the last day, and
    those of them whose day has passed.
    """

    area: str
    visits: dict[str, int]
    households_met: int
    due: int
    overdue: int
    by_day: dict[date, dict[str, int]]
    by_area: dict[str, dict[str, int]]

    @property
    def done(self) -> int:
        """Every call, however it ended, is work."""
        return sum(self.visits.values())


def figures(viewer: Viewer, area: str, *, since: date, until: date) -> Figures:
    """What was done from a day until another, and what is due on the last; by day, and by area right below."""
    path = areas.area_by_code(area).path
    if not viewer.may(Verb.FIGURES_READ, path):
        raise NotAllowed
    below = COLUMNS[min(path.count(".") + 1, len(COLUMNS) - 1)] or "grid_id"
    sums = placed(Sum.objects.filter(day__range=(since, until)), path)
    total: Counter[str] = Counter()
    by_day: dict[date, Counter[str]] = {}
    by_area: dict[str, Counter[str]] = {}
    for code, day, what, count in sums.values_list(below, "day", "what").annotate(n=Added("count")):
        total[what] += count
        by_day.setdefault(day, Counter())[what] += count
        by_area.setdefault(code, Counter())[what] += count
    due, overdue = 0, 0
    waiting = placed(DueSum.objects.filter(since__lte=until), path).values_list(below, "by")
    for code, by, count in waiting.annotate(n=Added("count")):
        kinds = by_area.setdefault(code, Counter())
        due += count
        kinds["due"] += count
        if by < until:
            overdue += count
            kinds["overdue"] += count
    return Figures(
        area=area,
        visits={outcome: total[outcome] for outcome in OUTCOMES},
        households_met=total["households"],
        due=due,
        overdue=overdue,
        by_day={day: dict(counts) for day, counts in sorted(by_day.items())},
        by_area={code: dict(counts) for code, counts in sorted(by_area.items())},
    )
