"""Photos, voice notes and documents by their own hash over HTTP."""

import contextlib
from typing import Annotated, Any, Literal

from django.http import FileResponse, HttpResponse
from ninja import Header, Router, Schema, Status

from wangge.base import clock
from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import Digest
from wangge.base.problems import Problem
from wangge.blobs import actions, queries, rules

router = Router(tags=["blobs"])
#: What is refused as too large is still read to its end up to here; beyond, the connection is closed.
_READ_ON = 100 * 1024 * 1024

_BODY: dict[str, Any] = {
    "requestBody": {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_BYTES: dict[str, Any] = {
    "responses": {
        200: {
            "description": "The clean copy, or the thumbnail",
            "content": {
                media_type: {"schema": {"type": "string", "format": "binary"}}
                for media_type in rules.EXTENSIONS
            },
        }
    }
}


class BlobOut(Schema):
    """`media_type`, `size`, `width` and `height` are those of the copy that is served."""

    digest: str
    kind: Literal["photo", "voice", "document"]
    media_type: str
    size: int
    width: int | None
    height: int | None


class ProgressOut(Schema):
    """How many bytes have arrived, from the first on: the next part begins there."""

    digest: str
    received: int


@router.put(
    "/{digest}",
    response={200: BlobOut, 201: BlobOut, 202: ProgressOut, **problems(403, 404, 409, 411, 413, 415, 429)},
    openapi_extra=_BODY,
)
def store_part(
    request: Asked,
    response: HttpResponse,
    digest: Digest,
    content_range: Annotated[str | None, Header(alias="Content-Range", max_length=100)] = None,
) -> Status[dict[str, Any]]:
    """Uploads a file under the SHA-256 of its bytes, whole or in parts with `Content-Range: bytes FIRST-LAST/TOTAL`.

    201 when it is complete, 200 when it was there already, 202 with what has arrived when more is to come. An empty
    body with `bytes */TOTAL` only asks. The type is told from the content. What others get to see of a photo is a copy
    without any metadata.
    """
    if request.headers.get("Transfer-Encoding"):
        raise rules.LengthRequired
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    with actions.receiving(in_lane="wangge.in_lane" in request.META):
        try:
            rules.check_total(content_range, length, getattr(request, "may_bring", None))
            done = actions.store_part(
                request.viewer, digest, request, content_range, now=clock.now(), length=length
            )
        except Problem:
            _read_on(request, length)
            raise
    if done.blob is None:
        if done.received:
            response["Range"] = f"bytes=0-{done.received - 1}"
        return Status(202, {"digest": digest, "received": done.received})
    return Status(
        201 if done.is_new else 200, {name: getattr(done.blob, name) for name in BlobOut.model_fields}
    )


def _read_on(request: Asked, length: int) -> None:
    """Takes in the rest of a refused body: a client that is still sending would lose the answer with the connection."""
    with contextlib.suppress(OSError):
        while length <= _READ_ON and request.read(1 << 16):
            pass


@router.get("/{digest}", response={**problems(404)}, openapi_extra=_BYTES)
def blob(request: Asked, digest: Digest, size: Literal["full", "thumbnail"] = "full") -> FileResponse:  # noqa: ARG001 - the row policies know who asks
    """The bytes, for those who brought them or see a case that they hang on; a photo also as a `thumbnail`."""
    found = queries.blob(digest)
    thumbnail = size == "thumbnail"
    file = queries.open_blob(digest, "thumbnail" if thumbnail else "clean")
    media_type = "image/jpeg" if thumbnail else found.media_type
    answer = FileResponse(
        file,
        as_attachment=found.kind == "document",
        filename=f"{digest[:12]}.{rules.EXTENSIONS[media_type]}",
        content_type=media_type,
    )
    answer["X-Content-Type-Options"] = "nosniff"
    # Opened by itself a file is data: it runs nothing, asks for nothing, and belongs to no origin.
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, max-age=31536000, immutable"
    answer["Vary"] = "Authorization, Cookie"
    return answer
