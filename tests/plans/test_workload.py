"""Work in minutes: sums by building that tell of nobody, and plans that make them alike."""

from datetime import date, timedelta

import numpy as np
import pytest
from tests import builders
from tests.builders import NOW
from tests.plans.towns import SOUTH, STEP, WEST, building, case_at, laid_out

from wangge.base.ids import new_id
from wangge.plans import actions
from wangge.plans.queries import plans as queries
from wangge.plans.queries.registers import minutes_in
from wangge.plans.rules.workload import MINUTES_A_CALL, calls_a_year
from wangge.visits.rules import shipped_rules


def lives_alone(town, home, path):
    """Somebody there is called on each month."""
    who = new_id()
    town.owner.execute(
        "insert into households_resident (id, household_id, name, residency, phone_tail, sex, relation, made_up, revision, path)"
        " values (%s, %s, '某', 'permanent', '', '', '', true, 1, %s::ltree)",
        [who, home, path],
    )
    town.owner.execute(
        "insert into households_careneed (id, resident_id, kind, basis, law, consent_by, from_on, until, revision, path)"
        " values (%s, %s, 'living_alone', 'law', '法', '', %s, %s, 1, %s::ltree)",
        [new_id(), who, date(2026, 1, 1), date(2030, 1, 1), path],
    )


def minutes(town):
    town.as_viewer("community")
    return minutes_in(town.community.path, now=NOW)


def test_calls_are_counted_by_the_rules():
    calls = calls_a_year(shipped_rules())
    assert calls[""] == 1
    assert calls["living_alone"] == 12
    assert calls["elder"] == 4


@pytest.mark.django_db
def test_needs_and_cases_add_to_a_building_and_confidential_ones_do_not(town):
    laid = laid_out(town)
    first, second = laid[0].buildings
    lives_alone(town, first.homes[0], first.path)
    work = builders.item(town.owner)
    each = town.owner.execute("select minutes_per_case from catalogue_itemversion limit 1").fetchone()[0]
    case_at(town, work, town.grid_a, laid[0].lon, laid[0].lat)
    case_at(town, work, town.grid_a, laid[0].lon, laid[0].lat, confidential=True)
    case_at(town, work, town.grid_a, laid[0].lon, laid[0].lat, reported_at=NOW - timedelta(days=400))
    town.owner.commit()
    found = minutes(town)
    assert len(found) == 80
    assert found[str(second.id)] == 10 * MINUTES_A_CALL
    assert found[str(first.id)] == 10 * MINUTES_A_CALL + 11 * MINUTES_A_CALL + each


@pytest.mark.django_db
def test_a_small_building_does_not_tell_who_in_it_has_a_need(town):
    small = [
        building(town, town.grid_a, WEST + at * STEP, SOUTH, households=4, start=at * 10) for at in range(3)
    ]
    lives_alone(town, small[0].homes[0], small[0].path)
    town.owner.commit()
    found = minutes(town)
    assert len({found[str(each.id)] for each in small}) == 1, "what one asks for is shared among all of them"
    assert sum(found.values()) == pytest.approx(12 * MINUTES_A_CALL + 11 * MINUTES_A_CALL, abs=2)


@pytest.mark.django_db
def test_where_even_all_small_buildings_are_few_nothing_is_told(town):
    one = building(town, town.grid_a, WEST, SOUTH, households=3)
    lives_alone(town, one.homes[0], one.path)
    town.owner.commit()
    assert minutes(town) == {str(one.id): 3 * MINUTES_A_CALL}


@pytest.mark.django_db
def test_nobody_counts_work_outside_their_areas(town):
    laid_out(town)
    town.as_viewer("far_centre")
    assert minutes_in(town.community.path, now=NOW) == {}


@pytest.mark.django_db
def test_a_plan_makes_minutes_alike_within_the_bounds_of_households(town):
    laid = laid_out(town)
    # In the west more is asked for: the same households are twice the work.
    for compound in laid[:12]:
        for each in compound.buildings:
            lives_alone(town, each.homes[0], each.path)
    town.owner.commit()
    viewer = town.as_viewer("community")
    said = {"area": town.community.code, "unit": "building", "low": 120, "high": 320, "now": NOW}
    plain = actions.begin_plan(viewer, name="按户数", **said)
    alike = actions.begin_plan(viewer, name="按工作量", weigh="minutes", **said)
    assert alike.weigh == "minutes"
    assert alike.figures["outside"] == plain.figures["outside"] == 0

    def spread(plan):
        return plan.figures["hours_most"] / plan.figures["hours_least"]

    assert spread(alike) < min(1.4, spread(plain))
    hours = [grid.figures["hours_a_week"] for grid in queries.grids_of(viewer, alike)]
    assert max(hours) == pytest.approx(alike.figures["hours_most"], abs=0.11)
    better = actions.improve_plan(viewer, alike.id, revision=1, now=NOW)
    assert spread(better) < 1.5
    content = queries.content_by_plan(alike)
    assert content.minutes.sum() == np.round(sum(minutes(town).values()))


@pytest.mark.django_db
def test_a_small_building_does_not_tell_who_wishes_no_more_visits_than_the_law_asks(town):
    small = [
        building(town, town.grid_a, WEST + at * STEP, SOUTH, households=4, start=at * 10) for at in range(3)
    ]
    town.owner.execute(
        "update households_household set only_by_law = true where id = any (%s)", [small[0].homes[:3]]
    )
    town.owner.commit()
    found = minutes(town)
    assert len({found[str(each.id)] for each in small}) == 1
    assert sum(found.values()) == pytest.approx(9 * MINUTES_A_CALL, abs=2)


@pytest.mark.django_db
def test_where_even_all_small_buildings_are_few_each_household_counts_as_any(town):
    one = building(town, town.grid_a, WEST, SOUTH, households=3)
    empty = building(town, town.grid_a, WEST + STEP, SOUTH, households=0)
    town.owner.execute("update households_household set only_by_law = true where id = %s", [one.homes[0]])
    town.owner.commit()
    assert minutes(town) == {str(one.id): 3 * MINUTES_A_CALL, str(empty.id): 0}
