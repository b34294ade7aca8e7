"""Documents that are made from the code say what the code does."""

from pathlib import Path

import pytest

from wangge.project.drawings import PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_drawn_page_is_fresh(name):
    written = Path(__file__).parents[2] / "docs" / name
    assert written.read_text(encoding="utf-8") == PAGES[name](), (
        "run: .venv/bin/python -m wangge.project.drawings"
    )
