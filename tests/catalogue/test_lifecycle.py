"""Admission (准入): what the one table promises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.access import Verb
from wangge.catalogue import lifecycle
from wangge.catalogue.lifecycle import STATES, STEP_NAMES, STEPS, StepNotAllowed, line_of, next_state


def test_a_proposal_is_reviewed_then_admitted_then_retired():
    state = lifecycle.FIRST
    for step, expected in (("review", "reviewed"), ("admit", "admitted"), ("retire", "retired")):
        state = next_state(state, step)
        assert state == expected


@pytest.mark.parametrize("state", ["proposed", "reviewed"])
def test_what_is_not_yet_admitted_can_be_declined(state):
    assert next_state(state, "decline") == "declined"


def test_nothing_is_admitted_without_review():
    with pytest.raises(StepNotAllowed):
        next_state("proposed", "admit")


def test_an_admitted_item_is_retired_not_declined():
    with pytest.raises(StepNotAllowed):
        next_state("admitted", "decline")


@pytest.mark.parametrize("state", ["retired", "declined"])
@pytest.mark.parametrize("step", STEP_NAMES)
def test_nothing_leads_out_of_an_end(state, step):
    with pytest.raises(StepNotAllowed):
        next_state(state, step)


def test_exactly_the_lines_of_the_table_are_allowed():
    allowed = {}
    for state in STATES:
        for step in STEP_NAMES:
            try:
                allowed[state, step] = next_state(state, step)
            except StepNotAllowed:
                continue
    assert allowed == {
        ("proposed", "review"): "reviewed",
        ("proposed", "decline"): "declined",
        ("reviewed", "admit"): "admitted",
        ("reviewed", "decline"): "declined",
        ("admitted", "retire"): "retired",
    }


def test_no_two_lines_leave_a_state_by_the_same_step():
    assert len({(line.source, line.step) for line in STEPS}) == len(STEPS)


def test_every_step_needs_a_verb_that_duties_can_carry():
    known = {str(verb) for verb in Verb}
    assert {line.verb for line in STEPS} | {lifecycle.PROPOSE_VERB} <= known


def test_who_only_reviews_cannot_admit_and_who_admits_decides_on_the_reviewed():
    assert line_of("proposed", "review").verb == line_of("proposed", "decline").verb == "item.review"
    assert {line_of("reviewed", step).verb for step in ("admit", "decline")} == {"item.admit"}
    assert line_of("admitted", "retire").verb == "item.admit"


def test_a_refused_step_says_from_where_and_what_would_be_possible():
    with pytest.raises(StepNotAllowed) as refusal:
        next_state("proposed", "retire")
    assert isinstance(refusal.value, LookupError)
    assert (refusal.value.state, refusal.value.step) == ("proposed", "retire")
    assert refusal.value.possible == ("review", "decline")
    assert "review, decline" in str(refusal.value)


@given(st.text(max_size=12), st.text(max_size=12))
def test_unknown_states_and_steps_are_refused_not_guessed(state, step):
    if (state, step) not in {(line.source, line.step) for line in STEPS}:
        with pytest.raises(StepNotAllowed):
            next_state(state, step)


@given(st.lists(st.sampled_from(STEP_NAMES), max_size=12))
def test_no_sequence_of_steps_leaves_the_table_or_is_admitted_unreviewed(steps):
    state, seen = lifecycle.FIRST, [lifecycle.FIRST]
    for step in steps:
        try:
            state = next_state(state, step)
        except StepNotAllowed:
            continue
        seen.append(state)
    assert set(seen) <= set(STATES)
    assert len(seen) == len(set(seen)), "a state came back"
    assert "admitted" not in seen or seen.index("reviewed") < seen.index("admitted")
