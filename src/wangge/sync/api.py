"""What phones talk to: push, pull, the snapshot, and the phones themselves (docs/workings/sync.md)."""

import gzip
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext
from ninja import Header, Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from wangge.base import clock
from wangge.base.answers import ProblemAnswer, problems
from wangge.base.asked import Asked
from wangge.base.fields import Moment, line
from wangge.blobs.rules import TooLarge
from wangge.sync import actions, queries
from wangge.sync.rules import MOST_COMMANDS, Result, WipeOrdered
from wangge.sync.rules import Asked as AskedCommand
from wangge.sync.rules.carried import MOST_BYTES

router = Router(tags=["sync"])

Waiting = Annotated[int, Field(ge=0, le=1_000_000, description="commands that wait on the phone")]
Phone = Annotated[
    UUID | None, Header(alias="Wangge-Device", description="the id under which the phone is registered")
]


_COMMAND: dict[str, Any] = AskedCommand.model_json_schema()


class PushIn(Schema):
    """A command's `id` is made once where it is written (UUIDv7) and never used for another; `at` is the phone's clock,
    `based_on` the revision of the record that its writer saw. What `data` holds, docs/workings/sync.md tells by kind. Each
    is read by itself: one that is wrong is refused, and stops no other. `clock`: what the phone takes the present moment
    for; it puts the commands' times right where they do not say themselves how wrong their clock was (`ahead`).
    """

    model_config = ConfigDict(extra="forbid")
    commands: Annotated[
        list[dict[str, Any]], Field(max_length=MOST_COMMANDS, json_schema_extra={"items": _COMMAND})
    ]
    clock: Moment | None = None
    waiting: Waiting | None = None


class SideOut(Schema):
    """One field that was changed on both sides: as the phone saw it, as it made it, as it is kept now."""

    was: Any
    mine: Any
    theirs: Any


class ResultOut(Schema):
    """What became of one command. `again`: send it once more by itself; otherwise a refused one waits for its owner.

    `code` and `detail` say why it was refused, `facts` more of it. `conflict` and `fields`: what is to be settled.
    """

    id: UUID
    status: Literal["done", "repeated", "conflict", "refused"]
    revision: int | None = None
    facts: dict[str, Any] = {}
    code: str = ""
    detail: str = ""
    again: bool = False
    conflict: UUID | None = None
    fields: dict[str, SideOut] = {}


class PushOut(Schema):
    results: list[ResultOut]


class ChangeOut(Schema):
    """A record as it is now, whole."""

    kind: str
    id: str
    revision: int | None
    fields: dict[str, Any]


class GoneOut(Schema):
    kind: str
    id: str


class PulledOut(Schema):
    """`fresh`: from this cursor nothing can be told any more; take the snapshot. `more`: ask again at once."""

    changes: list[ChangeOut]
    gone: list[GoneOut]
    cursor: str | None
    more: bool
    fresh: bool


class PulledQuery(Schema):
    cursor: Annotated[str, Field(max_length=400)] | None = None
    limit: Annotated[int, Field(ge=1, le=2000)] = 500
    waiting: Waiting | None = None


class SnapshotQuery(Schema):
    """`first`: what a phone shows at once; `rest`: the remainder, a year of visits. Pulls go on from the cursor of `first`."""

    part: Literal["whole", "first", "rest"] = "whole"


class DeviceIn(Schema):
    """What a phone says of itself: nothing of it is about a person. `phone` is an id that it made by chance, the same for all accounts
    on it: reported lost, all of them are wiped.
    """

    model_config = ConfigDict(extra="forbid")
    name: line(60, name="name")  # type: ignore[valid-type]
    platform: line(60, least=0, name="platform") = ""  # type: ignore[valid-type]
    app_version: line(40, least=0, name="app_version") = ""  # type: ignore[valid-type]
    installed: bool | None = None
    storage_kept: bool | None = None
    phone: UUID | None = None


class DeviceOut(Schema):
    id: UUID
    name: str
    facts: dict[str, Any]
    registered_at: datetime
    seen_at: datetime
    waiting: int | None
    lost_at: datetime | None
    wiped_at: datetime | None


class KeyHalfOut(Schema):
    """The server's half of the phone's key: 32 bytes in base64. `spare`, as long, is told within ten minutes of the password
    and is null else: under it the phone keeps its key for whoever forgot the PIN. Under `file_key` (a mark of 4 bytes, then 32) it
    seals what is carried away from it as a file.
    """

    half: str
    spare: str | None
    file_key: str


