"""Filing for a caller: what is understood as a place, what would become of the case, and what follows in the same step."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import builders
from tests.builders import NOW
from tests.households.test_queries import estate

from wangge.base.coordinates import distance_m, from_wgs84
from wangge.base.problems import NotFound, OtherContent
from wangge.cases.actions import Report, report_and_dispatch, report_case, report_into, set_route
from wangge.cases.models import Case, Note
from wangge.cases.queries import places_named, prospect
from wangge.cases.rules import AlreadyMerged, NoOffice, NoPlace, NotClear
from wangge.cases.rules.positions import read_position
from wangge.cases.rules.private import private_parts
from wangge.journal.models import Entry

ID = UUID("00000000-0000-7000-8000-0000000000f1")
OTHER = UUID("00000000-0000-7000-8000-0000000000f2")
HERE = {"lon": 119.355, "lat": 34.745}


def lamp(town, **facts):
    return town.add(builders.item, first_tier="county", **facts)


def a_report(**facts):
    return Report(**{"item": "M01-01", "title": "路灯不亮", "reported_at": NOW, **HERE, **facts})


# Positions


@pytest.mark.parametrize(
    ("said", "datums"),
    [
        ("119.355,34.745", ("wgs84", "gcj02", "bd09")),
        ("34.745， 119.355", ("wgs84", "gcj02", "bd09")),
        ("经度119.355 纬度34.745", ("wgs84", "gcj02", "bd09")),
        ("东经119°21′18″ 北纬34°44′42″", ("wgs84", "gcj02", "bd09")),
        ("https://uri.amap.com/marker?position=119.355,34.745&name=x", ("gcj02",)),
        ("http://api.map.baidu.com/marker?location=34.745,119.355", ("bd09",)),
        ("百度 119.355 34.745", ("bd09",)),
        ("geo:34.745,119.355", ("wgs84",)),
        ("https://www.openstreetmap.org/#map=17/34.7450/119.3550", ("wgs84",)),
    ],
)
def test_degrees_are_read_in_either_order_and_told_by_their_map(said, datums):
    found = read_position(said)
    assert (round(found.lon, 5), round(found.lat, 5), found.datums) == (119.355, 34.745, datums)


@pytest.mark.parametrize(
    "said", ["荷塘家园", "24号楼2单元", "119.355", "1.25, 2.50", "0703-260415-0001", "12.5 34.7", ""]
)
def test_what_is_no_place_in_china_is_none(said):
    assert read_position(said) is None


@given(st.floats(75, 134), st.floats(5, 53))
def test_any_place_in_china_comes_back(lon, lat):
    found = read_position(f"{lat:.6f},{lon:.6f}")
    assert (found.lon, found.lat) == (round(lon, 6), round(lat, 6))


@given(st.text(max_size=80))
def test_any_text_is_read_without_a_fault(text):
    read_position(text)
    private_parts(text)


# Numbers of persons


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("请打13812345678", ("phone",)),
        ("电话 138 1234 5678 找张先生", ("phone",)),
        ("+8613812345678", ("phone",)),
        ("0518-85412345", ("phone",)),
        ("身份证320703199001011234", ("identity",)),
        ("32070319900101123X，电话１３８１２３４５６７８", ("identity", "phone")),
        ("0703-260415-0001", ()),
        ("事件0703-260415-0001已催办", ()),
        ("24号楼2单元1302室", ()),
        ("320703003002", ()),
        ("3207030030021001", ()),
        ("320703199013311234", ()),
        ("119.355123,34.745123", ()),
        ("2026-04-15 10:00", ()),
    ],
)
def test_numbers_of_persons_are_told_from_others(said, kinds):
    assert private_parts(said) == kinds


# What would become of it


def test_a_place_tells_its_people_and_where_a_case_goes(town, db):
    lamp(town)
    found = prospect(town.as_viewer("dispatcher"), item="M01-01", **HERE, area="", at=NOW)
    assert found.code == town.grid_a.code
    assert found.people == ("一网格员",)
    assert found.may_report
    assert (found.routing.desk.code, found.department, found.obstacle) == (
        town.county.code, "city-management", "",
    )  # fmt: skip


def test_without_an_item_a_place_still_tells_its_people(town, db):
    found = prospect(town.as_viewer("dispatcher"), item="", lon=None, lat=None, area=town.grid_b.code, at=NOW)
    assert (found.people, found.routing, found.department) == (("二网格员",), None, "")


@pytest.mark.parametrize(
    ("viewer", "facts", "obstacle"),
    [
        ("dispatcher", {"first_tier": "grid"}, "other-desk"),
        ("dispatcher", {"department": "housing"}, "no-office"),
        ("worker", {"first_tier": "grid"}, "no-right"),
        ("handler", {}, "other-desk"),
    ],
)
def test_what_is_not_this_desk_s_to_decide_is_not_offered(town, db, viewer, facts, obstacle):
    town.add(builders.item, **{"first_tier": "county", **facts})
    found = prospect(town.as_viewer(viewer), item="M01-01", **HERE, area="", at=NOW)
    assert (found.department, found.obstacle) == ("", obstacle)


def test_outside_the_city_is_no_place_and_elsewhere_may_not_be_reported(town, db):
    viewer = town.as_viewer("dispatcher")
    with pytest.raises(NoPlace):
        prospect(viewer, item="", lon=100.0, lat=30.0, area="", at=NOW)
    assert not prospect(viewer, item="", lon=119.165, lat=34.595, area="", at=NOW).may_report


# Places


def kinds(found):
    return [(place.kind, place.name) for place in found]


@pytest.fixture
def around(town, db):
    """Estates, and cases with addresses, here and elsewhere."""
    work = town.add(builders.item)
    estate(town, "E1", "荷塘家园", town.grid_a, **HERE)
    estate(town, "E9", "荷塘家园", town.far_grid)
    facts = {"reported_at": NOW - timedelta(days=3), "county_id": town.county.code}
    for days, address, at in (
        (3, "荷塘家园24号楼", town.grid_a),
        (2, "荷塘家园24号楼", town.grid_a),
        (1, "荷塘路口", town.grid_b),
        (400, "荷塘旧厂", town.grid_a),
        (1, "荷塘远处", town.far_grid),
    ):
        facts["reported_at"] = NOW - timedelta(days=days)
        facts["county_id"] = at.path.split(".")[1]
        town.near = town.add(builders.case, work, at, address=address, **HERE, **facts)
    return town


def test_a_word_means_estates_addresses_and_areas_of_one_s_own(around):
    found = places_named(around.as_viewer("dispatcher"), "荷塘", at=NOW)
    assert kinds(found) == [("compound", "荷塘家园"), ("address", "荷塘路口"), ("address", "荷塘家园24号楼")]
    assert kinds(places_named(around.as_viewer("dispatcher"), "荷花", at=NOW)) == [("area", "荷花社区居委会")]
    assert kinds(places_named(around.as_viewer("far_centre"), "荷塘", at=NOW)) == [
        ("compound", "荷塘家园"), ("address", "荷塘远处"),
    ]  # fmt: skip


def test_a_building_behind_the_estate_goes_into_the_address(around):
    (found,) = places_named(around.as_viewer("dispatcher"), "荷塘家园9栋301", at=NOW)
    assert (found.kind, found.address, found.area, found.lon) == ("compound", "荷塘家园9栋301", "", 119.355)


def test_degrees_without_a_map_s_name_may_be_in_three_datums(around):
    lon, lat = from_wgs84(119.355, 34.745, "gcj02")
    found = places_named(around.as_viewer("dispatcher"), f"{lon:.6f},{lat:.6f}", at=NOW)
    assert [place.datum for place in found] == ["wgs84", "gcj02", "bd09"]
    assert distance_m(found[1].lon, found[1].lat, 119.355, 34.745) < 1
    assert found[1].code == around.grid_a.code


def test_a_case_s_number_means_its_place(around):
    work = around.add(builders.item, "M01-09")
    known = around.add(builders.case, work, around.grid_b, number="0703-260415-0007", address="桥头")
    (found,) = places_named(around.as_viewer("dispatcher"), "在0703-260415-0007那里", at=NOW)
    assert (found.kind, found.area, found.address) == ("case", around.grid_b.code, "桥头")
    assert places_named(around.as_viewer("far_centre"), known.number, at=NOW) == []


def test_one_letter_and_nothing_mean_nothing(around):
    assert [places_named(around.as_viewer("dispatcher"), text, at=NOW) for text in ("", "荷", " ")] == [
        [],
        [],
        [],
    ]


# Dispatched at once


def test_filing_and_dispatching_is_one_step_and_done_once(town, db):
    lamp(town)
    viewer = town.as_viewer("dispatcher")
    case, is_new = report_and_dispatch(viewer, ID, a_report(), now=NOW)
    assert is_new
    assert (case.state, case.department_keys) == ("dispatched", [f"{town.county.code}/city-management"])
    assert list(Entry.objects.order_by("id").values_list("verb", flat=True)) == [
        "case.reported",
        "case.dispatched",
    ]
    again, is_new = report_and_dispatch(viewer, ID, a_report(), now=NOW + timedelta(minutes=1))
    assert (again.id, is_new) == (ID, False)
    assert Entry.objects.count() == 2
    with pytest.raises(OtherContent):
        report_and_dispatch(viewer, ID, a_report(title="别的"), now=NOW)


def test_a_case_that_was_filed_alone_is_not_dispatched_by_its_id(town, db):
    lamp(town)
    viewer = town.as_viewer("dispatcher")
    report_case(viewer, ID, a_report(), now=NOW)
    with pytest.raises(OtherContent):
        report_and_dispatch(viewer, ID, a_report(), now=NOW)


@pytest.mark.parametrize(
    ("facts", "departments", "problem"),
    [
        ({"first_tier": "grid"}, [], NotClear),
        ({"first_tier": "county", "department": "housing"}, [], NotClear),
        ({"first_tier": "county"}, ["housing"], NoOffice),
    ],
)
def test_what_cannot_be_dispatched_is_not_filed_either(town, db, facts, departments, problem):
    town.add(builders.item, **facts)
    with pytest.raises(problem):
        report_and_dispatch(town.as_viewer("dispatcher"), ID, a_report(), departments=departments, now=NOW)
    assert not Case.objects.exists()
    assert not Entry.objects.exists()


def test_a_rule_that_names_another_department_decides(town, db):
    lamp(town)
    set_route(town.as_viewer("admin"), area=town.county.code, item="M01-01", department="fire", now=NOW)
    case, _ = report_and_dispatch(town.as_viewer("dispatcher"), ID, a_report(), now=NOW)
    assert case.department_keys == [f"{town.county.code}/fire"]


# Joined to a known case


def join(viewer, **facts):
    facts = {"into": OTHER, "again": "又登记为 {number}", "now": NOW} | facts
    return report_into(viewer, ID, a_report(**facts.pop("report", {})), **facts)


def test_a_report_of_a_known_case_is_kept_merged_and_noted(town, db):
    lamp(town)
    report_case(town.as_viewer("worker"), OTHER, a_report(title="灯坏"), now=NOW)
    viewer = town.as_viewer("dispatcher")
    case, is_new = join(viewer, report={"title": "路灯又灭了", "address": "三号楼"})
    assert is_new
    assert (case.state, case.merged_into_id) == ("merged", OTHER)
    known = Case.objects.get(id=OTHER)
    assert town.accounts["dispatcher"].pk in known.followers
    note = Note.objects.get()
    assert (note.case_id, note.audience) == (OTHER, "staff")
    assert note.text == f"又登记为 {case.number}\n路灯又灭了\n三号楼"
    assert join(viewer, report={"title": "路灯又灭了", "address": "三号楼"})[1] is False
    assert Note.objects.count() == 1


def test_confidential_words_do_not_go_into_a_plain_case(town, db):
    lamp(town)
    town.add(builders.item, "S09-01", first_tier="county", confidential=True)
    report_case(town.as_viewer("worker"), OTHER, a_report(title="灯坏"), now=NOW)
    case, _ = join(town.as_viewer("centre"), report={"title": "家里的事", "item": "S09-01"})
    assert Note.objects.get().text == f"又登记为 {case.number}"


def test_nothing_is_filed_when_the_known_case_cannot_take_it(town, db):
    lamp(town)
    viewer = town.as_viewer("dispatcher")
    with pytest.raises(NotFound):
        join(viewer)
    merged = town.add(builders.case, town.add(builders.item, "M01-07"), town.grid_a, state="merged")
    with pytest.raises(AlreadyMerged):
        join(viewer, into=merged.id)
    assert not Case.objects.filter(id=ID).exists()
