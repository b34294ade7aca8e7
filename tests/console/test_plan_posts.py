"""Pages about a plan: who would work where, how good it is, and the report as a PDF and as a spreadsheet."""

import io

import openpyxl
import pytest
from tests.builders import NOW
from tests.console.paper import Paper
from tests.console.test_plans import FORM, Desk
from tests.plans.towns import laid_out

from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.plans import actions
from wangge.plans.models import PlanComment, PlanProof

KIND = "grid_worker"
PRINCIPLES = ("归属清晰", "规模适度", "服务便捷", "管理全覆盖")
#: In millimetres.
A4_WIDTH = 210


@pytest.mark.django_db
def test_posts_are_proposed_priced_put_by_hand_and_taken_away_on_pages(town):
    laid_out(town)
    lead, worker = Desk(town, "community"), Desk(town, "worker")
    page = lead.send("/console/plans/new", area=town.community.code, **FORM)["Location"].partition("?")[0]
    posts = f"{page}/posts"
    assert "没有上岗方案" in lead.get(posts).content.decode()
    assert worker.get(posts).status_code == 404
    assert lead.send(f"{posts}/propose").status_code == 302
    shown = lead.get(posts).content.decode()
    assert "一网格员" in shown
    asked = {"kind": KIND, "grid": town.grid_b.code, "account": town.accounts["worker"].pk}
    price = lead.client.get(posts, asked).content.decode()
    assert "户换成不熟悉的人员" in price
    assert lead.client.get(posts, {**asked, "account": "1" * 18}).status_code == 422
    assert lead.send(f"{posts}/hold", **asked).status_code == 302
    held = lead.get(f"{posts}?done=posts").content.decode()
    # Priced for another grid, what they were put into before would be let go.
    elsewhere = lead.client.get(posts, {**asked, "grid": town.grid_a.code})
    assert elsewhere.status_code == 200, elsewhere.content.decode()
    assert "手动安排" in held
    assert "已提出上岗方案" in held
    assert "个岗位" in lead.get(page).content.decode()
    assert lead.send(f"{posts}/hold", kind=KIND, grid=town.grid_b.code).status_code == 302
    assert "手动安排" not in lead.get(posts).content.decode()
    for step in ("check", "consult"):
        assert lead.send(f"{page}/{step}").status_code == 302
    # Who is asked sees the plan, and not who would go where.
    assert "上岗方案" not in worker.get(page).content.decode()
    assert worker.get(posts).status_code == 403
    assert lead.send(f"{posts}/remove").status_code == 409


@pytest.mark.django_db
def test_a_proof_is_asked_for_and_stopped_on_the_page(town):
    laid_out(town)
    lead = Desk(town, "community")
    page = lead.send("/console/plans/new", area=town.community.code, **FORM)["Location"].partition("?")[0]
    assert "还没有人要求证明" in lead.get(page).content.decode()
    assert lead.send(f"{page}/prove", minutes="viel").status_code == 422
    assert lead.send(f"{page}/prove", minutes="2").status_code == 302
    assert "正在证明" in lead.get(page).content.decode()
    assert lead.send(f"{page}/stop-proof").status_code == 302
    assert lead.send(f"{page}/stop-proof").status_code == 409
    assert "已停止" in lead.get(page).content.decode()


