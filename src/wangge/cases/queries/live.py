"""Who may hear of a case that has just changed: facts to choose by, and the row policy's own word on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from wangge.access import Viewer
from wangge.cases.models import Case


@dataclass(frozen=True, slots=True)
class CaseNow:
    """Where a case stands and who has to do with it; no words of it."""

    id: UUID
    number: str
    state: str
    revision: int
    path: str
    confidential: bool
    border_ids: list[str]
    department_keys: list[str]
    reported_by_id: int | None
    handler_id: int | None
    followers: list[int]


def cases_now(viewer: Viewer, ids: Iterable[UUID]) -> dict[UUID, CaseNow]:  # noqa: ARG001 - the row policy uses it
    """These cases as they stand, as far as the viewer may see them."""
    columns = CaseNow.__slots__
    rows = Case.objects.filter(id__in=list(ids)).order_by().values_list(*columns)
    return {row[0]: CaseNow(*row) for row in rows}


def seen_among(viewer: Viewer, ids: Iterable[UUID]) -> frozenset[UUID]:  # noqa: ARG001 - the row policy uses it
    """Which of these cases the viewer may see."""
    return frozenset(Case.objects.filter(id__in=list(ids)).order_by().values_list("id", flat=True))
