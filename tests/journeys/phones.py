"""Phones in the hands of grid workers: real Chromiums with a folder of their own, which can die and come back."""

import contextlib
import io
import re
import shutil
import time
from threading import Event, Thread

import psutil
from PIL import Image
from tests.cast import PASSWORD
from tests.chromium import ARGUMENTS
from tests.journeys.hands import PATIENCE, until

PIN = "258013"
#: A pleasant day in 荷花社区.
POSITION = {"latitude": 34.745, "longitude": 119.355}
_GRANTED = ["geolocation", "videoCapture", "audioCapture", "backgroundSync", "durableStorage"]
_SKEWED = """(() => {
  const Real = Date, skew = %d;
  globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + skew); }
    static now() { return Real.now() + skew; }
  };
})()"""
#: What lies in a table on the disk, of everybody who works on this phone or of one; read past the app.
_ROWS = """async ([table, account]) => {
  const all = (await indexedDB.databases()).map((each) => each.name).filter((name) => /^wangge-field-/.test(name));
  const found = [];
  for (const name of account ? [`wangge-field-${account}`] : all) {
    found.push(...await new Promise((done, failed) => {
      const asked = indexedDB.open(name);
      asked.onerror = () => failed(asked.error);
      asked.onsuccess = () => {
        const all = asked.result.transaction(table).objectStore(table).getAll();
        all.onsuccess = () => { asked.result.close(); done(all.result.map(({ id, key, kind, state, at }) => [id ?? key, kind ?? at, state])); };
      };
    }));
  }
  return found;
}"""
#: Goes to another screen; the page has heard of it when this ends.
_GO = """(to) => to === location.hash ? null : new Promise((done) => {
  addEventListener('hashchange', () => setTimeout(done), { once: true });
  location.hash = to;
})"""
#: A screen is there, its pictures are drawn, nothing moves, and three frames went by in which nothing changed.
_AT_REST = """() => new Promise((done) => {
  let quiet = 0, changed = false;
  const seen = new MutationObserver(() => { changed = true });
  seen.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  const look = () => {
    const there = document.querySelector('main > :not(.notice)')
      && [...document.images].every((each) => each.complete || each.loading === 'lazy')
      && !document.getAnimations().some((each) => each.playState === 'running');
    quiet = there && !changed ? quiet + 1 : 0;
    changed = false;
    if (quiet < 3) return requestAnimationFrame(look);
    seen.disconnect();
    done();
  };
  requestAnimationFrame(look);
})"""


#: What a thumb in a glove misses (lower or narrower than 48 px) and what is cut off, at this size of the type. A link within a
#: sentence is as high as its line (WCAG 2.5.8 leaves it out, too): nothing else is let through.
_HANDLED = """async ([width, size]) => {
  const root = document.documentElement, frame = () => new Promise(requestAnimationFrame);
  // A narrower page on the same screen: what is fixed to the screen is fixed to the page, too.
  const narrow = width < innerWidth ? `${width}px` : '';
  if ((size && root.dataset.size !== size) || root.style.width !== narrow) {
    if (size) root.dataset.size = size;
    root.style.width = narrow;
    document.body.style.transform = narrow && 'translate(0)';
    dispatchEvent(new Event('resize'));
    await frame();
    await frame();
    // A map is drawn anew for its new width, which takes a slow machine a while.
    const behind = () => [...document.querySelectorAll('.live-map')].some((map) => map.scrollWidth > map.clientWidth + 1);
    for (const until = performance.now() + 20_000; behind() && performance.now() < until; ) await frame();
  }
  const found = [], pen = document.createElement('canvas').getContext('2d');
  const say = (what, each) => found.push(`${what} at ${width} px, ${root.dataset.size}: ${each.outerHTML.slice(0, 110)}`);
  const isSeen = (each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest('.hide, [aria-hidden="true"]');
  const isInSentence = (each) => each.matches('a') && getComputedStyle(each).display === 'inline' && each.parentElement.textContent.trim() !== each.textContent.trim();
  const wide = narrow ? document.body.scrollWidth : root.scrollWidth;
  if (wide > width) say(`the page is ${wide} px wide`, document.body);
  for (const each of document.querySelectorAll('a[href], button, input, select, textarea, summary, audio, label:has(input)')) {
    const label = each.matches('input') && each.closest('label');
    if (!isSeen(each) || isInSentence(each) || (label && label !== each)) continue;
    const box = each.getBoundingClientRect();
    if (box.width < 47.5 || box.height < 47.5) say(`${Math.round(box.width)} × ${Math.round(box.height)}`, each);
  }
  for (const each of document.querySelectorAll('body *')) {
    if (!isSeen(each) || each.closest('svg, canvas, .live-map-canvas')) continue;
    const style = getComputedStyle(each), box = each.getBoundingClientRect();
    if (box.right > width + 1 || box.left < -1) say('outside', each);
    // What is typed scrolls; what a field shows by itself is read at once.
    const shown = each.matches('select') ? each.selectedOptions[0]?.text : each.matches('input') && !each.value && each.placeholder;
    if (shown) {
      pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      const room = each.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - (each.matches('select') ? 16 : 0);
      if (pen.measureText(shown).width > room) say(`cut off "${shown}"`, each);
    }
    if (each.matches('input, select, textarea')) continue;
    const clips = style.overflowX === 'hidden' || style.overflowX === 'clip';
    if ((clips || each.matches('button, a')) && each.scrollWidth > each.clientWidth + 1 && style.display !== 'inline') say('cut off at its side', each);
    if ((style.overflowY === 'hidden' || style.overflowY === 'clip') && each.scrollHeight > each.clientHeight + 1) say('cut off below', each);
  }
  return found;
}"""


