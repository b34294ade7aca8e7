"""Likely duplicates and what happens nearby: found by squares, measured in metres, explained by item and words."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases import grown
from tests.cases.grown import (
    CITY,
    COUNTIES,
    GRIDS,
    NOW,
    ask,
    case_row,
    code_of,
    insert_cases,
    run,
    seat,
    viewer,
)

from wangge.base.text import bigrams
from wangge.cases.queries.similar import similar_cases
from wangge.cases.rules.likeness import cell_of, cells_within, metres_between, shared_words

GRID = GRIDS[0]
CENTRE = viewer(seat(f"{CITY}.{COUNTIES[0]}"), account_id=1)
HERE = {"lon": 119.3, "lat": 34.7}
METRE = 1 / 111_195  # of latitude, in degrees

near = st.floats(-0.02, 0.02)


@given(st.floats(-179, 179), st.floats(-70, 70), near, near, st.floats(1, 2_000))
def test_whatever_lies_within_the_metres_lies_in_one_of_the_squares(lon, lat, aside, up, metres):
    if metres_between(lon, lat, lon + aside, lat + up) <= metres:
        assert cell_of(lon + aside, lat + up) in cells_within(lon, lat, metres)


def test_three_hundred_metres_in_china_touch_nine_squares_at_most():
    for lat in (18.2, 34.7, 45.0, 53.5):
        assert all(len(cells_within(119.3 + n / 1_000, lat, 300)) <= 9 for n in range(20))


def test_distances_are_those_on_the_earth():
    assert metres_between(119.3, 34.7, 119.3, 34.7 + 100 * METRE) == pytest.approx(100, abs=0.5)
    assert metres_between(0, 0, 180, 0) == pytest.approx(20_015_000, rel=0.01)


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("三号楼路灯不亮", "路灯不亮三天了", ("路灯不亮",)),
        ("井盖缺失", "井盖没了", ("井盖",)),
        ("我们小区有人", "小区有人", ("小区有人",)),
        ("小区里", "小区外", ()),
        ("电梯困人", "manhole", ()),
        ("Manhole cover loose", "the manhole is open", ("manhole",)),
    ],
)
def test_shared_pairs_are_words_again(one, other, words):
    assert shared_words(bigrams(one), bigrams(other)) == words


@given(st.text("路灯不亮坏了三天ab ", max_size=30), st.text("路灯不亮坏了三天ab ", max_size=30))
def test_a_shared_word_stands_in_both(one, other):
    for word in shared_words(bigrams(one), bigrams(other)):
        for text in (one, other):
            assert all(pair in bigrams(text) for pair in bigrams(word))


@pytest.fixture
def alone(django_db_setup, django_db_blocker):
    with grown.built(django_db_blocker):
        grown.make_areas()
        grown.make_catalogue()
        yield


def numbered(found):
    return [each.case.id.int & 0xFFFF for each in found]


def test_the_same_work_nearby_comes_first_and_says_why(alone):
    insert_cases([
        case_row(GRID, n=1, at=NOW, lat=34.7 + 40 * METRE),
        case_row(GRID, n=2, at=NOW, lat=34.7 + 200 * METRE, item="M90-01", title="垃圾清运不及时"),
        case_row(GRID, n=3, at=NOW, lat=34.7 + 400 * METRE),
        case_row(GRID, n=4, at=NOW - timedelta(days=9), state="closed"),
        case_row(GRID, n=5, at=NOW - timedelta(days=90), lat=34.7 + 90 * METRE, item="M90-01", title="灯杆歪了"),
        case_row(GRID, n=6, at=NOW - timedelta(days=90), state="closed"),
        case_row(GRID, n=7, at=NOW, state="cancelled"),
    ])  # fmt: skip
    found = similar_cases(ask(CENTRE), **HERE, item="S90-01", words="路灯不亮了", at=NOW)
    # What shares something first, open before closed; then what is merely near, also an old one; nothing cancelled or far.
    assert numbered(found) == [1, 4, 5, 2]
    assert (found[0].metres, found[0].same_item, found[0].shared_words) == (40, True, ("路灯不亮",))
    assert (found[2].same_item, found[2].shared_words) == (False, ())
    assert not found[1].is_open


def test_words_that_stand_in_most_other_reports_around_tell_nothing(alone):
    items = ("S90-01", "M90-01", "V90-01") * 2
    rows = [case_row(GRID, n=n, at=NOW, item=item, title=f"巡查时发现，荷花街，{what}") for n, (item, what) in enumerate(
        zip(items, ("垃圾", "井盖", "路灯", "噪音", "占道", "违停"), strict=True), start=1
    )]  # fmt: skip
    insert_cases(rows)
    reader = viewer(seat(f"{CITY}.{COUNTIES[0]}", confidential=True), account_id=1)
    found = similar_cases(ask(reader), **HERE, words="巡查时发现，荷花街，井盖缺失", at=NOW)
    assert numbered(found)[0] == 2
    assert found[0].shared_words == ("井盖",)
    assert all(each.shared_words == () for each in found[1:])


def test_many_reports_of_one_thing_take_no_word_away(alone):
    insert_cases([case_row(GRID, n=n, at=NOW) for n in range(1, 6)])
    assert all(
        each.shared_words == ("路灯不亮",)
        for each in similar_cases(ask(CENTRE), **HERE, words="路灯不亮", at=NOW)
    )


def test_a_case_is_not_like_itself(alone):
    row = case_row(GRID, n=1, at=NOW)
    insert_cases([row])
    assert similar_cases(ask(CENTRE), **HERE, at=NOW, but=UUID(row["id"])) == []


def test_only_what_the_viewer_may_see_is_found(alone):
    insert_cases([case_row(GRID, n=1, at=NOW), case_row(GRID, n=2, at=NOW, item="V90-01")])
    stranger = viewer(seat(GRIDS[-1], ("walk",)), account_id=9)
    assert similar_cases(ask(stranger), **HERE, at=NOW) == []
    assert numbered(similar_cases(ask(CENTRE), **HERE, at=NOW)) == [1]  # the second is confidential


def test_without_a_point_the_area_and_item_or_words_decide(alone):
    insert_cases([
        case_row(GRID, n=1, at=NOW, lon=None, lat=None),
        case_row(GRID, n=2, at=NOW, item="M90-01", title="垃圾清运不及时"),
        case_row(GRIDS[1], n=3, at=NOW),
    ])  # fmt: skip
    place = {"lon": None, "lat": None, "area": code_of(GRID)}
    found = similar_cases(ask(CENTRE), **place, item="S90-01", at=NOW)
    assert numbered(found) == [1]
    assert found[0].metres is None
    assert numbered(similar_cases(ask(CENTRE), **place, words="没有清运", at=NOW)) == [2]


def drop_indexes_but_those_of_cells():
    """Until the test's end: in a small table the planner likes one as well as another, by what it last counted there."""
    others = run(
        "select indexrelid::regclass from pg_index where indrelid = 'cases_case'::regclass and not indisunique"
        " and indexrelid::regclass::text not like '%of_cell'"
    )
    for (index,) in list(others):
        run(f"drop index {index}")


def test_squares_are_looked_up_in_their_index_below_the_row_policy(alone):
    insert_cases([case_row(GRID, n=1, at=NOW)])
    drop_indexes_but_those_of_cells()
    ask(CENTRE)
    run("set local enable_seqscan = off")
    from wangge.cases.queries.similar import _IN_SQUARES

    ask_for = {"places": cells_within(119.3, 34.7, 300), "old": NOW, "since": NOW, "most": 60}
    plan = "\n".join(line for (line,) in run("explain " + _IN_SQUARES, ask_for))
    assert plan.count("cases_case_of_cell") + plan.count("cases_case_open_of_cell") == 2, plan
    assert "Sort" not in plan, plan
