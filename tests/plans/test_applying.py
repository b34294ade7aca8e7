"""A plan applied in one transaction: everything goes with its homes, nothing is lost, and it can be given back."""

import hashlib
from datetime import timedelta

import pytest
from tests import builders
from tests.builders import NOW
from tests.console.test_plans import Desk
from tests.plans.test_drafting import begun
from tests.plans.towns import building, case_at, laid_out

from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed
from wangge.plans import actions, jobs
from wangge.plans.queries import plans as queries
from wangge.plans.rules.problems import PlanStepNotPossible, PlanStopped, TooLateToUndo

#: Tables whose rows must all be there before and after, and what of them an undone plan may leave changed.
KEPT = {
    "areas_area": "code, name, path, boundary, boundary_made_up, box::text, lon, lat, valid_from, valid_to",
    "households_building": "id, path, compound_id, name, lon, lat, valid_from, valid_to",
    "households_compound": "code, path, area_id, name, valid_from, valid_to",
    "households_dwelling": "id, path, building_id, door, valid_from, valid_to",
    "households_household": "id, path, dwelling_id, number, valid_from, valid_to",
    "households_resident": "id, path, household_id, name",
    "households_careneed": "id, path, resident_id, kind, until, ended_on",
    "households_stay": "id, path, resident_id, household_id, from_on, to_on, came, went",
    "households_tally": "path, households, registered_present, registered_away, permanent, floating",
    "visits_visit": "id, path, household_id, day, outcome",
    "visits_duevisit": "household_id, path, since, by",
    "visits_duesum": "path, since, by, count",
    "visits_sum": "path, day, what, count",
    "visits_errand": "id, path, household_id, done_at",
    "visits_place": "id, path, name, due_on, closed_on",
    "cases_mediation": "id, path, case_id, state, mediator_id",
    "cases_route": "id, area_id, path, item_id, business, hours, tier, department_id, note",
    "cases_texttemplate": "id, path, name, use, text",
    "cases_case": "id, path, grid_id, holder_path, holder_level, state, handler_id, border_ids",
    "cases_tally": "path, holder_level, state, late, count",
    "staff_post": "id, area_id, path, closed_on",
    "staff_assignment": "id, post_id, account_id, path, from_on, to_on",
}
#: Sums that triggers keep may leave a row that says none.
_SUMS = {
    "households_tally": "households",
    "visits_duesum": "count",
    "visits_sum": "count",
    "cases_tally": "count",
}


def state_of(cursor, *, without=()):
    """Of each table its number of rows and a digest of them all."""
    found = {}
    for table, columns in KEPT.items():
        some = f" where {_SUMS[table]} <> 0" if table in _SUMS else ""
        cursor.execute(f"select {columns} from {table}{some}")
        rows = sorted(repr(row) for row in cursor.fetchall() if row[0] not in without)
        found[table] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


@pytest.fixture
def seen(town, open_db):
    """The state of everything as the owner sees it, also inside the test's own transaction: asked over one connection."""

    def look(**facts):
        return state_of(town.owner.cursor(), **facts)

    yield look
    town.owner.rollback()


def approved(town, **facts):
    """A plan in which each compound is whole, approved from above."""
    facts = {"start": "divide", "low": 150, "high": 250, **facts}
    plan = begun(town.as_viewer("community"), town, **facts)
    for who, step in (("community", "check"), ("community", "consult"), ("township", "approve")):
        plan = actions.take_step(town.as_viewer(who), plan.id, step, reason="汛期前要用", now=NOW)
    return plan


