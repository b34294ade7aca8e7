"""The editor of a plan in a browser: by mouse, finger and keyboard, every figure at once, back and forth, kept and made better."""

from contextlib import contextmanager

import pytest
from django.db import transaction
from tests.journeys import hands
from tests.journeys.pages import a_ground, a_plan

from wangge.plans.queries import plans as queries

pytestmark = pytest.mark.browser

#: Atoms whose circle has a red ring.
RINGED = (
    "[...Array(80).keys()].filter((id) =>"
    " document.querySelector('[data-map]').liveMap.getFeatureState({ source: 'plan', id }).fault).length"
)
#: The atoms that lie farthest in the west and in the east, as the list names them.
ENDS = """() => {
  const { features } = document.querySelector("[data-map]").liveMap.getStyle().sources.plan.data;
  const order = [...features].sort((one, other) => one.geometry.coordinates[0] - other.geometry.coordinates[0]);
  return [String(order[0].id), String(order.at(-1).id)];
}"""
#: Where an atom is on the page.
PLACE = """(atom) => {
  const host = document.querySelector("[data-map]"), box = host.querySelector("canvas").getBoundingClientRect();
  const { features } = host.liveMap.getStyle().sources.plan.data;
  const { x, y } = host.liveMap.project(features[atom].geometry.coordinates);
  return [box.left + x, box.top + y];
}"""


def figure(page, name):
    return float(page.inner_text(f"[data-figure={name}]"))


def until(page, **figures):
    """Until the figures say so: they are counted once for each picture that the browser draws."""
    for name, count in figures.items():
        hands.until(
            page,
            "([name, count]) => document.querySelector(`[data-figure=${name}]`).textContent === String(count)",
            arg=[name, count],
        )


def opened(desk, plan, **seat):
    lead = desk("community", **seat)
    page = lead.page
    lead.go(f"/console/plans/{plan}/edit")
    page.wait_for_selector("[data-plan-map]")
    hands.until(page, "document.querySelector('[data-map]').liveMap.loaded()")
    return lead


@contextmanager
def kept(town, plan):
    with transaction.atomic():
        yield queries.plan_by_id(town.as_viewer("community"), plan)


def told(page, words):
    page.locator("[data-told]", has_text=words).wait_for()


