"""Campaigns from a workbook to the sums: who is asked, what an answer becomes, and what is seen by whom."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from tests import builders
from tests.campaigns.workbooks import SURVEY, workbook
from tests.visits.homes import household, need

from wangge.base.commands import Command
from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed, NotFound, OtherContent
from wangge.campaigns.actions import answers as acts
from wangge.campaigns.actions import campaigns as runs
from wangge.campaigns.actions.forms import take_form
from wangge.campaigns.jobs import end_campaigns, start_campaigns
from wangge.campaigns.models import Answer, Target
from wangge.campaigns.queries import campaigns as asks
from wangge.campaigns.queries.kept import kept, to_keep
from wangge.campaigns.rules.problems import BadForm, CampaignStepNotPossible, NobodyAsked, OtherForm
from wangge.visits import actions as visits
from wangge.visits.models import DueVisit, Visit
from wangge.visits.queries import kept as visits_kept

NOW, TODAY = builders.NOW, builders.TODAY
GOOD = {"has_plot": "no"}


def draft(version, area, **facts):
    said = {"name": "菜地踏查", "from_on": TODAY, "to_on": TODAY + timedelta(days=9), **facts}
    return runs.Draft(area=area, form_version=version.id, **said)


def started(town, *, who="township", area="township", chosen=None, survey=SURVEY, **facts):
    """A campaign that runs, and its form; the transaction's viewer is `who`."""
    viewer = town.as_viewer(who)
    version = take_form(
        viewer, content=workbook(survey), file_name="踏查.xlsx", area=town.areas[area].code, now=NOW
    )
    made = runs.begin_campaign(
        viewer, draft(version, town.areas[area].code, chosen=chosen or {}, **facts), now=NOW
    )
    runs.start_campaign(viewer, made.id, now=NOW)
    return asks.campaign_by_id(viewer, made.id), version


def answered(campaign, home, *, answers=GOOD, now=NOW, said=None, **facts):
    given = {
        "command": Command(new_id(), said or now),
        "campaign": campaign.id,
        "household": home.pk,
        "form_version": campaign.form_version_id,
        "answers": answers,
        **facts,
    }
    return acts.GivenAnswer(**given)


def record(town, who, *given, now=NOW):
    return acts.record_answers(town.as_viewer(who), list(given), now=now)


def test_a_campaign_asks_those_that_fit_and_its_sums_equal_a_recount(town, db):
    homes = [household(town, town.grid_a, f"a{i}", has_plot=i % 2 == 0) for i in range(4)]
    other = household(town, town.grid_b, "b1", has_plot=True)
    household(town, town.far_grid, "f1", has_plot=True)
    campaign, _version = started(town, chosen={"plot": True})
    viewer = town.as_viewer("township")
    assert asks.kept_sums(campaign.id) == asks.recount(campaign.id)
    whole = asks.progress(viewer, campaign, today=TODAY)
    assert (whole.sums.households, whole.sums.waiting, whole.level) == (3, 3, "township")
    assert {part.name: part.sums.households for part in whole.parts} == {"荷花社区居委会": 3}
    record(
        town,
        "worker",
        answered(campaign, homes[0]),
        answered(campaign, homes[2], outcome="nobody_home", answers=None),
    )
    viewer = town.as_viewer("township")
    assert asks.kept_sums(campaign.id) == asks.recount(campaign.id)
    below = asks.progress(viewer, campaign, code=town.community.code, today=TODAY)
    assert {part.code: (part.sums.done, part.sums.nobody_home, part.sums.left) for part in below.parts} == {
        town.grid_a.code: (1, 1, 1),
        town.grid_b.code: (0, 0, 1),
    }
    assert below.by_day == [(TODAY, 1)]
    assert (below.pace.wanted, below.pace.needed) == (0, pytest.approx(0.2))
    assert Target.objects.get(household_id=other.pk).standing == "waiting"


