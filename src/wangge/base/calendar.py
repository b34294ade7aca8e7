"""Working time in China: which days an office works, and deadlines counted in minutes of its open hours.

All arithmetic is done on one ledger of open spans in UTC microseconds with the work counted up to each closing,
so that a deadline costs one binary search however far away it is.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import chinese_calendar
import numpy as np
from numpy.typing import NDArray

DaySource = Literal["local", "chinesecalendar", "holidays", "weekdays"]
Hours = tuple[tuple[time, time], ...]

OFFICE_HOURS: Hours = ((time(8, 30), time(12)), (time(14), time(17, 30)))
SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 1900, 2200

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_DAY = 86_400 * _SECOND
_NO_DAYS: Mapping[date, bool] = MappingProxyType({})


def day_source(on: date, local_days: Mapping[date, bool] = _NO_DAYS) -> DaySource:
    """Who says whether `on` is worked: the local table, `chinesecalendar` (the State Council's yearly notice),
    `holidays` (statutory days; make-up days only once published) or the bare days of the week.
    """
    return "local" if on in local_days else _year(on.year)[0]


@cache
def _year(year: int) -> tuple[DaySource, tuple[bool, ...]]:
    """The best source for a year, and for each of its days whether it is worked."""
    days = [
        date(year, 1, 1) + timedelta(days=n) for n in range((date(year, 12, 31) - date(year, 1, 1)).days + 1)
    ]
    try:
        return "chinesecalendar", tuple(chinese_calendar.is_workday(day) for day in days)
    except NotImplementedError:
        import holidays  # only for years the first source does not know: it costs 0.1 s to load

    china = holidays.country_holidays("CN", years=year)
    if not china.start_year <= year <= china.end_year:
        return "weekdays", tuple(day.weekday() < 5 for day in days)
    return "holidays", tuple(
        day in china.weekend_workdays or (day.weekday() < 5 and day not in china) for day in days
    )


class _Ledger(NamedTuple):
    """Open spans in UTC microseconds; `done[i]` is the work from the first opening to closing `i`. It answers for
    `begins` to the last closing. Lists serve the single call (bisect), `arrays` the same three for numpy.
    """

    begins: int
    opens: list[int]
    closes: list[int]
    done: list[int]
    arrays: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]

    def work_until(self, at: int) -> int:
        """Working microseconds from the ledger's start to the instant `at`."""
        i = bisect_left(self.closes, at)
        return self.done[i] - self.closes[i] + max(at, self.opens[i])


@dataclass(frozen=True, eq=True)
class WorkingCalendar:
    """An office's hours and days. `local_days` (date → is it worked) overrides the national days.

    Both ends of a span belong to it: work that is used up exactly at closing ends at closing, not next morning.
    Instants taken must be aware; instants given are in UTC. Years 1900 to 2200; beyond, ValueError.
    """

    hours: Hours = OFFICE_HOURS
    local_days: Mapping[date, bool] = field(default_factory=dict, hash=False)
    tz: ZoneInfo = SHANGHAI
    _kept: list[_Ledger] = field(default_factory=list, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        edges = [edge for span in self.hours for edge in span]
        if not edges or any(a >= b for a, b in pairwise(edges)):
            raise ValueError(
                "hours must be one or more spans of a day, each opening before it closes, in order"
            )
        if any(edge.second or edge.microsecond or edge.tzinfo for edge in edges):
            raise ValueError("hours must be whole minutes of local time")
        object.__setattr__(self, "local_days", MappingProxyType(dict(self.local_days)))

    @property
    def minutes_per_day(self) -> int:
        """Working minutes of a full working day: 420 by default. A deadline of n working days is n times this."""
        return sum((b.hour - a.hour) * 60 + b.minute - a.minute for a, b in self.hours)

    def is_working_day(self, on: date) -> bool:
        """Whether the office works on the local date `on`."""
        local = self.local_days.get(on)
        return (
            local
            if local is not None
            else _year(on.year)[1][on.toordinal() - date(on.year, 1, 1).toordinal()]
        )

    def day_source(self, on: date) -> DaySource:
        """Who says so; see the function of the same name."""
        return day_source(on, self.local_days)

    def add_working_minutes(self, start: datetime, minutes: int) -> datetime:
        """The instant (UTC) at which `minutes` of working time after `start` are used up.

        Outside office hours the count begins at the next opening; 0 minutes give `start`, or that opening.
        """
        if minutes < 0:
            raise ValueError("working minutes to add cannot be negative")
        return _moment(self._add(_microseconds(start), minutes * _MINUTE))

    def working_minutes_between(self, start: datetime, end: datetime) -> int:
        """Whole working minutes from `start` to `end` (rounded down); ValueError when `end` is the earlier."""
        return self._work_between(_microseconds(start), _microseconds(end)) // _MINUTE

    def extend_deadline(self, due: datetime, paused_from: datetime, paused_until: datetime) -> datetime:
        """A deadline after a pause: moved on by exactly the working time (to the microsecond) that fell into it.

        What was left when the pause began is left when it ends; one already missed stays missed by as much.
        """
        paused = self._work_between(_microseconds(paused_from), _microseconds(paused_until))
        at = _microseconds(due)
        return _moment(self._add(at, paused) if paused else at)

    def add_working_minutes_many(
        self, starts: NDArray[np.datetime64], minutes: NDArray[np.integer[Any]] | int
    ) -> NDArray[np.datetime64]:
        """`add_working_minutes` for arrays: `starts` datetime64 in UTC, `minutes` whole; both broadcast.
        Gives datetime64[s] of the broadcast shape. ValueError for NaT, negative minutes or years out of range.
        """
        start_s, minute = np.broadcast_arrays(np.asarray(starts, "datetime64[s]"), np.asarray(minutes))
        if not np.issubdtype(minute.dtype, np.integer):
            raise ValueError("minutes must be whole numbers")
        if start_s.size == 0:
            return start_s.copy()
        if np.isnat(start_s).any() or minute.min() < 0:
            raise ValueError("starts must be moments and minutes cannot be negative")
        at, work = start_s.astype(np.int64), minute.astype(np.int64) * 60
        low, high = int(at.min()) * _SECOND, int(at.max()) * _SECOND
        self._add(
            high, int(minute.max()) * _MINUTE
        )  # refuses what is too far, or makes the ledger long enough
        opens, closes, done = (array // _SECOND for array in self._ledger(low, high).arrays)
        i = np.searchsorted(closes, at)
        begin = np.maximum(at, opens[i])
        target = done[i] - closes[i] + begin + work
        j = np.searchsorted(done, target)
        return np.where(work == 0, begin, closes[j] - done[j] + target).astype("datetime64[s]")

    def _add(self, at: int, work: int) -> int:
        ledger = self._ledger(at, at)
        i = bisect_left(ledger.closes, at)
        begin = max(at, ledger.opens[i])
        if not work:
            return begin
        target = ledger.done[i] - ledger.closes[i] + begin + work
        while target > ledger.done[-1]:
            # Work never runs faster than the clock, so the answer lies at least this far beyond the ledger.
            ledger = self._ledger(at, ledger.closes[-1] + target - ledger.done[-1])
            target = ledger.work_until(at) + work
        j = bisect_left(ledger.done, target)
        return ledger.closes[j] - ledger.done[j] + target

    def _work_between(self, start: int, end: int) -> int:
        if end < start:
            raise ValueError("the end lies before the start")
        ledger = self._ledger(start, end)
        return ledger.work_until(end) - ledger.work_until(start)

    def _ledger(self, first: int, last: int) -> _Ledger:
        """A ledger that answers for `first` to `last`: the one kept, or a longer one that takes its place."""
        if self._kept and self._kept[0].begins <= first and last <= self._kept[0].closes[-1]:
            return self._kept[0]
        low, high = _year_of(first), _year_of(last)
        if low < FIRST_YEAR or high > LAST_YEAR:
            raise ValueError(f"the calendar counts from {FIRST_YEAR} to {LAST_YEAR}")
        if self._kept:
            kept = self._kept[0]
            low, high = min(low, _year_of(kept.begins) + 1), max(high, _year_of(kept.closes[-1]) - 1)
        while True:
            # A year to spare on each side: deadlines run into the next, and local years begin at other instants.
            ledger = self._build(low - 1, high + 1)
            if ledger.closes and ledger.closes[-1] >= last:
                self._kept[:] = [ledger]
                return ledger
            high += 1
            if high > LAST_YEAR:
                raise ValueError("the calendar has no working day left to count on")

    def _build(self, first_year: int, last_year: int) -> _Ledger:
        spans = [span for year in range(first_year, last_year + 1) for span in self._spans(year)]
        opens, closes = np.array(spans, np.int64).reshape(-1, 2).T
        done = np.cumsum(closes - opens)
        begins = _microseconds(datetime(first_year, 1, 2, tzinfo=UTC))  # a day late: safe in every time zone
        return _Ledger(begins, opens.tolist(), closes.tolist(), done.tolist(), (opens, closes, done))

    def _spans(self, year: int) -> Iterator[tuple[int, int]]:
        """The open spans of a local year, each edge turned from local to UTC on its own day."""
        for ordinal in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
            on = date.fromordinal(ordinal)
            if self.is_working_day(on):
                for opens, closes in self.hours:
                    yield (
                        _microseconds(datetime.combine(on, opens, self.tz)),
                        _microseconds(datetime.combine(on, closes, self.tz)),
                    )


def _microseconds(moment: datetime) -> int:
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError("a moment without time zone: give aware datetimes")
    since = moment - _EPOCH
    return since.days * _DAY + since.seconds * _SECOND + since.microseconds


def _moment(at: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at)


def _year_of(at: int) -> int:
    """The year in UTC of an instant; any integer is taken, so that far ones can be refused in words."""
    days = at // _DAY + 719_163  # the ordinal of 1970-01-01
    return date.fromordinal(days).year if 1 <= days <= date.max.toordinal() else (0 if days < 1 else 10_000)


CHINA = WorkingCalendar()
"""The default office: 08:30-12:00 and 14:00-17:30 by Shanghai time on the nation's working days."""
