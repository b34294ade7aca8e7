"""Fields of a command over what is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from wangge.base.commands import merged
from wangge.base.problems import Changed, Invalid

values = some.sampled_from([None, "", "甲", "乙", 3])
sides = some.dictionaries(some.sampled_from(["name", "sex", "remark"]), some.tuples(values, values))


def edits(of):
    return {name: {"was": was, "is": made} for name, (was, made) in of.items()}


def test_what_was_changed_on_one_side_only_is_written():
    kept = {"name": "王明", "sex": "m", "remark": "改过"}
    change = {"name": {"was": "王明", "is": "王小明"}, "remark": {"was": "旧", "is": "旧"}}
    assert merged(change, kept, revision=4) == {"name": "王小明"}


def test_what_stands_already_as_it_is_wanted_is_no_conflict():
    assert merged({"name": {"was": "王", "is": "李"}}, {"name": "李"}, revision=2) == {}


def test_what_was_changed_on_both_sides_tells_what_is_kept_and_writes_nothing():
    change = {"name": {"was": "王", "is": "李"}, "sex": {"was": "m", "is": "f"}}
    with pytest.raises(Changed) as problem:
        merged(change, {"name": "张", "sex": "m"}, revision=7)
    assert problem.value.facts == {"current_revision": 7, "fields": {"name": "张"}}


def test_it_refuses_a_field_that_nobody_may_change():
    with pytest.raises(Invalid):
        merged({"path": {"was": "", "is": "x"}}, {"name": "张"}, revision=1)


@given(sides, some.fixed_dictionaries(dict.fromkeys(["name", "sex", "remark"], values)))
def test_a_field_is_written_kept_or_in_conflict_and_never_lost(of, kept):
    try:
        written = merged(edits(of), kept, revision=1)
    except Changed as problem:
        for name, value in problem.facts["fields"].items():
            was, made = of[name]
            assert value == kept[name]
            assert value not in (was, made)
            assert made != was
        return
    for name, (was, made) in of.items():
        after = {**kept, **written}[name]
        assert after == made or (made == was and after == kept[name])
    assert written.keys() <= of.keys()


@given(sides, some.fixed_dictionaries(dict.fromkeys(["name", "sex", "remark"], values)))
def test_the_same_command_again_writes_nothing(of, kept):
    try:
        after = {**kept, **merged(edits(of), kept, revision=1)}
    except Changed:
        return
    assert merged(edits(of), after, revision=2) == {}
