"""What a resident sends again under the same number is one comment, and nothing that they add is lost without a word, nor buried by
others' words.
"""

from datetime import timedelta

import pytest
from tests.builders import NOW
from tests.plans.test_from_residents import PHONE, asked, kept, says

from wangge.base.ids import new_id
from wangge.base.problems import OtherContent
from wangge.plans import actions
from wangge.plans.actions.from_residents import MOST_BY_PLAN, MOST_BY_SOURCE
from wangge.plans.models import PlanReceipt
from wangge.plans.queries import open_for_comment
from wangge.plans.queries.said import comments_of, how_many_said
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


def test_who_says_much_buries_nobody(town):
    plan = asked(town)
    says(plan, text="最早的一句")
    for number in range(3):
        later = NOW + timedelta(seconds=number + 1)
        says(plan, text=f"又一句{number}", source=f"192.0.2.{number + 2}", now=later)
    office = town.as_viewer("community")
    first, *_, last = comments_of(office, plan)
    assert (first.comment.text, last.comment.text) == ("又一句2", "最早的一句"), "the report has all of it"
    for said in comments_of(office, plan)[:3]:
        actions.answer_comment(office, plan.id, said.comment.id, text="知道了", now=NOW)
    [waiting, _] = comments_of(office, plan, waiting_first=2)
    assert waiting.comment.text == "最早的一句"
    assert how_many_said(office, plan) == 4
