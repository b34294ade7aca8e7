"""Every kind of command that a phone wrote down under the old grid, sent after the grids were divided anew or that was undone: each
lands once, in the grid that has it now.
"""

from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from django.db import connection
from tests import builders
from tests.builders import NOW, TODAY
from tests.campaigns import planted
from tests.house.full_town import blob, full_campaign
from tests.plans.test_drafting import begun
from tests.plans.test_offline import command, one
from tests.plans.towns import building, laid_out
from tests.sync.test_pull import everything, gone, pull, told
from tests.visits.homes import household, need

from wangge.base.ids import new_id
from wangge.households.models import Resident
from wangge.plans import actions
from wangge.plans.queries.plans import content_by_plan
from wangge.sync import actions as sync
from wangge.sync.actions.push import kinds
from wangge.sync.jobs import follow_records_of_conflicts
from wangge.visits.models import Place

pytestmark = pytest.mark.django_db

#: Written down before, between applying and undoing, and sent.
BEFORE, BETWEEN, LATER = NOW - timedelta(hours=2), NOW + timedelta(minutes=30), NOW + timedelta(hours=3)
#: The eastern end of the first grid.
SPOT = (119.3580, 34.7450)
_OTHERS = (119.3568, 34.7450)


@pytest.fixture
def homes(town):
    """Two homes at the first grid's eastern end with all that hangs on one, and so many others that the second grid is the larger."""
    laid_out(town, columns=4, rows=2, households=5)
    building(town, town.grid_b, 119.365, 34.745, households=320, name="大楼", start=9_000)
    grid, worker = town.grid_a, town.accounts["worker"]
    work = town.add(builders.item)
    planted.item(town)
    planted.police(town)
    home, second = (
        household(town, grid, door, lon=SPOT[0] + at * 0.0003, lat=SPOT[1], name=name)
        for at, (door, name) in enumerate((("101", "王秀英"), ("102", "张桂兰")))
    )

    def person(name):
        row = Resident(
            id=new_id(),
            path=grid.path,
            household_id=home.pk,
            name=name,
            residency="permanent",
            relation="child",
        )
        return str(town.add(builders.insert, row).pk)

    lon, lat = SPOT
    case = town.add(builders.case, work, grid, lon=lon, lat=lat)
    place = {"kind": "hydrant", "name": "消火栓", "every_days": 30, "due_on": TODAY, "lon": lon, "lat": lat}
    side = SimpleNamespace(
        grid=grid, community=town.community, worker=worker, lead=town.accounts["community"], visited=home
    )
    full_campaign(town, side)
    made = SimpleNamespace(
        home=str(home.pk), second=str(second.pk), case=str(case.pk), campaign=side.campaign,
        resident=str(home.resident_row.pk), moves=person("李四"), leaves=person("王五"), contested=person("赵六"),
        need=str(need(town, home).pk), plants=str(planted.campaign(town).pk),
        place=str(town.add(builders.insert, Place(id=new_id(), path=grid.path, **place)).pk),
        photo=blob(town.owner, worker, "photo of the old grid", photo=True).digest,
        shift=str(new_id()), conflict="",
    )  # fmt: skip
    town.owner.commit()
    wrong = {"resident": made.contested, "name": {"was": "旁人", "is": "赵七"}}
    (found,) = sync.push(town.as_viewer("worker"), [command("resident.change", BEFORE, **wrong)], now=BEFORE)
    assert found.status == "conflict"
    made.conflict = str(found.conflict)
    return made


def divided(town, way):
    """ "ended": the first grid goes over into the second. "split": its eastern end becomes a grid of its own."""
    plan = begun(town.as_viewer("community"), town, unit="building", start="today")
    content = content_by_plan(plan)
    east = content.lon > _OTHERS[0]
    first = (content.lon < 119.36) & (east if way == "split" else np.ones(len(content), bool))
    labels = np.where(content.lon < 119.36, 0, 1)
    labels[first] = 2 if way == "split" else 1
    viewer = town.as_viewer("community")
    actions.change_plan(viewer, plan.id, revision=plan.revision, labels=labels.tolist(), now=NOW)
    for who, step in (("community", "check"), ("community", "consult"), ("township", "approve")):
        actions.take_step(town.as_viewer(who), plan.id, step, reason="按户数调整", now=NOW)
    actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    code = town.grid_b.code if way == "ended" else f"{town.community.code}1003"
    assert one(
        town, "select path::text from households_building where lon > %s and lon < 119.36 limit 1", _OTHERS[0]
    ) == (f"{town.community.path}.{code}")
    return plan


