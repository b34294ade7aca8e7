"""Every address of the console, and what somebody of elsewhere gets there: a new one without an answer fails."""

import re
from uuid import uuid4

import pytest
from django.urls import resolve, reverse
from tests import builders
from tests.journeys.pages import a_dispute

from wangge.doors.console.urls import urlpatterns

DIGEST = "0" * 64
#: name → (parts of the address, method, status for the worker of the grid, status for one of another county)
ANSWERS = {
    "live": ({}, "get", 200, 200),
    "queues": ({}, "get", 200, 200),
    "rows": ({}, "get", 200, 200),
    "columns": ({}, "post", 302, 302),
    "save-view": ({}, "post", 422, 422),
    "remove-view": ({"view_id": uuid4()}, "post", 404, 404),
    "export": ({}, "post", 422, 422),
    "bulk": ({}, "post", 422, 422),
    "file": ({}, "get", 200, 200),
    "suggestions": ({}, "post", 200, 200),
    "places": ({}, "post", 200, 200),
    "ahead": ({}, "post", 200, 200),
    "filed": ({"case_id": None}, "get", 200, 404),
    "case": ({"case_id": None}, "get", 200, 404),
    "write-note": ({"case_id": None, "audience": "staff"}, "post", 422, 404),
    "compare": ({"case_id": None}, "get", 200, 404),
    "print": ({"case_id": None}, "get", 200, 404),
    "questions": ({}, "get", 403, 403),
    "new-question": ({}, "get", 403, 403),
    "question": ({"question_id": uuid4()}, "get", 404, 404),
    "question-step": ({"question_id": uuid4(), "name": "accept"}, "post", 404, 404),
    "visits": ({}, "get", 200, 200),
    "keep-round": ({}, "post", 302, 302),
    "round": ({"round_id": uuid4()}, "get", 404, 404),
    "type-round": ({"round_id": uuid4()}, "get", 404, 404),
    "places-to-check": ({}, "get", 200, 200),
    "check-place": ({"place_id": uuid4()}, "post", 404, 404),
    "my-tracks": ({}, "get", 200, 200),
    "erase-tracks": ({}, "post", 302, 302),
    "tracks-file": ({"kind": "geojson"}, "get", 200, 200),
    "shift": ({}, "post", 302, 302),
    "texts": ({}, "get", 200, 200),
    "text": ({"text_id": uuid4()}, "get", 404, 404),
    "remove-text": ({"text_id": uuid4()}, "post", 404, 404),
    "step": ({"case_id": None, "step": "accept"}, "post", 302, 404),
    "arrive": ({"case_id": None, "summons_id": 1}, "post", 404, 404),
    "file-of": ({"case_id": None, "digest": DIGEST}, "get", 404, 404),
    "thumbnail": ({"case_id": None, "digest": DIGEST}, "get", 404, 404),
    "plants-key": ({}, "get", 200, 200),
    "campaign-plants": ({"campaign_id": uuid4()}, "get", 404, 404),
    "plant-photo": ({"campaign_id": uuid4(), "digest": DIGEST}, "get", 404, 404),
    "read-waiting-file": ({}, "post", 422, 422),
    "let-go-held": ({"command_id": uuid4()}, "post", 404, 404),
    "phone-lost": ({"device_id": uuid4()}, "post", 404, 404),
    "phone-found": ({"device_id": uuid4()}, "post", 404, 404),
    "areas": ({}, "get", 200, 200),
    "area": ({"code": "3207030030021001"}, "get", 200, 200),
    "catalogue": ({}, "get", 200, 200),
    "item": ({"code": "M01-01"}, "get", 200, 200),
    "item-list": ({}, "get", 200, 200),
    "take-item-list": ({}, "post", 403, 403),
    "propose": ({}, "get", 403, 403),
    "change-item": ({"code": "M01-01"}, "get", 403, 403),
    "paper": ({"code": "M01-01", "digest": DIGEST}, "get", 404, 404),
    "routes": ({}, "get", 200, 200),
    "handovers": ({}, "get", 200, 200),
    "homes": ({}, "get", 200, 200),
    "add-home": ({}, "get", 200, 200),
    "take-homes": ({}, "get", 200, 200),
    "conflicts": ({}, "get", 200, 200),
    "settle-conflict": ({"conflict_id": uuid4()}, "post", 404, 404),
    "home-transfers": ({}, "get", 200, 200),
    "transfer-act": ({"transfer_id": uuid4(), "act": "take"}, "post", 422, 422),
    "home": ({"household_id": uuid4()}, "get", 404, 404),
    "home-act": ({"household_id": uuid4(), "act": "change"}, "post", 404, 404),
    "resident": ({"resident_id": uuid4()}, "get", 404, 404),
    "resident-act": ({"resident_id": uuid4(), "act": "change"}, "post", 404, 404),
    "area-parts": ({"code": "3207030030021001"}, "get", 200, 200),
    "area-staff": ({"code": "3207030030021001"}, "get", 200, 403),
    "area-history": ({"code": "3207030030021001"}, "get", 200, 403),
    "area-change": ({"code": "3207030030021001"}, "get", 403, 403),
    "area-boundary": ({"code": "3207030030021001"}, "post", 403, 403),
    "area-homes": ({"code": "3207030030021001"}, "get", 403, 403),
    "vacancies": ({"code": "3207030030021001"}, "get", 200, 403),
    "fill": ({"code": "3207030030021001", "kind": "grid_lead"}, "get", 403, 403),
    "open-post": ({"code": "3207030030021001"}, "post", 422, 403),
    "assign": ({"post_id": 1}, "get", 404, 404),
    "close-post": ({"post_id": 1}, "get", 404, 404),
    "end-assignment": ({"assignment_id": 1}, "get", 404, 404),
    "stand-in": ({"assignment_id": 1}, "get", 404, 404),
    "people": ({}, "get", 403, 403),
    "add-person": ({}, "get", 403, 403),
    "person": ({"account_id": 1}, "get", 404, 404),
    "leave": ({"account_id": 1}, "get", 404, 404),
    "end-account": ({"account_id": 1}, "get", 404, 404),
    "temporary-password": ({"account_id": 1}, "post", 404, 404),
    "end-sign-ins": ({"account_id": 1}, "post", 404, 404),
    "me": ({}, "get", 200, 200),
    "start": ({}, "get", 403, 403),
    "template": ({"name": "areas"}, "get", 200, 200),
    "take-file": ({"what": "areas"}, "get", 403, 403),
    "map": ({}, "get", 200, 200),
    "map-tile": ({"z": 3, "x": 6, "y": 3}, "get", 200, 200),
    "map-squares": ({}, "get", 200, 200),
    "map-spots": ({}, "get", 422, 422),
    "map-list": ({}, "get", 422, 422),
    "map-area": ({}, "get", 422, 422),
    "map-basemap": ({}, "get", 404, 404),
    "mediations": ({}, "get", 403, 403),
    "open-mediation": ({}, "get", 403, 403),
    "mediation": ({"mediation_id": uuid4()}, "get", 404, 404),
    "mediation-agreement": ({"mediation_id": uuid4()}, "get", 404, 404),
    "mediation-record": ({"mediation_id": uuid4(), "session_id": uuid4()}, "get", 404, 404),
    "mediation-step": ({"mediation_id": uuid4(), "step": "withdraw"}, "post", 404, 404),
    "reveal": ({"mediation_id": uuid4(), "party_id": uuid4()}, "post", 404, 404),
    "plans": ({}, "get", 200, 200),
    "new-plan": ({}, "get", 403, 403),
    "plan-grounds": ({}, "get", 200, 200),
    "remove-ground": ({"ground_id": uuid4()}, "post", 404, 404),
    "plan-search": ({"search_id": uuid4()}, "get", 404, 404),
    "stop-search": ({"search_id": uuid4()}, "post", 404, 404),
    "choose-proposal": ({"plan_id": uuid4()}, "post", 404, 404),
    "compare-plans": ({}, "get", 422, 422),
    "plan": ({"plan_id": uuid4()}, "get", 404, 404),
    "edit-plan": ({"plan_id": uuid4()}, "get", 404, 404),
    "plan-today": ({"plan_id": uuid4()}, "get", 404, 404),
    "mend-plan": ({"plan_id": uuid4()}, "post", 404, 404),
    "plan-atoms": ({"plan_id": uuid4()}, "get", 404, 404),
    "plan-ground": ({"plan_id": uuid4()}, "get", 404, 404),
    "plan-ways": ({"plan_id": uuid4()}, "get", 404, 404),
    "plan-covered": ({"plan_id": uuid4()}, "post", 404, 404),
    "keep-plan": ({"plan_id": uuid4()}, "post", 404, 404),
    "improve-plan": ({"plan_id": uuid4()}, "post", 404, 404),
    "try-plan": ({"plan_id": uuid4()}, "post", 404, 404),
    "comment-on-plan": ({"plan_id": uuid4()}, "post", 404, 404),
    "answer-comment": ({"plan_id": uuid4(), "comment_id": uuid4()}, "post", 404, 404),
    "reveal-comment-phone": ({"plan_id": uuid4(), "comment_id": uuid4()}, "post", 404, 404),
    "print-plan": ({"plan_id": uuid4()}, "get", 404, 404),
    "plan-pdf": ({"plan_id": uuid4()}, "get", 404, 404),
    "plan-report": ({"plan_id": uuid4()}, "get", 404, 404),
    "prove-plan": ({"plan_id": uuid4()}, "post", 404, 404),
    "stop-proof": ({"plan_id": uuid4()}, "post", 404, 404),
    "plan-posts": ({"plan_id": uuid4()}, "get", 404, 404),
    "propose-posts": ({"plan_id": uuid4()}, "post", 404, 404),
    "hold-post": ({"plan_id": uuid4()}, "post", 404, 404),
    "remove-posts": ({"plan_id": uuid4()}, "post", 404, 404),
    "plan-step": ({"plan_id": uuid4(), "name": "check"}, "post", 404, 404),
    "campaigns": ({}, "get", 200, 200),
    "new-campaign": ({}, "get", 403, 403),
    "forms": ({}, "get", 200, 200),
    "form": ({"version_id": uuid4()}, "get", 404, 404),
    "form-file": ({"version_id": uuid4()}, "get", 404, 404),
    "form-picture": ({"version_id": uuid4(), "digest": DIGEST}, "get", 404, 404),
    "campaign": ({"campaign_id": uuid4()}, "get", 404, 404),
    "change-campaign": ({"campaign_id": uuid4()}, "get", 404, 404),
    "add-material": ({"campaign_id": uuid4()}, "post", 404, 404),
    "remove-material": ({"campaign_id": uuid4(), "material_id": uuid4()}, "post", 404, 404),
    "campaign-picture": ({"campaign_id": uuid4(), "digest": DIGEST}, "get", 404, 404),
    "campaign-doors": ({"campaign_id": uuid4()}, "get", 404, 404),
    "campaign-fill": ({"campaign_id": uuid4(), "household_id": uuid4()}, "get", 404, 404),
    "answer-file": (
        {"campaign_id": uuid4(), "household_id": uuid4(), "digest": DIGEST},
        "get",
        404,
        404,
    ),
    "answer-thumbnail": (
        {"campaign_id": uuid4(), "household_id": uuid4(), "digest": DIGEST},
        "get",
        404,
        404,
    ),
    "campaign-export": ({"campaign_id": uuid4()}, "post", 422, 422),
    "campaign-step": ({"campaign_id": uuid4(), "name": "start"}, "post", 404, 404),
    "figures": ({}, "get", 200, 200),
    "journal": ({}, "get", 403, 403),
    "palette": ({}, "get", 200, 200),
    "preference": ({"name": "keys"}, "post", 204, 204),
}