def test_atoms_go_to_another_grid_by_list_and_by_map_and_figures_follow_at_once(desk, busy_town):
    made = a_plan(busy_town)
    lead = opened(desk, made["draft"])
    page = lead.page
    assert (figure(page, "grids"), figure(page, "households"), figure(page, "moved")) == (2, 800, 40)
    assert page.locator("[data-broken] li").count() == 2
    # By keyboard: another grid with a name of its own, two compounds chosen in the list, given.
    page.focus("[data-add]")
    page.keyboard.press("Enter")
    page.focus("[data-name]")
    page.keyboard.press("Control+a")
    page.keyboard.type("湖边网格")
    page.keyboard.press("Enter")
    page.locator("[data-grids] label", has_text="湖边网格").wait_for()
    page.focus("[data-list]")
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowDown")
    page.focus("[data-give]")
    page.keyboard.press("Enter")
    until(page, grids=3, moved=80)
    # Back: what was given, the name, the grid; and all of it again.
    page.keyboard.press("Control+z")
    until(page, grids=2, moved=40)
    page.keyboard.press("Control+z")
    page.locator("[data-grids] label", has_text="湖边网格").wait_for(state="detached")
    page.keyboard.press("Control+z")
    hands.until(page, "document.querySelectorAll('[data-grids] label').length === 2")
    assert page.is_disabled("[data-undo]")
    for _ in range(3):
        page.keyboard.press("Control+y")
    until(page, grids=3, moved=80)
    page.locator("[data-grids] label", has_text="湖边网格").wait_for()
    page.locator("[data-grids] label", has_text="湖边网格").locator("input").check()
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
    chosen = "[data-grids] label:has(:checked) .plan-grid-count"
    hands.until(page, f"Number(document.querySelector('{chosen}').textContent) > 40")
    # The same ground once more, chosen this time: these must stay together from now on.
    page.check("[name=tool][value=choose]")
    page.locator(".plan-canvas").evaluate("host => host.scrollIntoView()")
    page.mouse.move(left + 4, top + 4)
    page.mouse.down()
    for x, y in ((0.35, 0.02), (0.35, 0.98), (0.02, 0.98), (0.01, 0.02)):
        page.mouse.move(left + wide * x, top + high * y, steps=4)
    page.mouse.up()
    hands.until(page, "document.querySelector('[data-list]').selectedOptions.length > 2")
    page.click("[data-together]")
    page.locator("[data-bonds] [data-bond=together]").wait_for()
    assert page.locator("[data-bonds] .late-soon").count() == 0
    moved = figure(page, "moved")
    page.click("[data-keep]")
    told(page, "已保存。")
    with kept(busy_town, made["draft"]) as plan:
        assert plan.revision == 2
        [bond] = plan.bonds
        assert bond["kind"] == "together"
        assert len({plan.labels[atom] for atom in bond["atoms"]}) == 1
        # The grid that was begun goes on as that of the west by now: whoever is in it does not move.
        assert plan.figures["moved"] == moved
        assert plan.figures["grids"] == 3
        assert sum(plan.fixed) > 2
        assert "湖边网格" in plan.names.values()
        before = list(plan.labels)
        fixed = [(at, before[at]) for at, held in enumerate(plan.fixed) if held]
    # Divided anew around what is fixed, on the same page, and back.
    page.click("[data-improve]")
    hands.until(page, "document.querySelector('[data-plan-improved]') !== null")
    with kept(busy_town, made["draft"]) as plan:
        assert plan.revision == 3
        assert all(plan.labels[at] == label for at, label in fixed)
        assert "湖边网格" in {grid.name for grid in queries.grids_of(busy_town.as_viewer("community"), plan)}
        better = list(plan.labels)
    if better != before:
        page.click("[data-undo]")
        page.click("[data-keep]")
        told(page, "已保存。")
        with kept(busy_town, made["draft"]) as plan:
            assert list(plan.labels) == before
    assert lead.problems == []


def test_a_rule_that_breaks_is_shown_where_it_breaks_and_a_stroke_is_one_step(desk, busy_town):
    made = a_plan(busy_town)
    lead = opened(desk, made["draft"])
    page = lead.page
    assert page.evaluate(RINGED) == 0
    # A compound of the far west goes to the eastern grid: it lies in another piece there.
    page.locator("[name=grid]").nth(1).check()
    page.select_option("[data-list]", index=0)
    page.click("[data-give]")
    until(page, pieces=1)
    hands.until(page, f"{RINGED} === 1")
    page.click("[data-broken] [data-rule=pieces] button")
    hands.until(page, "document.querySelector('[data-list] option').textContent.includes('不连成一片')")
    page.click("[data-undo]")
    until(page, pieces=0)
    hands.until(page, f"{RINGED} === 0")
    # One stroke over several compounds, and one step back.
    page.locator(".plan-canvas").evaluate("host => host.scrollIntoView()")
    hands.until(page, "!document.querySelector('[data-map]').liveMap.isMoving()")
    page.check("[name=tool][value=paint]")
    page.locator(".plan-canvas").evaluate("host => host.scrollIntoView()")
    moved = figure(page, "moved")
    (x, y), (to_x, to_y) = (page.evaluate(PLACE, atom) for atom in (0, 3))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=2)
    page.mouse.up()
    hands.until(
        page,
        "([was]) => Number(document.querySelector('[data-figure=moved]').textContent) > was",
        arg=[moved],
    )
    page.keyboard.press("Control+z")
    until(page, moved=int(moved))
    assert page.is_disabled("[data-undo]")
    # From the keyboard: the cross in the middle of the map.
    page.focus("canvas.maplibregl-canvas")
    page.evaluate(
        "(() => { const map = document.querySelector('[data-map]').liveMap;"
        " map.jumpTo({ center: map.getStyle().sources.plan.data.features[0].geometry.coordinates, zoom: 17 }) })()"
    )
    page.keyboard.press("Enter")
    hands.until(page, "!document.querySelector('[data-undo]').disabled")
    page.keyboard.press("Control+z")
    hands.until(page, f"{RINGED} === 0")
    # The westernmost and the easternmost must stay together: told at once, where it is broken; undone, done again, taken back.
    page.select_option("[data-of]", "")
    ends = page.evaluate(ENDS)
    page.select_option("[data-list]", ends)
    page.click("[data-together]")
    page.locator("[data-bonds] .late-soon").wait_for()
    page.locator("[data-broken] [data-rule=together]").wait_for()
    hands.until(page, f"{RINGED} === 2")
    page.click("[data-apart]")
    told(page, "矛盾")
    page.click("[data-undo]")
    page.locator("[data-bonds] li").wait_for(state="detached")
    hands.until(page, f"{RINGED} === 0")
    page.click("[data-redo]")
    page.locator("[data-bonds] .late-soon").wait_for()
    page.click("[data-bonds] [data-unbind]")
    page.locator("[data-bonds] li").wait_for(state="detached")
    assert page.locator("[data-broken] [data-rule=together]").count() == 0
    assert lead.problems == []


