"""Which phones there are."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.db.models import IntegerField, Q, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from wangge.access import Viewer
from wangge.base.problems import NotFound
from wangge.staff.queries import own_id
from wangge.sync.models import Device, SyncCommand
from wangge.sync.rules.last_words import MOST_COMMANDS, MOST_PHOTOS, LastWords


def device_of(viewer: Viewer, device_id: UUID) -> Device:
    """The viewer's own phone of this id; NotFound."""
    found = Device.objects.filter(id=device_id, account_id=own_id(viewer)).first()
    if found is None:
        raise NotFound
    return found


def devices_of(viewer: Viewer, account_id: int) -> list[Device]:  # noqa: ARG001 - the row policy uses it
    """The phones of an account, the one heard of last first: one's own, or of people whom one administers."""
    return list(Device.objects.filter(account_id=account_id).order_by("-seen_at", "id")[:50])


def last_words_for(viewer: Viewer, sign_in: bytes) -> LastWords | None:
    """What the lost phone may still send whose sign-in this was; None when it is not lost, or wiped."""
    found = (
        Device.objects.filter(
            account_id=own_id(viewer), sign_in=sign_in, lost_at__isnull=False, wiped_at=None
        )
        .order_by("-lost_at")
        .first()
    )
    return None if found is None else _left(viewer, found)


def last_words_left(viewer: Viewer, device_id: UUID) -> LastWords | None:
    """What this lost phone of the viewer may still send, counted now; None when it was found or wiped meanwhile."""
    found = Device.objects.filter(
        id=device_id, account_id=own_id(viewer), lost_at__isnull=False, wiped_at=None
    ).first()
    return None if found is None else _left(viewer, found)


def _left(viewer: Viewer, found: Device) -> LastWords | None:
    if found.lost_at is None:
        return None
    sent = SyncCommand.objects.filter(
        account_id=own_id(viewer), device_id=found.id, received_at__gte=found.lost_at
    ).count()
    again = SyncCommand.objects.filter(account_id=own_id(viewer), device_id=found.id, status="refused")
    tried = again.aggregate(
        times=Sum(Cast(KeyTextTransform("times", "answer"), IntegerField()), filter=Q(answer__times__gt=0))
    )["times"]
    return LastWords(
        found.id,
        found.lost_at,
        max(0, MOST_COMMANDS - sent - (tried or 0)),
        max(0, MOST_PHOTOS - found.brought),
    )


def others_on(viewer: Viewer, devices: Sequence[Device]) -> dict[UUID, list[int]]:  # noqa: ARG001 - the row policy uses it
    """Of each of these phones the other accounts that work on it, as far as they are the viewer's own or of their people."""
    phones = {each.phone_id for each in devices if each.phone_id}
    here = list(Device.objects.filter(phone_id__in=phones, wiped_at=None).order_by("account_id"))
    return {
        each.id: sorted(
            {
                other.account_id
                for other in here
                if other.phone_id == each.phone_id and other.account_id != each.account_id
            }
        )
        for each in devices
    }


def sent_since_lost(viewer: Viewer, devices: Sequence[UUID]) -> dict[UUID, tuple[int, int, int]]:  # noqa: ARG001 - the function asks whose they are
    """How many commands each of these phones has sent since it was reported lost: taken in, refused, and held to be tried again."""
    with connection.cursor() as cursor:
        cursor.execute("select device, taken, refused, held from sync_sent_since_lost(%s)", [list(devices)])
        return {device: (taken, refused, held) for device, taken, refused, held in cursor.fetchall()}


def wipe_ordered(device_id: UUID) -> bool:
    """Whether the phone of this id is to be wiped. Anyone who knows the id may ask: a lost phone is signed in no more."""
    with connection.cursor() as cursor:
        cursor.execute("select sync_wipe_ordered(%s)", [device_id])
        return bool(cursor.fetchone()[0])
