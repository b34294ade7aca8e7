"""The office sets the order of a worker's round: the phone shows it, and the sheet for the pocket has the same rows."""

import re
from datetime import timedelta

import pytest
from tests.journeys import test_field as day
from tests.journeys.hands import until
from tests.journeys.test_case_page import pages_of
from tests.visits.asked import ask
from tests.visits.homes import household

pytestmark = pytest.mark.browser

signal, phones = day.signal, day.phones

STOPS = "() => [...document.querySelectorAll(\"[data-name='stop']\")].map((each) => each.getAttribute('href').split('/').at(-1))"

TEXTS = "(all) => all.map((each) => each.innerText)"


@pytest.fixture
def street(busy_town):
    """Twelve doors along a street, of which the first by its number lies in the middle."""
    from django.db import transaction

    from wangge.base import clock
    from wangge.visits.actions import renew_due

    places = [6, 0, 11, 3, 8, 1, 10, 4, 7, 2, 9, 5]
    made = [
        household(
            busy_town, busy_town.grid_a, f"{101 + number}", lon=119.3510 + place * 0.0007, lat=34.745, name=f"住户{number}"
        )
        for number, place in enumerate(places)
    ]  # fmt: skip
    with transaction.atomic():
        renew_due(busy_town.as_viewer("worker"), [home.pk for home in made], now=clock.now())
    return made


def test_the_order_that_the_office_sets_is_on_the_sheet_and_on_the_phone(phones, street, busy_town, desk):
    phone = phones()
    phone.sign_in("worker")
    phone.synced()
    phone.at("round")
    before = phone.page.evaluate(STOPS)
    assert sorted(before) == sorted(str(home.pk) for home in street)

    office = desk("community")
    office.go(f"/console/visits?area={busy_town.grid_a.code}")
    office.page.select_option("#account", str(busy_town.accounts["worker"].pk))
    office.page.fill("#begins", "08:30")
    office.page.click("section[aria-labelledby='round'] button[type=submit]")
    office.page.wait_for_selector("table.stops")
    doors = {f"{101 + number}": str(home.pk) for number, home in enumerate(street)}
    rows = office.page.eval_on_selector_all(
        "table.stops tbody th", "(all) => all.map((each) => each.innerText)"
    )
    sheet = [doors[re.search(r"1[01]\d", row)[0]] for row in rows]
    on_paper = [each.removeprefix("≈ ") for each in office.page.eval_on_selector_all(".about", TEXTS)]
    assert on_paper[:2] == ["08:30", "08:45"]
    ((kept,),) = busy_town.rows("select households::text[] from visits_round")
    assert sheet == kept
    assert sorted(sheet) == sorted(doors.values())
    assert sheet != before, "the street is laid out so that the phone by itself would walk it otherwise"
    # From one end of the street to the other.
    west = [home.pk for home in street]
    assert {sheet[0], sheet[-1]} == {str(west[1]), str(west[2])}
    assert office.faults() == []

    # On paper it is one page, as wide as A4, and holds every row.
    pdf = office.page.pdf(prefer_css_page_size=True)
    assert pages_of(pdf) == 1
    width, height = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf).groups()
    assert (round(float(width)), round(float(height))) in [(595, 842), (596, 842), (594, 842), (595, 841)]

    # The phone hears of it when it asks the next time.
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    until(phone.page, f"(sheet) => JSON.stringify(({STOPS})()) === JSON.stringify(sheet)", arg=sheet)
    times = phone.page.eval_on_selector_all("[data-name='about']", TEXTS)
    assert times == [f"约 {each}" for each in on_paper]
    # After a visit the next door is the sheet's next one.
    phone.visit(sheet[0])
    phone.synced()
    phone.at("round")
    assert phone.page.evaluate(STOPS)[: len(sheet) - 1] == sheet[1:]

    # Where an hour is all there is, the sheet names the doors for which it is too short, and so does the phone.
    office.go(f"/console/visits?area={busy_town.grid_a.code}")
    office.page.select_option("#account", str(busy_town.accounts["worker"].pk))
    office.page.fill("#begins", "08:30")
    office.page.fill("#ends", "09:30")
    office.page.click("section[aria-labelledby='round'] button[type=submit]")
    office.page.wait_for_selector(".left")
    fitting = office.page.locator("table.stops tbody tr").count()
    assert 0 < fitting < len(sheet) - 1
    assert office.page.inner_text(".left").count("号楼") == len(sheet) - 1 - fitting
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    until(
        phone.page,
        "(left) => document.querySelectorAll(\"[data-name='left']\").length === left",
        arg=len(sheet) - 1 - fitting,
    )
    assert phone.problems == []
    assert office.problems == []


