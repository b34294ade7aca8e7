"""`make bench` ends as what was measured is: well only where each limit was kept."""

import json

import bench.__main__ as asked
import numpy as np
import pytest
from bench import dividing, ground
from tests.gridplan.test_bound import as_town
from tests.gridplan.towns import street

from gridplan import Bounds, Division


@pytest.mark.parametrize(("taken", "status"), [(1.0, 0), (1.3, 1)])
def test_the_bench_ends_with_one_where_a_limit_was_not_kept(taken, status, monkeypatch, capsys):
    monkeypatch.setattr(ground, "MISSED", [])
    monkeypatch.setitem(
        asked.BARE, "round_60", lambda: ground.tell("round_60", [(taken, 1.0)], unit="s", limit=1.2)
    )
    assert asked.main(["round_60"]) == status
    out, err = capsys.readouterr()
    assert json.loads(out)["kept"] is not bool(status)
    assert ("round_60" in err) is bool(status)


def test_what_nobody_knows_is_not_measured(capsys):
    assert asked.main(["round_61"]) == 2
    assert "round_61" in capsys.readouterr().err


@pytest.mark.parametrize(("other", "kept"), [(0, True), (1, False)])
def test_scaling_is_kept_only_where_the_grids_are_the_same(other, kept, monkeypatch, capsys):
    """Two workers need half the time, and make the same grids or not."""
    given = iter([(2.0, [_made(0)]), (1.0, [_made(other)])])
    monkeypatch.setattr(ground, "MISSED", [])
    monkeypatch.setattr(dividing, "STICK", dividing.Path(__file__))
    monkeypatch.setattr(dividing, "_on_cluster", lambda _towns, _workers: next(given))
    dividing.measure_scaling(limit=0.8)
    assert json.loads(capsys.readouterr().out)["kept"] is kept


def _made(first):
    return Division(as_town(*street([300, 300])), np.array([first, 1]), Bounds(), 0)
