"""Keeping, sharing and removing views of the lists. What somebody keeps for themselves is nobody's business and leaves no
entry in the journal; what is shared does.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from wangge.access import Viewer
from wangge.base.problems import NotAllowed, NotFound, OtherContent
from wangge.cases.models import View
from wangge.cases.queries.views import sharing_place
from wangge.cases.rules import MOST_VIEWS, TooManyViews, ViewNameTaken, tidy_columns, tidy_query
from wangge.journal.actions import record


def save_view(
    viewer: Viewer,
    view_id: UUID,
    *,
    name: str,
    query: str,
    columns: Sequence[str],
    shared: bool,
    now: datetime,
) -> tuple[View, bool]:
    """Keeps a view under an id that the client made, or changes one's own; whether it is new.

    ViewNameTaken for a name that one has given already. NotAllowed for a view of somebody else, and to share without a post
    in an area.
    """
    place = sharing_place(viewer)
    if viewer.account_id is None or (shared and not place):
        raise NotAllowed
    kept = View.objects.filter(id=view_id).first()
    if kept is not None and kept.account_id != viewer.account_id:
        raise NotAllowed
    if kept is None and View.objects.filter(account_id=viewer.account_id).count() >= MOST_VIEWS:
        raise TooManyViews(limit=MOST_VIEWS)
    was_shared = kept is not None and kept.shared
    facts: dict[str, Any] = {
        "name": name,
        "query": tidy_query(query),
        "columns": tidy_columns(columns) if columns else [],
        "shared": shared,
        "path": place or _home(viewer),
    }
    saved = _written(viewer.account_id, view_id, kept, facts, now)
    if shared or was_shared:
        _tell(viewer, saved, now, shared=shared)
    return saved, kept is None


def remove_view(viewer: Viewer, view_id: UUID, *, now: datetime) -> None:
    """NotFound when there is none to see; NotAllowed for somebody else's."""
    kept = View.objects.filter(id=view_id).first()
    if kept is None:
        raise NotFound
    if kept.account_id != viewer.account_id:
        raise NotAllowed
    View.objects.filter(id=view_id).delete()
    if kept.shared:
        _tell(viewer, kept, now, shared=False)


def _written(account_id: int, view_id: UUID, kept: View | None, facts: dict[str, Any], now: datetime) -> View:
    others = View.objects.filter(account_id=account_id, name=facts["name"]).exclude(id=view_id)
    if others.exists():
        raise ViewNameTaken(name=facts["name"])
    try:
        with transaction.atomic():
            if kept is None:
                return View.objects.create(id=view_id, account_id=account_id, made_at=now, **facts)
            View.objects.filter(id=view_id).update(**facts)
    except IntegrityError as problem:
        if "cases_view_name_once" in str(problem):
            raise ViewNameTaken(name=facts["name"]) from None
        raise OtherContent from None  # the id belongs to a view that is not the viewer's to see
    return View.objects.get(id=view_id)


def _home(viewer: Viewer) -> str:
    """A view of a department's person lies where their office is; of somebody without a post, nowhere in particular."""
    return viewer.first_seat.path if viewer.first_seat else "0"


def _tell(viewer: Viewer, view: View, now: datetime, *, shared: bool) -> None:
    """Which view, not what it is called: its name is free text, and the journal cannot be erased."""
    record(
        viewer,
        verb="view.shared" if shared else "view.withdrawn",
        subject=f"view:{view.id}",
        path=view.path,
        at=now,
    )
