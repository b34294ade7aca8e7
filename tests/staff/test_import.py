"""A list of staff from a table: all of it or nothing, each bad cell named, the same file again changes nothing."""

from datetime import date, timedelta
from time import perf_counter

import pytest
from tests import builders

from wangge.base.tables.reading import MissingColumns
from wangge.base.tables.writing import write_xlsx
from wangge.journal.models import Entry
from wangge.staff import actions
from wangge.staff.models import Account, Assignment, Post
from wangge.staff.rules import StaffImportRefused

NOW, TODAY = builders.NOW, builders.TODAY
HEADER = "姓名,账号,岗位,区划代码,部门,专职兼职,起始日期,截止日期"
GRID_A, GRID_B = "3207030030021001", "3207030030021002"


@pytest.fixture
def take(town, db, tmp_path):
    def taken(*lines, who="admin", header=HEADER, encoding="utf-8"):
        file = tmp_path / "staff.csv"
        file.write_text("\n".join([header, *lines]) + "\n", encoding=encoding)
        return actions.import_staff(town.as_viewer(who), file, now=NOW)

    return taken


def faults(take, *lines, **facts):
    with pytest.raises(StaffImportRefused) as refusal:
        take(*lines, **facts)
    return [(fault.line, fault.column, fault.value) for fault in refusal.value.faults]


def test_a_row_makes_the_account_the_post_and_the_assignment(town, take):
    report = take(f"李四,LiSi,网格长,{GRID_A},,兼职,2026年5月1日,2027/4/30")
    assert (report.accounts_added, report.posts_opened, report.assigned, report.unchanged) == (1, 1, 1, 0)
    made = Assignment.objects.select_related("post", "account").get(account__username="lisi")
    assert (made.part, made.from_on, made.to_on) == ("part_time", date(2026, 5, 1), date(2027, 4, 30))
    assert (made.post.kind_id, made.post.path, made.path) == ("grid_lead", town.grid_a.path, town.grid_a.path)
    assert (made.account.name, made.account.home_path, made.account.password) == (
        "李四",
        town.grid_a.path,
        "!",
    )
    entry = Entry.objects.get()
    assert (entry.verb, entry.path, entry.after["assigned"]) == ("staff.imported", town.grid_a.path, 1)


def test_english_headers_and_gb_18030_and_spreadsheets_are_taken_too(town, take, tmp_path):
    take(f"Li,li.si,Grid lead,{GRID_A}", header="Name,Username,Post,Area")
    take(f"王五,wangwu,网格长,{GRID_B}", header="姓名,账号,岗位,区划代码", encoding="gb18030")
    file = tmp_path / "staff.xlsx"
    header = ["姓名", "账号", "岗位", "网格编码", "任职日期"]
    write_xlsx(file, header, [["赵六", "zhaoliu", "网格长", "3207060100021001", date(2026, 4, 1)]])
    actions.import_staff(town.as_viewer("admin"), file, now=NOW)
    assert set(Post.objects.filter(kind_id="grid_lead").values_list("area_id", flat=True)) == {
        GRID_A,
        GRID_B,
        town.far_grid.code,
    }
    assert Assignment.objects.get(account__username="zhaoliu").from_on == date(2026, 4, 1)
    assert Assignment.objects.get(account__username="wangwu").from_on == TODAY


def test_the_same_file_again_changes_nothing(town, take):
    lines = [f"李四,lisi,网格长,{GRID_A},,,,", f"一网格员,worker,网格员,{GRID_A},,,,"]
    take(*lines)
    before = (
        Account.objects.count(),
        Post.objects.count(),
        Assignment.objects.count(),
        Entry.objects.count(),
    )
    report = take(*lines)
    assert (report.accounts_added, report.posts_opened, report.assigned, report.unchanged) == (0, 0, 0, 2)
    after = (Account.objects.count(), Post.objects.count(), Assignment.objects.count(), Entry.objects.count())
    assert after == before


def test_a_free_post_is_taken_before_one_is_opened(town, take):
    town.run(
        "update staff_assignment set to_on = %s where id = %s",
        [TODAY - timedelta(days=1), town.assignments["worker"].pk],
    )
    report = take(f"李四,lisi,网格员,{GRID_A},,,,", f"王五,wangwu,网格员,{GRID_A},,,,")
    assert (report.posts_opened, report.assigned) == (1, 2)
    assert Assignment.objects.get(account__username="lisi").post_id == town.posts["worker"].pk


def test_a_shared_post_takes_several(town, take):
    report = take(*(f"处置{n},chuzhi{n},处置人员,320703000000,城市管理局,,," for n in range(3)))
    assert (report.posts_opened, report.assigned) == (0, 3)


