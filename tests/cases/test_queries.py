"""Pages, counts and search show what the policy lets the viewer see, whole and in order, whichever index finds it."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from tests import builders
from tests.cases import grown
from tests.cases.grown import (
    AREAS,
    CITY,
    COUNTIES,
    GRIDS,
    NOW,
    ask,
    case_row,
    code_of,
    insert_cases,
    random_rows,
    run,
    seat,
    viewer,
)

from wangge.base.paging import BadCursor
from wangge.base.problems import Invalid, NotFound
from wangge.base.text import bigrams
from wangge.cases.lifecycle import OPEN
from wangge.cases.queries import counts, details, pages, similar
from wangge.cases.queries.filters import DESK_TURN, HANDLER_TURN, QUEUES, CaseFilter, arms_of

COUNTY = f"{CITY}.{COUNTIES[0]}"
GRID = GRIDS[0]
TOWNSHIP, COMMUNITY = ".".join(GRID.split(".")[:3]), ".".join(GRID.split(".")[:4])

CENTRE = viewer(seat(COUNTY, confidential=True), account_id=1)
CITY_DESK = viewer(seat(CITY), account_id=2)
TOWN = viewer(seat(TOWNSHIP), account_id=11)
WORKER = viewer(seat(GRID, ("walk",)), seat(GRIDS[5], ("walk",)), account_id=12)
HANDLER = viewer(seat(COUNTY, ("handle",), department="lamps"), account_id=12)
BOTH = viewer(seat(TOWNSHIP, confidential=True), seat(COUNTY, ("handle",), department="lamps"), account_id=11)
REPORTER = viewer(account_id=11)
EVERYONE = {
    "centre": CENTRE,
    "city": CITY_DESK,
    "town": TOWN,
    "worker": WORKER,
    "handler": HANDLER,
    "both": BOTH,
    "reporter": REPORTER,
}


@pytest.fixture(scope="module")
def many(django_db_setup, django_db_blocker):
    """400 cases of every kind."""
    with grown.built(django_db_blocker):
        grown.make_areas()
        grown.make_catalogue()
        rows = random_rows(400)
        insert_cases(rows)
        yield rows


@pytest.fixture
def alone(many):
    """The same town without a case."""
    with transaction.atomic():
        grown.as_builder()
        run("delete from cases_case")
        run("delete from cases_tally")
        yield
        transaction.set_rollback(True)


def under(path, area):
    return path == area or path.startswith(area + ".")


def below_scope(who):
    return {path for path in GRIDS if any(under(path, area) for area in who.scope)}


def seen(who, row):
    """The row policy in plain words."""
    plain = [s for s in who.seats if not s.department]
    inside = [s for s in plain if under(row["path"], s.path)]
    return (
        any(not row["confidential"] or s.confidential for s in inside)
        or (not row["confidential"] and bool({code_of(s.path) for s in plain} & set(row["border_ids"])))
        or (row["reported_by_id"] is not None and row["reported_by_id"] == who.account_id)
        or bool(set(who.department_keys) & set(row["department_keys"]))
    )


def theirs(who, row):
    """What a page without an area shows: what one's posts give; a reporter's own where those posts are a department's."""
    plain = [s for s in who.seats if not s.department]
    placed = any(under(row["path"], s.path) for s in plain) or bool(
        {code_of(s.path) for s in plain if s.level == "grid"} & set(row["border_ids"])
    )
    related = (
        set(who.department_keys) & set(row["department_keys"]) or row["reported_by_id"] == who.account_id
    )
    return seen(who, row) and (placed or bool(related and (who.department_keys or not plain)))


def right_order(rows):
    return [
        row["id"] for row in sorted(rows, key=lambda row: (row["reported_at"], UUID(row["id"])), reverse=True)
    ]


def shown(who, filters, limit=7):
    """All pages one after another."""
    ids, cursor = [], None
    while True:
        page = pages.case_page(who, filters, cursor=cursor, limit=limit)
        assert len(page.items) <= limit
        ids += [str(case.id) for case in page.items]
        if page.next is None:
            return ids
        cursor = page.next


