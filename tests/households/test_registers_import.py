"""Households and residents from a community's own list."""

import csv
from random import Random
from uuid import UUID

import pytest
from django.db import connection
from tests import builders

from wangge.base import clock
from wangge.base.ids import is_uuid7, timestamp_of
from wangge.base.problems import NotAllowed
from wangge.base.tables.reading import rows_of
from wangge.households.actions import arriving, lines, registers
from wangge.households.models import ColumnMapping, Dwelling, Household, Resident, Stay
from wangge.households.rules import RegisterImportRefused
from wangge.households.rules.headings import BadMapping, guess, read_mapping
from wangge.households.rules.people import PLATE_LETTERS
from wangge.households.rules.register_rows import row_reader, split_address, split_place
from wangge.journal.models import Entry

HEADINGS = ["序号", "户主姓名", "身份证号", "联系电话", "居住地址", "菜地"]
HEADS = [
    ["1", "王小明", "320799197001010014", "12000000001", "荷塘家园3号楼2单元501室", "有"],
    ["2", "李芳", "320799198502020025", "12000000002", "荷塘家园3号楼2单元502", ""],
]
PEOPLE_HEADINGS = ["姓名", "与户主关系", "公民身份号码", "手机号码", "现居住地址", "人口类型"]


def checked(first17):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first17 + "10X98765432"[sum(int(a) * b for a, b in zip(first17, weights, strict=True)) % 11]


def person(name, relation, number, door="501", residency="户籍", phone=""):
    identity = checked(f"3207991970010{number:04d}") if number else ""
    return [name, relation, identity, phone, f"荷塘家园3号楼2单元{door}", residency]


@pytest.fixture
def written(tmp_path):
    def write(rows, headings=PEOPLE_HEADINGS, name="list.csv"):
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([headings, *rows])
        return path

    return write


@pytest.fixture
def families(written):
    return written(
        [
            person("王小明", "户主", 1001, phone="12000000001"),
            person("张丽", "妻", 1002),
            person("王乐", "长子", 0),
            person("李芳", "户主", 1003, door="502", residency="流动人口"),
        ]
    )


def take(town, path, kind="residents", who="worker", **facts):
    return registers.import_register(town.as_viewer(who), path, kind, now=builders.NOW, **facts)


def test_people_and_their_homes_come_in(town, db, families):
    report = take(town, families)
    assert (report.homes_added, report.households_added, report.residents_added) == (2, 2, 4)
    one, other = Household.objects.order_by("number")
    assert one.path == town.grid_a.path
    assert one.number == f"{town.community.code}00001"
    assert {each.name for each in one.residents.all()} == {"王小明", "张丽", "王乐"}
    assert other.residents.get().residency == "floating"
    assert {(each.building.name, each.door) for each in Dwelling.objects.select_related("building")} == {
        ("荷塘家园3号楼", "2单元501"),
        ("荷塘家园3号楼", "2单元502"),
    }
    assert Stay.objects.filter(came="known", to_on=None).count() == 4


def test_private_texts_are_sealed_for_their_own_row(town, db, families):
    take(town, families)
    head = Resident.objects.get(name="王小明")
    assert head.phone == "12000000001"
    assert head.phone_tail == "0001"
    assert head.identity == checked("32079919700101001") or head.identity.startswith("320799")
    assert (head.birth_year, head.relation) == (1970, "head")
    from django.conf import settings

    assert bytes(head.identity_hash) == settings.PRIVATE_KEYS.lookup("identity", head.identity)


def test_the_same_list_twice_adds_nothing(town, db, families):
    take(town, families)
    again = take(town, families)
    assert (again.homes_added, again.households_added, again.residents_added) == (0, 0, 0)
    assert again.known == 4
    assert (Household.objects.count(), Resident.objects.count(), Stay.objects.count()) == (2, 4, 4)
    assert Entry.objects.filter(verb="residents.imported").count() == 1


def test_what_stands_is_looked_up_and_not_read_for_each_row(town, db, written):
    """Just after a list came in nothing is known of the tables, and a plan that reads them row by row looks cheap."""
    rows = [person("王小明", "户主", 1000 + n, door=f"{n}") for n in range(400)]
    listed = written(rows)
    take(town, listed)
    read = {}
    for when in ("before", "after"):
        with connection.cursor() as cursor:
            cursor.execute(
                "select relname, seq_tup_read from pg_stat_xact_user_tables where relname = any (%s)",
                [
                    [
                        "households_building",
                        "households_dwelling",
                        "households_household",
                        "households_resident",
                    ]
                ],
            )
            read[when] = dict(cursor.fetchall())
        if when == "before":
            assert take(town, listed).known == len(rows)
    # A few times the whole table is a plan as well; once for each row is not.
    assert {
        name for name, rows_read in read["after"].items() if rows_read - read["before"][name] > 5_000
    } == set()


