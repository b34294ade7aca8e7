"""The editor of a plan in a browser: by mouse and by keyboard, every figure at once, back and forth, kept and made better."""

import pytest
from tests.journeys.pages import a_plan

from wangge.plans.queries import plans as queries

pytestmark = pytest.mark.browser


def figure(page, name):
    return float(page.inner_text(f"[data-figure={name}]"))


def until(page, **figures):
    """Until the figures say so: they are counted once for each picture that the browser draws."""
    for name, count in figures.items():
        page.wait_for_function(
            "([name, count]) => document.querySelector(`[data-figure=${name}]`).textContent === String(count)",
            arg=[name, count],
        )


def test_atoms_go_to_another_grid_by_list_and_by_map_and_figures_follow_at_once(desk, busy_town):
    made = a_plan(busy_town)
    lead = desk("community")
    page = lead.page
    lead.go(f"/console/plans/{made['draft']}/edit")
    page.wait_for_selector("[data-plan-map]")
    assert (figure(page, "grids"), figure(page, "households"), figure(page, "moved")) == (2, 800, 40)
    assert page.locator("[data-broken] li").count() == 2
    # By keyboard: another grid, two compounds chosen in the list, given.
    page.focus("[data-add]")
    page.keyboard.press("Enter")
    page.focus("[data-list]")
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowDown")
    page.focus("[data-give]")
    page.keyboard.press("Enter")
    until(page, grids=3, moved=80)
    page.keyboard.press("Control+z")
    until(page, grids=2, moved=40)
    page.keyboard.press("Control+y")
    until(page, grids=3, moved=80)
    # By mouse: a lasso around the western quarter.
    page.check("[name=tool][value=lasso]")
    page.locator(".plan-canvas").evaluate("host => host.scrollIntoView()")
    box = page.locator("canvas.maplibregl-canvas").bounding_box()
    left, top, wide, high = box["x"], box["y"], box["width"], box["height"]
    page.mouse.move(left + 4, top + 4)
    page.mouse.down()
    for x, y in ((0.35, 0.02), (0.35, 0.98), (0.02, 0.98), (0.01, 0.02)):
        page.mouse.move(left + wide * x, top + high * y, steps=4)
    page.mouse.up()
    page.wait_for_function("() => Number(document.querySelector('[data-figure=moved]').textContent) > 80")
    page.click("[data-keep]")
    page.locator("[data-told]", has_text="已保存。").wait_for()
    with queries_open(busy_town) as viewer:
        kept = queries.plan_by_id(viewer, made["draft"])
        assert kept.revision == 2
        assert kept.figures["grids"] == 3
        assert sum(kept.fixed) > 2
        fixed = [(at, kept.labels[at]) for at, held in enumerate(kept.fixed) if held]
    with page.expect_navigation():
        page.click("[data-improve]")
    page.wait_for_selector("[data-plan-open]")
    with queries_open(busy_town) as viewer:
        better = queries.plan_by_id(viewer, made["draft"])
        assert all(better.labels[at] == label for at, label in fixed)


def queries_open(town):
    from contextlib import contextmanager

    from django.db import transaction

    @contextmanager
    def entered():
        with transaction.atomic():
            yield town.as_viewer("community")

    return entered()
