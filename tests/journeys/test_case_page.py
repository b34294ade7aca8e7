"""A case's page with the keyboard alone: a note, an answer from a ready text, a merge looked at before it is sent, a split; what
another does appears while one writes; and the sheet of paper is one sheet.
"""

import re
from uuid import uuid4

import pytest
from django.db import transaction
from tests.journeys.hands import Hands, until

from wangge.base.clock import now
from wangge.base.ids import new_id
from wangge.cases import actions
from wangge.journal.actions import record

pytestmark = [pytest.mark.browser, pytest.mark.pictured]
PLACE = {"lon": 119.355, "lat": 34.745}


@pytest.fixture
def report(busy_town):
    def report(title, *, who="worker", description="", **facts):
        with transaction.atomic():
            at = now()
            said = actions.Report("M01-01", title, at, description, **(PLACE | facts))
            return actions.report_case(busy_town.as_viewer(who, now=at), new_id(), said, now=at)[0]

    return report


@pytest.fixture
def hands(desk):
    return Hands(desk("community"))


def test_a_note_for_staff_and_a_word_to_the_reporter_from_a_ready_text(busy_town, hands, report):
    case = report("路灯不亮")
    with transaction.atomic():
        actions.set_text(
            busy_town.as_viewer("community", now=now()), uuid4(), area=busy_town.community.code, name="已安排", use="reporter",
            text="您反映的{title}（{number}）已安排。", now=now(),
        )  # fmt: skip
    page = hands.page
    hands.desk.go(f"/console/cases/{case.id}")
    hands.keys.press("n")
    hands.keys.type("住户晚上七点后在家")
    hands.to("#box-staff form button[type=submit]")
    hands.keys.press("Enter")
    page.wait_for_url("**?done=note*")
    assert "住户晚上七点后在家" in page.inner_text(".box.said.staff")
    hands.keys.press("y")
    hands.to("#ready-reporter")
    hands.keys.press("ArrowDown")
    until(page, "document.querySelector('#note-reporter').value !== ''")
    hands.to("#box-reporter form button[type=submit]")
    hands.keys.press("Enter")
    page.wait_for_url("**?done=answer-reporter*")
    assert f"您反映的路灯不亮（{case.number}）已安排。" in page.inner_text(".box.said.reporter")
    assert hands.desk.problems == []


def test_a_double_is_looked_at_beside_the_other_before_it_is_merged(busy_town, hands, report):
    first = report("三号楼路灯不亮")
    second = report("路灯不亮", who="community")
    page = hands.page
    hands.desk.go(f"/console/cases/{second.id}")
    assert first.number in page.content()
    hands.keys.press("m")
    hands.keys.type(first.number)
    hands.keys.press("Enter")
    page.wait_for_url("**/compare?with=*")
    assert page.locator(".sides section").count() == 2
    assert "荷花社区负责人" in page.inner_text(".result")  # who will follow the other case
    hands.keys.press("m")
    page.wait_for_url("**?done=merge*")
    assert first.number in page.inner_text("#part-head")
    assert "已合并" in page.inner_text("#part-head")
    hands.desk.go(f"/console/cases/{first.id}")
    assert second.number in page.inner_text("#part-head")


def test_a_case_is_split_into_two_more(busy_town, hands, report):
    case = report("路灯不亮，通道也堵了")
    page = hands.page
    hands.desk.go(f"/console/cases/{case.id}")
    hands.keys.press("t")
    for n, (item, title) in enumerate((("S01-01", "消防通道堵塞"), ("M01-01", "楼道灯不亮")), start=1):
        hands.to(f"#split-parts-item-{n}")
        hands.keys.type(item)
        hands.to(f"#split-parts-title-{n}")
        hands.keys.type(title)
        if n == 1:
            hands.to("[data-add-part]")
            hands.keys.press("Enter")
    hands.to("#step-split form > button")
    hands.keys.press("Enter")
    page.wait_for_url("**?done=split*")
    head = page.inner_text("#part-head")
    assert "消防通道堵塞" in head
    assert "楼道灯不亮" in head


def test_what_another_does_is_told_and_takes_no_word_away(busy_town, hands, report):
    """The event is given as the live module gives it; that it comes from the server is tested there."""
    case = report("路灯不亮")
    page = hands.page
    hands.desk.go(f"/console/cases/{case.id}")
    hands.keys.press("n")
    hands.keys.type("写到一半")
    with transaction.atomic():
        worker = busy_town.as_viewer("worker", now=now())
        actions.take_step(worker, case.id, "accept", command_id=uuid4(), facts={}, now=now())
    told = {"id": str(case.id), "verb": "case.accepted", "revision": 2, "by": "一网格员", "state": "accepted"}
    page.evaluate("told => document.dispatchEvent(new CustomEvent('wangge:case', {detail: told}))", told)
    banner = page.locator("#case-changed")
    banner.wait_for(state="visible")
    page.wait_for_selector("#case-changed:has-text('一网格员')")
    banner.locator("button").click()
    page.wait_for_selector("#part-head .chip.accepted")
    assert page.input_value("#note-staff") == "写到一半"
    banner.wait_for(state="hidden")
    page.fill("#note-staff", "")
    hands.keys.press("Escape")
    page.evaluate("document.activeElement.blur()")
    with transaction.atomic():
        worker = busy_town.as_viewer("worker", now=now())
        facts = {"outcome": "mended", "answer": "好了"}
        actions.take_step(worker, case.id, "handle", command_id=uuid4(), facts=facts, now=now())
    page.evaluate(
        "told => document.dispatchEvent(new CustomEvent('wangge:case', {detail: told}))",
        told | {"revision": 3, "verb": "case.handled", "state": "handled"},
    )
    page.wait_for_selector("#part-head .chip.handled")
    page.wait_for_selector("#step-verify")
    assert not banner.is_visible()
    assert hands.desk.problems == []