def lived_in(town):
    """Compounds with homes, people with a need, visits, what is due, open and closed cases, a place to check."""
    blocks = laid_out(town)
    work = builders.item(town.owner)
    owner = town.owner
    owner.execute(
        "insert into households_resident (id, household_id, name, sex, residency, relation, phone_tail, made_up, revision, path)"
        " select gen_random_uuid(), id, '某人', '', 'registered_present', '', '', true, 1, path from households_household"
    )
    owner.execute(
        "insert into households_stay (resident_id, household_id, path, from_on, came, went, name)"
        " select id, household_id, path, '2020-01-01', 'known', '', '' from households_resident"
    )
    owner.execute(
        "insert into visits_duevisit (household_id, path, since, by, reasons, known_on, revision, computed_at)"
        " select id, path, '2026-04-01', '2026-05-01', '[]', '2026-04-01', 1, now() from households_household"
    )
    owner.execute(
        "insert into visits_visit (id, content_hash, household_id, path, day, happened_at, said_at, at, outcome, well, reasons,"
        " seen, source, revision) select gen_random_uuid(), '\\x00', id, path, '2026-03-01', now(), now(), now(), 'met', true,"
        " '{}', '', 'app', 1 from households_household where number like '%%5'"
    )
    for block in blocks:
        grid = town.grid_a if block.buildings[0].path == town.grid_a.path else town.grid_b
        spot = town.grid_a if block.lon < 119.36 else town.grid_b
        case_at(town, work, spot, block.lon, block.lat)
        case_at(
            town,
            work,
            spot,
            block.lon,
            block.lat,
            state="closed",
            closed_at=NOW,
            outcome="mended",
            answer="x",
        )
        owner.execute(
            "insert into cases_mediation (id, number, content_hash, path, kind, matter, mediator_id, state, result, rights_told,"
            " opened_at, case_id) select gen_random_uuid(), left(md5(c.id::text || s), 24), '\\x00', c.path, 'neighbours',"
            " '\\x00', %s, s, '', false, now(), c.id from cases_case c, unnest(array['opened', 'closed']) s"
            " where c.lon = %s and c.lat = %s and c.state <> 'closed'"
            " and not exists (select from cases_mediation m where m.case_id = c.id)",
            [town.accounts["mediator"].pk, block.lon, block.lat],
        )
        owner.execute(
            "insert into visits_place (id, kind, name, address, lon, lat, every_days, basis, due_on, found, made_up, revision, path)"
            " values (gen_random_uuid(), 'hydrant', '消火栓', '', %s, %s, 30, '', '2026-05-01', '', true, 1, %s::ltree)",
            [block.lon, block.lat, grid.path],
        )
    owner.commit()
    return blocks


def as_app(town, who, act):
    """An act in a transaction of its own that is committed, as a request's is."""
    from django.db import transaction

    with transaction.atomic():
        return act(town.as_viewer(who))


def test_everything_goes_with_its_homes_and_undone_it_is_as_before(town, seen):
    lived_in(town)
    plan = as_app(town, "community", lambda viewer: begun(viewer, town, start="divide", low=150, high=250))
    for who, step in (("community", "check"), ("community", "consult"), ("township", "approve")):
        as_app(
            town,
            who,
            lambda viewer, step=step: actions.take_step(viewer, plan.id, step, reason="汛期前要用", now=NOW),
        )
    before = seen()
    told = as_app(town, "community", lambda viewer: actions.dry_run(viewer, plan.id, now=NOW))
    assert told.stops == ()
    assert seen() == before
    assert told.counts["households"] >= 40
    assert told.counts["households_in_area"] == 800
    as_app(town, "community", lambda viewer: actions.apply_plan(viewer, plan.id, now=NOW))
    after = seen()
    assert {
        table: count
        for table, (count, _digest) in after.items()
        if table not in ("areas_area", "households_stay") and not table.endswith(("tally", "sum"))
    } == {
        table: count
        for table, (count, _digest) in before.items()
        if table not in ("areas_area", "households_stay") and not table.endswith(("tally", "sum"))
    }
    astray = town.rows(
        "select count(*) from households_household h join households_dwelling d on d.id = h.dwelling_id"
        " join households_building b on b.id = d.building_id where h.path <> b.path or d.path <> b.path"
    )
    assert astray == [(0,)]
    cut = town.rows(
        "select compound_id from households_building group by compound_id having count(distinct path) > 1"
    )
    assert cut == []
    # A home lies where its building's spot does.
    from wangge.areas.queries import locate_many

    spots = town.rows("select lon, lat, path::text from households_building")
    with_codes = locate_many([lon for lon, _, _ in spots], [lat for _, lat, _ in spots])
    assert [str(code) for code in with_codes.codes] == [path.rsplit(".", 1)[-1] for _, _, path in spots]
    # What was closed stays where it happened, what is open went along.
    assert town.rows(
        "select count(*) from cases_case where state = 'closed' and path::text not like '%%1001' and path::text not like '%%1002'"
    ) == [(0,)]
    assert town.rows(
        "select count(*) from visits_visit where path::text not like '%%1001' and path::text not like '%%1002'"
    ) == [(0,)]
    # An open file of mediation is with the committee where its case lies, a closed one stays with its own.
    files = town.rows(
        "select m.state, count(*) filter (where m.path @> c.path), count(*) from cases_mediation m"
        " join cases_case c on c.id = m.case_id group by m.state order by m.state"
    )
    ((_closed, stayed, of_closed), (_opened, with_case, of_opened)) = files
    assert with_case == of_opened == of_closed
    assert stayed < of_closed
    assert told.counts["mediations"] == of_closed - stayed
    moved = town.rows(
        "select count(*) from visits_duevisit v join households_household h on h.id = v.household_id where v.path <> h.path"
    )
    assert moved == [(0,)]
    as_app(
        town,
        "community",
        lambda viewer: actions.undo_plan(viewer, plan.id, reason="试一试", now=NOW + timedelta(hours=2)),
    )
    begun_codes = {
        code for (code,) in town.rows("select code from areas_area where valid_from = '2026-04-15'")
    }
    undone = seen(without=begun_codes)
    assert {table: undone[table] == before[table] for table in before} == dict.fromkeys(before, True)
    with pytest.raises(PlanStepNotPossible):
        as_app(town, "community", lambda viewer: actions.apply_plan(viewer, plan.id, now=NOW))


