"""A live server in this process and a real Chromium; skipped with a plain sentence where there is none."""

import os
import shutil
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from pathlib import Path
from queue import SimpleQueue
from threading import Condition, Thread, get_ident
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from tests import builders, folder
from tests.cast import PASSWORD
from tests.chromium import ARGUMENTS
from tests.journeys.hands import PATIENCE, until

SCREENSHOTS = Path(__file__).parents[1] / "screenshots"
#: The two sizes that the pages must look good at: an office machine and a phone.
SIZES = {"desk": (1366, 768), "phone": (390, 844)}
#: Each size and each language once: what differs between the four of them is looked at page by page (`test_every_page.py`).
LOOKS = (("desk", "zh-hans"), ("phone", "en"))
#: Nothing moves that will ever stand.
STILL = """document.getAnimations().every((each) =>
  each.playState !== "running" || each.effect?.getComputedTiming().endTime === Infinity)"""


class _Server(WSGIServer):
    """Requests side by side, each in a thread that has been there before where one is free: it has its database connection."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.under_way, self.one_less = set(), Condition()
        self._asked, self._threads, self._free = SimpleQueue(), 0, 0

    def begins(self):
        """Something was asked: a browser also opens connections that it may never use."""
        self.under_way.add(get_ident())

    def process_request(self, request, client_address):
        with self.one_less:
            if self._free:
                self._free -= 1
            else:
                self._threads += 1
                Thread(target=self._answer_all, daemon=True).start()
        self._asked.put((request, client_address))

    def _answer_all(self):
        from django.db import connections

        while given := self._asked.get():
            self._answer(*given)
        connections.close_all()

    def _answer(self, request, client_address):
        try:
            self.finish_request(request, client_address)
        except Exception:  # noqa: BLE001 - as a server does
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)
            with self.one_less:
                self.under_way.discard(get_ident())
                self._free += 1
                self.one_less.notify_all()

    def server_close(self):
        super().server_close()
        with self.one_less:
            for _thread in range(self._threads):
                self._asked.put(None)

    def finish(self, *, seconds=PATIENCE / 1000):
        """Waits for what pages that are closed now had asked for: a test's database is not there after it."""
        from wangge.doors.console.live import HUB

        # A stream hears of its browser's end only when it writes again.
        for stream in tuple(HUB._desks):
            stream.end()
        with self.one_less:
            self.one_less.wait_for(lambda: not self.under_way, timeout=seconds)

    def handle_error(self, request, client_address):
        """A browser that closes breaks its connections; what the program answers wrongly is in the page."""


class _Quiet(WSGIRequestHandler):
    def parse_request(self):
        self.server.begins()
        return super().parse_request()

    def log_message(self, *_args):
        pass


@pytest.fixture(scope="session")
def static_files(django_db_setup):
    """Collected and packed, as an installation has them."""
    folder.copy(folder.migrated(), folder.DATA, parts=["static"])


@pytest.fixture(scope="session")
def server(static_files):
    """The program answering on a port."""
    from django.core.handlers.wsgi import WSGIHandler

    # One of its own: what was loaded before knows the files of then.
    server = make_server("127.0.0.1", 0, WSGIHandler(), _Server, _Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def address(server):
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture(scope="session")
def chromium():
    found = os.environ.get("WANGGE_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if not found:
        pytest.skip("no Chromium on this machine: apt install chromium, or name one in WANGGE_CHROMIUM")
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, and Django would refuse the database to the tests beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, timeout=PATIENCE, args=list(ARGUMENTS))
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@dataclass
class Desk:
    """One person at one browser."""

    tab: object
    address: str
    name: str
    size: str
    #: Where whoever does not go elsewhere first finds themselves.
    begins_at: str = ""
    problems: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.tab.on("console", self._hear)
        self.tab.on("pageerror", self._fail)

    def _hear(self, said):
        if said.type == "error":
            self.problems.append(said.text)

    def _fail(self, error):
        self.problems.append(str(error))

    def leave(self):
        """The tab stays for somebody else, who finds nothing of this one's in it."""
        self.tab.remove_listener("console", self._hear)
        self.tab.remove_listener("pageerror", self._fail)
        if self.tab.url.startswith(self.address):
            self.tab.evaluate("sessionStorage.clear()")
        self.tab.goto("about:blank")

    @property
    def page(self):
        if self.begins_at:
            self.go(self.begins_at)
        return self.tab

    def go(self, path):
        self.begins_at = ""
        return self.tab.goto(self.address + path)

    def sign_in(self, username):
        self.go("/sign-in")
        self.page.fill("#username", username)
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")
        self.page.wait_for_url("**/console/**")

    def shot(self, name, *, always=False):
        """A picture to look at; git does not keep it. Those of stories are taken with `WANGGE_LOOKS=all`."""
        if not always and os.environ.get("WANGGE_LOOKS") != "all":
            return
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}-{self.size}.png", full_page=True)

    def text(self):
        self.page.wait_for_load_state()
        return self.page.inner_text("main")

    def fits(self):
        """Whether nothing makes the page scroll sideways; a phone's own innerWidth would grow with what is too wide."""
        self.page.wait_for_load_state()
        return self.page.evaluate("document.documentElement.scrollWidth") <= self.page.viewport_size["width"]

    def faults(self):
        """What axe finds against WCAG 2.2 A and AA, a line each."""
        from axe_playwright_python.sync_playwright import Axe

        self.page.wait_for_load_state()
        until(self.page, STILL)  # what is half faded in has no contrast
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        asked = {"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"]}
        found = Axe().run(self.page, options=asked).response["violations"]
        return [f"{fault['id']}: {node['html'][:160]}" for fault in found for node in fault["nodes"]]


