"""Working time: the nation's days, the office's hours, and the sums that deadlines are made of."""

import csv
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wangge.base.calendar import CHINA, SHANGHAI, WorkingCalendar, day_source

SHARED_TABLE = Path(__file__).parents[3] / "shared" / "data" / "calendar_cn_2024_2027.csv"

START, END = datetime(2023, 1, 1), datetime(2029, 1, 1)
moments = st.datetimes(START, END, timezones=st.just(UTC))
minutes_ = st.integers(0, 60_000)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def days(*texts: str) -> list[date]:
    return [date.fromisoformat(text) for text in texts]


def in_office_hours(at: datetime, calendar: WorkingCalendar = CHINA) -> bool:
    """Said again in the plainest way, to compare with: both ends of a span belong to it."""
    here = at.astimezone(calendar.tz)
    return calendar.is_working_day(here.date()) and any(a <= here.time() <= b for a, b in calendar.hours)


def counted_minute_by_minute(start: datetime, minutes: int) -> datetime:
    """The slow definition of adding: step by step through whole minutes, counting those worked."""
    at = start
    while minutes:
        if in_office_hours(at) and in_office_hours(at + timedelta(minutes=1)):
            minutes -= 1
        at += timedelta(minutes=1)
    return at


def test_spring_festival_2026_is_closed_with_its_make_up_days():
    assert not any(CHINA.is_working_day(date(2026, 2, day)) for day in range(15, 24))
    assert all(map(CHINA.is_working_day, days("2026-02-14", "2026-02-28", "2026-02-24")))
    assert date(2026, 2, 14).weekday() == date(2026, 2, 28).weekday() == 5


def test_other_holidays_and_make_up_days_of_the_notices_are_known():
    closed = days(
        "2024-02-12", "2024-10-07", "2025-01-28", "2025-10-08", "2026-01-02", "2026-05-05", "2026-10-07"
    )
    worked = days(
        "2024-02-04", "2024-02-18", "2024-10-12", "2025-01-26", "2025-09-28", "2026-01-04", "2026-10-10"
    )
    assert not any(map(CHINA.is_working_day, closed))
    assert all(map(CHINA.is_working_day, worked))


def test_each_day_says_who_knows_it():
    assert day_source(date(2004, 1, 1)) == day_source(date(2026, 12, 31)) == "chinesecalendar"
    assert day_source(date(2027, 1, 1)) == day_source(date(2003, 12, 31)) == "holidays"
    assert day_source(date(1900, 1, 1)) == day_source(date(2101, 1, 1)) == "weekdays"
    assert WorkingCalendar(local_days={date(2026, 3, 2): False}).day_source(date(2026, 3, 2)) == "local"


def test_years_beyond_the_notices_keep_statutory_days_and_then_plain_weeks():
    assert not CHINA.is_working_day(date(2027, 10, 1))
    assert CHINA.is_working_day(date(2027, 10, 8))
    assert CHINA.is_working_day(date(2150, 10, 1)) == (date(2150, 10, 1).weekday() < 5)


def test_make_up_days_known_to_the_second_source_are_worked():
    assert date(2003, 2, 8).weekday() == 5
    assert CHINA.is_working_day(date(2003, 2, 8))


def test_local_days_override_the_nation_and_cannot_be_changed_later():
    table = {date(2026, 3, 2): False, date(2026, 3, 7): True}
    ours = WorkingCalendar(local_days=table)
    table.clear()
    assert not ours.is_working_day(date(2026, 3, 2))
    assert ours.is_working_day(date(2026, 3, 7))
    assert ours.add_working_minutes(local("2026-03-02 10:00"), 1) == local("2026-03-03 08:31")
    with pytest.raises(TypeError):
        ours.local_days[date(2026, 3, 3)] = False


def test_every_day_of_2024_to_2026_agrees_with_the_shared_table():
    if not SHARED_TABLE.exists():
        pytest.skip("left out: the shared table of days does not lie beside the project")
    with SHARED_TABLE.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["date"] < "2027"]
    assert len(rows) == 366 + 365 + 365
    wrong = [
        r["date"]
        for r in rows
        if CHINA.is_working_day(date.fromisoformat(r["date"])) != (r["is_workday"] == "1")
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-03-03 09:00", 60, "2026-03-03 10:00"),
        ("2026-03-03 11:30", 60, "2026-03-03 14:30"),  # over lunch
        ("2026-03-03 08:30", 210, "2026-03-03 12:00"),  # ends at closing, not after lunch
        ("2026-03-03 08:30", 420, "2026-03-03 17:30"),
        ("2026-03-03 17:30", 1, "2026-03-04 08:31"),
        ("2026-03-06 17:00", 60, "2026-03-09 09:00"),  # over a weekend
        ("2026-03-07 03:00", 0, "2026-03-09 08:30"),  # nothing to add, but closed
        ("2026-03-03 12:30", 0, "2026-03-03 14:00"),
        ("2026-03-03 12:00", 0, "2026-03-03 12:00"),  # the closing instant belongs to the span
        ("2026-03-03 10:07", 0, "2026-03-03 10:07"),
        ("2026-02-14 17:00", 60, "2026-02-24 09:00"),  # a worked Saturday, then Spring Festival
        ("2026-12-31 17:29", 2, "2027-01-04 08:31"),  # into a year of another source
    ],
)
def test_minutes_are_added_within_office_hours(start, minutes, end):
    assert CHINA.add_working_minutes(local(start), minutes) == local(end)


