"""Every page of `pages.py` at both sizes and in both languages."""

import os
import re
from itertools import product
from zlib import crc32

import pytest
from tests.journeys.conftest import SIZES
from tests.journeys.pages import PAGES, a_lamp

pytestmark = pytest.mark.browser


def test_pictures_have_names_of_their_own():
    names = [page.name for page in PAGES]
    assert len(names) == len(set(names))
    assert all(re.fullmatch("[a-z0-9-]+", name) for name in names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_whole_in_both_sizes_and_languages(look, busy_town, page):
    parts = a_lamp(busy_town) | (page.make(busy_town) if page.make else {})
    path = "/console/" + page.path.format_map(parts)
    for size, language in looks_at(page):
        here = f"{page.name}, {size}, {language}"
        opened = look(page.who, size=size, language=language, pictured=not drawn(page))
        assert opened.go(path).status == page.status, here
        for key in page.press:
            opened.page.keyboard.press(key)
        opened.page.wait_for_selector(page.ready)
        opened.page.wait_for_load_state()
        opened.shot(f"{language}-{page.name}", always=True)
        # Chromium tells its console of every answer that is a refusal.
        assert [said for said in opened.problems if f"status of {page.status}" not in said] == [], here
        assert opened.fits(), here
        assert opened.faults() == [], here
        if language == "en":
            assert not re.search("[\u3400-\u9fff]{6}", without_names(opened.text())), here


#: Of pages beside whose other parts a map lies, those on which it is drawn here as well.
WITH_A_MAP = {"case", "area", "file"}


def drawn(page):
    """Whether a map on this page is drawn, which takes seconds, or stays the picture that the server drew."""
    return "map" in page.ready or page.name in WITH_A_MAP


def looks_at(page):
    """Each size and each language once, where a page has both sizes; which goes with which differs from page to page.

    All four looks at every page took a quarter of an hour; `WANGGE_LOOKS=all` takes them.
    """
    every = list(product([page.size] if page.size else SIZES, ("zh-hans", "en")))
    if page.size or os.environ.get("WANGGE_LOOKS") == "all":
        return every
    return every[::3] if crc32(page.name.encode()) % 2 else every[1:3]


def without_names(text):
    """Names of places, people and things that are Chinese in the data itself."""
    return re.sub(
        "[\u3400-\u9fff]*(社区|网格|街道|连云|路灯|楼|条例|地点|负责|主任|网格员)[\u3400-\u9fff、]*", "", text
    )
