"""A case on the border of two grids is on the phones of both, and leaves the one whose border it lies on no more."""

import pytest
from tests import builders
from tests.sync.test_pull import everything, gone, pull, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(town):
    return town.add(builders.item)


def holds(town, name, case):
    return ("case", str(case.pk)) in everything(town.as_viewer(name))[0]


def test_both_grids_of_a_border_are_given_the_case_at_first(town, item):
    case = town.add(builders.case, item, town.grid_a, border_ids=[town.grid_b.code])
    assert [holds(town, name, case) for name in ("worker", "worker2", "community")] == [True, True, True]
    assert not holds(town, "far_worker", case)


def test_both_are_told_of_its_changes(town, item):
    cursors = {name: everything(town.as_viewer(name))[1] for name in ("worker", "worker2")}
    case = town.add(builders.case, item, town.grid_a, border_ids=[town.grid_b.code])
    for name, cursor in cursors.items():
        first = pull(town.as_viewer(name), cursor)
        assert told(first) == {str(case.pk)}
        cursors[name] = first.cursor
    town.run("update cases_case set title = '井盖松动' where id = %s", [case.pk])
    for name, cursor in cursors.items():
        (change,) = (one for one in pull(town.as_viewer(name), cursor).changes if one.kind == "case")
        assert change.fields["title"] == "井盖松动"


def test_a_case_that_lies_on_the_border_no_more_is_gone_there_and_stays_here(town, item):
    case = town.add(builders.case, item, town.grid_a, border_ids=[town.grid_b.code])
    here, there = (everything(town.as_viewer(name))[1] for name in ("worker", "worker2"))
    town.run("update cases_case set border_ids = '{}' where id = %s", [case.pk])
    assert gone(pull(town.as_viewer("worker2"), there)) == {str(case.pk)}
    assert told(pull(town.as_viewer("worker"), here)) == {str(case.pk)}


def test_a_case_that_changes_sides_stays_on_both_phones(town, item):
    case = town.add(builders.case, item, town.grid_a, border_ids=[town.grid_b.code])
    here, there = (everything(town.as_viewer(name))[1] for name in ("worker", "worker2"))
    town.run(
        "update cases_case set path = %s, grid_id = %s, border_ids = %s where id = %s",
        [town.grid_b.path, town.grid_b.code, [town.grid_a.code], case.pk],
    )
    assert told(pull(town.as_viewer("worker"), here)) == {str(case.pk)}
    assert told(pull(town.as_viewer("worker2"), there)) == {str(case.pk)}
    noted = town.rows("select path::text, gone from sync_touched where kind = 'case'")
    assert set(noted) == {(town.grid_a.path, False), (town.grid_b.path, False)}


def test_one_that_becomes_confidential_is_gone_from_both(town, item):
    case = town.add(builders.case, item, town.grid_a, border_ids=[town.grid_b.code])
    cursors = {name: everything(town.as_viewer(name))[1] for name in ("worker", "worker2")}
    town.run("update cases_case set confidential = true where id = %s", [case.pk])
    for name, cursor in cursors.items():
        assert gone(pull(town.as_viewer(name), cursor)) == {str(case.pk)}
        assert not holds(town, name, case)


def test_a_case_of_the_community_itself_is_on_its_leads_phone_and_on_no_workers(town, item):
    lead, worker = (everything(town.as_viewer(name))[1] for name in ("community", "worker"))
    case = town.add(builders.case, item, town.community)
    assert told(pull(town.as_viewer("community"), lead)) == {str(case.pk)}
    assert told(pull(town.as_viewer("worker"), worker)) == set()
    assert [holds(town, name, case) for name in ("community", "worker")] == [True, False]


def test_a_case_that_the_grid_hands_up_to_the_community_stays_on_the_workers_phone(town, item):
    case = town.add(
        builders.case, item, town.grid_a, holder_path=town.community.path, holder_level="community"
    )
    assert holds(town, "worker", case)