def test_needs_and_lists_choose_too_but_never_together(town, db):
    home, alone = household(town, town.grid_a, "1"), household(town, town.grid_a, "2")
    need(town, alone)
    campaign, _version = started(town, chosen={"needs": ["living_alone"]})
    assert list(Target.objects.filter(campaign=campaign).values_list("household_id", flat=True)) == [alone.pk]
    campaign, _version = started(town, chosen={"households": [str(home.pk)]})
    assert list(Target.objects.filter(campaign=campaign).values_list("household_id", flat=True)) == [home.pk]
    with pytest.raises(NobodyAsked):
        started(town, chosen={"areas": [town.grid_b.code]})


def test_a_centre_runs_a_campaign_over_homes_that_it_does_not_see(town, db):
    home = household(town, town.grid_a, "1")
    campaign, _version = started(town, who="centre", area="county")
    centre = town.as_viewer("centre")
    assert asks.progress(centre, campaign, today=TODAY).sums.households == 1
    assert not Target.objects.exists()
    record(town, "worker", answered(campaign, home))
    centre = town.as_viewer("centre")
    assert asks.progress(centre, campaign, today=TODAY).sums.done == 1
    assert asks.answers_of(centre, campaign) == []


def test_the_same_answer_counts_once_and_another_under_its_id_is_refused(town, db):
    home = household(town, town.grid_a, "1")
    campaign, _version = started(town)
    given = answered(campaign, home)
    (first,) = record(town, "worker", given)
    (again,) = record(town, "worker", given)
    assert (first.end, again.end, again.repeated) == ("counted", "counted", True)
    (other,) = record(town, "worker", replace(given, answers={"has_plot": "no", "seen": ["fine"]}))
    assert isinstance(other.problem, OtherContent)
    assert Answer.objects.count() == 1
    assert asks.kept_sums(campaign.id)[town.grid_a.path].done == 1


def test_a_second_answer_for_a_door_that_is_done_is_kept_and_says_so(town, db):
    home = household(town, town.grid_a, "1")
    campaign, _version = started(town)
    first, second = (
        answered(campaign, home),
        answered(campaign, home, answers={"has_plot": "no", "seen": "fine"}),
    )
    assert [one.end for one in record(town, "worker", first, second)] == ["counted", "again"]
    assert Answer.objects.count() == 2


def test_an_answer_with_faults_is_kept_counts_as_a_problem_and_can_be_made_good(town, db):
    home = household(town, town.grid_a, "1")
    campaign, _version = started(town)
    bad = {
        "has_plot": "yes",
        "plot": {"size": 0, "crop": [{"kind": "白菜", "share": 11}, {}]},
        "sown": "2030-01-01",
    }
    (recorded,) = record(town, "worker", answered(campaign, home, answers=bad))
    assert recorded.end == "faulty"
    assert {(one["question"], one["fault"]) for one in recorded.faults} == {
        ("plot/size", "constraint"),
        ("plot/crop/0/share", "constraint"),
        ("plot/crop/1/kind", "required"),
        ("sown", "constraint"),
    }
    assert asks.kept_sums(campaign.id)[town.grid_a.path].problems == 1
    (recorded,) = record(town, "worker", answered(campaign, home))
    assert recorded.end == "counted"
    assert asks.kept_sums(campaign.id) == asks.recount(campaign.id)


def test_what_left_was_not_asked_or_is_over_is_kept_and_says_so(town, db):
    gone, home, other = (household(town, town.grid_a, each, has_plot=each != "3") for each in "123")
    campaign, _version = started(town, chosen={"plot": True})
    town.run("update households_household set valid_to = '2026-04-15' where id = %s", [gone.pk])
    ends = record(town, "worker", answered(campaign, gone), answered(campaign, other))
    assert [one.end for one in ends] == ["left", "not_asked"]
    assert asks.kept_sums(campaign.id)[town.grid_a.path].gone == 1
    runs.end_campaign(town.as_viewer("township"), campaign.id, reason="提前完成", now=NOW)
    later = NOW + timedelta(days=3)
    late, in_time = answered(campaign, home, said=later), answered(campaign, home, said=NOW)
    assert [one.end for one in record(town, "worker", late, in_time, now=later)] == ["late", "counted"]
    assert [
        one.end
        for one in record(town, "worker", answered(campaign, home, said=NOW), now=NOW + timedelta(days=30))
    ] == ["late"]
    assert Answer.objects.count() == 5
    assert asks.kept_sums(campaign.id) == asks.recount(campaign.id)


