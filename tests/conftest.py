"""One embedded server for the whole run; the schema is made as its owner, the tests ask as the application's role."""

import os
import shutil
import tempfile
from pathlib import Path

_data = Path(tempfile.mkdtemp(prefix="wangge-test-"))
os.environ["WANGGE_DATA"] = str(_data)
os.environ.pop("DATABASE_URL", None)

import pytest  # noqa: E402


@pytest.fixture(scope="session")
def cluster():
    from wangge.project.cluster import Cluster

    server = Cluster(_data)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(_data, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_setup(cluster, django_db_blocker):
    from django.core.management import call_command

    with django_db_blocker.unblock():
        call_command("migrate", database="owner", verbosity=0)


@pytest.fixture
def owner(cluster, django_db_setup):
    """A plain connection as the owner, whose work is undone after the test."""
    import psycopg

    with psycopg.connect(cluster.dsn("wangge_owner")) as connection:
        yield connection
        connection.rollback()
