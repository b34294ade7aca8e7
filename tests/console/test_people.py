"""The pages of people and of oneself: who is found, what duties say in words, sign-ins to end, passwords given."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import builders
from tests.cast import PASSWORD
from tests.console.test_areas import sent, today, words

from wangge.access.duties import DUTIES
from wangge.access.verbs import Verb
from wangge.doors.console import words as labels
from wangge.staff.queries import STANDINGS


def test_every_duty_and_verb_has_words():
    assert set(labels.DUTIES) == set(DUTIES)
    assert set(labels.RIGHTS) == {verb.value for verb in Verb}
    assert set(labels.STANDINGS) == set(STANDINGS)


def test_people_are_found_by_name_post_area_and_how_they_stand(town, db):
    town.run(
        "insert into staff_leave (account_id, home_path, from_on, to_on) values (%s, %s, %s, %s)",
        [town.accounts["worker"].pk, town.grid_a.path, today(), today() + timedelta(days=3)],
    )
    town.add(builders.account, "idle", town.community, name="闲人")
    browser = town.browser("admin")
    for query, there, not_there in [
        ("q=worker2", "二网格员", "一网格员"),
        ("kind=instructor", "指导员", "二网格员"),
        (f"area={town.far_county.code}", "陇东网格员", "二网格员"),
        ("standing=away", "一网格员", "二网格员"),
        ("standing=no_post", "闲人", "二网格员"),
    ]:
        said = words(browser.get(f"/console/people/?{query}")).split("所属区域")[-1]
        assert there in said, query
        assert not_there not in said, query


def test_people_of_elsewhere_are_not_found(town, db):
    said = words(town.browser("far_centre").get("/console/people/"))
    assert "陇东网格员" in said
    assert "二网格员" not in said
    assert town.browser("worker").get("/console/people/").status_code == 403


def test_how_many_people_there_are_costs_no_more_questions(town, db):
    browser = town.browser("admin")
    counts = []
    for extra in (0, 30):
        for number in range(extra):
            person = town.add(builders.account, f"p{number:03d}", town.county)
            town.add(builders.assignment, town.add(builders.post, "clerk", town.county), person)
        with CaptureQueriesContext(connection) as asked:
            assert browser.get("/console/people/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_long_list_of_people_comes_page_by_page(town, db):
    for number in range(60):
        town.add(builders.account, f"p{number:03d}", town.county)
    browser = town.browser("admin")
    first = browser.get("/console/people/").content.decode()
    more = re.search(r'href="(\?[^"]*cursor=[^"]+)"', first)[1].replace("&amp;", "&")
    second = browser.get(f"/console/people/{more}").content.decode()
    seen = re.findall(r'data-row>\s*<th scope="row"><a href="/console/people/(\d+)"', first + second)
    assert len(seen) == len(set(seen)) == 60 + len(town.accounts)


def test_a_person_is_told_in_words(town, db):
    said = words(town.browser("admin").get(f"/console/people/{town.accounts['community'].pk}"))
    assert "社区网格负责人" in said
    assert "吹哨" in said
    assert "变更人员和岗位" in said


def test_sign_ins_are_listed_and_ended_by_who_administers_the_person(town, open_db):
    person = town.accounts["worker"].pk
    secret = town.token("worker")
    page = town.browser("admin").get(f"/console/people/{person}").content.decode()
    key = re.search(r'name="key" value="([0-9a-f]+)"', page)[1]
    assert secret not in page
    answer = sent(town.browser("admin"), f"people/{person}/sign-ins/end", key=key)
    assert answer.status_code == 302
    assert Client(headers={"authorization": f"Bearer {secret}"}).get("/api/v1/me").status_code == 401
    told = town.rows("select after from journal_entry where verb = 'account.signed-out'")
    assert told[0][0]["count"] == 1


@pytest.mark.parametrize("account", ["worker2", "far_centre", "neighbour"])
def test_nobody_else_ends_sign_ins_or_gives_passwords(town, open_db, account):
    person = town.accounts["worker"].pk
    secret = town.token("worker")
    for path in (f"people/{person}/sign-ins/end", f"people/{person}/password"):
        assert sent(town.browser(account), path).status_code in (403, 404)
    assert Client(headers={"authorization": f"Bearer {secret}"}).get("/api/v1/me").status_code == 200


def test_of_ones_own_sign_ins_all_but_this_one_end(town, open_db):
    other = town.token("worker")
    browser = town.browser("worker")
    assert sent(browser, f"people/{town.accounts['worker'].pk}/sign-ins/end").status_code == 302
    assert browser.get("/console/me").status_code == 200
    assert Client(headers={"authorization": f"Bearer {other}"}).get("/api/v1/me").status_code == 401


def test_a_temporary_password_is_shown_once_and_opens_the_account(town, open_db):
    person = town.accounts["worker"].pk
    answer = sent(town.browser("community"), f"people/{person}/password")
    secret = re.search(r"<code>([a-z0-9-]{19})</code>", answer.content.decode())[1]
    assert answer["Cache-Control"] == "no-store"
    assert secret not in town.browser("community").get(f"/console/people/{person}").content.decode()
    assert secret not in str(town.rows("select after from journal_entry"))
    signed = Client().post("/api/v1/sign-in", {"username": "worker", "password": secret}, "application/json")
    assert signed.status_code == 200


def test_a_lead_gives_no_password_to_who_holds_more_than_they_could_give(town, open_db):
    assert sent(town.browser("community"), f"people/{town.accounts['centre'].pk}/password").status_code in (
        403,
        404,
    )


def test_a_person_is_added_with_a_first_post_and_a_password(town, open_db):
    answer = sent(
        town.browser("admin"), "people/add", username="New.One", name="新来的", home=town.grid_b.code,
        kind="grid_lead", from_on=today().isoformat(), part="full_time",
    )  # fmt: skip
    assert answer.status_code == 200
    secret = re.search(r"<code>([a-z0-9-]{19})</code>", answer.content.decode())[1]
    signed = Client().post("/api/v1/sign-in", {"username": "new.one", "password": secret}, "application/json")
    assert signed.status_code == 200
    again = sent(
        town.browser("admin"), "people/add", username="new.one", name="另一个", home=town.grid_b.code
    )
    assert again.status_code == 409
    assert 'value="另一个"' in again.content.decode()


@pytest.mark.parametrize(
    ("field", "facts"),
    [("username", {"username": "a b"}), ("name", {"name": " "}), ("kind", {"kind": "king"})],
)
def test_what_is_wrong_with_a_new_person_is_told_beside_its_field(town, db, field, facts):
    given = {"username": "someone", "name": "某人", "home": town.community.code, **facts}
    answer = sent(town.browser("admin"), "people/add", **given)
    assert answer.status_code == 422
    assert f'id="w-{field}"' in answer.content.decode()


def test_a_leave_with_a_stand_in_passes_what_waits(town, open_db):
    case = town.add(
        builders.case, town.add(builders.item), town.grid_a, title="灯不亮",
        handler_id=town.accounts["worker"].pk, state="dispatched",
    )  # fmt: skip
    browser = town.browser("community")
    page = browser.get(f"/console/people/{town.accounts['worker'].pk}/leave?q=worker2")
    assert "灯不亮" in words(page)
    until = (today() + timedelta(days=2)).isoformat()
    answer = sent(
        browser, f"people/{town.accounts['worker'].pk}/leave", who=str(town.accounts["worker2"].pk),
        from_on=today().isoformat(), to_on=until,
    )  # fmt: skip
    assert answer.status_code == 302
    assert town.rows("select handler_id from cases_case where id = %s", [case.pk]) == [
        (town.accounts["worker2"].pk,)
    ]


def test_an_account_ends_with_its_list(town, open_db):
    town.add(
        builders.case, town.add(builders.item), town.grid_a, title="灯不亮",
        handler_id=town.accounts["worker"].pk, state="dispatched",
    )  # fmt: skip
    browser = town.browser("admin")
    assert "灯不亮" in words(browser.get(f"/console/people/{town.accounts['worker'].pk}/end"))
    answer = sent(browser, f"people/{town.accounts['worker'].pk}/end")
    assert answer.status_code == 302, words(answer)
    assert "/console/handovers?made=" in answer["Location"]
    assert town.rows("select handler_id from cases_case") == [(None,)]
    assert "ended" not in words(browser.get(f"/console/people/{town.accounts['worker'].pk}"))


def test_nobody_ends_their_own_account(town, open_db):
    answer = sent(town.browser("admin"), f"people/{town.accounts['admin'].pk}/end")
    assert answer.status_code == 409


def test_everybody_has_a_page_of_their_own_and_changes_their_password_there(town, open_db):
    for account in ("worker", "handler", "instructor", "admin"):
        assert town.browser(account).get("/console/me").status_code == 200
    browser = town.browser("worker")
    for facts, status in [
        ({"current": "wrong", "password": "another-long-one", "again": "another-long-one"}, 422),
        ({"current": PASSWORD, "password": "another-long-one", "again": "not the same"}, 422),
        ({"current": PASSWORD, "password": "short", "again": "short"}, 422),
        ({"current": PASSWORD, "password": "another-long-one", "again": "another-long-one"}, 302),
    ]:
        answer = sent(browser, "me", **facts)
        assert answer.status_code == status, facts
        assert "another-long-one" not in answer.content.decode()
    assert browser.get("/console/me").status_code == 200


def test_a_wrong_current_password_stays_counted(town, open_db):
    browser = town.browser("worker")
    for current, failures in [("wrong", 1), ("wrong again", 2)]:
        answer = sent(browser, "me", current=current, password="another-long-one", again="another-long-one")
        assert answer.status_code == 422
        assert town.rows("select failures from staff_account where username = 'worker'") == [(failures,)]
    answer = sent(browser, "me", current=PASSWORD, password="short", again="short")
    assert answer.status_code == 422
    assert town.rows("select failures from staff_account where username = 'worker'") == [(2,)]


def test_what_one_reported_elsewhere_stands_on_ones_own_page(town, db):
    item = town.add(builders.item)
    town.add(
        builders.case, item, town.far_grid, title="别处的路灯", reported_by_id=town.accounts["worker"].pk
    )
    town.add(builders.case, item, town.far_grid, title="关注的路灯", followers=[town.accounts["worker"].pk])
    town.add(builders.case, item, town.grid_a, title="自己的路灯", reported_by_id=town.accounts["worker"].pk)
    said = words(town.browser("worker").get("/console/me"))
    assert "别处的路灯" in said
    assert "关注的路灯" in said
    assert "自己的路灯" not in said
