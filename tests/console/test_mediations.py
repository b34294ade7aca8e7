"""The pages of mediations: masked in lists, whole in the file, and closed to everybody else."""

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from tests import builders
from tests.cases.test_mediation import FACTS, opened, take

from wangge.base.clock import now
from wangge.base.paging import encode_cursor
from wangge.cases.models import Mediation, Party
from wangge.cases.queries import MEDIATION_QUEUES
from wangge.cases.rules import mediation as rules
from wangge.doors.console import dispute_words
from wangge.doors.console.pages.mediation_forms import _READERS


def token(page):
    return re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]


@pytest.fixture
def file(town, db):
    viewer = town.as_viewer("mediator")
    mediation = opened(viewer)
    take(viewer, mediation, "session")
    return take(viewer, mediation, "agree")


def page(town, name, address):
    return town.browser(name).get(address)


def test_the_list_masks_the_names_and_the_file_shows_them(town, file):
    listed = page(town, "mediator", "/console/mediations").content.decode()
    assert "王** / 李**" in listed
    assert "王小明" not in listed
    shown = page(town, "mediator", f"/console/mediations/{file.id}")
    said = shown.content.decode()
    assert "王小明 / 李建国" in said
    assert "138****5678" in said
    assert "138-1234-5678" not in said
    assert shown["Cache-Control"] == "no-store"
    assert "李建国赔偿王小明三千元" in said


def test_reading_the_file_stands_in_its_journal(town, file):
    for _ in range(3):
        said = page(town, "township", f"/console/mediations/{file.id}").content.decode()
    assert said.count("查阅了案卷") == 1
    assert town.accounts["township"].name in said


@pytest.mark.parametrize(
    "name",
    [
        "admin",
        "centre",
        "dispatcher",
        "worker",
        "handler",
        "instructor",
        "neighbour",
        "far_mediator",
        "far_community",
    ],
)
@pytest.mark.parametrize("part", ["", "/agreement"])
def test_nobody_else_finds_the_file(town, file, name, part):
    answer = page(town, name, f"/console/mediations/{file.id}{part}")
    assert answer.status_code == 404
    assert "王小明" not in answer.content.decode()


@pytest.mark.parametrize("name", ["admin", "centre", "dispatcher", "worker", "handler"])
def test_who_has_no_part_in_mediation_has_no_list(town, file, name):
    assert page(town, name, "/console/mediations").status_code == 403
    assert "/console/mediations" not in page(town, name, "/console/").content.decode()


@pytest.mark.parametrize("name", ["neighbour", "far_mediator"])
def test_others_with_the_duty_have_an_empty_list(town, file, name):
    answer = page(town, name, "/console/mediations?queue=all")
    assert answer.status_code == 200
    assert file.number not in answer.content.decode()


def test_a_number_is_shown_when_a_reason_is_given(town, file):
    browser = town.browser("mediator")
    address = f"/console/mediations/{file.id}"
    said = browser.get(address).content.decode()
    party = Party.objects.get(mediation_id=file.id, role="applicant")
    where = reverse("console:reveal", args=[file.id, party.id])
    sent = {"csrfmiddlewaretoken": token(said), "command_id": uuid4(), "why": ""}
    assert browser.post(where, sent).status_code == 422
    answer = browser.post(where, sent | {"why": "contact", "command_id": uuid4()})
    assert answer.status_code == 302
    said = browser.get(address).content.decode()
    assert "138-1234-5678" in said
    assert "13900001111" not in said
    assert "要求显示联系电话" in said


