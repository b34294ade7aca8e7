"""Routing rules and ready texts go over to the grids that take households: a rule where most lived under it, a text wherever some did."""

from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from wangge.cases.rules import Rule
from wangge.cases.rules.carrying import LONGEST_NAME, Share, name_beside, rules_that_go

A, B, C, D = "A", "B", "C", "D"


def rule(number, grid, **facts):
    return Rule(number, f"city.{grid}", **{"tier": "township", **facts})


def by_grid(*rules):
    found = {}
    for one in rules:
        found.setdefault(one.path.rsplit(".", 1)[-1], []).append(one)
    return found


def went(rules, shares, ended):
    found = rules_that_go(by_grid(*rules), [Share(*share) for share in shares], ended=ended)
    return {(one.rule.id, one.to) for one in found}


def test_both_halves_of_a_grid_that_is_split_get_its_rule():
    assert went([rule(1, A)], [(A, B, 60), (A, C, 40)], [A]) == {(1, B), (1, C)}


def test_the_larger_of_two_that_become_one_brings_its_rule_and_the_smaller_ones_holds_nowhere():
    shares = [(A, C, 60), (B, C, 40)]
    assert went([rule(1, A), rule(2, B, item="lamp")], shares, [A, B]) == {(1, C), (2, "")}
    assert went([rule(1, A), rule(2, B, item="lamp")], [(A, C, 50), (B, C, 50)], [A, B]) == {(1, ""), (2, "")}


def test_two_grids_with_the_same_rule_count_together():
    same = [rule(1, A, item="lamp"), rule(2, B, item="lamp"), rule(3, D)]
    assert went(same, [(A, C, 30), (B, C, 30), (D, C, 40)], [A, B, D]) == {(1, C), (3, "")}


def test_a_grid_that_goes_on_keeps_its_own_rule_for_the_same_cases():
    own, coming = rule(1, B, department="fire"), rule(2, A)
    assert went([own, coming], [(A, B, 90), (B, B, 10)], [A]) == {(2, "")}
    other = rule(2, A, item="lamp")
    assert went([own, other], [(A, B, 90), (B, B, 10)], [A]) == {(2, B)}


def test_what_the_heir_has_already_is_neither_copied_nor_lost():
    assert went([rule(1, A), rule(2, B)], [(A, B, 10), (B, B, 90)], [A]) == set()


def test_of_two_rules_of_a_grid_for_the_same_cases_the_newer_goes():
    assert went([rule(1, A), rule(2, A, tier="county")], [(A, B, 10)], [A]) == {(2, B)}


def test_a_grid_that_goes_on_gives_its_rule_to_one_that_begins_out_of_it():
    assert went([rule(1, A)], [(A, A, 60), (A, B, 40)], []) == {(1, B)}


_grids = st.sampled_from("ABCDEF")


@bounded(deadline=None, max_examples=200)
@given(
    st.lists(
        st.tuples(_grids, st.sampled_from(["", "lamp", "road"]), st.sampled_from(["township", "county"]))
    ),
    st.lists(st.tuples(_grids, _grids, st.integers(1, 500)), unique_by=lambda one: one[:2]),
    st.sets(_grids),
)
def test_no_rule_of_an_ended_grid_goes_unsaid_and_none_holds_for_a_minority(made, shares, ended):
    rules = [rule(n, grid, item=item, tier=tier) for n, (grid, item, tier) in enumerate(made, start=1)]
    found = rules_that_go(by_grid(*rules), [Share(*share) for share in shares], ended=ended)
    latest = {(one.path, one.item): one for one in rules}
    for one in found:
        assert latest[(one.rule.path, one.rule.item)] == one.rule
        if not one.to:
            assert one.rule.path[-1] in ended
            continue
        alike = {
            code
            for code in "ABCDEF"
            if (held := latest.get((f"city.{code}", one.rule.item))) and held.tier == one.rule.tier
        }
        coming = [share for share in shares if share[1] == one.to]
        assert 2 * sum(share[2] for share in coming if share[0] in alike) > sum(share[2] for share in coming)
        assert (f"city.{one.to}", one.rule.item) not in latest
    assert len({(one.to, one.rule.item) for one in found if one.to}) == sum(bool(one.to) for one in found)


@given(st.text(min_size=1, max_size=LONGEST_NAME), st.integers(0, 12))
def test_a_text_beside_another_of_its_name_says_from_which_grid_it_comes(name, others):
    taken = [name]
    for _ in range(others):
        taken.append(name_beside(name, "一网格", taken))
    assert len(set(taken)) == others + 1
    assert all(len(each) <= LONGEST_NAME for each in taken)
    assert name_beside("另一个", "一网格", []) == "另一个"
