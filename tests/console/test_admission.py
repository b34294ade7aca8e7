"""Admission by page: proposing with papers, each step with its reason, new versions, whole lists."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests import builders
from tests.house.permissions import ITEM, PNG

from wangge.catalogue.models import ItemVersion, Paper, WorkItem


def typed(**changes):
    given = {name: value for name, value in ITEM.items() if name not in ("keywords", "urgency_levels")}
    given |= {
        "keywords": " ".join(ITEM["keywords"]),
        "urgency_levels": ITEM["urgency_levels"],
        "confidential": "0",
    }
    return given | changes


def sent(browser, address, facts):
    """Posts a form as a browser does, with the token of a page that it has read."""
    page = browser.get("/console/catalogue/").content.decode()
    (token,) = set(re.findall('name="csrfmiddlewaretoken" value="([^"]+)"', page)[:1])
    return browser.post(address, {"csrfmiddlewaretoken": token, **facts})


@pytest.fixture
def catalogue(town):
    town.add(builders.item)
    return town


def test_a_department_proposes_an_item_with_its_papers(catalogue, open_db):
    law = SimpleUploadedFile("request.png", PNG, content_type="image/png")
    answer = sent(
        catalogue.browser("handler"), "/console/catalogue/propose", typed(reason="新业务", file=law)
    )
    assert answer.status_code == 302
    assert answer["Location"].endswith("/console/catalogue/S01-90?done=propose")
    page = catalogue.browser("worker").get("/console/catalogue/S01-90")
    assert "充电桩" in page.content.decode()
    assert "request.png" in page.content.decode()
    [(digest,)] = catalogue.rows("select blob_id from catalogue_paper")
    assert catalogue.browser("worker").get(f"/console/catalogue/S01-90/papers/{digest}").status_code == 200
    assert catalogue.browser("worker").get(f"/console/catalogue/M01-01/papers/{digest}").status_code == 404


def test_the_next_free_code_and_the_names_of_a_group_are_filled_in(catalogue, open_db):
    [(group, zh)] = catalogue.rows("select v.group, v.group_zh from catalogue_itemversion v")
    given = typed(code="", business="management", group=group, group_zh="", group_en="")
    answer = sent(catalogue.browser("handler"), "/console/catalogue/propose", given)
    assert answer.status_code == 302
    assert catalogue.rows(
        "select v.group_zh from catalogue_itemversion v where v.item_id = %s", [f"{group}-02"]
    ) == [(zh,)]


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(catalogue, open_db):
    answer = sent(
        catalogue.browser("handler"), "/console/catalogue/propose", typed(keywords="一", legal_basis="没有")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count('aria-invalid="true"') == 2
    assert 'value="充电桩"' in page
    assert not catalogue.rows("select 1 from catalogue_workitem where code = 'S01-90'")


@pytest.mark.parametrize("name", ["worker", "dispatcher", "instructor"])
def test_others_have_no_form_to_propose(name, catalogue, open_db):
    assert catalogue.browser(name).get("/console/catalogue/propose").status_code == 403


def test_admission_goes_step_by_step_with_its_price_before(catalogue, open_db):
    sent(catalogue.browser("handler"), "/console/catalogue/propose", typed())
    admin, address = catalogue.browser("admin"), "/console/catalogue/S01-90"
    page = admin.get(address).content.decode()
    assert 'value="review"' in page
    assert 'value="admit"' not in page
    assert sent(admin, address, {"step": "review", "reason": ""}).status_code == 302
    assert sent(admin, address, {"step": "retire", "reason": "x"}).status_code == 409
    assert sent(admin, address, {"step": "admit", "reason": "依据充分"}).status_code == 302
    assert catalogue.rows("select state from catalogue_workitem where code = 'S01-90'") == [("admitted",)]


def test_declining_needs_a_reason_and_says_so(catalogue, open_db):
    sent(catalogue.browser("handler"), "/console/catalogue/propose", typed())
    answer = sent(catalogue.browser("admin"), "/console/catalogue/S01-90", {"step": "decline", "reason": ""})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert catalogue.rows("select state from catalogue_workitem where code = 'S01-90'") == [("proposed",)]


def test_a_worker_takes_no_step(catalogue, open_db):
    answer = sent(catalogue.browser("worker"), "/console/catalogue/M01-01", {"step": "retire", "reason": "x"})
    assert answer.status_code == 403


def admitted(town):
    """S01-90, with all that an item must say; the builders' item says less."""
    admin = town.browser("admin")
    sent(town.browser("handler"), "/console/catalogue/propose", typed())
    for step in ("review", "admit"):
        sent(admin, "/console/catalogue/S01-90", {"step": step, "reason": "依据充分"})
    return admin


def test_a_new_version_tells_what_it_changed(catalogue, open_db):
    admin = admitted(catalogue)
    form = admin.get("/console/catalogue/S01-90/change")
    assert form.status_code == 200
    given = {"minutes_per_week": "77", "reason": "用时重新测算"}
    answer = sent(admin, "/console/catalogue/S01-90/change", {**_as_typed(), **given})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    page = admin.get("/console/catalogue/S01-90").content.decode()
    assert "<ins>77</ins>" in page
    assert page.count("<ins>") == 1


def _as_typed():
    from wangge.catalogue.queries import row_of

    version = ItemVersion.objects.get(item_id="S01-90")
    row = {**row_of(version), "urgency_levels": version.urgency_levels}
    return {name: value for name, value in row.items() if name != "code"}


def test_the_list_goes_out_and_comes_in_again_unchanged(catalogue, open_db):
    admin = admitted(catalogue)
    catalogue.run("update catalogue_workitem set state = 'retired' where code = 'M01-01'")
    out = admin.get("/console/catalogue/list.csv")
    assert out.content.startswith("\ufeff".encode())
    answer = sent(admin, "/console/catalogue/list", {"file": SimpleUploadedFile("list.csv", out.content)})
    assert answer.status_code == 200
    assert catalogue.rows("select count(*) from catalogue_itemversion") == [(2,)]


def test_a_wrong_list_takes_nothing_in_and_names_each_cell(catalogue, open_db):
    admin = admitted(catalogue)
    catalogue.run("update catalogue_workitem set state = 'retired' where code = 'M01-01'")
    out = admin.get("/console/catalogue/list.csv").content.decode("utf-8-sig")
    header, line = out.splitlines()[:2]
    file = SimpleUploadedFile("list.csv", f"{header}\n{line.replace('S01-90', 'S01')}\n".encode())
    answer = sent(admin, "/console/catalogue/list", {"file": file})
    assert answer.status_code == 422
    assert "<td" in answer.content.decode()
    assert not WorkItem.objects.filter(code="S01").exists()
    assert sent(admin, "/console/catalogue/list", {}).status_code == 422
    assert (
        sent(catalogue.browser("worker"), "/console/catalogue/list", {"file": io.BytesIO(b"x")}).status_code
        == 403
    )


def test_a_paper_is_a_document_that_one_has_brought(catalogue, open_db):
    text = SimpleUploadedFile("paper.exe", b"MZ\x90\x00", content_type="application/pdf")
    answer = sent(catalogue.browser("handler"), "/console/catalogue/M01-01", {"step": "paper", "file": text})
    assert answer.status_code in (400, 415, 422)
    assert not Paper.objects.exists()
