"""What changed for a phone is told to it once it is committed, whichever transaction was first; what left is told too."""

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import transaction
from tests import builders
from tests.builders import NOW
from tests.visits.homes import household

from wangge.base.ids import new_id
from wangge.base.paging import BadCursor
from wangge.sync import actions, queries
from wangge.sync.jobs import follow_records_of_conflicts
from wangge.sync.models import Conflict
from wangge.visits.models import Round
from wangge.visits.rules import day_of


def everything(viewer):
    """The records of a snapshot by kind and id, and its cursor."""
    *records, cursor = queries.snapshot(viewer, now=NOW)
    return {(one.kind, one.id): one.fields for one in records}, cursor


def pull(viewer, cursor, *, limit=500, now=NOW):
    return queries.changes_since(viewer, cursor, limit=limit, now=now)


def told(pulled, kind="case"):
    return {one.id for one in pulled.changes if one.kind == kind}


def gone(pulled, kind="case"):
    return {one.id for one in pulled.gone if one.kind == kind}


@pytest.fixture
def item(town):
    return town.add(builders.item)


@pytest.mark.django_db
def test_a_snapshot_holds_what_lies_in_ones_own_grid_and_nothing_else(town, item):
    mine = town.add(builders.case, item, town.grid_a)
    town.add(builders.case, item, town.grid_b)
    town.add(builders.case, item, town.grid_a, confidential=True)
    records, _ = everything(town.as_viewer("worker"))
    assert {key for key in records if key[0] == "case"} == {("case", str(mine.pk))}
    assert {key for kind, key in records if kind == "area"} == {
        area.code for area in (town.city, town.county, town.township, town.community, town.grid_a)
    }
    assert ("item", item.pk) in records
    assert records["account", str(town.accounts["worker"].pk)]["name"] == "一网格员"


@pytest.mark.django_db
def test_the_desk_of_a_county_has_nothing_on_a_phone(town, item):
    town.add(builders.case, item, town.grid_a)
    records, _ = everything(town.as_viewer("centre"))
    assert {kind for kind, _ in records} == {"account", "item"}


@pytest.mark.django_db
def test_a_pull_tells_what_is_new_since_the_snapshot_and_then_nothing(town, item):
    _, cursor = everything(town.as_viewer("worker"))
    case = town.add(builders.case, item, town.grid_a)
    viewer = town.as_viewer("worker")
    first = pull(viewer, cursor)
    assert told(first) == {str(case.pk)}
    assert not first.more
    town.run("select pg_current_xact_id()")  # somebody else writes something somewhere
    second = pull(viewer, first.cursor)
    assert (second.changes, second.gone) == ([], [])


@pytest.mark.django_db
def test_what_leaves_the_grid_is_gone_here_and_new_there(town, item):
    case = town.add(builders.case, item, town.grid_a)
    _, here = everything(town.as_viewer("worker"))
    _, there = everything(town.as_viewer("worker2"))
    town.run(
        "update cases_case set path = %s, grid_id = %s where id = %s",
        [town.grid_b.path, town.grid_b.code, case.pk],
    )
    assert gone(pull(town.as_viewer("worker"), here)) == {str(case.pk)}
    assert told(pull(town.as_viewer("worker2"), there)) == {str(case.pk)}


@pytest.mark.django_db
def test_pages_tell_everything_once(town, item):
    _, cursor = everything(town.as_viewer("worker"))
    cases = {str(town.add(builders.case, item, town.grid_a).pk) for _ in range(7)}
    viewer, found, pages = town.as_viewer("worker"), [], 0
    while True:
        page = pull(viewer, cursor, limit=3)
        found += [one.id for one in page.changes]
        cursor, pages = page.cursor, pages + 1
        if not page.more:
            break
    assert (sorted(found), pages) == (sorted(cases), 3)


@pytest.mark.django_db
def test_a_record_that_changes_while_the_pages_are_read_is_told_as_it_is_at_last(town, item):
    _, cursor = everything(town.as_viewer("worker"))
    first = town.add(builders.case, item, town.grid_a)
    for _ in range(3):
        town.add(builders.case, item, town.grid_a)
    viewer = town.as_viewer("worker")
    page = pull(viewer, cursor, limit=2)
    town.run("update cases_case set title = '灯亮了' where id = %s", [first.pk])
    found = {}
    while True:
        found |= {one.id: one.fields["title"] for one in page.changes}
        if not page.more:
            break
        page = pull(viewer, page.cursor, limit=2)
    found |= {one.id: one.fields["title"] for one in pull(viewer, page.cursor).changes}
    assert found[str(first.pk)] == "灯亮了"
    assert len(found) == 4


@pytest.mark.django_db
def test_other_posts_or_a_month_make_the_phone_start_anew(town, item):
    _, cursor = everything(town.as_viewer("worker"))
    assert pull(town.as_viewer("worker2"), cursor).fresh
    assert pull(town.as_viewer("worker"), cursor, now=NOW + timedelta(days=31)).fresh
    assert pull(town.as_viewer("worker"), None).fresh
    with pytest.raises(BadCursor):
        pull(town.as_viewer("worker"), "abc")


@pytest.mark.django_db
def test_very_many_changes_at_once_make_the_phone_start_anew(town, item):
    _, cursor = everything(town.as_viewer("worker"))
    town.run(
        "insert into sync_touched (kind, row_id, path, gone, changed, touched_at)"
        " values ('case', '*', %s, false, pg_current_xact_id(), now())",
        [town.grid_a.path],
    )
    assert pull(town.as_viewer("worker"), cursor).fresh


