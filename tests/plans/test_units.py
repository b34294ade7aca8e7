"""What is told of homes to who draws grids: shares of sums of ten households and more that no plan chooses, so that nothing is left to subtract."""

import random
from collections import defaultdict
from datetime import date

import pytest
from tests import builders
from tests.builders import NOW
from tests.plans.test_workload import lives_alone
from tests.plans.towns import SOUTH, STEP, WEST, building, case_at, compound

from wangge.plans.queries.registers import called_on_in, minutes_in
from wangge.plans.rules.workload import MINUTES_A_CALL

SINCE = date(2025, 4, 15)


class Place:
    """Where nobody has drawn a grid yet."""

    def __init__(self, path):
        self.path = path


def strewn(town, chance):
    """Buildings of any size in both grids and in none, some of them in compounds, one of which a border cuts."""
    codes = [
        compound(town, number, WEST + number * STEP, SOUTH, town.grid_a if number < 2 else town.grid_b)
        for number in range(3)
    ]
    found, start = [], 0
    for number in range(36):
        at = [town.grid_a, town.grid_b, town.grid_b, Place(town.community.path)][number % 4]
        size = chance.choice([0, 1, 1, 2, 3, 5, 9, 10, 12])
        code = chance.choice([None, *codes])
        made = building(
            town, at, WEST + number * 0.0003, SOUTH + number * 0.0002, households=size, compound=code, start=start
        )  # fmt: skip
        made.size, made.compound = size, code
        found.append(made)
        start += size
    town.owner.commit()
    return found


def units(buildings):
    """By building its unit, found by hand: itself, its compound in its grid, its grid's rest, its community's rest; none of fewer than ten."""
    found = {each.id: each.id for each in buildings if each.size >= 10}
    for key in (
        lambda each: each.compound and (each.compound, each.path),
        lambda each: each.path,
        lambda each: ".".join(each.path.split(".")[:4]),
    ):
        together = defaultdict(list)
        for each in buildings:
            if each.id not in found and key(each):
                together[key(each)].append(each)
        for name, members in together.items():
            if sum(each.size for each in members) >= 10:
                found |= {each.id: name for each in members}
    return found


def call_on(town, visitor, homes):
    town.owner.execute(
        "insert into visits_visit (id, content_hash, household_id, path, day, happened_at, said_at, at, outcome, well, reasons,"
        " seen, source, revision, visitor_id)"
        " select gen_random_uuid(), '\\x00', id, path, '2026-03-01', now(), now(), now(), 'met', true, '{}', '', 'app', 1, %s"
        "   from households_household where id = any (%s)",
        [visitor, homes],
    )


def told(town):
    """All that the database tells of homes to who draws grids."""
    town.as_viewer("community")
    path = town.community.path
    return sorted(called_on_in(path, since=SINCE)), minutes_in(path, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_of_each_building_its_share_of_its_unit_is_told_and_nothing_else(town, seed):
    """So one sum less another is of whole units or of shares of them, whatever grids a plan cuts."""
    chance = random.Random(seed)
    buildings = strewn(town, chance)
    visitors = [town.accounts[name].pk for name in ("worker", "worker2")]
    unit, seen, asks = units(buildings), defaultdict(int), defaultdict(float)
    whole = defaultdict(int)
    for each in buildings:
        whole[unit.get(each.id)] += each.size
        for home in each.homes:
            for visitor in visitors:
                if chance.random() < 0.4:
                    call_on(town, visitor, [home])
                    seen[visitor, unit.get(each.id)] += 1
            needy = chance.random() < 0.3
            if needy:
                lives_alone(town, home, each.path)
            asks[unit.get(each.id)] += (12 if needy else 1) * MINUTES_A_CALL
    town.owner.commit()
    assert all(count >= 10 for name, count in whole.items() if name is not None)
    called, minutes = told(town)
    shares = {(account, building): households for account, building, households in called}
    for each in buildings:
        name = unit.get(each.id)
        for visitor in visitors:
            expected = seen[visitor, name] * each.size / whole[name] if name is not None and each.size else 0
            assert shares.get((visitor, str(each.id)), 0) == pytest.approx(expected)
        alike = asks[name] / whole[name] if name is not None and whole[name] else MINUTES_A_CALL
        assert minutes[str(each.id)] == pytest.approx(alike * each.size, abs=0.51)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_two_homes_of_a_unit_change_places_and_nothing_that_is_told_is_another(town, seed):
    """Whoever asks, and however often: who it is within the unit is in none of the answers."""
    chance = random.Random(100 + seed)
    buildings = strewn(town, chance)
    unit = units(buildings)
    members = defaultdict(list)
    for each in buildings:
        if each.id in unit:
            members[unit[each.id]].extend((home, each) for home in each.homes)
    shared = [homes for homes in members.values() if len({each.id for _home, each in homes}) > 1]
    assert shared
    worker = town.accounts["worker"].pk
    for homes in shared:
        (first, of_first), (second, of_second) = chance.sample(homes, 2)
        answers = []
        for home, each in ((first, of_first), (second, of_second)):
            lives_alone(town, home, each.path)
            call_on(town, worker, [home])
            town.owner.execute("update households_household set only_by_law = true where id = %s", [home])
            town.owner.commit()
            answers.append(told(town))
            town.owner.execute("delete from visits_visit")
            town.owner.execute("delete from households_careneed")
            town.owner.execute("update households_household set only_by_law = false where only_by_law")
            town.owner.commit()
        assert answers[0] == answers[1]
        assert answers[0] != told(town), "of the unit it is told"


@pytest.mark.django_db
def test_cases_at_a_small_house_are_its_unit_s_and_where_nobody_lives_they_are_its_own(town):
    house = building(town, town.grid_a, WEST, SOUTH, households=1)
    others = building(town, town.grid_a, WEST + 5 * STEP, SOUTH, households=9, start=10)
    shop = building(town, town.grid_a, WEST, SOUTH + 0.005, households=0)
    work = builders.item(town.owner)
    each = town.owner.execute("select minutes_per_case from catalogue_itemversion limit 1").fetchone()[0]
    for _number in range(10):
        case_at(town, work, town.grid_a, WEST, SOUTH)
    case_at(town, work, town.grid_a, WEST, SOUTH + 0.005)
    town.owner.commit()
    _called, minutes = told(town)
    assert minutes == {
        str(house.id): MINUTES_A_CALL + each,
        str(others.id): 9 * (MINUTES_A_CALL + each),
        str(shop.id): each,
    }


@pytest.mark.django_db
def test_of_what_is_in_no_unit_nothing_is_told(town):
    house = building(town, town.grid_a, WEST, SOUTH, households=9)
    work = builders.item(town.owner)
    case_at(town, work, town.grid_a, WEST, SOUTH)
    lives_alone(town, house.homes[0], house.path)
    call_on(town, town.accounts["worker"].pk, house.homes)
    town.owner.commit()
    assert told(town) == ([], {str(house.id): 9 * MINUTES_A_CALL})


@pytest.mark.django_db
def test_who_may_not_draw_grids_there_asks_in_vain(town):
    block = building(town, town.grid_a, WEST, SOUTH, households=10)
    call_on(town, town.accounts["worker"].pk, block.homes)
    town.owner.commit()
    for who, rows in (("community", 1), ("dispatcher", 0), ("worker", 0), ("far_community", 0)):
        town.as_viewer(who)
        assert len(called_on_in(town.community.path, since=SINCE)) == rows, who
