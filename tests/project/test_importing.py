"""`wangge import areas` tells what lies in another grid since the file, and moves it when it is asked to."""

from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace

from tests import builders
from tests.visits.homes import household

from wangge.cases.models import Case
from wangge.households.models import Household
from wangge.project.cli import parser
from wangge.project.files import _outcome, _what_lies_elsewhere

FILE = Path("grids.geojson")


def test_what_lies_elsewhere_is_counted_and_moved_only_when_asked(town, db):
    door = household(town, town.grid_a, lon=119.365)
    case = town.add(builders.case, town.add(builders.item), town.grid_a, lon=119.365, lat=34.745)
    changed = SimpleNamespace(within=town.community.code)
    told = list(_what_lies_elsewhere(changed, Namespace(file=FILE, rehome=False)))
    assert "1 households" in told[0]
    assert f"/console/areas/{town.community.code}/homes" in told[1]
    town.as_system()
    assert Household.objects.get(id=door.pk).path == town.grid_a.path
    # A file that changes nothing says nothing, but does what it is asked.
    same = SimpleNamespace(within="")
    assert list(_what_lies_elsewhere(same, Namespace(file=FILE, rehome=False))) == []
    (moved,) = _what_lies_elsewhere(same, Namespace(file=FILE, rehome=True))
    assert "Moved" in moved
    town.as_system()
    assert Household.objects.get(id=door.pk).path == town.grid_b.path
    assert Case.objects.get(id=case.pk).path == town.grid_a.path, "its own grid never held the spot"
    assert list(_what_lies_elsewhere(same, Namespace(file=FILE, rehome=True))) == [
        "Everything lies in the grid that it is kept under."
    ]


def test_the_command_takes_the_wish_and_tells_counts_alone():
    from wangge.areas.actions import ImportReport

    assert parser().parse_args(["import", "areas", "x.csv", "--rehome"]).rehome
    assert list(_outcome(ImportReport(1, 2, 3, 4, 5, "320703"))) == [
        "1 added",
        "2 changed",
        "3 ended",
        "4 unchanged",
        "5 left out",
    ]