@pytest.mark.parametrize("name", EVERYONE)
def test_without_an_area_all_pages_together_are_what_ones_posts_give_newest_first(many, name):
    who = ask(EVERYONE[name])
    assert shown(who, CaseFilter()) == right_order(row for row in many if theirs(who, row))


@pytest.mark.parametrize("name", EVERYONE)
@pytest.mark.parametrize("area", [CITY, COUNTY, TOWNSHIP, COMMUNITY, GRID, GRIDS[-1]])
def test_in_an_area_all_pages_together_are_what_the_policy_lets_be_seen_there(many, name, area):
    who = ask(EVERYONE[name])
    there = [
        row
        for row in many
        if seen(who, row)
        and (under(row["path"], area) or (code_of(area) in row["border_ids"] and area in who.scope))
    ]
    bordering = {
        code_of(s.path) for s in who.seats if s.level == "grid" and not s.department and under(s.path, area)
    }
    there += [
        row for row in many if row not in there and seen(who, row) and bordering & set(row["border_ids"])
    ]
    assert set(shown(who, CaseFilter(area=code_of(area)))) == {row["id"] for row in there}


@pytest.mark.parametrize("name", EVERYONE)
@pytest.mark.parametrize("queue", QUEUES)
def test_each_queue_counts_as_many_as_it_shows(many, name, queue):
    who = ask(EVERYONE[name])
    for area in ("", COUNTIES[0], code_of(TOWNSHIP), code_of(GRID)):
        counted = counts.queue_counts(who, area)
        tallied = not any(arm.kind in ("given", "reported") for arm in arms_of(who, area))
        secret = any(s.confidential for s in who.seats) or not tallied or queue == "mine"
        hidden = {
            row["id"]
            for row in many
            if row["confidential"] and not secret and row["path"] in below_scope(who)
        }
        if queue in counted:
            assert counted[queue] == len(
                set(shown(who, CaseFilter(area=area, queue=queue), limit=200)) - hidden
            ), area
        else:
            assert queue == "closed"


@pytest.mark.parametrize("queue", [queue for queue in QUEUES if queue != "mine"])
def test_a_queue_shows_its_states_and_marks_only(many, queue):
    who = ask(CENTRE)
    mark = {
        "soon": lambda row: row["late"] == "soon",
        "overdue": lambda row: row["late"] == "overdue",
        "supervised": lambda row: row["supervised"],
    }
    right = [
        row
        for row in many
        if seen(who, row)
        and under(row["path"], COUNTY)
        and row["state"] in QUEUES[queue]
        and mark.get(queue, bool)(row)
    ]
    assert shown(who, CaseFilter(area=COUNTIES[0], queue=queue)) == right_order(right)


@pytest.mark.parametrize("name", EVERYONE)
def test_mine_are_the_cases_whose_next_step_is_the_viewers(many, name):
    who = ask(EVERYONE[name])
    desks = {s.path for s in who.seats if not s.department}
    secret = [s.path for s in who.seats if s.confidential]

    def my_turn(row):
        if row["state"] in DESK_TURN:
            may = not row["confidential"] or any(under(row["holder_path"], path) for path in secret)
            return row["holder_path"] in desks and may
        given = set(who.department_keys) & set(row["department_keys"]) or row["handler_id"] == who.account_id
        return row["state"] in HANDLER_TURN and bool(given)

    assert shown(who, CaseFilter(mine=True)) == right_order(
        row for row in many if seen(who, row) and my_turn(row)
    )


@pytest.mark.parametrize("name", EVERYONE)
@pytest.mark.parametrize("words", ["路灯", "杂物", "manhole", "路灯不亮", "灯"])
@pytest.mark.parametrize("area", ["", COUNTIES[0], code_of(TOWNSHIP), code_of(GRID)])
def test_search_finds_every_case_with_the_words_that_the_page_would_show(many, name, words, area):
    who = ask(EVERYONE[name])
    wanted = bigrams(words)
    titles = {row["id"]: row["title"] for row in many}

    def holds(case):
        tokens = bigrams(titles[case])
        return all(
            token in tokens or (len(token) == 1 and any(t.startswith(token) for t in tokens))
            for token in wanted
        )

    assert shown(who, CaseFilter(area=area, q=words)) == [
        case for case in shown(who, CaseFilter(area=area)) if holds(case)
    ]