#: Where the last row and the footer lie, and every piece of a cell that is not seen whole: names, days, room for replies.
LAID = """() => {
    const box = (one) => one.getBoundingClientRect();
    const sheet = box(document.querySelector('.sheet')), rows = [...document.querySelectorAll('.stops tbody tr')];
    const last = box(rows.at(-1)), footer = box(document.querySelector('.sheet footer'));
    const outside = (one, cell) => box(one).bottom > box(cell).bottom + 1 || box(one).right > box(cell).right + 1;
    const cut = [...document.querySelectorAll('.cell')].flatMap((cell) =>
        [...cell.querySelectorAll('p, b, span')].filter((each) => outside(each, cell)).map((each) => each.textContent));
    const narrow = [...document.querySelectorAll('.asks span')].filter((each) => box(each).right - box(each.firstChild).right < 15);
    return {
        rows: rows.length,
        inside: last.bottom <= footer.top && footer.bottom <= sheet.bottom && box(rows[0]).top > sheet.top,
        room: Math.round(sheet.bottom - last.bottom - (footer.bottom - footer.top)),
        cut,
        narrow: narrow.length,
    };
}"""


@pytest.fixture
def full_street(busy_town):
    """Twenty doors with long addresses; three questions are asked at each, and more errands than a row has lines."""
    from django.db import transaction

    from wangge.base import clock
    from wangge.visits import actions
    from wangge.visits.rules import day_of

    made = [
        household(busy_town, busy_town.grid_a, f"{101 + place}", lon=119.3510 + place * 0.0005, name="欧阳慕容秀珍")
        for place in range(20)
    ]  # fmt: skip
    busy_town.run("update households_building set name = '原供销社职工宿舍东侧二层平房第' || name")
    now = clock.now()
    today = day_of(now)
    days = {"from_on": today, "to_on": today + timedelta(days=9)}
    for number in range(3):
        with transaction.atomic():
            text = (
                f"第{number + 1}问：您家里平时做饭和取暖用的是瓶装液化气、管道天然气还是电，多久换一次软管？"
            )
            asked = ask(busy_town, text=text, answer="yes_no", now=now, **days)
        with transaction.atomic():
            actions.accept_question(busy_town.as_viewer("community", now=now), asked.id, now=now)
    with transaction.atomic():
        office = busy_town.as_viewer("community", now=now)
        for number in range(4):
            text = (
                f"第{number + 1}件：" + "请把社区卫生服务中心的体检通知单当面交给户主，并说明时间和地点。" * 5
            )
            new = actions.NewErrand("other", text, today, today + timedelta(days=7))
            actions.add_errands(office, [home.pk for home in made], new, now=now)
    with transaction.atomic():
        actions.renew_due(busy_town.as_viewer("worker", now=now), [home.pk for home in made], now=now)
    return made


def test_a_sheet_holds_twenty_doors_whatever_is_due_there(full_street, busy_town, desk):
    office = desk("community")
    office.go(f"/console/visits?area={busy_town.grid_a.code}")
    office.page.select_option("#account", str(busy_town.accounts["worker"].pk))
    # A long day: twenty doors with seven things to do at each.
    office.page.fill("#begins", "00:00")
    office.page.fill("#ends", "23:55")
    office.page.click("section[aria-labelledby='round'] button[type=submit]")
    office.page.wait_for_selector("table.stops")
    at = office.page.url.removeprefix(office.page.url.split("/console/")[0])
    english = desk("community", language="en")
    english.go(at)
    for seat, more in ((office, " 项 · "), (english, " more · ")):
        page = seat.page
        assert page.locator(".asked").count() == 3
        tails = page.eval_on_selector_all(".by", "(all) => all.map((each) => each.innerText)")
        assert len(tails) == len(full_street)
        assert all(each.startswith("+") and more in each for each in tails), (
            "what has no line is told by its number"
        )
        wide = page.viewport_size
        for media, size in (("screen", wide), ("print", {"width": 680, "height": 1013})):
            page.emulate_media(media=media)
            page.set_viewport_size(size)
            laid = page.evaluate(LAID)
            assert laid | {"room": 0} == {
                "rows": len(full_street),
                "inside": True,
                "room": 0,
                "cut": [],
                "narrow": 0,
            }, (media, laid)
        assert pages_of(page.pdf(prefer_css_page_size=True)) == 1
        page.emulate_media(media="screen")
        page.set_viewport_size(wide)
        assert seat.faults() == []
        assert seat.problems == []
