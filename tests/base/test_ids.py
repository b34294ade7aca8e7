"""Ids made without asking: UUIDv7."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.base.ids import is_uuid7, new_id, timestamp_of

LAST_MS = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z


@given(st.integers(0, LAST_MS))
def test_an_id_carries_its_millisecond_and_its_version(ms):
    made = new_id(ms)
    assert is_uuid7(made)
    assert made.variant == uuid.RFC_4122
    assert timestamp_of(made) == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


@given(st.integers(0, LAST_MS - 1), st.integers(1, 10**6))
def test_a_later_millisecond_sorts_later_as_id_and_as_text(ms, more):
    early, late = new_id(ms), new_id(min(LAST_MS, ms + more))
    assert early < late
    assert str(early) < str(late)


def test_the_layout_is_that_of_the_standard_s_example():
    example = uuid.UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")  # RFC 9562, appendix A.6
    assert is_uuid7(example)
    assert timestamp_of(example) == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)


def test_without_a_moment_the_clock_is_asked():
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    assert before <= timestamp_of(new_id()) <= datetime.now(UTC)


def test_ids_of_one_millisecond_differ():
    assert len({new_id(1_700_000_000_000) for _ in range(10_000)}) == 10_000


@pytest.mark.parametrize("ms", [-1, 1 << 48])
def test_a_moment_that_does_not_fit_is_refused(ms):
    with pytest.raises(ValueError, match="48 bits"):
        new_id(ms)


def test_other_ids_have_no_timestamp():
    assert not is_uuid7(uuid.uuid4())
    assert not is_uuid7(uuid.UUID(int=0x7 << 76))  # says 7, but not in the standard's variant
    with pytest.raises(ValueError, match="version 7"):
        timestamp_of(uuid.uuid4())
    with pytest.raises(ValueError, match="9999"):
        timestamp_of(new_id((1 << 48) - 1))
