"""A resident's wish for no more visits than the law asks, said at the door and written down without a signal."""

import pytest
from tests.journeys import test_field
from tests.journeys.hands import reads

from wangge.base import clock
from wangge.visits.jobs import renew_due_visits

pytestmark = pytest.mark.browser

signal, homes, phones = test_field.signal, test_field.homes, test_field.phones


def wish(phone, home):
    phone.go(f"change/{home.pk}")
    phone.page.check("text=除法定走访外不上门")
    phone.page.tap("form button.main")
    phone.page.wait_for_url(f"**/field/#/home/{home.pk}")
    phone.page.wait_for_selector("main >> text=除法定走访外不上门")


def stops(phone):
    """The doors of today's round."""
    phone.at("round")
    lines = phone.page.query_selector_all("[data-name='stop']")
    return {line.get_attribute("href").rsplit("/", 1)[-1] for line in lines}


def test_what_the_law_does_not_ask_for_is_due_nowhere_once_somebody_wishes_so(
    phones, homes, signal, busy_town
):
    """The first home has a care need for which the law asks; the second is called on as everybody is."""
    cared, other = homes[:2]
    everybody = {str(home.pk) for home in homes}
    phone = phones()
    phone.sign_in("worker")
    phone.synced()
    assert stops(phone) == everybody
    signal.lose()
    wish(phone, cared)
    wish(phone, other)
    assert stops(phone) == everybody - {str(other.pk)}, "on the phone it holds at once"
    phone.go("today")
    reads(phone.page, "[data-name='due']", str(len(homes) - 1))

    signal.come_back()
    phone.go("waiting")
    phone.page.tap("[data-name='send']")
    phone.synced()
    renew_due_visits(clock.now())
    asked = busy_town.rows(
        "select household_id, jsonb_path_exists(reasons, '$[*] ? (@.law == true)') from visits_duevisit"
        " where household_id = any (%s)",
        [[cared.pk, other.pk]],
    )
    assert asked == [(cared.pk, True)], "and at the server, for whoever plans the rounds"
    phone.go("waiting")
    phone.page.tap("[data-name='send']")
    phone.synced()
    assert stops(phone) == everybody - {str(other.pk)}
    # Who calls there is told of it, and so is the desk.
    phone.go(f"visit/{cared.pk}")
    phone.page.wait_for_selector("main >> text=除法定走访外不上门")
    desk = busy_town.browser("community")
    for home in (cared, other):
        page = desk.get(f"/console/households/{home.pk}").content.decode()
        assert 'name="only_by_law" value="yes" checked' in page
    assert phone.problems == []