def test_a_finger_paints_and_a_second_one_takes_it_back(desk, busy_town):
    made = a_plan(busy_town)
    lead = opened(desk, made["draft"], size="phone")
    page = lead.page
    assert lead.fits()
    page.locator("[name=grid]").nth(1).check()
    page.check("[name=tool][value=paint]")
    page.locator(".plan-canvas").evaluate("host => host.scrollIntoView()")
    touch = page.context.new_cdp_session(page)
    moved = figure(page, "moved")
    points = [page.evaluate(PLACE, atom) for atom in (0, 1)]

    def fingers(kind, *places):
        sent = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": sent})

    fingers("touchStart", points[0])
    fingers("touchMove", points[1])
    hands.until(
        page, "(was) => Number(document.querySelector('[data-figure=moved]').textContent) > was", arg=moved
    )
    fingers("touchStart", points[1], (points[1][0] + 60, points[1][1] + 60))
    until(page, moved=int(moved))
    fingers("touchEnd")
    assert page.is_disabled("[data-undo]")
    fingers("touchStart", points[0])
    fingers("touchMove", points[1])
    fingers("touchEnd")
    hands.until(page, "!document.querySelector('[data-undo]').disabled")
    until(page, moved=int(moved) + 40)
    # Chromium tells of it whenever the fingers of a test are faster than a scroll ends.
    assert [said for said in lead.problems if "cancelable=false" not in said] == []


#: Of so many atoms the map itself shows another grid than in the beginning.
SHOWN = """() => {
  const map = document.querySelector("[data-map]").liveMap;
  const now = [...Array(40).keys()].map((id) => map.getFeatureState({ source: "plan", id }).hue);
  window.begun ??= now;
  return now.filter((hue, id) => hue !== window.begun[id]).length;
}"""
#: Dots that are drawn above the map.
ABOVE = """() => {
  const canvas = document.querySelector(".plan-overlay");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((each) => each > 0);
}"""


def test_a_stroke_is_drawn_above_the_map_and_the_map_follows_when_the_hand_rests(desk, busy_town):
    lead = opened(desk, a_plan(busy_town)["draft"])
    page = lead.page
    assert page.evaluate(SHOWN) == 0
    assert page.evaluate(ABOVE) is False
    moved, hours = figure(page, "moved"), page.inner_text("[data-grids] label >> nth=0")
    page.check("[name=tool][value=paint]")
    page.locator("[name=grid]").nth(1).check()
    page.locator(".plan-canvas").evaluate("host => host.scrollIntoView()")
    (x, y), (to_x, to_y) = (page.evaluate(PLACE, atom) for atom in (0, 3))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=2)
    # While the hand is down every figure follows, work in hours too; the map waits, however long that is.
    until(page, moved=int(moved) + 80)
    hands.until(page, "(was) => document.querySelector('[data-grids] label').innerText !== was", arg=hours)
    assert "每周" in page.inner_text("[data-grids] label >> nth=0")
    assert page.evaluate(ABOVE) is True
    page.wait_for_timeout(600)
    assert page.evaluate(SHOWN) == 0
    page.mouse.up()
    hands.until(page, f"({SHOWN})() === 4")
    hands.until(page, f"!({ABOVE})()")
    # A map that moves shows at once what was painted.
    page.keyboard.press("Control+z")
    hands.until(page, f"({ABOVE})()")
    page.evaluate("document.querySelector('[data-map]').liveMap.panBy([40, 0], { animate: false })")
    assert page.evaluate(SHOWN) == 0
    hands.until(page, f"!({ABOVE})()")
    assert lead.problems == []


