"""One case from the street to its answer, by the people who would do it, in a real browser."""

import re

import pytest
from tests.journeys.hands import until

pytestmark = [pytest.mark.browser, pytest.mark.pictured]


def file_case(desk, **fields):
    desk.go("/console/cases/file")
    desk.page.click(".exactly summary")
    for name, value in fields.items():
        desk.page.fill(f"[name={name}]", value)
    desk.page.wait_for_selector("#suggested [value='M01-01']")
    desk.page.check("#suggested [value='M01-01']")
    desk.shot("file-filled")
    desk.page.click(".end button")
    return filed(desk)


def filed(desk):
    """The address of the case that was just filed, which is open then."""
    desk.page.wait_for_url(re.compile("/console/cases/[0-9a-f-]{36}/filed"))
    address = desk.page.url.split("/filed")[0].removeprefix(desk.address)
    desk.go(address)
    return address


def take(desk, step, **fields):
    """Opens the step's form, fills it in and sends it."""
    form = desk.page.locator(f"#step-{step}")
    form.wait_for()
    desk.page.wait_for_load_state()
    if form.locator("summary").count() and form.get_attribute("open") is None:
        form.locator("summary").click()
    for name, value in fields.items():
        control = form.locator(f"[name={name}]").first
        match control.get_attribute("type") or control.evaluate("node => node.localName"):
            case "radio" | "checkbox":
                form.locator(f"[name={name}][value='{value}']").check()
            case "select":
                control.select_option(value)
            case _:
                control.fill(value)
    desk.shot(f"step-{step}")
    form.locator("form > button").click()
    desk.page.wait_for_url(f"**?done={step}*")


def test_a_lamp_from_the_street_to_its_answer(desk):
    """On phones; the same steps at desks, with the keyboard: test_desk_story.py."""
    size = "phone"
    community = desk("community", size=size)
    address = file_case(
        community, title="路灯不亮", description="三号楼前面的路灯坏了三天", lon="119.355", lat="34.745"
    )
    assert "一网格" in community.text()  # the place found its grid
    assert "已上报" in community.text()
    community.shot("case-reported")

    worker = desk("worker", size=size)
    worker.page.click("table a:text('路灯不亮')")
    worker.page.wait_for_url(f"**{address}")
    take(worker, "accept")
    take(worker, "escalate", reason="要登高作业，网格里没有车")

    community.go(address)
    take(community, "dispatch", departments="city-management")
    assert "城市管理局" in community.text()

    handler = desk("handler", size=size)
    handler.page.click("table a:text('路灯不亮')")
    take(handler, "handle", outcome="mended", answer="已更换灯泡，现场已亮")

    community.go(address)
    take(community, "verify", mended="yes")
    take(community, "close")
    said = community.text()
    for who, what in [
        ("荷花社区负责人", "上报了事件"),
        ("一网格员", "受理"),
        ("一网格员", "提级"),
        ("荷花社区负责人", "派遣"),
        ("城管处置员", "处置"),
        ("荷花社区负责人", "核查"),
        ("荷花社区负责人", "结案"),
    ]:
        assert re.search(f"{who}\\s*{what}", said), (who, what)
    assert "要登高作业" in said
    assert "已更换灯泡" in said
    community.shot("case-closed")
    for at in (community, worker, handler):
        assert at.fits()
        assert at.problems == []
        assert at.faults() == []


@pytest.fixture
def photo(tmp_path):
    from PIL import Image

    file = tmp_path / "出口.jpg"
    Image.new("RGB", (640, 480), (90, 120, 150)).save(file)
    return str(file)


def test_a_blocked_exit_needs_two_departments_a_whistle_and_a_second_try(desk, photo):
    worker = desk("worker")
    worker.go("/console/cases/file")
    worker.page.fill("[name=title]", "消防通道堵塞")
    worker.page.select_option("[name=item]", "S01-01")
    worker.page.set_input_files("[name=file]", photo)
    worker.page.click(".exactly summary")
    worker.page.fill("[name=lon]", "119.352")
    worker.page.fill("[name=lat]", "34.742")
    worker.page.click(".end button")
    address = filed(worker)
    worker.page.locator(".thumbs img").first.scroll_into_view_if_needed()
    until(worker.page, "document.querySelector('.thumbs img').naturalWidth > 0")
    worker.shot("case-with-photo")

    secretary = desk("secretary")
    secretary.go(address)
    take(secretary, "summon", departments="fire", within_minutes="45")
    handler2 = desk("handler2")
    handler2.go(address)
    handler2.page.click("text=登记到场")
    handler2.page.wait_for_url("**?done=arrive*")
    assert "按时到场" in handler2.text()

    township = desk("township")
    township.go(address)
    form = township.page.locator("#step-dispatch")
    form.locator("summary").click()
    for department in ("fire", "city-management"):
        form.locator(f"[value='{department}']").check()
    form.locator("form > button").click()
    township.page.wait_for_url("**?done=dispatch*")

    handler = desk("handler")
    for department in (handler2, handler):
        department.go(address)
        take(department, "handle", outcome="mended", answer=f"{department.name}已清理")
    township.go(address)
    take(township, "verify", mended="no", reason="又堆上了")
    for department in (handler2, handler):
        department.go(address)
        take(department, "handle", outcome="mended", answer=f"{department.name}再次清理")
    township.go(address)
    assert "又堆上了" in township.text()
    take(township, "verify", mended="yes")
    take(township, "close")
    worker.go(address)
    take(worker, "rate", mended="no")
    assert "未解决" in worker.text()
    assert "已派遣" in worker.text() or "已受理" in worker.text()
    township.go(address)
    township.shot("case-joint")
    assert township.fits()
    assert township.faults() == []