def test_results_are_in_utc_and_keep_seconds():
    end = CHINA.add_working_minutes(local("2026-03-03 11:59:30.000250"), 1)
    assert end.tzinfo is UTC
    assert end == local("2026-03-03 14:00:30.000250")


def test_a_naive_moment_is_refused_everywhere():
    naive, aware = datetime(2026, 3, 3, 9), local("2026-03-03 09:00")
    for call in (
        lambda: CHINA.add_working_minutes(naive, 1),
        lambda: CHINA.working_minutes_between(naive, aware),
        lambda: CHINA.working_minutes_between(aware, naive),
        lambda: CHINA.extend_deadline(naive, aware, aware),
    ):
        with pytest.raises(ValueError, match="time zone"):
            call()


def test_negative_spans_are_refused():
    early, late = local("2026-03-03 09:00"), local("2026-03-03 10:00")
    with pytest.raises(ValueError, match="negative"):
        CHINA.add_working_minutes(early, -1)
    with pytest.raises(ValueError, match="before the start"):
        CHINA.working_minutes_between(late, early)
    with pytest.raises(ValueError, match="before the start"):
        CHINA.extend_deadline(late, late, early)


def test_moments_the_calendar_cannot_count_are_refused_in_words():
    for start, minutes in ((datetime(1, 1, 1, tzinfo=UTC), 0), (datetime(9999, 12, 31, tzinfo=UTC), 0)):
        with pytest.raises(ValueError, match="1900 to 2200"):
            CHINA.add_working_minutes(start, minutes)
    with pytest.raises(ValueError, match="1900 to 2200"):
        CHINA.add_working_minutes(local("2026-03-03 09:00"), 10**15)


def test_a_calendar_whose_every_day_is_closed_says_so_instead_of_searching_for_ever():
    first = date(2195, 1, 1)
    closed = {first + timedelta(days=n): False for n in range(366 * 7)}
    with pytest.raises(ValueError, match="no working day left"):
        WorkingCalendar(local_days=closed).add_working_minutes(datetime(2198, 1, 1, tzinfo=UTC), 1)


def test_a_year_closed_by_the_local_table_is_leapt_over():
    closed = {date(2030, 1, 1) + timedelta(days=n): False for n in range(365 * 3)}
    end = WorkingCalendar(local_days=closed).add_working_minutes(datetime(2029, 12, 31, 23, tzinfo=UTC), 1)
    assert end.astimezone(SHANGHAI).date() >= date(2032, 12, 31)


@pytest.mark.parametrize(
    "hours",
    [
        (),
        ((time(12), time(8)),),
        ((time(8), time(8)),),
        ((time(8), time(13)), (time(12), time(17))),
        ((time(8, 0, 30), time(12)),),
    ],
)
def test_hours_that_make_no_sense_are_refused(hours):
    with pytest.raises(ValueError, match="hours must be"):
        WorkingCalendar(hours=hours)


def test_a_full_day_has_seven_hours_by_default():
    assert CHINA.minutes_per_day == 420
    assert WorkingCalendar(hours=((time(9), time(17)),)).minutes_per_day == 480


def test_equal_calendars_are_equal_and_hash_alike():
    one, other = (WorkingCalendar(local_days={date(2026, 3, 2): False}) for _ in range(2))
    one.add_working_minutes(local("2026-03-03 09:00"), 1)
    assert one == other
    assert hash(one) == hash(other)
    assert one != CHINA


def test_hours_follow_the_wall_clock_of_a_zone_with_summer_time():
    berlin = WorkingCalendar(hours=((time(9), time(17)),), tz=ZoneInfo("Europe/Berlin"))
    # China works on Friday 27 and Monday 30 March 2026; Berlin's clocks go forward on the 29th.
    end = berlin.add_working_minutes(datetime(2026, 3, 27, 15, 30, tzinfo=UTC), 60)
    assert end == datetime(2026, 3, 30, 7, 30, tzinfo=UTC)


