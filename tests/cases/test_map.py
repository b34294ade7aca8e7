"""The map counts and finds what the pages show, for every viewer and filter, and nothing else."""

import math
import random
from collections import Counter
from datetime import timedelta

import numpy as np
import pytest
from django.db import transaction
from tests.cases import grown
from tests.cases.grown import COUNTIES, NOW, ask, code_of, insert_cases, random_rows
from tests.cases.test_queries import COMMUNITY, EVERYONE, GRID, TOWNSHIP, shown

from wangge.base.problems import Invalid, NotFound
from wangge.cases.queries import map as on_map
from wangge.cases.queries.filters import QUEUES, CaseFilter
from wangge.cases.queries.map import SIDE, Frame, Squares, case_squares, cases_in_frame

FILTERS = {
    "all": CaseFilter(),
    **{queue: CaseFilter(queue=queue) for queue in QUEUES},
    "county": CaseFilter(area=COUNTIES[0]),
    "other county, open": CaseFilter(area=COUNTIES[1], queue="open"),
    "township": CaseFilter(area=code_of(TOWNSHIP)),
    "community": CaseFilter(area=code_of(COMMUNITY), state="closed"),
    "grid": CaseFilter(area=code_of(GRID)),
    "item": CaseFilter(item="M90-01"),
    "business": CaseFilter(business="service", urgency="urgent"),
    "supervised": CaseFilter(supervised=True, late="soon"),
    "words": CaseFilter(q="路灯"),
    "no words": CaseFilter(q="！"),
    "number": CaseFilter(q="0703-260930-00007"),
    "period": CaseFilter(since=NOW - timedelta(hours=9), until=NOW - timedelta(hours=3)),
    "contradiction": CaseFilter(queue="new", state="closed"),
}


@pytest.fixture(scope="module")
def scattered(django_db_setup, django_db_blocker):
    """400 cases of every kind, in some sixty squares; one in ten has no place."""
    chance = random.Random(3)
    with grown.built(django_db_blocker):
        grown.make_areas()
        grown.make_catalogue()
        rows = random_rows(400)
        for row in rows:
            placed = chance.random() > 0.1
            row["lon"] = round(119.3 + chance.random() * 0.04, 5) if placed else None
            row["lat"] = round(34.7 + chance.random() * 0.04, 5) if placed else None
        insert_cases(rows)
        yield {row["id"]: row for row in rows}


def cell_of(row):
    return math.floor((row["lat"] + 90) * 200) * 72_000 + math.floor((row["lon"] + 180) * 200)


@pytest.mark.parametrize("name", EVERYONE)
@pytest.mark.parametrize("asked", FILTERS)
def test_squares_count_what_the_pages_show(scattered, name, asked):
    who = ask(EVERYONE[name])
    rows = [scattered[one] for one in shown(who, FILTERS[asked], limit=200)]
    placed = [row for row in rows if row["lon"] is not None]
    found = case_squares(who, FILTERS[asked])
    assert dict(zip(found.cells.tolist(), found.counts.tolist(), strict=True)) == Counter(
        map(cell_of, placed)
    )
    assert found.overdue.sum() == sum(row["late"] == "overdue" for row in placed)
    assert found.total == len(placed)
    assert sorted(found.cells.tolist()) == found.cells.tolist()


@pytest.mark.parametrize("name", EVERYONE)
@pytest.mark.parametrize("asked", FILTERS)
@pytest.mark.parametrize("frame", [Frame(119.31, 34.71, 119.323, 34.729), Frame(119.0, 34.0, 119.33, 35.0)])
def test_a_frame_holds_what_the_pages_show_there_newest_first(scattered, name, asked, frame):
    who = ask(EVERYONE[name])
    right = [
        one
        for one in shown(who, FILTERS[asked], limit=200)
        if (row := scattered[one])["lon"] is not None
        and frame.west <= row["lon"] <= frame.east
        and frame.south <= row["lat"] <= frame.north
    ]
    found = cases_in_frame(who, FILTERS[asked], frame, most=500)
    assert [str(case.id) for case in found] == right
    assert [str(case.id) for case in cases_in_frame(who, FILTERS[asked], frame, most=3)] == right[:3]


