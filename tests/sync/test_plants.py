"""What phones are told of plants: who sees the household is told of looks, and of a suspicion its finder alone."""

import pytest
from tests import builders
from tests.campaigns import planted
from tests.sync.test_pull import everything, pull, told

from wangge.campaigns.actions.plants import check_plant
from wangge.campaigns.models import PlantCheck

pytestmark = pytest.mark.django_db
NOW = builders.NOW


@pytest.fixture
def check(town):
    planted.item(town)
    planted.police(town)
    return planted.campaign(town), planted.household(town)


def seen_by_another(town, campaign, home, decision):
    """A look by somebody who is not the worker, as a stand-in before them."""
    row = PlantCheck(
        id=planted.new_id(),
        campaign=campaign,
        household_id=home.pk,
        path=home.path,
        number=7,
        decision=decision,
        case_id=planted.new_id() if decision == "suspected" else None,
        said_at=NOW,
        at=NOW,
        by_id=town.accounts["neighbour"].pk,
    )
    builders.insert(town.owner, row)
    town.owner.commit()
    return str(row.pk)


def test_looks_at_plants_are_in_the_snapshot_and_in_the_pull(town, check):
    campaign, home = check
    _, cursor = everything(town.as_viewer("worker"))
    kept = check_plant(
        town.as_viewer("worker"), planted.command(), planted.look(campaign, home, number=3), now=NOW
    )
    assert told(pull(town.as_viewer("worker"), cursor), "plant") == {str(kept.id)}
    records, _ = everything(town.as_viewer("worker"))
    fields = records["plant", str(kept.id)]
    assert (fields["household"], fields["number"], fields["decision"]) == (str(home.pk), 3, "nothing")


def test_outside_of_homes_they_are_told_by_their_grid(town, check):
    campaign, _ = check
    look = planted.look(campaign, area=town.grid_a.code, spot="河边空地")
    kept = check_plant(town.as_viewer("worker"), planted.command(), look, now=NOW)
    assert ("plant", str(kept.id)) in everything(town.as_viewer("worker"))[0]
    assert ("plant", str(kept.id)) not in everything(town.as_viewer("worker2"))[0]


def test_of_ones_own_suspicion_no_more_is_told_than_that_it_was_written(town, check):
    campaign, home = check
    viewer = town.as_viewer("worker")
    _, cursor = everything(viewer)
    look = planted.look(campaign, home, decision="suspected", answers={"sap": "white"})
    kept = check_plant(viewer, planted.command(), look, now=NOW)
    found = {change.id: change.fields for change in pull(viewer, cursor).changes if change.kind == "plant"}
    assert set(found[str(kept.id)]) == {
        "id", "revision", "campaign", "household", "spot", "number", "decision", "at",
    }  # fmt: skip
    records, _ = everything(viewer)
    assert not [key for key in records if key[0] == "case"]


@pytest.mark.parametrize("name", ["worker", "community", "worker2"])
def test_of_a_suspicion_of_somebody_else_not_even_an_id_is_told(town, check, name):
    campaign, home = check
    _, cursor = everything(town.as_viewer(name))
    hidden = seen_by_another(town, campaign, home, "suspected")
    shown = seen_by_another(town, campaign, home, "unsure")
    answer = pull(town.as_viewer(name), cursor)
    assert hidden not in {one.id for one in (*answer.changes, *answer.gone)}
    records, _ = everything(town.as_viewer(name))
    assert ("plant", hidden) not in records
    assert (("plant", shown) in records) == (name != "worker2")


def test_when_the_campaign_has_ended_a_new_phone_is_given_none(town, check):
    campaign, home = check
    check_plant(town.as_viewer("worker"), planted.command(), planted.look(campaign, home), now=NOW)
    town.run("update campaigns_campaign set state = 'ended' where id = %s", [campaign.pk])
    assert not [key for key in everything(town.as_viewer("worker"))[0] if key[0] == "plant"]
