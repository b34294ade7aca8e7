"""The environment's settings, read once, each with a default that is safe for a demo. Plain Python."""

import ipaddress
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from wangge.base.private import PrivateKeys


class StartRefused(Exception):  # noqa: N818 - it is a refusal, and reads as one
    """The program cannot start; `way_out` says in one sentence what to do about it. The command then answers `answer`."""

    answer = 1

    def __init__(self, message: str, way_out: str) -> None:
        super().__init__(message)
        self.message, self.way_out = message, way_out


LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
#: Shorter keys can be guessed; Django asks for as much.
LEAST_KEY = 32


@dataclass(frozen=True)
class Basemap:
    """What lies under the areas on maps: raster tiles at an address, or a PMTiles file of our own; nothing without both."""

    url: str = ""
    file: Path | None = None
    coordinates: str = "wgs84"
    attribution: str = ""

    @property
    def host(self) -> str:
        """The other host that browsers must be allowed to ask, as `https://tiles.example.cn`; empty for our own."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


@dataclass(frozen=True)
class Plants:
    """What may name plants beside the key: a model of pictures with its card, and an online service; nothing without them."""

    model: Path | None = None
    service_url: str = ""
    service_key: str = field(default="", repr=False)
    service_seconds: int = 10
    #: The work item of a suspicion.
    item: str = "S09-06"


@dataclass(frozen=True)
class Environment:
    """The settings as values; docs/guide/settings.md says what each is for."""

    data: Path
    host: str
    port: int
    workers: int
    debug: bool
    allowed_hosts: tuple[str, ...]
    database_url: str
    app_database_url: str
    s3_bucket: str
    given_key: str = field(repr=False)
    given_private_keys: str = field(repr=False)
    behind_proxy: bool
    metrics_from: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    basemap: Basemap
    plants: Plants = Plants()
    care_detail_years: int = 3
    #: Within which doors are called at, in minutes after midnight: 8:30 to 12:00 and 14:00 to 17:30.
    round_hours: tuple[tuple[int, int], ...] = ((510, 720), (840, 1050))
    visit_minutes: int = 15

    @property
    def public(self) -> bool:
        """Whether others than this machine can reach it: by its own address, or by a name that a proxy passes on."""
        return any(name not in LOOPBACK for name in (self.host, *self.allowed_hosts))

    def secret_key(self) -> str:
        """From WANGGE_SECRET_KEY, or a random one kept in the data folder, readable by its owner only."""
        return self.given_key or kept_secret(self.data / "secret_key")

    def private_keys(self) -> "PrivateKeys":
        """The keys of private fields: from WANGGE_PRIVATE_KEYS, or one that is made once and kept in the data folder."""
        from wangge.base.private import BadKeys, keys_in, new_key

        file = self.data / "private_keys"
        try:
            return keys_in(self.given_private_keys or kept_secret(file, new_key))
        except BadKeys as problem:
            raise StartRefused(
                f"{'WANGGE_PRIVATE_KEYS' if self.given_private_keys else file}: {problem}.",
                "Give keys of 32 random bytes in base64, as `wangge private key` prints them, the one that writes first.",
            ) from problem

    def check_production(self) -> None:
        """StartRefused for what would be unsafe as soon as others can reach it."""
        if not self.public:
            return
        if not self.allowed_hosts:
            raise StartRefused(
                f"WANGGE_HOST is {self.host}, so others can reach it, but under which name is not said.",
                "Set WANGGE_ALLOWED_HOSTS to the names that people type, for example grid.example.cn.",
            )
        if "*" in self.allowed_hosts:
            raise StartRefused(
                "WANGGE_ALLOWED_HOSTS is *.", "Name the hosts that people type, for example grid.example.cn."
            )
        if self.debug:
            raise StartRefused(
                "WANGGE_DEBUG shows the program's insides to everyone who can reach it.",
                "Unset WANGGE_DEBUG.",
            )
        if not self.given_private_keys:
            raise StartRefused(
                "WANGGE_PRIVATE_KEYS is not set: a key beside the data protects from nobody who gets at the data.",
                f"Set it to what `wangge private key` prints, or to the content of {self.data / 'private_keys'} if that is"
                " in use, and keep a copy apart from the backups: what is sealed with a lost key is lost.",
            )


def kept_secret(file: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
    """A text made once and kept in `file`, readable by its owner only; several processes may ask at once."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            draft = file.with_name(f".{file.name}.{os.getpid()}")
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as out:
                out.write(make())
            try:
                os.link(draft, file)  # all or nothing, and the first one wins
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return file.read_text()
    except OSError as problem:
        raise StartRefused(
            f"The data folder {file.parent} cannot be written: {problem.strerror}.",
            "Set WANGGE_DATA to another folder.",
        ) from problem


