"""Estates added, changed, ended and imported: rights, places, the journal, and files that are wrong."""

import csv
from datetime import date

import pytest
from tests.builders import NOW, TODAY

from wangge.base.coordinates import from_wgs84
from wangge.base.problems import Invalid, NotAllowed, NotFound
from wangge.base.tables.writing import write_xlsx
from wangge.households.actions import CompoundFacts, end_compound, import_compounds, set_compound
from wangge.households.models import Compound
from wangge.households.rules import CompoundEnded, CompoundImportRefused, NoArea
from wangge.journal.models import Entry

HEADER = ("小区名称", "别名", "地址", "网格编码", "经度", "纬度", "坐标系")


def write(path, *rows, header=HEADER):
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def verbs():
    return list(Entry.objects.order_by("id").values_list("verb", flat=True))


def test_an_estate_is_added_once_changed_and_ended(town, db):
    viewer = town.as_viewer("admin")
    facts = CompoundFacts("荷塘家园", area=town.grid_a.code)
    made, is_new = set_compound(viewer, "E1", facts, now=NOW)
    assert is_new
    assert made.path == town.grid_a.path
    assert set_compound(viewer, "E1", facts, now=NOW)[1] is False
    assert verbs() == ["compound.added"]
    set_compound(viewer, "E1", CompoundFacts("荷塘新家园", ("荷塘家园",), area=town.grid_b.code), now=NOW)
    entry = Entry.objects.get(verb="compound.changed")
    assert entry.before["name"] == "荷塘家园"
    assert entry.after["area_id"] == town.grid_b.code
    assert end_compound(viewer, "E1", now=NOW, reason="拆除").valid_to == TODAY
    with pytest.raises(CompoundEnded):
        set_compound(viewer, "E1", facts, now=NOW)
    with pytest.raises(CompoundEnded):
        end_compound(viewer, "E1", now=NOW)


def test_a_point_finds_its_area_in_the_datum_that_is_named(town, db):
    viewer = town.as_viewer("admin")
    lon, lat = from_wgs84(119.3599, 34.745, "gcj02")
    made, _ = set_compound(viewer, "E1", CompoundFacts("边上花园", lon=lon, lat=lat, datum="gcj02"), now=NOW)
    assert made.area_id == town.grid_a.code
    assert made.lon == pytest.approx(119.3599, abs=1e-6)


def test_what_has_no_place_is_refused(town, db):
    viewer = town.as_viewer("admin")
    for facts in (
        CompoundFacts("远方"),
        CompoundFacts("远方", lon=100.0, lat=30.0),
        CompoundFacts("全市", area=town.city.code),
    ):
        with pytest.raises(NoArea):
            set_compound(viewer, "E1", facts, now=NOW)
    with pytest.raises(Invalid):
        set_compound(viewer, "E1", CompoundFacts("半点", lon=119.36), now=NOW)
    with pytest.raises(NotFound):
        end_compound(viewer, "E9", now=NOW)


@pytest.mark.parametrize("name", ["centre", "dispatcher", "community", "worker", "handler"])
def test_only_who_administers_the_area_writes(town, db, name):
    viewer = town.as_viewer(name)
    with pytest.raises(NotAllowed):
        set_compound(viewer, "E1", CompoundFacts("荷塘家园", area=town.grid_a.code), now=NOW)


def test_a_list_is_taken_whole_and_again_changes_nothing(town, db, tmp_path):
    viewer = town.as_viewer("admin")
    lon, lat = from_wgs84(119.365, 34.745, "bd09")
    file = write(
        tmp_path / "小区.csv",
        ("荷塘家园", "荷塘、水厂宿舍", "海棠路5号", town.grid_a.code, "", "", ""),
        ("枫桥花园", "", "", "", lon, lat, "百度"),
        ("错位公寓", "", "", town.grid_a.code, 119.365, 34.745, ""),
    )
    report = import_compounds(viewer, file, now=NOW)
    assert (report.added, report.changed, report.unchanged, report.outside_their_area) == (3, 0, 0, 1)
    assert Compound.objects.get(name="枫桥花园").area_id == town.grid_b.code
    again = import_compounds(viewer, file, now=NOW)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)
    assert verbs() == ["compounds.imported"]
    entry = Entry.objects.get()
    assert entry.path == town.community.path
    assert "荷塘" not in str(entry.after)


def test_a_later_list_changes_and_ends_and_leaves_what_is_blank(town, db, tmp_path):
    viewer = town.as_viewer("admin")
    header = ("小区编码", "小区名称", "地址", "网格编码", "停用日期")
    first = write(tmp_path / "1.csv", ("E1", "荷塘家园", "海棠路5号", town.grid_a.code, ""), header=header)
    import_compounds(viewer, first, now=NOW)
    write_xlsx(tmp_path / "2.xlsx", header, [("E1", "荷塘新家园", "", town.grid_a.code, None)])
    assert import_compounds(viewer, tmp_path / "2.xlsx", now=NOW).changed == 1
    assert Compound.objects.get().address == "海棠路5号"
    early = write(tmp_path / "3.csv", ("E1", "荷塘新家园", "", town.grid_a.code, "2026-04-01"), header=header)
    with pytest.raises(CompoundImportRefused, match="valid_to"):
        import_compounds(viewer, early, now=NOW)
    row = ("E1", "荷塘新家园", "", town.grid_a.code, "2026-04-01", "2008-06-01")
    last = write(tmp_path / "4.csv", row, header=(*header, "启用日期"))
    assert import_compounds(viewer, last, now=NOW).ended == 1
    assert Compound.objects.get().valid_to == date(2026, 4, 1)


def test_nothing_of_a_wrong_list_is_taken(town, db, tmp_path):
    viewer = town.as_viewer("admin")
    file = write(
        tmp_path / "wrong.csv",
        ("荷塘家园", "", "", town.grid_a.code, "", "", ""),
        ("荷塘家园", "", "", town.grid_a.code, "", "", ""),
        ("无处", "", "", "", 100, 30, ""),
        ("没有这个区域", "", "", "320799999999", "", "", ""),
        ("", "", "", town.grid_a.code, "", "", ""),
    )
    with pytest.raises(CompoundImportRefused) as refused:
        import_compounds(viewer, file, now=NOW)
    assert [(fault.line, fault.column) for fault in refused.value.faults] == [
        (3, "name"), (4, "lon"), (5, "area"), (6, "name"),
    ]  # fmt: skip
    assert not Compound.objects.exists()


def test_a_list_beyond_one_s_areas_is_refused(town, db, tmp_path):
    viewer = town.as_viewer("centre")
    file = write(tmp_path / "list.csv", ("荷塘家园", "", "", town.grid_a.code, "", "", ""))
    with pytest.raises(NotAllowed):
        import_compounds(viewer, file, now=NOW)
