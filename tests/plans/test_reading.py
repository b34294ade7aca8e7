"""A map that was sent is read in the background: one at a time, by turns, and what breaks off ends in a state that is told."""

import subprocess
from datetime import timedelta

import pytest
from django.db import transaction
from tests.builders import NOW
from tests.plans.test_ground import ROWS, a_map, read, sent
from tests.plans.towns import locked

from wangge.base import clock
from wangge.base.problems import NotFound, TooMany
from wangge.journal.models import Entry
from wangge.plans import actions, jobs
from wangge.plans.actions import grounding
from wangge.plans.actions import reading as reading_room
from wangge.plans.actions.reading import Taken
from wangge.plans.models import Ground, Reading
from wangge.plans.queries import ground as grounds
from wangge.plans.rules.problems import TooManyReadings

LATER = NOW + grounds.LOST + timedelta(seconds=1)


def state(town, reading):
    town.as_viewer("community")
    found = Reading.objects.get(id=reading.id)
    return found.state, found.problem.get("code", "")


@pytest.mark.django_db
def test_who_sends_a_map_is_answered_before_it_is_read(town, tmp_path, monkeypatch):
    monkeypatch.setattr(reading_room, "read_apart", lambda *_given: pytest.fail("it is read at once"))
    client = town.client("community")
    answer = client.put(
        f"/api/v1/plans/grounds/{town.community.code}",
        a_map(tmp_path, *ROWS).read_bytes(),
        content_type="application/octet-stream",
    )
    assert answer.status_code == 202
    told = answer.json()
    assert (told["state"], told["area"], told["problem"]) == ("waiting", town.community.code, "")
    again = client.get(f"/api/v1/plans/grounds/readings/{told['id']}")
    assert again.json() == told
    assert grounds.grounds(town.as_viewer("community")) == []


@pytest.mark.django_db
def test_one_is_read_at_a_time_and_who_sent_one_waits_for_nobody_s_second(town, tmp_path):
    file = a_map(tmp_path, *ROWS)
    first = sent(town, file, who="township", area=town.township, now=NOW)
    second = sent(town, file, who="township", now=NOW + timedelta(seconds=1))
    theirs = sent(town, file, who="far_community", area=town.far_community, now=NOW + timedelta(seconds=2))
    taken = jobs.take_reading(NOW)
    assert (taken.id, taken.tries) == (first.id, 1)
    assert jobs.take_reading(NOW + timedelta(seconds=30)) is None
    assert actions.carry_out_reading(taken).state == "done"
    taken = jobs.take_reading(NOW + timedelta(seconds=40))
    assert taken.id == theirs.id, "the other's first before one's second"
    actions.carry_out_reading(taken)
    assert jobs.take_reading(NOW + timedelta(seconds=50)).id == second.id


@pytest.mark.django_db
def test_what_breaks_off_is_read_once_more_and_then_given_up(town, tmp_path):
    reading = sent(town, a_map(tmp_path, *ROWS))
    taken = jobs.take_reading(NOW)
    assert jobs.take_reading(NOW + grounds.LOST - timedelta(seconds=1)) is None, "it may be alive"
    again = jobs.take_reading(LATER)
    assert (again.id, again.tries) == (reading.id, 2)
    assert actions.carry_out_reading(taken) is None, "who was only silent keeps nothing"
    town.as_system()
    assert not Ground.objects.exists()
    assert jobs.take_reading(LATER + grounds.LOST + timedelta(seconds=1)) is None
    assert state(town, reading) == ("failed", "lost")
    town.as_system()
    assert bytes(Reading.objects.get(id=reading.id).file) == b"", "the file is kept no longer"
    page = town.browser("community").get("/console/plans/grounds").content.decode()
    assert "hx-trigger" not in page.split('id="readings"')[1].split("</div>")[0]


@pytest.mark.django_db
def test_what_was_sent_later_of_the_same_area_takes_its_place(town, tmp_path):
    file = a_map(tmp_path, *ROWS)
    before = sent(town, file)
    after = sent(town, file)
    assert state(town, before) == ("failed", "replaced")
    assert jobs.take_reading(NOW).id == after.id


@pytest.mark.django_db
def test_an_account_has_few_that_are_still_to_be_read(town, tmp_path, monkeypatch):
    monkeypatch.setattr(reading_room, "MOST_OWN", 1)
    file = a_map(tmp_path, *ROWS)
    sent(town, file, who="township", area=town.township)
    with pytest.raises(TooManyReadings):
        sent(town, file, who="township")
    assert sent(town, file).state == "waiting", "somebody else still may"


