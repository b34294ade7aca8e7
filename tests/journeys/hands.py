"""Somebody who has a keyboard and no mouse."""

import time

from playwright.sync_api import Error

#: Milliseconds until what does not come is given up: how long it takes says more of the machine than of the program.
PATIENCE = 120_000
ACTIVE = "document.activeElement"


def until(page, script, *, arg=None, timeout=PATIENCE):
    """Waits for an expression to be true. The page's policy forbids eval, by which Playwright's own waiting works."""
    deadline = time.monotonic() + timeout / 1000
    while time.monotonic() < deadline:
        try:
            if page.evaluate(script, arg):
                return
        except Error as error:
            # The page went away while it was asked; the next one is asked again.
            if "context was destroyed" not in str(error):
                raise
        page.wait_for_timeout(50)
    raise AssertionError(script)


def reads(page, selector, text):
    """Waits until what matches reads so, and nothing besides."""
    until(
        page,
        "([selector, text]) => document.querySelector(selector)?.innerText.trim() === text",
        arg=[selector, text],
    )


class Hands:
    """Somebody who has a keyboard and no mouse."""

    def __init__(self, desk, *, pictures=""):
        self.desk, self.page, self.keys, self.pictures = desk, desk.tab, desk.tab.keyboard, pictures

    def to(self, selector):
        """Tabs until what matches has the focus."""
        for _ in range(120):
            if self.page.evaluate(f"{ACTIVE}.matches({selector!r})"):
                return
            self.keys.press("Tab")
        raise AssertionError(f"the keyboard does not reach {selector}")

    def type(self, where, /, **fields):
        """Fills the form's fields in their order, and sends it."""
        for name, value in fields.items():
            self.to(f"{where} [name='{name}']")
            kind = self.page.evaluate(f"{ACTIVE}.type")
            if kind == "radio":
                for _ in range(12):
                    self.keys.press("Space")
                    if self.page.evaluate(f"{ACTIVE}.value") == value:
                        break
                    self.keys.press("ArrowDown")
                assert self.page.evaluate(f"{ACTIVE}.value") == value
            elif kind == "date":
                self.keys.type(f"{value:%m%d%Y}")
            elif kind == "select-one":
                self.keys.type(value)
            else:
                self.keys.type(value)
        self.to(f"{where} button[type=submit]")
        self.keys.press("Enter")

    def step(self, key, step, *, at_once=False, **fields):
        """One key opens the step's form, or takes the step at once when it asks nothing."""
        self.keys.press(key)
        if not at_once:
            self.page.wait_for_selector(f"#step-{step}[open]")
            if self.pictures:
                self.desk.shot(f"{self.pictures}-{step}")
            self.type(f"#step-{step}", **fields)
        self.page.wait_for_url(f"**?done={step}*")
        assert self.desk.problems == []
