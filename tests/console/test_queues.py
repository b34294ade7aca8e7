"""The queue page: filters in the address, chips, columns, views, rows fetched again, many cases at once without a script."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from tests import builders

from wangge.cases.models import Case
from wangge.cases.rules import COLUMNS, USUAL_COLUMNS

NOW = builders.NOW


@pytest.fixture
def item(town):
    return town.add(builders.item)


@pytest.fixture
def desk(town):
    """`desk("township").get("?queue=open")`: the page's HTML; `.post(address, **facts)` with its CSRF token."""

    class Desk:
        def __init__(self, who):
            self.browser = town.browser(who)

        def get(self, query="", status=200):
            answer = self.browser.get(f"/console/{query}")
            assert answer.status_code == status
            return answer.content.decode()

        def post(self, address, *, on="?panel=view", **facts):
            token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', self.get(on))[1]
            return self.browser.post(f"/console/{address}", {"csrfmiddlewaretoken": token, **facts})

    return Desk


def titles(page):
    return re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', page)


def test_filters_of_the_address_narrow_the_list_and_each_is_a_chip(town, db, desk, item):
    safety = town.add(builders.item, "S01-01", department="fire", zh="通道堵塞")
    town.add(builders.case, item, town.grid_a, title="早的", reported_at=NOW - timedelta(days=40))
    town.add(builders.case, item, town.grid_a, title="急的", urgency="urgent")
    town.add(builders.case, safety, town.grid_b, title="安全的")
    town.add(builders.case, item, town.grid_a, title="督办的", supervised=True)
    page = desk("township")
    assert titles(page.get("?queue=open&business=safety")) == ["安全的"]
    assert titles(page.get("?queue=open&urgency=urgent")) == ["急的"]
    assert titles(page.get("?queue=open&supervised=yes")) == ["督办的"]
    assert titles(page.get("?queue=open&until=2026-03-31")) == ["早的"]
    assert set(titles(page.get("?queue=open&since=2026-04-15&until=2026-04-15"))) == {
        "急的",
        "安全的",
        "督办的",
    }
    shown = page.get("?queue=open&business=safety&urgency=normal&item=S01-01")
    assert (
        'href="/console/?queue=open&amp;item=S01-01&amp;urgency=normal" class="chip">业务: 公共安全' in shown
    )
    assert "网格事项: 通道堵塞" in shown
    assert '<span class="found number">1</span>' in shown


def test_what_no_list_offers_is_dropped(town, db, desk, item):
    town.add(builders.case, item, town.grid_a, title="路灯不亮")
    page = desk("township").get(
        "?queue=odd&state=x&late=y&business=z&days=9&since=2026-99-99&until=1&supervised=no&panel=q"
    )
    assert titles(page) == ["路灯不亮"]
    assert 'class="active"' not in page


def test_quick_ranges_count_days_of_china_from_today(town, db, desk, item, monkeypatch):
    # 00:30 on the 15th in China is still the 14th in UTC.
    monkeypatch.setattr("wangge.base.clock.now", lambda: NOW.replace(day=14, hour=16, minute=30))
    town.add(
        builders.case, item, town.grid_a, title="今天", reported_at=NOW.replace(day=14, hour=16, minute=1)
    )
    town.add(
        builders.case, item, town.grid_a, title="昨天", reported_at=NOW.replace(day=14, hour=15, minute=59)
    )
    page = desk("township")
    assert titles(page.get("?queue=open&days=1")) == ["今天"]
    assert titles(page.get("?queue=open&days=7")) == ["今天", "昨天"]


def test_only_areas_of_the_viewer_are_offered_and_one_tier_after_the_other(town, db, desk):
    def offered(who, query="?panel=filters"):
        select = desk(who).get(query).split('<select id="area"')[1].split("</select>")[0]
        return set(re.findall(r'value="(\d+)"', select))

    near = {town.township.code, town.community.code, town.next_community.code}
    assert offered("township") == near
    grids = {town.grid_a.code, town.grid_b.code, town.dedicated.code}
    assert (
        offered("township", f"?panel=filters&area={town.community.code}")
        == {town.township.code, town.community.code} | grids
    )
    assert offered("township", f"?panel=filters&area={town.far_grid.code}") == near


