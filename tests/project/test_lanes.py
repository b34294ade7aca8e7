"""Who stands in the lane of phones, and when the others are told to come again."""

import random
from heapq import heapify, heappop, heappush

import pytest

from wangge.base.tokens import _mark, new_secret
from wangge.project.lanes import (
    BEGUN_SECONDS,
    LATEST_SECONDS,
    MOST,
    MOST_NEW,
    MOST_OF_ACCOUNT,
    MOST_OF_ONE,
    MOST_STRANGERS,
    MOST_STRANGERS_FROM_ONE,
    SOONEST_SECONDS,
    Asker,
    Lane,
    asker,
    is_bulk,
)

KEY = "a key of this installation"
TOKEN = {"HTTP_AUTHORIZATION": "Bearer abc"}
COOKIE = {"HTTP_COOKIE": "wangge_language=en; wangge_session=abc"}


def environ(method="POST", path="/api/v1/sync/push", **facts):
    return {"REQUEST_METHOD": method, "PATH_INFO": path, "REMOTE_ADDR": "10.0.0.7"} | facts


def phone(name, whence=None):
    """From an address of its own, unless it is said."""
    return Asker(hash(name), hash(("address", whence or name)))


def stranger(name, whence=None):
    """Who made a secret up, or has one from before secrets had a mark."""
    return Asker(hash(name), hash(("address", whence or name)), is_stranger=True)


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


def let_in(lane, *whose, whence=None):
    return [one for one in whose if not lane.enter(phone(one, whence))]


def answered(lane, *whose, seconds=0.1, status=200, whence=None):
    for one in whose:
        lane.left(phone(one, whence), seconds, status)


def begin(lane, *whose):
    """Each has been answered once."""
    for one in whose:
        assert let_in(lane, one)
        answered(lane, one)
    return whose


@pytest.mark.parametrize(
    ("method", "path", "facts", "is_so"),
    [
        ("POST", "/api/v1/sync/push", TOKEN, True),
        ("POST", "/api/v1/sync/push", COOKIE, True),
        ("POST", "/api/v1/sync/push", {}, True),
        ("post", "/api/v1/sync/push", TOKEN, True),
        ("GET", "/api/v1/sync/pull", TOKEN, True),
        ("GET", "/api/v1/sync/pull", COOKIE, True),
        ("GET", "/api/v1/sync/snapshot", COOKIE, True),
        ("PUT", "/api/v1/blobs/ab12", TOKEN, True),
        ("PUT", "/api/v1/blobs/ab12", COOKIE, False),
        ("PUT", "/api/v1/blobs/ab12", COOKIE | {"HTTP_AUTHORIZATION": "x"}, False),
        ("GET", "/api/v1/blobs/ab12", TOKEN, False),
        ("GET", "/api/v1/cases", TOKEN, False),
        ("POST", "/api/v1/sync/devices/1/key", TOKEN, False),
    ],
)
def test_what_phones_ask_in_bulk_is_told_from_what_desks_ask(method, path, facts, is_so):
    assert is_bulk(environ(method, path, **facts)) is is_so


def test_a_sign_in_is_one_asker_however_its_secret_is_sent_and_from_wherever():
    def known(*, behind_proxy=False, **facts):
        return asker(environ(**facts), behind_proxy=behind_proxy, key=KEY)

    token = known(**TOKEN)
    assert token == known(**COOKIE) == known(HTTP_AUTHORIZATION="Bearer   abc ")
    assert token == known(HTTP_AUTHORIZATION="Basic xyz", **COOKIE)
    assert token.whose == known(**TOKEN, REMOTE_ADDR="10.0.0.8").whose
    assert token.whose != known(HTTP_AUTHORIZATION="Bearer abd").whose
    nobody = known()
    assert nobody == known(HTTP_AUTHORIZATION="Bearer ") != known(REMOTE_ADDR="10.0.0.8")
    # What the proxy saw stands last; without a proxy anybody may write it.
    named = {"HTTP_X_FORWARDED_FOR": "1.1.1.1, 10.0.0.8"}
    assert known(**named) == nobody
    assert known(**named, behind_proxy=True) == known(REMOTE_ADDR="10.0.0.8")


def test_a_secret_that_was_given_out_is_told_from_one_that_was_made_up():
    def is_stranger(secret, key=KEY):
        sent = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
        cookie = {"HTTP_COOKIE": f"wangge_session={secret}"}
        found = {asker(environ(**facts), behind_proxy=False, key=key).is_stranger for facts in (sent, cookie)}
        assert len(found) == 1
        return found.pop()

    given = new_secret(KEY, 7)
    chance, _dot, mark = given.partition(".")
    assert not is_stranger(given)
    made_up = (
        "abc",
        "",
        ".",
        chance,
        f"{chance}.",
        f".{mark}",
        f"{chance[:-1]}.{mark}",
        f"{chance}.{mark[:-1]}",
        f"\xe9.{mark}",
    )
    assert all(is_stranger(one) for one in made_up)
    assert is_stranger(given, key="another's key")
    assert asker(environ(), behind_proxy=False, key=KEY).is_stranger


