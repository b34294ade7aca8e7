"""Which phones there are."""

from uuid import UUID

from django.db import connection

from wangge.access import Viewer
from wangge.base.problems import NotFound
from wangge.staff.queries import own_id
from wangge.sync.models import Device


def device_of(viewer: Viewer, device_id: UUID) -> Device:
    """The viewer's own phone of this id; NotFound."""
    found = Device.objects.filter(id=device_id, account_id=own_id(viewer)).first()
    if found is None:
        raise NotFound
    return found


def devices_of(viewer: Viewer, account_id: int) -> list[Device]:  # noqa: ARG001 - the row policy uses it
    """The phones of an account, the one heard of last first: one's own, or of people whom one administers."""
    return list(Device.objects.filter(account_id=account_id).order_by("-seen_at", "id")[:50])


def wipe_ordered(device_id: UUID) -> bool:
    """Whether the phone of this id is to be wiped. Anyone who knows the id may ask: a lost phone is signed in no more."""
    with connection.cursor() as cursor:
        cursor.execute("select sync_wipe_ordered(%s)", [device_id])
        return bool(cursor.fetchone()[0])
