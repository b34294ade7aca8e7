"""Looking at plants: what is kept, whom a suspicion reaches, and whom it does not."""

import io

import pytest
from pydantic import ValidationError
from tests import builders
from tests.campaigns import planted

from wangge.base.ids import new_id
from wangge.base.problems import Invalid, NotAllowed, NotFound, OtherContent
from wangge.blobs.actions import store_part
from wangge.campaigns.actions.plants import attach_late_photo, check_plant
from wangge.campaigns.queries import plants
from wangge.campaigns.queries.identifiers import identify
from wangge.cases.models import Attachment, Case, Task

NOW = builders.NOW
SAID = [
    {
        "identifier": "key",
        "version": "8e031120554b",
        "ranked": [{"species": "Papaver somniferum", "likelihood": 0.97, "taxon": "papaver-somniferum"}],
        "attention": ["papaver-somniferum"],
    }
]


@pytest.fixture
def check(town, db):
    """The campaign, a household in grid_a, the item and the police."""
    planted.item(town)
    planted.police(town)
    return planted.campaign(town), planted.household(town)


def store(viewer, colour=(60, 120, 60)):
    content, digest = planted.photo(colour)
    store_part(viewer, digest, io.BytesIO(content), None, now=NOW, length=len(content))
    return digest


def test_a_plant_without_suspicion_is_kept_and_makes_no_case(town, check):
    campaign, home = check
    viewer = town.as_viewer("worker")
    seen = planted.look(campaign, home, answers={"sap": "clear"}, said=SAID)
    kept = check_plant(viewer, planted.command(), seen, now=NOW)
    assert (kept.decision, kept.case_id, kept.path) == ("nothing", None, town.grid_a.path)
    assert kept.said[0]["ranked"][0]["species"] == "Papaver somniferum"
    assert not Case.objects.exists()


def test_the_same_command_again_changes_nothing(town, check):
    campaign, home = check
    viewer = town.as_viewer("worker")
    command, seen = planted.command(), planted.look(campaign, home, decision="suspected")
    first = check_plant(viewer, command, seen, now=NOW)
    again = check_plant(viewer, command, seen, now=NOW)
    assert (again.id, again.case_id) == (first.id, first.case_id)
    assert Case.objects.count() == 1


def test_an_id_of_another_look_is_refused(town, check):
    campaign, home = check
    viewer = town.as_viewer("worker")
    seen = planted.look(campaign, home)
    check_plant(viewer, planted.command(), seen, now=NOW)
    with pytest.raises(OtherContent):
        check_plant(viewer, planted.command(), seen, now=NOW)


def test_a_suspicion_goes_to_the_township_and_the_police(town, check):
    campaign, home = check
    viewer = town.as_viewer("worker")
    digest = store(viewer)
    seen = planted.look(campaign, home, decision="suspected", photo=digest, said=SAID)
    kept = check_plant(viewer, planted.command(), seen, now=NOW)
    case = Case.objects.get(id=kept.case_id)
    assert case.confidential
    assert (case.path, case.holder_path, case.state) == (town.township.path, town.township.path, "dispatched")
    assert (case.community_id, case.grid_id) == ("", "")
    assert [task.department_id for task in Task.objects.filter(case=case)] == ["police"]
    assert "渔村路8号" in case.address
    assert "一网格" in case.address
    assert "Papaver somniferum 97%" in case.description
    assert [each.blob_id for each in Attachment.objects.filter(case=case)] == [digest]


@pytest.mark.parametrize("name", ["township", "police", "worker"])
def test_those_who_are_told_see_case_and_photo(town, check, name):
    campaign, home = check
    viewer = town.as_viewer("worker")
    digest = store(viewer)
    seen = planted.look(campaign, home, decision="suspected", photo=digest)
    case_id = check_plant(viewer, planted.command(), seen, now=NOW).case_id
    town.as_viewer(name)
    assert Case.objects.filter(id=case_id).exists()
    assert Attachment.objects.filter(case_id=case_id, blob_id=digest).exists()