def undone(town, plan):
    actions.undo_plan(town.as_viewer("community"), plan.id, reason="错了", now=NOW + timedelta(hours=1))


def a_day(town, have, at, grid):
    """One command of each kind, as they stood in the queue of a phone whose grid was `grid`."""
    lon, lat = SPOT
    ids = {name: str(new_id()) for name in ("case", "by_area", "plant", "wild", "poppy", "patrol", "check")}
    ids |= {name: str(new_id()) for name in ("household", "resident", "need")}
    look = {"campaign": have.plants, "number": 1}
    report = {"item": "M01-01", "title": "路灯不亮"}
    written = [
        ("visit.record", {"household": have.home, "outcome": "nobody_home"}),
        ("visit.record", {"household": have.second, "outcome": "met", "well": True}),
        ("case.report", {"case": ids["case"], **report, "lon": lon, "lat": lat}),
        ("case.report", {"case": ids["by_area"], **report, "area": grid.code}),
        ("case.step", {"case": have.case, "step": "accept"}),
        ("case.attach", {"case": have.case, "blob": have.photo}),
        ("note.add", {"case": have.case, "text": "已放好警示牌"}),
        ("campaign.answer", {
            "campaign": str(have.campaign.pk), "household": have.home, "outcome": "nobody_home",
            "form_version": str(have.campaign.form_version_id),
        }),
        ("plant.check", {"plant": ids["plant"], **look, "decision": "nothing", "household": have.home}),
        ("plant.check", {"plant": ids["wild"], **look, "decision": "unsure", "area": grid.code, "spot": "河边空地"}),
        ("plant.check", {"plant": ids["poppy"], **look, "decision": "suspected", "area": grid.code, "spot": "沟边"}),
        ("shift.start", {"shift": have.shift, "area": grid.code}),
        ("patrol.record", {
            "patrol": ids["patrol"], "shift": have.shift, "note": "", "points": [[lon, lat, 0], [lon, lat, 60]],
            "started_at": (at + timedelta(minutes=11, seconds=10)).isoformat(), "ended_at": (at + timedelta(minutes=11, seconds=50)).isoformat(),
        }),
        ("shift.end", {"shift": have.shift}),
        ("place.check", {"check": ids["check"], "place": have.place, "found": "fine"}),
        ("household.add", {
            "household": ids["household"], "dwelling": str(new_id()), "building": str(new_id()), "door": "301",
            "building_name": "新楼", "area": grid.code, "lon": lon, "lat": lat + 0.0001,
        }),
        ("household.change", {"household": have.home, "has_plot": {"was": False, "is": True}}),
        ("resident.add", {
            "resident": ids["resident"], "household": have.home, "name": "江小满", "residency": "permanent",
            "relation": "grandchild", "came": "known",
        }),
        ("resident.change", {"resident": have.resident, "name": {"was": "王秀英", "is": "王秀珍"}}),
        ("resident.move", {"resident": have.moves, "move": "within", "to": have.second, "on": f"{TODAY}"}),
        ("resident.move", {"resident": have.leaves, "move": "out", "on": f"{TODAY}"}),
        ("need.add", {
            "need": ids["need"], "resident": have.resident, "kind": "living_alone", "basis": "law",
            "law": "《老年人权益保障法》", "until": f"{date(2026, 9, 1)}",
        }),
        ("need.end", {"need": have.need, "on": f"{TODAY}"}),
        ("conflict.settle", {"conflict": have.conflict, "choice": {"name": "mine"}}),
    ]  # fmt: skip
    sent = [
        {**command(kind, at + timedelta(minutes=place)), "data": data}
        for place, (kind, data) in enumerate(written)
    ]
    return sent, ids