#: Which layers of the ground are to be seen.
LYING = """() => {
  const map = document.querySelector("[data-map]").liveMap;
  const lying = ["plan-streets", "plan-barriers", "plan-crossings", "plan-shops"];
  return lying.filter((id) => map.getLayer(id) && map.getLayoutProperty(id, "visibility") !== "none"
    && map.queryRenderedFeatures({ layers: [id] }).length > 0).length;
}"""


def test_streets_and_barriers_lie_below_the_atoms_and_can_be_switched_off(desk, busy_town):
    lead = opened(desk, a_ground(busy_town)["plan"])
    page = lead.page
    hands.until(page, "document.querySelector('[data-plan-ground]') !== null")
    hands.until(page, f"({LYING})() === 4")
    order = page.evaluate(
        "document.querySelector('[data-map]').liveMap.getStyle().layers.map(({ id }) => id)"
    )
    assert order.index("plan-surfaces") < order.index("plan-streets") < order.index("plan-atoms")
    page.uncheck("[data-ground-shown]")
    hands.until(page, f"({LYING})() === 0")
    page.check("[data-ground-shown]")
    hands.until(page, f"({LYING})() === 4")
    assert lead.problems == []


#: What is counted beside the page and by the server, and who gets another worker.
FOLLOWING = ("walk_mean_m", "walk_farthest_m", "streets_uncovered_m", "shops_uncovered", "handed_over")


def test_ways_on_foot_and_what_no_grid_covers_follow_a_change_and_are_those_that_are_kept(desk, busy_town):
    plan_id = a_ground(busy_town)["plan"]
    lead = opened(desk, plan_id)
    page = lead.page

    def ways_after(changes):
        """Of all grids and of each, once they are counted."""
        hands.until(
            page,
            "([changes]) => ['planWalked', 'planCovered'].every((what) =>"
            " document.querySelector('[data-plan-editor]').dataset[what] === String(changes))",
            arg=[changes],
        )
        assert page.locator("[data-figure][aria-busy=true]").count() == 0
        rows = page.locator(".plan-grid-hours").all_inner_texts()
        whole = [figure(page, name) for name in FOLLOWING]
        return whole, sorted(int(row.partition("最远一户 ")[2].partition(" 米")[0]) for row in rows)

    def as_kept():
        with kept(busy_town, plan_id) as plan:
            own = [
                grid.figures["walk_m"] for grid in queries.grids_of(busy_town.as_viewer("community"), plan)
            ]
            return [plan.figures[name] for name in FOLLOWING], sorted(own)

    before = ways_after(0)
    assert before == as_kept()
    page.locator("[name=grid]").last.check()
    page.focus("[data-list]")
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowDown")
    page.click("[data-give]")
    given = ways_after(1)
    assert given[0] != before[0]
    page.click("[data-keep]")
    told(page, "已保存。")
    assert given == as_kept()
    page.click("[data-undo]")
    assert ways_after(2) == before
    assert lead.problems == []


#: So many times the plan's own compounds.
TIMES = 20


def many(route):
    """The compounds of the plan twenty times over, a few metres beside one another."""
    answer = route.fetch()
    told = answer.json()
    for name in ("x", "y"):
        told[name] = [each + 20 * copy for copy in range(TIMES) for each in told[name]]
    for name in told.keys() & {
        "names", "households", "community", "today", "compounds", "minutes", "edges", "beside", "labels",
    }:  # fmt: skip
        told[name] = told[name] * TIMES
    route.fulfill(response=answer, json=told)


