"""A data folder with all tables, made once by the program itself; tests run it on copies."""

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.project.program import run


@pytest.fixture(scope="session")
def made():
    with tempfile.TemporaryDirectory(prefix="wg") as place:
        done = run(Path(place), "migrate")
        assert done.returncode == 0, done.stderr
        yield Path(place)


@contextmanager
def copied(made):
    with tempfile.TemporaryDirectory(prefix="wg") as place:
        copy = Path(place) / "data"
        shutil.copytree(made, copy, ignore=shutil.ignore_patterns(".s.*", "*.lock"))
        owner = (made / "postgres").stat()
        for file in [copy / "postgres", *(copy / "postgres").rglob("*")]:
            shutil.chown(file, owner.st_uid, owner.st_gid)
        yield copy


@pytest.fixture
def data(made):
    with copied(made) as copy:
        yield copy


@pytest.fixture(scope="module")
def shared_data(made):
    """One copy for all tests of a module, in their order of need: for those that do not disturb one another."""
    with copied(made) as copy:
        yield copy
