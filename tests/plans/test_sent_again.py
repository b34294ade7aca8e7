"""What a resident sends again under the same number is one comment, and nothing that they add is lost without a word."""

import pytest
from tests.builders import NOW
from tests.plans.test_from_residents import PHONE, asked, kept, says

from wangge.base.ids import new_id
from wangge.base.problems import OtherContent
from wangge.plans.actions.from_residents import MOST_BY_PLAN, MOST_BY_SOURCE
from wangge.plans.models import PlanReceipt
from wangge.plans.queries import open_for_comment
from wangge.staff.actions.throttling import count_attempt, counted_by

pytestmark = pytest.mark.django_db


def test_a_number_or_a_grid_that_is_added_on_sending_again_is_not_taken_for_the_same(town):
    plan, comment = asked(town), new_id()
    grid = open_for_comment.laid_open(plan.id).after[0].code
    says(plan, comment)
    for added in ({"phone": PHONE}, {"grid": grid}, {"text": "别的"}):
        with pytest.raises(OtherContent, match="stands beside it"):
            says(plan, comment, **added)
    [said] = kept(town, plan)
    assert said.comment.grid_code == ""


def test_all_of_it_sent_again_gives_the_same_code(town):
    plan, comment = asked(town), new_id()
    whole = {"phone": PHONE, "grid": open_for_comment.laid_open(plan.id).after[0].code}
    assert says(plan, comment, **whole) == says(plan, comment, **whole | {"phone": "13812345678"})
    for left_out in whole:
        with pytest.raises(OtherContent):
            says(plan, comment, **whole | {left_out: ""})
    assert not PlanReceipt.objects.exists(), "and whoever sends it sees nothing of what stands there"
    assert len(kept(town, plan)) == 1


def test_ten_places_that_say_all_they_may_leave_the_plan_to_others(town):
    plan = asked(town)
    for _ in range(10 * MOST_BY_SOURCE):
        count_attempt({counted_by("plan-comments", str(plan.id)): MOST_BY_PLAN}, NOW)
    assert says(plan)