@pytest.mark.parametrize("by", ["a namesake", "oneself elsewhere"])
def test_nothing_is_decided_over_a_change_that_was_not_shown(busy_town, hands, report, by):
    """Else a step that somebody has begun would follow another's unseen."""
    case = report("路灯不亮")
    page = hands.page
    hands.desk.go(f"/console/cases/{case.id}")
    page.click("#step-split summary")
    page.fill("#split-parts-title-1", "写到一半")
    with transaction.atomic():
        worker = busy_town.as_viewer("worker", now=now())
        actions.take_step(worker, case.id, "accept", command_id=uuid4(), facts={}, now=now())
    me = busy_town.accounts["community"]
    told = {"id": str(case.id), "verb": "case.accepted", "revision": 2, "state": "accepted", "by": me.name}
    told |= {"by_id": me.pk if by == "oneself elsewhere" else me.pk + 1}
    if by == "oneself elsewhere":
        until(page, "performance.now() > 5_000")  # what comes sooner stands on the page already
    page.evaluate("told => document.dispatchEvent(new CustomEvent('wangge:case', {detail: told}))", told)
    page.locator("#case-changed").wait_for(state="visible")
    assert page.input_value("#step-split [name=revision]") == "1"
    page.click("[data-changed-show]")
    page.wait_for_selector("#part-head .chip.accepted")
    until(page, "document.querySelector('#step-split [name=revision]').value === '2'")
    assert page.input_value("#split-parts-title-1") == "写到一半"


def test_without_a_script_a_ready_text_and_a_part_are_asked_of_the_server(busy_town, desk, report):
    case = report("路灯不亮")
    with transaction.atomic():
        kept = actions.set_text(
            busy_town.as_viewer("community", now=now()), uuid4(), area=busy_town.community.code, name="已安排", use="note",
            text="{number} 已安排", now=now(),
        )  # fmt: skip
    page = (plain := desk("community", scripts=False)).page
    plain.go(f"/console/cases/{case.id}")
    page.click("#box-staff summary")
    page.select_option("#ready-staff", str(kept.id))
    page.click("#box-staff [name=fill]")
    page.wait_for_load_state()
    assert page.input_value("#note-staff") == f"{case.number} 已安排"
    page.click("#step-split summary")
    page.fill("#split-parts-title-1", "通道堵了")
    page.click("#step-split [name=more]")
    page.wait_for_selector("#split-parts-title-2", state="attached")
    assert page.input_value("#split-parts-title-1") == "通道堵了"


def pages_of(pdf):
    """How many sheets a PDF has, by its page objects."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
def test_a_case_is_printed_on_exactly_one_sheet(busy_town, hands, report, long):
    words = "三号楼前面的路灯坏了，晚上老人出门看不见路，请尽快派人来修。" * (60 if long else 1)
    case = report("路灯不亮" * (20 if long else 1), description=words)
    if long:
        with transaction.atomic():
            viewer = busy_town.as_viewer("community", now=now())
            for n in range(150):
                verb = ("case.dispatched", "case.returned", "case.warned")[n % 3]
                record(
                    viewer,
                    verb=verb,
                    subject=case.subject,
                    path=case.path,
                    at=now(),
                    reason="说明原因，" * 30,
                )
    hands.desk.go(f"/console/cases/{case.id}")
    hands.keys.press("Shift+P")
    hands.page.wait_for_url("**/print")
    said = hands.page.inner_text(".sheet")
    assert case.number in said
    assert "上报了事件" in said
    assert ("省略" in said) == long
    hands.page.wait_for_load_state("networkidle")
    pdf = hands.page.pdf(prefer_css_page_size=True)
    assert pages_of(pdf) == 1
    assert b"/ToUnicode" in pdf  # its letters are text, not a picture
    assert pages_of(hands.page.pdf(format="A4")) == 1
    # Nothing that belongs on the sheet is cut off at its end.
    hands.page.emulate_media(media="print")
    cut = "node => node.scrollHeight - node.clientHeight"
    assert hands.page.eval_on_selector(".sheet", cut) <= 1
    assert hands.page.eval_on_selector(".sheet-story", cut) <= 1
