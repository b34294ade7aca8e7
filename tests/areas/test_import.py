"""Files of areas: what is taken, what is refused with its place, and that history stays."""

import csv
import json
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from tests.areas.test_rules import SQUARE, feature, polygon

from wangge.areas.actions import import_areas
from wangge.areas.models import Area, AreaVersion
from wangge.areas.queries import locate
from wangge.areas.rules import NATION, AreaImportRefused, DayOutOfOrder
from wangge.base.coordinates import from_wgs84
from wangge.base.problems import NotAllowed
from wangge.base.tables.reading import MissingColumns, TableProblem
from wangge.base.tables.writing import write_xlsx
from wangge.journal.models import Entry
from wangge.staff.queries import enter_as_system

NOW = datetime(2026, 4, 15, 2, 0, tzinfo=UTC)
DAY = date(2024, 1, 1)

CITY = [
    ("division_code", "name", "level", "parent_code", "urban_rural_class"),
    ("320000000000", "江苏省", "province", "", ""),
    ("320700000000", "连云港市", "city", "320000000000", ""),
    ("320703000000", "连云区", "county", "320700000000", ""),
    ("320703003000", "连云街道", "township", "320703000000", ""),
    ("320703003002", "荷花社区居委会", "community", "320703003000", "111"),
]
GRIDS = [
    ("代码", "名称", "层级", "上级代码", "网格类型", "启用日期"),
    ("3207030030021001", "第1网格", "网格", "320703003002", "公共网格", "2024-02-01"),
    ("3207030030022001", "水产加工厂", "网格", "320703003002", "专属", ""),
]
NATIONAL = {
    "provinces.csv": [("code", "name"), ("11", "北京市"), ("44", "广东省")],
    "cities.csv": [("code", "name", "provinceCode"), ("1101", "市辖区", "11"), ("4419", "东莞市", "44")],
    "areas.csv": [
        ("code", "name", "cityCode", "provinceCode"), ("110101", "东城区", "1101", "11"), ("441900", "东莞市", "4419", "44"),
    ],
    "streets.csv": [
        ("code", "name", "areaCode", "provinceCode", "cityCode"),
        ("110101001", "东华门街道", "110101", "11", "1101"),
        ("441900003", "东城街道", "441900", "44", "4419"),
    ],
    "villages.csv": [
        ("code", "name", "streetCode", "provinceCode", "cityCode", "areaCode"),
        ("110101001001", "多福巷社区居委会", "110101001", "11", "1101", "110101"),
        ("441900003001", "岗贝社区居委会", "441900003", "44", "4419", "441900"),
    ],
}  # fmt: skip