def test_minutes_between_are_rounded_down():
    start = local("2026-03-03 11:59:00")
    assert CHINA.working_minutes_between(start, local("2026-03-03 11:59:59.999999")) == 0
    assert CHINA.working_minutes_between(start, local("2026-03-03 14:00:59")) == 1
    assert CHINA.working_minutes_between(start, start) == 0


@given(moments, st.integers(0, 2_500))
@settings(max_examples=40, deadline=None)
def test_adding_agrees_with_counting_minute_by_minute(start, minutes):
    start = start.replace(second=0, microsecond=0)
    expected = counted_minute_by_minute(start, minutes)
    if minutes == 0:
        while not in_office_hours(expected):
            expected += timedelta(minutes=1)
    assert CHINA.add_working_minutes(start, minutes) == expected


@given(moments, minutes_)
def test_between_undoes_adding(start, minutes):
    assert CHINA.working_minutes_between(start, CHINA.add_working_minutes(start, minutes)) == minutes


@given(moments, minutes_, minutes_)
def test_adding_in_two_steps_is_adding_at_once(start, first, second):
    steps = CHINA.add_working_minutes(CHINA.add_working_minutes(start, first), second)
    assert steps == CHINA.add_working_minutes(start, first + second)


@given(moments, moments, minutes_, minutes_)
def test_later_starts_and_more_minutes_never_end_earlier(one, other, few, many):
    (one, other), (few, many) = sorted((one, other)), sorted((few, many))
    assert CHINA.add_working_minutes(one, few) <= CHINA.add_working_minutes(other, many)


@given(moments, minutes_)
def test_every_result_lies_in_office_hours(start, minutes):
    end = CHINA.add_working_minutes(start, minutes)
    assert end >= start
    assert in_office_hours(end)


@given(moments, minutes_, st.tuples(moments, moments).map(sorted))
def test_a_pause_leaves_the_remaining_working_time_as_it_was(start, minutes, pause):
    due, (begin, end) = CHINA.add_working_minutes(start, minutes), pause
    later = CHINA.extend_deadline(due, begin, end)
    assert later >= due
    if begin <= due:
        assert CHINA.working_minutes_between(begin, due) == CHINA.working_minutes_between(
            min(end, later), later
        )
    else:  # already missed: missed by as much afterwards
        assert CHINA.working_minutes_between(due, begin) == CHINA.working_minutes_between(
            later, max(end, later)
        )


def test_a_pause_outside_office_hours_moves_nothing():
    due = local("2026-03-10 10:00")
    assert CHINA.extend_deadline(due, local("2026-03-06 18:00"), local("2026-03-09 08:00")) == due
    assert CHINA.extend_deadline(due, local("2026-03-06 17:00"), local("2026-03-09 09:00")) == local(
        "2026-03-10 11:00"
    )


@given(st.lists(st.tuples(moments, minutes_), max_size=30))
def test_the_array_version_equals_the_single_one(pairs):
    starts = np.array([at.replace(tzinfo=None, microsecond=0) for at, _ in pairs], "datetime64[s]")
    ends = CHINA.add_working_minutes_many(starts, np.array([minutes for _, minutes in pairs], np.int64))
    single = [CHINA.add_working_minutes(at.replace(microsecond=0), minutes) for at, minutes in pairs]
    assert [end.replace(tzinfo=UTC) for end in ends.tolist()] == single


def test_the_array_version_broadcasts_and_refuses_what_has_no_answer():
    start = np.array(["2026-03-03T01:00"], "datetime64[s]")
    assert CHINA.add_working_minutes_many(start, np.arange(6).reshape(2, 3)).shape == (2, 3)
    assert CHINA.add_working_minutes_many(start, 60)[0] == np.datetime64("2026-03-03T02:00")
    for starts, minutes in (
        (np.array(["NaT"], "datetime64[s]"), 1),
        (start, np.array([-1])),
        (start, np.array([0.5])),
        (start, np.array([10**15])),
        (np.array(["1066-10-14"], "datetime64[s]"), 1),
    ):
        with pytest.raises(ValueError, match=r"moments|whole|1900"):
            CHINA.add_working_minutes_many(starts, minutes)


def test_a_calendar_grown_bit_by_bit_gives_the_same_answers():
    grown, whole = WorkingCalendar(), WorkingCalendar()
    whole.working_minutes_between(local("1990-01-01 00:00"), local("2060-01-01 00:00"))
    for year in (2026, 2027, 2040, 1995, 2050, 2001):
        start = local(f"{year}-05-06 10:11")
        assert grown.add_working_minutes(start, 300_000) == whole.add_working_minutes(start, 300_000)
