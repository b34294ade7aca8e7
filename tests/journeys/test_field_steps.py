"""What a worker's and a lead's duty lets them do with a case, and people who move in, on a phone without a signal."""

from datetime import date, timedelta

import pytest
from tests import builders
from tests.households.homes import IDENTITY
from tests.journeys import test_field as day
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.hands import until
from tests.journeys.phones import photo

from wangge.base import clock
from wangge.base.ids import new_id

pytestmark = pytest.mark.browser

signal, homes, phones = day.signal, day.homes, day.phones

#: Of nobody; its last figure follows from the others.
OTHER_IDENTITY = "110101198801010019"


def looked_at(phone, name, found):
    """All of a form at once: what is scrolled half under the bar above is no small target."""
    height = phone.page.evaluate("document.documentElement.scrollHeight")
    phone.page.set_viewport_size({"width": 390, "height": max(844, height + 100)})
    phone.rest()
    phone.shot(SCREENSHOTS, f"steps-{name}")
    found += [f"{name} {fault}" for fault in phone.faults() + phone.cramped([360])]
    phone.page.set_viewport_size({"width": 390, "height": 844})


def a_case(town, title, **facts):
    return town.add(builders.case, town.lamp_item, town.grid_a, title=title, **{"state": "accepted", **facts})


def open_step(phone, case, step):
    phone.go(f"task/{case.pk}")
    phone.page.tap(f"[data-step='{step}']")


def taken(phone):
    """The form was saved and the list of tasks is there."""
    phone.page.tap("[data-name='take']")
    phone.page.wait_for_url("**/field/#/tasks")


def stands(town, case):
    columns = "state, outcome, department_keys, handler_id, merged_into_id, resume_at::date"
    return town.rows(f"select {columns} from cases_case where id = %s", [case.pk])[0]


def send(phone, signal):
    signal.come_back()
    phone.go("waiting")
    phone.page.tap("[data-name='send']")


def test_a_worker_takes_each_step_of_their_duty_without_a_signal_and_reads_why_one_was_refused(
    phones, signal, busy_town
):
    from django.db import transaction

    from wangge.cases.actions import take_step

    up, late, same, done, lost = (
        a_case(busy_town, title) for title in ("井盖缺失", "路灯不亮", "路灯不亮二", "楼道灯坏", "垃圾未清")
    )
    phone, found = phones(), []
    phone.sign_in("worker")
    phone.synced()
    page = phone.page
    signal.lose()

    open_step(phone, up, "escalate")
    page.tap("[data-to='departments']")
    page.tap("[data-name='take']")
    page.wait_for_selector("text=请选择交给谁")
    looked_at(phone, "escalate", found)
    page.check("text=消防")
    page.fill("#reason", "要破拆，本级办不了")
    taken(phone)
    day_after = date.today() + timedelta(days=9)
    open_step(phone, late, "suspend")
    page.fill("#reason", "等配件")
    page.fill("#until", day_after.isoformat())
    taken(phone)
    open_step(phone, same, "handle")
    page.select_option("#outcome", "repeated")
    page.fill("#answer", "同一盏灯")
    page.fill("#into", "路灯")
    looked_at(phone, "repeated", found)
    page.tap(f"[data-case='{late.pk}']")
    taken(phone)
    open_step(phone, done, "handle")
    page.select_option("#outcome", "planned")
    page.fill("#answer", "列入下月更换")
    page.tap("[data-name='take']")
    page.wait_for_selector("text=请选择今天或以后的日期")
    page.fill("#planned_on", day_after.isoformat())
    page.set_input_files(
        "[data-name='camera']", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo(size=(800, 600))}
    )
    page.wait_for_selector(".photos img")
    taken(phone)
    open_step(phone, lost, "suspend")
    page.fill("#reason", "等清运车")
    page.fill("#until", day_after.isoformat())
    taken(phone)
    page.wait_for_selector("text=没有待办任务")
    # Meanwhile the desk above gives the last one to a department.
    with transaction.atomic():
        lead = busy_town.as_viewer("community", now=clock.now())
        facts = {"departments": ["city-management"]}
        take_step(lead, lost.pk, "dispatch", command_id=new_id(), facts=facts, now=clock.now())

    send(phone, signal)
    phone.synced(undecided=["refused"])
    assert stands(busy_town, up)[:3] == ("dispatched", "", [f"{busy_town.county.code}/fire"])
    assert (stands(busy_town, late)[0], stands(busy_town, late)[5]) == ("suspended", day_after)
    assert (*stands(busy_town, same)[:2], stands(busy_town, same)[4]) == ("handled", "repeated", late.pk)
    assert stands(busy_town, done)[:2] == ("handled", "planned")
    assert busy_town.rows("select step from cases_attachment where case_id = %s", [done.pk]) == [("handle",)]
    assert stands(busy_town, lost)[0] == "dispatched"

    phone.go(f"task/{lost.pk}")
    page.wait_for_selector("[data-name='refused'] >> text=没有被接收")
    looked_at(phone, "refused", found)
    page.tap("[data-name='put-right']")
    assert page.input_value("#reason") == "等清运车" if page.query_selector("#reason") else True
    page.tap("[data-name='let-go']")
    page.wait_for_selector("[data-name='refused']", state="detached")
    phone.synced()
    assert found == []
    assert phone.problems == []