@pytest.fixture
def desk(request, chromium, server, address, busy_town):
    """Opens browsers: `desk("worker", size="phone", language="en")` is signed in; `desk()` is nobody.

    In a test that is marked `pictured` its maps are the pictures that the server drew.
    """
    contexts, pictured = [], request.node.get_closest_marker("pictured") is not None

    def open_desk(username=None, *, size="desk", language="", scripts=True):
        context = new_context(chromium, size, scripts=scripts, pictured=pictured)
        contexts.append(context)
        opened = seat(context.new_page(), address, busy_town, username, size=size, language=language)
        opened.begins_at = "/console/" if username else ""
        return opened

    yield open_desk
    for context in contexts:
        context.close()
    server.finish()


@pytest.fixture(scope="session")
def _lookers(chromium):
    """A tab of each size, with maps and with pictures for maps, in a browser that keeps the files it has once fetched."""
    kinds = product(SIZES, (False, True))
    tabs = {
        (size, pictured): new_context(chromium, size, pictured=pictured).new_page()
        for size, pictured in kinds
    }
    yield tabs
    for tab in tabs.values():
        tab.context.close()


@pytest.fixture
def look(_lookers, server, address, busy_town):
    """Like `desk`, for pages that are only looked at: their tabs stay, with another person at them each time."""
    sitting = []

    def get_up():
        for opened in sitting:
            opened.leave()
        sitting.clear()

    def sit_down(username, *, size="desk", language="", pictured=False):
        get_up()
        tab = _lookers[size, pictured]
        tab.context.clear_cookies()
        sitting.append(seat(tab, address, busy_town, username, size=size, language=language))
        return sitting[0]

    yield sit_down
    get_up()
    server.finish()


#: A machine without a graphics processor draws a map for seconds. Without WebGL it shows the picture that was there before.
WITHOUT_WEBGL = """const get = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind.startsWith("webgl") ? null : get.call(this, kind, ...more);
};"""


def new_context(chromium, size, *, scripts=True, pictured=False):
    width, height = SIZES[size]
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        is_mobile=size == "phone",
        has_touch=size == "phone",
        java_script_enabled=scripts,
        locale="en-US",
        timezone_id="Asia/Shanghai",
    )
    context.set_default_timeout(PATIENCE)
    if pictured:
        context.add_init_script(WITHOUT_WEBGL)
    return context


def seat(tab, address, town, username, *, size, language):
    """This person at a tab, who notes what goes to its console."""
    if language:
        tab.context.add_cookies([{"name": "wangge_language", "value": language, "url": address}])
    if username:
        tab.context.add_cookies([{"name": "wangge_session", "value": town.token(username), "url": address}])
    return Desk(tab, address, username or "", size)


@pytest.fixture
def busy_town(town, open_db):
    """The town with items that cases can be filed under."""
    town.lamp_item = town.add(builders.item)
    town.add(
        builders.item,
        "S01-01",
        department="fire",
        group_zh="消防安全",
        group_en="Fire safety",
        zh="疏散通道、安全出口堵塞",
        en="Blocked escape route or fire exit",
        keywords=["消防通道", "通道堵"],
        summons="enforcement",
    )
    for account in ("township", "community", "worker"):
        assert town.assignments[account].from_on < date(2026, 1, 1)
    return town
