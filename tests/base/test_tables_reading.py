"""Tables read: encodings, headers, faults, spreadsheets, and the memory they take."""

import csv
import io
import subprocess
import sys
import tempfile
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from wangge.base.tables.reading import (
    BrokenQuotes,
    Fault,
    FileTooLarge,
    MissingColumns,
    NoSuchSheet,
    RepeatedColumn,
    Row,
    SurplusCells,
    TableProblem,
    TableTooLarge,
    UnknownEncoding,
    blocks_of,
    rows_of,
)

COLUMNS = {"区划代码": "code", "code": "code", "名称": "name", "Name": "name"}


def read(data: bytes | str, columns=COLUMNS, **options) -> list[Row]:
    return list(rows_of(io.BytesIO(data.encode() if isinstance(data, str) else data), columns, **options))


def book(fill, sheets=("Sheet1",)) -> bytes:
    """A made-up spreadsheet; `fill` gets the workbook and its first sheet."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as workbook:
        first, *_ = [workbook.add_worksheet(name) for name in sheets]
        fill(workbook, first)
    return file.getvalue()


def zipped(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", text)
    return file.getvalue()


def of_cells(*cells) -> bytes:
    """A spreadsheet with a header `code` and these cells, each written by (method name, *arguments)."""

    def fill(workbook, sheet):
        sheet.write_string(0, 0, "code")
        for row, (method, *arguments) in enumerate(cells, start=1):
            getattr(sheet, method)(row, 0, *arguments)

    return book(fill)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_the_encodings_of_chinese_offices(encoding):
    data = "区划代码,名称\r\n320703003002,荷花社区\r\n320703003003,𠀀村\r\n".encode(encoding)
    assert read(data) == [
        Row(2, {"code": "320703003002", "name": "荷花社区"}),
        Row(3, {"code": "320703003003", "name": "𠀀村"}),
    ]


def test_the_encoding_is_judged_by_the_whole_file_not_its_beginning():
    filler = "1,a\n" * 300_000
    rows = read(("code,name\n" + filler + "2,荷花社区\n").encode("gb18030"))
    assert rows[-1] == Row(300_002, {"code": "2", "name": "荷花社区"})


def test_a_character_cut_by_a_reading_step_is_put_together():
    for offset in range(3):
        text = "code,name\n1," + "a" * offset + "路" * 400_000 + "\n"
        with pytest.raises(BrokenQuotes):  # over the size of a cell, but decoded
            read(text)
        rows = read("code,name\n" + ("1," + "路灯" * 20 + "\n") * 9_000 + "a" * offset + ",亮\n")
        assert {row.values["name"] for row in rows[:-1]} == {"路灯" * 20}


@pytest.mark.parametrize(
    "data", [b"code,name\n1,\xff\xff\n", "code,name\n1,a\n".encode("utf-16"), b"code,name\n1,caf\xe9\n"]
)
def test_other_encodings_are_refused_with_the_way_out(data):
    with pytest.raises(UnknownEncoding, match="CSV UTF-8"):
        read(data)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\0\0", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0" + bytes(600)])
def test_files_that_are_no_tables_are_refused(data):
    with pytest.raises(TableProblem, match="not a table"):
        read(data)


def test_headers_are_known_by_any_of_their_names_and_the_others_left_out():
    assert read(" NAME* ,电话,区划 代码\n荷花,1,2\n") == [Row(2, {"name": "荷花", "code": "2"})]


def test_a_title_above_the_header_is_passed_over():
    rows = read("连云港市社区名册(测试),,\n,,\n区划代码,名称,备注\n1,荷花,\n", required=["code", "name"])
    assert rows == [Row(4, {"code": "1", "name": "荷花"})]


def test_missing_columns_are_named_with_the_names_they_may_have():
    with pytest.raises(MissingColumns) as caught:
        read("区划代码,电话\n1,2\n", required=["code", "name"])
    assert caught.value.facts == {"missing": "名称/Name", "found": "区划代码, 电话"}
    for empty in ("", "\n\n", "电话\n1\n"):
        with pytest.raises(MissingColumns):
            read(empty)


def test_two_columns_of_one_meaning_are_refused():
    with pytest.raises(RepeatedColumn, match="区划代码, code"):
        read("区划代码,code\n1,2\n")


def test_lines_are_those_a_person_sees_also_after_blank_and_long_records():
    rows = read('code,name\n\n1,"two\nlines"\n ,　\n2,b\n')
    assert rows == [Row(3, {"code": "1", "name": "two\nlines"}), Row(6, {"code": "2", "name": "b"})]


def test_short_rows_have_empty_cells():
    assert read("code,name\n1\n") == [Row(2, {"code": "1", "name": ""})]


def test_a_row_with_cells_beyond_the_header_is_a_fault_and_the_others_are_read():
    data = "code,name\n1,a,b,c\n2,b,,\n"
    faults: list[Fault] = []
    assert read(data, faults=faults) == [Row(3, {"code": "2", "name": "b"})]
    assert faults == [Fault(2, "", "b, c", "no cells beyond the header")]
    with pytest.raises(SurplusCells, match="Line 2"):
        read(data)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_that_of_the_header(delimiter):
    assert read("code,name\n1,a b\n".replace(",", delimiter)) == [Row(2, {"code": "1", "name": "a b"})]


@pytest.mark.parametrize("record", ['2,"never closed\n3,x\n', '2,"a"b\n', "2," + "x" * 200_000 + "\n"])
def test_quotation_marks_gone_wrong_are_refused_at_the_line_they_begin(record):
    with pytest.raises(BrokenQuotes, match="Line 3"):
        read("code,name\n1,a\n" + record)


def test_the_caller_s_file_stays_open_and_a_path_is_closed(tmp_path):
    file = io.BytesIO(b"code\n1\n")
    assert len(list(rows_of(file, COLUMNS))) == len(list(rows_of(file, COLUMNS))) == 1
    assert not file.closed
    path = tmp_path / "table.csv"
    path.write_bytes(b"code\n1\n")
    rows = rows_of(path, COLUMNS)
    next(rows)
    rows.close()  # an open file left behind would be a ResourceWarning, which is an error here


def flat(data: bytes, size, **options) -> list[Row]:
    return [
        Row(line, dict(zip(block.columns, cells, strict=True)))
        for block in blocks_of(io.BytesIO(data), COLUMNS, size=size, **options)
        for line, cells in zip(block.lines, zip(*block.columns.values(), strict=True), strict=True)
    ]


ragged = st.lists(
    st.lists(st.sampled_from(["", " ", "a", " 荷花 ", "two\nlines", "\r\nx", "a\rb", "　"]), max_size=4),
    max_size=12,
)


@given(ragged, st.integers(min_value=1, max_value=5))
def test_many_rows_at_once_are_the_rows_one_by_one(rows, size):
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["code", "电话", "name"], *rows])
    data = file.getvalue().encode()
    told, told_at_once = [], []
    assert flat(data, size, faults=told_at_once) == read(data, faults=told)
    assert told_at_once == told


def test_many_rows_of_a_spreadsheet_are_its_rows():
    def fill(_workbook, sheet):
        for row, cells in enumerate((["code", "name"], ["1", " a "], [], [2, date(2026, 4, 1)], ["", "x"])):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell) if isinstance(cell, str) else sheet.write(
                    row, column, cell
                )

    data = book(fill)
    assert flat(data, 2) == read(data)
    assert [row.line for row in read(data)] == [2, 4, 5]


@pytest.mark.parametrize("size", [1, 2, 100])
def test_of_many_rows_the_broken_one_is_named(size):
    with pytest.raises(BrokenQuotes, match="Line 4"):
        flat(b'code,name\n1,"a\nb"\n2,"a"b\n3,c\n', size)
    with pytest.raises(SurplusCells, match="Line 3"):
        flat(b"code,name\n1,a\n2,b,c\n", size)


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8).map(str.strip)


@given(st.lists(st.tuples(cells, cells), max_size=8))
def test_what_csv_writers_write_is_read_back(pairs):
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("code", "name"), *pairs])
    expected = [Row(n, {"code": a, "name": b}) for n, (a, b) in enumerate(pairs, start=2) if a or b]
    assert read(file.getvalue()) == expected


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_a_table_problem(data):
    for beginning in (b"", b"code\n", b"PK\x03\x04"):
        try:
            rows = read(beginning + data, faults=[])
        except TableProblem:
            continue
        assert all(set(row.values) <= {"code", "name"} for row in rows)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (("write_number", 320703003002.0), "320703003002"),
        (("write_number", 0.25), "0.25"),
        (("write_number", -3), "-3"),
        (("write_string", " 0032 "), "0032"),
        (("write_boolean", True), "true"),
        (("write_formula", '="a"&"b"', None, "ab"), "ab"),
        (("write_formula", "=2*21", None, 42), "42"),
    ],
)
def test_spreadsheet_cells_come_as_the_text_a_person_means(cell, shown):
    assert read(of_cells(cell)) == [Row(2, {"code": shown})]


def test_numbers_that_lost_digits_in_the_spreadsheet_do_not_look_like_ids():
    (row,) = read(of_cells(("write_number", 320703199001011234)))
    assert not row.values["code"].isdigit()


def test_days_and_times_come_as_iso():
    def fill(workbook, sheet):
        sheet.write_row(0, 0, ["code", "name"])
        formats = [
            workbook.add_format({"num_format": f})
            for f in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm", "hh:mm", "[h]:mm")
        ]
        values = [date(2026, 3, 2), datetime(2026, 3, 2, 8, 30), time(8, 30), timedelta(hours=30)]
        for row, (value, shown) in enumerate(zip(values, formats, strict=True), start=1):
            sheet.write_datetime(row, 0, value, shown)

    shown = [row.values["code"] for row in read(book(fill))]
    assert shown == ["2026-03-02", "2026-03-02 08:30:00", "08:30:00", "30:00:00"]


def test_spreadsheet_lines_count_from_the_sheet_s_top():
    def fill(workbook, sheet):
        sheet.write_row(3, 2, ["code", "name"])
        sheet.write_row(6, 2, ["1", "a"])

    assert read(book(fill)) == [Row(7, {"code": "1", "name": "a"})]


def test_a_sheet_is_chosen_by_name_or_the_first_that_is_visible():
    def fill(workbook, first):
        for number, sheet in enumerate(workbook.worksheets()):
            sheet.write_column(0, 0, ["code", str(number)])
        workbook.worksheets()[1].activate()
        workbook.worksheets()[1].set_first_sheet()
        first.hide()

    data = book(fill, sheets=("说明", "社区", "网格"))
    assert read(data)[0].values == {"code": "1"}
    assert read(data, sheet="网格")[0].values == {"code": "2"}
    with pytest.raises(NoSuchSheet, match="说明、社区、网格"):
        read(data, sheet="别的")


def test_one_stray_cell_in_the_last_corner_is_refused_before_it_takes_all_memory():
    def fill(workbook, sheet):
        sheet.write_string(0, 0, "code")
        sheet.write_string(1_048_575, 16_383, "stray")

    with pytest.raises(TableTooLarge) as caught:
        read(book(fill))
    assert caught.value.facts["cells"] == 1_048_576 * 16_384


@pytest.mark.parametrize(
    "row",
    [
        '<row r="1048576"><c r="A1048576"/><c r="XFD1048576"><v>1</v></c></row>',
        "<x:row r='1048576'>" + "<x:c><x:v>1</x:v></x:c>" * 5_000 + "</x:row>",  # places by counting only
    ],
)
def test_the_guard_also_sees_cells_placed_in_unusual_ways(row):
    sheet = (
        "<worksheet><sheetData>" + " " * 1_048_540 + row + "</sheetData></worksheet>"
    )  # over a reading step
    with pytest.raises(TableTooLarge):
        read(zipped(xl__workbook="<workbook/>", xl__worksheets__sheet1=sheet))


def test_a_spreadsheet_that_unpacks_to_more_than_a_gibibyte_is_refused(monkeypatch):
    monkeypatch.setattr("wangge.base.tables.reading._MOST_BYTES", 1 << 20)
    with pytest.raises(FileTooLarge, match="2 MiB"):
        read(zipped(xl__sharedStrings=" " * (2 << 20)))


# In a process of its own, and asked while it reads: the kernel's peak would count the parent's memory as well.
MEASURE = """
import sys
from pathlib import Path
import psutil
from wangge.base.tables.reading import rows_of
count = most = 0
for row in rows_of(Path(sys.argv[1]), {"区划代码": "code", "名称": "name", "上级": "parent"}):
    count += 1
    if count % 5_000 == 0:
        most = max(most, psutil.Process().memory_info().rss)
print(count, most >> 20)
"""


def test_a_nation_of_620_000_communities_is_read_within_100_mib():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nation.csv"
        with path.open("w", encoding="gb18030") as file:
            file.write("区划代码,名称,上级\n")
            file.writelines(f"{n:012},荷花社区居民委员会{n},{n // 10:09}\n" for n in range(620_000))
        environment = {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, path], env=environment, capture_output=True, check=True
        )
    count, mebibytes = map(int, done.stdout.split())
    assert count == 620_000
    assert mebibytes < 100
