"""The palette: one field on `/` and Ctrl-K, by keys alone, and the same without a script."""

import re

import pytest
from tests import builders
from tests.journeys.conftest import LOOKS
from tests.journeys.hands import until

pytestmark = [pytest.mark.browser, pytest.mark.pictured]
#: Resolves when whatever came before has been drawn.
TWO_FRAMES = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"


@pytest.fixture
def lamp(busy_town):
    return busy_town.add(
        builders.case,
        busy_town.lamp_item,
        busy_town.grid_a,
        number="0703-260401-0007",
        title="三号楼前路灯不亮",
        lon=119.355,
        lat=34.745,
    )


def opened(desk, key="/", who="community", **facts):
    one = desk(who, **facts)
    one.go("/console/palette")
    one.page.keyboard.press(key)
    one.page.wait_for_selector("#palette-found [role=option]")
    return one


def chosen(desk):
    field = desk.page.locator("#palette [role=combobox]")
    return desk.page.locator(f"#{field.get_attribute('aria-activedescendant')}")


@pytest.mark.parametrize(("size", "language"), LOOKS)
def test_it_opens_names_places_and_breaks_no_rule(desk, lamp, size, language):
    one = opened(desk, size=size, language=language)
    assert one.page.evaluate("document.activeElement.id") == "palette-words"
    one.page.keyboard.type("路灯")
    one.page.wait_for_selector("#palette-found >> text=三号楼前路灯不亮")
    one.shot(f"{language}-palette")
    assert one.fits()
    assert one.faults() == []
    assert one.problems == []


def test_a_case_is_found_by_its_words_and_opened_by_enter(desk, lamp):
    one = opened(desk, "Control+k")
    one.page.keyboard.type("路灯")
    one.page.keyboard.press("Enter")
    one.page.wait_for_url(re.compile(f"/console/cases/{lamp.id}"))
    one.page.go_back()
    one.page.wait_for_selector("h1")
    assert one.page.url.endswith("/console/palette")
    assert not one.page.locator("dialog#palette").is_visible()


def test_a_case_is_found_by_its_number(desk, lamp):
    one = opened(desk)
    one.page.keyboard.type(lamp.number)
    one.page.keyboard.press("Enter")
    one.page.wait_for_url(re.compile(f"/console/cases/{lamp.id}"))


def test_arrows_choose_and_go_round(desk, lamp):
    one = opened(desk)
    first = chosen(one).inner_text()
    one.page.keyboard.press("ArrowDown")
    second = chosen(one).inner_text()
    assert first != second
    assert chosen(one).get_attribute("aria-selected") == "true"
    one.page.keyboard.press("ArrowUp")
    assert chosen(one).inner_text() == first
    one.page.keyboard.press("ArrowUp")
    assert chosen(one).inner_text() == one.page.locator("#palette [role=option]").last.inner_text()


def test_a_place_an_area_and_an_item_are_gone_to(desk):
    for words, address in [
        ("清单", "catalogue/"),
        ("二网格", "areas/3207030030021002"),
        ("疏散", "catalogue/S01-01"),
    ]:
        one = opened(desk)
        one.page.keyboard.type(words)
        one.page.keyboard.press("Enter")
        one.page.wait_for_url(f"**/console/{address}")


def test_words_become_a_case(desk):
    one = opened(desk)
    one.page.keyboard.type("井盖丢了")
    one.page.wait_for_selector("#palette-found >> text=井盖丢了")
    one.page.locator("#palette [role=option]").last.click()
    one.page.wait_for_url("**/console/cases/file")
    until(one.page, "document.querySelector('[name=title]').value === '井盖丢了'")
    one.page.reload()
    assert one.page.input_value("[name=title]") == ""


def test_an_answer_that_comes_late_is_dropped(desk, lamp):
    one = opened(desk)
    late = []

    def held_back(route):
        if "q=%E8%B7%AF%E7%81%AF" in route.request.url:
            late.append(route)
        else:
            route.continue_()

    one.page.route("**/console/palette?*", held_back)
    with one.page.expect_request(lambda request: "q=%E8%B7%AF%E7%81%AF" in request.url) as asked:
        one.page.keyboard.type("路灯")
    one.page.fill("#palette-words", "二网格")
    one.page.wait_for_selector("#palette-found >> text=二网格")
    for route in late:
        route.continue_()
    asked.value.response()  # waits until it has come, or was given up
    one.page.evaluate(TWO_FRAMES)
    assert one.page.locator("#palette-found >> text=三号楼前路灯不亮").count() == 0


def test_what_is_composed_is_asked_for_when_it_is_whole(desk):
    """Pinyin in the field is no question yet."""
    one = opened(desk)
    asked = []
    one.page.on("request", lambda request: asked.append(request.url) if "palette?" in request.url else None)
    one.page.evaluate(
        """() => {
            const field = document.querySelector("#palette-words");
            field.dispatchEvent(new CompositionEvent("compositionstart"));
            field.value = "lu deng";
            field.dispatchEvent(new InputEvent("input", { isComposing: true, bubbles: true }));
            field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, isComposing: true, bubbles: true }));
        }"""
    )
    one.page.wait_for_timeout(400)
    assert asked == []
    assert one.page.locator("dialog#palette").is_visible()
    with one.page.expect_request("**/palette?*"):
        one.page.evaluate(
            """() => {
                const field = document.querySelector("#palette-words");
                field.value = "路灯";
                field.dispatchEvent(new CompositionEvent("compositionend"));
            }"""
        )
    one.page.wait_for_timeout(400)
    assert len(asked) == 1


def test_nothing_found_is_said(desk):
    one = desk("handler")
    one.go("/console/palette?q=")
    one.page.keyboard.press("/")
    one.page.route("**/console/palette?*", lambda route: route.continue_())
    one.page.keyboard.type("zzzz")
    one.page.wait_for_selector("#palette-answer >> text=zzzz")
    assert one.faults() == []


def test_what_the_page_offers_by_a_key_stands_in_the_palette(desk):
    one = desk("community")
    one.go("/console/palette")
    one.page.evaluate(
        """() => {
            const part = document.createElement("details");
            part.dataset.key = "e";
            part.innerHTML = "<summary>提级办理</summary><input name='reason'>";
            document.querySelector("main").append(part);
        }"""
    )
    one.page.keyboard.press("/")
    one.page.keyboard.type("提级")
    one.page.wait_for_selector("#palette [role=option] >> text=提级办理")
    one.page.keyboard.press("Enter")
    one.page.locator("dialog#palette").wait_for(state="hidden")
    until(one.page, "() => document.activeElement.name === 'reason'")


def test_without_a_script_the_same_link_leads_to_a_page(desk, lamp):
    one = desk("community", scripts=False)
    one.go("/console/catalogue/")
    one.page.click(".find")
    one.page.fill("#q", "路灯")
    one.page.click("main button")
    one.page.click("main a:text('三号楼前路灯不亮')")
    one.page.wait_for_url(re.compile(f"/console/cases/{lamp.id}"))


def test_a_session_that_ended_meanwhile_leads_to_the_page(desk, busy_town):
    one = opened(desk)
    busy_town.run("delete from staff_signin")
    one.page.keyboard.type("路灯")
    one.page.keyboard.press("Enter")
    one.page.wait_for_url("**/sign-in?next=*")