def test_in_small_chunks_the_same_comes_out(town, db, families, monkeypatch):
    monkeypatch.setattr(registers, "AT_ONCE", 1)
    report = take(town, families)
    assert (report.homes_added, report.households_added, report.residents_added) == (2, 2, 4)
    assert Household.objects.count() == 2


def test_a_list_of_households_brings_their_heads(town, db, written):
    rows = [[row[0], row[1], checked(row[2][:17]), *row[3:]] for row in HEADS]
    report = take(town, written(rows, HEADINGS), "households")
    assert (report.households_added, report.residents_added) == (2, 2)
    assert Household.objects.get(residents__name="王小明").has_plot is True
    assert Household.objects.get(residents__name="李芳").has_plot is False


def test_a_list_of_households_and_then_one_of_residents_meet(town, db, written):
    heads = [[str(n), *person(name, "", number, door=door)[:1], *person(name, "", number, door=door)[2:5], ""]
             for n, name, number, door in ((1, "王小明", 1001, "501"), (2, "李芳", 1003, "502"))]  # fmt: skip
    take(town, written(heads, HEADINGS, "a.csv"), "households")
    report = take(town, written([person("王小明", "户主", 1001), person("张丽", "配偶", 1002)]))
    assert (report.homes_added, report.households_added, report.residents_added, report.known) == (0, 0, 1, 1)


def test_two_households_behind_one_door(town, db, written):
    rows = [
        person("王小明", "户主", 1001),
        person("张丽", "配偶", 1002),
        person("李芳", "户主", 1003),
        person("赵乐", "子", 1004),
    ]
    report = take(town, written(rows))
    assert (report.homes_added, report.households_added) == (1, 2)
    assert {each.name for each in Resident.objects.get(name="李芳").household.residents.all()} == {
        "李芳",
        "赵乐",
    }


def test_each_bad_cell_is_named_and_nothing_is_written(town, db, written):
    rows = [
        person("王小明", "户主", 1001),
        ["张丽", "隔壁", "320799197001011002", "123", "荷塘家园3号楼2单元501", "火星人"],
        ["", "子", "", "", "荷塘家园3号楼2单元501", ""],
    ]
    with pytest.raises(RegisterImportRefused) as refused:
        take(town, written(rows))
    assert [(fault.line, fault.column) for fault in refused.value.faults] == [
        (3, "identity"), (3, "phone"), (3, "residency"), (3, "relation"), (4, "name"),
    ]  # fmt: skip
    assert Household.objects.count() == Resident.objects.count() == 0
    told = " ".join(fault.value for fault in refused.value.faults)
    assert "320799197001011002" not in told
    assert "197001" not in told


def test_bad_rows_are_left_out_when_asked(town, db, written):
    rows = [person("王小明", "户主", 1001), ["张丽", "隔壁", "", "", "荷塘家园3号楼2单元501", ""]]
    report = take(town, written(rows), leave_out_wrong=True)
    assert (report.residents_added, report.left_out) == (1, 1)


def test_a_person_twice_in_a_list_and_one_who_lives_elsewhere_are_told(town, db, written):
    take(town, written([person("王小明", "户主", 1001)]))
    rows = [
        person("王小明", "户主", 1001, door="909"),
        person("张丽", "户主", 1002),
        person("张丽", "户主", 1002),
    ]
    with pytest.raises(RegisterImportRefused) as refused:
        take(town, written(rows, name="b.csv"))
    assert [(fault.line, fault.column) for fault in refused.value.faults] == [
        (2, "identity"),
        (4, "identity"),
    ]


def test_a_grid_is_told_by_code_name_or_point_and_a_foreign_one_is_refused(town, db, written):
    headings = ["姓名", "现居住地址", "网格", "经度", "纬度"]
    rows = [
        ["甲", "荷花村1号", town.grid_a.code, "", ""],
        ["乙", "荷花村2号", "二网格", "", ""],
        ["丙", "荷花村3号", "", "119.365", "34.745"],
    ]
    report = take(town, written(rows, headings), who="community")
    assert report.residents_added == 3
    paths = dict(Resident.objects.values_list("name", "path"))
    assert paths == {"甲": town.grid_a.path, "乙": town.grid_b.path, "丙": town.grid_b.path}
    with pytest.raises(RegisterImportRefused):
        take(town, written([["丁", "荷花村4号", town.grid_b.code, "", ""]], headings))