def test_only_who_works_there_answers_and_only_who_runs_it_starts(town, db):
    home = household(town, town.grid_a, "1")
    campaign, version = started(town)
    for who, problem in (("worker2", NotFound), ("far_worker", NotFound), ("dispatcher", NotFound)):
        (recorded,) = record(town, who, answered(campaign, home))
        assert isinstance(recorded.problem, problem), who
    with pytest.raises(NotAllowed):
        runs.end_campaign(town.as_viewer("worker"), campaign.id, reason="x", now=NOW)
    with pytest.raises(NotAllowed):
        runs.begin_campaign(town.as_viewer("township"), draft(version, town.county.code), now=NOW)
    with pytest.raises(NotFound):
        asks.campaign_by_id(town.as_viewer("far_worker"), campaign.id)
    with pytest.raises(CampaignStepNotPossible):
        runs.start_campaign(town.as_viewer("township"), campaign.id, now=NOW)


def test_a_campaign_is_an_errand_at_the_door_until_it_is_done(town, db):
    home = household(town, town.grid_a, "1")
    campaign, _version = started(town, times=2, every_days=5)
    open_errands = "select since, by from visits_errand where household_id = %s and done_at is null"

    def errands():
        with connection.cursor() as cursor:
            cursor.execute(open_errands, [home.pk])
            return cursor.fetchall()

    worker = town.as_viewer("worker")
    assert errands() == [(TODAY, TODAY + timedelta(days=9))]
    assert asks.errands(worker, [home.pk], today=TODAY) == {home.pk: [campaign]}
    record(town, "worker", answered(campaign, home))
    assert errands() == [(TODAY + timedelta(days=5), TODAY + timedelta(days=9))]
    assert asks.errands(worker, [home.pk], today=TODAY) == {}
    record(town, "worker", answered(campaign, home), now=NOW + timedelta(days=5))
    assert errands() == []
    assert asks.kept_sums(campaign.id)[town.grid_a.path].done == 1


def test_a_visit_in_vain_is_told_to_the_campaigns_that_are_due_there(town, db):
    home = household(town, town.grid_a, "1")
    started(town, tries=2)
    visit = new_id()
    for _twice in range(2):
        acts.note_visits(town.as_viewer("worker"), [(visit, home.pk, "nobody_home", NOW)], now=NOW)
    target = Target.objects.get(household_id=home.pk)
    assert (target.standing, target.tried, target.due_on) == ("nobody_home", 1, TODAY + timedelta(days=1))
    later = NOW + timedelta(days=1)
    acts.note_visits(town.as_viewer("worker"), [(new_id(), home.pk, "nobody_home", later)], now=later)
    assert Target.objects.get(household_id=home.pk).due_on is None


def test_who_was_met_and_declines_is_asked_no_more_and_may_change_their_mind(town, db):
    """The visit stays a visit at which somebody was met; the campaign alone counts a refusal, and is due there no more."""
    home, visit = household(town, town.grid_a, "1"), Command(new_id(), NOW)
    campaign, _version = started(town, times=3, every_days=1)
    worker = town.as_viewer("worker")
    visits.record_visit(worker, visit, visits.Told(household=home.pk, outcome="met"), now=NOW)

    def campaigns_due():
        return [each["why"] for each in DueVisit.objects.get(household_id=home.pk).reasons].count("campaign")

    assert campaigns_due() == 1, "somebody who is met has not answered yet"
    (told,) = record(
        town, "worker", answered(campaign, home, outcome="refused", answers=None, visit=visit.id)
    )
    visits.renew_due(town.as_viewer("worker"), [home.pk], now=NOW)
    assert (told.end, told.problem, campaigns_due()) == ("tried", None, 0)
    assert Visit.objects.get(household_id=home.pk).outcome == "met"
    target = Target.objects.get(household_id=home.pk)
    assert (target.standing, target.due_on) == ("refused", None)
    sums = asks.kept_sums(campaign.id)
    assert sums == asks.recount(campaign.id)
    assert (sums[town.grid_a.path].refused, sums[town.grid_a.path].done) == (1, 0)
    (later,) = record(town, "worker", answered(campaign, home))
    assert later.end == "counted"