@pytest.mark.django_db
def test_the_report_is_a_pdf_with_its_own_letters(town):
    laid_out(town)
    lead = Desk(town, "community")
    form = {**FORM, "name": "荷花社区 𠮷 <调整>"}
    page = lead.send("/console/plans/new", area=town.community.code, **form)["Location"].partition("?")[0]
    answer = lead.get(f"{page}/pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"NotoSansSC" in answer.content
    assert len(answer.content) < 400_000
    assert Desk(town, "worker").get(f"{page}/pdf").status_code == 404


def decided(town):
    """A plan that asked why a rule is broken, with a comment of a worker and a proof: within a tenth of the best possible."""
    laid_out(town)
    lead, worker = Desk(town, "community"), Desk(town, "worker")
    form = {**FORM, "low": "240", "high": "250"}
    page = lead.send("/console/plans/new", area=town.community.code, **form)["Location"].partition("?")[0]
    assert lead.send(f"{page}/check", reason="人手只够这些网格").status_code == 302
    assert lead.send(f"{page}/consult").status_code == 302
    assert worker.send(f"{page}/comment", side="worker", text="两个小区应在一起", grid="").status_code == 302
    town.as_viewer("community")
    reached = {"found": 1.21, "least": 1.0, "households": 800, "steps": 3, "seconds": 1.0, "done": True}
    proven = {"parts": {town.community.code: reached}, "state": "done", "proven_at": NOW, "ended_at": NOW}
    assert PlanProof.objects.filter(plan_id=page.rpartition("/")[2]).update(**proven) == 1
    return lead, page


@pytest.mark.django_db
def test_the_report_on_paper_has_both_maps_the_principles_the_proof_and_what_was_said(town):
    lead, page = decided(town)
    paper = Paper(lead.get(f"{page}/pdf").content)
    said = paper.text
    # Two grids of today on the left, the three of the plan on the right, each under its title.
    assert [begin < A4_WIDTH / 2 for begin in paper.shapes(0)] == [True, True, False, False, False]
    assert 0 < said.index("调整前的网格·") < said.index("方案中的网格·") < said.index("调整前后指标")
    assert "跨网格的小区40" in said
    principles = said.partition("四项原则的指标")[2].partition("与可能的最优相差多少")[0]
    places = [principles.index(f"{name}·") for name in PRINCIPLES]
    assert places == sorted(places)
    assert "规模适度·网格最少户数400260" in principles
    proof = said.partition("与可能的最优相差多少")[2].partition("规则三网格")[0]
    assert "10.0%" in proof
    assert "证明于2026-04-1510:00" in proof
    # Which rules are broken, what was the reason, where, and what people think of it.
    assert "三网格:户数过多(260)" in said
    assert "为何只能如此:人手只够这些网格" in said
    assert f"一网格{town.grid_a.code}260260" in said
    assert said.index("意见") < said.index("网格员:两个小区应在一起") < said.index("批准人:____")


@pytest.mark.django_db
def test_the_report_has_why_it_was_approved_and_what_was_answered(town):
    lead, page = decided(town)
    plan, comment = PlanComment.objects.values_list("plan_id", "id").get()
    actions.answer_comment(
        town.as_viewer("community"), plan, comment, text="两个小区已放在一起。", now=clock.now()
    )
    why = "小区不再分属两个网格，人手也够。"
    assert Desk(town, "township").send(f"{page}/approve", reason=why).status_code == 302
    early = "居民意见征求期满前批准的理由"
    answer = lead.get(f"{page}/report")
    [sheet] = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [early, why] in [row[:2] for row in rows]
    assert ["为何只能如此", "人手只够这些网格"] in [row[:2] for row in rows]
    [approved] = [row for row in rows if row[0] == "批准"]
    assert approved[2] == "连云街道主任"
    [said] = [row for row in rows if row[4] == "两个小区应在一起"]
    assert (said[0], said[3], said[5:7]) == ("网格员", "一网格员", ["两个小区已放在一起。", "荷花社区负责人"])
    paper = Paper(lead.get(f"{page}/pdf").content).text
    assert f"{early}:{why}" in paper
    assert paper.index("两个小区应在一起") < paper.index("两个小区已放在一起。")
    for shown in (page, f"{page}/print"):
        assert why in lead.get(shown).content.decode()


@pytest.mark.django_db
def test_the_spreadsheet_has_grids_figures_principles_and_the_proof(town):
    lead, page = decided(town)
    answer = lead.get(f"{page}/report")
    [sheet] = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets
    header, *rows = ([cell.value for cell in row] for row in sheet.iter_rows())
    grids = [dict(zip(header, row, strict=True)) for row in rows[:3]]
    assert [grid["沿用网格"] for grid in grids] == [town.grid_a.code, town.grid_b.code, None]
    assert [(grid["住户"], grid["其中原网格户数"]) for grid in grids] == [(260, 260), (280, 280), (260, 0)]
    assert {grid["村社区"] for grid in grids} == {town.community.name}
    assert [grid["不合规则"] for grid in grids] == [f"户数过多 ({many})" for many in (260, 280, 260)]
    assert all(grid["直线距离均方根（米）"] > 0 and grid["每周走访工时（含路程）"] > 0 for grid in grids)
    assert ["跨网格的小区", "现在", 4, "按方案", 0] in [row[:5] for row in rows]
    assert ["调整网格的户数", None, None, "按方案", 260] in [row[:5] for row in rows]
    assert ["规模适度", "网格最少户数", "现在", 400, "按方案", 260] in [row[:6] for row in rows]
    assert list(dict.fromkeys(row[0] for row in rows if row[0] in PRINCIPLES)) == list(PRINCIPLES)
    proven = [row[1:4] for row in rows if row[2] == 10]
    assert [row[0] for row in proven] == [None, town.community.name]
    assert {row[2] for row in proven} == {NOW.astimezone(SHANGHAI).replace(tzinfo=None)}
