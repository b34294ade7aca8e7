"""Asks pages, counts and searches of the city in WANGGE_DATA and prints how long each took, in milliseconds:
`python -m bench.asking [pages] [counts] [search]`. Run in a process of its own, as a web worker would."""

import json
import random
import sys
import time
from collections.abc import Callable
from typing import Any

import django
from django.db import connection, transaction

from bench.growing import BUSY, CITY, NOW, WORDS

TIERS = ("county", "township", "community", "grid")
REPEATS = 60
#: A worker has answered before: what Django compiles at the first question is no part of a page's cost.
WARMING = 5


def timed(work: Callable[..., Any], *given: Any, **named: Any) -> float:
    began = time.perf_counter()
    work(*given, **named)
    return (time.perf_counter() - began) * 1000


def enter(code: str, kind: str) -> Any:
    """The account that holds the post of this kind at this area, with the transaction's scope set for it."""
    from wangge.staff.queries import enter_as, enter_as_system

    enter_as_system(CITY)
    with connection.cursor() as cursor:
        cursor.execute(
            "select s.account_id from staff_assignment s join staff_post p on p.id = s.post_id where p.area_id = %s and p.kind_id = %s",
            [code, kind],
        )
        return enter_as(cursor.fetchone()[0], now=NOW)


KINDS = {
    "county": "dispatcher",
    "township": "subcentre_lead",
    "community": "community_lead",
    "grid": "grid_worker",
}


def cursor_at(code: str, tier: str, page: int) -> str:
    """The cursor that a hundred clicks would have led to."""
    from wangge.base.paging import encode_cursor
    from wangge.cases.models import Case

    rows = (
        Case.objects.filter(**{f"{tier}_id": code})
        .order_by("-reported_at", "-id")
        .values_list("reported_at", "id")
    )
    return encode_cursor(rows[page * 50 - 51])


def pages() -> dict[str, list[float]]:
    """First and hundredth pages of the busy grid and the areas above it, each by who holds the post there."""
    from wangge.cases.queries import CaseFilter, case_page

    took: dict[str, list[float]] = {}
    for tier, code in zip(TIERS, BUSY, strict=True):
        with transaction.atomic():
            viewer = enter(code, KINDS[tier])
            deep = [cursor_at(code, tier, 100 + n % 10) for n in range(REPEATS)]
            asked = CaseFilter(area=code)
            assert len(case_page(viewer, asked, cursor=deep[0]).items) == 50
            for _ in range(WARMING):
                case_page(viewer, asked)
            took[f"{tier} 1"] = [timed(case_page, viewer, asked) for _ in range(REPEATS)]
            took[f"{tier} 100"] = [timed(case_page, viewer, asked, cursor=place) for place in deep]
    return took


def queues() -> dict[str, list[float]]:
    """The first page of every queue of a county, and of a department's handler."""
    from wangge.cases.queries import QUEUES, CaseFilter, case_page

    took: dict[str, list[float]] = {}
    for who, kind, area in (
        ("county", "dispatcher", BUSY[0]),
        ("handler", "handler", ""),
        ("city", "administrator", ""),
    ):
        with transaction.atomic():
            viewer = enter(CITY if who == "city" else BUSY[0], kind)
            for queue in ("", *QUEUES):
                asked = CaseFilter(area=area, queue=queue)
                took[f"{who} {queue or 'all'}"] = [
                    timed(case_page, viewer, asked) for _ in range(REPEATS // 3)
                ]
    return took


def counts() -> dict[str, list[float]]:
    """The numbers beside the queues of a county."""
    from wangge.cases.queries import queue_counts

    took: dict[str, list[float]] = {}
    for tier, code in zip(TIERS, BUSY, strict=True):
        with transaction.atomic():
            viewer = enter(code, KINDS[tier])
            took[tier] = [timed(queue_counts, viewer, code) for _ in range(REPEATS)]
    return took


def search() -> dict[str, list[float]]:
    """Words of two characters from very common to very rare, in a county, a township and the whole city."""
    from wangge.cases.queries import CaseFilter, case_page

    took: dict[str, list[float]] = {}
    places = (
        ("city", CITY, "administrator"),
        ("county", BUSY[0], "dispatcher"),
        ("township", BUSY[1], "subcentre_lead"),
        ("grid", BUSY[3], "grid_worker"),
    )
    chance = random.Random(1)
    for tier, code, kind in places:
        with transaction.atomic():
            viewer = enter(code, kind)
            jobs = [word for word in WORDS for _ in range(REPEATS // 3)]
            chance.shuffle(jobs)
            for word in jobs:
                took.setdefault(f"{tier} {word}", []).append(
                    timed(case_page, viewer, CaseFilter(area=code, q=word))
                )
    return took


def main() -> None:
    django.setup()
    what = {"pages": pages, "queues": queues, "counts": counts, "search": search}
    print(json.dumps({name: what[name]() for name in sys.argv[1:]}))


if __name__ == "__main__":
    main()