@pytest.mark.parametrize("name", ["community", "worker2", "neighbour", "handler", "instructor", "far_centre"])
def test_nobody_else_near_hears_of_a_suspicion(town, check, name):
    from wangge.blobs.models import Blob
    from wangge.campaigns.models import PlantCheck
    from wangge.cases.models import Tally
    from wangge.journal.models import Entry

    campaign, home = check
    viewer = town.as_viewer("worker")
    seen = planted.look(campaign, home, decision="suspected", photo=store(viewer), said=SAID)
    check_plant(viewer, planted.command(), seen, now=NOW)
    town.as_viewer(name)
    assert not Case.objects.exists()
    assert not PlantCheck.objects.exists()
    assert not Blob.objects.exists()
    assert not Tally.objects.exists()
    told = [f"{entry.verb}{entry.after}" for entry in Entry.objects.all()]
    assert not [line for line in told if "suspected" in line or line.startswith("case.")]


def test_the_community_sees_the_plants_without_suspicion(town, check):
    campaign, home = check
    check_plant(town.as_viewer("worker"), planted.command(), planted.look(campaign, home), now=NOW)
    viewer = town.as_viewer("community")
    assert plants.plant_counts(viewer, campaign.id) == {"nothing": 1}
    page = plants.checks_of(viewer, campaign.id)
    assert [each.number for each in page.checks] == [1]
    assert plants.grounds_of(viewer, page.checks) == {home.id: "渔村路8号 101"}


def test_the_township_sees_the_suspicions_of_its_campaign(town, check):
    campaign, home = check
    seen = planted.look(campaign, home, decision="suspected")
    check_plant(town.as_viewer("worker"), planted.command(), seen, now=NOW)
    viewer = town.as_viewer("township")
    assert plants.plant_counts(viewer, campaign.id) == {"suspected": 1}
    assert len(plants.checks_of(viewer, campaign.id, decision="suspected").checks) == 1
    assert plants.checks_of(viewer, campaign.id, decision="unsure").checks == []


def test_further_suspicions_at_one_place_join_the_open_case(town, check):
    campaign, home = check
    viewer = town.as_viewer("worker")
    digests = [store(viewer), store(viewer, (200, 30, 30))]
    cases = {
        check_plant(
            viewer,
            planted.command(),
            planted.look(campaign, home, number=number, decision="suspected", photo=digest),
            now=NOW,
        ).case_id
        for number, digest in enumerate(digests, start=1)
    }
    assert len(cases) == 1
    assert Attachment.objects.filter(case_id__in=cases).count() == 2
    elsewhere = planted.look(campaign, decision="suspected", area=town.grid_a.code, spot="校舍后面的空地")
    other = check_plant(viewer, planted.command(), elsewhere, now=NOW)
    assert other.case_id not in cases
    assert "校舍后面的空地" in Case.objects.get(id=other.case_id).address


def test_a_photo_that_comes_later_hangs_on_the_case(town, check):
    campaign, home = check
    viewer = town.as_viewer("worker")
    _, digest = planted.photo()
    seen = planted.look(campaign, home, decision="suspected", photo=digest)
    case_id = check_plant(viewer, planted.command(), seen, now=NOW).case_id
    assert not Attachment.objects.exists()
    assert plants.suspicions_without_photo(viewer) == [(case_id, digest)]
    assert not attach_late_photo(viewer, case_id, digest, now=NOW)
    store(viewer)
    system = town.as_system()
    assert plants.suspicions_without_photo(system) == [(case_id, digest)]
    assert attach_late_photo(system, case_id, digest, now=NOW)
    assert plants.suspicions_without_photo(system) == []


def test_a_digest_written_down_shows_nobody_the_photo_of_another(town, check):
    from wangge.blobs.models import Blob

    campaign, home = check
    digest = store(town.as_viewer("worker2"))
    viewer = town.as_viewer("worker")
    check_plant(viewer, planted.command(), planted.look(campaign, home, photo=digest), now=NOW)
    assert not Blob.objects.exists()


def test_the_police_having_no_office_leaves_it_to_the_township(town, db):
    planted.item(town)
    campaign, home = planted.campaign(town), planted.household(town)
    seen = planted.look(campaign, home, decision="suspected")
    kept = check_plant(town.as_viewer("worker"), planted.command(), seen, now=NOW)
    case = Case.objects.get(id=kept.case_id)
    assert (case.state, case.holder_path) == ("reported", town.township.path)


@pytest.mark.parametrize("name", ["worker2", "handler", "instructor", "far_worker"])
def test_others_look_at_no_plant_here(town, check, name):
    campaign, home = check
    with pytest.raises((NotFound, NotAllowed)):
        check_plant(town.as_viewer(name), planted.command(), planted.look(campaign, home), now=NOW)


