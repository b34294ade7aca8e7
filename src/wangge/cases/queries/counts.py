"""How many cases stand in each queue, from the tally that a trigger keeps: counting them would cost what there are."""

from collections import Counter

from django.db import connection

from wangge.access import Viewer
from wangge.cases.lifecycle import OPEN
from wangge.cases.models import Case, Tally
from wangge.cases.queries.filters import (
    DESK_TURN, HANDLER_TURN, QUEUES, Arm, arms_of, arms_of_mine, below,
)  # fmt: skip

#: state, late, supervised, the tier that holds it
Standing = tuple[str, str, bool, str]


def queue_counts(viewer: Viewer, area: str = "") -> dict[str, int]:
    """For each queue how many cases `case_page` would show for it, in `area` or in all that the viewer's posts give them.

    Cases on a border count for the grid that answers for them, and a reporter's own only where they report and hold no
    post; `closed` is not counted for departments (absent then).
    """
    counts: Counter[str] = Counter()
    arms = arms_of(viewer, area)
    for arm in arms:
        if arm.kind == "area":
            _add(counts, _tallied(arm))
        elif arm.kind == "given":
            _add(counts, _given())
    if arms and {arm.kind for arm in arms} == {"reported"}:
        _add(counts, _reported(viewer))
    counts["mine"] = sum(_count_of_mine(viewer, arm) for arm in arms_of_mine(viewer, area))
    return {queue: counts[queue] for queue in QUEUES}


def _add(counts: "Counter[str]", standings: dict[Standing, int]) -> None:
    for (state, late, supervised, _), count in standings.items():
        for queue, states in QUEUES.items():
            if queue == "mine" or state not in states:
                continue
            if (queue in ("soon", "overdue") and late != queue) or (queue == "supervised" and not supervised):
                continue
            counts[queue] += count


def _tallied(arm: Arm, **exactly: object) -> dict[Standing, int]:
    """The tally of an area, as far as the viewer may see it."""
    rows = below(Tally.objects.all(), arm, grids_by_path=True).filter(**exactly)
    kept = rows.values_list("state", "late", "supervised", "holder_level").annotate(n=Sum("count"))
    return {(state, late, supervised, level): n for state, late, supervised, level, n in kept}


def _given() -> dict[Standing, int]:
    with connection.cursor() as cursor:
        cursor.execute("select state, late, supervised, count from cases_given_count()")
        return {(state, late, supervised, ""): count for state, late, supervised, count in cursor.fetchall()}


def _reported(viewer: Viewer) -> dict[Standing, int]:
    kept = Case.objects.filter(reported_by_id=viewer.account_id).values_list("state", "late", "supervised").annotate(n=Count("*"))
    return {(state, late, supervised, ""): n for state, late, supervised, n in kept.order_by()}


def _count_of_mine(viewer: Viewer, arm: Arm) -> int:
    if arm.kind == "desk":
        return sum(_tallied(arm, holder_level=arm.holder, state__in=DESK_TURN).values())
    if arm.kind == "hands":
        return below(Case.objects.filter(handler_id=viewer.account_id, state__in=HANDLER_TURN), arm).count()
    # What is in one's own hands is counted there already.
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(sum(count), 0) from cases_given_count() where state = any(%s)", [list(HANDLER_TURN)])
        return int(cursor.fetchone()[0])
