"""Who stands in the lane of phones, and when the others are told to come again."""

import random
from heapq import heapify, heappop, heappush

import pytest

from wangge.project.lanes import BEGUN_SECONDS, LATEST_SECONDS, MOST, MOST_NEW, SOONEST_SECONDS, Lane, is_bulk

TOKEN = {"authorization": "Bearer abc"}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def lane(clock):
    return Lane(2, clock)


def let_in(lane, *whose):
    return [one for one in whose if not lane.enter(one)]


@pytest.mark.parametrize(
    ("method", "path", "headers", "is_so"),
    [
        ("POST", "/api/v1/sync/push", TOKEN, True),
        ("GET", "/api/v1/sync/pull", TOKEN, True),
        ("GET", "/api/v1/sync/snapshot", TOKEN, True),
        ("PUT", "/api/v1/blobs/ab12", TOKEN, True),
        ("PUT", "/api/v1/blobs/ab12", {"cookie": "wangge_session=1"}, False),
        ("GET", "/api/v1/blobs/ab12", TOKEN, False),
        ("GET", "/api/v1/cases", TOKEN, False),
        ("POST", "/api/v1/sync/devices/1/key", TOKEN, False),
    ],
)
def test_what_phones_ask_in_bulk_is_told_from_what_desks_ask(method, path, headers, is_so):
    assert is_bulk(method, path, headers) is is_so


def test_so_many_new_ones_are_let_in_and_the_others_are_told_when(lane):
    phones = [f"phone {number}" for number in range(MOST_NEW + 5)]
    answers = [lane.enter(phone) for phone in phones]
    assert answers[:MOST_NEW] == [0] * MOST_NEW
    assert all(SOONEST_SECONDS <= seconds <= LATEST_SECONDS for seconds in answers[MOST_NEW:])


def test_who_has_begun_goes_on_while_new_ones_wait(lane):
    begun = let_in(lane, *map(str, range(MOST_NEW)))
    assert not let_in(lane, "new")
    lane.left(0.1)
    assert let_in(lane, begun[0]) == [begun[0]]
    assert not let_in(lane, "new")


def test_there_is_an_end_to_those_who_have_begun_too(lane):
    begun = let_in(lane, *map(str, range(MOST_NEW)))
    for _ in range(MOST - MOST_NEW):
        assert lane.enter(begun[0]) == 0
    assert lane.enter(begun[0]) > 0


def test_who_was_silent_for_long_begins_anew(lane, clock):
    let_in(lane, "silent")
    lane.left(0.1)
    let_in(lane, *map(str, range(MOST_NEW)))
    clock.now = BEGUN_SECONDS + 1
    assert lane.enter("silent") > 0


def test_the_more_wait_outside_the_later_they_come_again(lane, clock):
    random.seed(1)
    for number in range(MOST_NEW):
        lane.enter(f"begun {number}")
    for _ in range(40):
        lane.left(0.5)
        lane.enter("begun 0")
    first = [lane.enter(f"outside {number}") for number in range(20)]
    later = [lane.enter(f"much later {number}") for number in range(500)]
    assert max(first) < max(later) <= LATEST_SECONDS
    # Who comes again is not counted twice.
    outside = len(lane.outside)
    lane.enter("outside 1")
    assert len(lane.outside) == outside
    clock.now = LATEST_SECONDS * 3
    for number in range(outside):
        lane.enter(f"new {number % 3}")
    assert len(lane.outside) <= 3


@pytest.mark.parametrize("cold", [1, 10])
def test_a_city_that_comes_at_once_is_through_in_little_more_than_the_work_takes(clock, cold):
    """Two thousand phones of eight requests of 40 ms each, two threads, everybody within a minute; also when the first quarter of a
    minute is ten times as slow, and what is known of a phone's cost then is wrong.
    """
    random.seed(2)
    lane, threads, work = Lane(2, clock), 2, 0.0
    spent: dict[int, float] = {}
    coming = sorted((random.uniform(0, 60), number, 8) for number in range(2_000))
    free, asked, done = [0.0] * threads, 0, 0
    heapify(coming)
    while coming:
        clock.now, phone, left = heappop(coming)
        if left < 0:  # an answer goes out
            lane.left(spent[phone])
            left = -left - 1
            done += left == 0
            if left:
                heappush(coming, (clock.now + 0.01, phone, left))
            continue
        asked += 1
        if seconds := lane.enter(str(phone)):
            heappush(coming, (clock.now + seconds, phone, left))
            continue
        took = spent[phone] = 0.04 * (cold if clock.now < 15 else 1)
        work += took / threads
        begins = max(clock.now, min(free))
        free[free.index(min(free))] = begins + took
        heappush(coming, (begins + took, phone, -left))
    assert done == 2_000
    assert clock.now < work * 1.1
    assert asked < 2_000 * 8 * 2.5
