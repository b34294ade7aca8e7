"""What was carried away from a phone as a file: its writer reads it in at any desk, and reads what became of what had to wait."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.problems import Problem
from wangge.blobs.rules import TooLarge
from wangge.doors.console import sync_words, words
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import present, screen, told
from wangge.doors.console.pages.typed import trouble, uploaded
from wangge.sync import actions, queries
from wangge.sync.rules.carried import MOST_BYTES


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A command that waits here, or was not taken in after all."""

    id: UUID
    kind: Any
    told: str
    at: datetime
    ended: bool
    reason: Any


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A command of a file that was refused for good."""

    kind: Any
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class Read:
    """What became of a file."""

    taken: int
    before: int
    conflicts: int
    held: int
    photos: int
    refused: list[RefusedRow]
    photo_reasons: list[str]


def held_rows(viewer: Viewer) -> list[HeldRow]:
    """The viewer's own."""
    return [
        HeldRow(
            each.id,
            words.label(sync_words.KINDS, each.kind),
            each.words,
            each.held_at,
            each.ended_at is not None,
            words.label(sync_words.REASONS, each.code),
        )
        for each in queries.held_of(viewer)
    ]


@sent_from("console:me")
@screen
def read_waiting_file(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Takes the file in, and tells of each entry that was not; sent again it is told once more, and nothing is done twice."""
    more: dict[str, Any] = {}
    status = 200
    try:
        with uploaded(request) as file:
            if file.stat().st_size > MOST_BYTES:
                raise TooLarge(limit_mib=MOST_BYTES // 2**20)
            more["read"] = _read(actions.read_in(viewer, file.read_bytes(), now=clock.now()))
    except Problem as problem:
        more, status = trouble(problem), problem.status
    facts = {"section": "console:me", "held": held_rows(viewer), **more}
    return present(request, "console/file_read.html", facts, status=status)


def _read(done: actions.ReadIn) -> Read:
    states = [each.result.status for each in done.commands]
    refused = [each for each in done.commands if each.result.status == "refused"]
    return Read(
        taken=states.count("done"),
        before=states.count("repeated"),
        conflicts=states.count("conflict"),
        held=sum(each.result.again for each in refused),
        photos=done.photos,
        refused=[
            RefusedRow(
                words.label(sync_words.KINDS, each.kind),
                each.at[:16].replace("T", " "),
                told(each.result.problem) if each.result.problem else "",
            )
            for each in refused
            if not each.result.again
        ],
        photo_reasons=[told(problem) for problem in done.refused_photos],
    )


@sent_from("console:me")
@screen
def let_go_held(request: HttpRequest, viewer: Viewer, command_id: UUID) -> HttpResponse:  # noqa: ARG001 - a page's signature
    """Its writer has read why it was not taken in."""
    actions.let_go(viewer, command_id, now=clock.now())
    return HttpResponseRedirect(f"{resolve_url('console:me')}#carried")
