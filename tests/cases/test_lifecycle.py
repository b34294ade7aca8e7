"""The table of steps itself: no dead end, no unknown state, no case that nobody can move."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.cases.lifecycle import OPEN, STATES, STEPS, TABLE, NoSuchStep, diagram, next_step, steps_from

FACTS = sorted({fact for line in TABLE for fact in line.when})


def test_every_state_of_the_table_is_a_known_state_and_is_reached():
    assert {line.source for line in TABLE} | {line.target for line in TABLE} <= set(STATES)
    assert {line.target for line in TABLE} | {"reported"} == set(STATES)


@pytest.mark.parametrize("state", OPEN)
def test_from_every_open_state_a_desk_can_move_on_without_any_special_fact_but_the_work_done(state):
    plain = {"others_done", "mended", "another_person", "witnessed", "from_accepted", "from_dispatched"}
    assert any(
        line.source == state
        and line.who in ("desk", "handler")
        and line.when <= plain
        and line.target != state
        for line in TABLE
    )


@pytest.mark.parametrize("state", OPEN)
def test_every_open_state_can_come_to_an_end(state):
    reached, todo = set(), [state]
    while todo:
        here = todo.pop()
        reached.add(here)
        todo += [line.target for line in TABLE if line.source == here and line.target not in reached]
    assert "closed" in reached


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.sets(st.sampled_from(FACTS))), max_size=40))
def test_no_sequence_of_steps_leaves_the_table(steps):
    state = "reported"
    for step, facts in steps:
        try:
            line = next_step(state, step, facts)
        except NoSuchStep:
            continue
        assert line.source == state
        assert line.when <= facts
        state = line.target
        assert state in STATES


def test_a_merged_case_is_at_its_end_and_a_closed_one_can_only_be_rated_or_reopened():
    assert steps_from("merged") == ()
    assert set(steps_from("closed")) == {"rate", "reopen"}


def test_the_handler_cannot_be_the_verifier():
    with pytest.raises(NoSuchStep) as refused:
        next_step("handled", "verify", {"mended"})
    assert "another_person" in refused.value.args


def test_the_diagram_shows_every_line():
    drawn = diagram()
    assert all(f"{line.source} --> {line.target}" in drawn for line in TABLE)