def _whole(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environ.get(name, "") or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise StartRefused(
            f"{name} is {text!r}.", f"Set {name} to a whole number from {least} to {most}, or unset it."
        )
    return int(text)


def _hours(environ: Mapping[str, str], name: str, default: str) -> tuple[tuple[int, int], ...]:
    """Spans of a day in minutes after midnight, one after the other."""
    text = environ.get(name, "") or default
    spans = [_SPAN.fullmatch(each) for each in text.replace(",", " ").split()]
    edges = [
        int(each[place]) * 60 + int(each[place + 1]) for each in spans if each is not None for place in (1, 3)
    ]
    if (
        not edges
        or None in spans
        or edges[-1] > 24 * 60
        or any(one >= other for one, other in pairwise(edges))
    ):
        raise StartRefused(
            f"{name} is {text!r}.",
            f"Write the hours as {default}: each begins before it ends, and after the one before. Or unset it.",
        )
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _flag(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name, "") or "0"
    if text not in ("0", "1"):
        raise StartRefused(f"{name} is {text!r}.", f"Set {name} to 1 or 0, or unset it.")
    return text == "1"


def _address(environ: Mapping[str, str], name: str) -> str:
    text = environ.get(name, "")
    if text and not text.startswith(("postgresql://", "postgres://")):
        raise StartRefused(
            f"{name} is not an address of PostgreSQL.",
            "Write it as postgresql://user:password@host:5432/name.",
        )
    return text


def _networks(
    environ: Mapping[str, str], name: str
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    texts = environ.get(name, "").replace(",", " ").split() or ["127.0.0.0/8", "::1/128"]
    try:
        return tuple(ipaddress.ip_network(text) for text in texts)
    except ValueError as problem:
        raise StartRefused(
            f"{name}: {problem}.", "Write networks as 10.0.0.0/8, several with spaces between."
        ) from problem


def _basemap(environ: Mapping[str, str]) -> Basemap:
    url, named = environ.get("WANGGE_BASEMAP_URL", ""), environ.get("WANGGE_BASEMAP_FILE", "")
    coordinates = environ.get("WANGGE_BASEMAP_COORDINATES", "") or "wgs84"
    if url and named:
        raise StartRefused("WANGGE_BASEMAP_URL and WANGGE_BASEMAP_FILE are both set.", "Set one of them.")
    if url:
        parts = urlsplit(url)
        whole = all(part in url for part in ("{z}", "{x}", "{y}"))
        ours = not parts.scheme and not parts.netloc and url.startswith("/")
        # What goes into the policy of every page must be a host and nothing else.
        there = parts.scheme == "https" and _HOST.fullmatch(parts.netloc)
        if not whole or not (ours or there) or not _PRINTED.fullmatch(url):
            raise StartRefused(
                "WANGGE_BASEMAP_URL is no address of map tiles.",
                "Write it as https://tiles.example.cn/{z}/{x}/{y}.png, or as /tiles/{z}/{x}/{y}.png on this host.",
            )
    if coordinates not in ("wgs84", "gcj02"):
        raise StartRefused(
            f"WANGGE_BASEMAP_COORDINATES is {coordinates!r}.", "Set it to wgs84 or gcj02, or unset it."
        )
    file = Path(named).resolve() if named else None
    if file and not _is_pmtiles(file):
        raise StartRefused(
            f"WANGGE_BASEMAP_FILE: {file} cannot be read as a PMTiles file of version 3.",
            "Name a file that was made by a program for PMTiles, and that this program may read.",
        )
    return Basemap(url, file, coordinates, environ.get("WANGGE_BASEMAP_ATTRIBUTION", ""))


def _plants(environ: Mapping[str, str]) -> Plants:
    named, url = environ.get("WANGGE_PLANT_MODEL", ""), environ.get("WANGGE_PLANT_SERVICE_URL", "")
    key = environ.get("WANGGE_PLANT_SERVICE_KEY", "")
    model = Path(named).resolve() if named else None
    if model and not model.is_file():
        raise StartRefused(
            f"WANGGE_PLANT_MODEL: there is no file {model}.",
            "Name the model's card, a JSON file that this program may read.",
        )
    if url:
        parts = urlsplit(url)
        near = parts.scheme == "http" and parts.hostname in LOOPBACK
        if (
            not (parts.scheme == "https" or near)
            or not _HOST.fullmatch(parts.netloc)
            or not _PRINTED.fullmatch(url)
        ):
            raise StartRefused(
                "WANGGE_PLANT_SERVICE_URL is no address that photos could safely be sent to.",
                "Write it with https, as the service's own pages name it, up to and with the flora.",
            )
    if bool(url) != bool(key):
        raise StartRefused(
            "WANGGE_PLANT_SERVICE_URL and WANGGE_PLANT_SERVICE_KEY go together.", "Set both, or neither."
        )
    item = environ.get("WANGGE_PLANT_ITEM", "") or "S09-06"
    if not re.fullmatch(r"[A-Z][0-9]{2}-[0-9]{2}", item):
        raise StartRefused(f"WANGGE_PLANT_ITEM is {item!r}.", "Give the code of a work item, as S09-06.")
    return Plants(model, url, key, _whole(environ, "WANGGE_PLANT_SERVICE_SECONDS", 10, 1, 30), item)


_SPAN = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])-([01]?[0-9]|2[0-4]):([0-5][0-9])")
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?")
_PRINTED = re.compile(r"[!-~]+")


