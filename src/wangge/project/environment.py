"""The environment's settings, read once, each with a default that is safe for a demo. Plain Python."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class StartRefused(Exception):  # noqa: N818 - it is a refusal, and reads as one
    """The program cannot start; `way_out` says in one sentence what to do about it."""

    def __init__(self, message: str, way_out: str) -> None:
        super().__init__(message)
        self.message, self.way_out = message, way_out


@dataclass(frozen=True)
class Environment:
    """WANGGE_DATA, WANGGE_HOST, WANGGE_PORT, WANGGE_WORKERS, WANGGE_DEBUG, WANGGE_ALLOWED_HOSTS, DATABASE_URL,
    WANGGE_APP_DATABASE_URL, WANGGE_S3_BUCKET and WANGGE_SECRET_KEY (else made and kept in the data folder)."""

    data: Path
    host: str
    port: int
    workers: int
    debug: bool
    allowed_hosts: tuple[str, ...]
    database_url: str
    app_database_url: str
    s3_bucket: str

    @property
    def public(self) -> bool:
        """Whether others than this machine can reach it."""
        return self.host not in ("127.0.0.1", "localhost", "::1")

    def secret_key(self) -> str:
        """From WANGGE_SECRET_KEY, or a random one kept in the data folder, readable by its owner only."""
        if given := os.environ.get("WANGGE_SECRET_KEY", ""):
            return given
        self.data.mkdir(parents=True, exist_ok=True)
        file = self.data / "secret_key"
        if not file.exists():
            with os.fdopen(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as out:
                out.write(secrets.token_urlsafe(48))
        return file.read_text()


def _whole(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environ.get(name, "") or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise StartRefused(f"{name} is {text!r}.", f"Set {name} to a whole number from {least} to {most}, or unset it.")
    return int(text)


def read_environment(environ: Mapping[str, str] | None = None) -> Environment:
    """Reads and checks the settings; StartRefused names the bad one and what would be right."""
    environ = os.environ if environ is None else environ
    url = environ.get("DATABASE_URL", "")
    if url and not url.startswith(("postgresql://", "postgres://")):
        raise StartRefused("DATABASE_URL is not an address of PostgreSQL.", "Write it as postgresql://user:password@host:5432/name.")
    return Environment(
        data=Path(environ.get("WANGGE_DATA") or ".data").resolve(),
        host=environ.get("WANGGE_HOST") or "127.0.0.1",
        port=_whole(environ, "WANGGE_PORT", 8000, 1, 65535),
        workers=_whole(environ, "WANGGE_WORKERS", 2, 1, 64),
        debug=environ.get("WANGGE_DEBUG", "") == "1",
        allowed_hosts=tuple(environ.get("WANGGE_ALLOWED_HOSTS", "").replace(",", " ").split()),
        database_url=url,
        app_database_url=environ.get("WANGGE_APP_DATABASE_URL", ""),
        s3_bucket=environ.get("WANGGE_S3_BUCKET", ""),
    )
