"""Tables written: what a spreadsheet holds is kept as it is, what it cannot hold is refused."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from wangge.base.tables.reading import rows_of
from wangge.base.tables.writing import Stopped, stream_csv, stream_xlsx, write_xlsx

COLUMNS = {"code": "code", "name": "name"}


def test_what_is_written_is_read_back(tmp_path):
    path = tmp_path / "out.xlsx"
    rows = [
        ["320703003002", "=1+1", 3, 0.5, True, date(2026, 3, 2), None],
        [321323199001011234, "https://example.org/x", -3, 1e20, False, datetime(2026, 3, 2, 8, 30), ""],
    ]
    write_xlsx(path, ["code", "text", "n", "f", "b", "day", "none"], rows)
    names = {name: name for name in ("code", "text", "n", "f", "b", "day", "none")}
    first, second = (row.values for row in rows_of(path, names))
    assert list(first.values()) == ["320703003002", "=1+1", "3", "0.5", "true", "2026-03-02", ""]
    assert second["code"] == "321323199001011234"
    assert second["text"] == "https://example.org/x"
    assert second["day"] == "2026-03-02 08:30:00"
    assert b"<f>" not in zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")


written = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1
).map(lambda text: "x" + text.strip())


@given(st.lists(st.tuples(written, st.integers(-(10**15) + 1, 10**15 - 1)), max_size=6))
def test_texts_and_whole_numbers_survive_the_spreadsheet(pairs):
    file = io.BytesIO()
    write_xlsx(file, ["name", "code"], pairs)
    assert [(row.values["name"], int(row.values["code"])) for row in rows_of(file, COLUMNS)] == pairs


@pytest.mark.parametrize("cell", [datetime(2026, 3, 2, tzinfo=UTC), float("nan"), float("inf"), "x" * 32_768])
def test_cells_a_spreadsheet_cannot_hold_are_refused(cell):
    with pytest.raises(ValueError):
        write_xlsx(io.BytesIO(), ["code"], [[cell]])


def test_more_rows_than_a_sheet_holds_are_refused_not_lost(monkeypatch):
    monkeypatch.setattr("wangge.base.tables.writing._MOST_ROWS", 3)
    write_xlsx(io.BytesIO(), ["code"], [["1"], ["2"]])
    with pytest.raises(ValueError, match="a sheet holds"):
        write_xlsx(io.BytesIO(), ["code"], [["1"], ["2"], ["3"]])


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t"])
def test_no_cell_of_a_csv_is_a_formula(sign):
    rows = csv.reader(io.StringIO(b"".join(stream_csv(["标题"], [[f"{sign}1+1"]])).decode("utf-8-sig")))
    assert list(rows)[1] == [f"'{sign}1+1"]


def test_the_first_bytes_come_before_the_first_row_and_memory_stays():
    asked = []

    def rows():
        for n in range(5_000):
            asked.append(n)
            yield [f"第{n}件", n, datetime(2026, 4, 15, tzinfo=UTC).replace(tzinfo=None)]

    for stream in (stream_csv, stream_xlsx):
        asked.clear()
        pieces = stream(["标题", "数", "时"], rows())
        assert next(pieces)
        assert asked == []
        assert max(len(piece) for piece in pieces) < 300_000


def test_a_sheet_that_would_be_too_long_says_so(monkeypatch):
    monkeypatch.setattr("wangge.base.tables.writing._MOST_ROWS", 4)
    stopped = Stopped()
    rows = ([n] for n in range(10))
    book = b"".join(stream_xlsx(["n"], rows, last_line="还有更多", stopped=stopped))
    assert CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python() == [
        ["n"], [0], [1], ["还有更多"],
    ]  # fmt: skip
    assert stopped.early
