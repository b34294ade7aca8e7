"""The guided tour of docs/guide/tour-dividing.md, walked in a browser and on a worker's phone: a district whose grids of 300 to 500
households cut compounds is divided anew so that each compound is a unit, from the proposal to the new grids and back.

`python -m tests.journeys.tour` builds a sample city in a folder of its own, walks there and takes the tour's pictures anew;
test_tour.py walks the same way through the tests' town.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import django
from pylopdf_fonts_zh_cn import sans_path
from tests.journeys import hands

PICTURES = Path(__file__).parents[2] / "docs/pictures/dividing"
#: Kilobytes of a picture, and how wide it is drawn.
MOST_KB, WIDTH = 80, 1_100
TOWNSHIP = "320703003000"
SIZE = {"width": 1366, "height": 768}
#: A resident's phone.
SMALL = {"width": 390, "height": 844}
#: The outline of an area, a fifth of its width too far east.
_TOO_FAR_EAST = """async (code) => {
  const { boundary } = await (await fetch(`/api/v1/areas/${code}`)).json();
  const lons = boundary.coordinates.flat(Infinity).filter((_, at) => at % 2 === 0);
  const off = (Math.max(...lons) - Math.min(...lons)) / 5;
  const moved = (at) => (typeof at[0] === "number" ? [at[0] + off, at[1]] : at.map(moved));
  return JSON.stringify({ ...boundary, coordinates: moved(boundary.coordinates) });
}"""
#: A box around the three atoms that lie nearest to the middle of the map.
_AROUND_THE_MIDDLE = """() => {
  const host = document.querySelector("[data-map]"), box = host.querySelector("canvas").getBoundingClientRect();
  const all = host.liveMap.getStyle().sources.plan.data.features.map((each) => host.liveMap.project(each.geometry.coordinates));
  const off = ({ x, y }) => Math.hypot(x - box.width / 2, y - box.height / 2);
  const near = all.sort((one, other) => off(one) - off(other)).slice(0, 3);
  const xs = near.map(({ x }) => box.left + x), ys = near.map(({ y }) => box.top + y);
  return [Math.min(...xs) - 20, Math.min(...ys) - 20, Math.max(...xs) + 20, Math.max(...ys) + 20];
}"""


@dataclass
class Tour:
    """Who does what: `page_of(account)` is that person's browser, `phone_of(account)` their phone, signed in; `page_of("")` is that of a
    resident, who is nobody there. `take(page, name)` makes a picture, or does nothing.
    """

    page_of: Callable[[str], Any]
    phone_of: Callable[[str], Any]
    address: str
    area: str
    drafter: str
    approver: str
    worker: str
    take: Callable[[Any, str], None] = lambda _page, _name: None
    #: Who keeps outlines.
    keeper: str = "admin"
    plan: str = ""
    plans: list[str] = field(default_factory=list)
    #: Homes on the worker's phone before.
    homes: str = ""
    #: With which a resident reads the answer.
    code: str = ""

    def walk(self) -> None:
        self.look_around()
        self.mend()
        self.propose()
        self.compare()
        self.change()
        self.check_and_ask()
        self.say_as_resident()
        self.comment()
        self.answer()
        self.approve()
        self.apply()
        self.learn()
        self.undo()
        self.learn_again()

    def look_around(self) -> None:
        """A worker has their grid on the phone; building by building, today's grids are within bounds and cut compounds."""
        phone = self.phone_of(self.worker)
        phone.synced()
        phone.at("homes")
        self.homes = phone.page.inner_text("main [role=status]")
        assert int(self.homes.split()[0]) > 0, self.homes
        self.take(phone.page, "phone-before")
        page, _plan = self._begun("现状", "today", "building")
        assert self.of_today(page, "户数超出范围的网格") == "0"
        assert int(self.of_today(page, "跨网格的小区")) > 0
        page.evaluate("document.querySelector('#maps').closest('section').scrollIntoView()")
        self.take(page, "today")

    def mend(self) -> None:
        """Somebody draws the outline of a grid too far east; a draft sees it, and begins with the mended grids."""
        page, _plan = self._begun("现有网格", "today", "building")
        code = page.locator("table.list td.number").first.inner_text()
        keeper = self.open(self.keeper, f"areas/{code}/change")
        keeper.fill("#f-boundary", keeper.evaluate(_TOO_FAR_EAST, code))
        keeper.click("main form:has(#f-boundary) [type=submit]")
        keeper.click("main form:has([name=set]) [type=submit]")
        keeper.wait_for_url("**?done=bounded*")
        page, plan = self._begun("现有网格，修补后", "today", "building")
        page.click(f"main a[href$='/{plan}/today']")
        page.wait_for_selector("[data-fault=overlap]")
        assert page.locator("[data-fault=hole]").count() > 0
        page.evaluate("document.querySelector('#maps').closest('section').scrollIntoView()")
        self.take(page, "mending")
        page.click(f"main form[action$='/{plan}/mend'] [type=submit]")
        page.wait_for_url("**?done=mended")

    def open(self, account: str, path: str) -> Any:
        page = self.page_of(account)
        assert page.goto(f"{self.address}/console/{path}").status == 200, path
        page.wait_for_load_state()
        return page

    def of_today(self, page: Any, figure: str) -> str:
        """A figure of today's grids, as the page of a plan tells it."""
        told: str = (
            page.locator("tr", has=page.get_by_role("rowheader", name=figure, exact=True))
            .locator("td")
            .first.inner_text()
        )
        return told

    def _begun(self, name: str, start: str, unit: str, *, picture: str = "") -> tuple[Any, str]:
        """The page of a plan that somebody begins, and its id."""
        page = self.open(self.drafter, f"plans/new?area={self.area}")
        page.fill("#name", name)
        page.check(f"[name=start][value={start}]")
        page.check(f"[name=unit][value={unit}]")
        page.fill("#low", "300")
        page.fill("#high", "500")
        if picture:
            self.take(page, picture)
        page.click("main form:has(#name) [type=submit]")
        page.wait_for_url("**?done=drafted")
        return page, page.url.rsplit("/", 1)[-1].partition("?")[0]

    def propose(self) -> None:
        """Two drafts: each compound its own unit, which is what is wanted, and beside it as compact as can be."""
        for name, start, begin in (
            ("每个小区自成网格", "compounds", "begin"),
            ("按路程重新划分", "divide", ""),
        ):
            _page, plan = self._begun(name, start, "compound", picture=begin)
            self.plans.append(plan)
        self.plan = self.plans[0]
        page = self.open(self.drafter, f"plans/{self.plan}")
        page.evaluate("document.querySelector('#maps').closest('section').scrollIntoView()")
        self.take(page, "plan")
        page.evaluate("document.querySelector('#rules').closest('.plan-two').scrollIntoView()")
        self.take(page, "figures")

    def compare(self) -> None:
        page = self.open(self.drafter, f"plans?area={self.area}")
        for plan in self.plans:
            page.check(f"[name=plan][value='{plan}']")
        page.click("main form:has([name=plan]) [type=submit]")
        page.wait_for_url("**/compare?*")
        assert page.locator(".plan-maps svg").count() == 3
        self.take(page, "compare")

    def change(self) -> None:
        """By hand: what is far away is given by mistake and taken back, a grid gets a name, the rest is divided anew."""
        page = self.open(self.drafter, f"plans/{self.plan}/edit")
        page.wait_for_selector("[data-plan-map]")
        hands.until(page, "document.querySelector('[data-plan-editor]').dataset.planRests !== undefined")
        broken = page.locator("[data-broken] li").count()
        self._quiet(page)
        self.take(page, "editor")
        # The last atom of the list lies in another grid than the first one's, far from it.
        page.check("[name=grid] >> nth=0")
        page.select_option("[data-list]", index=self._farthest(page))
        page.click("[data-give]")
        hands.until(page, "(many) => document.querySelectorAll('[data-broken] li').length > many", arg=broken)
        page.locator("[data-broken] :is([data-rule=pieces], [data-rule=community]) button").first.click()
        self._quiet(page)
        self.take(page, "broken")
        page.locator(".plan-tools").scroll_into_view_if_needed()
        page.click("[data-undo]")
        hands.until(
            page, "(many) => document.querySelectorAll('[data-broken] li').length === many", arg=broken
        )
        page.fill("[data-name]", "第一小区网格")
        page.press("[data-name]", "Enter")
        page.check("[name=tool][value=lasso]")
        self._lasso(page)
        page.click("[data-undo]")
        page.click("[data-keep]")
        page.locator("[data-told]", has_text="已保存").wait_for()

    def check_and_ask(self) -> None:
        page = self.open(self.drafter, f"plans/{self.plan}")
        self._step(page, "check", reason="有的小区自己就超过五百户，按规则不拆分。")
        self._step(page, "consult")

    def say_as_resident(self) -> None:
        """On their own phone, without an account: what they are asked, what they think, and the code for the answer."""
        page = self.page_of("")
        page.set_viewport_size(SMALL)
        assert page.goto(f"{self.address}/plans/").status == 200
        page.click(f"main a[href$='/plans/{self.plan}/']")
        page.wait_for_selector("#text")
        self.take(page, "residents-plan")
        page.fill("#text", "小区在一个网格里，找人方便。东门那栋楼希望也跟我们一起。")
        page.evaluate("document.querySelector('#say').closest('section').scrollIntoView()")
        self.take(page, "residents-form")
        page.click("main form:has(#text) [type=submit]")
        page.wait_for_selector("[data-code]")
        self.code = page.inner_text("[data-code]")

    def comment(self) -> None:
        """What a worker thinks, about their own grid where it goes on, below what a resident asked for."""
        page = self.open(self.worker, f"plans/{self.plan}")
        page.select_option("#side", "worker")
        page.fill("#text", "一个小区一个网格，走访不用绕路；过渡的一周请派人一起认门。")
        page.evaluate("document.querySelector('#comments').scrollIntoView()")
        self.take(page, "comment")
        page.click("main form[action$='/comment'] [type=submit]")
        page.wait_for_url("**?done=comment*")
        assert page.locator("section:has(#comments) .told").count() == 2

    def answer(self) -> None:
        """The office answers the resident, who reads it with their code."""
        said = "东门那栋楼属于同一小区，方案里已划入同一网格。"
        page = self.open(self.drafter, f"plans/{self.plan}")
        told = page.locator("article", has_text="东门那栋楼希望")
        told.locator("summary", has_text="答复").click()
        told.locator("[name=answer]").fill(said)
        told.locator("form:has([name=answer]) [type=submit]").click()
        page.wait_for_url("**?done=answer*")
        resident = self.page_of("")
        resident.goto(f"{self.address}/plans/answer/")
        resident.fill("#code", self.code)
        resident.click("main form [type=submit]")
        resident.wait_for_selector("[data-answer]")
        assert resident.inner_text("[data-answer]") == said
        self.take(resident, "residents-answer")

    def approve(self) -> None:
        page = self.open(self.approver, f"plans/{self.plan}")
        page.evaluate("document.querySelector('#next').scrollIntoView()")
        self.take(page, "approve")
        self._step(page, "approve", reason="居民和网格员都已听过，赶在汛期前实施。")

    def apply(self) -> None:
        page = self.open(self.drafter, f"plans/{self.plan}")
        page.click("main form[action*='/try'] [type=submit]")
        page.locator("section:has(#tried) .fine").wait_for()
        page.evaluate("document.querySelector('#tried').scrollIntoView()")
        self.take(page, "dry-run")
        self._step(page, "apply")
        page.evaluate("document.querySelector('#maps').scrollIntoView()")
        page.evaluate("window.scrollTo(0, 0)")
        self.take(page, "applied")

    def learn(self) -> None:
        """The worker's phone has other homes after its next sync, and the former ones after that of an undo."""
        self._homes_of_the_phone("(was) => document.querySelector('main [role=status]').innerText !== was")
        self.take(self.phone_of(self.worker).page, "phone-after")

    def learn_again(self) -> None:
        self._homes_of_the_phone("(was) => document.querySelector('main [role=status]').innerText === was")

    def _homes_of_the_phone(self, wanted: str) -> None:
        phone = self.phone_of(self.worker)
        # As when the signal comes back.
        phone.page.evaluate("() => { dispatchEvent(new Event('online')) }")
        hands.until(phone.page, wanted, arg=self.homes)
        phone.synced()
        hands.until(phone.page, wanted, arg=self.homes)
        phone.rest()

    def undo(self) -> None:
        page = self.open(self.drafter, f"plans/{self.plan}")
        self._step(page, "undo", reason="再议一次")
        self.take(page, "undone")

    def _step(self, page: Any, step: str, *, reason: str = "") -> None:
        form = page.locator(f"main form[action$='/{self.plan}/{step}']")
        if form.locator("[name=reason]").count():
            form.locator("[name=reason]").fill(reason)
        form.locator("[type=submit]").click()
        page.wait_for_url(f"**?done={step}*")

    def _farthest(self, page: Any) -> int:
        """The place in the list of the last line that is in another grid than the chosen one."""
        found = page.evaluate(
            "() => { const all = [...document.querySelectorAll('[data-list] option')];"
            " const own = document.querySelector('[name=grid]:checked').closest('label').querySelector('.plan-grid-name').textContent;"
            " return all.findLastIndex((each) => !each.textContent.includes(own)) }"
        )
        return int(found)

    def _lasso(self, page: Any) -> None:
        """Around the three atoms nearest to the middle of the map, some of which lie in another grid than the chosen one."""
        left, top, right, bottom = page.evaluate(_AROUND_THE_MIDDLE)
        points = [(left, top), (right, top), (right, bottom), (left, bottom), (left, (top + bottom) / 2)]
        page.mouse.move(*points[0])
        page.mouse.down()
        for x, y in points[1:]:
            page.mouse.move(x, y, steps=8)
        hands.until(page, "document.querySelector('.plan-lasso polygon').hasAttribute('points')")
        self._quiet(page)
        self.take(page, "lasso")
        page.mouse.up()
        hands.until(page, "!document.querySelector('[data-undo]').disabled")

    def _quiet(self, page: Any) -> None:
        """Until the map has drawn what there is."""
        hands.until(page, "(() => { const map = document.querySelector('[data-map]').liveMap;"
                    " return !map.isMoving() && map.loaded() && map.areTilesLoaded() })()")  # fmt: skip


