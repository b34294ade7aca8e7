"""An online service with the interface of Pl@ntNet: POST of the photo as `images` and its organ as `organs`, the key in the
query. Off until the installation names one. What goes out is the photo, made small and without its metadata, and the organ.

Redirections are not followed, and no proxy of the environment is used: the photo goes where the setting says, or nowhere.
"""

import http.client
import json
import logging
import secrets
from collections.abc import Iterator
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from wangge.campaigns.queries.identifiers.waiting import Workers
from wangge.campaigns.rules.plants import IdentifierFailed, QuotaUsedUp
from wangge.campaigns.rules.plants_pictures import small_jpeg

log = logging.getLogger("wangge.plants")

MOST_PIXELS_A_SIDE = 1024
MOST_ANSWER_BYTES = 1024 * 1024
ORGANS = {
    "": "auto",
    "seedling": "leaf",
    "leaf": "leaf",
    "bud": "flower",
    "flower": "flower",
    "fruit": "fruit",
}
_WORKERS = Workers("plant-service", 2)


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class Settings(Protocol):
    """Where the service is, the key that it knows the installation by, and how long its answer is waited for."""

    @property
    def service_url(self) -> str: ...
    @property
    def service_key(self) -> str: ...
    @property
    def service_seconds(self) -> int: ...


def scores_of(settings: Settings, picture: bytes, stage: str) -> tuple[str, list[tuple[str, float]]]:
    """The service's version, and the species that it names with their scores; none when it knows no such plant.

    IdentifierFailed, IdentifierBusy, QuotaUsedUp, BadPhoto.
    """
    photo = small_jpeg(picture, MOST_PIXELS_A_SIDE)
    return _WORKERS.done_within(settings.service_seconds, lambda: _asked(settings, photo, ORGANS[stage]))


def _asked(settings: Settings, photo: bytes, organ: str) -> tuple[str, list[tuple[str, float]]]:
    boundary = secrets.token_hex(16)
    body = b"".join(_parts(boundary, photo, organ))
    status, answer = _posted(settings, body, f"multipart/form-data; boundary={boundary}")
    if status == http.HTTPStatus.NOT_FOUND and "species" in str(answer.get("message", "")).lower():
        return "", []
    if status == http.HTTPStatus.TOO_MANY_REQUESTS:
        raise QuotaUsedUp
    if status != http.HTTPStatus.OK:
        raise _failed(_REASONS.get(status, _("the online service is out of order.")), f"status {status}")
    try:
        return str(answer.get("version", ""))[:40], list(_scores(answer["results"]))
    except (KeyError, TypeError, ValueError) as problem:
        raise _failed(_("the online service gave an answer of another kind."), "no results") from problem


_REASONS = {
    401: _("the online service does not know this installation's key."),
    403: _("the online service refuses this installation's key."),
    413: _("the photo is too large for the online service."),
}


def _parts(boundary: str, photo: bytes, organ: str) -> Iterator[bytes]:
    head = f"--{boundary}\r\nContent-Disposition: form-data; "
    yield f'{head}name="images"; filename="plant.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'.encode()
    yield photo
    yield f'\r\n{head}name="organs"\r\n\r\n{organ}\r\n--{boundary}--\r\n'.encode()


def _posted(settings: Settings, body: bytes, kind: str) -> tuple[int, dict[str, Any]]:
    parts = urlsplit(settings.service_url)
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=settings.service_seconds)
    query = "&".join(each for each in (parts.query, urlencode({"api-key": settings.service_key})) if each)
    try:
        headers = {"Content-Type": kind, "Accept": "application/json"}
        connection.request("POST", f"{parts.path or '/'}?{query}", body, headers)
        with connection.getresponse() as answer:
            content = answer.read(MOST_ANSWER_BYTES + 1)
    except (OSError, http.client.HTTPException) as problem:
        # Only the kind: some of these problems quote the address, and the key stands in it.
        raise _failed(_("the online service cannot be reached."), type(problem).__name__) from None
    finally:
        connection.close()
    if len(content) > MOST_ANSWER_BYTES:
        raise _failed(_("the online service gave an answer of another kind."), "too long")
    return answer.status, _json(content)


def _json(content: bytes) -> dict[str, Any]:
    try:
        said = json.loads(content)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _scores(results: list[dict[str, Any]]) -> Iterator[tuple[str, float]]:
    for result in results:
        species = result["species"]
        name = species.get("scientificNameWithoutAuthor") or species["scientificName"]
        yield " ".join(str(name).split())[:120], float(result["score"])


def _failed(why: str, told: str) -> IdentifierFailed:
    log.warning("The online service for plants: %s", told)
    return IdentifierFailed(why=why)
