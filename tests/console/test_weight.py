"""What a browser loads for a page of the desk stays small: over the budget, this fails before a desk feels it."""

import gzip
import re
from pathlib import Path

import pytest
from bench.weighing import DESK_KB, MAP_KB, weigh
from django.contrib.staticfiles import finders
from tests import builders


@pytest.fixture
def load(town, db):
    """Pages as the desk of the township gets them, files as they are packed once when they are collected."""
    browser = town.browser("township")

    def load(address):
        if address.startswith("/static/"):
            found = finders.find(address.removeprefix("/static/").split("?")[0])
            assert found, address
            content = Path(found).read_bytes()
        else:
            answer = browser.get(address)
            assert answer.status_code == 200, address
            content = answer.content
        return len(gzip.compress(content, 9)), content.decode(errors="replace")

    return load


@pytest.fixture
def cases(town):
    item = town.add(builders.item)
    return [
        town.add(
            builders.case, item, town.grid_a, title=f"第{number}件：路灯不亮、缺失", lon=119.355, lat=34.745
        )
        for number in range(50)
    ]


def test_the_desk_without_its_map_is_light(load, cases):
    for page in ("/console/?queue=open", f"/console/cases/{cases[0].id}"):
        sizes = weigh(load, page, with_map=False)
        assert {"console/built/desk.js", "console/console.css", "wangge/base.css"} <= set(sizes)
        assert "console/built/map.js" not in sizes
        assert sum(sizes.values()) <= DESK_KB * 1000, sizes


def test_the_page_of_the_map_is_no_heavier_than_promised(load, cases):
    sizes = weigh(load, "/console/map", with_map=True)
    assert {f"console/built/{name}" for name in ("map.js", "map.css", "maplibre-gl-worker.mjs")} <= set(sizes)
    assert sum(sizes.values()) <= MAP_KB * 1000, sizes


def test_no_script_loads_the_desk_a_second_time():
    """`desk.js` is named with a stamp: imported without it, it would be another module and do everything twice."""
    for file in Path(finders.find("console/built/desk.js")).parent.glob("*js"):
        assert not re.search(r"""["'`]\./desk\.js["'`]""", file.read_text("utf-8")), file.name
