"""A search in a process of its own, as the worker begins it: it knows the database, and what it finds stands there."""

import multiprocessing
import os
import time
from contextlib import contextmanager, suppress

from django.db import connections, transaction
from tests.plans.towns import laid_out

from wangge.base import clock
from wangge.plans.actions import begin_search
from wangge.plans.queries import searches
from wangge.project.searching import search_plans

PATIENCE_S = 120


@contextmanager
def seen(town, search_id):
    with transaction.atomic():
        viewer = town.as_viewer("community")
        yield viewer, searches.search_by_id(viewer, search_id)


def test_it_is_carried_out_in_another_process_and_its_page_tells(town, open_db):
    laid_out(town)
    asked = {"name": "比选", "unit": "compound", "low": 150, "high": 250, "curve": 2, "seconds": 10}
    with transaction.atomic():
        viewer = town.as_viewer("community")
        search = begin_search(viewer, area=town.community.code, now=clock.now(), **asked)
    assert search_plans(clock.now()) == 1
    [process] = [each for each in multiprocessing.active_children() if each.name == f"search {search.id}"]
    own, nice = os.getpriority(os.PRIO_PROCESS, 0), set()
    ends_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends_at:
        with suppress(ProcessLookupError):
            nice.add(os.getpriority(os.PRIO_PROCESS, process.pid))
        with seen(town, search.id) as (viewer, found):
            if found.state not in searches.OPEN:
                break
        connections.close_all()
        time.sleep(0.2)
    with seen(town, search.id) as (viewer, found):
        assert (found.state, found.problem) == ("done", {})
        assert searches.proposals_of(viewer, found)
    assert max(nice) == min(own + 10, 19), "people who wait for a page come first"
