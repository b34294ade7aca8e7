"""Departments' questions for tests: doors enough to be asked, a question of the county's city management, replies."""

from datetime import timedelta

from tests.builders import NOW, TODAY
from tests.visits.homes import household

from wangge.base.commands import Command
from wangge.base.ids import new_id
from wangge.visits import actions

OFFICE = "320703000000/city-management"


def homes_in(town, *, count=12, plots=10):
    """So many homes of grid_a, the first of them with a vegetable plot."""
    return [
        household(town, town.grid_a, str(101 + place), name=f"王{place}", has_plot=place < plots)
        for place in range(count)
    ]


def ask(town, *, by="handler", now=NOW, **facts):
    """A question to the community of grid_a, which waits for its office."""
    said = {
        "text": "家里养狗吗？",
        "answer": "yes_no",
        "basis": "《江苏省养犬管理条例》",
        "area": town.community.code,
    }
    said |= {"office": OFFICE, "from_on": TODAY, "to_on": TODAY + timedelta(days=20)}
    return actions.ask_question(
        town.as_viewer(by, now=now), new_id(), actions.NewQuestion(**said | facts), now=now
    )


def visit(town, home, *replies, outcome="met", at=NOW, **facts):
    """What a worker tells of a call at this door; replies are (question, what was said) or (question, None): declined."""
    told = tuple(
        actions.ReplyTold(question.id, said or "", declined=said is None) for question, said in replies
    )
    told_of = actions.Told(household=home.pk, outcome=outcome, replies=told, **facts)
    made, _new = actions.record_visit(town.as_viewer("worker"), Command(new_id(), at), told_of, now=at)
    return made


def answered_by_all(town, homes, question, said):
    for home in homes:
        visit(town, home, (question, said))
