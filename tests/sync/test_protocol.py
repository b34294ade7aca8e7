"""The protocol under losses, repeats, crashes on both sides and two phones on one household: nothing is missing, nothing is twice.

Each seed is a story of its own, undone at its end; WANGGE_SEEDS says how many (100 by default; 1,000 take
minutes), WANGGE_FIRST_SEED where they begin.
"""

import os
import random
from datetime import timedelta

import pytest
from django.db import transaction
from tests import builders
from tests.builders import NOW
from tests.sync.phones import Lost, Phone, Server
from tests.visits.homes import household

from wangge.cases.models import Case, Note
from wangge.households.models import Household, Resident
from wangge.journal.models import Entry
from wangge.staff.queries import enter_as, enter_as_system
from wangge.sync import queries
from wangge.sync.models import Conflict, SyncCommand
from wangge.visits.models import Visit

FIRST_SEED = int(os.environ.get("WANGGE_FIRST_SEED", "0"))
SEEDS = FIRST_SEED + int(os.environ.get("WANGGE_SEEDS", "100"))
#: In one test, so that a failure names few.
PART = 25


class Story:
    """Two phones of one worker, and one of the community's lead, on the same three homes."""

    def __init__(self, town, homes, seed):
        self.chance = random.Random(seed)
        self.town, self.homes = town, homes
        self.server = Server(self.chance, loses=0.2, crashes=0.1)
        worker, lead = town.accounts["worker"].pk, town.accounts["community"].pk
        clocks = [timedelta(0), timedelta(days=2), timedelta(days=-2)]
        self.phones = [
            Phone(account, self.server, self.chance, clock)
            for account, clock in zip((worker, worker, lead), clocks, strict=True)
        ]
        self.cases, self.people = [], []

    def act(self, phone):
        """Something that a worker does, whether or not there is a signal."""
        home = str(self.chance.choice(self.homes).pk)
        match self.chance.randrange(9):
            case 0:
                self.cases.append(phone.new_id())
                phone.write(
                    "case.report",
                    {
                        "case": self.cases[-1],
                        "item": "M01-01",
                        "title": "路灯不亮",
                        "area": self.town.grid_a.code,
                    },
                )
            case 1 if self.cases:
                # It may be of another phone that has not sent it yet.
                case = self.chance.choice(self.cases)
                phone.write("note.add", {"case": case, "text": f"看过{self.chance.random()}"})
            case 2 | 3:
                phone.write(
                    "visit.record", {"household": home, "outcome": self.chance.choice(["met", "refused"])}
                )
            case 4:
                name = self.chance.choice(["has_plot", "only_by_law"])
                was = bool(phone.records.get(("household", home), {}).get(name, False))
                phone.write("household.change", {"household": home, name: {"was": was, "is": not was}})
            case 5:
                self.people.append(phone.new_id())
                phone.write(
                    "resident.add",
                    {
                        "resident": self.people[-1],
                        "household": home,
                        "name": "王小明",
                        "residency": "permanent",
                    },
                )
            case 6 | 7 if self.people:
                person = self.chance.choice(self.people)
                was = phone.records.get(("resident", person), {}).get("name", "王小明")
                name = self.chance.choice(["李四", "王五", "赵六"])
                phone.write("resident.change", {"resident": person, "name": {"was": was, "is": name}})
            case 8:
                phone.settle_one()

    def live(self, steps):
        for _ in range(steps):
            phone = self.chance.choice(self.phones)
            try:
                match self.chance.randrange(6):
                    case 0 | 1 | 2:
                        self.act(phone)
                    case 3 | 4:
                        phone.push(self.chance.randrange(1, 12))
                    case 5:
                        phone.pull(self.chance.randrange(1, 8))
            except Lost:
                pass  # it is on the disk, and goes the next time

    def end(self):
        self.server.loses = self.server.crashes = 0.0
        for _ in range(2):  # what one waits for, another may hold
            for phone in self.phones:
                for _again in range(8):
                    phone.push()
                    while phone.conflicts:
                        phone.settle_one()
        for phone in self.phones:
            phone.rest()
        for phone in self.phones:
            while phone.pull(100):
                pass


