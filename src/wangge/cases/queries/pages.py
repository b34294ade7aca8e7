"""Pages of cases, newest first: each is found by an index in the order in which it is shown, at ten thousand cases or a million."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import cast
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from wangge.access import Viewer
from wangge.base.paging import decode_cursor, encode_cursor
from wangge.base.problems import NotFound
from wangge.base.text import bigram_query
from wangge.cases.models import Case
from wangge.cases.queries.filters import Arm, CaseFilter, arms_for, below, narrowed, newest_first

Key = tuple[datetime, UUID]

#: The columns that lists and files draw. A case read with these alone is a plain tuple with names: a quarter of the work of
#: a whole one, and without its long texts.
LISTED = (
    "id", "number", "title", "item_id", "item_version_id", "business", "path", "address", "state", "urgency", "supervised",
    "due_at", "late", "reported_at", "closed_at", "holder_path", "handler_id", "department_keys", "source", "found_tier",
    "resolved_tier", "outcome", "witness", "rating",
)  # fmt: skip
#: More cases than this are not shown on one page.
MOST = 200


@dataclass(frozen=True)
class CasePage:
    """`next` is the cursor of the page after this one, None on the last."""

    items: list[Case]
    next: str | None


def case_page(viewer: Viewer, filters: CaseFilter, *, cursor: str | None = None, limit: int = 50) -> CasePage:
    """The newest cases that the filter lets through, as far as the viewer may see them.

    NotFound for an area that there is not; BadCursor for a cursor of another list; Invalid for an unknown queue or state.
    """
    return _page(viewer, filters, cursor, limit, ())


def listed_page(
    viewer: Viewer, filters: CaseFilter, *, cursor: str | None = None, limit: int = 50
) -> CasePage:
    """As `case_page`, but of each case only what lists draw (LISTED)."""
    return _page(viewer, filters, cursor, limit, LISTED)


def _page(
    viewer: Viewer, filters: CaseFilter, cursor: str | None, limit: int, fields: tuple[str, ...]
) -> CasePage:
    before = _key(cursor) if cursor else None
    limit = max(1, min(limit, MOST))
    rows = _newest(viewer, filters.settled(), before, limit + 1, fields)
    last = rows[limit - 1] if len(rows) > limit else None
    return CasePage(rows[:limit], encode_cursor((last.reported_at, last.id)) if last else None)


def fitting_cases(viewer: Viewer, filters: CaseFilter, cases: Sequence[Case]) -> frozenset[UUID]:
    """Which of these cases the filter lets through: whether they stand in the list, wherever in it that is."""
    filters = filters.settled()
    arms = arms_for(viewer, filters)
    words = bigram_query(filters.q) if filters.q else None
    if filters.q and words is None:
        return frozenset(case.id for case in cases if case.number == filters.q.strip().upper())
    among = Case.objects.filter(id__in=[case.id for case in cases])
    found: set[UUID] = set()
    for arm in arms if cases else []:
        states = _both(filters.states, arm.states)
        if states != ():
            rows = _narrowed_to(viewer, below(among, arm) if arm.kind != "border" else among, arm)
            if words:
                rows = rows.extra(where=["search @@ %s::tsquery"], params=[words])
            found.update(narrowed(rows, filters, states).values_list("id", flat=True))
    return frozenset(found)


def cases_by_id(viewer: Viewer, ids: Iterable[UUID]) -> list[Case]:  # noqa: ARG001 - the row policy uses it
    """Those of them that the viewer may see, newest first."""
    return list(newest_first(Case.objects.filter(id__in=list(ids)), None))


def iterate_cases(
    viewer: Viewer, filters: CaseFilter, *, chunk: int = 500, fields: tuple[str, ...] = ()
) -> Iterator[Case]:
    """All of them, newest first, for files going out: page by page, so that memory does not grow with their number.

    With `fields`, of each case only these columns.
    """
    settled, before = filters.settled(), None
    while rows := _newest(viewer, settled, before, chunk, fields):
        yield from rows
        if len(rows) < chunk:
            return
        before = (rows[-1].reported_at, rows[-1].id)


def case_after(viewer: Viewer, filters: CaseFilter, case: Case) -> Case | None:
    """The case below this one in a list, whether or not this one still stands in it; from the top again after the last."""
    below_it = case_page(viewer, filters, cursor=encode_cursor((case.reported_at, case.id)), limit=1).items
    found = below_it or case_page(viewer, filters, limit=2).items
    return next((each for each in found if each.id != case.id), None)


def case_named(viewer: Viewer, text: str) -> Case:
    """By its id or its number, as somebody typed or pasted it; NotFound."""
    try:
        return case_by_id(viewer, UUID(text.strip()))
    except ValueError:
        return case_by_number(viewer, text)


def case_by_id(viewer: Viewer, case_id: UUID) -> Case:  # noqa: ARG001 - the row policy uses it
    """NotFound when there is none, or it is not the viewer's to see."""
    found = Case.objects.select_related("item_version").filter(id=case_id).first()
    if found is None:
        raise NotFound
    return found