def test_search_with_a_filter_shows_both(many):
    who = ask(CENTRE)
    found = shown(
        who,
        CaseFilter(
            area=COUNTIES[0], q="路灯", queue="open", business="safety", since=NOW - timedelta(hours=9)
        ),
    )
    both = [row for row in many if under(row["path"], COUNTY) and row["title"] == "路灯不亮" and row["state"] in OPEN
            and row["business"] == "safety" and row["reported_at"] >= NOW - timedelta(hours=9)]  # fmt: skip
    assert found == right_order(both)
    assert both


def test_a_common_word_is_met_by_walking_and_a_rare_one_beside_it_is_not_missed(alone):
    """Far more cases than the walk's shortest length: the common word fills its pages, one in the oldest case is found."""
    insert_cases(
        [
            case_row(GRIDS[n % len(GRIDS)], n=n, at=NOW - timedelta(minutes=n // 3), title="街道路灯")
            for n in range(1, 3001)
        ]
    )
    insert_cases([case_row(GRIDS[0], n=9999, at=NOW - timedelta(days=30), title="老街电梯")])
    run("analyze cases_case")
    who = ask(CENTRE)
    here = sum(1 for n in range(1, 3001) if under(GRIDS[n % len(GRIDS)], COUNTY))
    assert len(shown(who, CaseFilter(area=COUNTIES[0], q="路灯"), limit=200)) == here
    assert len(shown(who, CaseFilter(area=COUNTIES[0], q="电梯"))) == 1


def test_a_number_finds_its_case(many):
    who = ask(CENTRE)
    row = next(row for row in many if seen(who, row))
    assert shown(who, CaseFilter(q=row["number"])) == [row["id"]]
    assert pages.case_by_number(who, f" {row['number']} ").number == row["number"]
    with pytest.raises(NotFound):
        pages.case_by_number(who, "0703-000000-0000")


def test_words_that_hold_nothing_to_search_find_nothing(many):
    assert shown(ask(CENTRE), CaseFilter(q="!?")) == []


def test_a_case_outside_the_scope_is_as_if_it_were_not_there(many):
    who = ask(TOWN)
    outside = next(row for row in many if not seen(who, row))
    with pytest.raises(NotFound):
        pages.case_by_id(who, UUID(outside["id"]))


def test_an_unknown_area_queue_state_or_cursor_is_refused(many):
    who = ask(CENTRE)
    with pytest.raises(NotFound):
        pages.case_page(who, CaseFilter(area="999999999999"))
    with pytest.raises(NotFound):
        counts.queue_counts(who, "999999999999")
    with pytest.raises(BadCursor):
        pages.case_page(who, CaseFilter(), cursor="not-a-cursor")
    for bad in (CaseFilter(queue="other"), CaseFilter(state="other"), CaseFilter(late="other")):
        with pytest.raises(Invalid):
            pages.case_page(who, bad)


def test_the_database_search_cannot_see_past_the_policy_even_by_raw_sql(many):
    who = ask(TOWN)
    found = run(
        "select found_id from cases_found('''路灯'''::tsquery, false, '', '', null, '', '', '', '', false, '', '', null, null, null, null, 1000)"
    )
    everyone = {row["id"]: row for row in many}
    assert found
    assert all(seen(who, everyone[str(case)]) for (case,) in found)
    elsewhere = next(code_of(grid) for grid in GRIDS if not under(grid, TOWNSHIP))
    assert all(seen(who, everyone[str(case)]) for (case,) in run("select cases_bordering(%s)", [elsewhere]))


def test_an_export_gives_every_case_once_in_order(many):
    who = ask(CENTRE)
    assert [str(case.id) for case in pages.iterate_cases(who, CaseFilter(), chunk=13)] == shown(
        who, CaseFilter()
    )


def test_the_tally_stays_true_through_inserts_updates_and_deletes_in_any_order(alone):
    chance = __import__("random").Random(4)
    rows = random_rows(60, seed=4)
    insert_cases(rows)
    for n in range(40):
        case = chance.choice(rows)["id"]
        match n % 4:
            case 0:
                run("update cases_case set state = 'accepted', late = '' where id = %s", [case])
            case 1:
                run(
                    "update cases_case set late = 'overdue', holder_level = 'county', holder_path = subpath(path, 0, 2) where state = 'accepted'"
                )
            case 2:
                run(
                    "update cases_case set supervised = not supervised where id = %s or state = 'handled'",
                    [case],
                )
            case 3:
                run("delete from cases_case where id = %s", [case])
    columns = "path::text, confidential, holder_level, state, late, supervised"
    counted = Counter(
        {tuple(key): n for *key, n in run(f"select {columns}, count(*) from cases_case group by {columns}")}
    )
    assert (
        Counter(
            {tuple(key): n for *key, n in run(f"select {columns}, count from cases_tally where count <> 0")}
        )
        == counted
    )


def test_nearby_cases_are_open_near_and_recent(alone):
    near = case_row(GRID, n=1, at=NOW, lon=119.3000, lat=34.7000)
    far = case_row(GRID, n=2, at=NOW, lon=119.3100, lat=34.7000)
    old = case_row(GRID, n=3, at=NOW - timedelta(days=60), lon=119.3, lat=34.7)
    done = case_row(GRID, n=4, at=NOW, lon=119.3, lat=34.7, state="closed")
    insert_cases([near, far, old, done])
    who = ask(CENTRE)
    found = similar.nearby_cases(who, 119.3003, 34.7002, metres=100, since=NOW - timedelta(days=30))
    assert [str(case.id) for case in found] == [near["id"]]


def test_an_attachment_is_seen_by_whom_the_case_is_seen(alone):
    insert_cases([case_row(GRID, n=1, at=NOW)])
    digest = "a" * 64
    run(
        "insert into blobs_blob (digest, kind, media_type, size, stored_at) values (%s, 'photo', 'image/jpeg', 1, now())",
        [digest],
    )
    run(
        "insert into cases_attachment (case_id, path, blob_id, name, step, added_at) select id, path, %s, '', 'report', now() from cases_case",
        [digest],
    )
    assert details.sees_attachment(ask(TOWN), digest)
    assert [
        a.blob_id for a in details.attachments_of(TOWN, pages.case_page(TOWN, CaseFilter()).items[0])
    ] == [digest]
    assert not details.sees_attachment(ask(viewer(seat(GRIDS[-1]))), digest)


def test_the_residents_clock_is_not_paused_and_the_offices_is(alone):
    insert_cases([case_row(GRID, n=1, at=NOW, state="suspended", due_at=NOW + timedelta(hours=2))])
    case = pages.case_page(ask(TOWN), CaseFilter()).items[0]
    later = NOW + timedelta(days=3)
    assert details.waited(case, later) == timedelta(days=3)
    assert details.working_minutes_left(case, later) == details.working_minutes_left(case, NOW)
    case.state, case.closed_at = "closed", NOW + timedelta(hours=1)
    assert details.waited(case, later) == timedelta(hours=1)
    assert details.working_minutes_left(case, later) is None


def test_an_area_without_a_case_has_an_empty_page(alone):
    who = ask(CENTRE)
    assert pages.case_page(who, CaseFilter()) == pages.CasePage([], None)
    assert all(count == 0 for count in counts.queue_counts(who).values())
    assert len(AREAS) == 31


def test_what_one_handler_reported_elsewhere_is_in_no_number_of_another_with_the_same_post(
    town, db, monkeypatch
):
    monkeypatch.setattr(counts, "DEAR", 0)
    twin = builders.account(town.owner, "twin", town.county)
    builders.assignment(town.owner, town.posts["handler"], twin)
    town.accounts["twin"] = twin
    work = builders.item(town.owner)
    builders.case(town.owner, work, town.far_grid, reported_by_id=town.accounts["handler"].pk)
    town.owner.commit()
    one, other = (town.as_viewer(name) for name in ("handler", "twin"))
    assert one.seats == other.seats
    counted = {name: counts.queue_counts(town.as_viewer(name))["open"] for name in ("handler", "twin")}
    assert counted == {"handler": 1, "twin": 0}
    far = town.far_county.code
    asked = {name: counts.queue_counts(town.as_viewer(name), far)["open"] for name in ("handler", "twin")}
    assert asked == {"handler": 1, "twin": 0}