def test_without_a_place_the_row_names_what_is_missing(town, db, written):
    with pytest.raises(RegisterImportRefused) as refused:
        take(town, written([["甲", "荷花村1号"]], ["姓名", "现居住地址"]), who="community")
    assert [fault.column for fault in refused.value.faults] == ["area"]


def test_what_the_headings_mean_is_said_and_remembered(town, db, written):
    headings = ["谁", "在哪"]
    path = written([["甲", "荷花村1号"]], headings)
    with pytest.raises(BadMapping):
        take(town, path)
    take(town, path, mapping={"谁": "name", "在哪": "address"})
    assert ColumnMapping.objects.get().columns == {"谁": "name", "在哪": "address"}
    assert take(town, path).known == 1


def test_who_keeps_no_register_takes_nothing_in(town, db, families):
    for who in ("handler", "centre", "enterprise", "admin"):
        with pytest.raises(NotAllowed):
            take(town, families, who=who)


def test_the_number_of_another_paper_is_kept_and_a_cut_one_refused(town, db, written):
    rows = [["安娜", "户主", "G1234567", "", "荷花村1号", "流动"]]
    take(town, written(rows))
    assert Resident.objects.get().identity == "G1234567"
    with pytest.raises(RegisterImportRefused):
        take(town, written([["王乐", "户主", "3207991970010", "", "荷花村2号", "流动"]], name="b.csv"))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("锦湖家园3号楼2单元501室", ("锦湖家园", "3号楼", "2单元501")),
        ("锦湖家园3栋501", ("锦湖家园", "3号楼", "501")),
        ("朝阳路12号3幢2-501", ("朝阳路12号", "3号楼", "2单元501")),
        ("荷花村三组5号", ("", "荷花村三组5号", "")),
        ("3号楼501", ("", "3号楼", "501")),
    ],
)
def test_an_address_is_parted_into_estate_building_and_door(said, meant):
    assert split_address(said) == meant


@pytest.mark.parametrize(
    ("headings", "meant"),
    [
        (["户主姓名", "户主身份证号码", "联系电话", "门牌号"], ["name", "identity", "phone", "address"]),
        (["序号", "户主", "网格员联系电话", "户籍/人户分离/流动"], ["", "name", "", "residency"]),
        (["现居住地址（详细）", "楼栋", "房号 *", "备注"], ["address", "building", "room", ""]),
    ],
)
def test_usual_headings_are_guessed_and_others_left(headings, meant):
    assert [heading.column for heading in guess(headings, "households")] == meant


def test_a_mapping_file_is_toml_or_csv(tmp_path):
    (tmp_path / "m.toml").write_text('[columns]\n"谁" = "name"\n"在哪" = "address"\n', "utf-8")
    (tmp_path / "m.csv").write_text("表头,列名\n谁,name\n在哪,address\n", "utf-8")
    assert (
        read_mapping(tmp_path / "m.toml")
        == read_mapping(tmp_path / "m.csv")
        == {"谁": "name", "在哪": "address"}
    )
    (tmp_path / "bad.toml").write_text("x = [", "utf-8")
    with pytest.raises(BadMapping):
        read_mapping(tmp_path / "bad.toml")


def test_ids_that_the_database_makes_are_in_order_of_time(town, db):
    [(made,)] = town.rows("select households_new_id()")
    assert is_uuid7(made)
    assert abs((clock.now() - timestamp_of(made)).total_seconds()) < 60


def test_the_journal_tells_counts_and_no_names(town, db, families):
    take(town, families)
    entry = Entry.objects.get(verb="residents.imported")
    assert entry.after["residents"] == 4
    assert "王" not in str(entry.after)


def test_ids_and_plates_of_many_rows_are_what_one_would_be():
    moment = 1_770_000_000_000
    made = arriving.new_ids(moment, 500)
    assert made == sorted(set(made))
    assert all(is_uuid7(UUID(one)) and UUID(one).int >> 80 == moment for one in made)
    assert set(lines.PLATES.decode()) == set(PLATE_LETTERS)
    assert {lines.PLATES.count(letter.encode()) for letter in PLATE_LETTERS} == {8}


def test_a_backslash_in_a_list_is_a_backslash(town, db, written):
    take(town, written([person("李\\n明", "户主", 1001, door="5\\t01")]))
    assert Resident.objects.get(name="李\\n明").household.dwelling.door.endswith("5\\t01")


def test_phones_are_told_by_place_of_a_list_of_thousands(town, db, families, monkeypatch):
    monkeypatch.setattr(arriving, "MANY", 1)
    take(town, families)
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct row_id from sync_touched where kind in ('household', 'resident', 'dwelling')"
        )
        assert cursor.fetchall() == [("*",)]