def landed(town, have, sent, ids):
    """Where each is now."""
    visits = [each["id"] for each in sent if each["kind"] == "visit.record"]
    note = next(each["id"] for each in sent if each["kind"] == "note.add")
    asked = {
        "visit": ("visits_visit", "id", visits[0]), "second": ("visits_visit", "id", visits[1]),
        "case": ("cases_case", "id", ids["case"]), "by_area": ("cases_case", "id", ids["by_area"]),
        "old case": ("cases_case", "id", have.case), "photo": ("cases_attachment", "case_id", have.case),
        "note": ("cases_note", "id", note), "answer": ("campaigns_answer", "campaign_id", have.campaign.pk),
        "plant": ("campaigns_plantcheck", "id", ids["plant"]), "wild": ("campaigns_plantcheck", "id", ids["wild"]),
        "poppy": ("campaigns_plantcheck", "id", ids["poppy"]), "shift": ("visits_shift", "id", have.shift),
        "patrol": ("visits_patrol", "id", ids["patrol"]), "check": ("visits_check", "id", ids["check"]),
        "home": ("households_household", "id", ids["household"]), "resident": ("households_resident", "id", ids["resident"]),
        "moved": ("households_resident", "id", have.moves), "need": ("households_careneed", "id", ids["need"]),
        "conflict": ("sync_conflict", "id", have.conflict),
    }  # fmt: skip
    if not any(each["kind"] == "case.attach" for each in sent):
        del asked["photo"]
    order = {"campaigns_answer": " order by at desc, said_at desc"}
    return {
        name: one(
            town, f"select path::text from {table} where {key} = %s{order.get(table, '')} limit 1", value
        )
        for name, (table, key, value) in asked.items()
    }


def check_done(town, have, ids):
    """What each of them says, wherever it is."""
    assert one(town, "select state from cases_case where id = %s", have.case) == "accepted"
    assert one(
        town,
        "select outcome from campaigns_answer where campaign_id = %s order by at desc limit 1",
        have.campaign.pk,
    )
    assert one(town, "select ended_at is not null from visits_shift where id = %s", have.shift)
    assert one(town, "select has_plot from households_household where id = %s", have.home)
    names = "select array_agg(name order by name) from households_resident where household_id = %s"
    assert one(town, names, have.home) == sorted(("江小满", "王秀珍", "赵七"))
    assert one(town, names, have.second) == sorted(("张桂兰", "李四"))
    assert one(town, "select ended_on from households_careneed where id = %s", have.need) == TODAY
    assert one(town, "select settled_at is not null from sync_conflict where id = %s", have.conflict)
    suspicion = "select nlevel(c.path) from cases_case c join campaigns_plantcheck p on p.case_id = c.id where p.id = %s"
    assert one(town, suspicion, ids["poppy"]) == 3


def check_sent(town, who, sent, *, now=LATER):
    results = sync.push(town.as_viewer(who), sent, now=now)
    fared = [
        (each["kind"], result.status, result.problem and result.problem.code)
        for each, result in zip(sent, results, strict=True)
        if result.status != "done"
    ]
    assert fared == []
    again = sync.push(town.as_viewer(who), sent, now=now)
    assert {result.status for result in again} == {"repeated"}


def test_every_kind_of_command_is_tried_here(town, homes):
    sent, _ids = a_day(town, homes, BEFORE, town.grid_a)
    assert {each["kind"] for each in sent} == set(kinds())


def test_whose_grid_ended_brings_in_all_they_wrote_and_the_grid_that_took_it_over_has_it(town, homes):
    divided(town, "ended")
    follow_records_of_conflicts(NOW)
    sent, ids = a_day(town, homes, BEFORE, town.grid_a)
    check_sent(town, "worker", sent)
    assert landed(town, homes, sent, ids) == dict.fromkeys(landed(town, homes, sent, ids), town.grid_b.path)
    check_done(town, homes, ids)
    # The worker there has all of it on the phone from the next sync on.
    records, _cursor = everything(town.as_viewer("worker2"))
    assert {
        ("household", ids["household"]),
        ("case", ids["by_area"]),
        ("plant", ids["wild"]),
    } <= records.keys()


def test_where_a_part_became_a_grid_of_its_own_each_goes_to_the_part_that_has_it(town, homes):
    divided(town, "split")
    sent, ids = a_day(town, homes, BEFORE, town.grid_a)
    check_sent(town, "worker", sent)
    new = f"{town.community.path}.{town.community.code}1003"
    # Said of the grid alone it stays with the larger part; the shift is where its worker walks on. The conflict follows by its timer.
    own = dict.fromkeys(("by_area", "wild", "poppy", "shift", "patrol", "conflict"), town.grid_a.path)
    found = landed(town, homes, sent, ids)
    assert found == dict.fromkeys(found, new) | own
    check_done(town, homes, ids)
    # Afterwards they see what they saw before, and no more.
    town.as_viewer("worker")
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from households_household where id = any (%s::uuid[])",
            [[homes.home, ids["household"]]],
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("way", ["ended", "split"])
def test_after_an_undo_it_is_where_it_was_written(town, homes, way):
    undone(town, divided(town, way))
    sent, ids = a_day(town, homes, BEFORE, town.grid_a)
    check_sent(town, "worker", sent)
    found = landed(town, homes, sent, ids)
    assert found == dict.fromkeys(found, town.grid_a.path)
    check_done(town, homes, ids)