def photo(colour="darkgreen", size=(2400, 1800), *, orientation=1):
    """A JPEG as a camera makes it, with the place where it was taken; one that was held upright says so in `orientation` (6)."""
    picture = Image.effect_noise(size, 60).convert("RGB")
    picture.paste(Image.new("RGB", (600, 600), colour), (200, 200))
    facts = Image.Exif()
    facts[0x010F] = "Camera of the test"
    facts[0x0112] = orientation
    facts.get_ifd(0x8825)[2] = (34.0, 44.0, 42.0)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92, exif=facts)
    return out.getvalue()


def _skewed_by(days):
    return _SKEWED % (days * 86_400_000)


class Gate:
    """Stands before the program. Of what is asked under `path` the work is done, and the answer stays here until `let_go`.

    `worker_skew_days`: by so much the clock is wrong that the service worker goes by, which is a thread of its own.
    """

    def __init__(self, program):
        self._program = program
        self.path = ""
        self.worker_skew_days = 0
        self.reached, self._open = Event(), Event()
        #: By its name what came of each photo, as it came over the air.
        self.photos = {}

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] == "PUT" and environ["PATH_INFO"].startswith("/api/v1/blobs/"):
            part = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(part)
            came = self.photos.setdefault(environ["PATH_INFO"].rsplit("/", 1)[-1], bytearray())
            if begins := re.match(r"bytes (\d+)-", environ.get("HTTP_CONTENT_RANGE", "")):
                came[int(begins[1]) :] = part
        if self.worker_skew_days and environ["PATH_INFO"] == "/field/sw.js":
            return self._skewed(environ, start_response)
        if not self.path or not environ["PATH_INFO"].startswith(self.path):
            return self._program(environ, start_response)
        answer = self._program(environ, start_response)
        with contextlib.closing(answer):
            body = list(answer)
        self.reached.set()
        self._open.wait(240)
        return body

    def _skewed(self, environ, start_response):
        """The worker as it is given, with the wrong clock before its first line."""
        told = []
        answer = self._program(
            {name: value for name, value in environ.items() if name != "HTTP_ACCEPT_ENCODING"},
            lambda *given: told.extend(given),
        )
        with contextlib.closing(answer):
            worker = b"".join(answer)
        script = f"{_skewed_by(self.worker_skew_days)};\n".encode() + worker
        headers = [each for each in told[1] if each[0].lower() != "content-length"]
        start_response(told[0], [*headers, ("Content-Length", str(len(script)))])
        return [script]

    def hold(self, path):
        self.reached.clear()
        self._open.clear()
        self.path = path

    def let_go(self):
        self.path = ""
        self._open.set()


class Signal:
    """The server on its port, which can go and come back: a phone out of reach sees no more of it."""

    def __init__(self, make, gate):
        self._make, self.gate = make, gate
        self.server = make(0)
        self.port = self.server.server_port
        self._serve()

    def _serve(self):
        self._thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def lose(self):
        self.server.shutdown()
        self.server.server_close()
        self.server.finish()
        self._thread.join()

    def come_back(self):
        self.server = self._make(self.port)
        self._serve()


