"""What is kept for a moment within the process."""

from threading import Barrier, Event, Thread

import pytest

from wangge.base import kept
from wangge.base.kept import Kept


@pytest.fixture
def clock(monkeypatch):
    """The seconds that `Kept` goes by."""
    seconds = [0.0]
    monkeypatch.setattr(kept, "monotonic", lambda: seconds[0])
    return seconds


def test_a_value_is_made_once_until_its_time_is_over(clock):
    made, values = iter(range(9)), Kept(most=2, seconds=60)
    assert [values.value("a", lambda: next(made)) for _ in range(3)] == [0, 0, 0]
    assert values.value("b", lambda: next(made)) == 1
    clock[0] = 59.9
    assert values.value("a", lambda: next(made)) == 0
    clock[0] = 60.0
    assert values.value("a", lambda: next(made)) == 2


def test_no_more_are_kept_than_was_said_and_those_go_that_nobody_asked_for(clock):
    values = Kept(most=2, seconds=60)
    for key in ("a", "b", "a", "c"):
        values.value(key, lambda key=key: key)
    assert len(values) == 2
    assert [values.value(key, lambda: "anew") for key in ("a", "b")] == ["a", "anew"]


def test_nothing_and_what_failed_are_not_kept():
    values = Kept(most=2, seconds=60)

    def fails():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        values.value("a", fails)
    assert values.value("a", lambda: None) is None
    assert values.value("a", lambda: 1) == 1


def test_who_comes_while_a_value_is_made_waits_for_it_and_others_do_not():
    values, begun, go_on, made, got = Kept(most=2, seconds=60), Event(), Event(), [], []
    ready = Barrier(2)

    def make():
        made.append(1)
        begun.set()
        assert go_on.wait(60)
        return "a"

    def asks():
        ready.wait(60)
        got.append(values.value("a", make))

    first = Thread(target=lambda: got.append(values.value("a", make)))
    first.start()
    assert begun.wait(60)
    second = Thread(target=asks)
    second.start()
    ready.wait(60)
    assert values.value("b", lambda: "b") == "b"
    go_on.set()
    for thread in (first, second):
        thread.join(60)
    assert (got, made) == (["a", "a"], [1])
