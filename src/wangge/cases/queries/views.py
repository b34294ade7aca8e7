"""Views of the lists: one's own, and those that others share with the area."""

from django.db.models import Case, When

from wangge.access import Viewer
from wangge.cases.models import View
from wangge.cases.queries.filters import highest_seats
from wangge.cases.rules import MOST_VIEWS

#: More shared ones than this cannot be chosen from any more.
_MOST_SHARED = 200


def views(viewer: Viewer) -> list[View]:
    """The viewer's own by name, then those that are shared where they hold a post, by name."""
    account = viewer.account_id or 0
    own_first = Case(When(account_id=account, then=0), default=1)
    found = list(View.objects.order_by(own_first, "name", "id")[: MOST_VIEWS + _MOST_SHARED])
    own = [view for view in found if view.account_id == account]
    return [*own, *found[len(own) :][:_MOST_SHARED]]


def sharing_place(viewer: Viewer) -> str:
    """The path of the area in which the viewer may share; empty without a plain post."""
    return next((path for path, _level in highest_seats(viewer)), "")