def test_many_are_walked_from_the_newest_on(scattered):
    """As where the planner expects more than it would fetch: the same cases."""
    who, frame, asked = ask(EVERYONE["centre"]), Frame(119.0, 34.0, 120.0, 35.0), CaseFilter(queue="open")
    right = [case.id for case in cases_in_frame(who, asked, frame, most=20)]
    grown.as_builder()
    with transaction.atomic():
        grown.run(
            "create or replace function cases_expected(conditions text) returns float language sql as"
            " 'select 1e6::float'"
        )
        ask(EVERYONE["centre"])
        assert [case.id for case in cases_in_frame(who, asked, frame, most=20)] == right
        grown.as_builder()
        transaction.set_rollback(True)
    assert len(right) == 20


def test_the_middle_of_a_square_is_that_of_its_cases(scattered):
    who = ask(EVERYONE["centre"])
    found = case_squares(who, CaseFilter())
    rows = [scattered[one] for one in shown(who, CaseFilter(), limit=200)]
    for nth, cell in enumerate(found.cells.tolist()):
        there = [row for row in rows if row["lon"] is not None and cell_of(row) == cell]
        assert found.lons[nth] == pytest.approx(sum(row["lon"] for row in there) / len(there))
        assert found.lats[nth] == pytest.approx(sum(row["lat"] for row in there) / len(there))


def test_too_many_squares_become_wider_ones(scattered, monkeypatch):
    who = ask(EVERYONE["centre"])
    fine = case_squares(who, CaseFilter())
    monkeypatch.setattr(on_map, "MOST_SQUARES", 10)
    coarse = case_squares(who, CaseFilter())
    assert coarse.side == SIDE * 4
    assert len(coarse.cells) <= 10
    assert coarse.total == fine.total
    assert coarse.overdue.sum() == fine.overdue.sum()
    across = round(360 / coarse.side)
    west = coarse.cells % across * coarse.side - 180
    south = coarse.cells // across * coarse.side - 90
    assert ((coarse.lons >= west - 1e-9) & (coarse.lons <= west + coarse.side + 1e-9)).all()
    assert ((coarse.lats >= south - 1e-9) & (coarse.lats <= south + coarse.side + 1e-9)).all()


def test_nothing_is_an_answer(scattered):
    found = case_squares(ask(EVERYONE["centre"]), CaseFilter(q="麒麟"))
    assert isinstance(found, Squares)
    assert found.total == 0
    assert found.cells.dtype == np.int64


@pytest.mark.parametrize(
    "edges", [(120, 34, 119, 35), (119, 35, 120, 34), (-181, 0, 0, 1), (0, 0, 1, math.nan)]
)
def test_a_frame_off_the_earth_is_refused(edges):
    with pytest.raises(Invalid):
        Frame(*edges)


def test_unknown_places_and_queues_are_refused(scattered):
    who = ask(EVERYONE["centre"])
    with pytest.raises(NotFound):
        case_squares(who, CaseFilter(area="999999999999"))
    with pytest.raises(Invalid):
        case_squares(who, CaseFilter(queue="nonsense"))


def test_no_text_of_a_filter_becomes_a_command(scattered):
    who = ask(EVERYONE["reporter"])
    for text in ("' or true --", "0') or ('1'='1", "%s", "{}"):
        assert case_squares(who, CaseFilter(item=text)).total == 0
        assert cases_in_frame(who, CaseFilter(business=text, item=text), Frame(0, 0, 180, 90), most=5) == []


def test_the_condition_itself_is_nobodys_to_ask(scattered):
    ask(EVERYONE["centre"])
    assert grown.run(
        "select has_function_privilege('wangge_app', 'cases_wanted(jsonb, jsonb)', 'execute')"
    ) == [(False,)]
