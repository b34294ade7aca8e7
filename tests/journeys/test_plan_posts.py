"""Who would work where in a plan, in a browser: proposed, somebody else at a price that is seen before it is kept, and let go."""

import pytest
from tests.journeys.pages import a_plan

pytestmark = pytest.mark.browser


def test_somebody_is_put_by_hand_when_the_price_was_seen(desk, busy_town):
    made = a_plan(busy_town)
    lead = desk("community")
    page = lead.page
    lead.go(f"/console/plans/{made['draft']}")
    page.get_by_role("link", name="提出上岗方案").click()
    page.get_by_role("button", name="提出上岗方案").click()
    page.locator("[role=status]", has_text="已提出上岗方案").wait_for()
    row = page.locator("tbody tr").first
    before = row.locator("td").first.inner_text()
    row.get_by_role("button", name="代价是多少？").click()
    price = page.locator("section", has=page.locator("#price"))
    price.get_by_text("户换成不熟悉的人员").wait_for()
    assert lead.faults() == []
    price.get_by_role("button", name="确定这样安排").click()
    row.get_by_text("手动安排").wait_for()
    assert row.locator("td").first.inner_text() != before
    row.get_by_role("button", name="取消手动安排").click()
    row.get_by_text("手动安排").wait_for(state="detached")
    lead.go(f"/console/plans/{made['draft']}")
    page.get_by_role("button", name="开始证明").click()
    page.locator("[role=status]", has_text="正在后台证明").wait_for()
    page.get_by_role("button", name="停止证明").click()
    page.locator("[role=status]", has_text="已停止证明").wait_for()
