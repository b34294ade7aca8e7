"""The pages where drafts begin: streets and barriers taken in, one change, several proposals and the one that is kept."""

import re
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.utils import translation
from tests.console.test_plans import Desk
from tests.plans.test_ground import ACROSS, RAIL, ROWS, a_map
from tests.plans.towns import laid_out

from wangge.base import clock
from wangge.doors.console import plan_pdf, plan_words
from wangge.plans import jobs
from wangge.plans.actions import carry_out_reading, carry_out_search, drafting
from wangge.plans.actions.searching import take_search
from wangge.plans.queries import searches

FORM = {
    "name": "荷花社区调整",
    "unit": "building",
    "low": "150",
    "high": "250",
    "curve": "2",
    "seconds": "10",
}


def read_next():
    """As the worker does it."""
    return carry_out_reading(jobs.take_reading(clock.now())).state


@pytest.mark.django_db
def test_a_map_is_taken_in_shown_and_known_no_more(town, tmp_path):
    laid_out(town)
    lead, worker = Desk(town, "community"), Desk(town, "worker")

    def sent(desk, content, name="地图.geojson"):
        return desk.send(
            "/console/plans/grounds", area=town.community.code, file=SimpleUploadedFile(name, content)
        )

    content = a_map(tmp_path, ("barrier", RAIL), *ROWS, ACROSS).read_bytes()
    assert sent(worker, content).status_code == 403
    assert sent(lead, b"no map").status_code == 302
    assert read_next() == "failed"
    assert "不是可读取的" in lead.get("/console/plans/grounds").content.decode()
    taken = sent(lead, content)
    assert taken.status_code == 302
    waits = lead.get(taken["Location"].partition("#")[0]).content.decode()
    assert "街路图已上传" in waits
    assert 'class="ground' not in waits
    assert read_next() == "done"
    [link] = re.findall(
        r'"(\?ground=[0-9a-f-]+)#',
        lead.get("/console/plans/grounds")
        .content.decode()
        .partition("sent-maps")[2]
        .partition("</section>")[0],
    )
    shown = lead.get(f"/console/plans/grounds{link}").content.decode()
    assert 'class="ground barriers"' in shown
    assert "街路" in worker.get("/console/plans/grounds").content.decode()
    page = lead.send("/console/plans/new", area=town.community.code, start="divide", **FORM)["Location"]
    plan = lead.get(page).content.decode()
    assert 'class="ground barriers"' in plan
    assert "路程沿街路计算" in plan
    remove = re.search(r"/console/plans/grounds/[0-9a-f-]+/remove", shown)[0]
    assert worker.send(remove).status_code == 403
    assert lead.send(remove).status_code == 302
    assert "这里还没有街路图" in lead.get("/console/plans/grounds").content.decode()


@pytest.mark.django_db
def test_the_form_offers_what_fits_the_area_and_a_plan(town):
    laid_out(town)
    lead = Desk(town, "community")
    form = lead.get(f"/console/plans/new?area={town.community.code}").content.decode()
    for said in ("每个小区单独成网格", "拆分一个网格", "合并网格", "多方案比选", "4 个小区跨网格"):
        assert said in form
    assert "并入未入网格的楼栋" not in form, "there is none"
    assert "只看直线距离和户数" in form
    split = lead.send(
        "/console/plans/new",
        area=town.community.code,
        start="split",
        split_grid=town.grid_a.code,
        into="2",
        **FORM,
    )
    assert split.status_code == 302
    plan = split["Location"].partition("?")[0].rsplit("/", 1)[-1]
    again = lead.get(f"/console/plans/new?copy={plan}").content.decode()
    assert "从方案“荷花社区调整”开始" in again
    assert lead.send("/console/plans/new", copy_of=plan, start="copy", **FORM).status_code == 302
    wrong = lead.send(
        "/console/plans/new", area=town.community.code, start="merge", merge_grids=[town.grid_a.code], **FORM
    )
    assert wrong.status_code == 422
    assert "至少两个要合并的网格" in wrong.content.decode()


