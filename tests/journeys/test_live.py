"""Two people at two browsers: what one does is heard by the other without a reload, by the stream or by asking."""

from uuid import uuid4

import pytest
from django.db import transaction
from tests import builders
from tests.journeys.hands import until

from wangge.base import clock
from wangge.cases.actions import take_step
from wangge.doors.console.live import hub as hub_module

pytestmark = pytest.mark.browser

KEEP = """() => {
  window.heard = [];
  for (const name of ['case', 'counts', 'live'])
    document.addEventListener('wangge:' + name, (event) => window.heard.push([name, event.detail]));
}"""


def accept(town, case):
    """By somebody else, somewhere else."""
    with transaction.atomic():
        now = clock.now()
        viewer = town.as_viewer("community", now=now)
        take_step(viewer, case.id, "accept", command_id=uuid4(), facts={}, now=now)


@pytest.fixture
def lamp(busy_town):
    place = busy_town.community
    return busy_town.add(
        builders.case, busy_town.lamp_item, place, holder_path=place.path, holder_level="community"
    )


def test_a_step_of_somebody_else_is_heard_and_the_number_of_the_queue_ticks(desk, busy_town, lamp):
    township = desk("township")
    # The first counts may be told before anybody could listen, and are not told again while they stay the same.
    township.page.add_init_script(f"({KEEP})()")
    township.page.reload()
    until(township.page, "window.heard.some(([name]) => name === 'counts')")
    assert township.page.evaluate(
        "window.heard.filter(([name]) => name === 'counts').at(-1)[1].queues.new"
    ) == len([lamp])
    accept(busy_town, lamp)
    until(
        township.page, "window.heard.some(([name, said]) => name === 'case' && said.verb === 'case.accepted')"
    )
    (told,) = township.page.evaluate(
        "window.heard.filter(([name]) => name === 'case').map(([, said]) => said)"
    )
    assert (told["id"], told["state"], told["revision"]) == (str(lamp.id), "accepted", 2)
    assert told["by"] == "荷花社区负责人"
    until(township.page, "window.heard.some(([name, said]) => name === 'counts' && said.queues.new === 0)")
    assert township.problems == []


def test_where_no_stream_is_to_be_had_the_same_comes_by_asking(desk, busy_town, lamp, monkeypatch):
    monkeypatch.setattr(hub_module, "MOST_DESKS", 0)
    township = desk("township")
    township.page.add_init_script(f"({KEEP})()")
    with township.page.expect_response(lambda answer: "/console/live?ask" in answer.url) as asked:
        township.page.reload()
    assert asked.value.status == 200
    until(township.page, "window.heard.some(([name, said]) => name === 'counts' && said.queues.new === 1)")