@pytest.mark.django_db
def test_a_dry_run_names_what_would_move_as_far_as_the_viewer_sees_it(town, monkeypatch):
    lived_in(town)
    plan = approved(town)
    told = actions.dry_run(town.as_viewer("community"), plan.id, now=NOW)
    cases = dict(town.rows("select number, title from cases_case where state = 'reported'"))
    assert len(told.cases.rows) == told.counts["cases"] > 5
    assert (told.cases.more, told.cases.unseen) == (0, 0)
    assert all(cases[one.number] == one.name for one in told.cases.rows)
    lay = dict(town.rows("select number, subpath(path, -1)::text from cases_case"))
    grids = {grid.code for grid in queries.grids_of(town.as_viewer("community"), plan)}
    for one in told.cases.rows:
        assert one.from_code == lay[one.number]
        assert one.to_code in grids - {one.from_code}
    assert len(told.places.rows) == told.counts["places"] > 5
    assert {(one.number, one.name) for one in told.places.rows} == {("hydrant", "消火栓")}
    # Who leads the community oversees its mediators, and reads which files go to another committee.
    files = dict(town.rows("select number, kind from cases_mediation where state = 'opened'"))
    numbers = [one.number for one in told.mediations.rows]
    assert len(numbers) == told.counts["mediations"] > 2
    assert {one.number: one.name for one in told.mediations.rows}.items() <= files.items()
    assert numbers == sorted(numbers)
    assert all(one.to_code in grids - {one.from_code} for one in told.mediations.rows)
    # One that the viewer may not see is counted, and not named; what is many is cut.
    secret = told.cases.rows[0]
    town.owner.execute("update cases_case set confidential = true where number = %s", [secret.number])
    town.owner.commit()
    monkeypatch.setattr("wangge.plans.actions.applying.MOST_NAMED", 3)
    monkeypatch.setattr("wangge.plans.actions.MOST_NAMED", 3)
    again = actions.dry_run(town.as_viewer("admin"), plan.id, now=NOW)
    assert again.cases.unseen == 1
    assert secret.number not in {one.number for one in again.cases.rows}
    assert len(again.cases.rows) == 3
    assert 3 + again.cases.more + again.cases.unseen == len(told.cases.rows)
    assert (again.mediations.rows, again.mediations.more) == ((), 0)
    assert again.mediations.unseen == len(numbers)
    desk = Desk(town, "admin")
    page = desk.send(f"/console/plans/{plan.id}/try").content.decode()
    assert secret.number not in page
    assert all(one.number in page for one in again.cases.rows)
    assert f"另有 {again.cases.more} 项" in page
    assert "另有 1 件您无权查看" in page
    assert f"另有 {len(numbers)} 件您无权查看" in page
    assert not any(number in page for number in numbers)
    page = Desk(town, "community").send(f"/console/plans/{plan.id}/try").content.decode()
    assert [number in page for number in numbers] == [True] * 3 + [False] * (len(numbers) - 3)
    assert "邻里纠纷" in page