@pytest.mark.django_db
def test_the_page_says_that_the_search_was_ended_and_what_ways_it_tells(town, monkeypatch):
    laid_out(town)
    lead = Desk(town, "community")

    def page():
        sent = lead.send("/console/plans/new", area=town.community.code, start="divide", **FORM)
        return lead.get(sent["Location"]).content.decode()

    through = page()
    assert "时间更长可能得到更好的方案" not in through
    assert "离网格中心直线距离，均方根（米）" in through
    assert "平均距离" not in through
    monkeypatch.setattr(drafting, "LIMIT_S", 0.0)
    assert "时间更长可能得到更好的方案" in page()


@pytest.mark.parametrize(
    ("language", "root", "straight", "on_foot"),
    [("en", "root mean square", "straight", "on foot"), ("zh-hans", "均方根", "直线", "步行")],
)
def test_what_a_proof_compares_is_called_what_it_is_on_page_and_paper(language, root, straight, on_foot):
    def told(**facts):
        """On the page, and on paper."""
        proof = SimpleNamespace(
            state="done", proven_at=None, asked_at=clock.now(), minutes=5, parts=(), share=0.123, **facts
        )
        paper = []
        plan_pdf._proof(SimpleNamespace(heading=paper.append, line=paper.append), proof)
        return render_to_string("console/plan_proof.html", {"proof": proof}), paper[-1]

    with translation.override(language):
        by_line = told(stale=False, other_ways=False, distance="straight")
        walked = told(stale=False, other_ways=False, distance="walking")
        words = [str(plan_words.CHANGES["gap"]), str(plan_words.FIGURES["rms_m"])]
        outdated = told(stale=True, other_ways=True, distance="straight")
        redrawn = told(stale=True, other_ways=False, distance="straight")
    assert all(root in each.lower() and straight in each.lower() for each in (*by_line, *words))
    assert all(root in each and on_foot in each and straight not in each for each in walked)
    assert all("12.3 %" in each for each in (*by_line, *walked))
    # What no longer holds is not told, but why.
    assert not any("12.3" in each for each in (*outdated, *redrawn))
    assert outdated[0] != redrawn[0]
    assert outdated[1] != redrawn[1]


@pytest.mark.django_db
def test_several_proposals_are_asked_for_stopped_found_and_one_is_kept(town):
    laid_out(town)
    lead, worker = Desk(town, "community"), Desk(town, "worker")
    asked = lead.send("/console/plans/new", area=town.community.code, start="search", **FORM)
    assert asked.status_code == 302
    page = asked["Location"]
    assert "一分钟内开始" in lead.get(page).content.decode()
    assert worker.get(page).status_code == 404
    assert "正在比选" in lead.get("/console/plans").content.decode()
    other = lead.send("/console/plans/new", area=town.community.code, start="search", **FORM)["Location"]
    assert lead.send(f"{other}/stop").status_code == 302
    assert "开始之前已被结束" in lead.get(other).content.decode()
    assert lead.send(f"{other}/stop").status_code == 409
    taken = take_search(town.as_system(), UUID(page.rsplit("/", 1)[-1]), now=clock.now())
    carry_out_search(town.city.path, taken.id, taken.tries)
    shown = lead.get(page).content.decode()
    for said in ("备选方案指标", "更换网格员的户数", "保留编号的网格", "已结束"):
        assert said in shown
    viewer = town.as_viewer("community")
    first = searches.proposals_of(viewer, searches.search_by_id(viewer, page.rsplit("/", 1)[-1]))[0]
    kept = lead.send(f"/console/plans/{first.id}/choose")
    assert kept["Location"].endswith("?done=chosen")
    assert "同组其余草稿已撤回" in lead.get(kept["Location"]).content.decode()
