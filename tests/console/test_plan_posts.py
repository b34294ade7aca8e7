"""Pages about a plan: who would work where, how good it is, and the report as a PDF."""

import pytest
from tests.console.test_plans import FORM, Desk
from tests.plans.towns import laid_out

KIND = "grid_worker"


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