def test_a_lasso_around_more_than_the_list_shows_binds_and_gives_all_of_them(desk, busy_town):
    made = a_plan(busy_town)
    lead = desk("community")
    page = lead.page
    page.route("**/atoms", many)
    lead.go(f"/console/plans/{made['draft']}/edit")
    page.wait_for_selector("[data-plan-map]")
    hands.until(page, "document.querySelector('[data-map]').liveMap.loaded()")
    found = int(page.inner_text("[data-found]"))
    assert found > 500
    assert page.locator("[data-list] option").count() == 500
    assert "前 500 个" in page.inner_text("[data-cut]")
    assert page.inner_text("[data-chosen]") == ""
    page.check("[name=tool][value=choose]")
    page.locator(".plan-canvas").evaluate("host => host.scrollIntoView()")
    box = page.locator("canvas.maplibregl-canvas").bounding_box()
    left, top, wide, high = box["x"], box["y"], box["width"], box["height"]
    page.mouse.move(left + 2, top + 2)
    page.mouse.down()
    for x, y in ((0.99, 0.01), (0.99, 0.99), (0.01, 0.99), (0.01, 0.02)):
        page.mouse.move(left + wide * x, top + high * y, steps=4)
    page.mouse.up()
    hands.until(page, "document.querySelector('[data-chosen]').textContent !== ''")
    chosen = int("".join(filter(str.isdigit, page.inner_text("[data-chosen]"))))
    assert 500 < chosen <= found
    page.click("[data-together]")
    page.locator("[data-bonds] [data-bond=together]", has_text=f"另有 {chosen - 3} 个").wait_for()
    # One line less is one less; what has no line stays chosen.
    page.locator("[data-list] option").first.click(modifiers=["Control"])
    hands.reads(page, "[data-chosen]", f"已选 {chosen - 1} 个")
    page.locator("[name=grid]").nth(1).check()
    page.click("[data-give]")
    held = "Number(document.querySelector('[data-grids] label:has(:checked) .plan-grid-count').textContent)"
    hands.until(page, f"{held} >= {20 * (chosen - 1)}")
    hands.reads(page, "[data-chosen]", f"已选 {chosen - 1} 个")
    page.select_option("[data-list]", index=0)
    hands.reads(page, "[data-chosen]", "已选 1 个")
    assert lead.problems == []


def test_keeping_twice_sends_once_and_an_improvement_that_does_not_arrive_locks_nothing(desk, busy_town):
    made = a_plan(busy_town)
    lead = opened(desk, made["draft"])
    page = lead.page
    sent = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    page.locator("[name=grid]").nth(1).check()
    page.select_option("[data-list]", index=0)
    page.click("[data-give]")
    until(page, pieces=1)
    page.evaluate(
        "(() => { const keep = document.querySelector('[data-keep]'); keep.click(); keep.click(); })()"
    )
    told(page, "已保存。")
    assert len(sent) == 1
    page.click("[data-undo]")
    until(page, pieces=0)
    page.click("[data-keep]")
    told(page, "已保存。")
    # It is improved, and what came of it does not arrive.
    page.route("**/atoms", lambda route: route.abort())
    page.click("[data-improve]")
    told(page, "未能传回")
    hands.until(page, "document.querySelector('[data-plan-editor]').ariaBusy === 'false'")
    page.unroute("**/atoms")
    with kept(busy_town, made["draft"]) as plan:
        improved = plan.revision
    # What is here can be changed and kept: nobody else changed the plan.
    page.select_option("[data-list]", index=0)
    page.click("[data-give]")
    until(page, pieces=1)
    page.click("[data-keep]")
    told(page, "已保存。")
    with kept(busy_town, made["draft"]) as plan:
        assert plan.revision == improved + 1
    page.click("[data-improve]")
    told(page, "已优化")
    assert [said for said in lead.problems if "ERR_FAILED" not in said] == []