def test_it_refuses_campaigns_of_another_kind_and_drafts(town, check):
    _, home = check
    viewer_town = town
    for facts in ({"way": ""}, {"state": "draft"}):
        campaign = planted.campaign(viewer_town, **facts)
        with pytest.raises(NotFound):
            check_plant(town.as_viewer("worker"), planted.command(), planted.look(campaign, home), now=NOW)


def test_what_was_seen_before_the_end_may_arrive_after_it(town, check):
    _, home = check
    ended = planted.campaign(town, state="ended")
    kept = check_plant(town.as_viewer("worker"), planted.command(), planted.look(ended, home), now=NOW)
    assert kept.campaign_id == ended.id


def test_a_look_is_at_a_household_or_a_place_in_words(town, check):
    campaign, _ = check
    with pytest.raises(ValidationError):
        planted.look(campaign)


def test_what_a_phone_keeps_of_a_plant(town, check):
    campaign, home = check
    viewer = town.as_viewer("worker")
    kept = check_plant(viewer, planted.command(), planted.look(campaign, home), now=NOW)
    told = plants.kept_plants(viewer, [str(kept.id), str(new_id())])
    assert set(told) == {str(kept.id)}
    assert told[str(kept.id)]["decision"] == "nothing"


def test_the_key_answers_whoever_walks(town, db):
    opinion = identify(town.as_viewer("worker"), "key", answers={"sap": "white", "base": "heart"})
    assert opinion.ranked[0].taxon == "papaver-somniferum"
    assert opinion.attention[0] == "papaver-somniferum"


def test_a_phones_command_ends_in_the_same_look(town, check):
    from wangge.campaigns.models import PlantCheck
    from wangge.sync.actions.kinds import KINDS

    campaign, home = check
    data = {"plant": str(new_id()), "campaign": str(campaign.id), "household": str(home.id), "number": 3}
    data |= {"decision": "unsure", "answers": {"sap": "white"}, "said": SAID, "photo": None}
    KINDS["plant.check"].act(town.as_viewer("worker"), planted.command(), data, NOW)
    assert PlantCheck.objects.get(id=data["plant"]).decision == "unsure"
    with pytest.raises(Invalid):
        KINDS["plant.check"].act(town.as_viewer("worker"), planted.command(), data | {"number": 0}, NOW)


def test_the_worker_hangs_up_photos_that_came_late(town, open_db):
    from django.db import transaction

    from wangge.campaigns.jobs import attach_late_photos

    planted.item(town)
    campaign, home = planted.campaign(town), planted.household(town)
    _, digest = planted.photo()
    with transaction.atomic():
        seen = planted.look(campaign, home, decision="suspected", photo=digest)
        check_plant(town.as_viewer("worker"), planted.command(), seen, now=NOW)
    assert attach_late_photos(NOW) == 0
    with transaction.atomic():
        store(town.as_viewer("worker"))
    assert attach_late_photos(NOW) == 1
    assert attach_late_photos(NOW) == 0


def tables_as_they_are(town):
    """What each table holds, whoever may see it."""
    names = "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
    whole = "select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {} t"
    return {name: town.rows(whole.format(name)) for (name,) in town.rows(names)}


def test_a_suspicion_writes_its_look_and_its_case_and_nothing_else(town, open_db):
    """No mark at the household, no visit, no errand, no count of the campaign, no word to anybody else."""
    from django.db import transaction

    planted.item(town)
    planted.police(town)
    campaign, home = planted.campaign(town), planted.household(town)
    with transaction.atomic():
        digest = store(town.as_viewer("worker"))
    before = tables_as_they_are(town)
    with transaction.atomic():
        seen = planted.look(campaign, home, decision="suspected", photo=digest, said=SAID)
        check_plant(town.as_viewer("worker"), planted.command(), seen, now=NOW)
    after = tables_as_they_are(town)
    changed = {name for name in after if after[name] != before[name]}
    assert "campaigns_plantcheck" in changed
    of_the_case = {name for name in changed if name.startswith(("cases_", "journal_"))}
    assert changed - of_the_case <= {"campaigns_plantcheck", "sync_touched"}, changed
    assert town.rows("select confidential from cases_case") == [(True,)]
