"""The figures are what somebody would count who went through the cases one by one, as far as the viewer may see them."""

import random
from collections import Counter
from datetime import timedelta
from statistics import median

import pytest
from tests.cases import grown
from tests.cases.grown import (
    CITY,
    COUNTIES,
    GRIDS,
    NOW,
    ask,
    code_of,
    insert_cases,
    level_of,
    random_rows,
    seat,
    viewer,
)

from wangge.base.calendar import CHINA
from wangge.base.problems import NotAllowed, NotFound
from wangge.cases.lifecycle import OPEN
from wangge.cases.queries import case_page
from wangge.figures.queries import figures

COUNTY = f"{CITY}.{COUNTIES[0]}"
TOWNSHIP = ".".join(GRIDS[0].split(".")[:3])
CENTRE = viewer(seat(COUNTY, confidential=True), account_id=1)
OPEN_CENTRE = viewer(seat(COUNTY), account_id=2)
CITY_DESK = viewer(seat(CITY, confidential=True), account_id=3)
LATER = NOW + timedelta(days=9)


def lived(count):
    """Random cases whose ends vary: tiers, outcomes, lateness, noes, alone or not; some lay elsewhere when they were reported."""
    chance = random.Random(8)
    rows = random_rows(count, seed=8)
    for row in rows:
        row["noes"], row["reopened"], row["was_late"] = (
            chance.choice([0, 0, 0, 1, 2]),
            chance.choice([0, 0, 1]),
            chance.random() < 0.3,
        )
        if chance.random() < 0.2:
            # Grids were drawn anew since: it lay in another one of its township when it was reported.
            beside = [grid for grid in GRIDS if grid.split(".")[2] == row["path"].split(".")[2]]
            row["reported_in"] = chance.choice([grid for grid in beside if grid != row["path"]])
        row["rating"] = chance.choice([None, None, True, False if row["noes"] else None])
        row["found_tier"] = chance.choice(["grid", "grid", "community", "county"])
        if row["state"] == "closed":
            row["outcome"] = chance.choice(["mended", "answered", "refused"])
            row["resolved_tier"] = chance.choice(["grid", "grid", "township", "county"])
            row["done_alone"] = chance.random() < 0.2
            row["handled_at"] = row["reported_at"] + timedelta(minutes=chance.randint(1, 6000))
            row["closed_at"] = row["handled_at"] + timedelta(minutes=chance.randint(1, 600))
    return rows


@pytest.fixture(scope="module")
def many(django_db_setup, django_db_blocker):
    with grown.built(django_db_blocker):
        grown.make_areas()
        grown.make_catalogue()
        rows = lived(500)
        insert_cases(rows)
        yield rows


def lay(row):
    return row.get("reported_in") or row["path"]


def in_place(rows, path, *, secret=True):
    return [
        row for row in rows if (lay(row) + ".").startswith(path + ".") and (secret or not row["confidential"])
    ]


def check(line, rows):
    closed = [row for row in rows if row["state"] == "closed"]
    counted = [row for row in closed if not row["done_alone"]]
    assert line.reported == len(rows)
    assert line.open == sum(row["state"] in OPEN for row in rows)
    assert line.overdue == sum(row["state"] in OPEN and row["late"] == "overdue" for row in rows)
    assert (line.closed, line.ended_otherwise) == (
        len(closed),
        sum(row["state"] == "cancelled" for row in rows),
    )
    assert (line.on_time, line.late) == (
        sum(not row["was_late"] for row in closed),
        sum(row["was_late"] for row in closed),
    )
    assert (line.counted, line.done_alone) == (len(counted), len(closed) - len(counted))
    assert line.in_grid == sum(row["found_tier"] == row["resolved_tier"] == "grid" for row in counted)
    assert line.reopened == sum(row["reopened"] > 0 for row in rows)
    assert line.noes == sum(row["noes"] > 0 for row in rows)
    assert line.rated == sum(row["noes"] > 0 or row["rating"] is not None for row in rows)
    if closed:
        waited = median((row["closed_at"] - row["reported_at"]).total_seconds() / 3600 for row in closed)
        office = median(
            CHINA.working_minutes_between(row["received_at"], row["handled_at"]) for row in closed
        )
        assert line.waited_median_hours == pytest.approx(waited, abs=1e-6)
        assert line.office_median_minutes == pytest.approx(office, abs=1)


@pytest.mark.parametrize("path", [CITY, COUNTY, TOWNSHIP, GRIDS[0]])
def test_every_line_is_counted_right(many, path):
    ask(CITY_DESK)
    found, rows = figures(CITY_DESK, area=code_of(path), period="2026-09", now=LATER), in_place(many, path)
    check(found.total, rows)
    for named in found.by_business:
        check(named.line, [row for row in rows if row["business"] == named.key])
    for named in found.by_item:
        check(named.line, [row for row in rows if row["item_id"] == named.key])
    for named in found.by_area:
        check(named.line, [row for row in rows if named.key in lay(row).split(".")])
    assert sum(named.line.reported for named in found.by_group) == found.total.reported
    assert sum(named.line.reported for named in found.by_month) == found.total.reported
    assert bool(found.by_area) == (level_of(path) != "grid")


def test_the_tiers_and_the_outcomes_are_those_of_the_closed(many):
    ask(CENTRE)
    found = figures(CENTRE, area=COUNTIES[0], period="2026", now=LATER)
    closed = [row for row in in_place(many, COUNTY) if row["state"] == "closed"]
    assert found.tiers == Counter(
        (row["found_tier"], row["resolved_tier"]) for row in closed if not row["done_alone"]
    )
    assert found.outcomes == Counter(row["outcome"] for row in closed)
    assert found.total.in_grid_share == found.tiers["grid", "grid"] / sum(found.tiers.values())


def test_confidential_cases_count_only_for_those_who_may_see_them(many):
    ask(OPEN_CENTRE)
    check(
        figures(OPEN_CENTRE, area=COUNTIES[0], period="2026-Q3", now=LATER).total,
        in_place(many, COUNTY, secret=False),
    )


def test_the_cases_behind_a_figure_are_a_list(many):
    ask(CENTRE)
    found = figures(CENTRE, area=COUNTIES[0], period="2026-09", now=LATER)
    assert len(case_page(CENTRE, found.cases_behind(), limit=200).items) == found.total.closed
    area = found.by_area[0]
    assert (
        len(case_page(CENTRE, found.cases_behind(area=area.key, month="2026-09"), limit=200).items)
        == area.line.closed
    )
    behind = case_page(CENTRE, found.cases_behind(found="grid", resolved="grid"), limit=200).items
    assert sum(not case.done_alone for case in behind) == found.total.in_grid


def test_a_period_without_cases_has_no_shares(many):
    ask(CENTRE)
    line = figures(CENTRE, area=COUNTIES[0], period="2020", now=LATER).total
    assert (
        line.reported,
        line.in_grid_share,
        line.on_time_share,
        line.noes_share,
        line.waited_median_hours,
    ) == (0, None, None, None, None)


def test_figures_of_others_areas_are_refused(many):
    ask(CENTRE)
    for area in (COUNTIES[1], CITY):
        with pytest.raises(NotAllowed):
            figures(CENTRE, area=area, period="2026", now=LATER)
    with pytest.raises(NotFound):
        figures(CENTRE, area="999999999999", period="2026", now=LATER)
    handler = viewer(seat(COUNTY, ("handle",), department="lamps"), account_id=12)
    ask(handler)
    with pytest.raises(NotAllowed):
        figures(handler, area=COUNTIES[0], period="2026", now=LATER)
