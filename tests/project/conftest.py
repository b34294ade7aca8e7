"""Data folders in which the program itself made all tables: tests run it on copies."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.folder import copy, migrated


@contextmanager
def copied():
    with tempfile.TemporaryDirectory(prefix="wg") as place:
        data = Path(place) / "data"
        copy(migrated(), data)
        yield data


@pytest.fixture
def data():
    with copied() as folder:
        yield folder


@pytest.fixture(scope="module")
def shared_data():
    """One copy for all tests of a module, in their order of need: for those that do not disturb one another."""
    with copied() as folder:
        yield folder