@pytest.mark.django_db
def test_who_may_not_apply_it_does_not_and_a_draft_is_not_applied(town):
    laid_out(town)
    plan = begun(town.as_viewer("community"), town, start="divide", low=150, high=250)
    with pytest.raises(PlanStepNotPossible):
        actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    for who, step in (("community", "check"), ("community", "consult"), ("township", "approve")):
        actions.take_step(town.as_viewer(who), plan.id, step, reason="汛期前要用", now=NOW)
    with pytest.raises(NotAllowed):
        actions.apply_plan(town.as_viewer("worker"), plan.id, now=NOW)
    with pytest.raises(NotAllowed):
        actions.dry_run(town.as_viewer("worker"), plan.id, now=NOW)


@pytest.mark.django_db
def test_a_grid_that_ends_gives_its_post_up_and_its_worker_is_named(town):
    laid_out(town, columns=4, households=5)
    plan = approved(town, low=100, high=400)
    assert plan.figures["ended"] == 1
    told = actions.dry_run(town.as_viewer("community"), plan.id, now=NOW)
    (ended,) = told.ended
    worker = {town.grid_a.code: "worker", town.grid_b.code: "worker2"}[ended]
    assert (town.accounts[worker].pk, ended, "grid_worker") in told.holders
    assert ("grid_worker", ended) in told.posts
    assert town.as_viewer(worker).seats
    actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    assert not town.as_viewer(worker).seats
    actions.undo_plan(town.as_viewer("community"), plan.id, reason="错了", now=NOW)
    assert [seat.path for seat in town.as_viewer(worker).seats] == [
        town.areas["grid_a" if worker == "worker" else "grid_b"].path
    ]


@pytest.mark.django_db
def test_rules_and_texts_of_a_grid_that_ends_go_to_the_one_that_took_it_over_and_come_back(town):
    from wangge.base.ids import new_id
    from wangge.cases import actions as cases
    from wangge.cases.models import Route, TextTemplate
    from wangge.cases.queries import rules_at, texts_for

    laid_out(town, columns=4, households=5)
    plan = approved(town, low=100, high=400)
    (ended,) = (code for code in (town.grid_a.code, town.grid_b.code) if code not in _codes(town, plan))
    (heir,) = {town.grid_a.code, town.grid_b.code} - {ended}
    paths = {grid.code: grid.path for grid in (town.grid_a, town.grid_b)}
    admin = town.as_viewer("admin")
    rule = cases.set_route(admin, area=ended, tier="township", note="夜间转镇", hours="off", now=NOW)
    few = cases.set_route(admin, area=ended, business="livelihood", tier="township", now=NOW)
    own = cases.set_route(admin, area=heir, business="livelihood", tier="community", now=NOW)
    for area, name, text in ((ended, "答复", "已派人"), (heir, "答复", "稍候"), (ended, "收到", "收到了")):
        cases.set_text(admin, new_id(), area=area, name=name, use="answer", text=text, now=NOW)
    before = {(each.id, each.path) for each in (*Route.objects.all(), *TextTemplate.objects.all())}

    viewer = town.as_viewer("community")
    told = actions.dry_run(viewer, plan.id, now=NOW)
    ended_name = {town.grid_a.code: town.grid_a.name, town.grid_b.code: town.grid_b.name}[ended]
    assert {(one.what, one.name, one.from_code, one.to_code) for one in told.carried} == {
        ("route", "夜间转镇", ended, heir if _most(told, ended, heir) else ""),
        ("route", "", ended, ""),
        ("text", f"答复({ended_name})", ended, heir),
        ("text", "收到", ended, heir),
    }
    assert {(each.id, each.path) for each in (*Route.objects.all(), *TextTemplate.objects.all())} == before
    done = actions.apply_plan(viewer, plan.id, now=NOW)
    assert done.state == "applied"
    assert {each.id for each in (rule, few, own)} <= {each.id for each in Route.objects.all()}
    at_heir = rules_at(viewer, paths[heir])
    assert [each.note for each in at_heir if each.hours == "off"] == (
        ["夜间转镇"] if _most(told, ended, heir) else []
    )
    assert [each.tier for each in at_heir if each.business] == ["community"]
    assert {each.text for each in texts_for(viewer, paths[heir], "answer")} == {"已派人", "稍候", "收到了"}
    actions.undo_plan(viewer, plan.id, reason="错了", now=NOW)
    assert {(each.id, each.path) for each in (*Route.objects.all(), *TextTemplate.objects.all())} == before