def test_so_many_new_ones_are_let_in_and_the_others_are_told_when(lane):
    answers = [lane.enter(phone(number)) for number in range(MOST_NEW + 5)]
    assert answers[:MOST_NEW] == [0] * MOST_NEW
    assert all(SOONEST_SECONDS <= seconds <= LATEST_SECONDS for seconds in answers[MOST_NEW:])


def test_who_has_begun_goes_on_while_new_ones_wait(lane):
    begin(lane, "begun")
    let_in(lane, *range(MOST_NEW))
    assert not let_in(lane, "new")
    assert let_in(lane, "begun")
    assert not let_in(lane, "new")


def test_there_is_an_end_to_those_who_have_begun_too_and_they_stay_so_when_they_are_turned_away(lane):
    begun = begin(lane, *range(MOST + 1))
    assert let_in(lane, *begun) == list(begun[:MOST])
    last = begun[MOST]
    answered(lane, *range(MOST_NEW))
    assert let_in(lane, last) == [last]


def test_one_sign_in_has_few_places_and_the_others_are_let_in_beside_it(lane):
    begin(lane, "begun")
    for whose in ("begun", "new"):
        assert len(let_in(lane, *[whose] * MOST)) == MOST_OF_ONE
        assert lane.enter(phone(whose)) == SOONEST_SECONDS
    assert not lane.outside
    assert let_in(lane, "another") == ["another"]
    answered(lane, "new")
    assert let_in(lane, "new", "new") == ["new"]


def test_one_account_has_few_places_however_often_it_signed_in(lane):
    def of(account, number):
        return Asker(hash((account, number)), hash(("address", number)), account=hash(account))

    for number in range(50):
        if not lane.enter(of("many", number)):
            lane.left(of("many", number), 0.1, 200)
    begun = [of("many", number) for number in range(50)]
    waiting = [one for one in begun for _ in range(MOST_OF_ONE) if not lane.enter(one)]
    assert len(waiting) == MOST_OF_ACCOUNT
    assert lane.enter(of("many", "a new sign-in")) == SOONEST_SECONDS
    assert not lane.outside, "nobody comes later for them"
    assert let_in(lane, *range(MOST_NEW - MOST_OF_ACCOUNT)) == list(range(MOST_NEW - MOST_OF_ACCOUNT))
    for one in waiting:
        lane.left(one, 0.1, 200)
    assert not lane.of_account[hash("many")]
    assert not lane.enter(of("many", 1))


def test_sign_ins_of_one_account_are_known_by_their_secrets_and_name_nobody():
    def known(secret):
        return asker(environ(HTTP_AUTHORIZATION=f"Bearer {secret}"), behind_proxy=False, key=KEY)

    one, two, other = known(new_secret(KEY, 7)), known(new_secret(KEY, 7)), known(new_secret(KEY, 8))
    assert one.whose != two.whose
    assert one.account == two.account != other.account
    # Whoever writes another account's sign into a secret has a secret that nobody was given.
    chance, _sign, mark = new_secret(KEY, 7).split(".")
    forged = known(f"{chance}.{new_secret(KEY, 8).split('.')[1]}.{mark}")
    assert (forged.is_stranger, forged.account) == (True, None)
    assert known("abc").account is None


def test_sign_ins_from_before_they_named_their_account_are_no_strangers():
    chance = "x" * 43
    before = f"{chance}.{_mark(chance, KEY)}"
    found = asker(environ(HTTP_AUTHORIZATION=f"Bearer {before}"), behind_proxy=False, key=KEY)
    assert (found.is_stranger, found.account) == (False, None)


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_who_was_only_refused_has_not_begun(lane, status):
    assert let_in(lane, "made up")
    known = lane.phones, lane.spent
    answered(lane, "made up", status=status)
    assert (lane.phones, lane.spent) == known
    let_in(lane, *range(MOST_NEW))
    assert not let_in(lane, "made up")


def test_a_refusal_does_not_undo_that_one_has_begun(lane):
    begin(lane, "begun")
    let_in(lane, "begun")
    answered(lane, "begun", status=409)
    let_in(lane, *range(MOST_NEW))
    assert let_in(lane, "begun")


