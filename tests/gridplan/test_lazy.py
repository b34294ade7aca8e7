"""The library's names are loaded when they are asked for: who reads a map does not wait for a compiler."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.gridplan.places import a_street

import gridplan
from gridplan import divide, to_geojson

SOURCE = Path(gridplan.__file__).parents[1]


def in_a_process(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={"PYTHONPATH": str(SOURCE), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def street(tmp_path):
    path = tmp_path / "street.geojson"
    path.write_text(json.dumps(to_geojson(divide(a_street([100] * 12)), outlines=False)), encoding="utf-8")
    return path


def test_who_reads_numbers_explains_assigns_and_walks_loads_no_compiler(street):
    told = in_a_process(
        """
import sys
from pathlib import Path
from gridplan import Bounds, Division, Stop, Worker, assign, explain, mend, number, proposal, read, reasons, route, to_geojson
reading = read(Path(sys.argv[1]))
town = mend(reading.town, reading.grids).town
division = Division(town, town.grid, Bounds(), 0, reasons(town, town.grid, Bounds()))
to_geojson(division, reading=reading)
number(division), explain(division, rounds=0), proposal(town, town.grid), assign(division, [Worker("a")])
route([Stop("a"), Stop("b")], xy=[(0, 0), (1, 1)])
print(sorted({"numba", "llvmlite"} & set(sys.modules)))
""",
        street,
    )
    assert told.strip() == "[]"


def test_the_compiler_is_loaded_when_something_is_divided():
    assert "True" in in_a_process("import sys; from gridplan import divide; print('numba' in sys.modules)")


def test_a_function_is_what_one_gets_though_its_module_has_its_name_and_came_first():
    code = """
import gridplan.route, gridplan.explain, gridplan.assign
import gridplan
from gridplan import assign, explain, route
from gridplan.route import Route
print(callable(gridplan.route), callable(route), callable(explain), callable(assign), Route.__name__)
"""
    assert in_a_process(code).split() == ["True"] * 4 + ["Route"]


def test_every_public_name_is_there_and_known_to_a_type_checker():
    tree = ast.parse(Path(gridplan.__file__).read_text(encoding="utf-8"))
    checked = next(node for node in tree.body if isinstance(node, ast.If)).body
    typed = {alias.name for node in checked for alias in node.names}
    assert typed == set(gridplan.__all__) == set(gridplan._HOMES)
    for name in gridplan.__all__:
        assert not isinstance(getattr(gridplan, name), type(gridplan)), name
    assert set(gridplan.__all__) <= set(dir(gridplan))


def test_what_is_not_there_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        gridplan.nonsense  # noqa: B018 - asking is what is tried


def test_all_that_dividing_needs_is_compiled_ahead():
    """Of each loop at least one shape is there, so that nobody's page waits for it."""
    seen = (
        "from gridplan import _annealing, _nearer; from gridplan.ahead import compile_ahead; compile_ahead();"
        "print(len(_nearer._anneal.signatures), len(_annealing.anneal.signatures))"
    )
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert all(int(count) > 0 for count in done.stdout.split())
