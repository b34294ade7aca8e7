"""Paths of areas, as the viewer's scope compares them."""

import pytest

from wangge.access.viewer import common_path, lies_in


@pytest.mark.parametrize(
    ("paths", "common"),
    [
        (["3207.320703.320703003"], "3207.320703.320703003"),
        (["3207.320703.320703003", "3207.320703"], "3207.320703"),
        (["3207.320703.320703003", "3207.320703.320703004", "3207.320703.320703003.1"], "3207.320703"),
        (["3207.1.5", "3207.2.5"], "3207"),
        (["3207", "3208"], ""),
        ([], ""),
    ],
)
def test_the_lowest_area_that_holds_all_is_what_their_paths_begin_with(paths, common):
    assert common_path(iter(paths)) == common
    assert not common or all(lies_in(path, common) for path in paths)
