"""What merging one case into another would do, before anybody does it."""

from dataclasses import dataclass

from wangge.access import Viewer
from wangge.cases.models import Case, Task
from wangge.cases.rules.likeness import Likeness, likeness, metres_between, shared_words


@dataclass(frozen=True, slots=True)
class MergePreview:
    """`coming`: accounts that will follow the other case and do not yet. `withdrawn`: departments that are asked no longer.
    `ended`: the other case can take nothing in.
    """

    coming: tuple[int, ...]
    following: int
    withdrawn: tuple[str, ...]
    ended: bool
    like: Likeness


def merge_preview(
    viewer: Viewer,  # noqa: ARG001 - the row policy uses it
    case: Case,
    into: Case,
    *,
    tokens: list[str],
    other_tokens: list[str],
) -> MergePreview:
    """`tokens` are the search tokens of what each of the two says."""
    known = set(into.followers)
    coming = tuple(
        account
        for account in dict.fromkeys((case.reported_by_id, *case.followers))
        if account is not None and account not in known
    )
    asked = Task.objects.filter(case_id=case.id, answered_at__isnull=True, withdrawn=False).order_by("id")
    far = None
    if case.lon is not None and case.lat is not None and into.lon is not None and into.lat is not None:
        far = metres_between(case.lon, case.lat, into.lon, into.lat)
    return MergePreview(
        coming=coming,
        following=len(known) + len(coming),
        withdrawn=tuple(f"{task.office_id}/{task.department_id}" for task in asked),
        ended=into.state in ("merged", "cancelled") or into.merged_into_id is not None,
        like=likeness(
            metres=far,
            reach=300,
            same_item=case.item_id == into.item_id,
            words=shared_words(tokens, other_tokens),
            is_open=into.closed_at is None,
        ),
    )