def _codes(town, plan):
    from wangge.plans.models import PlanGrid

    return set(PlanGrid.objects.filter(plan_id=plan.id).values_list("code", flat=True))


def _most(told, ended, heir):
    came = sum(pair.households for pair in told.pairs if pair.from_code == ended)
    stays = sum(pair.households for pair in told.pairs if (pair.from_code, pair.to_code) == (heir, heir))
    return came > stays


@pytest.mark.django_db
def test_what_was_changed_meanwhile_stops_it_and_is_named(town):
    laid_out(town)
    plan = approved(town)
    town.add(
        builders.area, "3207030030021009", "grid", name="九网格", parent=town.community,
    )  # fmt: skip
    viewer = town.as_viewer("community")
    told = actions.dry_run(viewer, plan.id, now=NOW)
    assert ("grid-begun", "3207030030021009") in [(stop.why, stop.what) for stop in told.stops]
    with pytest.raises(PlanStopped):
        actions.apply_plan(viewer, plan.id, now=NOW)


@pytest.mark.django_db
def test_a_building_that_came_since_goes_where_its_compound_goes(town):
    blocks = laid_out(town)
    plan = approved(town)
    last = blocks[-1]
    added = building(
        town, town.grid_a, last.lon, last.lat, households=3, compound=last.code, name="3号楼", start=5000
    )
    town.owner.commit()
    told = actions.dry_run(town.as_viewer("community"), plan.id, now=NOW)
    assert (told.came, told.stops) == (1, ())
    actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    town.as_system()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select count(distinct path) from households_building where id = any (%s)",
            [[added.id, *(each.id for each in last.buildings)]],
        )
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_a_dated_plan_waits_for_its_day_and_tells_what_stopped_it(town):
    laid_out(town)
    plan = approved(town)
    day = NOW.date() + timedelta(days=3)
    waiting = actions.apply_plan(town.as_viewer("community"), plan.id, on=day, now=NOW)
    assert (waiting.state, waiting.apply_on) == ("approved", day)
    assert jobs.apply_plans(NOW + timedelta(days=2)) == 0
    assert jobs.apply_plans(NOW + timedelta(days=3)) == 1
    assert queries.plan_by_id(town.as_viewer("community"), plan.id).state == "applied"
    with pytest.raises(TooLateToUndo):
        actions.undo_plan(town.as_viewer("community"), plan.id, reason="x", now=NOW + timedelta(days=5))


@pytest.mark.django_db
def test_a_dated_plan_that_something_stops_stays_approved_and_says_so(town):
    laid_out(town)
    plan = approved(town)
    day = NOW.date() + timedelta(days=1)
    actions.apply_plan(town.as_viewer("community"), plan.id, on=day, now=NOW)
    town.add(builders.area, "3207030030021009", "grid", name="九网格", parent=town.community)
    assert jobs.apply_plans(NOW + timedelta(days=1)) == 0
    stopped = queries.plan_by_id(town.as_viewer("community"), plan.id)
    assert (stopped.state, stopped.apply_on, stopped.stopped) == (
        "approved",
        None,
        ["plan-stopped", "grid-begun"],
    )


def _drawn_anew(town, grid):
    """Somebody moves a corner of the grid's outline by a few metres."""
    town.owner.execute(
        "update areas_area set boundary = jsonb_set(boundary, '{coordinates,0,1,0}',"
        " to_jsonb((boundary #>> '{coordinates,0,1,0}')::numeric - 0.00001)) where code = %s",
        [grid],
    )
    town.owner.commit()