class CameOut(ResultOut):
    """One command of the file. What is to come `again` is kept here and tried each hour: nobody sends it."""

    kind: str
    at: str


class ReadInOut(Schema):
    """`photos` of the file that are here now; `refused_photos` are the reasons why others are not."""

    results: list[CameOut]
    photos: int
    refused_photos: list[str]


SharedPhone = Annotated[
    UUID | None, Header(alias="Wangge-Phone", description="the id that all accounts on the phone share")
]


def _met(request: Asked, device: UUID | None, waiting: int | None, phone: UUID | None = None) -> None:
    if device is not None:
        actions.meet(request.viewer, device, waiting=waiting, phone=phone, now=clock.now())


@router.post("/push", response={200: PushOut, **problems(403, 404, 410, 429)})
def push(request: Asked, body: PushIn, device: Phone = None) -> dict[str, Any]:
    """Takes in commands (at most 200; fifty is best) and answers each in its order. One that is refused holds up no other;
    sent again each is answered as before. Also of a phone that was reported lost, with the sign-in that has ended else: it hears
    of it (410 `wipe`) when it asks what changed.
    """
    lost = getattr(request, "last_words", None)
    device = lost.device_id if lost else device
    if device is not None:
        actions.meet(request.viewer, device, waiting=body.waiting, sends=True, now=clock.now())
    results = actions.push(
        request.viewer, body.commands, device_id=device, clock=body.clock, lost=lost, now=clock.now()
    )
    return {"results": [_result(one) for one in results]}


def _result(result: Result) -> dict[str, Any]:
    told: dict[str, Any] = {"id": result.id, "status": result.status, "again": result.again}
    if result.problem is not None:
        problem = result.problem
        return told | {"code": problem.code, "detail": problem.say(gettext), "facts": _plain(problem.facts)}
    told |= {"revision": result.revision, "conflict": result.conflict}
    return told | {"fields" if result.status == "conflict" else "facts": dict(result.facts)}


