"""Pages that only the answer to a form shows, at both sizes and in both languages: looked at as those of `pages.py` are."""

import json
import re

import pytest
from tests import builders
from tests.builders import square
from tests.journeys.pages import a_dispute, a_lamp
from tests.journeys.test_every_page import without_names

pytestmark = [pytest.mark.browser, pytest.mark.pictured]

LIST = "code,first_tier,zh\nX99-01,moon,\n,grid,井盖\n"


def many_with_one_changed(at, town, tmp_path):
    """Two are chosen; meanwhile another has accepted one of them."""
    lamp, other = a_lamp(town)["lamp"], town.add(builders.case, town.lamp_item, town.grid_a, title="路灯不亮")
    at.go("/console/?queue=new")
    for case in (lamp, other.id):
        at.page.check(f'input[name="case"][value="{case}"]')
    at.page.click('form.bulk button[value="accept"]')
    town.run("update cases_case set state = 'cancelled', revision = revision + 1 where id = %s", [lamp])
    at.page.click("form.bulk-form button")
    at.page.wait_for_selector("h1")


def a_step_that_came_too_late(at, town, tmp_path):
    lamp = a_lamp(town)["lamp"]
    at.go(f"/console/cases/{lamp}")
    town.run("update cases_case set revision = revision + 1 where id = %s", [lamp])
    at.page.click("#step-escalate summary")
    at.page.fill("#escalate-reason", "needs a lift")
    at.page.click("#step-escalate form > button")
    at.page.wait_for_selector("[role=alert]")
    assert at.page.input_value("#escalate-reason") == "needs a lift"


def a_step_of_a_mediation_that_lacks_something(at, town, tmp_path):
    at.go(f"/console/mediations/{a_dispute(town)['dispute']}")
    step = at.page.locator(".steps details").first
    step.locator("summary").click()
    step.locator("form").evaluate("form => { form.noValidate = true }")
    step.locator("form button[type=submit]").last.click()
    at.page.wait_for_selector("[role=alert]")


def a_list_of_items_with_faults(at, town, tmp_path):
    file = tmp_path / "items.csv"
    file.write_text(LIST, encoding="utf-8")
    at.go("/console/catalogue/")
    at.page.locator("details:has(#item-list-file) summary").click()
    at.page.set_input_files("#item-list-file", file)
    at.page.locator("form:has(#item-list-file) button").click()
    at.page.wait_for_selector("[role=alert]")


def words_from_the_palette_without_a_script(at, town, tmp_path):
    at.go("/console/palette?q=路灯")
    at.page.click("main form[action$='cases/file'] button")
    at.page.wait_for_selector("#title")
    assert at.page.input_value("#title") == "路灯"


def a_boundary_before_it_is_set(at, town, tmp_path):
    at.go(f"/console/areas/{town.grid_a.code}/change")
    at.page.fill("#f-boundary", json.dumps(square(119.355, 34.74, 119.365, 34.75)))
    at.page.click("form[action$=boundary] button")
    at.page.wait_for_selector("#fit")
    at.page.wait_for_selector("main li.late-overdue", state="attached")


def a_name_of_a_view_that_is_taken(at, town, tmp_path):
    for _ in range(2):
        at.go("/console/?queue=open&panel=view")
        at.page.fill("#view-name", "Lamps")
        at.page.click(".panel button[value=new]")
        at.page.wait_for_selector("h1")
    at.page.wait_for_selector(".panel [role=alert]")


def a_password_that_is_shown_once(at, town, tmp_path):
    at.go(f"/console/people/{town.accounts['worker'].pk}")
    at.page.click("form[action$=password] button")
    at.page.wait_for_selector(".secret code")


def a_wrong_password(at, town, tmp_path):
    at.go("/sign-in")
    at.page.fill("#username", "nobody")
    at.page.fill("#password", "wrong")
    at.page.click("main button")
    at.page.wait_for_selector("[role=alert]")


ANSWERS = [
    ("bulk-done", "township", many_with_one_changed),
    ("step-refused", "worker", a_step_that_came_too_late),
    ("mediation-refused", "mediator", a_step_of_a_mediation_that_lacks_something),
    ("item-list-refused", "admin", a_list_of_items_with_faults),
    ("file-from-palette", "worker", words_from_the_palette_without_a_script),
    ("boundary-drawn", "admin", a_boundary_before_it_is_set),
    ("view-name-taken", "township", a_name_of_a_view_that_is_taken),
    ("temporary-password", "township", a_password_that_is_shown_once),
    ("sign-in-refused", None, a_wrong_password),
]


@pytest.mark.parametrize(("name", "who", "answer"), ANSWERS, ids=[name for name, _, _ in ANSWERS])
def test_an_answer_is_whole_in_both_sizes_and_languages(desk, busy_town, tmp_path, name, who, answer):
    for size, language in (("desk", "en"), ("phone", "zh-hans")):
        here = f"{name}, {size}, {language}"
        at = desk(who, size=size, language=language)
        answer(at, busy_town, tmp_path)
        at.page.wait_for_load_state()
        at.shot(f"{language}-{name}", always=True)
        # Chromium tells its console of every answer that is a refusal.
        assert [said for said in at.problems if "status of 4" not in said] == [], here
        assert at.fits(), here
        assert at.faults() == [], here
        if language == "en":
            assert not re.search("[\u3400-\u9fff]{6}", without_names(at.text())), here