def test_its_writer_hears_what_became_of_a_conflict_whose_home_went_to_another_grid(town, open_db):
    home = household(town, town.grid_a)
    told_by = {"was": False, "is": True}
    content = {"data": {"household": str(home.pk), "has_plot": told_by}}
    fields = {"revision": 1, "fields": {"has_plot": {"was": False, "mine": True, "theirs": None}}}
    conflict = town.add(
        builders.insert,
        Conflict(
            id=new_id(), account_id=town.accounts["worker"].pk, path=home.path, kind="household.change",
            subject=f"household:{home.pk}", content=json.dumps(content), fields=json.dumps(fields), found_at=NOW,
        ),
    )  # fmt: skip
    with transaction.atomic():
        records, cursor = everything(town.as_viewer("worker"))
    assert ("conflict", str(conflict.pk)) in records
    town.run("update households_household set path = %s where id = %s", [town.grid_b.path, home.pk])
    follow_records_of_conflicts(NOW)
    with transaction.atomic():
        first = pull(town.as_viewer("worker"), cursor)
    assert told(first, "conflict") == {str(conflict.pk)}, "it is still theirs to pick"
    town.run("select pg_current_xact_id()")
    with transaction.atomic():
        second = pull(town.as_viewer("worker"), first.cursor)
    assert (second.changes, second.gone) == ([], []), "once"
    with transaction.atomic():
        picked = town.as_viewer("worker2")
        actions.settle_conflict(
            picked, conflict.pk, {"has_plot": "theirs"}, command_id=new_id(), now=NOW + timedelta(hours=1)
        )
    with transaction.atomic():
        third = pull(town.as_viewer("worker"), second.cursor)
    assert gone(third, "conflict") == {str(conflict.pk)}
    town.run("select pg_current_xact_id()")
    with transaction.atomic():
        fourth = pull(town.as_viewer("worker"), third.cursor)
    assert (fourth.changes, fourth.gone) == ([], [])


def test_what_commits_late_is_not_lost(town, item, open_db, cluster):
    """The transaction that began first commits last: a cursor of numbers or times would have gone past it."""
    slow = psycopg.connect(cluster.dsn("wangge_owner"))
    try:
        late = builders.case(slow, item, town.grid_a)  # has its number now, and is not committed
        with transaction.atomic():
            _, cursor = everything(town.as_viewer("worker"))
        early = town.add(builders.case, item, town.grid_a, state="accepted")  # counted apart from the other
        with transaction.atomic():
            first = pull(town.as_viewer("worker"), cursor)
        assert told(first) == {str(early.pk)}
        slow.commit()
        with transaction.atomic():
            second = pull(town.as_viewer("worker"), first.cursor)
        assert str(late.pk) in told(second)
        town.run("select pg_current_xact_id()")
        with transaction.atomic():
            assert told(pull(town.as_viewer("worker"), second.cursor)) == set()
    finally:
        slow.close()


@pytest.mark.django_db
def test_it_goes_over_http_a_record_a_line(town, item):
    case = town.add(builders.case, item, town.grid_a)
    client = town.client("worker")
    plain = client.get("/api/v1/sync/snapshot")
    lines = [json.loads(line) for line in plain.content.splitlines()]
    assert lines[-1]["end"]
    assert lines[-1]["count"] == len(lines) - 1
    assert [line["id"] for line in lines if line.get("kind") == "case"] == [str(case.pk)]
    packed = client.get("/api/v1/sync/snapshot", headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content)
    pulled = client.get("/api/v1/sync/pull", {"cursor": lines[-1]["cursor"]}).json()
    assert (pulled["fresh"], pulled["more"]) == (False, False)
    assert client.get("/api/v1/sync/pull").json()["fresh"]
    assert client.get("/api/v1/sync/pull", {"cursor": "x"}).status_code == 422


@pytest.mark.django_db
def test_ones_own_round_of_the_day_comes_in_walking_order_and_anothers_is_not_mentioned(town, db):
    worker, other = town.accounts["worker"], town.accounts["worker2"]
    doors = [new_id(), new_id()]
    today = datetime.now(UTC)
    day = day_of(today)
    *_, cursor = queries.snapshot(town.as_viewer("worker"), now=today)
    facts = {"number": 1, "made_at": NOW}
    for account, on, households in (
        (worker, day, doors),
        (worker, day - timedelta(days=3), doors),
        (other, day, [new_id()]),
    ):
        row = Round(
            id=new_id(), path=town.grid_a.path, day=on, account_id=account.pk, households=households, **facts
        )
        row.begins, row.left_over = [510, 540][: len(households)], [households[0]]
        town.add(builders.insert, row)
    pulled = pull(town.as_viewer("worker"), cursor, now=today)
    (change,) = [one for one in pulled.changes if one.kind == "round"]
    assert change.id == str(worker.pk)
    told = {name: change.fields[name][day.isoformat()] for name in ("days", "about", "left")}
    one, other = map(str, doors)
    assert told == {"days": [one, other], "about": {one: "08:30", other: "09:00"}, "left": [one]}
    assert list(change.fields["days"]) == [day.isoformat()]
    assert gone(pulled, "round") == set()
    *records, _ = queries.snapshot(town.as_viewer("worker"), now=today)
    assert [one.id for one in records if one.kind == "round"] == [str(worker.pk)]