def test_every_address_has_its_answer():
    assert {pattern.name for pattern in urlpatterns} == set(ANSWERS)


@pytest.mark.parametrize("name", ANSWERS)
def test_who_gets_what(town, db, name):
    case = town.add(
        builders.case, town.add(builders.item), town.grid_a, title="别处不可见的事", lon=119.355, lat=34.745
    )
    parts, method, here, there = ANSWERS[name]
    address = reverse(f"console:{name}", kwargs={part: value or case.id for part, value in parts.items()})
    for account, expected in [("far_worker", there), ("worker", here)]:
        browser = town.browser(account)
        facts = {"ask": ""} if name == "live" else {}  # asked once; a stream would not end
        if method == "post":
            page = browser.get("/console/").content.decode()
            facts["csrfmiddlewaretoken"] = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
            facts["command_id"] = str(uuid4())
        answer = getattr(browser, method)(address, facts)
        assert answer.status_code == expected, account
        if account == "far_worker":
            assert "别处不可见的事" not in answer.content.decode(errors="replace")


#: What scripts ask for a part of a page: no answer of theirs is a page, and nobody comes to stand there.
FRAGMENTS = ("suggestions", "places", "ahead", "keep-plan", "improve-plan", "plan-covered")
#: Account and parts of the address with which the page that has the form answers; parts as in ANSWERS, `dispute` a file.
FORMS = {
    **{
        name: ("worker", parts)
        for name, (parts, method, *_) in ANSWERS.items()
        if method == "post"
        and not parts.keys()
        & {"campaign_id", "household_id", "plan_id", "question_id", "resident_id", "search_id"}
    },
    "area-boundary": ("admin", {"code": "3207030030021001"}),
    "open-post": ("township", {"code": "3207030030021001"}),
    "temporary-password": ("township", {"account_id": "worker"}),
    "end-sign-ins": ("worker", {"account_id": "worker"}),
    "mediation-step": ("mediator", {"mediation_id": "dispute", "step": "withdraw"}),
    "reveal": ("mediator", {"mediation_id": "dispute", "party_id": uuid4()}),
}


