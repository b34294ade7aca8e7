"""One embedded server for each test process; the schema is made as its owner, the tests ask as the application's role."""

import hypothesis
import psycopg
import pytest

from tests import folder
from tests.dealing import Dealing, turn

# How long an example takes says more of who else uses the machine than of the program.
hypothesis.settings.register_profile(
    "wangge", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("wangge")

pytest_plugins = ["tests.cast"]


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: turn(item.path))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    # Else it begins with the groups of most tests, and one process ends with a long story while the other has nothing to do.
    config.option.loadscopereorder = False
    return Dealing(config, log)


@pytest.fixture(scope="session", autouse=True)
def _chinese():
    from wangge.project.messages import compile_stale

    compile_stale()


@pytest.fixture(scope="session")
def cluster():
    """This process's own server, with all tables."""
    from wangge.project.cluster import Cluster

    folder.copy(folder.tables(), folder.DATA, parts=["postgres"])
    server = Cluster(folder.DATA)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def django_db_setup(cluster):
    """The tables are there already; pytest-django would make them."""


@pytest.fixture
def owner(cluster, django_db_setup):
    """A plain connection as the owner, whose work is undone after the test."""
    with psycopg.connect(cluster.dsn("wangge_owner")) as connection:
        yield connection
        connection.rollback()
