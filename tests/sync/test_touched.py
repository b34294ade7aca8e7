"""What the triggers note of changes: which record, in which place, by which transaction."""

import pytest
from tests import builders

pytestmark = pytest.mark.django_db


def touched(town, kind):
    return {
        (row_id, path, gone)
        for row_id, path, gone in town.rows(
            "select row_id, path::text, gone from sync_touched where kind = %s", [kind]
        )
    }


@pytest.fixture
def item(town):
    return town.add(builders.item)


def test_a_new_case_is_noted_in_its_grid(town, item):
    case = town.add(builders.case, item, town.grid_a)
    assert touched(town, "case") == {(str(case.pk), town.grid_a.path, False)}


def test_a_confidential_case_is_not_and_one_that_becomes_so_is_gone(town, item):
    town.add(builders.case, item, town.grid_a, confidential=True)
    assert touched(town, "case") == set()
    case = town.add(builders.case, item, town.grid_a)
    town.run("update cases_case set confidential = true where id = %s", [case.pk])
    assert touched(town, "case") == {(str(case.pk), town.grid_a.path, True)}


def test_a_record_that_moves_is_gone_here_and_new_there(town, item):
    case = town.add(builders.case, item, town.grid_a)
    town.run("update cases_case set path = %s where id = %s", [town.grid_b.path, case.pk])
    assert touched(town, "case") == {
        (str(case.pk), town.grid_a.path, True),
        (str(case.pk), town.grid_b.path, False),
    }


def test_an_item_is_noted_at_the_root(town, item):
    assert touched(town, "item") == {(item.pk, town.city.path, False)}


def test_a_statement_of_very_many_rows_notes_the_place_alone(town, item):
    one = town.add(builders.case, item, town.grid_a)
    town.run("truncate sync_touched")
    columns = [
        name
        for (name,) in town.rows(
            "select attname from pg_attribute where attrelid = 'cases_case'::regclass and attnum > 0"
            " and not attisdropped and attgenerated = '' and attname not in ('id', 'number')"
        )
    ]
    named = ", ".join(f'"{name}"' for name in columns)
    town.run(
        f"insert into cases_case (id, number, {named}) select gen_random_uuid(), 'x' || n, {named}"
        " from cases_case, generate_series(1, 501) n where id = %s",
        [one.pk],
    )
    assert touched(town, "case") == {("*", town.grid_a.path, False)}