def test_an_instance_of_a_phone_is_read_as_the_same_answer(town, db):
    home = household(town, town.grid_a, "1")
    campaign, _version = started(town)
    xml = (
        '<data xmlns:jr="http://openrosa.org/javarosa" id="x"><has_plot>yes</has_plot><plot><size>12</size>'
        '<crop jr:template=""><kind/></crop><crop><kind>白菜</kind></crop><crop><kind>萝卜</kind><share>3.5</share></crop></plot>'
        "<seen>fine</seen></data>"
    )
    (recorded,) = record(town, "worker", answered(campaign, home, answers=None, instance=xml))
    assert (recorded.end, recorded.faults) == ("counted", [])
    kept_answer = json.loads(Answer.objects.get().answers)
    assert kept_answer["plot"] == {
        "size": "12",
        "crop": [{"kind": "白菜"}, {"kind": "萝卜", "share": "3.5"}],
        "crops": "2",
    }
    with connection.cursor() as cursor:
        cursor.execute("select answers from campaigns_answer")
        assert "白菜".encode() not in bytes(cursor.fetchone()[0])


def test_a_bomb_of_entities_is_no_answer(town, db):
    home = household(town, town.grid_a, "1")
    campaign, _version = started(town)
    xml = '<!DOCTYPE d [<!ENTITY a "aaaa">]><data><has_plot>&a;</has_plot></data>'
    (recorded,) = record(town, "worker", answered(campaign, home, answers=None, instance=xml))
    assert recorded.problem.code == "invalid"


def test_an_answer_to_another_form_is_refused_and_one_to_an_earlier_version_is_not(town, db):
    home = household(town, town.grid_a, "1")
    campaign, version = started(town)
    viewer = town.as_viewer("township")
    again = take_form(
        viewer, content=workbook(), file_name="踏查.xlsx", area="", form_id=version.form_id, now=NOW
    )
    assert again.id == version.id
    newer = take_form(
        viewer,
        content=workbook([*SURVEY, ("text", "more", "还有什么", "What else?")]),
        file_name="2.xlsx",
        area="",
        form_id=version.form_id,
        now=NOW,
    )
    assert (newer.number, newer.form_id) == (2, version.form_id)
    foreign = take_form(viewer, content=workbook(), file_name="x.xlsx", area=town.township.code, now=NOW)
    ends = record(
        town,
        "worker",
        answered(campaign, home, form_version=foreign.id),
        answered(campaign, home, form_version=newer.id),
    )
    assert isinstance(ends[0].problem, OtherForm)
    assert ends[1].end == "counted"


def test_every_wrong_cell_of_a_form_is_named(town, db):
    survey = [
        ("type", "name", "label", "relevant", "calculation"),
        ("text", "a b", "A", "", ""),
        ("select_one nothing", "q", "Q", "${missing} = 1", ""),
        ("strange", "r", "R", "", ""),
        ("integer", "r", "R", "1 + ", ""),
        ("calculate", "c", "", "", ""),
        ("begin_group", "g", "G", "", ""),
    ]
    with pytest.raises(BadForm) as bad:
        take_form(
            town.as_viewer("township"),
            content=workbook(survey),
            file_name="x.xlsx",
            area=town.township.code,
            now=NOW,
        )
    assert [(cell.sheet, cell.row, cell.column) for cell in bad.value.cells] == [
        ("survey", 2, "B"),
        ("survey", 3, "A"),
        ("survey", 3, "D"),
        ("survey", 4, "A"),
        ("survey", 5, "B"),
        ("survey", 5, "D"),
        ("survey", 6, "E"),
        ("survey", 7, "A"),
    ]


