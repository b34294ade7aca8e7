"""The kept sums of a campaign equal a recount, whatever was answered in whatever order, and however often."""

from datetime import timedelta
from random import Random

import pytest
from tests import builders
from tests.campaigns.test_answers import answered, started
from tests.visits.homes import household

from wangge.campaigns.actions import answers as acts
from wangge.campaigns.models import Answer, DayTally, Target
from wangge.campaigns.queries import campaigns as asks

OUTCOMES = ("met", "met", "met", "nobody_home", "refused", "moved", "not_found", "empty")
ANSWERS = ({"has_plot": "no"}, {"has_plot": "yes"}, {}, None)


@pytest.mark.parametrize("seed", range(6))
def test_sums_by_grid_and_day_equal_a_recount(town, db, seed):
    draw = Random(seed)
    homes = [household(town, draw.choice((town.grid_a, town.grid_b)), f"{at}") for at in range(7)]
    campaign, _version = started(
        town,
        times=draw.choice((1, 2)),
        every_days=1,
        tries=draw.choice((0, 2)),
        counts=draw.choice(("answered", "met")),
    )
    sent = []
    for day in range(6):
        now = builders.NOW + timedelta(days=day)
        fresh = [
            answered(
                campaign,
                draw.choice(homes),
                outcome=draw.choice(OUTCOMES),
                answers=draw.choice(ANSWERS),
                now=now,
            )
            for _each in range(draw.randrange(1, 9))
        ]
        again = draw.sample(sent, k=min(len(sent), 3))
        batch = [*fresh, *again]
        draw.shuffle(batch)
        recorded = acts.record_answers(town.as_viewer("community"), batch, now=now)
        assert not [one.problem for one in recorded if one.problem]
        assert [one.repeated for one in recorded] == [each in again for each in batch]
        sent += fresh
        assert asks.kept_sums(campaign.id) == asks.recount(campaign.id)
    assert Answer.objects.count() == len(sent)
    counted = Answer.objects.filter(end="counted").count()
    assert counted == sum(Target.objects.values_list("answered", flat=True))
    assert counted == sum(DayTally.objects.values_list("done", flat=True))
    whole = asks.progress(town.as_viewer("centre"), campaign, today=builders.TODAY)
    assert sum(part.sums.households for part in whole.parts) == len(homes) == whole.sums.households