def picture(page: Any, name: str) -> None:
    """What is in sight, as a small WebP: coarser until it is small enough."""
    from PIL import Image

    shot = Image.open(BytesIO(page.screenshot()))
    width = min(WIDTH, shot.width)
    shot = shot.resize((width, round(shot.height * width / shot.width)), Image.Resampling.LANCZOS)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for quality in (80, 70, 60, 50, 40):
        held = BytesIO()
        shot.save(held, "WEBP", quality=quality, method=6)
        if held.tell() <= MOST_KB * 1_024:
            break
    (PICTURES / f"{name}.webp").write_bytes(held.getvalue())
    print(f"{name}.webp {held.tell() // 1_024} kB")


def main(folder: Path) -> int:
    """Builds, serves and walks."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.project.settings")
    django.setup()  # what the phone takes from the tests knows their models
    _bring_letters(folder)
    from playwright.sync_api import sync_playwright
    from tests.chromium import found
    from tests.journeys.phones import Phone
    from tests.project.program import Program, run

    browser = found()
    if not browser:
        print("There is no Chromium here: apt install chromium", file=sys.stderr)
        return 1
    done = run(folder, "demo", "build", "--cases", "300")
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return 1
    program = Program(folder)
    program.await_health()
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=browser, args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
            address = f"http://127.0.0.1:{program.port}"
            pages: dict[str, Any] = {}
            phones: dict[str, Phone] = {}

            def page_of(account: str) -> Any:
                if account not in pages:
                    pages[account] = _opened(chromium, address, account)
                return pages[account]

            def phone_of(account: str) -> Phone:
                if account not in phones:
                    phones[account] = Phone(playwright.chromium, browser, folder / "phone", address)
                    phones[account].start()
                    phones[account].sign_in(account)
                return phones[account]

            Tour(page_of, phone_of, address, TOWNSHIP, "township", "centre", "worker", take=picture).walk()
            for phone in phones.values():
                phone.close()
            chromium.close()
    finally:
        program.process.terminate()
        program.process.wait(30)
    return 0


def _bring_letters(folder: Path) -> None:
    """The letters of the report's PDF, for browsers that begin from here on: a machine may have no Chinese ones."""
    font = sans_path()
    fonts = folder / "letters/fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    (fonts / font.name).write_bytes(font.read_bytes())
    os.environ["XDG_DATA_HOME"] = str(folder / "letters")


def _opened(chromium: Any, address: str, account: str) -> Any:
    from wangge.demo.rules.posts import DEMO_PASSWORD

    context = chromium.new_context(viewport=SIZE, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(60_000)
    page = context.new_page()
    if not account:
        return page
    page.goto(f"{address}/sign-in")
    page.fill("#username", account)
    page.fill("#password", DEMO_PASSWORD)
    page.click("main button")
    page.wait_for_url("**/console/**")
    return page


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="wangge-tour-") as made:
        sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(made)))
