"""How a person likes the pages."""

from collections.abc import Iterable
from typing import Any

from wangge.access import Viewer
from wangge.staff.models import Preference


def preferences(viewer: Viewer, names: Iterable[str]) -> dict[str, Any]:
    """What the viewer has set of these, by name."""
    if viewer.account_id is None:
        return {}
    kept = Preference.objects.filter(account_id=viewer.account_id, name__in=list(names))
    return dict(kept.values_list("name", "value"))