def test_a_phone_keeps_what_runs_and_nothing_of_drafts(town, db):
    household(town, town.grid_a, "1")
    campaign, version = started(town)
    town.as_viewer("township")
    runs.add_material(town.as_viewer("township"), campaign.id, title="宣传词", text="种罂粟违法", now=NOW)
    worker = town.as_viewer("worker")
    ids = to_keep(worker)
    assert (ids["campaign"], ids["form"]) == ([str(campaign.id)], [str(version.id)])
    assert len(ids["material"]) == 1
    told = {kind: kept(worker, kind, each) for kind, each in ids.items()}
    assert told["campaign"][str(campaign.id)]["name"] == "菜地踏查"
    assert told["form"][str(version.id)]["xform"].startswith("<?xml")
    assert next(iter(told["material"].values()))["text"] == "种罂粟违法"
    assert kept(town.as_viewer("far_worker"), "campaign", ids["campaign"]) == {}
    draft_one = runs.begin_campaign(town.as_viewer("township"), draft(version, town.township.code), now=NOW)
    assert kept(town.as_viewer("worker"), "campaign", [str(draft_one.id)]) == {}


def test_a_phone_is_told_every_way_in_which_its_doors_stand(town, db):
    homes = [household(town, town.grid_a, f"{at}") for at in range(5)]
    campaign, _version = started(town, times=2, every_days=1)
    outcomes = [
        answered(campaign, home, outcome=outcome, answers=None)
        for home, outcome in zip(homes[1:], ("not_found", "refused", "nobody_home"), strict=False)
    ]
    record(town, "worker", answered(campaign, homes[0]), *outcomes)
    worker = town.as_viewer("worker")
    told = kept(worker, "campaign", [str(campaign.id)])[str(campaign.id)]
    whole = asks.progress(worker, campaign, today=TODAY).sums
    assert told["progress"] == {name: getattr(whole, name) for name in told["progress"]}
    assert (told["progress"]["not_found"], told["progress"]["refused"]) == (1, 1)
    assert (told["times"], told["progress"]["answered"], told["progress"]["done"]) == (2, 1, 0)


def test_a_campaign_ends_by_itself_after_its_last_day(town, open_db):
    household(town, town.grid_a, "1")
    with transaction.atomic():
        started(town)
    assert end_campaigns(NOW + timedelta(days=9)) == 0
    assert end_campaigns(NOW + timedelta(days=10)) == 1
    assert town.rows("select state from campaigns_campaign") == [("ended",)]
    assert town.rows("select count(*) from visits_errand where done_at is null") == [(0,)]