@pytest.mark.parametrize(
    "name", [name for name, (_, method, *_) in ANSWERS.items() if method == "post" and name not in FRAGMENTS]
)
def test_who_asks_for_the_address_of_a_form_is_led_to_its_page(town, db, name):
    """A refused form's answer stays at its address: a relative link on it, the language or F5 ask for it."""
    account, parts = FORMS.get(name, ("worker", ANSWERS[name][0]))
    known = {"worker": lambda: town.accounts["worker"].pk, "dispute": lambda: a_dispute(town)["dispute"]}
    given = {
        part: a_case(town) if value is None else known.get(value, lambda value=value: value)()
        for part, value in parts.items()
    }
    address = reverse(f"console:{name}", kwargs=given)
    browser = town.browser(account)
    led = browser.get(f"{address}?before=7")
    assert led.status_code == 302
    page, query = led["Location"].split("?")
    owner = resolve(page).url_name
    method, status = ANSWERS[owner][1:3]
    assert (query, method) == ("before=7", "get")
    assert browser.get(page).status_code == (200 if name in FORMS else status)
    assert browser.options(address).status_code == 405


def a_case(town):
    return town.add(builders.case, town.add(builders.item), town.grid_a, lon=119.355, lat=34.745).id


def test_no_address_that_a_page_may_stand_at_is_empty_when_it_is_asked_for(town, db):
    browser = town.browser("worker")
    empty = set()
    for name, (parts, *_) in ANSWERS.items():
        address = reverse(f"console:{name}", kwargs={part: value or uuid4() for part, value in parts.items()})
        if browser.get(address, {"ask": ""}).status_code == 405:
            empty.add(name)
    assert empty == set(FRAGMENTS)


@pytest.mark.parametrize("name", ["language", "sign-out"])
def test_the_switch_of_languages_and_signing_out_lead_to_a_page_too(town, db, name):
    assert town.browser("worker").get(reverse(name), follow=True).status_code == 200


@pytest.mark.parametrize(
    "path", ["figures?area=3207030030021001&period=2026", "areas/3207030030021001", "?area=3207030030021001"]
)
def test_areas_of_others_show_no_figures_no_staff_and_no_cases(town, db, path):
    town.add(
        builders.case, town.add(builders.item), town.grid_a, title="别处不可见的事", reported_at=builders.NOW
    )
    answer = town.browser("far_centre").get(f"/console/{path}")
    said = answer.content.decode()
    assert answer.status_code in (200, 403)
    assert "别处不可见的事" not in said
    assert "应配岗位到位" not in said
    assert "上报事件</dt>" not in said
