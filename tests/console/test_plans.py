"""The pages of plans: from a new one over figures, comments and a dry run to what applying it moved."""

import io
from datetime import timedelta

import openpyxl
import orjson
import pytest
from django.db import transaction
from tests.journeys.pages import a_ground
from tests.plans.test_from_residents import asked, says
from tests.plans.towns import laid_out

from wangge.base import clock
from wangge.plans.queries import plans as queries
from wangge.plans.queries.open_for_comment import open_plans

FORM = {"name": "荷花社区调整", "unit": "compound", "start": "divide", "low": "150", "high": "250"}
#: Four compounds of `laid_out` lie in two grids.
COUNTED_WHOLE = "目前跨网格的小区，全部户数计入其户数最多的那个网格。"


class Desk:
    """A person at a browser, whose forms carry their token."""

    def __init__(self, town, name):
        self.client = town.browser(name)

    def get(self, address):
        return self.client.get(address)

    def send(self, address, **typed):
        token = self.client.cookies.get("csrftoken")
        if token is None:
            self.get("/console/plans")
            token = self.client.cookies["csrftoken"]
        return self.client.post(address, {"csrfmiddlewaretoken": token.value, **typed})


@pytest.mark.django_db
def test_a_plan_goes_from_the_form_to_the_new_grids_on_pages(town):
    laid_out(town)
    lead, above, worker = (Desk(town, name) for name in ("community", "township", "worker"))
    assert worker.get("/console/plans/new").status_code == 403
    begun = lead.send("/console/plans/new", area=town.community.code, **FORM)
    assert begun.status_code == 302, begun.content.decode()
    page = begun["Location"].partition("?")[0]
    shown = lead.get(page).content.decode()
    for said in ("调整前后指标", "调整前的网格", "方案中的网格", "没有不合规则之处", COUNTED_WHOLE):
        assert said in shown
    assert worker.get(page).status_code == 404
    for step in ("check", "consult"):
        assert lead.send(f"{page}/{step}").status_code == 302
    said = worker.send(f"{page}/comment", side="worker", text="两个小区应在一起", grid="")
    assert said.status_code == 302
    assert "两个小区应在一起" in lead.get(page).content.decode()
    assert lead.send(f"{page}/approve").status_code == 403
    refused = above.send(f"{page}/approve")
    assert (refused.status_code, "为什么不能等到期满" in refused.content.decode()) == (409, True)
    assert above.send(f"{page}/approve", reason="赶在汛期前").status_code == 302
    assert "居民意见征求期满前批准的理由" in lead.get(page).content.decode()
    tried = lead.send(f"{page}/try").content.decode()
    assert "没有障碍" in tried
    assert "调整网格的户数" in tried
    assert lead.send(f"{page}/apply", on="").status_code == 302
    assert "实施时调整的内容" in lead.get(page).content.decode()
    printed = lead.get(f"{page}/print").content.decode()
    assert "网格划分方案报告" in printed
    assert COUNTED_WHOLE in printed
    table = openpyxl.load_workbook(io.BytesIO(b"".join(lead.get(f"{page}/report").streaming_content)))
    codes = [row[0].value for row in table.active.iter_rows(min_row=2)]
    assert "居民意见征求期满前批准的理由" in codes
    assert town.grid_a.code in codes
    refused = lead.send(f"{page}/undo", reason="")
    assert refused.status_code == 422
    assert lead.send(f"{page}/undo", reason="试一试").status_code == 302
    assert "一切都已恢复原状" in lead.get(f"{page}?done=undo").content.decode()


def test_where_streets_are_known_the_table_of_grids_tells_the_way_along_them(town, open_db):
    lead, page = Desk(town, "community"), f"/console/plans/{a_ground(town)['plan']}"
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(lead.get(f"{page}/report").streaming_content))).active
    heads = [cell.value for cell in sheet[1]]
    with transaction.atomic():
        viewer = town.as_viewer("community")
        grids = queries.grids_of(viewer, queries.plan_by_id(viewer, page.rsplit("/", 1)[-1]))
        told = {
            each.code: (each.figures["walk_m"], each.figures["hours_a_week"], each.figures["door_m"])
            for each in grids
        }
    assert any(walked > straight for walked, _hours, straight in told.values())
    way, hours = heads.index("到最远住户的路程（米）"), heads.index("每周走访工时（含路程）")
    rows = {row[0].value: (row[way].value, row[hours].value) for row in sheet.iter_rows(min_row=2)}
    shown = lead.get(page).content.decode()
    for code, (walked, work, _straight) in told.items():
        assert rows[code] == (walked, work)
        cells = f'<td class="figure">{walked}</td><td class="figure">{work}</td></tr>'
        assert cells in shown.partition(f'<td class="number">{code}</td>')[2].partition("<tr>")[0]


