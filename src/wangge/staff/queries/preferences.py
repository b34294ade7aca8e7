"""How a person likes the pages."""

from typing import Any

from wangge.access import Viewer
from wangge.staff.models import Preference


def preferences(viewer: Viewer) -> dict[str, Any]:
    """What the viewer has set, by name."""
    if viewer.account_id is None:
        return {}
    kept = Preference.objects.filter(account_id=viewer.account_id)
    return dict(kept.values_list("name", "value"))