def test_a_lead_gives_splits_and_merges_cases_on_the_phone_in_both_languages(phones, signal, busy_town):
    held = {"holder_path": busy_town.community.path, "holder_level": "community"}
    give, down, many, twice, closed = (
        a_case(busy_town, "路灯不亮", **held),
        a_case(busy_town, "井盖松动", **held),
        a_case(busy_town, "灯坏了通道也堵", **held),
        a_case(busy_town, "又报一次", **held),
        a_case(busy_town, "已办结的", state="closed", outcome="mended", witness="verifier", resolved_tier="grid", closed_at=clock.now() - timedelta(days=1), due_at=None, next_alarm_at=None),
    )  # fmt: skip
    phone, found = phones(), []
    phone.sign_in("community")
    phone.synced()
    page = phone.page
    signal.lose()

    open_step(phone, give, "dispatch")
    page.tap("[data-to='account']")
    looked_at(phone, "dispatch-zh", found)
    page.select_option("#account", label="一网格员 · 一网格")
    taken(phone)
    phone.go("me")
    page.tap(".seg >> text=English")
    open_step(phone, down, "dispatch")
    page.tap("[data-to='departments']")
    looked_at(phone, "dispatch-en", found)
    page.tap("[data-to='area']")
    page.select_option("#area", label="一网格")
    taken(phone)
    open_step(phone, many, "split")
    page.fill("#item-0", "通道")
    page.tap("[data-item='S01-01']")
    page.tap("[data-name='take']")
    page.wait_for_selector("text=Each needs a work item and a title")
    page.fill("#title-0", "通道被电动车堵住")
    looked_at(phone, "split-en", found)
    taken(phone)
    open_step(phone, twice, "merge")
    page.fill("#into", "0703-261120-0009")
    page.tap("[data-name='into-number']")
    looked_at(phone, "merge-en", found)
    taken(phone)
    phone.go(f"task/{closed.pk}")
    page.tap("[data-step='reopen']")
    page.fill("#reason", "又不亮了")
    looked_at(phone, "reopen-en", found)
    taken(phone)

    send(phone, signal)
    phone.synced(undecided=["refused"])
    assert stands(busy_town, give)[3] == busy_town.accounts["worker"].pk
    assert busy_town.rows("select holder_path::text from cases_case where id = %s", [down.pk]) == [
        (busy_town.grid_a.path,)
    ]
    assert busy_town.rows("select title from cases_case where split_from_id = %s", [many.pk]) == [
        ("通道被电动车堵住",)
    ]
    assert stands(busy_town, closed)[0] == "accepted"
    # A number that is none was refused at once; put right it goes through.
    phone.go(f"task/{twice.pk}")
    page.tap("[data-name='put-right']")
    assert page.inner_text("[data-name='into']") == "0703-261120-0009"
    looked_at(phone, "put-right-en", found)
    page.tap("[data-name='into'] + button")
    page.fill("#into", "路灯不亮")
    page.tap(f"[data-case='{give.pk}']")
    taken(phone)
    phone.synced()
    assert (stands(busy_town, twice)[0], stands(busy_town, twice)[4]) == ("merged", give.pk)
    assert found == []
    assert phone.problems == []


