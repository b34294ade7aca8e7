"""One embedded server for each test process; the schema is made as its owner, the tests ask as the application's role."""

import shutil

import hypothesis
import psycopg
import pytest

from tests.folder import DATA

# How long an example takes says more of who else uses the machine than of the program.
hypothesis.settings.register_profile("wangge", deadline=None)
hypothesis.settings.load_profile("wangge")

pytest_plugins = ["tests.cast"]


#: Folders whose files take long begin early, those with a browser come last; what is short among these fills both workers' time
#: to the end.
EARLY, LATE = ("house", "demo", "project", "gridplan"), ("journeys",)
LAST = "test_every_page"


def _turn(item):
    folder = item.path.parent.name
    if folder in LATE:
        return len(EARLY) + 1 + (item.path.stem == LAST)
    return EARLY.index(folder) if folder in EARLY else len(EARLY)


def pytest_configure(config):
    # Else xdist begins with the groups of most tests, and one worker ends with a long story while the other has nothing to do.
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items):
    """A file's tests share what they open, so one worker runs them (`--dist loadgroup`); those of the pages need not."""
    items.sort(key=_turn)
    for number, item in enumerate(items):
        apart = item.get_closest_marker("apart")
        group = f"{item.path.stem}-{number % apart.args[0]}" if apart else item.nodeid.split("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session", autouse=True)
def _chinese():
    from wangge.project.messages import compile_stale

    compile_stale()


@pytest.fixture(scope="session")
def cluster():
    from wangge.project.cluster import Cluster

    server = Cluster(DATA)
    server.start()
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        # What lies there need not outlive the machine.
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"alter system set {name} = off")
        connection.execute("select pg_reload_conf()")
    yield server
    server.stop()
    shutil.rmtree(DATA, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_setup(cluster, django_db_blocker):
    from django.core.management import call_command

    with django_db_blocker.unblock():
        call_command("migrate", database="owner", verbosity=0)


@pytest.fixture
def owner(cluster, django_db_setup):
    """A plain connection as the owner, whose work is undone after the test."""
    with psycopg.connect(cluster.dsn("wangge_owner")) as connection:
        yield connection
        connection.rollback()
