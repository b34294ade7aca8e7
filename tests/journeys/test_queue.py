"""The queue by keyboard alone: rows, many at once, filters, views, and the way back."""

import re

import pytest
from tests import builders
from tests.journeys.hands import until

pytestmark = [pytest.mark.browser, pytest.mark.pictured]


@pytest.fixture
def lamps(busy_town):
    return [
        busy_town.add(
            builders.case,
            busy_town.lamp_item,
            place,
            title=f"路灯{n}号不亮",
            urgency="urgent" if n == 2 else "normal",
        )
        for n, place in enumerate([busy_town.grid_a, busy_town.grid_a, busy_town.grid_b])
    ]


def keys(opened, *pressed):
    for key in pressed:
        opened.page.keyboard.press(key)


def test_two_cases_are_accepted_without_a_mouse(desk, busy_town, lamps):
    lead = desk("township")
    lead.go("/console/?queue=new")
    assert not lead.page.locator("form.bulk").is_visible()
    keys(lead, "j", "x", "j", "x")
    lead.page.wait_for_selector("form.bulk:has-text('已选 2 件')")
    keys(lead, "a")
    lead.page.wait_for_selector("form.bulk-form")
    lead.page.wait_for_selector("h1:has-text('受理：2 件')")
    lead.page.wait_for_load_state()
    keys(lead, "Enter")
    lead.page.wait_for_selector("[role=status]:has-text('已办理 2 件')")
    states = busy_town.rows("select state, count(*) from cases_case group by state order by state")
    assert states == [("accepted", 2), ("reported", 1)]
    assert lead.problems == []


def test_all_are_ticked_and_a_click_with_shift_ticks_a_range(desk, lamps):
    lead = desk("township")
    lead.go("/console/?queue=new")
    keys(lead, "j", "Shift+X")
    lead.page.wait_for_selector("form.bulk:has-text('已选 3 件')")
    keys(lead, "Shift+X")
    lead.page.wait_for_selector("form.bulk", state="hidden")
    boxes = lead.page.locator('input[name="case"]')
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    lead.page.wait_for_selector("form.bulk:has-text('已选 3 件')")
    lead.page.locator("[data-tick-all] input").uncheck()
    lead.page.wait_for_selector("form.bulk", state="hidden")


def test_a_filter_is_set_a_view_saved_and_the_way_back_is_right(desk, lamps):
    lead = desk("township")
    lead.go("/console/?queue=open")
    keys(lead, "f")
    lead.page.wait_for_selector("#f-text:focus")
    lead.page.select_option("#urgency", "urgent")
    lead.page.focus("#f-text")
    keys(lead, "Enter")
    lead.page.wait_for_url("**urgency=urgent**")
    assert lead.page.locator("[data-row]").count() == 1
    keys(lead, "s")
    lead.page.wait_for_selector("#view-name:focus")
    lead.page.keyboard.type("急件")
    keys(lead, "Enter")
    lead.page.wait_for_url("**view=**")
    assert lead.page.inner_text('.views a[aria-current="page"]').startswith("急件")
    keys(lead, "j", "o")
    lead.page.wait_for_url(re.compile("/console/cases/"))
    lead.page.go_back()
    lead.page.wait_for_url("**view=**")
    lead.page.wait_for_selector('[data-row][aria-current="true"]')
    lead.page.locator(".active .chip").first.focus()
    keys(lead, "Enter")
    until(lead.page, "document.querySelectorAll('[data-row]').length === 3")
    assert lead.problems == []


