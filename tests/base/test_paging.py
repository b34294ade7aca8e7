"""Cursors go out and come back; whatever else comes back is refused."""

import base64
import contextlib
import json
import re
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wangge.base.paging import LONGEST, BadCursor, decode_cursor, encode_cursor

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
big = st.integers(-(2**63), 2**63 - 1)
# Not the first and last day of time: in UTC they may lie outside it.
zones = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))
START, END = datetime(1, 1, 2), datetime(9999, 12, 30)
parts = st.one_of(st.datetimes(START, END, timezones=zones), texts, big, st.uuids())
keys = st.lists(parts, max_size=3).map(tuple)


def packed(value) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@given(keys)
def test_a_key_comes_back_as_it_went(key):
    cursor = encode_cursor(key)
    assert decode_cursor(cursor) == key
    assert decode_cursor(cursor, *(type(part) for part in key)) == key


@given(keys)
def test_a_cursor_fits_into_an_address_unescaped(key):
    assert re.fullmatch(r"[A-Za-z0-9_-]+", encode_cursor(key))


def test_datetimes_come_back_in_utc_to_the_microsecond():
    moment = datetime(2026, 3, 3, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    (back,) = decode_cursor(encode_cursor((moment,)))
    assert back == moment
    assert back.utcoffset() == timedelta(0)


@given(st.text(max_size=60))
@example("")
@example("\ud800")
@example("路灯")
@example("=" * 10)
@example(packed([1]) + "=")
def test_any_other_text_is_a_bad_cursor_or_a_key_but_never_a_crash(text):
    with contextlib.suppress(BadCursor):
        assert isinstance(decode_cursor(text), tuple)


scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from("tuis"))


@given(st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_any_json_in_the_right_wrapping_is_a_bad_cursor_or_a_key(value):
    for body in (
        value,
        [1, value],
        [1, ["t", value]],
        [1, ["u", value]],
        [1, ["i", value]],
        [1, ["s", value]],
    ):
        try:
            key = decode_cursor(packed(body))
        except BadCursor:
            continue
        assert all(type(part) in {datetime, uuid.UUID, int, str} for part in key)


@pytest.mark.parametrize(
    "body",
    [
        [2, ["i", 1]],  # a version to come
        [True, ["i", 1]],
        [1, ["i", True]],
        [1, ["i", 2**63]],  # no database column holds it
        [1, ["t", 10**30]],
        [1, ["t", 1.5]],
        [1, ["s", "a\0b"]],
        [1, ["s", "\ud800"]],
        [1, ["u", "zz" * 16]],
        [1, ["x", 1]],
        [1, ["i"]],
        [1, 5],
        {"1": 1},
        "1",
        None,
    ],
)
def test_forged_cursors_are_refused(body):
    with pytest.raises(BadCursor):
        decode_cursor(packed(body))


def test_deep_nesting_is_refused():
    with pytest.raises(BadCursor):
        decode_cursor(base64.urlsafe_b64encode(b"[" * 290).decode().rstrip("="))


def test_a_cursor_of_another_list_is_refused_by_its_kinds():
    cursor = encode_cursor((datetime(2026, 1, 1, tzinfo=UTC), uuid.UUID(int=7)))
    assert decode_cursor(cursor, datetime, uuid.UUID)[1] == uuid.UUID(int=7)
    for kinds in ((datetime, str), (datetime,), (uuid.UUID, datetime), (datetime, uuid.UUID, int)):
        with pytest.raises(BadCursor):
            decode_cursor(cursor, *kinds)


def test_too_long_a_cursor_is_neither_made_nor_read():
    longest = encode_cursor(("x" * 287,))
    assert len(longest) <= LONGEST
    with pytest.raises(ValueError, match="at most 400"):
        encode_cursor(("x" * 300,))
    with pytest.raises(BadCursor):
        decode_cursor(packed([1, ["s", "x" * 300]]))


@pytest.mark.parametrize(
    "part",
    [datetime(2026, 1, 1), True, 2**63, 1.5, None, "a\0", "\ud800", ("a",)],
)
def test_keys_that_could_not_come_back_are_not_sent_out(part):
    with pytest.raises(ValueError):
        encode_cursor((part,))


def test_a_bad_cursor_is_a_problem_with_a_sentence():
    problem = BadCursor()
    assert (problem.status, problem.code) == (422, "invalid")
    assert "first page" in problem.say()
