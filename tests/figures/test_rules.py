"""Periods are whole months by Shanghai's clock; anything else is refused with a sentence."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.base.calendar import CHINA
from wangge.figures.rules import BadPeriod, open_spans, period_before, period_of, share


@pytest.mark.parametrize(
    ("name", "since", "until"),
    [
        ("2026", datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC)),
        ("2026-09", datetime(2026, 8, 31, 16, tzinfo=UTC), datetime(2026, 9, 30, 16, tzinfo=UTC)),
        ("2026-12", datetime(2026, 11, 30, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC)),
        ("2026-Q4", datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC)),
    ],
)
def test_a_period_begins_and_ends_at_midnight_in_shanghai(name, since, until):
    assert (period_of(name).since, period_of(name).until) == (since, until)


@pytest.mark.parametrize(
    "name",
    ["", "26", "2026-13", "2026-00", "2026-Q5", "2026-1", "1999", "2200", "２０２６", "2026-09-01", "2026\n"],
)
def test_what_is_no_period_is_refused(name):
    with pytest.raises(BadPeriod):
        period_of(name)


@given(st.integers(2000, 2199), st.sampled_from([(f"-Q{n}", 3) for n in range(1, 5)]))
def test_quarters_follow_one_another_and_fill_the_year(year, quarter):
    ends = [period_of(f"{year}-Q{n}") for n in range(1, 5)]
    assert [p.until for p in ends[:-1]] == [p.since for p in ends[1:]]
    assert (ends[0].since, ends[-1].until) == (period_of(str(year)).since, period_of(str(year)).until)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2026, 6, 1), timezones=st.just(UTC)), st.integers(0, 40))
def test_open_spans_hold_the_minutes_that_the_calendar_counts(since, days):
    until = since + timedelta(days=days)
    none = timedelta()
    worked = sum((max(none, min(b, until) - max(a, since)) for a, b in open_spans(CHINA, since, until)), none)
    assert worked // timedelta(minutes=1) == CHINA.working_minutes_between(since, until)


def test_a_share_of_nothing_is_not_zero():
    assert share(0, 0) is None
    assert share(1, 2) == 0.5


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("2026-05", "2026-03"),
        ("2026-Q2", "2026-Q1"),
        ("2026", "2025"),
        ("2027-01", "2026-03"),
        ("2027-Q4", "2026-Q1"),
    ],
)
def test_the_period_before_a_moment_is_as_long_as_the_one_named_and_had_ended(name, before):
    # Midnight in Shanghai: April has just begun.
    moment = datetime(2026, 3, 31, 16, tzinfo=UTC)
    found = period_before(name, moment)
    assert found == period_of(before)
    assert found.until <= moment
    assert period_before("2026-05", datetime(2026, 1, 5, tzinfo=UTC)).name == "2025-12"
    assert period_before("2026-Q2", datetime(2026, 1, 5, tzinfo=UTC)).name == "2025-Q4"
