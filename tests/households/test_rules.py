"""Rows of lists of estates, and how people name a place."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.base.coordinates import distance_m, from_wgs84
from wangge.base.tables.reading import Row
from wangge.households.rules import COLUMNS, address_in, given_code, name_and_rest, read_row, written_datum

TODAY = date(2026, 4, 15)


def read(by_default="wgs84", **cells):
    return read_row(
        Row(2, {"name": "荷塘家园", "area": "3207030030021001", **cells}), datum=by_default, today=TODAY
    )


def wrong(**cells):
    row, faults = read(**cells)
    assert row is None
    return {fault.column for fault in faults}


@pytest.mark.parametrize(
    ("said", "name", "rest"),
    [
        ("荷塘家园24号楼2单元", "荷塘家园", "24号楼2单元"),
        ("荷塘家园 第3栋", "荷塘家园", "第3栋"),
        ("荷塘家园，12幢", "荷塘家园", "12幢"),
        ("荷塘家园", "荷塘家园", ""),
        ("88号院", "88号院", ""),
        ("", "", ""),
    ],
)
def test_a_building_s_number_is_parted_from_the_name(said, name, rest):
    assert name_and_rest(said) == (name, rest)


@given(st.text(max_size=60))
def test_parting_loses_no_letter(text):
    name, rest = name_and_rest(text)
    kept = [letter for letter in text if letter.isalnum()]
    assert [letter for letter in name + rest if letter.isalnum()] == kept


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("荷塘家园24号楼", "荷塘家园24号楼"),
        ("水厂宿舍3栋", "荷塘家园3栋"),
        ("荷塘9栋", "荷塘家园9栋"),
        ("荷塘", "荷塘家园"),
    ],
)
def test_what_was_said_becomes_an_address_under_the_full_name(said, address):
    assert address_in("荷塘家园", ["水厂宿舍"], said) == address


def test_a_number_within_the_name_is_not_said_twice():
    assert address_in("阳光100小区", [], "阳光100小区3栋") == "阳光100小区3栋"
    assert address_in("阳光100小区", [], "阳光100") == "阳光100小区"


def test_a_row_says_all_that_a_compound_is():
    row, faults = read(
        aliases="荷塘; 水厂宿舍、荷塘，荷塘家园", address="海棠路 5号", valid_from="2008年6月1日"
    )
    assert faults == []
    assert row.aliases == ("荷塘", "水厂宿舍")
    assert row.address == "海棠路 5号"
    assert row.valid_from == date(2008, 6, 1)
    assert (row.lon, row.valid_to) == (None, None)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_points_of_chinese_maps_come_out_where_they_are(datum):
    lon, lat = from_wgs84(119.36, 34.74, datum)
    by_row, _ = read(lon=str(lon), lat=str(lat), datum="高德" if datum == "gcj02" else "百度坐标系")
    by_file, _ = read(datum, lon=str(lon), lat=str(lat))
    for row in (by_row, by_file):
        assert distance_m(119.36, 34.74, row.lon, row.lat) < 1


def test_each_wrong_cell_is_named():
    assert wrong(name="") == {"name"}
    assert wrong(code="七号", area="32") == {"code", "area"}
    assert wrong(lon="119.36") == {"lat"}
    assert wrong(lon="东经119", lat="91") == {"lon", "lat"}
    assert wrong(lon="119.36", lat="34.74", datum="北京54") == {"datum"}
    assert wrong(area="") == {"area"}
    assert wrong(valid_from="2030-01-01") == {"valid_from"}
    assert wrong(valid_from="2020-01-02", valid_to="2020-01-01") == {"valid_to"}
    assert wrong(address="长" * 201, aliases="、".join(map(str, range(21)))) == {"address", "aliases"}


def test_without_a_code_a_name_in_an_area_is_always_the_same():
    assert given_code("320703003002", "荷塘家园") == given_code("320703003002", "荷塘家园")
    assert given_code("320703003002", "荷塘家园") != given_code("320703003001", "荷塘家园")
    assert len(given_code("3207030030021001", "荷塘家园")) <= 32


def test_datums_are_known_by_the_names_that_lists_use():
    assert [written_datum(each) for each in ("GCJ-02", "WGS 84", "bd_09", "火星坐标系", "什么")] == [
        "gcj02", "wgs84", "bd09", "gcj02", None,
    ]  # fmt: skip


def test_headers_are_known_in_both_languages():
    assert {"小区名称", "name", "经度", "lon", "坐标系"} <= COLUMNS.keys()