@pytest.mark.django_db
def test_buildings_of_a_compound_that_is_cut_are_counted_where_each_is(town):
    laid_out(town)
    lead = Desk(town, "community")
    form = {**FORM, "area": town.community.code, "unit": "building", "start": "today"}
    shown = lead.get(lead.send("/console/plans/new", **form)["Location"]).content.decode()
    assert "跨网格的小区" in shown
    assert COUNTED_WHOLE not in shown


@pytest.mark.django_db
def test_the_editor_keeps_what_its_script_sends_and_says_what_is_wrong(town):
    laid_out(town)
    desk = Desk(town, "community")
    page = desk.send("/console/plans/new", area=town.community.code, **FORM)["Location"].partition("?")[0]
    assert desk.get(f"{page}/edit").status_code == 200
    told = orjson.loads(desk.get(f"{page}/atoms").content)
    labels = told["labels"]
    labels[0] = max(labels)

    def keep(**content):
        return desk.client.post(
            f"{page}/keep",
            orjson.dumps(content),
            content_type="application/json",
            headers={"x-csrftoken": desk.client.cookies["csrftoken"].value},
        )

    kept = keep(revision=1, labels=labels, fixed=[0])
    assert (kept.status_code, orjson.loads(kept.content)["revision"]) == (200, 2)
    assert keep(revision=1, labels=labels, fixed=[0]).status_code == 409
    assert keep(revision=2, labels=["x"], fixed=[]).status_code == 422
    assert keep(revision=2).status_code == 422
    plan = queries.plans(town.as_viewer("community"))[0]
    assert plan.fixed[0]
    desk.send(f"{page}/check", reason="没有别的办法")
    assert desk.get(f"{page}/edit").status_code == 409


@pytest.mark.django_db
def test_the_office_answers_what_a_resident_wrote_and_looks_at_the_number_that_they_left(town):
    plan = asked(town)
    says(plan, phone="13812345678")
    lead, worker = Desk(town, "community"), Desk(town, "worker")
    page = f"/console/plans/{plan.id}"
    shown = lead.get(page).content.decode()
    for said in ("居民（公开页面）", "138****5678", f'href="/plans/{plan.id}/"', "居民提意见截止"):
        assert said in shown, said
    assert "138****" not in worker.get(page).content.decode()
    comment = shown.partition('id="comment-')[2].partition('"')[0]
    assert worker.send(f"{page}/comments/{comment}/answer", answer="会的").status_code == 403
    assert lead.send(f"{page}/comments/{comment}/answer", answer=" ").status_code == 422
    assert lead.send(f"{page}/comments/{comment}/answer", answer="方案已改").status_code == 302
    assert "方案已改" in worker.get(page).content.decode()
    assert "方案已改" in lead.get(f"{page}/print").content.decode()
    assert lead.send(f"{page}/comments/{comment}/phone", why="好奇").status_code == 422
    assert lead.send(f"{page}/comments/{comment}/phone", why="answer").status_code == 302
    assert "13812345678" in lead.get(page).content.decode()
    assert "13812345678" not in Desk(town, "township").get(page).content.decode()


@pytest.mark.django_db
def test_the_office_says_until_when_residents_may_comment(town):
    laid_out(town)
    lead = Desk(town, "community")
    page = lead.send("/console/plans/new", area=town.community.code, **FORM)["Location"].partition("?")[0]
    lead.send(f"{page}/check")
    assert 'name="until"' in lead.get(page).content.decode()
    assert lead.send(f"{page}/consult", until="2020-01-01").status_code == 422
    until = (clock.now() + timedelta(days=30)).date()
    assert lead.send(f"{page}/consult", until=until.isoformat()).status_code == 302
    town.as_nobody()
    assert [plan.until for plan in open_plans()] == [until]
