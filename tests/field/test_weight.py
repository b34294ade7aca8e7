"""What a phone loads before the field app's first screen stays small: over the promise, this fails before a worker on a slow line feels it."""

import gzip
from pathlib import Path

from bench.weighing import FIELD_KB, weigh
from django.contrib.staticfiles import finders
from django.test import Client


def load(address):
    """The page as the door gives it, files as they were built and are packed once when they are collected."""
    if address.startswith("/static/"):
        found = finders.find(address.removeprefix("/static/").split("?")[0])
        assert found, address
        content = Path(found).read_bytes()
    else:
        answer = Client().get(address)
        assert answer.status_code == 200, "the front end was not built"
        content = answer.content
    return len(gzip.compress(content, 9)), content.decode(errors="replace")


def test_the_first_load_is_no_heavier_than_promised():
    sizes = weigh(load, "/field/", with_map=False)
    kinds = {name.rsplit(".", 1)[-1] for name in sizes}
    assert {"page", "js", "css"} <= kinds
    # The app itself is among them, whatever its parts are called.
    assert max(sizes.values()) > 20_000
    assert sum(sizes.values()) <= FIELD_KB * 1000, sizes