def test_a_start_that_asks_many_is_frozen_part_by_part_and_told(town, db, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE", 1)
    homes = [household(town, grid, str(number)) for number, grid in enumerate((town.grid_a, town.grid_b) * 2)]
    viewer = town.as_viewer("centre")
    county = town.areas["county"].code
    version = take_form(viewer, content=workbook(), file_name="踏查.xlsx", area=county, now=NOW)
    made = runs.begin_campaign(viewer, draft(version, county), now=NOW)
    asked = runs.start_campaign(viewer, made.id, now=NOW)
    assert asked >= len(homes)
    campaign = asks.campaign_by_id(viewer, made.id)
    assert (campaign.state, campaign.is_starting, asks.frozen(viewer, campaign)) == ("draft", True, 0)
    with pytest.raises(CampaignStepNotPossible):
        runs.start_campaign(viewer, made.id, now=NOW)
    with pytest.raises(CampaignStepNotPossible):
        runs.change_campaign(viewer, made.id, draft(version, county), revision=campaign.revision, now=NOW)
    assert to_keep(town.as_viewer("worker"))["campaign"] == []
    assert start_campaigns(NOW, seconds=0) == 0  # another promise's turn comes first
    parts = start_campaigns(NOW)
    viewer = town.as_viewer("centre")
    campaign = asks.campaign_by_id(viewer, made.id)
    assert parts >= 1
    assert (campaign.state, campaign.is_starting, asks.frozen(viewer, campaign)) == ("running", False, asked)
    assert to_keep(town.as_viewer("worker"))["campaign"] == [str(made.id)]
    assert start_campaigns(NOW) == 0


def test_a_start_goes_on_where_it_was_killed(town, db, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE", 1)
    for number, grid in enumerate((town.grid_a, town.grid_b) * 2):
        household(town, grid, str(number))
    viewer = town.as_viewer("centre")
    county = town.areas["county"].code
    version = take_form(viewer, content=workbook(), file_name="踏查.xlsx", area=county, now=NOW)
    made = runs.begin_campaign(viewer, draft(version, county), now=NOW)
    asked = runs.start_campaign(viewer, made.id, now=NOW)
    assert runs.carry_on_start(town.as_system("county"), made.id, now=NOW)
    before = asks.frozen(viewer, asks.campaign_by_id(viewer, made.id))
    with transaction.atomic():
        runs.carry_on_start(town.as_system("county"), made.id, now=NOW)
        transaction.set_rollback(True)
    assert asks.frozen(viewer, asks.campaign_by_id(viewer, made.id)) == before
    while runs.carry_on_start(town.as_system("county"), made.id, now=NOW):
        pass
    assert Target.objects.filter(campaign_id=made.id).count() <= asked
    assert asks.campaign_by_id(town.as_viewer("centre"), made.id).state == "running"
    assert sum(one.households for one in asks.kept_sums(made.id).values()) == asked


def test_a_visit_counts_for_campaigns_whichever_way_it_comes_in(town, db):
    home = household(town, town.grid_a, "1")
    campaign, _version = started(town)
    told = visits.Told(household=home.pk, outcome="nobody_home")
    visits.record_visit(town.as_viewer("worker"), Command(new_id(), NOW), told, now=NOW)
    assert Target.objects.get(household_id=home.pk).standing == "nobody_home"
    assert asks.kept_sums(campaign.id) == asks.recount(campaign.id)


def test_a_door_where_somebody_was_met_owes_its_answer_still(town, db):
    home = household(town, town.grid_a, "1")
    campaign, _version = started(town)
    worker = town.as_viewer("worker")
    visit, _ = visits.record_visit(
        worker, Command(new_id(), NOW), visits.Told(household=home.pk, outcome="met"), now=NOW
    )
    due = visits_kept(worker, "due", [str(home.pk)])[str(home.pk)]["reasons"]
    told = {reason["why"]: (reason["text"], reason["ref"]) for reason in due}
    assert told["campaign"] == ("菜地踏查", str(campaign.id))
    (recorded,) = record(town, "worker", answered(campaign, home, visit=visit.id))
    assert recorded.end == "counted"
    assert asks.errands(worker, [home.pk], today=TODAY) == {}


def test_a_phone_is_told_how_far_a_campaign_is_in_its_own_grid(town, db):
    homes = [household(town, town.grid_a, f"a{i}") for i in range(3)]
    household(town, town.grid_b, "b1")
    campaign, _version = started(town)
    record(
        town,
        "worker",
        answered(campaign, homes[0]),
        answered(campaign, homes[1], outcome="refused", answers=None),
    )
    told = kept(town.as_viewer("worker"), "campaign", [str(campaign.id)])[str(campaign.id)]["progress"]
    sums = {"done": 1, "nobody_home": 0, "refused": 1, "not_found": 0, "gone": 0, "faulty": 0}
    assert told == {"households": 3, "answered": 1} | sums
    with connection.cursor() as cursor:
        cursor.execute(
            "select path::text from sync_touched where kind = 'campaign' and row_id = %s", [str(campaign.id)]
        )
        assert town.grid_a.path in {path for (path,) in cursor.fetchall()}
