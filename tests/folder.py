"""Loaded before the settings are (`-p tests.folder`): a data folder of its own for each test process, also xdist's.

What takes long to make is made once for all processes of a run and copied by each: `made_once`. All of it lies in one folder,
which goes with the process that began the run.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_RUN = "WANGGE_TEST_RUN"
_BEGAN_IT = _RUN not in os.environ
if _BEGAN_IT:
    os.environ[_RUN] = tempfile.mkdtemp(prefix="wangge-test-")
RUN = Path(os.environ[_RUN])
ROOT = Path(__file__).parents[1]
#: What later runs may use, too.
KEPT = ROOT / ".pytest_cache"
#: Of what was made from other migrations.
MOST_KEPT = 4
DATA = Path(tempfile.mkdtemp(dir=RUN))
(DATA / "static").mkdir()
os.environ["WANGGE_DATA"] = str(DATA)
os.environ["DJANGO_SETTINGS_MODULE"] = "wangge.project.settings"
os.environ.pop("DATABASE_URL", None)

#: Of a server that runs, or of a process that holds the folder.
_OF_THE_MOMENT = (".s.*", "*.lock", "socket", "postmaster.pid")


def made_once(name, make, *, at=RUN):
    """The folder `name`; `make(folder)` fills it for the process that needs it first, while others wait."""
    place, made = at / name, at / f"{name}.made"
    at.mkdir(exist_ok=True)
    with (at / f"{name}.lock").open("a") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(place, ignore_errors=True)  # whoever began it may have been killed
            with tempfile.TemporaryDirectory(dir=RUN) as making:
                make(Path(making))
                copy(Path(making), place)
        made.touch()
    return place


def tables():
    """A data folder in which the database has all tables, and no rows: made again when a migration changed."""
    kept = made_once(f"tables-{_migrations()}", _migrate, at=KEPT)
    marks = sorted(KEPT.glob("tables-*.made"), key=lambda mark: mark.stat().st_mtime)
    for mark in marks[:-MOST_KEPT]:
        shutil.rmtree(mark.with_suffix(""), ignore_errors=True)
        mark.unlink(missing_ok=True)
    return kept


def _migrations():
    """What the tables are made from, in a word."""
    source = ROOT / "src" / "wangge"
    said = [source / place for place in ("base/columns.py", "cases/lifecycle.py", "project/cluster.py")]
    said += [ROOT / "pyproject.toml", Path(__file__), *source.glob("*/migrations/*.py")]
    digest = hashlib.sha256(sys.version.encode())
    for file in sorted(said):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _migrate(place):
    import psycopg

    from tests.project.program import environ
    from wangge.project.cluster import Cluster

    command = [sys.executable, "-m", "django", "migrate", "--database", "owner", "--verbosity", "0"]
    facts = environ(place, DJANGO_SETTINGS_MODULE=os.environ["DJANGO_SETTINGS_MODULE"])
    server = Cluster(place)
    server.start()
    try:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
            # What lies in a test's database need not outlive the machine.
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"alter system set {name} = off")
            connection.execute("select pg_reload_conf()")
        done = subprocess.run(command, env=facts, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    finally:
        server.stop()


def migrated():
    """A data folder as `wangge migrate` leaves it in an empty one: with all tables, keys, and the assets packed."""
    return made_once("migrated", _prepare)


def _prepare(place):
    from tests.project.program import run

    copy(tables(), place, parts=["postgres"])
    done = run(place, "migrate")
    assert done.returncode == 0, done.stderr


def copy(made, to, *, parts=None):
    """Of a data folder that no server runs in: what there is, or only these parts of it. `to` may have a server, unless `postgres` is copied."""
    from wangge.project.cluster import Cluster

    for each in [made / part for part in parts] if parts else [made]:
        shutil.copytree(
            each,
            to / each.relative_to(made),
            ignore=shutil.ignore_patterns(*_OF_THE_MOMENT),
            dirs_exist_ok=True,
        )
    database, user = to / "postgres", Cluster(to).user
    if user and database.exists() and (parts is None or "postgres" in parts):
        for file in [database, *database.rglob("*")]:
            os.chown(file, user.pw_uid, user.pw_gid)


def pytest_unconfigure():
    shutil.rmtree(RUN if _BEGAN_IT else DATA, ignore_errors=True)
