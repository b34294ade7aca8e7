"""Rows of a community's list that are read many at once are what each is when it is read for itself."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.base.tables.reading import Block, Row
from wangge.households.rules.headings import COLUMNS
from wangge.households.rules.register_rows import row_reader, rows_reader

TODAY = date(2026, 4, 15)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def checked(first17):
    return first17 + "10X98765432"[sum(int(a) * b for a, b in zip(first17, WEIGHTS, strict=True)) % 11]


RIGHT = [
    checked(f"{region}{day}{serial:03}")
    for region, day, serial in product(("320799", "110101"), ("19700101", "20000229"), range(12))
]
#: As lists have them, and as they should not be.
CELLS = {
    "number": ["", "17", "A-3"],
    "area": ["", "3207030030021001"],
    "compound": ["", "荷塘家园"],
    "building": ["", "3号楼", "#3", "３栋"],
    "unit": ["", "2单元", "2"],
    "room": ["", "501室", "501", "x" * 21],
    "address": ["", "荷塘家园3号楼2单元501室", "荷花村12号", "长" * 201, "荷花村  12号", "荷花村\n12号", "e\u0301"],
    "lon": ["", "119.36", "181", "东"],
    "lat": ["", "34.74", "nan"],
    "name": ["", "王小明", "王 小明", "李\u200b明", "\u0301", "长" * 61],
    "identity": [
        "", *RIGHT, RIGHT[0].lower(), f" {RIGHT[1]}", RIGHT[2][:17] + "0", "G1234567", "3207991970010",
        checked("32079919700230001"), checked("32079920300101001"), checked("02079919700101001"),
        checked("32079918700101001"), "３" * 18, RIGHT[3] + "1", "e10.5e1e1.5e1e1e1x",
    ],
    "phone": ["", "12000000001", "+86 120-0000-0001", "0518-81234567", "051881234567", "123", "１2000000001"],
    "sex": ["", "男", "女", "F", "不明"],
    "born_on": ["", "1970-01-01", "1970/1/1", "2000-02-29", "2030-01-01", "1970-13-01"],
    "residency": ["", "户籍", "流动人口", "Permanent", "火星人"],
    "registered_at": ["", "江苏省某某路1号", "长" * 201],
    "relation": ["", "户主", "妻", "长子", "隔壁"],
    "vegetable_plot": ["", "有", "无", "也许"],
}  # fmt: skip


def one_by_one(kind, block):
    read = row_reader(kind, today=TODAY)
    rows, faults = [], []
    for index, line in enumerate(block.lines):
        row, wrong = read(Row(line, {name: cells[index] for name, cells in block.columns.items()}))
        faults += wrong
        if row:
            year = row.born_on.year if row.born_on else None
            rows.append((*row[:14], year, *row[15:]))
    return rows, faults


@st.composite
def blocks(draw, kind):
    names = draw(st.lists(st.sampled_from(sorted(COLUMNS[kind])), unique=True, min_size=1))
    count = draw(st.integers(min_value=1, max_value=8))
    columns = {
        name: draw(st.lists(st.sampled_from(CELLS[name]), min_size=count, max_size=count)) for name in names
    }
    return Block(list(range(2, 2 + count)), columns)


@pytest.mark.parametrize("kind", ["residents", "households"])
def test_many_rows_are_read_as_each_for_itself(kind):
    @given(blocks(kind))
    def alike(block):
        wanted = one_by_one(kind, block)
        rows, faults = rows_reader(kind, today=TODAY)(block)
        assert (list(zip(*rows, strict=True)), faults) == wanted

    alike()


def test_each_right_number_is_read_at_once_and_each_that_is_changed_in_one_place_is_not():
    reader = rows_reader("residents", today=TODAY)
    changed = [
        number[:at] + digit + number[at + 1 :]
        for number in RIGHT[:4]
        for at in range(18)
        for digit in "0123456789X"
    ]
    texts = [*RIGHT, *changed]
    count = len(texts)
    block = Block(
        list(range(count)), {"identity": texts, "name": ["甲"] * count, "address": ["荷花村1号"] * count}
    )
    wanted = one_by_one("residents", block)
    rows, faults = reader(block)
    assert (list(zip(*rows, strict=True)), faults) == wanted
    assert rows.identity[: len(RIGHT)] == RIGHT


def test_what_means_nothing_is_not_kept_in_memory():
    from wangge.households.rules.register_rows import _Identities

    births = _Identities(TODAY)
    odd = set()
    births.of([f"{number:018}" for number in range(1_000)], odd)
    assert len(odd) == 1_000
    assert not births.regions
    assert not births.days
