"""Posts, distributions and requests of the sample city, on plain values."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import numpy as np
import pytest

from wangge.access import DUTIES
from wangge.cases.lifecycle import OUTCOMES
from wangge.demo import queries
from wangge.demo.actions.draws import draw_reports
from wangge.demo.rules import distributions as stated
from wangge.demo.rules import requests, texts
from wangge.demo.rules.city import plan_city
from wangge.demo.rules.people import person_name
from wangge.demo.rules.posts import DEMO_ACCOUNTS, Kind, Need, actors_of, seat_everybody
from wangge.demo.rules.world import world_of
from wangge.staff.rules import shipped_post_kinds, shipped_required_posts

NOW = datetime(2026, 3, 25, 2, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def places():
    return plan_city(queries.divisions(), queries.outlines(), 1)


@pytest.fixture(scope="module")
def seatings(places):
    kinds = [Kind(line.code, tuple(line.duties), line.confidential) for line in shipped_post_kinds()]
    needs = [Need(line.kind, line.level, line.grid_kind, line.minimum) for line in shipped_required_posts()]
    return seat_everybody(places, kinds, needs, ["city-management", "fire"], NOW.date(), 1)


def test_every_demo_account_holds_the_post_that_the_contract_names(seatings):
    held = {
        each.username: (each.kind.code, each.place.code, each.department) for each in seatings if each.is_demo
    }
    assert held == dict(DEMO_ACCOUNTS)
    assert set(held) == {
        "admin", "centre", "dispatcher", "township", "community", "worker", "handler", "enterprise", "instructor", "mediator",
    }  # fmt: skip


def test_every_required_post_is_there_and_few_are_vacant(seatings, places):
    posts = Counter((each.place.code, each.kind.code) for each in seatings)
    for line in shipped_required_posts():
        for place in places:
            if place.level == line.level and line.grid_kind in ("", place.kind):
                assert posts[place.code, line.kind] >= line.minimum
    vacant = [each for each in seatings if not each.username]
    assert 0 < len(vacant) < 0.04 * len(seatings)
    assert not [each for each in vacant if each.place.level in ("city", "county")]
    assert len({each.username for each in seatings if each.username}) == len(seatings) - len(vacant)
    assert all(each.from_on < date(2025, 3, 25) for each in seatings)


def test_whoever_is_passed_over_somebody_above_reads_the_case(seatings, places):
    world = world_of(actors_of(seatings), {})
    for place in places[:: len(places) // 300]:
        for confidential in (False, True):
            desk, passed = world.reading_desk(place.path, "grid", confidential=confidential)
            assert world.is_read(desk.code, confidential=confidential)
            assert not any(world.is_read(each.code, confidential=confidential) for each in passed)
        assert world.office("fire", place.path)
        assert world.office("no-such", place.path) == ""


def test_names_are_two_or_three_characters():
    rng = Random(1)
    names = [person_name(rng) for _ in range(500)]
    assert {len(name) for name in names} == {2, 3}
    assert len(set(names)) > 300


def test_each_step_is_late_as_often_as_its_distribution_says():
    rng = Random(1)
    for step in stated.DELAYS:
        late = sum(stated.delay_minutes(step, 100_000, rng) > 100_000 for _ in range(20_000)) / 20_000
        assert late == pytest.approx(stated.chance_of_late(step), abs=0.006)


def test_the_outcomes_are_those_of_the_lifecycle_and_each_has_a_text():
    for shares in stated.OUTCOMES.values():
        assert set(shares) == set(OUTCOMES)
    assert set(texts.ANSWERS) == set(OUTCOMES)


def test_the_reports_of_a_year_follow_hour_season_item_and_place(places):
    grids = [place for place in places if place.level == "grid"]
    habits = list(queries.habits().values())
    draws = draw_reports(60_000, habits, grids, NOW, 365, 1)
    assert (np.diff(draws.received_s) >= 0).all()
    assert (draws.received_s >= draws.reported_s).all()
    assert draws.received_s.max() < NOW.timestamp()
    local = (draws.reported_s + 8 * 3600) // 3600 % 24
    night = np.array([habit.night for habit in habits])[draws.item]
    by_day = np.bincount(local[~night], minlength=24) / (~night).sum()
    assert by_day == pytest.approx(np.array(stated.HOURS) / sum(stated.HOURS), abs=0.006)
    assert (
        np.bincount(local[night], minlength=24)[20:23].sum()
        > 3 * np.bincount(local[night], minlength=24)[8:11].sum()
    )
    months = (draws.reported_s + 8 * 3600).astype("datetime64[s]").astype("datetime64[M]").astype(
        int
    ) % 12 + 1
    rainy = np.array([habit.rainy for habit in habits])[draws.item]
    assert rainy[np.isin(months, stated.RAINY_MONTHS)].mean() > 2 * rainy[np.isin(months, (4, 5, 10))].mean()


def test_every_report_lies_in_its_grid(places):
    import shapely

    grids = [place for place in places if place.level == "grid"]
    draws = draw_reports(3_000, list(queries.habits().values()), grids, NOW, 365, 2)
    for number, lon, lat in zip(draws.place, draws.lon, draws.lat, strict=True):
        rings = grids[number].rings
        if rings:
            assert shapely.Polygon(rings[0]).contains(shapely.Point(lon, lat))


# ---- requests


ITEMS = [
    requests.Item("M03-01", "路灯不亮", ("路灯", "灯不亮"), "city-management", "management", 840),
    requests.Item("V05-01", "医保报销", ("医保", "报销"), "medical-insurance", "service", 840),
    requests.Item("M09-01", "公交", ("公交", "路灯"), "transport", "management", 840),
]


def request(title="", text="", label=""):
    return requests.Request("1", title, text, label, "", None, None)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (request("小区路灯不亮"), "M03-01"),
        (request("医保怎么报销"), "V05-01"),
        (request("公交站的路灯", label="交通运输"), "M09-01"),
        (request("随便说说", label="交通运输"), "M09-01"),
    ],
)
def test_the_item_comes_from_the_words_and_the_label(asked, code):
    assert requests.choose_item(asked, ITEMS).code == code


def test_without_word_and_label_no_item_fits():
    assert requests.choose_item(request("今天天气真好"), ITEMS) is None


def test_a_file_says_what_it_lacks_and_reads_the_moments_that_people_write():
    with pytest.raises(ValueError, match="no column text"):
        list(requests.requests_in(["title,created_at", "a,b"]))
    lines = [
        "title,text,created_at,replied_at",
        ",先说正文,2019/2/28 11:53:06,2019-03-01T08:00:00+08:00",
        "b,,neither,",
    ]
    first, second = requests.requests_in(lines)
    assert first.title == "先说正文"
    assert first.key == "1"
    assert first.moment == datetime(2019, 2, 28, 3, 53, 6, tzinfo=UTC)
    assert first.replied == datetime(2019, 3, 1, tzinfo=UTC)
    assert second.moment is None


def test_ids_finders_and_places_are_the_same_each_time_and_differ_between_requests():
    one, other = request("甲"), request("乙")
    assert requests.case_id_of(one, 1) == requests.case_id_of(one, 1) != requests.case_id_of(other, 1)
    finders = Counter(requests.finder_of(request(str(number)), 1) for number in range(2_000))
    assert set(finders) == set(requests.FINDERS)
    assert finders["worker"] / 2_000 == pytest.approx(0.4, abs=0.04)


def test_the_table_counts_what_became_of_each():
    outcomes = [
        requests.Outcome("grid", "county"),
        requests.Outcome("grid", "grid", late=True),
        requests.Outcome(refused="no item of the catalogue fits its words"),
    ]
    said = requests.table(outcomes)
    for expected in (
        "filed",
        "found in the tier: grid",
        "resolved in the tier: county",
        "late",
        "no item of the catalogue",
    ):
        assert expected in said


def test_the_duties_that_seats_rest_on_exist():
    assert {"walk", "desk", "lead", "handle"} <= set(DUTIES)


def test_every_stated_distribution_is_told_in_the_docs():
    page = (Path(__file__).parents[2] / "docs" / "workings" / "sample-city.md").read_text(encoding="utf-8")
    names = [name for name in vars(stated) if name.isupper()]
    assert len(names) > 20
    assert [name for name in names if f"`{name}`" not in page] == []