@pytest.mark.django_db
def test_a_grid_that_was_drawn_anew_meanwhile_stops_it(town):
    laid_out(town)
    plan = approved(town)
    _drawn_anew(town, town.grid_a.code)
    told = actions.dry_run(town.as_viewer("community"), plan.id, now=NOW)
    assert [(stop.why, stop.what) for stop in told.stops] == [("grid-redrawn", town.grid_a.code)]


@pytest.mark.django_db
def test_what_was_drawn_anew_after_it_was_applied_is_not_undone(town):
    from wangge.areas.models import Area

    laid_out(town)
    plan = approved(town)
    viewer = town.as_viewer("community")
    actions.apply_plan(viewer, plan.id, now=NOW)
    grid = Area.objects.filter(level="grid", parent_id=town.community.code, valid_to=None).first()
    town.as_system()
    grid.boundary["coordinates"][0][1][0] -= 0.00001
    grid.save(update_fields=["boundary"])
    viewer = town.as_viewer("community")
    with pytest.raises(PlanStopped) as stopped:
        actions.undo_plan(viewer, plan.id, reason="错了", now=NOW)
    assert stopped.value.facts["first"] == "grids-changed"


@pytest.mark.django_db
def test_a_building_that_came_after_it_was_applied_goes_to_the_grid_that_was_there(town):
    from wangge.households.models import Building
    from wangge.plans.models import PlanApplied

    laid = laid_out(town, columns=4, households=5)
    plan = approved(town, low=100, high=400, unit="building")
    actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    redrawn = set(PlanApplied.objects.get(plan_id=plan.id).kept["drawn"]["before"])
    paths = dict(Building.objects.values_list("id", "path"))
    # Beside a building that went over into the grid that goes on.
    was = {one.id: one.path for block in laid for one in block.buildings}
    gone = next(
        (block, one)
        for block in laid
        for one in block.buildings
        if paths[one.id] != was[one.id] and paths[one.id].rsplit(".", 1)[-1] in redrawn
    )
    block, beside = gone
    town.as_system()
    came = Building.objects.create(
        id=new_id(), name="新楼", lon=block.lon + (0.0004 if beside is block.buildings[1] else 0) + 0.00001, lat=block.lat, made_up=True,
        path=paths[beside.id], valid_from=NOW.date(),
    )  # fmt: skip
    actions.undo_plan(town.as_viewer("community"), plan.id, reason="错了", now=NOW)
    assert Building.objects.get(id=came.id).path == was[beside.id]


@pytest.mark.django_db
def test_what_was_filed_elsewhere_on_purpose_stays_there_through_applying_and_undoing(town):
    """Its own grid never held its spot, and does once it has taken over the other: that must not make it a stray when all is given back."""
    from wangge.cases.models import Case

    laid_out(town, columns=4, households=5)
    plan = approved(town, low=100, high=400)
    goes_on = {town.grid_a.code: town.grid_a, town.grid_b.code: town.grid_b}
    ended = goes_on.pop(actions.dry_run(town.as_viewer("community"), plan.id, now=NOW).ended[0])
    (own,) = goes_on.values()
    lon = 119.3605 if ended.code == town.grid_b.code else 119.3595
    case = case_at(town, builders.item(town.owner), own, lon, 34.743)
    town.owner.commit()

    def kept_under():
        town.as_system()
        return Case.objects.get(id=case.id).path

    actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    assert kept_under() == own.path
    actions.undo_plan(town.as_viewer("community"), plan.id, reason="错了", now=NOW)
    assert kept_under() == own.path


@pytest.mark.django_db
def test_who_is_gone_since_it_was_applied_gets_no_post_back(town):
    from wangge.staff.models import Account, Assignment

    laid_out(town, columns=4, households=5)
    plan = approved(town, low=100, high=400)
    told = actions.dry_run(town.as_viewer("community"), plan.id, now=NOW)
    actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    ((account, grid, _kind), *_others) = told.holders
    town.as_system()
    Account.objects.filter(id=account).update(ended_at=NOW)
    actions.undo_plan(town.as_viewer("community"), plan.id, reason="错了", now=NOW)
    town.as_system()
    held = Assignment.objects.get(account_id=account, post__area_id=grid)
    assert held.to_on is not None
    assert held.to_on < NOW.date()
