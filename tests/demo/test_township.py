"""The doors of the made-up township's buildings; the tour of the docs registers and divides all of them."""

import pytest

from wangge.demo.actions.township import _doors


@pytest.mark.parametrize("households", [1, 2, 3, 17, 60])
def test_each_household_of_a_building_has_a_door_of_its_own(households):
    doors = list(_doors(households))
    assert len(set(doors)) == len(doors) == households


def test_a_house_of_one_household_is_its_door_and_a_block_has_two_staircases():
    assert list(_doors(1)) == [""]
    assert list(_doors(6)) == ["1单元101", "1单元102", "2单元101", "2单元102", "1单元201", "1单元202"]