def test_where_people_are_registered_comes_with_the_list_and_is_sealed(town, db, written):
    headings = [*PEOPLE_HEADINGS, "户籍地址"]
    path = written(
        [
            [*person("王小明", "户主", 1001), "江苏省淮安市清江浦区某某路1号"],
            [*person("张丽", "妻", 1002), ""],
        ],
        headings,
    )
    take(town, path)
    kept = dict(Resident.objects.values_list("name", "registered_address"))
    assert "淮安" not in str(kept)
    assert Resident.objects.get(name="王小明").registered_address == "江苏省淮安市清江浦区某某路1号"
    assert Resident.objects.get(name="张丽").registered_address is None


def made_up_list(chance, town, *, numbered):
    """Families behind doors, as lists have them: several spellings of one door, several heads, wrong cells between."""
    rows, serial = [], 0
    for door in chance.sample(range(101, 160), 14):
        grid = chance.choice([town.grid_a.code, "二网格"])
        for family in range(chance.choice([1, 1, 1, 2])):
            for relation in ["户主", "配偶", "长子", "母亲"][: chance.randint(1, 4)]:
                serial += 1
                identity = checked(f"3207991970010{serial:04d}") if chance.random() < 0.8 else ""
                if chance.random() < 0.1:
                    identity = identity.lower()
                phone = chance.choice(["", f"120{serial:08}", f"0518-8{serial:07}"])
                spelled = chance.choice(
                    ["荷塘家园3号楼2单元{}室", "荷塘家园3栋2-{}", "荷塘家园 3号楼2单元{}"]
                ).format(door)
                said = relation if chance.random() > 0.06 else "隔壁"
                rows.append(
                    [f"人{serial}", said, identity, phone, spelled, chance.choice(["户籍", "", "流动"]), grid,
                     chance.choice(["", "江苏省某某路1号"]), str(family) if numbered and door % 7 == 0 else ""]
                )  # fmt: skip
    return rows


MADE_UP = ["姓名", "与户主关系", "身份证号", "联系电话", "居住地址", "人口类型", "网格", "户籍地址", "户编号"]


def row_by_row(path, town):
    """What the list says, slowly: {(grid, building, door): the people of each household}."""
    columns = {**dict(zip(MADE_UP, ("name", "relation", "identity", "phone", "address", "residency", "area", "registered_at", "number"), strict=True))}  # fmt: skip
    read = row_reader("residents", today=builders.NOW.date())
    homes = {}
    for line in rows_of(path, columns):
        row, _wrong = read(line)
        if row is None:
            continue
        _called, building, door = split_place(row.compound, row.building, row.unit, row.room, row.address)
        path_of = {town.grid_a.code: town.grid_a.path, "二网格": town.grid_b.path}[row.area]
        home = homes.setdefault((path_of, f"荷塘家园{building}", door), {"heads": 0, "families": {}})
        part = row.number
        if not part:
            home["heads"] += row.relation == "head"
            part = max(1, home["heads"])
        home["families"].setdefault(part, set()).add(
            (row.name, row.relation, row.identity or None, row.phone or None, row.phone[-4:], row.sex,
             row.born_on.year if row.born_on else None, row.residency or "registered_present", row.registered_at or None)
        )  # fmt: skip
    return {key: sorted(map(sorted, home["families"].values()), key=str) for key, home in homes.items()}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("at_once", [10_000, 3])
def test_what_comes_in_is_what_the_list_says_row_by_row(town, db, written, monkeypatch, seed, at_once):
    monkeypatch.setattr(registers, "AT_ONCE", at_once)
    path = written(made_up_list(Random(seed), town, numbered=at_once > 3), MADE_UP)
    report = take(town, path, who="community", leave_out_wrong=True)
    kept = {}
    for household in Household.objects.select_related("dwelling__building"):
        home = household.dwelling
        people = sorted(
            (one.name, one.relation, one.identity, one.phone, one.phone_tail, one.sex, one.birth_year, one.residency,
             one.registered_address)
            for one in household.residents.all()
        )  # fmt: skip
        kept.setdefault((home.path, home.building.name, home.door), []).append(people)
    kept = {key: sorted(homes, key=str) for key, homes in kept.items()}
    assert kept == row_by_row(path, town)
    assert report.residents_added == sum(len(people) for homes in kept.values() for people in homes)
    assert Stay.objects.filter(to_on=None).count() == report.residents_added
    again = take(town, path, who="community", leave_out_wrong=True)
    assert (again.homes_added, again.households_added, again.residents_added) == (0, 0, 0)
