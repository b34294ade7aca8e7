"""Ways on foot: the net that server and browser count over leads as the library's ways do, and both count the same."""

import json
from itertools import pairwise

import numpy as np
import pytest
import shapely
from tests.plans.test_counted_alike import CONSOLE, MODEL, a_town, as_told, counted

from gridplan.links import streets_of, walking_distances
from wangge.plans.rules.dividing import town_of
from wangge.plans.rules.measures import on_foot, walked_sums
from wangge.plans.rules.principles import principles_of
from wangge.plans.rules.ways import net_of

SCRIPT = f"""
import {{ readFileSync }} from "node:fs";
import {{ PlanModel }} from {json.dumps(str(MODEL))};
import {{ rounded, Ways }} from {json.dumps(str(CONSOLE / "plan-ways.ts"))};
for (const {{ told, net }} of JSON.parse(readFileSync(0, "utf8"))) {{
  const model = new PlanModel(told);
  const waiting = Object.keys(model.figures().sums).filter((name) => /^(walk|door)_/.test(name));
  const ways = new Ways(net, model.metresX, model.metresY, model.households);
  for (const [label, atoms] of model.unwalked) model.walked(label, atoms, ways.of(atoms));
  const {{ sums, grids }} = model.figures();
  const found = Object.fromEntries(Object.entries(sums).filter(([name]) => /^(walk|door)_/.test(name)));
  const farthest = grids.map(({{ label, way }}) => [label, rounded(way.farthest / 100)]);
  console.log(JSON.stringify({{ waiting, sums: found, farthest }}));
}}
"""


def some_streets(rng, content, *, apart=False):
    """Crooked streets to and fro among the atoms, some with dead ends and a wall between; `apart`: those in the west lead nowhere else."""
    xy = content.xy
    (west, south), (east, north) = xy.min(axis=0), xy.max(axis=0)
    lines = []
    for share in np.linspace(0, 1, 7):
        x, y = west + share * (east - west), south + share * (north - south)
        # Where they cross they share a point.
        across = [(west + each * (east - west), y) for each in np.linspace(0, 1, 7)]
        up = [(x, south + each * (north - south)) for each in np.linspace(0, 1, 7)]
        for line in (across, up):
            for one, other in pairwise(line):
                if rng.random() < 0.75:
                    bend = (np.array(one) + other) / 2 + rng.normal(0, 25, 2)
                    lines.append(shapely.LineString([one, tuple(bend), other]))
    if apart:
        middle = (west + east) / 2
        lines = [line for line in lines if not line.bounds[0] < middle + 300 < line.bounds[2] + 300]
    wall = shapely.LineString([(west, (south + north) / 2 + 20), (east * 0.5, (south + north) / 2 + 20)])
    return streets_of(lines, [wall])


@pytest.mark.parametrize("seed", range(4))
def test_the_net_leads_as_the_ways_of_the_library_do(seed):
    rng = np.random.default_rng(seed)
    content = a_town(rng, unit="building")
    streets = some_streets(rng, content, apart=seed % 2 == 1)
    net = net_of(content, streets)
    town = town_of(content, streets=streets)
    doors = np.arange(0, len(content), 7)
    ways, known = net.from_each(doors) / 100, walking_distances(town, None, doors)
    assert (np.isinf(ways) == np.isinf(known)).all()
    joined = np.isfinite(known)
    assert ways[joined] == pytest.approx(known[joined], abs=0.25)
    # Bends and dead ends are in it no more.
    assert np.bincount(net.pairs.ravel(), minlength=net.nodes)[len(content) :].min() > 2
    assert net.nodes > len(content) + 20
    assert net_of(content, None) is None


def test_the_browser_counts_ways_as_the_server_does():
    asked, expected = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        content = a_town(rng, unit="compound" if seed % 2 else "building")
        labels = rng.integers(-1 if seed % 3 else 0, 6, len(content))
        # Somewhere nobody lives: in one grid, or in none of them.
        content.households[(labels == 2) | (seed == 7)] = 0
        told = as_told(content, labels, [])
        if seed % 4 == 3 and seed != 7:
            net = {}
            service = principles_of(content, labels, low=300, high=500)
            sums = {f"door_{name}": service.whole["service"][name] for name in ("mean_m", "farthest_m")}
            farthest = [[label, each["door_m"]] for label, each in service.grids.items()]
        else:
            over = net_of(content, some_streets(rng, content, apart=seed % 2 == 1))
            net, ways = over.as_json(), on_foot(content, labels, over)
            sums = walked_sums(ways)
            farthest = [[label, round(way.farthest_m)] for label, way in ways.items()]
        asked.append({"told": told, "net": net})
        expected.append({"waiting": [], "sums": sums, "farthest": farthest})
    for one, other in zip(counted(SCRIPT, asked), expected, strict=True):
        if "door_mean_m" in other["sums"]:
            # Half a metre may be rounded to either side where ways are no whole centimetres.
            assert one["sums"] == pytest.approx(other["sums"], abs=1)
            assert np.array(one["farthest"]) == pytest.approx(np.array(other["farthest"]), abs=1)
        else:
            assert one == other
    assert {tuple(each["sums"]) for each in expected} == {
        ("walk_mean_m", "walk_farthest_m"), ("door_mean_m", "door_farthest_m"),
    }  # fmt: skip
