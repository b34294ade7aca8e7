"""The built wheel, alone in a fresh environment, is the whole program: its tables, pages, words and sample data."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from tests.project.program import environ

ROOT = Path(__file__).parents[2]
#: Kinds of files beside the code that the program reads at run time.
DATA = {".csv", ".css", ".html", ".js", ".json", ".md", ".po", ".svg"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    place = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = place.glob("wangge-*.whl")
    return file


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A fresh environment with the wheel; what it depends on is looked up where the tests have it."""
    place = tmp_path_factory.mktemp("fresh")
    venv.create(place, with_pip=False, symlinks=True)
    python = place / "bin" / "python"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--quiet",
        "--python",
        str(python),
        "install",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return place / "bin"


def test_every_file_that_the_program_reads_is_inside(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    source = ROOT / "src"
    wanted = {
        file.relative_to(source).as_posix()
        for file in (source / "wangge").rglob("*")
        if file.suffix in DATA | {".py"} and "__pycache__" not in file.parts
    }
    assert wanted - inside == set()
    assert [name for name in inside if name.endswith(".mo")]
    assert [name for name in inside if name.startswith(("tests/", "docs/", "bench/"))] == []


def test_the_program_runs_from_it_with_its_tables(installed, tmp_path):
    def run(*command):
        given = {key: value for key, value in environ(tmp_path / "data").items() if key != "PYTHONPATH"}
        return subprocess.run(command, env=given, cwd=tmp_path, capture_output=True, text=True, check=False)

    where = run(installed / "python", "-c", "import wangge; print(wangge.__file__)")
    assert str(installed.parent) in where.stdout, where.stderr
    told = run(installed / "wangge", "--help")
    assert told.returncode == 0, told.stderr
    assert "serve" in told.stdout
    made = run(installed / "wangge", "migrate")
    assert made.returncode == 0, made.stderr
    assert list((tmp_path / "data" / "static").rglob("*.css*"))