def _is_pmtiles(file: Path) -> bool:
    try:
        with file.open("rb") as content:
            return content.read(8) == b"PMTiles\x03"
    except OSError:
        return False


def _key(environ: Mapping[str, str]) -> str:
    key = environ.get("WANGGE_SECRET_KEY", "")
    if key and (len(key) < LEAST_KEY or len(set(key)) < 8):
        raise StartRefused(
            "WANGGE_SECRET_KEY can be guessed.",
            f"Set it to at least {LEAST_KEY} random characters, or unset it: then one is made and kept in the data folder.",
        )
    return key


def read_environment(environ: Mapping[str, str] | None = None) -> Environment:
    """Reads and checks the settings; StartRefused names the bad one and what would be right."""
    environ = os.environ if environ is None else environ
    url, app_url = _address(environ, "DATABASE_URL"), _address(environ, "WANGGE_APP_DATABASE_URL")
    if app_url and not url:
        raise StartRefused("WANGGE_APP_DATABASE_URL is set without DATABASE_URL.", "Set both, or neither.")
    return Environment(
        data=Path(environ.get("WANGGE_DATA") or ".data").resolve(),
        host=environ.get("WANGGE_HOST") or "127.0.0.1",
        port=_whole(environ, "WANGGE_PORT", 8000, 1, 65535),
        workers=_whole(environ, "WANGGE_WORKERS", 2, 1, 64),
        debug=_flag(environ, "WANGGE_DEBUG"),
        allowed_hosts=tuple(environ.get("WANGGE_ALLOWED_HOSTS", "").replace(",", " ").split()),
        database_url=url,
        app_database_url=app_url,
        s3_bucket=environ.get("WANGGE_S3_BUCKET", ""),
        given_key=_key(environ),
        given_private_keys=environ.get("WANGGE_PRIVATE_KEYS", ""),
        behind_proxy=_flag(environ, "WANGGE_BEHIND_PROXY"),
        metrics_from=_networks(environ, "WANGGE_METRICS_FROM"),
        basemap=_basemap(environ),
        plants=_plants(environ),
        care_detail_years=_whole(environ, "WANGGE_CARE_DETAIL_YEARS", 3, 1, 30),
        round_hours=_hours(environ, "WANGGE_ROUND_HOURS", "08:30-12:00 14:00-17:30"),
        visit_minutes=_whole(environ, "WANGGE_VISIT_MINUTES", 15, 1, 120),
    )