def test_what_others_do_is_shown_without_moving_a_row(desk, busy_town, lamps):
    """The news are told to the page as the stream would; the rows come from the server."""
    lead = desk("township")
    lead.go("/console/?queue=new")
    first = lamps[2]
    order = [row.get_attribute("data-case") for row in lead.page.locator("[data-case]").all()]
    busy_town.run(
        "update cases_case set state = 'accepted', title = '路灯已受理', revision = 2 where id = %s",
        [first.id],
    )
    came = busy_town.add(builders.case, busy_town.lamp_item, busy_town.grid_a, title="刚到的")
    keys(lead, "j", "x")
    tell(lead, first, "accepted", 2)
    tell(lead, came, "reported", 1)
    lead.page.wait_for_selector("[data-arrived] a:not([hidden])")
    lead.page.wait_for_selector("[data-arrived]:has-text('1 件新事件')")
    lead.page.wait_for_selector(f'[data-case="{first.id}"].left:has-text("已不在本列表")')
    assert [row.get_attribute("data-case") for row in lead.page.locator("[data-case]").all()] == order
    moved = lead.page.locator(f'[data-case="{first.id}"]')
    assert "left" in moved.get_attribute("class")
    assert "路灯已受理" in moved.inner_text()
    assert "已不在本列表" in moved.inner_text()
    assert lead.page.locator('input[name="case"]:checked').count() == 1
    assert lead.faults() == []
    lead.page.click("[data-arrived] a")
    lead.page.wait_for_selector("text=刚到的")
    assert lead.page.locator("[data-row]").count() == 3


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-hans", "列表可能不是最新的，请重新加载"), ("en", "The list may be old: load it again")],
)
def test_who_was_away_too_long_is_offered_the_list_anew(desk, busy_town, lamps, language, words):
    """What came in meanwhile is not told one by one; the rows that are shown are fetched again all the same."""
    lead = desk("township", language=language)
    lead.go("/console/?queue=new")
    assert not lead.page.locator("[data-arrived] a").is_visible()
    came = busy_town.add(builders.case, busy_town.lamp_item, busy_town.grid_a, title="刚到的")
    tell_missed(lead)
    link = lead.page.locator("[data-arrived] a:not([hidden])")
    assert link.inner_text() == words
    assert lead.faults() == []
    # News that come now do not take the words away.
    with lead.page.expect_response(lambda answer: str(came.id) in answer.url):
        tell(lead, came, "reported", 1)
    lead.page.wait_for_timeout(200)
    assert link.inner_text() == words
    link.click()
    lead.page.wait_for_selector("text=刚到的")
    link.wait_for(state="hidden")
    assert lead.problems == []


def test_who_was_away_too_long_finds_the_case_as_it_is_now(desk, busy_town, lamps):
    lead = desk("township")
    lead.go(f"/console/cases/{lamps[0].id}")
    busy_town.run("update cases_case set title = '路灯修好了', revision = 2 where id = %s", [lamps[0].id])
    tell_missed(lead)
    lead.page.wait_for_selector("h1:has-text('路灯修好了')")
    assert lead.page.get_attribute("[data-case]", "data-revision") == "2"
    assert lead.problems == []


def test_a_view_whose_name_is_taken_leaves_the_queues_to_be_gone_to(desk, lamps):
    """The answer stays at the address of the form: its links, its forms and the language lead to the list itself."""
    lead = desk("township")

    def keep():
        lead.go("/console/?queue=open&urgency=urgent&panel=view")
        lead.page.fill("#view-name", "急件")
        lead.page.click(".panel button[value=new]")

    keep()
    lead.page.wait_for_url("**view=**")
    keep()
    lead.page.wait_for_selector(".panel [role=alert]")
    assert lead.page.url.endswith("/console/views")
    lead.page.click(".queue-new")
    lead.page.wait_for_url("**/console/?queue=new**")
    assert lead.page.locator("[data-row]").count() == 1, "the filters of the refused view stay"
    keep()
    lead.page.wait_for_selector(".panel [role=alert]")
    lead.page.locator("form[action$='language'] button:visible").first.click()
    lead.page.wait_for_url("**/console/")
    assert lead.page.locator("[data-row]").count() == 3
    assert [said for said in lead.problems if "status of 4" not in said] == []


