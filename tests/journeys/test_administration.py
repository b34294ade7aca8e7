"""What administrators do, with the keyboard alone: a post given with what passes, and the first day from an empty database."""

import csv
import re
import subprocess
import sys

import pytest
from tests import builders
from tests.folder import copy, migrated
from tests.journeys.conftest import SIZES
from tests.journeys.hands import PATIENCE
from tests.project.program import PATIENCE_SECONDS, Program, environ

pytestmark = [pytest.mark.browser, pytest.mark.pictured]


def test_a_post_is_handed_over_with_the_keyboard_alone(desk, busy_town):
    busy_town.add(
        builders.case, busy_town.lamp_item, busy_town.grid_a, title="楼道灯不亮", state="dispatched",
        handler_id=busy_town.accounts["worker"].pk,
    )  # fmt: skip
    at = desk("community")
    keys = at.page.keyboard
    at.go(f"/console/areas/{busy_town.grid_a.code}/staff")
    keys.press("j")
    for _ in range(12):
        if "交接" in at.page.evaluate("document.activeElement.innerText"):
            break
        keys.press("Tab")
    keys.press("Enter")
    at.page.wait_for_url("**/assign")
    keys.press("f")
    keys.type("worker2")
    keys.press("Enter")
    at.page.wait_for_selector("[name=who][type=radio]")
    at.page.wait_for_load_state()
    for _ in range(40):
        keys.press("Tab")
        if at.page.evaluate("document.activeElement.name") == "part":
            break
    keys.press("Tab")
    keys.press("Enter")
    at.page.wait_for_selector("#what-title")
    assert "楼道灯不亮" in at.text()
    assert "二网格员" in at.text()
    keys.press("y")
    at.page.wait_for_url("**/handovers**")
    assert "楼道灯不亮" in at.text()
    assert busy_town.rows("select handler_id from cases_case") == [(busy_town.accounts["worker2"].pk,)]
    assert at.problems == []


def test_the_tree_opens_and_closes_with_the_arrows(desk, busy_town):
    at = desk("centre")
    at.go(f"/console/areas/{busy_town.county.code}")
    at.page.focus("ul.walk > li > a")
    at.page.keyboard.press("ArrowRight")
    at.page.wait_for_selector(".branch a >> text=荷花社区居委会")
    at.page.wait_for_selector("a.twig[aria-expanded=true]")
    assert at.faults() == []
    at.page.keyboard.press("ArrowLeft")
    at.page.wait_for_selector(".branch", state="hidden")
    assert at.problems == []


def test_the_tree_and_the_forms_work_without_a_script(desk, busy_town):
    at = desk("centre", scripts=False)
    at.go(f"/console/areas/{busy_town.county.code}")
    at.page.click("a.twig")
    at.page.wait_for_url(f"**/areas/{busy_town.township.code}#below")
    assert "荷花社区居委会" in at.text()
    at.go(f"/console/areas/{busy_town.grid_a.code}/fill/grid_lead")
    at.page.fill("#f-q", "worker2")
    at.page.click("button[name=back]")
    at.page.check("[name=who]")
    at.page.click("text=查看交接内容")
    at.page.click("text=任命 二网格员")
    at.page.wait_for_url("**/staff?done=assigned")


def test_the_first_day_from_an_empty_database(chromium, tmp_path):
    """Only the commands of the guide, then the browser: areas, people, catalogue, an open desk."""
    copy(migrated(), tmp_path)
    first = subprocess.run(
        [
            sys.executable, "-m", "wangge.project.cli", "account", "administrator", "wang.fang", "--name", "王芳",
            "--city", "320700", "--city-name", "连云港市",
        ],
        input="first-day-at-the-desk\n", env=environ(tmp_path), text=True, capture_output=True, check=False,
        timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    assert first.returncode == 0, first.stderr
    program = Program(tmp_path)
    try:
        program.await_health()
        _first_day(chromium, f"http://127.0.0.1:{program.port}", tmp_path)
    finally:
        program.stop()


def _first_day(chromium, address, folder):
    width, height = SIZES["desk"]
    context = chromium.new_context(viewport={"width": width, "height": height}, timezone_id="Asia/Shanghai")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.fill("#username", "wang.fang")
    page.fill("#password", "first-day-at-the-desk")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/start")
    _take(page, "areas", _table(folder, "areas.csv", [*_AREAS[:3], ["32070300300", "错码", ""]]))
    page.wait_for_selector("#areas table.list >> text=32070300300")
    _take(page, "areas", _table(folder, "areas.csv", _AREAS))
    page.wait_for_selector("#areas >> text=新增 4 个区域")
    _take(page, "people", _table(folder, "people.csv", _PEOPLE))
    page.wait_for_selector("#people >> text=新增账号 2 个")
    page.click("#catalogue button:has-text('使用自带清单')")
    page.wait_for_selector("#catalogue .done")
    page.wait_for_load_state()
    page.keyboard.press("4")
    page.wait_for_url("**check=1**")
    page.wait_for_selector("#desk >> text=没有处置人员的部门")
    page.goto(f"{address}/console/people/?q=li.qiang")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/people/\d+$"))
    page.keyboard.press("p")
    secret = page.inner_text(".secret code")
    page.goto(f"{address}/console/start")
    page.click("#desk form button")
    page.wait_for_url("**/console/")
    context.close()
    other = chromium.new_context()
    other.set_default_timeout(PATIENCE)
    page = other.new_page()
    page.goto(f"{address}/sign-in")
    page.fill("#username", "li.qiang")
    page.fill("#password", secret)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/**")
    page.goto(f"{address}/console/cases/file")
    page.wait_for_selector("main form", state="attached")
    other.close()


def _take(page, what, file):
    form = page.locator(f"#{what} form.take").first
    details = page.locator(f"#{what} details").first
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    form.locator("input[type=file]").set_input_files(file)
    form.locator("button").click()
    page.wait_for_load_state()


def _table(folder, name, rows):
    path = folder / name
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows(rows)
    return path


_AREAS = [
    ["代码", "名称", "上级代码"],
    ["320703000000", "连云区", "320700000000"],
    ["320703003000", "连云街道", "320703000000"],
    ["320703003002", "荷花社区居委会", "320703003000"],
    ["3207030030021001", "一网格", "320703003002"],
]
_PEOPLE = [
    ["姓名", "账号", "岗位", "区划代码"],
    ["李强", "li.qiang", "网格员", "3207030030021001"],
    ["赵敏", "zhao.min", "社区网格负责人", "320703003002"],
]
