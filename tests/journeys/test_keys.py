"""The keyboard: every key of the shell in a real browser, and the places where keys must keep still."""

import pytest
from tests import builders
from tests.journeys.hands import reads, until

pytestmark = [pytest.mark.browser, pytest.mark.pictured]

#: A page with a list and parts that keys reach, as the pages of the desk mark them up.
MARKED_UP = """() => {
    document.querySelector("main").innerHTML = `
        <h1>样页</h1>
        <input id="field"><textarea id="text"></textarea>
        <details id="part" data-key="e"><summary>提级</summary><form><input name="reason"></form></details>
        <button id="press" data-key="b" data-key-label="退回" type="button">x</button>
        <div hidden><button data-key="v" type="button" id="unseen">核查</button></div>
        <input id="find" data-key="n" aria-label="备注">
        <table data-rows><tbody>
            <tr data-row><td><input type="checkbox" aria-label="选 1"></td><td><a href="#one">一</a></td></tr>
            <tr data-row><td><input type="checkbox" aria-label="选 2"></td><td><a href="#two">二</a></td></tr>
            <tr data-row><td><input type="checkbox" aria-label="选 3"></td><td><a href="#three">三</a></td></tr>
        </tbody></table>`;
    window.pressed = 0;
    document.querySelector("#press").addEventListener("click", () => { window.pressed += 1; });
    document.querySelector("#unseen").addEventListener("click", () => { window.pressed += 100; });
}"""


@pytest.fixture
def keys(desk):
    """A signed-in desk on a page that is marked up with everything that keys reach."""
    opened = desk("community")
    opened.go("/console/palette")
    opened.page.evaluate(MARKED_UP)
    return opened


FOCUSED = "(document.activeElement.id || document.activeElement.name || document.activeElement.textContent)"


def focused(desk):
    return desk.page.evaluate(FOCUSED)


def test_one_key_presses_opens_and_focuses(keys):
    keys.page.keyboard.press("b")
    assert keys.page.evaluate("window.pressed") == 1
    keys.page.keyboard.press("e")
    assert keys.page.locator("#part").get_attribute("open") is not None
    assert focused(keys) == "reason"
    keys.page.keyboard.press("Escape")
    assert keys.page.locator("#part").get_attribute("open") is None
    assert focused(keys) == "提级"
    keys.page.keyboard.press("n")
    assert focused(keys) == "find"
    keys.page.keyboard.press("Escape")
    keys.page.keyboard.press("v")
    assert keys.page.evaluate("window.pressed") == 1, "what is not shown is not reached"


def test_nothing_acts_while_somebody_types(keys):
    for field in ("#field", "#text"):
        keys.page.focus(field)
        keys.page.keyboard.type("bex?/")
        assert keys.page.input_value(field) == "bex?/"
    assert keys.page.evaluate("window.pressed") == 0
    assert keys.page.locator("dialog[open]").count() == 0


def test_nothing_acts_while_chinese_is_composed(keys):
    """An input method sends its keys with isComposing, or as 229 before it says that it composes."""
    keys.page.evaluate(
        """() => {
            const key = (facts) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "b", bubbles: true, cancelable: true, ...facts }));
            key({ isComposing: true });
            key({ keyCode: 229 });
        }"""
    )
    assert keys.page.evaluate("window.pressed") == 0


@pytest.mark.parametrize("held", ["Control", "Alt", "Meta"])
def test_commands_of_the_browser_stay_its_own(keys, held):
    keys.page.keyboard.press(f"{held}+b")
    assert keys.page.evaluate("window.pressed") == 0


def test_rows_by_j_and_k_x_and_enter(keys):
    page = keys.page
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert focused(keys) == "二"
    assert page.locator("[aria-current=true]").inner_text().strip() == "二"
    page.keyboard.press("ArrowDown")
    assert focused(keys) == "三"
    page.keyboard.press("j")
    assert focused(keys) == "三", "the last row stays"
    page.keyboard.press("k")
    page.keyboard.press("x")
    assert page.locator("[data-row] input:checked").count() == 1
    page.keyboard.press("Shift+X")
    assert page.locator("[data-row] input:checked").count() == 3
    page.keyboard.press("Shift+X")
    assert page.locator("[data-row] input:checked").count() == 0
    page.keyboard.press("o")
    page.wait_for_url("**#two")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**#one")


def test_arrows_scroll_until_a_row_has_the_focus(keys):
    keys.page.keyboard.press("ArrowDown")
    assert keys.page.locator("[aria-current=true]").count() == 0


