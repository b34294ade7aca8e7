"""The console in a browser: without a script, by keyboard, twice clicked. Every page at both sizes: `test_every_page.py`."""

import re

import pytest
from tests import builders
from tests.journeys.hands import until

pytestmark = [pytest.mark.browser, pytest.mark.pictured]


@pytest.fixture
def lamp(busy_town):
    """A case in grid_a, reported and not yet accepted."""
    return a_case(busy_town)


def a_case(town, **facts):
    facts = {"title": "路灯不亮", "lon": 119.355, "lat": 34.745, "address": "三号楼前"} | facts
    return town.add(builders.case, town.lamp_item, town.grid_a, **facts)


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_front_page_reads_without_a_script(desk, size):
    anyone = desk(size=size, scripts=False)
    assert anyone.go("/").status == 200
    assert "连云港市网格中心" in anyone.text()
    anyone.shot("home")
    anyone.page.click("main .button")
    anyone.page.wait_for_url("**/sign-in?next=*")


def test_language_is_chinese_until_switched_and_stays_switched(desk):
    anyone = desk()
    anyone.go("/")
    assert anyone.page.locator("html").get_attribute("lang") == "zh-CN"
    anyone.page.click("button[name=language]")
    anyone.page.wait_for_selector("html[lang=en]")
    assert "The grid centre of" in anyone.text()
    anyone.go("/sign-in")
    assert anyone.page.inner_text("h1") == "Sign in"
    assert anyone.faults() == []


def test_signing_in_brings_back_to_where_one_wanted(desk):
    anyone = desk()
    anyone.go("/console/catalogue/?business=safety")
    anyone.page.fill("#username", "worker")
    anyone.page.fill("#password", "wrong")
    anyone.page.click("main button")
    anyone.page.wait_for_selector("[role=alert]")
    anyone.page.wait_for_load_state()
    assert anyone.page.input_value("#username") == "worker"
    anyone.shot("sign-in-wrong")
    anyone.page.fill("#password", "wangge-demo")
    anyone.page.keyboard.press("Enter")
    anyone.page.wait_for_url("**/console/catalogue/?business=safety")
    anyone.page.click("text=退出")
    anyone.page.wait_for_url("**/sign-in")
    anyone.go("/console/")
    assert "/sign-in" in anyone.page.url


def test_without_a_script_a_case_is_filed_from_its_words(desk):
    worker = desk("worker", scripts=False)
    worker.go("/console/cases/file")
    worker.page.fill("[name=title]", "楼下路灯坏了")
    worker.page.click("[name=suggest]")
    worker.page.check("[name=suggested][value='M01-01']")
    worker.page.click("details:has([name=area]) > summary")
    worker.page.select_option("[name=area]", label="一网格 · 网格")
    worker.page.click(".end button[type=submit]")
    worker.page.wait_for_url("**/filed**")
    assert "楼下路灯坏了" in worker.text()


def test_what_was_typed_is_kept_when_something_is_missing(desk):
    worker = desk("worker")
    worker.go("/console/cases/file")
    worker.page.fill("[name=title]", "井盖缺失")
    worker.page.select_option("[name=item]", "M01-01")
    worker.page.click(".end button")
    worker.page.wait_for_selector("[role=alert]:has-text('请说明地点')")
    assert worker.page.input_value("[name=title]") == "井盖缺失"
    assert worker.page.input_value("[name=item]") == "M01-01"
    worker.shot("file-refused")
    assert worker.faults() == []


def test_a_step_that_cannot_be_taken_says_why_beside_what_was_typed(desk, lamp, busy_town):
    worker = desk("worker")
    worker.go(f"/console/cases/{lamp.id}")
    busy_town.run("update cases_case set revision = revision + 1 where id = %s", [lamp.id])
    worker.page.click("#step-handle summary") if worker.page.locator("#step-handle").count() else None
    worker.page.click("#step-escalate summary")
    worker.page.fill("#escalate-reason", "需要登高车")
    worker.page.click("#step-escalate form > button")
    worker.page.wait_for_selector("[role=alert]:has-text('重新查看')")
    worker.page.wait_for_load_state()
    assert worker.page.input_value("#escalate-reason") == "需要登高车"
    worker.page.click("#step-escalate form > button")
    worker.page.wait_for_url("**?done=escalate")


def test_a_form_sent_twice_does_it_once(desk, lamp, busy_town):
    worker = desk("worker")
    worker.go(f"/console/cases/{lamp.id}")
    sent = worker.page.evaluate(
        """async () => {
            const form = document.querySelector("#step-accept form");
            const send = () => fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
            return (await Promise.all([send(), send()])).map(answer => answer.status);
        }"""
    )
    assert sent == [200, 200]
    assert busy_town.rows("select count(*) from journal_entry where verb = 'case.accepted'") == [(1,)]


def test_the_back_button_finds_the_queue_as_it_was(desk, lamp):
    worker = desk("worker")
    worker.go("/console/?queue=open&text=路灯")
    worker.page.click("table a:text('路灯不亮')")
    worker.page.click("#step-accept button")
    worker.page.wait_for_url("**?done=accept*")
    worker.page.go_back()
    worker.page.go_back()
    assert "queue=open" in worker.page.url
    assert worker.page.input_value("#text") == "路灯"


def test_the_keyboard_alone_reaches_and_takes_a_step(desk, lamp):
    worker = desk("worker")
    worker.go(f"/console/cases/{lamp.id}")
    worker.page.keyboard.press("Tab")
    assert worker.page.evaluate("document.activeElement.className") == "skip"
    worker.page.keyboard.press("Enter")
    for _ in range(12):
        worker.page.keyboard.press("Tab")
        if (
            worker.page.evaluate(
                "document.activeElement.closest('#step-accept') && document.activeElement.localName"
            )
            == "button"
        ):
            break
    worker.page.keyboard.press("Enter")
    worker.page.wait_for_url("**?done=accept")


def test_pages_of_fifty_follow_one_another(desk, busy_town):
    for number in range(53):
        a_case(busy_town, title=f"第{number}件")
    worker = desk("worker")
    worker.go("/console/?queue=open")
    assert worker.page.locator("tbody tr").count() == 50
    worker.page.click("[rel=next]")
    until(worker.page, "document.querySelectorAll('tbody tr').length === 3")
    worker.shot("queue-second-page")
    assert worker.faults() == []


def test_a_text_that_is_a_script_is_only_a_text(desk, busy_town):
    case = a_case(
        busy_town, title="<script>document.title='x'</script>", description="<img src=x onerror=alert(1)>"
    )
    worker = desk("worker")
    worker.go(f"/console/cases/{case.id}")
    assert "<script>" in worker.page.inner_text("h1")
    assert worker.problems == []


def test_figures_tell_the_period_that_was_chosen(desk, busy_town):
    a_case(busy_town)
    township = desk("township")
    township.go("/console/figures?period=2026-04")
    assert re.search("上报事件\\s*1", township.text())
    township.page.select_option("#period", "2026")
    township.page.click(".choose button")
    township.page.wait_for_url("**period=2026*")
    township.shot("figures-year")
    township.go("/console/figures?period=yesterday")
    assert "2026-Q3" in township.page.inner_text("[role=alert]")
