"""Phones: registered by who works on them, met at each contact, marked lost by the desk, wiped by themselves."""

import base64
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from wangge.access import Verb, Viewer
from wangge.base.problems import Invalid, NotAllowed, NotFound
from wangge.journal.actions import record
from wangge.staff import actions as staff
from wangge.staff.queries import enter_as_system, home_of, own_id, seeing_all, signed_in_at
from wangge.sync.models import Device
from wangge.sync.queries.devices import device_of
from wangge.sync.rules import OtherDevice, WipeOrdered
from wangge.sync.rules.last_words import MOST_PHOTOS

#: So many phones may one account have in use; a shared one is registered anew by each who signs in.
MOST_DEVICES = 20
_KEY_BYTES = 32
#: So long after its password was typed a sign-in is told the spare key; what lies on a phone as its sign-in is older.
_PASSWORD_COUNTS = timedelta(minutes=10)
#: How exactly the last contact is kept: a phone that pushes a whole day is not written down at each push.
_SEEN_EVERY = timedelta(minutes=1)


def register_device(
    viewer: Viewer,
    device_id: UUID,
    *,
    name: str,
    facts: Mapping[str, Any],
    sign_in: bytes | None,
    phone: UUID | None = None,
    now: datetime,
) -> tuple[Device, bool]:
    """The viewer's phone under the id that it made, and whether it is new; again it only brings its facts up to date.

    OtherDevice for the id of another account's phone, WipeOrdered for one that was reported lost.
    """
    known = Device.objects.filter(id=device_id, account_id=own_id(viewer)).first()
    if known is not None:
        check_not_lost(known)
        known.name, known.facts, known.sign_in, known.seen_at = name, dict(facts), sign_in, now
        known.phone_id = known.phone_id or phone
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
        phone_id=phone,
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
    viewer: Viewer,
    device_id: UUID,
    *,
    waiting: int | None,
    phone: UUID | None = None,
    sends: bool = False,
    now: datetime,
) -> Device:
    """A contact of the viewer's phone, with how many commands wait on it; `phone` is what all accounts on it share, said once and kept.
    NotFound: it has to register; WipeOrdered, but not while it sends: what its worker wrote is taken in before it is told.
    """
    device = device_of(viewer, device_id)
    if not sends:
        check_not_lost(device)
    if now - device.seen_at >= _SEEN_EVERY or (waiting is not None and waiting != device.waiting):
        device.seen_at = now
        device.waiting = device.waiting if waiting is None else waiting
        device.save(update_fields=["seen_at", "waiting"])
    if phone is not None and device.phone_id is None and not sends:
        device.phone_id = phone
        device.save(update_fields=["phone_id"])
    return device


def give_key_half(viewer: Viewer, device_id: UUID, *, now: datetime) -> str:
    """The server's half of the key under which this phone keeps its data, in base64; made at the first time.

    Without it a copied phone cannot be opened by trying PINs. NotFound, WipeOrdered.
    """
    device = device_of(viewer, device_id)
    check_not_lost(device)
    half, _ = _keys_of(device)
    _record(viewer, device, "device.key-given", now, {})
    return half


def give_spare_key(viewer: Viewer, device_id: UUID, *, sign_in: bytes | None, now: datetime) -> str | None:
    """The key under which this phone keeps its content key a second time, for whoever forgot the PIN; in base64. It is told
    when the password was typed just now, and the phone never keeps it. None for any other sign-in. NotFound, WipeOrdered.
    """
    device = device_of(viewer, device_id)
    check_not_lost(device)
    began = signed_in_at(viewer, sign_in) if sign_in is not None else None
    if began is None or now - began > _PASSWORD_COUNTS:
        return None
    _, spare = _keys_of(device)
    _record(viewer, device, "device.key-given", now, {"spare": True})
    return spare


def _keys_of(device: Device) -> tuple[str, str]:
    """Both keys that the server has for the phone, made at the first time. They lie side by side in one sealed text."""
    half, _blank, spare = str(device.key_half or "").partition(" ")
    if not spare:
        # Somebody may be asking beside: both are told the same.
        device = Device.objects.select_for_update().get(id=device.id)
        half, _blank, spare = str(device.key_half or "").partition(" ")
    if not spare:
        half, spare = half or _new_key(), _new_key()
        device.key_half = f"{half} {spare}"
        device.save(update_fields=["key_half"])
    return half, spare


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def mark_lost(viewer: Viewer, device_id: UUID, *, now: datetime) -> Device:
    """The phone is lost: its sign-in ends but for sending what it holds, no key is given any more, and at its next contact it
    is told to wipe itself. With it goes what others have on the same phone whose own the viewer could report, but for whom it was in
    contact since: their phone is in use. That two share a phone is said by the phones alone, and proves nothing against a third.

    One's own, or of people whom one administers.
    """
    device = _held(viewer, device_id)
    if device.lost_at is None:
        # Kept at most once a minute: what is later than this was in contact later for certain.
        until = device.seen_at + _SEEN_EVERY
        _lose(viewer, device, viewer.account_id, now)
        for beside in _beside(viewer, device):
            if beside.lost_at is None and beside.seen_at <= until:
                with suppress(NotAllowed, NotFound), transaction.atomic():
                    _lose(viewer, beside, viewer.account_id, now)
        _tell_others(viewer, device, now)
    return device