class Phone:
    def __init__(self, chromium, found, folder, address, *, skew_days=0):
        self._chromium, self._found = chromium, found
        self.folder, self.address, self.skew_days = folder, address, skew_days
        self.context = self.page = None
        self.problems = []

    def start(self):
        self.context = self._chromium.launch_persistent_context(
            str(self.folder),
            executable_path=self._found,
            headless=True,
            timeout=PATIENCE,
            is_mobile=True,
            has_touch=True,
            viewport={"width": 390, "height": 844},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            geolocation=POSITION,
            args=[
                *ARGUMENTS,
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
            ],
        )
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.pages[0]
        # What Playwright grants by name denies everything else.
        self.context.new_cdp_session(self.page).send("Browser.grantPermissions", {"permissions": _GRANTED})
        if self.skew_days:
            self.context.add_init_script(_skewed_by(self.skew_days))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on(
            "console",
            lambda said: (
                self.problems.append(said.text)
                if said.type == "error" and "ERR_" not in said.text and "status of" not in said.text
                else None
            ),
        )
        self.page.goto(f"{self.address}/field/")

    def die(self):
        """The battery is taken out: every process of this browser is killed at once."""
        for process in psutil.process_iter(["cmdline"]):
            line = process.info["cmdline"] or []
            if any(str(self.folder) in part for part in line):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        with contextlib.suppress(Exception):
            self.context.close()
        for name in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
            (self.folder / name).unlink(missing_ok=True)

    def close(self):
        with contextlib.suppress(Exception):
            self.context.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # What its owner does.

    def sign_in(self, username):
        self.page.fill("#username", username)
        self.page.fill("#password", PASSWORD)
        self.page.click("form button.main")
        asked = self.page.inner_text("h1") if self.page.wait_for_selector("[data-digit='0']") else ""
        self.type_pin()
        # The same pad, which now asks for it once more.
        until(self.page, "(asked) => document.querySelector('h1')?.textContent !== asked", arg=asked)
        self.type_pin()
        self.page.wait_for_selector("nav.tabs")

    def type_pin(self, pin=PIN):
        self.page.wait_for_selector("[data-digit='0']")
        for digit in pin:
            self.page.tap(f"[data-digit='{digit}']")

    def unlock(self):
        self.type_pin()
        self.page.wait_for_selector("nav.tabs")

    def go(self, screen):
        self.page.evaluate(_GO, f"#/{screen}")

    def at(self, screen):
        """Goes there and waits until all of it is drawn."""
        self.go(screen)
        self.rest()

    def rest(self):
        self.page.evaluate(_AT_REST)

    def synced(self, *, waiting=0, undecided=(), timeout=PATIENCE):
        """Until so many are left to be sent and the phone is at rest. Nothing was refused, and nothing lies in the queue
        besides what is `undecided`: states of commands that wait for their owner.
        """
        wanted, states = sorted([*["waiting"] * waiting, *undecided]), []
        deadline = time.monotonic() + timeout / 1000
        while time.monotonic() < deadline:
            left = self.page.query_selector(".state b")
            looks = self.page.get_attribute(".state i", "class") or ""
            if looks == "good" and (int(left.inner_text()) if left else 0) == waiting:
                # The page may be about to read what was just written down: what lies on the disk counts.
                states = sorted(state for _, _, state in self.queue())
                if states == wanted:
                    return
                if states.count("refused") > wanted.count("refused"):
                    break
            self.page.wait_for_timeout(100)
        raise AssertionError(
            f"{self.page.inner_text('.state')!r}, {states} lie in the queue; {self.problems}; {self.queue_of_page()}"
        )

    def queue_of_page(self):
        self.at("waiting")
        return self.page.inner_text("main")[:600]

    def queue(self, account=None):
        """What lies in the queue on the disk, read past the app."""
        return self.page.evaluate(_ROWS, ["outbox", account])

    @contextlib.contextmanager
    def writing(self, form):
        """Ends when what was changed in this form within is on the disk."""
        before = self._written_at(form)
        yield
        for _ in range(1200):
            if self._written_at(form) != before:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{form} was not written down")

    def _written_at(self, form):
        return next((at for key, at, _ in self.page.evaluate(_ROWS, ["drafts", None]) if key == form), None)

    def visit(self, household, outcome="well"):
        """From the list of homes: tap the answer, save."""
        self.go(f"visit/{household}")
        self.page.tap(f"[data-outcome='{outcome}']")
        here = self.page.url
        self.page.tap("[data-name='save']")
        self.page.wait_for_url(lambda now: now != here)

    def shot(self, folder, name):
        folder.mkdir(exist_ok=True)
        self.page.screenshot(path=folder / f"field-{name}.png", full_page=False)

    def faults(self):
        """What axe finds against WCAG 2.2 AA, and by 7:1 for the sun; what a gloved thumb misses, and what is cut off."""
        from axe_playwright_python.sync_playwright import Axe

        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        asked = {
            "runOnly": {"type": "tag", "values": tags},
            "rules": {"color-contrast-enhanced": {"enabled": True}},
            "resultTypes": ["violations"],
        }
        found = Axe().run(self.page, options=asked).response["violations"]
        told = [f"{fault['id']}: {node['html'][:160]}" for fault in found for node in fault["nodes"]]
        return told + self.page.evaluate(_HANDLED, [self.page.viewport_size["width"], ""])

    def cramped(self, widths=(390, 360)):
        """The latter at the type's usual size and at its largest, on a common and on a narrow phone."""
        chosen, found = self.page.evaluate("document.documentElement.dataset.size"), []
        for width in widths:
            for size in ("normal", "largest"):
                found += self.page.evaluate(_HANDLED, [width, size])
        self.page.evaluate(_HANDLED, [self.page.viewport_size["width"], chosen])
        return found

    def fits(self):
        return self.page.evaluate("document.documentElement.scrollWidth") <= 390