def test_columns_are_chosen_ordered_and_kept(town, db, desk, item):
    town.add(builders.case, item, town.grid_a, address="三号楼前")
    page = desk("township")
    heads = lambda html: re.findall(r'<th scope="col">([^<]+)', html)  # noqa: E731
    assert len(heads(page.get("?queue=open"))) == len(USUAL_COLUMNS)
    page.post("columns", on="?panel=columns", column=["address", "title", "holder", "odd"], do="keep")
    assert heads(page.get("?queue=open")) == ["地址或标志物", "事件", "当前坐席"]
    moved = page.post("columns", on="?panel=columns", column=["address", "title", "holder"], later="address")
    assert moved.headers["Location"].endswith("panel=columns")
    assert heads(page.get("?queue=open")) == ["事件", "地址或标志物", "当前坐席"]
    page.post("columns", on="?panel=columns", column=["holder"], do="usual")
    assert len(heads(page.get("?queue=open"))) == len(USUAL_COLUMNS)
    assert len(heads(desk("community").get("?queue=open"))) == len(USUAL_COLUMNS)


def test_every_column_is_drawn_for_every_state(town, db, desk, item):
    from wangge.cases.lifecycle import STATES

    for state in STATES:
        ended = {"closed_at": NOW, "outcome": "mended"} if state in ("closed", "cancelled", "merged") else {}
        paused = {"resume_at": NOW, "suspended_at": NOW} if state == "suspended" else {}
        town.add(
            builders.case,
            item,
            town.grid_a,
            state=state,
            handler_id=town.accounts["worker"].pk,
            rating=None,
            **ended,
            **paused,
        )
    page = desk("township")
    page.post("columns", on="?panel=columns", column=list(COLUMNS), do="keep")
    for query in ("?queue=open", "?queue=closed"):
        assert "一网格员" in page.get(query)


def test_a_title_of_a_case_is_text_and_nothing_else(town, db, desk, item):
    town.add(builders.case, item, town.grid_a, title="<b>x</b>", address="<i>y</i>")
    page = desk("township")
    page.post("columns", on="?panel=columns", column=["title", "address", "place"], do="keep")
    shown = page.get("?queue=open")
    assert "&lt;b&gt;x" in shown
    assert "<b>x" not in shown
    assert "<i>y" not in shown


def test_a_view_is_saved_opened_changed_and_removed_without_a_script(town, db, desk, item):
    town.add(builders.case, item, town.grid_a, title="急的", urgency="urgent")
    page = desk("township")
    saved = page.post(
        "views",
        name="急件",
        query="queue=open&urgency=urgent",
        column=["title", "holder"],
        shared="yes",
        do="new",
    )
    assert saved.status_code == 302
    address = saved.headers["Location"].removeprefix("/console/")
    shown = page.get(address)
    assert titles(shown) == ["急的"]
    assert re.findall(r'<th scope="col">([^<]+)', shown) == ["事件", "当前坐席"]
    assert "急件" in desk("community").get()
    clash = page.post("views", name="急件", query="queue=open", do="new")
    assert clash.status_code == 409
    assert "您已有名为“急件”的视图" in clash.content.decode()
    view = re.search(r"view=([0-9a-f-]{36})", address)[1]
    page.post("views", name="只给我", query="queue=open", id=view, do="change")
    assert "只给我" not in desk("community").get()
    assert page.post(f"views/{view}/remove", query="queue=open").headers["Location"] == "/console/?queue=open"
    assert "只给我" not in page.get()


def test_rows_are_fetched_again_with_whether_they_still_belong(town, db, desk, item):
    here = town.add(builders.case, item, town.grid_a, title="还在")
    gone = town.add(builders.case, item, town.grid_a, title="受理了", state="accepted")
    far = town.add(builders.case, item, town.far_grid, title="别处的")
    page = desk("township").get(f"rows?queue=new&ids={here.id},{gone.id},{far.id},odd")
    assert re.findall(r'data-case="([^"]+)" data-fits="(\w+)"', page) == [
        (str(case.id), fits)
        for case, fits in sorted([(here, "yes"), (gone, "no")], key=lambda pair: pair[0].id, reverse=True)
    ]
    assert "<html" not in page
    assert "别处的" not in page


