"""Who enters, and what the transaction's scope is then: for accounts, for the system, for nobody."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from tests import builders

from wangge.access import Verb
from wangge.base.problems import NotFound
from wangge.cases.models import Case
from wangge.staff import queries


def seen():
    return set(Case.objects.values_list("id", flat=True))


@pytest.fixture
def cases(town):
    item = town.add(builders.item)
    return {
        name: town.add(builders.case, item, town.areas[name]).pk for name in ("grid_a", "grid_b", "far_grid")
    }


def test_a_secret_opens_its_accounts_seats(town, db, cases):
    viewer = queries.viewer_entering(town.token("worker"), now=builders.NOW)
    assert (viewer.username, viewer.scope) == ("worker", (town.grid_a.path,))
    assert viewer.may(Verb.CASE_HANDLE, town.grid_a.path)
    assert not viewer.may(Verb.CASE_HANDLE, town.grid_b.path)
    assert seen() == {cases["grid_a"]}


def test_entering_takes_one_round_trip(town, db, django_assert_num_queries):
    token = town.token("worker")
    with django_assert_num_queries(1):
        queries.viewer_entering(token, now=builders.NOW)


def test_an_unknown_secret_opens_nothing(town, db):
    assert queries.viewer_entering("no such secret", now=builders.NOW) is None
    assert queries.viewer_entering("\x00\ud800", now=builders.NOW) is None


def test_an_expired_secret_opens_nothing(town, db):
    secret = town.add(builders.sign_in, town.accounts["worker"], "short", hours=1)
    assert queries.viewer_entering(secret, now=builders.NOW + timedelta(minutes=59)) is not None
    assert queries.viewer_entering(secret, now=builders.NOW + timedelta(hours=1)) is None


def test_an_ended_account_opens_nothing_from_that_moment_on(town, db):
    secret = town.token("worker")
    town.run("update staff_account set ended_at = %s where username = 'worker'", [builders.NOW])
    assert queries.viewer_entering(secret, now=builders.NOW - timedelta(seconds=1)) is not None
    assert queries.viewer_entering(secret, now=builders.NOW) is None


def test_an_account_enters_for_a_job_as_it_would_by_its_secret(town, db, cases):
    by_secret = queries.viewer_entering(town.token("handler"), now=builders.NOW)
    assert town.as_viewer("handler") == by_secret
    assert by_secret.department_keys == ("320703000000/city-management",)
    with pytest.raises(NotFound):
        queries.enter_as(987654, now=builders.NOW)


def test_the_system_sees_its_area_and_nothing_elsewhere(town, db, cases):
    assert town.as_system("county").account_id is None
    assert seen() == {cases["grid_a"], cases["grid_b"]}
    town.as_nobody()
    assert seen() == set()


@pytest.mark.parametrize(
    ("from_on", "to_on", "counts"),
    [
        (builders.TODAY, None, True),
        (builders.TODAY + timedelta(days=1), None, False),
        (date(2025, 1, 1), builders.TODAY, True),
        (date(2025, 1, 1), builders.TODAY - timedelta(days=1), False),
    ],
    ids=["from today", "from tomorrow", "until today", "until yesterday"],
)
def test_a_post_gives_rights_on_its_days_only(town, db, cases, from_on, to_on, counts):
    seat = town.add(builders.post, "grid_worker", town.grid_b)
    town.add(builders.assignment, seat, town.accounts["neighbour"], from_on=from_on, to_on=to_on)
    viewer = town.as_viewer("neighbour")
    assert viewer.may(Verb.CASE_HANDLE, town.grid_b.path) is counts
    assert (cases["grid_b"] in seen()) is counts


def test_the_day_of_a_right_is_the_citys_not_the_servers(town, db):
    seat = town.add(builders.post, "grid_worker", town.grid_b)
    town.add(builders.assignment, seat, town.accounts["neighbour"], from_on=date(2026, 4, 16))
    last_second = builders.NOW.replace(hour=15, minute=59, second=59)  # 23:59:59 in Shanghai
    assert town.grid_b.path not in town.as_viewer("neighbour", now=last_second).scope
    assert town.grid_b.path in town.as_viewer("neighbour", now=last_second + timedelta(seconds=1)).scope


def test_a_scope_ends_with_its_transaction(town, open_db, cases):
    with transaction.atomic():
        town.as_viewer("centre")
        assert len(seen()) == 2
    assert seen() == set()