@pytest.mark.parametrize(
    ("cells", "column", "value"),
    [
        (f",lisi,网格员,{GRID_A},,,,", "name", ""),
        (f"{'名' * 61},lisi,网格员,{GRID_A},,,,", "name", "名" * 61),
        (f"李四,,网格员,{GRID_A},,,,", "username", ""),
        (f"李四,a b,网格员,{GRID_A},,,,", "username", "a b"),
        (f"李四,lisi,国王,{GRID_A},,,,", "post", "国王"),
        ("李四,lisi,网格员,32070300300,,,,", "area", "32070300300"),
        ("李四,lisi,网格员,320703003999,,,,", "area", "320703003999"),
        (f"李四,lisi,网格员,{GRID_A},火星局,,,", "department", "火星局"),
        (f"李四,lisi,网格员,{GRID_A},城市管理局,,,", "department", "城市管理局"),
        ("李四,lisi,处置人员,320703000000,,,,", "department", ""),
        (f"李四,lisi,网格员,{GRID_A},,偶尔,,", "part", "偶尔"),
        (f"李四,lisi,网格员,{GRID_A},,,2026-02-30,", "from_on", "2026-02-30"),
        (f"李四,lisi,网格员,{GRID_A},,,下月,", "from_on", "下月"),
        (f"李四,lisi,网格员,{GRID_A},,,1900-01-01,", "from_on", "1900-01-01"),
        (f"李四,lisi,网格员,{GRID_A},,,2026-05-01,2026-04-01", "to_on", "2026-04-01"),
        (f"李四,worker,网格员,{GRID_A},,,,", "name", "李四"),
    ],
)
def test_a_bad_cell_is_named_and_nothing_is_taken(town, take, cells, column, value):
    good = f"好人,haoren,网格长,{GRID_A},,,,"
    assert faults(take, good, cells) == [(3, column, value)]
    assert not Account.objects.filter(username="haoren").exists()


def test_every_bad_cell_is_named_in_the_order_of_the_file(town, take):
    named = faults(
        take, "李四,lisi,国王,1,,,,", f"王五,,网格员,{GRID_A},,,,", "赵六,zhaoliu,网格员,320703003999,,,,,多"
    )
    assert [(line, column) for line, column, _ in named] == [
        (2, "post"),
        (2, "area"),
        (3, "username"),
        (4, ""),
    ]


def test_one_username_is_one_person_once_for_a_post(town, take):
    lines = [
        f"李四,lisi,网格员,{GRID_A},,,,",
        f"李思,lisi,网格员,{GRID_B},,,,",
        f"李四,lisi,网格员,{GRID_A},,,,",
    ]
    assert faults(take, *lines) == [(3, "name", "李思"), (4, "username", "lisi")]


def test_one_imports_only_what_one_could_do_by_hand(town, take):
    assert faults(take, "李四,lisi,网格员,3207060100021001,,,,", who="community") == [
        (2, "post", "grid_worker")
    ]
    assert faults(take, "李四,lisi,管理员,320703003002,,,,", who="community") == [
        (2, "post", "administrator")
    ]
    assert faults(take, f"陇东网格员,far_worker,网格员,{GRID_A},,,,", who="community") == [
        (2, "username", "far_worker")
    ]
    assert faults(take, f"李四,lisi,网格长,{GRID_A},,,,", who="worker") == [(2, "post", "grid_lead")]
    assert take(f"李四,lisi,网格员,{GRID_A},,,,", who="community").assigned == 1


def test_one_imports_no_post_for_oneself_that_gives_more_than_one_has(town, take):
    own = "市管理员,admin,人民调解员,320703003002,,,,"
    assert faults(take, f"李四,lisi,网格员,{GRID_A},,,,", own) == [(3, "post", "mediator")]
    given = town.add(builders.assignment, town.posts["mediator"], town.accounts["admin"])
    assert take(own).unchanged == 1
    assert given.pk


def test_an_ended_account_comes_not_back(town, take):
    town.run("update staff_account set ended_at = %s where username = 'worker'", [NOW])
    assert faults(take, f"一网格员,worker,网格员,{GRID_A},,,,") == [(2, "username", "worker")]


def test_a_file_without_its_columns_is_refused(town, take):
    with pytest.raises(MissingColumns):
        take("李四,网格员", header="姓名,岗位")


def test_ten_thousand_rows_are_taken_set_wise(town, take, django_assert_max_num_queries):
    lines = [f"员{n},yuan{n:05},网格员,{(GRID_A, GRID_B)[n % 2]},,,," for n in range(10_000)]
    began = perf_counter()
    with django_assert_max_num_queries(30):
        report = take(*lines)
    print(f"import of 10,000 rows: {perf_counter() - began:.1f} s")
    assert (report.accounts_added, report.posts_opened, report.assigned) == (10_000, 10_000, 10_000)