def test_a_file_is_opened_from_a_case_once_however_often_the_form_is_sent(town, db):
    item = town.add(builders.item, "S08-01")
    case = town.add(builders.case, item, town.grid_a, title="楼上漏水", description="两家吵起来了")
    browser = town.browser("mediator")
    said = browser.get(f"/console/mediations/open?case={case.id}").content.decode()
    assert "两家吵起来了" in said
    sent = {
        "csrfmiddlewaretoken": token(said),
        "mediation_id": uuid4(),
        "case": case.id,
        "dispute": "neighbours",
        "matter": "楼上漏水",
        "first-name": "王小明",
        "first-phone": "13812345678",
        "second-name": "李建国",
    }
    answers = [browser.post("/console/mediations/open", sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Mediation.objects.count() == 1
    again = browser.post("/console/mediations/open", sent | {"mediation_id": uuid4()})
    assert again.status_code == 409
    assert "王小明" in again.content.decode()


def test_a_step_that_lacks_something_comes_back_with_what_was_typed(town, db):
    file = opened(town.as_viewer("mediator"))
    browser = town.browser("mediator")
    said = browser.get(f"/console/mediations/{file.id}").content.decode()
    sent = {
        "csrfmiddlewaretoken": token(said),
        "command_id": uuid4(),
        "held_at": "2026-04-01T09:30",
        "place": "调解室",
    }
    where = reverse("console:mediation-step", args=[file.id, "session"])
    answer = browser.post(where, sent | {"present": "双方", "record": ""})
    assert answer.status_code == 422
    assert "调解室" in answer.content.decode()
    later = f"{now().year + 1}-04-01T09:30"
    assert (
        browser.post(where, sent | {"held_at": later, "present": "双方", "record": "谈"}).status_code == 422
    )
    done = browser.post(where, sent | {"present": "双方", "record": "谈了"})
    assert (done.status_code, done["Location"]) == (302, f"/console/mediations/{file.id}?done=session")


@pytest.mark.parametrize(
    ("name", "step", "typed", "status"),
    [
        ("mediator", "session", {"held_at": "2026-04-01T09:30", "record": ""}, 422),
        ("mediator", "visit", {"kept": "yes", "words": "款已付清"}, 409),
        ("community", "withdraw", {"reason": "又来了"}, 403),
    ],
)
def test_a_file_shown_beside_a_step_that_failed_was_read(town, open_db, name, step, typed, status):
    with transaction.atomic():
        file = opened(town.as_viewer("mediator"))
    browser = town.browser(name)
    sent = {"csrfmiddlewaretoken": token(browser.get("/console/").content.decode()), "command_id": uuid4()}
    before = told_of(town, file)
    answer = browser.post(reverse("console:mediation-step", args=[file.id, step]), sent | typed)
    assert answer.status_code == status
    assert "王小明" in answer.content.decode()
    assert told_of(town, file) == [*before, ("mediation.looked", town.accounts[name].pk)]
    rows = "select state, (select count(*) from cases_mediationsession), (select count(*) from cases_remark)"
    assert town.rows(f"{rows} from cases_mediation") == [("opened", 0, 0)]


def test_a_file_shown_beside_a_reason_that_is_none_was_read(town, open_db):
    with transaction.atomic():
        file = opened(town.as_viewer("mediator"))
    browser = town.browser("mediator")
    (party,) = town.rows("select id from cases_party where role = 'applicant'")[0]
    sent = {"csrfmiddlewaretoken": token(browser.get("/console/").content.decode()), "why": "curious"}
    answer = browser.post(reverse("console:reveal", args=[file.id, party]), sent)
    assert answer.status_code == 422
    assert "138-1234-5678" not in answer.content.decode()
    assert [verb for verb, _ in told_of(town, file)] == ["mediation.opened", "mediation.looked"]


def told_of(town, file):
    return town.rows(
        "select verb, actor_id from journal_entry where subject = %s order by id", [f"mediation:{file.id}"]
    )


def test_visits_that_are_due_go_on_behind_the_first_page(town, db, monkeypatch):
    monkeypatch.setattr("wangge.doors.console.pages.mediations._PAGE", 2)
    viewer = town.as_viewer("mediator")
    files = [opened(viewer) for _ in range(5)]
    for number, file in enumerate(files):
        Mediation.objects.filter(id=file.id).update(visit_on=builders.TODAY - timedelta(days=number // 2))
    browser, address, seen = town.browser("mediator"), "/console/mediations?queue=visits", []
    while address:
        said = browser.get(address).content.decode()
        seen.append([file.number for file in files if file.number in said])
        following = re.search('rel="next" href="([^"]+)"', said)
        address = f"/console/mediations{unescape(following[1])}" if following else ""
    assert [len(numbers) for numbers in seen] == [2, 2, 1]
    assert sorted(number for numbers in seen for number in numbers) == sorted(file.number for file in files)
    assert files[4].number in seen[0]
    bad = encode_cursor(("no day", uuid4()))
    assert browser.get(f"/console/mediations?queue=visits&cursor={bad}").status_code == 422


@pytest.mark.parametrize("name", ["mediator", "community"])
def test_what_is_printed_has_everything_and_lines_to_sign(town, file, name):
    said = page(town, name, f"/console/mediations/{file.id}/agreement").content.decode()
    for words in (
        "人民调解协议书",
        "王小明",
        "李建国",
        FACTS["agree"]["terms"],
        "荷花社区人民调解委员会",
        file.number,
    ):
        assert words in said
    assert said.count("（签名、盖章或按指印）") == 2
    held = town.as_viewer(name) and file.mediationsession_set.get()
    said = page(town, name, f"/console/mediations/{file.id}/sessions/{held.id}").content.decode()
    assert FACTS["session"]["record"] in said
    assert page(town, name, f"/console/mediations/{file.id}/sessions/{uuid4()}").status_code == 404


def test_an_agreement_that_is_not_there_is_not_printed(town, db):
    file = opened(town.as_viewer("mediator"))
    assert page(town, "mediator", f"/console/mediations/{file.id}/agreement").status_code == 404


@pytest.mark.parametrize(
    ("labels", "codes"),
    [
        (dispute_words.STATES, rules.STATES),
        (dispute_words.TONES, rules.STATES),
        (dispute_words.RESULTS, rules.RESULTS),
        (dispute_words.KINDS, rules.KINDS),
        (dispute_words.ROLES, rules.ROLES),
        (dispute_words.FORMS, rules.FORMS),
        (dispute_words.KEPT, rules.KEPT),
        (dispute_words.COURT, rules.COURT),
        (dispute_words.REFERRED_TO, rules.REFERRED_TO),
        (dispute_words.REVEAL_REASONS, rules.REVEAL_REASONS),
        (dispute_words.STEPS, rules.STEPS),
        (dispute_words.STEP_HELP, rules.STEPS),
        (dispute_words.STEP_KEYS, rules.STEPS),
        (dispute_words.DONE, ["open", "reveal", *rules.STEPS]),
        (dispute_words.QUEUES, MEDIATION_QUEUES),
    ],
)
def test_every_code_of_a_mediation_has_its_word(labels, codes):
    assert set(labels) == set(codes)
    if labels not in (dispute_words.TONES, dispute_words.STEP_KEYS):
        with translation.override("zh-hans"):
            assert all(re.search("[\u3400-\u9fff]", str(label)) for label in labels.values())


def test_every_need_of_a_step_has_a_field_with_a_name_and_a_reader():
    needs = {need for line in rules.TABLE for need in line.needs}
    assert needs <= set(dispute_words.FIELDS)
    assert needs <= set(_READERS)
    assert len(set(dispute_words.STEP_KEYS.values())) == len(rules.STEPS)