def test_people_who_move_in_are_written_down_in_one_form_and_found_where_they_are_registered(
    phones, homes, signal, busy_town
):
    from django.db import transaction
    from tests.households import homes as register

    with transaction.atomic():
        other = busy_town.as_viewer("worker2", now=clock.now())
        far = register.home(other, busy_town.grid_b, now=clock.now())
        register.person(other, far, "周远", identity=IDENTITY, now=clock.now())
        own = busy_town.as_viewer("worker", now=clock.now())
        near = register.home(own, busy_town.grid_a, now=clock.now())
        known = register.person(own, near, "钱同", identity=OTHER_IDENTITY, now=clock.now())
    phone, found = phones(), []
    phone.sign_in("worker")
    phone.synced()
    page = phone.page
    signal.lose()

    # A household of their own behind a door at which somebody lives already.
    phone.go("homes")
    page.tap("[data-name='arrival']")
    page.wait_for_selector("#building")
    page.tap("[data-name='save']")
    page.wait_for_selector("text=请选择楼栋")
    looked_at(phone, "arrival-zh", found)
    page.fill("#building", "103")
    page.tap("[data-building] >> nth=0")
    page.fill("#door", "103")
    page.fill("#came_from", "安徽省阜阳市颍州区")
    page.fill("#name", "周远")
    page.fill("#identity", IDENTITY[:-1] + "0")
    page.tap("[data-name='save']")
    page.wait_for_selector("text=请选择住进哪一户")
    page.wait_for_selector("text=请核对证件号码")
    page.fill("#identity", IDENTITY)
    page.fill("#phone", "13800138000")
    assert page.input_value("#birth_year") == "1990"
    assert page.input_value("#sex") == "m"
    page.tap("[data-join='new']")
    page.tap("[data-name='one-more']")
    page.fill("[id='1-name']", "周小满")
    page.fill("[id='1-birth_year']", "2019-05-04")
    looked_at(phone, "arrival-filled", found)
    page.tap("[data-name='save']")
    page.wait_for_url("**/field/#/home/*")
    page.wait_for_selector("text=周小满")
    household = page.url.rsplit("/", 1)[-1]
    # Into a home that is known, from its own page; the form that was left half filled is there again.
    phone.go(f"home/{homes[4].pk}")
    page.tap("[data-name='arrival']")
    page.wait_for_selector("[data-join][aria-pressed='true']")
    with phone.writing(f"arrival/{homes[4].pk}"):
        page.fill("#name", "钱同")
        page.fill("#identity", OTHER_IDENTITY)
        page.dispatch_event("#identity", "change")
    phone.die()
    phone.start()
    phone.unlock()
    page = phone.page
    phone.go("me")
    page.tap(".seg >> text=English")
    phone.go("today")
    page.tap("text=Somebody moved in")
    until(page, "(number) => document.querySelector('#identity')?.value === number", arg=OTHER_IDENTITY)
    looked_at(phone, "arrival-en", found)
    page.tap("[data-name='save']")
    page.wait_for_url(f"**/field/#/home/{homes[4].pk}")

    send(phone, signal)
    phone.synced(undecided=["refused", "told"])
    assert busy_town.rows(
        "select r.name, r.birth_year, r.phone_tail, r.identity is not null, s.came, s.came_from is not null from households_resident r"
        " join households_stay s on s.resident_id = r.id where r.household_id = %s order by r.name",
        [household],
    ) == [
        ("周小满", 2019, "", False, "moved_in", True),
        ("周远", 1990, "8000", True, "moved_in", True),
    ]
    phone.go("waiting")
    page.wait_for_selector("[data-name='end'] >> text=in another register")
    assert "周远" in page.inner_text("main")
    assert "二网格" not in page.inner_text("main")
    assert "3号楼 2单元301" in page.inner_text("[data-name='why']")
    looked_at(phone, "found-en", found)
    page.tap("[data-name='understood']")
    # Who is in the own register moves from there.
    page.tap("[data-name='move']")
    page.wait_for_url(f"**/field/#/move/{known.pk}")
    page.tap("[data-move='within']")
    page.fill("#to", "刘淑珍")
    page.tap("[data-home] >> nth=0")
    page.tap("[data-name='save']")
    phone.synced(undecided=["refused"])
    assert busy_town.rows("select household_id from households_resident where id = %s", [known.pk]) == [
        (homes[4].pk,)
    ]
    assert found == []
    assert phone.problems == []