def test_a_refused_step_stays_alive_and_keeps_what_was_typed(desk, busy_town, lamps):
    worker, case = desk("worker"), lamps[0]
    worker.go(f"/console/cases/{case.id}")
    busy_town.run("update cases_case set revision = 2 where id = %s", [case.id])
    worker.page.click("#step-escalate summary")
    worker.page.fill("#escalate-reason", "要用升降车")
    worker.page.click("#step-escalate form > button")
    worker.page.wait_for_selector("[role=alert]")
    assert worker.page.url.endswith("/escalate")
    busy_town.run("update cases_case set title = '路灯又坏了', revision = 3 where id = %s", [case.id])
    worker.page.evaluate("document.activeElement.blur()")  # nobody writes at the moment
    tell(worker, case, "reported", 3)
    worker.page.click("[data-changed-show]")
    worker.page.wait_for_selector("h1:has-text('路灯又坏了')")
    assert worker.page.input_value("#escalate-reason") == "要用升降车"
    assert worker.page.input_value("#step-escalate [name=revision]") == "3"
    assert [said for said in worker.problems if "status of 4" not in said] == []


def test_what_cannot_stand_in_the_list_is_not_asked_for(desk, busy_town, lamps):
    lead = desk("township")
    lead.go("/console/?queue=new")
    closed, came = (
        busy_town.add(builders.case, busy_town.lamp_item, busy_town.grid_a, state=state, title=state)
        for state in ("accepted", "reported")
    )
    asked = []
    lead.page.on("request", lambda request: "/console/rows" in request.url and asked.append(request.url))
    tell(lead, closed, "accepted", 2)
    tell(lead, came, "reported", 1)
    lead.page.wait_for_selector("[data-arrived] a:not([hidden])")
    (address,) = asked
    assert str(came.id) in address
    assert str(closed.id) not in address


def test_the_numbers_beside_the_queues_tick(desk, lamps):
    lead = desk("township")
    lead.go("/console/?queue=open")
    shown = lead.page.evaluate(  # at once: the stream's own numbers come soon
        """() => {
            document.dispatchEvent(new CustomEvent("wangge:counts", {detail: {queues: {new: 7, overdue: 0}}}));
            return document.querySelector('[data-count="new"]').textContent;
        }"""
    )
    assert shown == "7"
    lead.go(f"/console/?queue=open&area={lamps[0].community_id}")
    assert lead.page.locator("[data-count]").count() == 0


def test_a_file_comes_down(desk, lamps):
    lead = desk("township")
    lead.go("/console/?queue=open&panel=file")
    with lead.page.expect_download() as coming:
        lead.page.click('button[value="csv"]')
    assert coming.value.suggested_filename.endswith(".csv")
    lead.page.wait_for_selector("form[data-repeats]:not([data-sent])")
    with lead.page.expect_download() as again:
        lead.page.click('button[value="xlsx"]')
    assert again.value.suggested_filename.endswith(".xlsx")


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_without_a_script_the_bar_is_there_and_filters_work(desk, lamps, size):
    lead = desk("township", size=size, scripts=False)
    lead.go("/console/?queue=open")
    lead.page.click("text=筛选")
    lead.page.select_option("#urgency", "urgent")
    lead.page.click(".panel button[type=submit]")
    lead.page.wait_for_url("**urgency=urgent**")
    assert lead.page.locator("[data-row]").count() == 1
    lead.page.locator('input[name="case"]').first.check()
    lead.page.click('form.bulk button[value="accept"]')
    lead.page.click("form.bulk-form button")
    lead.page.wait_for_selector("main :text('已办理 1 件')")


def tell(opened, case, state, revision):
    news = {
        "id": str(case.id),
        "number": case.number,
        "verb": "",
        "state": state,
        "revision": revision,
        "by": "",
    }
    opened.page.evaluate(
        "news => document.dispatchEvent(new CustomEvent('wangge:case', {detail: news}))", news
    )


def tell_missed(opened):
    opened.page.evaluate(
        "document.dispatchEvent(new CustomEvent('wangge:live', {detail: {open: true, missed: true}}))"
    )