def test_what_was_written_under_the_new_grids_goes_to_the_old_ones_when_these_are_back(town, homes):
    undone(town, divided(town, "ended"))
    sent, ids = a_day(town, homes, BETWEEN, town.grid_b)
    # What somebody brought themselves, and their own conflicts, are the first worker's.
    sent = [each for each in sent if each["kind"] not in ("case.attach", "conflict.settle")]
    check_sent(town, "worker2", sent)
    found = landed(town, homes, sent, ids)
    own = dict.fromkeys(("by_area", "wild", "poppy", "shift", "patrol"), town.grid_b.path)
    assert found == dict.fromkeys(found, town.grid_a.path) | own


def test_a_grid_that_was_there_for_an_hour_is_read_as_the_one_that_has_its_homes_back(town, homes):
    undone(town, divided(town, "split"))
    new = f"{town.community.code}1003"
    case, home = str(new_id()), str(new_id())
    at_home = {"household": home, "dwelling": str(new_id()), "building": str(new_id()), "door": "1"}
    sent = [
        command("case.report", BETWEEN, case=case, item="M01-01", title="井盖", area=new),
        command(
            "household.add", BETWEEN, **at_home, building_name="新楼", area=new, lon=SPOT[0], lat=SPOT[1]
        ),
    ]
    check_sent(town, "community", sent)
    where = {
        one(town, "select path::text from cases_case where id = %s", case),
        one(town, "select path::text from households_household where id = %s", home),
    }
    assert where == {town.grid_a.path}


def test_a_shift_that_was_begun_and_sent_before_ends_after_its_grid_is_no_more(town, homes):
    began = command("shift.start", BEFORE, shift=homes.shift, area=town.grid_a.code)
    assert sync.push(town.as_viewer("worker"), [began], now=BEFORE)[0].status == "done"
    divided(town, "ended")
    patrol = str(new_id())
    times = {
        "started_at": (BEFORE + timedelta(minutes=5)).isoformat(),
        "ended_at": (BEFORE + timedelta(minutes=9)).isoformat(),
    }
    sent = [
        command(
            "patrol.record",
            BEFORE + timedelta(minutes=10),
            patrol=patrol,
            shift=homes.shift,
            **times,
            note="",
            points=[],
        ),
        command("shift.end", BEFORE + timedelta(minutes=15), shift=homes.shift),
    ]
    check_sent(town, "worker", sent)
    # It was walked in the old grid, and stays there.
    for table, key in (("visits_shift", homes.shift), ("visits_patrol", patrol)):
        assert one(town, f"select path::text from {table} where id = %s", key) == town.grid_a.path


def test_a_case_given_to_the_desk_of_a_grid_that_is_no_more_goes_to_the_desk_of_its_own(town, homes):
    town.run(
        "update cases_case set state = 'accepted', holder_path = %s::ltree, holder_level = 'community' where id = %s",
        [town.community.path, homes.case],
    )
    divided(town, "ended")
    given = command("case.step", BEFORE, case=homes.case, step="dispatch", area=town.grid_a.code)
    check_sent(town, "community", [given])
    assert one(town, "select holder_path::text from cases_case where id = %s", homes.case) == town.grid_b.path


def test_phones_of_both_grids_learn_at_the_next_sync_what_went_over(town, homes):
    _, left = everything(town.as_viewer("worker"))
    _, took = everything(town.as_viewer("worker2"))
    divided(town, "split")
    heard = pull(town.as_viewer("worker"), left)
    assert {homes.home, homes.second} <= gone(heard, "household")
    assert homes.case in gone(heard)
    assert homes.place in gone(heard, "place")
    assert told(pull(town.as_viewer("worker2"), took), "household") == set()


def test_the_phone_of_the_grid_that_took_it_over_is_given_it(town, homes):
    _, took = everything(town.as_viewer("worker2"))
    divided(town, "ended")
    follow_records_of_conflicts(NOW)
    heard = pull(town.as_viewer("worker2"), took)
    assert {homes.home, homes.second} <= told(heard, "household")
    assert homes.case in told(heard)
    assert homes.place in told(heard, "place")
    # Who has the record now settles what its former worker left unsettled.
    (settled,) = sync.push(
        town.as_viewer("worker2"),
        [
            command(
                "conflict.settle",
                NOW + timedelta(hours=1),
                conflict=homes.conflict,
                choice={"name": "theirs"},
            )
        ],
        now=LATER,
    )
    assert settled.status == "done"