_FILE: dict[str, Any] = {
    "requestBody": {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("/carried", response={200: ReadInOut, **problems(403, 413, 422)}, openapi_extra=_FILE)
def read_in_carried(request: Asked) -> dict[str, Any]:
    """Reads in a file in which what waited on a phone of one's own was carried away (docs/workings/sync.md): each command once, also
    when the phone has sent it or sends it later.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise TooLarge(limit_mib=MOST_BYTES // 2**20)
    done = actions.read_in(request.viewer, request.body, now=clock.now())
    return {
        "results": [_result(each.result) | {"kind": each.kind, "at": each.at} for each in done.commands],
        "photos": done.photos,
        "refused_photos": [problem.say(gettext) for problem in done.refused_photos],
    }


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = orjson.loads(orjson.dumps(facts, default=str, option=orjson.OPT_NON_STR_KEYS))
    return plain


@router.get("/pull", response={200: PulledOut, **problems(403, 404, 410, 429)})
def pull(
    request: Asked, asked: Query[PulledQuery], device: Phone = None, phone: SharedPhone = None
) -> dict[str, Any]:
    """What changed in the viewer's places since the cursor: records whole, and those that are no longer theirs. Without a
    cursor, or when posts or areas changed since, `fresh` says to take the snapshot.
    """
    _met(request, device, asked.waiting, phone)
    found = queries.changes_since(request.viewer, asked.cursor, limit=asked.limit, now=clock.now())
    return {
        "changes": [_change(one) for one in found.changes],
        "gone": [{"kind": one.kind, "id": one.id} for one in found.gone],
        "cursor": found.cursor,
        "more": found.more,
        "fresh": found.fresh,
    }


def _change(change: queries.Change) -> dict[str, Any]:
    return {"kind": change.kind, "id": change.id, "revision": change.revision, "fields": change.fields}


#: Of what is asked without a sign-in.
_OPEN: dict[int, Any] = {204: None, **dict.fromkeys((400, 404, 422), ProblemAnswer)}
_LINES: dict[str, Any] = {
    "responses": {
        200: {
            "description": 'One record a line, as in `changes` of a pull; the last line is `{"end": true, "count", "cursor"}`.'
            " A snapshot without that line is not whole: take it again.",
            "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
        }
    }
}


@router.get("/snapshot", response={**problems(403, 404, 410, 429)}, openapi_extra=_LINES)
def snapshot(request: Asked, asked: Query[SnapshotQuery], device: Phone = None) -> HttpResponse:
    """Everything that a phone of the viewer keeps, a record a line, with the cursor from which it goes on. Packed with gzip
    where the asker takes it. It is made whole first: a phone that reads slowly holds no connection of the database.
    """
    _met(request, device, None)
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    parts = _lines(queries.snapshot(request.viewer, now=clock.now(), part=asked.part))
    answer = HttpResponse(_packed(parts) if packed else b"".join(parts), content_type="application/x-ndjson")
    if packed:
        answer["Content-Encoding"] = "gzip"
    answer["Vary"] = "Accept-Encoding, Authorization, Cookie"
    answer["Cache-Control"] = "no-store"
    return answer


def _lines(told: "Iterator[queries.Change | str]") -> Iterator[bytes]:
    count = 0
    for one in told:
        if isinstance(one, str):
            yield orjson.dumps({"end": True, "count": count, "cursor": one}) + b"\n"
        else:
            count += 1
            yield orjson.dumps(_change(one), default=str) + b"\n"


def _packed(parts: Iterator[bytes]) -> bytes:
    """Level 6 takes some hundredths of a second more than level 4, and on a slow network saves half of one."""
    return gzip.compress(b"".join(parts), compresslevel=6, mtime=0)


@router.put(
    "/devices/{uuid:device_id}", response={200: DeviceOut, 201: DeviceOut, **problems(403, 404, 409, 410)}
)
def register_device(request: Asked, device_id: UUID, device: DeviceIn) -> Status[dict[str, Any]]:
    """Registers the phone, or brings what it says of itself up to date. The id is made on the phone, by chance."""
    facts = device.model_dump(exclude={"name", "phone"}, exclude_none=True)
    sign_in = getattr(request, "sign_in", None)
    kept, is_new = actions.register_device(
        request.viewer,
        device_id,
        name=device.name,
        facts=facts,
        sign_in=sign_in,
        phone=device.phone,
        now=clock.now(),
    )
    return Status(201 if is_new else 200, _device(kept))


@router.get("/devices", response={200: list[DeviceOut], **problems(403)})
def list_devices(request: Asked, account: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None) -> Any:
    """The phones of an account of one's people, by default one's own."""
    whose = account or request.viewer.account_id or 0
    return [_device(one) for one in queries.devices_of(request.viewer, whose)]


@router.post("/devices/{uuid:device_id}/key", response={200: KeyHalfOut, **problems(403, 404, 410)})
def give_key_half(request: Asked, device_id: UUID) -> dict[str, str | None]:
    """The server's half of the key under which this phone keeps its data; asked for when somebody signs in on it."""
    now = clock.now()
    half = actions.give_key_half(request.viewer, device_id, now=now)
    sign_in = getattr(request, "sign_in", None)
    return {
        "half": half,
        "file_key": actions.give_file_key(request.viewer, device_id),
        "spare": actions.give_spare_key(request.viewer, device_id, sign_in=sign_in, now=now),
    }


@router.post("/devices/{uuid:device_id}/lost", response={200: DeviceOut, **problems(403, 404)})
def mark_device_lost(request: Asked, device_id: UUID) -> dict[str, Any]:
    """Ends the phone's sign-in and has it wiped at its next contact. What was written on it until now it sends first, within 30 days
    (`push`, photos); with that sign-in nothing else can be asked.
    """
    return _device(actions.mark_lost(request.viewer, device_id, now=clock.now()))


@router.post("/devices/{uuid:device_id}/found", response={200: DeviceOut, **problems(403, 404)})
def take_back_lost_device(request: Asked, device_id: UUID) -> dict[str, Any]:
    """The phone was found before it wiped itself."""
    return _device(actions.take_back_lost(request.viewer, device_id, now=clock.now()))


@router.get("/devices/{uuid:device_id}/order", auth=None, response={**_OPEN, 410: ProblemAnswer})
def device_order(request: Asked, device_id: UUID) -> Status[None]:  # noqa: ARG001 - asked without a sign-in
    """Whether this phone is to be wiped (410 `wipe`). Needs no sign-in: that of a lost phone has ended; its id is by chance."""
    if queries.wipe_ordered(device_id):
        raise WipeOrdered
    return Status(204, None)


@router.post("/devices/{uuid:device_id}/wiped", auth=None, response=_OPEN)
def note_device_wiped(request: Asked, device_id: UUID) -> Status[None]:  # noqa: ARG001 - told without a sign-in
    """The phone has removed what it held, as it was told to. Counts only where that was ordered."""
    actions.note_wiped(device_id, now=clock.now())
    return Status(204, None)


def _device(device: Any) -> dict[str, Any]:
    return {name: getattr(device, name) for name in DeviceOut.model_fields}
