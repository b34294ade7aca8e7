"""Phones: registered by who works on them, met at each contact, marked lost by the desk, wiped by themselves."""

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from wangge.access import Verb, Viewer
from wangge.base.problems import Invalid, NotAllowed, NotFound
from wangge.journal.actions import record
from wangge.staff import actions as staff
from wangge.staff.queries import enter_as_system, home_of, own_id
from wangge.sync.models import Device
from wangge.sync.queries.devices import device_of
from wangge.sync.rules import OtherDevice, WipeOrdered

#: So many phones may one account have in use; a shared one is registered anew by each who signs in.
MOST_DEVICES = 20
_KEY_BYTES = 32
#: How exactly the last contact is kept: a phone that pushes a whole day is not written down at each push.
_SEEN_EVERY = timedelta(minutes=1)


def register_device(
    viewer: Viewer,
    device_id: UUID,
    *,
    name: str,
    facts: Mapping[str, Any],
    sign_in: bytes | None,
    now: datetime,
) -> tuple[Device, bool]:
    """The viewer's phone under the id that it made, and whether it is new; again it only brings its facts up to date.

    OtherDevice for the id of another account's phone, WipeOrdered for one that was reported lost.
    """
    known = Device.objects.filter(id=device_id, account_id=own_id(viewer)).first()
    if known is not None:
        _check_not_lost(known)
        known.name, known.facts, known.sign_in, known.seen_at = name, dict(facts), sign_in, now
        known.lost_at = known.lost_by_id = known.wiped_at = (
            None  # it was wiped, found, and signed in on again
        )
        known.save()
        return known, False
    if Device.objects.filter(account_id=own_id(viewer), lost_at=None).count() >= MOST_DEVICES:
        raise Invalid(field="device", expected=f"≤ {MOST_DEVICES}")
    device = Device(
        id=device_id,
        account_id=own_id(viewer),
        home_path=home_of(viewer),
        name=name,
        facts=dict(facts),
        sign_in=sign_in,
        registered_at=now,
        seen_at=now,
    )
    try:
        with transaction.atomic():
            device.save(force_insert=True)
    except IntegrityError:
        raise OtherDevice from None
    _record(viewer, device, "device.registered", now, {"name": name})
    return device, True


def meet(
    viewer: Viewer, device_id: UUID, *, waiting: int | None, sends: bool = False, now: datetime
) -> Device:
    """A contact of the viewer's phone, with how many commands wait on it. NotFound: it has to register; WipeOrdered, but not
    while it sends: what its worker wrote is taken in before it is told.
    """
    device = device_of(viewer, device_id)
    if not sends:
        _check_not_lost(device)
    if now - device.seen_at >= _SEEN_EVERY or (waiting is not None and waiting != device.waiting):
        device.seen_at = now
        device.waiting = device.waiting if waiting is None else waiting
        device.save(update_fields=["seen_at", "waiting"])
    return device


def give_key_half(viewer: Viewer, device_id: UUID, *, now: datetime) -> str:
    """The server's half of the key under which this phone keeps its data, in base64; made at the first time.

    Without it a copied phone cannot be opened by trying PINs. NotFound, WipeOrdered.
    """
    device = device_of(viewer, device_id)
    _check_not_lost(device)
    if device.key_half is None:
        device.key_half = base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
        device.save(update_fields=["key_half"])
    _record(viewer, device, "device.key-given", now, {})
    return str(device.key_half)


def mark_lost(viewer: Viewer, device_id: UUID, *, now: datetime) -> Device:
    """The phone is lost: its sign-in ends but for sending what it holds, no key is given any more, and at its next contact it
    is told to wipe itself.

    One's own, or of people whom one administers.
    """
    device = _held(viewer, device_id)
    if device.lost_at is None:
        device.lost_at, device.lost_by_id = now, viewer.account_id
        _end_its_sign_in(viewer, device, now)
        device.save(update_fields=["lost_at", "lost_by_id"])
        _record(viewer, device, "device.lost", now, {"waiting": device.waiting})
    return device


def take_back_lost(viewer: Viewer, device_id: UUID, *, now: datetime) -> Device:
    """The phone was found before it wiped itself; who works on it signs in again. NotFound once it has."""
    device = _held(viewer, device_id)
    if device.lost_at is None or device.wiped_at is not None:
        raise NotFound
    device.lost_at, device.lost_by_id = None, None
    device.save(update_fields=["lost_at", "lost_by_id"])
    _record(viewer, device, "device.found", now, {})
    return device


def note_wiped(device_id: UUID, *, now: datetime) -> None:
    """The phone says that it has removed what it held. It is signed in no more: its id is all that it has. Again is the same."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select sync_note_wiped(%s, %s)", [device_id, now])
        (home,) = cursor.fetchone()
        if home is not None:
            system = enter_as_system(home)
            record(system, verb="device.wiped", subject=f"device:{device_id}", path=home, at=now)


def _held(viewer: Viewer, device_id: UUID) -> Device:
    device = Device.objects.select_for_update().filter(id=device_id).first()
    if device is None:
        raise NotFound
    if device.account_id != viewer.account_id and not viewer.may(Verb.STAFF_CHANGE, device.home_path):
        raise NotAllowed
    return device


def _check_not_lost(device: Device) -> None:
    if device.lost_at is not None and device.wiped_at is None:
        raise WipeOrdered


def _end_its_sign_in(viewer: Viewer, device: Device, now: datetime) -> None:
    """Only the one that it came with last; there may be none any more."""
    if device.sign_in is None:
        return
    with transaction.atomic():
        try:
            key = bytes(device.sign_in).hex()
            staff.end_sign_ins(viewer, device.account_id, key=key, last_words=True, now=now)
        except NotFound:
            return


def _record(viewer: Viewer, device: Device, verb: str, now: datetime, after: dict[str, Any]) -> None:
    # Whoever walks a grid is often administered from above it, where they may write nothing.
    seen = any(f"{device.home_path}.".startswith(f"{path}.") for path in viewer.scope)
    path = device.home_path if seen else min(viewer.scope, key=len, default=device.home_path)
    record(viewer, verb=verb, subject=f"device:{device.id}", path=path, at=now, after=after)
