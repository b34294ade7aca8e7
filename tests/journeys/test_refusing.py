"""Work refused in one step, and the hand-over lists, in a browser."""

import pytest
from django.db import transaction
from tests import builders
from tests.journeys.conftest import LOOKS
from tests.journeys.hands import until

from wangge.base.calendar import SHANGHAI
from wangge.base.clock import now
from wangge.cases.actions import hand_over_post

pytestmark = [pytest.mark.browser, pytest.mark.pictured]


@pytest.mark.parametrize(("page", "size"), [("", "desk"), ("S01-01", "phone")])
def test_work_is_refused_in_one_step_and_counted(desk, busy_town, page, size):
    community = desk("community", size=size)
    community.go(f"/console/catalogue/{page}")
    form = community.page.locator("#refuse")
    form.locator("summary").click()
    community.shot(f"refuse-open-{page}")
    form.locator("[name=asked_by]").select_option("fire")
    form.locator("[name=what]").fill("每周替部门填报消防台账")
    form.locator("[name=area]").select_option(busy_town.grid_a.code)
    form.locator("button").dblclick()
    community.page.wait_for_url("**?done=refuse#refuse")
    form.locator("[role=status]").wait_for()
    assert "消防" in form.locator("tbody").inner_text()
    assert busy_town.rows("select count(*) from catalogue_refusal") == [(1,)]
    assert community.fits()
    assert community.faults() == []
    community.shot(f"refuse-done-{page}")


def test_what_cannot_be_refused_comes_back_at_the_form(desk, busy_town):
    community = desk("community", size="phone")
    community.go("/console/catalogue/S01-01")
    form = community.page.locator("#refuse")
    form.locator("summary").click()
    form.locator("[name=what]").fill("每周替部门填报消防台账")
    form.locator("form").evaluate("form => { form.noValidate = true; form.requestSubmit() }")
    community.page.wait_for_selector("#refuse [role=alert]")
    assert form.locator("[name=what]").input_value() == "每周替部门填报消防台账"
    until(community.page, "document.querySelector('#refuse').getBoundingClientRect().top < 844")
    community.shot("refuse-problem")


@pytest.mark.parametrize(("size", "language"), LOOKS)
def test_what_was_handed_over_stands_on_a_list(desk, busy_town, size, language):
    town = busy_town
    worker = town.accounts["worker"].pk
    for title, late in [("路灯不亮", ""), ("三号楼前井盖缺失，夜间行走有危险", "overdue"), ("楼道堆物", "")]:
        town.add(
            builders.case,
            town.lamp_item,
            town.grid_a,
            title=title,
            late=late,
            state="dispatched",
            handler_id=worker,
            confidential=title == "楼道堆物",
        )
    successor = town.add(builders.account, "new_worker", town.grid_a, name="新网格员")
    with transaction.atomic():
        viewer = town.as_viewer("centre", now=now())
        for account, to in [("worker", successor.pk), ("worker2", town.accounts["community"].pk)]:
            hand_over_post(
                viewer,
                town.assignments[account].pk,
                to_account=to,
                from_on=now().astimezone(SHANGHAI).date(),
                part="full_time",
                now=now(),
            )
    township = desk("township", size=size, language=language)
    township.go("/console/areas/")
    township.shot(f"{language}-areas-with-handovers")
    township.page.click("main a[href*='handovers']")
    township.page.wait_for_url("**/handovers**")
    assert township.page.inner_text("h1") in ("岗位交接清单", "Hand-over lists")
    for summary in township.page.locator("main details:not([open]) summary").all():
        summary.click()
    assert "新网格员" in township.text()
    assert township.page.locator("main details li").count() == 3
    assert township.fits()
    assert township.faults() == []
    township.shot(f"{language}-handovers")
