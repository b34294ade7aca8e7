"""Searches and proofs take turns by who asked, and so many run on the machine, not more."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NOW
from tests.plans.test_drafting import begun
from tests.plans.towns import laid_out
from tests.plans.unending import slowly

from wangge.plans import actions
from wangge.plans.actions import proving, turns
from wangge.plans.models import Search
from wangge.plans.rules.turns import Waiting, next_turns


def waits(account, minute, number=0):
    return Waiting(account, NOW + timedelta(minutes=minute), "320700000000", UUID(int=number))


def given_out(waiting, places, running=None, last=None):
    return [(one.account, one.id.int) for one in next_turns(waiting, running or {}, last or {}, places)]


def test_who_asked_late_comes_before_another_s_second():
    many = [waits("a", 0, number) for number in range(5)]
    assert given_out([*many, waits("b", 9, 9), waits("c", 8, 8)], 3) == [("a", 0), ("c", 8), ("b", 9)]


def test_with_one_place_the_one_whose_turn_is_longest_ago_comes_next():
    waiting = [waits("a", 0, 1), waits("b", 5, 2)]
    assert given_out(waiting, 1, last={"a": 1}) == [("b", 2)]
    assert given_out(waiting, 1, last={"a": 1, "b": 2}) == [("a", 1)]


def test_who_has_something_running_waits_for_who_has_nothing():
    waiting = [waits("a", 0, 1), waits("b", 5, 2)]
    assert given_out(waiting, 2, running={"a": 1}, last={"a": 1, "b": 2}) == [("b", 2)]


def test_one_account_never_has_all_places_so_that_who_asks_finds_one_free():
    own = [waits("a", 0, number) for number in range(9)]
    assert len(given_out(own, 8)) == 7
    assert given_out(own, 2, running={"a": 1}) == []
    assert given_out([*own, waits("b", 9, 9)], 2, running={"a": 1}) == [("b", 9)]
    assert len(given_out(own, 1)) == 1, "where there is one place, it is everybody's in turn"


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 9)), max_size=20),
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 3)),
    st.integers(0, 8),
)
def test_places_are_filled_and_nobody_is_two_ahead_of_who_waits(asked, running, free):
    waiting = [waits(account, minute, number) for number, (account, minute) in enumerate(asked)]
    places = free + sum(running.values())
    given_turns = next_turns(waiting, running, {}, places)
    most_own = max(places - 1, 1)
    could = sum(
        min(count, max(most_own - running.get(account, 0), 0))
        for account, count in Counter(one.account for one in waiting).items()
    )
    assert len(given_turns) == min(free, could)
    assert len({one.id for one in given_turns}) == len(given_turns)
    left = [one for one in waiting if one not in given_turns]
    mine = Counter(one.account for one in given_turns)
    for one in left:
        for account, count in mine.items():
            had = running.get(account, 0)
            others = running.get(one.account, 0) + mine[one.account]
            assert had + count <= max(had + 1, others + 1) or others >= most_own
            assert had + count <= max(most_own, had)
        assert all(done.since <= one.since for done in given_turns if done.account == one.account), (
            "of one account the first comes first"
        )


def test_a_search_waits_for_no_second_community_of_another_s_proof(town, open_db, monkeypatch):
    """One place: the township proves, then asks for two searches; the community asks last, and is next."""
    laid_out(town)
    monkeypatch.setattr(proving, "prove_apart", slowly)
    begun_searches = []

    def look():
        return actions.take_turns(
            now=NOW, begin_search=lambda *search: begun_searches.append(search[1]), seconds=0, most=1
        )

    monkeypatch.setattr(turns, "_LAST", {})
    said = {"area": town.community.code, "name": "比选", "curve": 2, "seconds": 10, "now": NOW}
    try:
        with transaction.atomic():
            viewer = town.as_viewer("township")
            plan = begun(viewer, town, low=150, high=250)
            actions.ask_proof(viewer, plan.id, now=NOW - timedelta(hours=1))
            actions.begin_search(viewer, **said)
            theirs = actions.begin_search(town.as_viewer("community"), **said)
        assert look() == 1
        assert not begun_searches, "the only place is taken"
        with transaction.atomic():
            actions.stop_proof(town.as_viewer("township"), plan.id, now=NOW)
        look()
        assert begun_searches == [theirs.id]
        look()
        assert len(begun_searches) == 1
        with transaction.atomic():
            town.as_system()
            Search.objects.filter(id=theirs.id).update(state="done")
        look()
        assert len(begun_searches) == 2
    finally:
        proving.end_runs()
