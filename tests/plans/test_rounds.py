"""Rounds go along the streets that plans know: somebody who stands behind a railway is as far as the crossing makes it."""

import pytest
import shapely
from tests.builders import NOW, TODAY
from tests.plans.test_ground import a_map, read, sent, street
from tests.visits.homes import household

from wangge.plans.models import Ground
from wangge.plans.queries.walking import ways_of_rounds
from wangge.visits import actions, queries
from wangge.visits.actions import renew_due
from wangge.visits.models import Round
from wangge.visits.rules import metres

NORTH, SOUTH = 34.7462, 34.7450
EASTINGS = [119.3520 + place * 0.002 for place in range(3)]
EAST = 119.3595
RAIL = ("barrier", shapely.LineString([(119.34, 34.7456), (119.38, 34.7456)]))
ROWS = [street((119.351, lat), (EAST, lat)) for lat in (NORTH, SOUTH)]
CROSSING = street((EAST, SOUTH), (EAST, NORTH))


@pytest.fixture
def homes(town, db):
    """Three doors north of the line and three south of it, each opposite another and nearer to it than to its neighbours."""
    made = [
        household(town, town.grid_a, f"{row}0{place}", lon=lon, lat=lat)
        for row, lat in enumerate((NORTH, SOUTH), start=1)
        for place, lon in enumerate(EASTINGS, start=1)
    ]
    renew_due(town.as_viewer("worker"), [home.pk for home in made], now=NOW)
    return made


def walked(town):
    """On which side each door of the round lies, and how many minutes all of it takes."""
    planned = queries.plan_round(town.as_viewer("worker"), TODAY)
    side = "".join("n" if stop.door.lat == NORTH else "s" for stop in planned.stops)
    return side, planned.about[-1] - planned.about[0]


def known(town, folder, *features):
    done = read(town, sent(town, a_map(folder, *features)))
    assert done.state == "done"


def test_a_round_crosses_the_railway_where_one_can(town, homes, tmp_path):
    side, minutes = walked(town)
    assert side in ("nssnns", "snnssn"), "straight it goes to and fro across the line"
    known(town, tmp_path, RAIL, *ROWS, CROSSING)
    side, longer = walked(town)
    assert side in ("nnnsss", "sssnnn"), "along the streets it crosses once"
    assert longer > minutes
    # To the crossing and back, from the eastern door of one side to that of the other.
    points = [(EASTINGS[2], NORTH), (EASTINGS[2], SOUTH)]
    ((one, other),) = [
        tuple(ways_of_rounds(town.as_viewer("worker"), [(town.grid_a.path, points)])[0].values())
    ]
    around = 2 * metres(points[0], (EAST, NORTH)) + metres((EAST, NORTH), (EAST, SOUTH))
    assert [one, other] == pytest.approx([around, around], rel=0.01)


def test_of_two_maps_the_nearer_counts_and_of_none_ways_are_straight(town, homes, tmp_path):
    known(town, tmp_path, RAIL, *ROWS, CROSSING)
    points = [(EASTINGS[0], NORTH), (EASTINGS[1], NORTH)]
    rounds = [(town.grid_a.path, points), (town.far_grid.path, points), (town.grid_a.path, points[:1])]
    viewer = town.as_viewer("worker")
    here, elsewhere, alone = ways_of_rounds(viewer, rounds)
    assert len(here) == 2
    assert elsewhere == alone == {}
    viewer = town.as_viewer("community")
    Ground.objects.update(ended_at=NOW)
    assert ways_of_rounds(viewer, rounds) == [{}, {}, {}]


def test_the_night_goes_along_them_too(town, homes, tmp_path):
    known(town, tmp_path, RAIL, *ROWS, CROSSING)
    assert actions.plan_rounds(town.city.path, TODAY, now=NOW).rounds == 1
    town.as_viewer("worker")
    doors = Round.objects.get().households
    lat = {home.pk: NORTH if number < 3 else SOUTH for number, home in enumerate(homes)}
    assert [lat[door] for door in doors] in (
        [NORTH] * 3 + [SOUTH] * 3,
        [SOUTH] * 3 + [NORTH] * 3,
    )