@pytest.mark.parametrize(
    ("who", "query", "fits"),
    [
        ("township", "queue=open&text=路灯", True), ("township", "queue=open&text=井盖", False),
        ("township", "queue=mine", False), ("worker", "queue=mine", True), ("worker", "queue=open", True),
        ("township", "queue=open&area=320703003002", True), ("township", "queue=open&area=320703003001", False),
        ("township", "queue=closed", False), ("handler", "queue=open", True), ("worker2", "queue=open", True),
    ],
)  # fmt: skip
def test_a_row_fits_exactly_when_the_list_shows_it(town, db, desk, item, who, query, fits):
    """The answer for one row must be that of the list itself, whichever way the list reaches it."""
    case = town.add(
        builders.case, item, town.grid_a, title="路灯不亮", border_ids=[town.grid_b.code],
        department_keys=[f"{town.county.code}/city-management"],
    )  # fmt: skip
    page = desk(who)
    assert (str(case.id) in page.get(f"?{query}")) is fits
    assert (f'data-case="{case.id}" data-fits="yes"' in page.get(f"rows?{query}&ids={case.id}")) is fits


def test_many_at_once_without_a_script_shows_does_and_tells(town, db, desk, item):
    cases = [town.add(builders.case, item, town.grid_a, title=f"第{n}件") for n in range(3)]
    closed = town.add(
        builders.case, item, town.grid_a, title="早结了", state="closed", closed_at=NOW, outcome="mended"
    )
    page = desk("township")
    ids = [str(case.id) for case in (*cases, closed)]
    confirm = page.post("cases/steps", step="accept", case=ids, query="queue=new").content.decode()
    assert Case.objects.filter(state="accepted").count() == 0
    assert "受理这 3 件" in confirm
    assert "此操作不可进行" in confirm or "不能" in confirm
    shown = re.findall(r'name="shown" value="([^"]+)"', confirm)
    command = re.search(r'name="command_id" value="([^"]+)"', confirm)[1]
    go = {
        "step": "accept",
        "case": [text.split(":")[0] for text in shown],
        "shown": shown,
        "go": "yes",
        "command_id": command,
        "query": "queue=new",
    }
    for _ in range(2):
        done = page.post("cases/steps", **go).content.decode()
        assert "已办理 3 件" in done
        assert 'href="/console/?queue=new"' in done
    town.as_viewer("township")
    assert set(Case.objects.filter(id__in=[case.id for case in cases]).values_list("state", "revision")) == {
        ("accepted", 2)
    }


def test_a_hundred_stand_on_one_page_and_take_a_step_together(town, db, desk, item):
    for n in range(101):
        town.add(builders.case, item, town.grid_a, title=f"路灯{n}")
    page = desk("township")
    assert len(titles(page.get("?queue=new"))) == 50
    text = page.get("?queue=new&rows=100")
    assert len(titles(text)) == 100
    assert "rows=100&amp;cursor=" in text
    assert len(titles(page.get("?queue=new&rows=9999"))) == 50
    chosen = re.findall(r'name="case" value="([^"]+)"', text)
    asked = page.post("cases/steps", step="accept", case=chosen, query="queue=new").content.decode()
    assert "受理这 100 件" in asked
    command = re.search(r'name="command_id" value="([^"]+)"', asked)[1]
    shown = re.findall(r'name="shown" value="([^"]+)"', asked)
    go = {"step": "accept", "case": chosen, "shown": shown, "go": "yes", "command_id": command}
    assert "已办理 100 件" in page.post("cases/steps", **go).content.decode()
    town.as_viewer("township")
    assert Case.objects.filter(state="accepted").count() == 100


def test_what_was_typed_for_many_stays_when_it_cannot_be_done(town, db, desk, item):
    case = town.add(builders.case, item, town.grid_a, state="accepted")
    facts = {
        "step": "handle",
        "case": str(case.id),
        "go": "yes",
        "command_id": str(uuid4()),
        "outcome": "planned",
        "answer": "尽快",
        "planned_on": "x",
    }
    answer = desk("township").post("cases/steps", **facts)
    assert answer.status_code == 422
    assert "尽快" in answer.content.decode()


def test_none_chosen_is_said_plainly(town, db, desk):
    answer = desk("township").post("cases/steps", step="accept")
    assert answer.status_code == 422
    assert "请在列表中至少选择一件事件" in answer.content.decode()


@pytest.mark.parametrize(
    "queue",
    ["mine", "new", "soon", "overdue", "handled", "returned", "suspended", "supervised", "open", "closed"],
)
def test_an_empty_queue_says_what_to_do_next(town, db, desk, queue):
    page = desk("township").get(f"?queue={queue}")
    nothing = page.split('class="card nothing"')[1]
    assert "<a class=" in nothing.split("</div>")[0]


def test_who_may_take_no_step_has_no_boxes(town, db, desk, item):
    town.add(builders.case, item, town.grid_a)
    assert 'name="case"' not in desk("admin").get("?queue=open")
    assert 'name="case"' in desk("worker").get("?queue=open")
