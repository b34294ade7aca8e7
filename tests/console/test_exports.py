"""The list as a file: what is seen and nothing else, safe to open, streamed, told in the journal."""

import csv
import io
import re
from datetime import datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook
from tests import builders

from wangge.journal.models import Entry

QUERY = "queue=open"


@pytest.fixture
def item(town):
    return town.add(builders.item)


def ask(town, who, kind="csv", query=QUERY, columns=("title", "place", "state", "reported")):
    browser = town.browser(who)
    page = browser.get("/console/?panel=file").content.decode()
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    return browser.post(
        "/console/export", {"csrfmiddlewaretoken": token, "kind": kind, "query": query, "column": columns}
    )


def told(answer):
    return b"".join(answer.streaming_content)


def lines(answer):
    return list(csv.reader(io.StringIO(told(answer).decode("utf-8-sig"))))


def test_a_csv_holds_what_the_list_shows_with_number_and_id(town, item, open_db):
    case = town.add(builders.case, item, town.grid_a, title="路灯不亮")
    town.add(builders.case, item, town.grid_b, title="井盖缺失", state="accepted")
    town.add(builders.case, item, town.far_grid, title="别处的事")
    town.add(
        builders.case,
        item,
        town.grid_a,
        title="结了",
        state="closed",
        closed_at=builders.NOW,
        outcome="mended",
    )
    answer = ask(town, "township", query="queue=open&state=reported")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = lines(answer)
    assert rows[0] == ["编号", "标题", "地点", "状态", "上报时间", "标识"]
    assert rows[1:] == [
        [
            case.number,
            "路灯不亮",
            "连云区 · 连云街道 · 荷花社区居委会 · 一网格",
            "已上报",
            "2026-04-15 09:00:00",
            str(case.id),
        ]
    ]


def test_it_begins_with_the_mark_by_which_spreadsheet_programs_know_utf_8(town, item, open_db):
    assert told(ask(town, "township")).startswith(b"\xef\xbb\xbf")


def test_a_spreadsheet_opens_with_texts_as_texts_and_moments_as_moments(town, item, open_db):
    town.add(builders.case, item, town.grid_a, title="=HYPERLINK(1)&<路灯>")
    sheet = CalamineWorkbook.from_filelike(
        io.BytesIO(told(ask(town, "township", kind="xlsx")))
    ).get_sheet_by_index(0)
    header, row = sheet.to_python()
    assert header[1] == "标题"
    assert row[1] == "=HYPERLINK(1)&<路灯>"
    assert row[4] == datetime(2026, 4, 15, 9, 0)


def test_every_column_can_be_written(town, item, open_db):
    from wangge.cases.rules import COLUMNS

    town.add(
        builders.case,
        item,
        town.grid_a,
        state="dispatched",
        handler_id=town.accounts["worker"].pk,
        address="三号楼",
    )
    for kind in ("csv", "xlsx"):
        assert len(told(ask(town, "township", kind=kind, columns=COLUMNS))) > 300


def test_a_column_that_there_is_not_is_left_out_and_each_stands_once(town, item, open_db):
    town.add(builders.case, item, town.grid_a, title="路灯不亮")
    header = (
        told(ask(town, "township", columns=["odd", "state", "state", "number"]))
        .decode("utf-8-sig")
        .splitlines()[0]
    )
    assert header.split(",") == ["编号", "状态", "标识"]
    assert told(ask(town, "township", columns=["odd"])).decode("utf-8-sig").startswith("编号,标题,")


def test_who_took_which_list_is_in_the_journal_without_the_words_looked_for(town, item, open_db):
    for _ in range(3):
        town.add(builders.case, item, town.grid_a, title="张三家路灯")
    told(ask(town, "township", query="queue=open&text=张三&area=" + town.community.code))
    begun, ended = town.rows(
        "select after, subject from journal_entry where verb = 'cases.exported' order by id"
    )
    assert begun[0]["words"] is True
    assert begun[0]["area"] == town.community.code
    assert "张三" not in str(begun)
    assert ended[0] == {"rows": 3}
    assert begun[1] == ended[1]


def test_who_hangs_up_has_still_seen_what_was_sent(town, item, open_db):
    for _ in range(3):
        town.add(builders.case, item, town.grid_a)
    answer = ask(town, "township", kind="csv")
    pieces = iter(answer.streaming_content)
    next(pieces)
    next(pieces)
    answer.close()
    verbs = town.rows("select after from journal_entry where verb = 'cases.exported' order by id")
    assert len(verbs) == 2
    assert "rows" in verbs[1][0]


def test_one_at_a_time_for_each_person(town, item, open_db):
    import psycopg
    from tests.folder import DATA

    from wangge.cases.actions.exports import _LOCK
    from wangge.project.cluster import Cluster

    with psycopg.connect(Cluster(DATA).dsn("wangge_app")) as another:
        another.execute("select pg_advisory_xact_lock(%s, %s)", [_LOCK, town.accounts["township"].pk])
        refused = ask(town, "township")
        assert refused.status_code == 409
        assert "文件还在导出" in refused.content.decode()
        assert ask(town, "community").status_code == 200
    assert ask(town, "township").status_code == 200


def test_a_department_gets_what_it_was_given_and_a_confidential_case_only_who_may_see_it(town, item, open_db):
    town.add(builders.case, item, town.grid_a, title="给城管的", state="dispatched",
             department_keys=[f"{town.county.code}/city-management"], department="city-management")  # fmt: skip
    town.add(builders.case, item, town.grid_a, title="保密的", confidential=True)
    assert [row[1] for row in lines(ask(town, "handler"))[1:]] == ["给城管的"]
    seen = {who: "保密的" in told(ask(town, who)).decode() for who in ("township", "admin")}
    assert seen == {"township": True, "admin": False}


def test_the_rows_end_with_a_word_when_there_are_more(town, item, open_db, monkeypatch):
    from wangge.cases.actions import exports

    monkeypatch.setattr(exports, "MOST_EXPORTED", 2)
    for _ in range(3):
        town.add(builders.case, item, town.grid_a)
    rows = lines(ask(town, "township"))
    assert len(rows) == 4
    assert "其余未写入" in rows[3][0]


def test_more_than_one_chunk_keeps_order_and_misses_none(town, item, open_db, monkeypatch):
    from wangge.cases.actions import exports

    monkeypatch.setattr(exports, "_CHUNK", 2)
    made = [
        town.add(
            builders.case, item, town.grid_a, reported_at=builders.NOW - timedelta(hours=n), title=f"第{n}件"
        )
        for n in range(5)
    ]
    assert [row[-1] for row in lines(ask(town, "township"))[1:]] == [str(case.id) for case in made]


def test_a_file_of_another_kind_is_refused(town, item, open_db):
    assert ask(town, "township", kind="pdf").status_code == 422
    assert not Entry.objects.filter(verb="cases.exported").exists()