@pytest.mark.django_db
def test_a_map_is_not_sent_again_and_again(town, tmp_path, monkeypatch):
    """Each takes the place of the one before, so that never more than one waits."""
    monkeypatch.setattr(reading_room, "MOST_AN_HOUR", 2)
    file = a_map(tmp_path, *ROWS)
    for minutes in (0, 10):
        send_at(town, file, NOW + timedelta(minutes=minutes))
    with pytest.raises(TooMany) as refused:
        send_at(town, file, NOW + timedelta(minutes=20))
    assert refused.value.facts["seconds"] == 40 * 60
    send_at(town, file, NOW + timedelta(minutes=20), who="township")
    send_at(town, file, NOW + timedelta(minutes=60))


def send_at(town, file, now, who="community"):
    return actions.send_ground(town.as_viewer(who), area=town.community.code, file=file, now=now)


def test_who_reads_a_map_knows_none_of_the_installation_s_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("WANGGE_PRIVATE_KEYS", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    told = tmp_path / "told"
    program = f"import os; open({str(told)!r}, 'w').write(repr(dict(os.environ)))"
    run = subprocess.run

    def instead(command, **facts):
        return run([command[0], "-c", program], **facts)

    monkeypatch.setattr(grounding.subprocess, "run", instead)
    assert grounding._ended(tmp_path / "map", tmp_path, None) == 0
    assert "PATH" in told.read_text()
    assert "secret" not in told.read_text()


@pytest.mark.django_db
def test_an_area_that_ended_meanwhile_keeps_no_map(town, tmp_path):
    reading = sent(town, a_map(tmp_path, *ROWS))
    town.run("update areas_area set valid_to = '2026-04-01' where code = %s", [town.community.code])
    done = read(town, reading)
    assert (done.state, done.problem["code"]) == ("failed", "invalid")
    town.as_system()
    assert not Ground.objects.exists()


@pytest.mark.django_db
def test_whatever_goes_wrong_its_page_tells_and_the_log_quotes_nothing(town, tmp_path, monkeypatch, caplog):
    def broken(*_given):
        raise RuntimeError("张三")

    monkeypatch.setattr(reading_room, "read_apart", broken)
    done = read(town, sent(town, a_map(tmp_path, *ROWS)))
    assert (done.state, done.problem) == ("failed", {"code": "broken"})
    assert "张三" not in caplog.text
    assert Entry.objects.filter(verb="ground.failed").get().after == {"problem": "broken"}


@pytest.mark.django_db
def test_the_page_tells_how_far_it_is_and_how_it_ended(town, tmp_path):
    now = clock.now()
    reading = sent(town, a_map(tmp_path, *ROWS), now=now)
    browser = town.browser("community")

    def page():
        return browser.get("/console/plans/grounds").content.decode()

    assert 'data-reading="waiting"' in page()
    assert 'hx-trigger="every 3s"' in page()
    taken = jobs.take_reading(now)
    assert 'data-reading="reading"' in page()
    actions.carry_out_reading(taken)
    assert 'data-reading="done"' in page()
    assert f'href="?ground={reading.id}#ground-{reading.id}"' in page()
    assert 'hx-trigger="every 3s"' not in page()
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x89PNG")
    read(town, sent(town, broken, now=now))
    assert "不是可读取的" in page().split('data-reading="failed"')[1][:900]
    other = town.browser("worker").get("/console/plans/grounds").content.decode()
    assert "data-reading" not in other, "who does not manage the area is told of no file"


def test_the_timers_wait_for_nobody_who_has_a_reading_under_lock(town, open_db, tmp_path):
    with transaction.atomic():
        reading = sent(town, a_map(tmp_path, *ROWS))
    taken = jobs.take_reading(NOW)
    with locked(town, Reading, reading.id):
        assert jobs.take_reading(LATER) is None, "under lock is alive"
    assert jobs.take_reading(LATER) == Taken(taken.root, taken.id, 2)


@pytest.mark.django_db
def test_who_does_not_manage_the_area_finds_no_reading(town, tmp_path):
    reading = sent(town, a_map(tmp_path, *ROWS))
    for who in ("worker", "far_community"):
        with pytest.raises(NotFound):
            grounds.reading_by_id(town.as_viewer(who), reading.id)