def write(path, rows, encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def take(path, viewer=None, **facts):
    return import_areas(viewer or enter_as_system(""), path, now=NOW, **{"valid_from": DAY, **facts})


def counts(report):
    return (report.added, report.changed, report.ended, report.unchanged, report.left_out)


def refused(path, **facts):
    with pytest.raises(AreaImportRefused) as caught:
        take(path, **facts)
    return [(fault.line, fault.column, fault.value) for fault in caught.value.faults]


@pytest.fixture
def city(db, tmp_path):
    take(write(tmp_path / "city.csv", CITY))
    return tmp_path


def test_a_citys_divisions_make_its_tree_from_the_city_down(city):
    assert dict(Area.objects.values_list("code", "path")) == {
        "320700000000": "320700000000",
        "320703000000": "320700000000.320703000000",
        "320703003000": "320700000000.320703000000.320703003000",
        "320703003002": "320700000000.320703000000.320703003000.320703003002",
    }
    community = Area.objects.get(code="320703003002")
    assert (community.name, community.level, community.urban_rural_class) == (
        "荷花社区居委会",
        "community",
        "111",
    )
    assert (community.parent_id, community.valid_from, community.valid_to) == ("320703003000", DAY, None)


def test_one_import_leaves_one_journal_entry_on_the_root(city):
    entry = Entry.objects.get()
    assert (entry.verb, entry.subject, entry.path) == ("areas.imported", "area:320700000000", "320700000000")
    assert entry.after["added"] == 4
    assert entry.after["files"][0]["name"] == "city.csv"
    assert len(entry.after["files"][0]["sha256"]) == 64


def test_the_same_file_again_changes_nothing_and_says_so(city):
    assert counts(take(city / "city.csv")) == (0, 0, 0, 4, 1)
    assert Entry.objects.count() == 1
    assert not AreaVersion.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_projects_own_table_adds_grids(city, encoding):
    assert counts(take(write(city / "grids.csv", GRIDS, encoding))) == (2, 0, 0, 0, 0)
    assert list(Area.objects.filter(level="grid").order_by("code").values_list("kind", "valid_from")) == [
        ("public", date(2024, 2, 1)), ("dedicated", DAY),
    ]  # fmt: skip


def test_a_spreadsheet_is_taken_like_a_table(city):
    file = city / "grids.xlsx"
    write_xlsx(file, GRIDS[0], GRIDS[1:])
    assert take(file).added == 2


def test_a_folder_with_a_file_per_level_makes_the_nations_tree(db, tmp_path):
    for name, rows in NATIONAL.items():
        write(tmp_path / name, rows)
    assert counts(take(tmp_path)) == (10, 0, 0, 0, 0)
    paths = dict(Area.objects.values_list("code", "path"))
    assert (
        paths["110101001001"] == f"{NATION}.110000000000.110100000000.110101000000.110101001000.110101001001"
    )
    # A city without counties, which the files name as its own county: its townships lie right below it.
    assert paths["441900003001"] == f"{NATION}.440000000000.441900000000.441900003000.441900003001"
    assert Entry.objects.get().path == NATION
    assert counts(take(tmp_path)) == (0, 0, 0, 9, 0)


def test_codes_alone_tell_where_an_area_lies(db, tmp_path):
    rows = [
        ("code", "name"),
        ("320703003002", "荷花社区"),
        ("3207", "连云港市"),
        ("320703003", "连云街道"),
        ("320703", "连云区"),
    ]
    assert take(write(tmp_path / "short.csv", rows)).added == 4
    assert Area.objects.get(code="320703003002").path.count(".") == 3


def test_each_wrong_cell_is_named_and_nothing_is_imported(db, tmp_path):
    rows = [
        ("code", "name", "level", "parent_code", "urban_rural_class", "valid_from"),
        ("320700000000", "连云港市", "city", "", "", ""),
        ("32070", "短", "county", "320700000000", "", ""),
        ("320703000000", "连云区", "township", "320700000000", "", "soon"),
        ("320703000000", "连云区", "county", "320700000000", "", ""),
        ("320703003000", "", "township", "320703000000", "", ""),
        ("320704003000", "孤街道", "township", "320704000000", "", ""),
        ("320703003002", "荷花社区", "community", "320703003000", "999", "", "extra"),
        ("320703003003", "好社区", "community", "320703003000", "7", ""),
    ]
    assert refused(write(tmp_path / "bad.csv", rows)) == [
        (3, "code", "32070"),
        (4, "level", "township"),
        (4, "valid_from", "soon"),
        (5, "code", "320703000000"),
        (6, "name", ""),
        (7, "parent", "320704000000"),
        (8, "", "extra"),
        (9, "urban_rural_class", "7"),
    ]
    assert not Area.objects.exists()
    assert not Entry.objects.exists()


def test_another_city_is_refused_where_a_citys_tree_stands(city):
    rows = [("code", "name"), ("320800000000", "淮安市"), ("320803000000", "淮安区")]
    assert refused(write(city / "other.csv", rows)) == [(2, "code", "320800000000")]


def test_a_new_name_keeps_the_one_before_as_a_version(city):
    rows = [*CITY[:-1], ("320703003002", "荷花社区", "community", "320703003000", "112")]
    assert counts(take(write(city / "new.csv", rows), valid_from=date(2025, 6, 1))) == (0, 1, 0, 3, 1)
    area, version = Area.objects.get(code="320703003002"), AreaVersion.objects.get()
    assert (area.name, area.urban_rural_class, area.valid_from) == ("荷花社区", "112", date(2025, 6, 1))
    assert (version.name, version.urban_rural_class) == ("荷花社区居委会", "111")
    assert (version.valid_from, version.valid_to, version.recorded_at) == (DAY, date(2025, 6, 1), NOW)
    assert version.parent_code == "320703003000"
    assert Entry.objects.last().path == area.path


def test_a_change_dated_before_the_last_one_is_refused(city):
    rows = [("code", "name"), ("320703003002", "荷花社区")]
    assert refused(write(city / "old.csv", rows), valid_from=date(2023, 1, 1)) == [
        (2, "valid_from", "2023-01-01")
    ]
    with pytest.raises(DayOutOfOrder):
        take(city / "old.csv", valid_from=date(2999, 1, 1))


def test_an_area_does_not_move(city):
    rows = [("code", "name", "parent"), ("320703003002", "荷花社区居委会", "320703000000")]
    assert refused(write(city / "moved.csv", rows)) == [(2, "parent", "320703000000")]


def test_an_area_ends_with_what_lies_below_it_and_does_not_come_back(city):
    header = ("code", "name", "valid_to")
    township, community = (
        ("320703003000", "连云街道", "2025-03-01"),
        ("320703003002", "荷花社区居委会", "2025-03-01"),
    )
    assert refused(write(city / "end.csv", [header, township])) == [(2, "valid_to", "2025-03-01")]
    assert counts(take(write(city / "end.csv", [header, township, community]))) == (0, 0, 2, 0, 0)
    assert Area.objects.get(code="320703003002").valid_to == date(2025, 3, 1)
    assert AreaVersion.objects.count() == 2
    assert counts(take(city / "end.csv")) == (0, 0, 0, 2, 0)
    again = write(city / "again.csv", [("code", "name"), ("320703003002", "荷花社区")])
    assert refused(again) == [(2, "code", "320703003002")]
    below = write(city / "below.csv", GRIDS[:2])
    assert refused(below) == [(2, "parent", "320703003002")]


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_a_map_gives_boundaries_in_any_datum_and_no_names(city, datum):
    moved = [list(from_wgs84(lon, lat, datum)) for lon, lat in SQUARE]
    collection = {"type": "FeatureCollection", "features": [feature(320703, polygon(moved), name="连云")]}
    file = city / "county.geojson"
    file.write_text(json.dumps(collection), encoding="utf-8")
    assert counts(take(file, datum=datum)) == (0, 1, 0, 0, 0)
    county = Area.objects.get(code="320703000000")
    assert county.name == "连云区"
    assert county.box
    assert not county.boundary_made_up
    assert locate(119.05, 34.05).code == "320703000000"
    assert locate(119.0 - 2e-6, 34.05).code == ""
    assert counts(take(file, datum=datum)) == (0, 0, 0, 1, 0)
    assert AreaVersion.objects.get().boundary is None


def test_a_map_with_names_adds_areas_and_a_folder_takes_both(db, tmp_path):
    write(tmp_path / "z-table.csv", CITY)
    square = {
        "type": "FeatureCollection",
        "features": [feature("320703003002"), feature("3207030030021001", name="一网格")],
    }
    (tmp_path / "a-map.json").write_text(json.dumps(square), encoding="utf-8")
    assert counts(take(tmp_path)) == (5, 0, 0, 0, 1)
    assert Area.objects.filter(boundary__isnull=False).count() == 2
    assert not AreaVersion.objects.exists()


def test_each_wrong_feature_is_named(city):
    features = [
        feature("320703", {"type": "Point", "coordinates": [119, 34]}),
        feature("320799"),
        feature("x"),
        feature("320703003002", polygon(SQUARE[:-1])),
        feature("320703003", polygon(SQUARE)),
    ]
    file = city / "bad.geojson"
    file.write_text("\n".join(json.dumps(each) for each in features), encoding="utf-8")
    assert refused(file) == [
        (1, "geometry", "Point"), (2, "name", ""), (3, "code", "x"), (4, "geometry", ""),
    ]  # fmt: skip
    assert not Area.objects.filter(boundary__isnull=False).exists()


def test_a_broken_map_in_the_middle_imports_nothing(city):
    file = city / "cut.geojson"
    file.write_text(
        '{"type": "FeatureCollection", "features": [' + json.dumps(feature("320703")) + ", {",
        encoding="utf-8",
    )
    with pytest.raises(Exception, match="GeoJSON"):
        take(file)
    assert not Area.objects.filter(boundary__isnull=False).exists()


def test_files_that_are_no_tables_are_refused(db, tmp_path):
    for content, problem in ((b"\x00\x01\x02", TableProblem), (b"a,b\n1,2\n", MissingColumns)):
        (tmp_path / "file.csv").write_bytes(content)
        with pytest.raises(problem):
            take(tmp_path / "file.csv")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(TableProblem):
        take(empty)


def test_progress_is_told_by_stage(db, tmp_path):
    told = []
    take(write(tmp_path / "city.csv", CITY), progress=lambda stage, done: told.append((stage, done)))
    assert [stage for stage, _done in told][:2] == ["read", "check"]
    assert told[0] == ("read", 5)
    assert told[-1] == ("write", 4)


def test_the_administrator_of_a_county_imports_below_it_and_nowhere_else(town, db, tmp_path):
    rows = [("code", "name"), ("320703004000", "云山街道"), ("320703004001", "云山社区")]
    file = write(tmp_path / "own.csv", rows)
    with pytest.raises(NotAllowed):
        take(file, town.as_viewer("centre"))
    assert take(file, town.as_viewer("admin")).added == 2
    assert Entry.objects.latest("id").actor_id == town.accounts["admin"].pk


def test_the_system_of_one_county_does_not_write_elsewhere(city):
    file = write(
        city / "far.csv", [("code", "name"), ("320706000000", "海州区"), ("320703004000", "云山街道")]
    )
    with pytest.raises(NotAllowed):
        take(file, enter_as_system("320700000000.320703000000"))
    assert take(file, enter_as_system("320700000000")).added == 2


def test_twenty_thousand_rows_stay_in_constant_memory(db, tmp_path):
    """Nothing but faults is kept on this side: the peak does not grow with the rows."""
    import tracemalloc

    def peak(communities):
        rows = [*CITY[:3], ("320703000000", "连云区", "county", "320700000000", "")]
        rows += [
            (f"320703{n:03d}000", f"{n}街道", "township", "320703000000", "")
            for n in range(1, communities // 100 + 1)
        ]
        rows += [
            (
                f"320703{n // 100 + 1:03d}{n % 100 + 1:03d}",
                f"{n}社区",
                "community",
                f"320703{n // 100 + 1:03d}000",
                "111",
            )
            for n in range(communities)
        ]
        file = write(tmp_path / f"{communities}.csv", rows)
        with connection.cursor() as cursor:
            cursor.execute("savepoint before")
        tracemalloc.start()
        assert take(file).added == communities + communities // 100 + 2
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        with connection.cursor() as cursor:
            cursor.execute("rollback to before")
        return most

    peak(100)
    small = peak(2_000)
    assert peak(20_000) < small + (4 << 20)