def test_who_makes_secrets_up_takes_no_place_of_a_phone_from_however_many_addresses(lane):
    begin(lane, "begun")
    made_up = [stranger(f"made up {number}") for number in range(1_000)]
    waiting = [one for one in made_up if not lane.enter(one)]
    assert len(waiting) == MOST_STRANGERS
    # Nobody is told to come later for them.
    assert not lane.outside
    assert let_in(lane, *range(MOST_NEW + 5)) == list(range(MOST_NEW))
    assert let_in(lane, "begun") == ["begun"]
    for one in waiting:
        lane.left(one, 0.003, 401)
    assert not lane.strangers
    assert not lane.enter(made_up[-1])


def test_phones_behind_one_address_are_let_in_like_others_and_strangers_there_leave_room_for_strangers_elsewhere(
    lane,
):
    assert len(let_in(lane, *range(MOST_NEW + 5), whence="one address")) == MOST_NEW
    made_up = [stranger(number, "one address") for number in range(100)]
    assert sum(not lane.enter(one) for one in made_up) == MOST_STRANGERS_FROM_ONE < MOST_STRANGERS
    assert not lane.enter(stranger("an old sign-in"))


def test_a_stranger_whose_secret_holds_has_begun_like_everybody(lane):
    """Those who signed in before secrets had a mark."""
    old = [stranger(f"old {number}") for number in range(MOST_STRANGERS)]
    for one in old:
        assert not lane.enter(one)
    assert lane.enter(stranger("one more"))
    for one in old:
        lane.left(one, 0.1, 200)
    let_in(lane, *range(MOST_NEW))
    assert not any(lane.enter(one) for one in old)
    assert not lane.enter(stranger("one more")), "who has begun leaves the strangers' places"
    for one in old:
        lane.left(one, 0.1, 200)
    assert lane.strangers == {stranger("one more"): 1}


def test_nothing_is_kept_of_who_has_left(lane, clock):
    for number in range(1_000):
        let_in(lane, number)
        answered(lane, number, status=401)
    assert not lane.of_one
    assert not lane.of_account
    assert not lane.strangers
    assert not lane.begun
    begin(lane, *range(100))
    clock.now = BEGUN_SECONDS + 1
    begin(lane, *["new"] * 20)
    assert len(lane.begun) == 1


def test_who_was_silent_for_long_begins_anew(lane, clock):
    begin(lane, *(f"silent {number}" for number in range(50)))
    let_in(lane, *range(MOST_NEW))
    clock.now = BEGUN_SECONDS + 1
    assert not let_in(lane, "silent 49")


def test_the_more_wait_outside_the_later_they_come_again(lane, clock):
    random.seed(1)
    begin(lane, "begun")
    let_in(lane, *range(MOST_NEW))
    for _ in range(40):
        assert let_in(lane, "begun")
        answered(lane, "begun", seconds=0.5)
    first = [lane.enter(phone(f"outside {number}")) for number in range(20)]
    later = [lane.enter(phone(f"much later {number}")) for number in range(500)]
    assert max(first) < max(later) <= LATEST_SECONDS
    # Who comes again is not counted twice.
    outside = len(lane.outside)
    lane.enter(phone("outside 1"))
    assert len(lane.outside) == outside
    clock.now = LATEST_SECONDS * 3
    for number in range(outside):
        lane.enter(phone(f"new {number % 3}"))
    assert len(lane.outside) <= 3


@pytest.mark.parametrize("whence", [None, "one address"])
@pytest.mark.parametrize("cold", [1, 10])
def test_a_city_that_comes_at_once_is_through_in_little_more_than_the_work_takes(clock, cold, whence):
    """Two thousand phones of eight requests of 40 ms each, two threads, everybody within a minute; also when the first quarter of a
    minute is ten times as slow, and what is known of a phone's cost then is wrong; and behind one address.
    """
    random.seed(2)
    lane, threads, work = Lane(2, clock), 2, 0.0
    spent: dict[int, float] = {}
    coming = sorted((random.uniform(0, 60), number, 8) for number in range(2_000))
    free, asked, done = [0.0] * threads, 0, 0
    heapify(coming)
    while coming:
        clock.now, name, left = heappop(coming)
        if left < 0:  # an answer goes out
            lane.left(phone(name, whence), spent[name], 200)
            left = -left - 1
            done += left == 0
            if left:
                heappush(coming, (clock.now + 0.01, name, left))
            continue
        asked += 1
        if seconds := lane.enter(phone(name, whence)):
            heappush(coming, (clock.now + seconds, name, left))
            continue
        took = spent[name] = 0.04 * (cold if clock.now < 15 else 1)
        work += took / threads
        begins = max(clock.now, min(free))
        free[free.index(min(free))] = begins + took
        heappush(coming, (begins + took, name, -left))
    assert done == 2_000
    assert clock.now < work * 1.1
    assert asked < 2_000 * 8 * 2.5