def test_g_and_a_letter_go_to_a_place_and_g_alone_goes_nowhere(keys):
    keys.page.keyboard.press("g")
    keys.page.keyboard.press("e")
    assert keys.page.locator("#part").get_attribute("open") is None, "a slip after g does nothing"
    keys.page.keyboard.press("e")
    assert keys.page.locator("#part").get_attribute("open") is not None
    keys.page.keyboard.press("Escape")
    keys.page.keyboard.press("g")
    keys.page.keyboard.press("k")
    keys.page.wait_for_url("**/console/catalogue/")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_help_lists_the_keys_of_this_page_in_its_words(desk, language):
    opened = desk("community", language=language)
    opened.go("/console/palette")
    opened.page.evaluate(MARKED_UP)
    opened.page.keyboard.press("?")
    help_ = opened.page.locator("dialog#keys")
    help_.wait_for()
    said = help_.inner_text()
    assert "退回" in said
    assert "提级" in said
    assert "备注" in said
    assert "核查" not in said
    assert ("下一行" if language == "zh-hans" else "next and previous row") in said
    assert ("事项清单" if language == "zh-hans" else "Catalogue") in said
    assert opened.faults() == []
    opened.shot(f"{language}-keys")
    opened.page.keyboard.press("b")
    assert opened.page.evaluate("window.pressed") == 0, "keys rest while a dialog is open"
    opened.page.keyboard.press("Escape")
    help_.wait_for(state="hidden")


def test_single_keys_are_switched_off_for_the_person_and_on_again(desk):
    opened = desk("community")
    opened.go("/console/palette")
    opened.page.keyboard.press("?")
    with opened.page.expect_response("**/console/preferences/keys") as kept:
        opened.page.click("[data-keys-off]")
    assert kept.value.status == 204
    opened.page.wait_for_selector("[data-keys-on]:focus")
    opened.page.keyboard.press("Escape")
    opened.page.keyboard.press("?")
    opened.page.keyboard.press("/")
    assert opened.page.locator("dialog[open]").count() == 0
    opened.page.keyboard.press("Control+k")
    opened.page.locator("dialog#palette").wait_for()
    elsewhere = desk("community", size="phone")
    elsewhere.go("/console/palette")
    elsewhere.page.keyboard.press("?")
    assert elsewhere.page.locator("dialog[open]").count() == 0
    elsewhere.page.click(".rail-menu")
    elsewhere.page.click("[data-help]")
    elsewhere.page.click("[data-keys-on]")
    elsewhere.page.wait_for_selector("[data-keys-off]:focus")
    elsewhere.page.keyboard.press("Escape")
    elsewhere.page.keyboard.press("?")
    elsewhere.page.locator("dialog#keys").wait_for()


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_phone_the_places_are_a_menu(desk, scripts):
    phone = desk("community", size="phone", scripts=scripts)
    phone.go("/console/palette")
    places = phone.page.locator("header nav")
    assert not places.is_visible()
    phone.page.click(".rail-menu")
    places.wait_for()
    phone.shot("menu")
    if scripts:
        assert phone.faults() == []
    phone.page.click("header nav [data-go=k]")
    phone.page.wait_for_url("**/console/catalogue/")


def test_signing_out_and_the_language_are_at_hand_on_a_phone(desk):
    phone = desk("community", size="phone")
    phone.go("/console/palette")
    phone.page.click(".rail-menu")
    phone.page.click("header button[name=language]")
    phone.page.wait_for_selector("html[lang=en]")
    phone.page.wait_for_load_state()
    phone.page.click(".rail-menu")
    phone.page.click("text=Sign out")
    phone.page.wait_for_url("**/sign-in")


def test_the_place_where_one_is_is_marked(desk, busy_town):
    opened = desk("community")
    opened.go("/console/catalogue/S01-01")
    assert opened.page.locator("header [aria-current=page]").inner_text() == "事项清单"


def test_the_rail_fits_a_low_screen(desk):
    opened = desk("township")
    opened.page.set_viewport_size({"width": 1366, "height": 620})
    opened.go("/console/palette")
    for selector in ("header nav li:last-child a", "header form[action='/sign-out'] button"):
        opened.page.locator(selector).scroll_into_view_if_needed()
        box = opened.page.locator(selector).bounding_box()
        assert box["y"] + box["height"] <= 620
    assert opened.fits()


def test_a_message_in_passing_is_shown_and_read_out(desk):
    opened = desk("community")
    opened.go("/console/palette")
    opened.page.evaluate(
        "document.dispatchEvent(new CustomEvent('wangge:tell', { detail: { text: '已保存<b>' } }))"
    )
    reads(opened.page, "#told[role=status]", "已保存<b>")
    assert opened.faults() == []


def test_who_comes_back_to_a_list_goes_on_where_they_were(desk, busy_town):
    for number in range(3):
        busy_town.add(builders.case, busy_town.lamp_item, busy_town.grid_a, title=f"第{number}件")
    opened = desk("community")
    opened.go("/console/?queue=open")
    opened.page.keyboard.press("j")
    opened.page.keyboard.press("j")
    second = focused(opened)
    opened.page.keyboard.press("Enter")
    opened.page.wait_for_url("**/console/cases/*")
    opened.page.go_back()
    opened.page.wait_for_selector("[data-row][aria-current=true]")
    until(opened.page, f"second => {FOCUSED} === second", arg=second)