def check(story):
    said = {one["id"]: one for phone in story.phones for one in phone.said}
    done = {key for phone in story.phones for key in phone.done}
    refused = {key: code for phone in story.phones for key, code in phone.refused.items()}
    # Each command has an answer: done, refused for good, or a conflict that was settled. None waits, none is lost.
    kept = answered(story)
    assert kept.keys() == said.keys()
    conflicts = {key for key, status in kept.items() if status == "conflict"}
    assert done.isdisjoint(refused)
    assert done | refused.keys() | conflicts >= said.keys()
    # Two may pick at once: the second hears that it is settled. Nothing else is refused in these stories.
    assert set(refused.values()) <= {"already-settled"}
    # What was done is there exactly once.
    enter_as_system(story.town.city.path)
    of = lambda kind: {key for key, one in said.items() if one["kind"] == kind}  # noqa: E731
    assert {str(one) for one in Visit.objects.values_list("id", flat=True)} == of("visit.record")
    assert {str(one) for one in Note.objects.values_list("id", flat=True)} == of("note.add")
    assert {str(one) for one in Case.objects.values_list("id", flat=True)} == set(story.cases)
    heads = {str(home.resident_row.pk) for home in story.homes}
    people = {str(one) for one in Resident.objects.values_list("id", flat=True)}
    assert people - heads == set(story.people)
    entries = list(Entry.objects.exclude(command_id=None).values_list("command_id", flat=True))
    assert len(entries) == len(set(entries))
    # Both values of every conflict are kept, and a person has settled it.
    assert not Conflict.objects.filter(settled_at=None).exists()
    for conflict in Conflict.objects.all():
        assert conflict.fields
        assert Entry.objects.filter(verb="conflict.found", after__conflict=str(conflict.id)).count() == 1
    agree(story)


def answered(story):
    """What each command was answered, as each account reads it of its own."""
    rows = {}
    for account in {phone.account for phone in story.phones}:
        enter_as(account, now=NOW)
        rows |= {str(key): status for key, status in SyncCommand.objects.values_list("id", "status")}
    return rows


def agree(story):
    """Every phone holds what the server has of its places, and what a phone that begins now would be given."""
    for phone in story.phones:
        fresh = Phone(phone.account, story.server, story.chance)
        fresh.begin()
        assert phone.records.keys() == fresh.records.keys()
        different = {key for key, fields in fresh.records.items() if phone.records[key] != fields}
        assert not {key for key in different if key[0] != "account"}
        enter_as_system(story.town.city.path)
        for row in Household.objects.filter(id__in=[home.pk for home in story.homes]):
            assert phone.records["household", str(row.pk)]["revision"] == row.revision


@pytest.fixture
def homes(town):
    town.add(builders.item)
    made = [household(town, town.grid_a, door) for door in ("101", "102", "201")]
    town.owner.commit()
    return made


@pytest.mark.django_db
@pytest.mark.parametrize("part", range((SEEDS - FIRST_SEED + PART - 1) // PART))
def test_server_and_phones_agree_and_nothing_is_missing(town, homes, part):
    for seed in range(FIRST_SEED + part * PART, min(SEEDS, FIRST_SEED + (part + 1) * PART)):
        with transaction.atomic():
            story = Story(town, homes, seed)
            try:
                story.live(20)
                story.end()
                check(story)
            except AssertionError as problem:
                raise AssertionError(f"seed {seed}: {problem}") from problem
            transaction.set_rollback(True)


@pytest.mark.parametrize("seed", range(5))
def test_the_same_where_every_request_commits(town, homes, open_db, seed):
    """Here cursors move on: what is told once is not told again."""
    story = Story(town, homes, seed)
    story.live(40)
    story.end()
    with transaction.atomic():
        check(story)
    for phone in story.phones:
        with transaction.atomic():
            town.run("select pg_current_xact_id()")
            phone.pull(100)
            viewer = enter_as(phone.account, now=NOW)
            again = queries.changes_since(viewer, phone.cursor, limit=100, now=NOW)
            assert (again.changes, again.gone, again.fresh) == ([], [], False)


@pytest.mark.django_db
def test_a_story_has_conflicts_waits_and_repeats(town, homes):
    """Stories in which nothing goes wrong would prove nothing."""
    conflicts = waits = 0
    for seed in range(12):
        with transaction.atomic():
            story = Story(town, homes, seed)
            story.live(60)
            story.end()
            enter_as_system(town.city.path)
            conflicts += Conflict.objects.count()
            waits += sum(one["kind"] == "note.add" for phone in story.phones for one in phone.said)
            transaction.set_rollback(True)
    assert conflicts > 3
    assert waits > 10
