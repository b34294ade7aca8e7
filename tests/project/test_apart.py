"""Work in a process of its own, as the worker begins it: it knows the database, and what it finds stands there."""

import multiprocessing
import os
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from django.db import connections, transaction
from tests.plans.test_ground import ROWS, a_map
from tests.plans.towns import laid_out

from wangge.base import clock
from wangge.plans import jobs
from wangge.plans.actions import begin_search, send_ground
from wangge.plans.queries import ground, searches
from wangge.project import apart

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
    assert jobs.compute_plans(clock.now(), begin_search=apart.begin_search, seconds=0) == 1
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


def test_maps_are_read_one_after_another_by_one_reader(town, open_db, tmp_path):
    laid_out(town)
    with transaction.atomic():
        sent = [
            send_ground(town.as_viewer(who), area=place.code, file=a_map(tmp_path, *ROWS), now=clock.now())
            for who, place in (("community", town.community), ("township", town.township))
        ]
    assert apart.read_grounds(clock.now()) == 1
    assert apart.read_grounds(clock.now()) == 0, "one reads on this machine"
    [reader] = apart._READERS
    reader.join(PATIENCE_S)
    assert reader.exitcode == 0
    with transaction.atomic():
        viewer = town.as_viewer("township")
        assert {each.state for each in ground.readings(viewer, now=clock.now())} == {"done"}
        assert {each.id for each in ground.grounds(viewer)} == {each.id for each in sent}


def test_who_reads_leaves_nobody_behind_when_it_is_killed(tmp_path):
    """The reader of a file that never ends, whose parent is killed."""
    pipe = tmp_path / "pid"
    program = (
        "import pathlib, subprocess, sys, time\n"
        "from wangge.plans.actions import grounding\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],"
        " preexec_fn=grounding._ends_with_its_parent)\n"
        f"pathlib.Path({str(pipe)!r}).write_text(str(child.pid))\n"
        "time.sleep(600)\n"
    )
    settings = {**os.environ, "DJANGO_SETTINGS_MODULE": "wangge.project.settings"}
    setup = "import django; django.setup()\n"
    parent = subprocess.Popen([sys.executable, "-c", setup + program], env=settings)
    try:
        ends_at = time.monotonic() + PATIENCE_S
        while not (pipe.exists() and pipe.read_text()) and time.monotonic() < ends_at:
            time.sleep(0.05)
        child = int(pipe.read_text())
    finally:
        parent.kill()
        parent.wait()
    while time.monotonic() < ends_at and _lives(child):
        time.sleep(0.05)
    assert not _lives(child)


def _lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
