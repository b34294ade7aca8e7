"""A resident with a phone: finds the plan for where they live, says what they think, and reads the answer with their code."""

import pytest
from django.db import transaction
from tests.journeys.pages import a_plan

from wangge.base import clock
from wangge.plans import actions
from wangge.plans.queries import plans as queries
from wangge.plans.queries.said import comments_of

pytestmark = pytest.mark.browser


def looked_at(resident, name):
    resident.shot(name)
    assert resident.fits(), name
    assert resident.faults() == [], name


def test_a_resident_comments_on_a_plan_with_a_phone_and_reads_the_answer(desk, busy_town):
    made = a_plan(busy_town)
    busy_town.run("update plans_plan set comment_until = '2099-12-31' where id = %s", [made["plan"]])
    resident = desk(size="phone")
    resident.go("/")
    page = resident.page
    page.click("text=全部方案")
    looked_at(resident, "residents-plans")
    page.click("text=荷花社区调整")
    page.wait_for_selector("#text")
    looked_at(resident, "residents-plan")
    assert page.locator("svg").count() >= 2
    page.select_option("#grid", index=1)
    page.fill("#text", "两个小区应在一起")
    page.fill("#phone", "13812345678")
    small = "[...document.querySelectorAll('main button, main input:not([type=hidden]), main select, main .button')]"
    assert page.evaluate(f"{small}.every((each) => each.getBoundingClientRect().height >= 48)")
    page.click("main form button")
    page.wait_for_selector("[data-code]")
    code = page.inner_text("[data-code]")
    looked_at(resident, "residents-code")
    with transaction.atomic():
        office = busy_town.as_viewer("community")
        plan = queries.plan_by_id(office, made["plan"])
        said = next(each for each in comments_of(office, plan) if each.comment.by_id is None)
        actions.answer_comment(office, plan.id, said.comment.id, text="方案已改", now=clock.now())
    page.click("main a.button")
    page.fill("#code", code)
    page.click("main form button")
    page.wait_for_selector("[data-answer]")
    assert page.inner_text("[data-answer]") == "方案已改"
    looked_at(resident, "residents-answer")
    assert not resident.problems