def case_by_number(viewer: Viewer, number: str) -> Case:  # noqa: ARG001 - the row policy uses it
    """By the number that people say on the phone; NotFound."""
    found = Case.objects.filter(number=number.strip().upper()).first()
    if found is None:
        raise NotFound
    return found


def _key(cursor: str) -> Key:
    at, case_id = decode_cursor(cursor, datetime, UUID)
    assert isinstance(at, datetime)  # noqa: S101 - decode_cursor has checked both; this tells the type checker
    assert isinstance(case_id, UUID)  # noqa: S101
    return at, case_id


def _newest(
    viewer: Viewer, filters: CaseFilter, before: Key | None, most: int, fields: tuple[str, ...] = ()
) -> list[Case]:
    """The newest `most` of all arms together."""
    arms = arms_for(viewer, filters)
    words = bigram_query(filters.q) if filters.q else None
    if filters.q and (words is None or filters.q.isascii()):
        if numbered := _by_number(viewer, filters, before):
            return numbered
        if words is None:
            return []
    reached = [_of_arm(viewer, arm, filters, words, before, most, fields) for arm in arms]
    if len(reached) == 1:
        return reached[0]
    once = {case.id: case for rows in reached for case in rows}
    return list(
        islice(sorted(once.values(), key=lambda case: (case.reported_at, case.id), reverse=True), most)
    )


def _by_number(viewer: Viewer, filters: CaseFilter, before: Key | None) -> list[Case]:
    try:
        return (
            []
            if before or not any(sign.isdigit() for sign in filters.q)
            else [case_by_number(viewer, filters.q)]
        )
    except NotFound:
        return []


def _of_arm(
    viewer: Viewer,
    arm: Arm,
    filters: CaseFilter,
    words: str | None,
    before: Key | None,
    most: int,
    fields: tuple[str, ...],
) -> list[Case]:
    states = _both(filters.states, arm.states)
    if states == ():
        return []
    if arm.kind == "given" or (arm.kind == "area" and words):
        return _read(newest_first(_found(arm, filters, states, words, before, most), None), fields)
    rows = Case.objects.all() if arm.kind == "border" else below(Case.objects.all(), arm)
    rows = _narrowed_to(viewer, rows, arm)
    if words:
        rows = rows.extra(where=["search @@ %s::tsquery"], params=[words])
    page = newest_first(narrowed(rows, filters, states), before)[:most]
    if arm.kind in ("border", "hands", "went"):
        return _read(page, fields)  # few rows, found by another index
    with _in_order():
        return _read(page, fields)


def _read(page: "QuerySet[Case]", fields: tuple[str, ...]) -> list[Case]:
    """Whole cases, or tuples that have these of their columns under the same names."""
    return cast("list[Case]", list(page.values_list(*fields, named=True))) if fields else list(page)


def _narrowed_to(viewer: Viewer, rows: "QuerySet[Case]", arm: Arm) -> "QuerySet[Case]":
    """Only what relates to the viewer as the arm says; its area is asked apart."""
    match arm.kind:
        case "border":
            return rows.extra(where=["id in (select cases_bordering(%s))"], params=[arm.code])
        case "given":
            return rows.filter(department_keys__overlap=list(viewer.department_keys))
        case "reported":
            return rows.filter(reported_by_id=viewer.account_id)
        case "hands":
            return rows.filter(handler_id=viewer.account_id)
        case "desk":
            return rows.filter(holder_level=arm.holder, **({} if arm.secret else {"confidential": False}))
    return rows


@contextmanager
def _in_order() -> Iterator[None]:
    """Has the database walk an index in the order of the page. It takes the row policy for far more selective than it is,
    and would otherwise fetch and sort all of a small area, or of the older half, to show fifty.
    """
    switches = "select set_config('enable_bitmapscan', %s, true), set_config('enable_sort', %s, true)"
    with connection.cursor() as cursor:
        cursor.execute(switches, ["off", "off"])
        yield
        cursor.execute(switches, ["on", "on"])


def _found(
    arm: Arm,
    filters: CaseFilter,
    states: tuple[str, ...] | None,
    words: str | None,
    before: Key | None,
    most: int,
) -> "QuerySet[Case]":
    """What the database's own search (migration 0003) finds: it chooses between the index of words and the newest cases."""
    at, case_id = before or (None, None)
    params = [
        words, arm.kind == "given", arm.level, arm.path, None if states is None else list(states), filters.item, filters.business,
        filters.urgency, filters.late, filters.supervised, filters.found_tier, filters.resolved_tier, filters.since, filters.until, at, case_id, most,
    ]  # fmt: skip
    sought = "id in (select found_id from cases_found(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s))"
    return Case.objects.extra(where=[sought], params=params)  # noqa: S610 - parameters


def _both(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if one is None or other is None:
        return one if other is None else other
    return tuple(state for state in one if state in other)
