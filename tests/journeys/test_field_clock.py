"""A phone whose clock is two days wrong, fast or slow, in the page and in the service worker, which is a thread with a clock of its own."""

from datetime import timedelta

import pytest
from tests.journeys import test_field
from tests.journeys.hands import until
from tests.journeys.test_field_worker import close_and_send

from wangge.base import clock
from wangge.visits.rules import day_of

pytestmark = pytest.mark.browser

signal, homes, phones = test_field.signal, test_field.homes, test_field.phones

VISITS = "select household_id, day, happened_at, at from visits_visit order by at"
#: By how far what a phone said of a moment lies from when that reached the server.
SAID = (
    "select c.said_at - c.received_at from sync_synccommand c join visits_visit v on v.id = c.id"
    " where c.status = 'done' order by c.received_at"
)


def arrived(phone, town, count):
    for _ in range(1200):
        if len(rows := town.rows(VISITS)) >= count:
            return rows
        phone.page.wait_for_timeout(100)
    raise AssertionError(rows)


@pytest.mark.parametrize(("days", "told"), [(2, "快了约 2 天"), (-2, "慢了约 2 天")])
def test_by_a_clock_two_days_wrong_everything_arrives_once_at_its_right_time(
    phones, homes, signal, busy_town, days, told
):
    signal.gate.worker_skew_days = days
    began = clock.now()
    phone = phones()
    phone.sign_in("worker")
    phone.synced()
    until(phone.page, "async () => Boolean((await navigator.serviceWorker.ready).active)")
    assert phone.page.query_selector("[data-name='clock']") is None

    # The battery was empty, and nobody has told the phone the time since: it does not know that its clock is wrong. The worker
    # sends while no page is open, and what it says of the present puts right what it sends.
    signal.lose()
    phone.context.close()
    phone.skew_days = days
    phone.start()
    phone.unlock()
    phone.visit(homes[0].pk, "nobody_home")
    close_and_send(phone, signal)
    arrived(phone, busy_town, 1)

    # Now it hears of it, and says so.
    phone.page.goto(f"{signal.address}/field/")
    phone.unlock()
    phone.synced()
    phone.at("today")
    phone.page.wait_for_selector(f"[data-name='clock']:has-text('{told}')")
    assert phone.faults() + phone.cramped() == []

    # What is written from now on says itself how wrong its clock is, and the page sends it.
    signal.lose()
    phone.visit(homes[1].pk, "well")
    signal.come_back()
    phone.go("waiting")
    phone.page.tap("[data-name='send']")
    phone.synced()

    rows, over = busy_town.rows(VISITS), clock.now()
    assert [home for home, *_ in rows] == [home.pk for home in homes[:2]], "each once, in the server's order"
    for _home, day, happened, at in rows:
        # Two minutes are the way through the network, which nobody puts right.
        assert began - timedelta(minutes=2) <= happened <= at <= over
        assert day in {day_of(began), day_of(over)}
    said = [round(apart / timedelta(days=1)) for (apart,) in busy_town.rows(SAID)]
    assert said == [days] * 2, "what the phone's own clock said is kept beside it"
    assert phone.queue() == []
    assert phone.problems == []
