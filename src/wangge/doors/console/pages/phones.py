"""The phones on which somebody works: part of a person's page, and of one's own."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from wangge.access import Viewer
from wangge.base import clock
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import screen
from wangge.staff.queries import names_of
from wangge.sync import actions, queries


@dataclass(frozen=True, slots=True)
class PhoneRow:
    """A phone, what became of the commands that it has sent since it was reported lost, and who else works on it."""

    device: Any
    taken: int = 0
    refused: int = 0
    held: int = 0
    others: tuple[str, ...] = ()


def phones_of(viewer: Viewer, account_id: int) -> list[PhoneRow]:
    """The phones of an account, one's own or of somebody whom one administers."""
    devices = queries.devices_of(viewer, account_id)
    lost = [each.id for each in devices if each.lost_at]
    sent = queries.sent_since_lost(viewer, lost) if lost else {}
    others = queries.others_on(viewer, devices)
    names = names_of({one for found in others.values() for one in found})
    return [
        PhoneRow(
            each,
            *sent.get(each.id, (0, 0, 0)),
            others=tuple(names[one] for one in others[each.id] if one in names),
        )
        for each in devices
    ]


@sent_from("console:me")
@screen
def phone_lost(request: HttpRequest, viewer: Viewer, device_id: UUID) -> HttpResponse:  # noqa: ARG001 - a page's signature
    """The phone is lost: it is signed out, and wiped at its next contact."""
    device = actions.mark_lost(viewer, device_id, now=clock.now())
    return _back(viewer, device.account_id, "phone-lost")


@sent_from("console:me")
@screen
def phone_found(request: HttpRequest, viewer: Viewer, device_id: UUID) -> HttpResponse:  # noqa: ARG001 - a page's signature
    """It was found before it was wiped."""
    device = actions.take_back_lost(viewer, device_id, now=clock.now())
    return _back(viewer, device.account_id, "phone-found")


def _back(viewer: Viewer, account_id: int, done: str) -> HttpResponse:
    own = account_id == viewer.account_id
    page = resolve_url("console:me") if own else resolve_url("console:person", account_id)
    return HttpResponseRedirect(f"{page}?done={done}#phones")