def _tell_others(viewer: Viewer, device: Device, now: datetime) -> None:
    """Whoever administers those who keep theirs reads that the phone was reported by somebody else who works on it."""
    if device.phone_id is None:
        return
    with seeing_all(viewer, device.home_path, now=now) as system:
        kept = Device.objects.filter(phone_id=device.phone_id, lost_at=None, wiped_at=None)
        for beside in kept.exclude(id=device.id).order_by("id"):
            _record(system, beside, "device.lost-beside", now, {})


def _lose(viewer: Viewer, device: Device, by: int | None, now: datetime) -> None:
    device.lost_at, device.lost_by_id, device.brought = now, by, 0
    if device.sign_in is not None:
        staff.leave_last_words(viewer, device.account_id, bytes(device.sign_in), now=now)
    device.save(update_fields=["lost_at", "lost_by_id", "brought"])
    _record(viewer, device, "device.lost", now, {"waiting": device.waiting})


def _beside(viewer: Viewer, device: Device) -> list[Device]:
    """What is used on the same phone by people whom the viewer administers, and by its account itself."""
    if device.phone_id is None:
        return []
    here = (
        Device.objects.select_for_update()
        .filter(phone_id=device.phone_id, wiped_at=None)
        .exclude(id=device.id)
        .order_by("id")
    )
    return [
        each
        for each in here
        if each.account_id == device.account_id or viewer.may(Verb.STAFF_CHANGE, each.home_path)
    ]


def take_back_lost(viewer: Viewer, device_id: UUID, *, now: datetime) -> Device:
    """The phone was found before it wiped itself; who works on it signs in again, each of them. NotFound once it has.

    Others have it back whom the viewer administers.
    """
    device = _held(viewer, device_id)
    if device.lost_at is None or device.wiped_at is not None:
        raise NotFound
    since = device.lost_at
    _find(viewer, device, now)
    for beside in _beside(viewer, device):
        if beside.lost_at == since:
            _find(viewer, beside, now)
    return device


def _find(viewer: Viewer, device: Device, now: datetime) -> None:
    device.lost_at, device.lost_by_id = None, None
    device.save(update_fields=["lost_at", "lost_by_id"])
    if device.sign_in is not None:
        staff.end_last_words(viewer, device.account_id, bytes(device.sign_in))
    _record(viewer, device, "device.found", now, {})


def note_wiped(device_id: UUID, *, now: datetime) -> None:
    """The phone says that it has removed what it held. It is signed in no more: its id is all that it has. Again is the same."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select sync_note_wiped(%s, %s)", [device_id, now])
        (home,) = cursor.fetchone()
        if home is not None:
            system = enter_as_system(home)
            device = Device.objects.get(id=device_id)
            if device.sign_in is not None:
                staff.end_last_words(system, device.account_id, bytes(device.sign_in))
            record(system, verb="device.wiped", subject=f"device:{device_id}", path=home, at=now)


def note_brought(device_id: UUID) -> bool:
    """One more photo has come from a lost phone; whether it still might: others may have come at the same moment."""
    counted = Device.objects.filter(id=device_id, brought__lt=MOST_PHOTOS).update(brought=F("brought") + 1)
    return counted == 1


def _held(viewer: Viewer, device_id: UUID) -> Device:
    device = Device.objects.select_for_update().filter(id=device_id).first()
    if device is None:
        raise NotFound
    if device.account_id != viewer.account_id and not viewer.may(Verb.STAFF_CHANGE, device.home_path):
        raise NotAllowed
    return device


def check_not_lost(device: Device) -> None:
    if device.lost_at is not None and device.wiped_at is None:
        raise WipeOrdered


def _record(viewer: Viewer, device: Device, verb: str, now: datetime, after: dict[str, Any]) -> None:
    # Whoever walks a grid is often administered from above it, where they may write nothing.
    seen = any(f"{device.home_path}.".startswith(f"{path}.") for path in viewer.scope)
    path = device.home_path if seen else min(viewer.scope, key=len, default=device.home_path)
    record(viewer, verb=verb, subject=f"device:{device.id}", path=path, at=now, after=after)
