"""How many cases stand in each queue, from the tally that a trigger keeps: counting them would cost what there are."""

from collections import Counter
from collections.abc import Iterable
from time import monotonic

from django.db import connection
from django.db.models import Count, QuerySet, Sum

from wangge.access import Viewer
from wangge.cases.models import Case, Tally
from wangge.cases.queries.filters import (
    DESK_TURN,
    HANDLER_TURN,
    QUEUES,
    Arm,
    arms_of,
    arms_of_mine,
    below,
    counties_below,
    places_at,
)

#: state, late, supervised, the tier of the desk that holds it, and how many stand so
Standing = tuple[str, str, bool, str, int]


#: Of an area with so many open cases the numbers are kept for so many seconds: they are summed up from tens of thousands
#: of rows, which would take longer than the page beside which they stand. Live desks correct them meanwhile.
DEAR, KEPT_SECONDS = 20_000, 3.0
#: By process: who asks (their posts; the account too where it decides) and where, until when, and the numbers.
_kept: dict[tuple[object, str, int | None], tuple[float, dict[str, int]]] = {}


def queue_counts(viewer: Viewer, area: str = "") -> dict[str, int]:
    """For each queue how many cases `case_page` shows for it, in `area` or in all that the viewer's posts give them.

    Of a very large area they may be KEPT_SECONDS old, but for what lies in the viewer's own hands.
    """
    # What a handler or somebody who asks for a place beyond their posts sees is their own: what they have reported.
    by_relation = bool(area or viewer.department_keys or not viewer.scope)
    asked = (viewer.seats, area, viewer.account_id if by_relation else None)
    until, counts = _kept.get(asked, (0.0, {}))
    if until < monotonic():
        counts = shared_counts(viewer, area)
        if viewer.seats and counts["open"] >= DEAR:
            if len(_kept) >= 256:
                _kept.clear()
            _kept[asked] = (monotonic() + KEPT_SECONDS, counts)
        else:
            _kept.pop(asked, None)
    counts = dict(counts)
    if viewer.account_id:
        counts["mine"] += in_hands(viewer, [viewer.account_id], area)[viewer.account_id]
    return counts


def shared_counts(viewer: Viewer, area: str = "") -> dict[str, int]:
    """The same for everyone with these posts: without what lies in the viewer's own hands.

    Who has cases there by relation only (a department's handler, a reporter) gets no count of `closed`: it would cost
    what there are. A confidential case that somebody reported who may not see such is shown to them in their areas, but
    not counted.
    """
    counts: Counter[str] = Counter()
    arms = arms_of(viewer, area)
    asked = [path for path, _level in places_at(viewer, area)] if area else []
    tallies = {arm.path: _tallied(arm) for arm in arms if arm.kind == "area"}
    for standings in tallies.values():
        _add(counts, standings)
    for arm in arms:
        if arm.kind == "border":
            _add(counts, _standings(_bordering(arm, arms), Count("*")))
    by_relation = any(arm.kind in ("given", "reported") for arm in arms)
    if by_relation:
        borders = [arm.code for arm in arms if arm.kind == "border"]
        related = _related(asked, borders, beyond=True)
        _add(counts, [(state, late, watched, "", n) for state, late, watched, _, _, n in related])
    waiting = arms_of_mine(viewer, area)
    counts["mine"] += sum(_at_desk(arm, tallies) for arm in waiting if arm.kind == "desk")
    if any(arm.kind == "given" for arm in waiting):
        counts["mine"] += _given(asked)
    return {queue: counts[queue] for queue in QUEUES if not (by_relation and queue == "closed")}


def in_hands(viewer: Viewer, accounts: Iterable[int], area: str = "") -> dict[int, int]:
    """How many cases, of those that the viewer sees, wait for each of these people to handle them."""
    wanted = list(accounts)
    found = Case.objects.filter(handler_id__in=wanted, state__in=HANDLER_TURN)
    if area:
        ((path, level), *heirs) = places_at(viewer, area)
        codes = [each.rsplit(".", 1)[-1] for each in (path, *(heir for heir, _level in heirs))]
        found = found.filter(grid_id__in=codes) if heirs else below(found, Arm("hands", level, path))
    counted = dict(found.order_by().values_list("handler_id").annotate(standing=Count("*")))
    return {account: counted.get(account, 0) for account in wanted}


def _add(counts: "Counter[str]", standings: Iterable[Standing]) -> None:
    for state, late, supervised, _, count in standings:
        for queue, states in QUEUES.items():
            if queue == "mine" or state not in states:
                continue
            if (queue in ("soon", "overdue") and late != queue) or (queue == "supervised" and not supervised):
                continue
            counts[queue] += count


def _standings(rows: "QuerySet[Tally] | QuerySet[Case]", how_many: Sum | Count) -> list[Standing]:
    return list(
        rows.order_by().values_list("state", "late", "supervised", "holder_level").annotate(standing=how_many)
    )


def _tallied(arm: Arm) -> list[Standing]:
    """The tally of an area, as far as the viewer may see it."""
    rows = Tally.objects.all()
    if arm.level == "grid":
        rows = rows.filter(community_id=arm.path.split(".")[-2], path=arm.path)
    elif arm.level in ("county", "township", "community"):
        rows = rows.filter(**{f"{arm.level}_id": arm.code})
    else:
        rows = rows.filter(county_id__in=counties_below(arm.path))
    return _standings(rows, Sum("count"))


def _bordering(arm: Arm, arms: list[Arm]) -> "QuerySet[Case]":
    """Cases on the border of a grid, but for those in the viewer's other areas, which are counted there."""
    own = [other.path for other in arms if other.kind == "area"]
    where = ["id in (select cases_bordering(%s))", "not path <@ any (%s::ltree[])"]
    return Case.objects.extra(where=where, params=[arm.code, own])  # noqa: S610 - parameters


def _related(
    areas: list[str], borders: list[str], *, beyond: bool
) -> list[tuple[str, str, bool, bool, bool, int]]:
    """Open cases by relation: state, late, supervised, given to the viewer's departments, in the viewer's hands, count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select state, late, supervised, given, in_hand, count from cases_related_count(%s, %s, %s)",
            [areas, borders, beyond],
        )
        return list(cursor.fetchall())


def _at_desk(arm: Arm, tallies: dict[str, list[Standing]]) -> int:
    """What waits at a desk."""
    held = tallies[arm.path] if arm.path in tallies else _tallied(arm)
    return sum(n for state, _, _, holder, n in held if holder == arm.holder and state in DESK_TURN)


def _given(asked: list[str]) -> int:
    """What waits at the viewer's departments, all of them together, and in nobody's hands of theirs."""
    related = _related(asked, [], beyond=False)
    return sum(
        n for state, _, _, given, in_hand, n in related if given and not in_hand and state in HANDLER_TURN
    )
