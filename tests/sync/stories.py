"""Stories of phones that work without a signal: where they play, what people do in them, and what must be so at their end.

Each seed is a story of its own. Every request of it is committed, so that cursors move on as they do in earnest; before the next
one the tables are as they were.
"""

import hashlib
import io
import random
import shutil
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from django.core.files.storage import default_storage
from django.db import connection, transaction
from PIL import Image
from tests import builders
from tests.campaigns import planted
from tests.cast import Town, written
from tests.stage import Stage
from tests.sync.phones import Handset, Lost, Phone, Server, SignedOut
from tests.visits.homes import household

from wangge.base.ids import new_id
from wangge.base.problems import Problem
from wangge.blobs.actions.parts import folder
from wangge.blobs.models import Blob
from wangge.blobs.queries import stored_name
from wangge.campaigns.jobs import attach_late_photos
from wangge.campaigns.models import Answer, AnswerPhoto, Campaign, Form, FormVersion, PlantCheck
from wangge.cases.models import Attachment, Case, Note
from wangge.households.models import CareNeed, Dwelling, Household, Resident, Stay
from wangge.journal.models import Entry
from wangge.staff.queries import enter_as, enter_as_system
from wangge.sync import actions, queries
from wangge.sync.actions.push import kinds
from wangge.sync.jobs import try_held_again
from wangge.sync.models import Conflict, Device, SyncCommand
from wangge.visits import actions as visits
from wangge.visits.models import Check, Patrol, Place, Shift, Visit

#: Ten in the morning of today: what the database asks of its own clock must agree.
NOW = datetime.now(UTC).replace(hour=2, minute=0, second=0, microsecond=0)
#: Numbers whose last figure is right, of nobody.
NUMBERS = ("110101199003070038", "320799197001010013", "320703195001010011")
#: What a question about a photo needs to be one.
OUTLINE = {
    "children": [{"name": "kind", "kind": "text"}, {"name": "photo", "kind": "photo"}], "lists": {},
}  # fmt: skip


class Ground(Stage):
    """The town with what these stories need, written anew before each. Keys go on counting: other tests' town has its own."""

    def _empty(self, *, restart=False):
        super()._empty()


def lay_out(owner):
    """Rows, and what is known of them: two homes in one grid, one in the next, and five phones of three people on four handsets."""
    town = Town(owner, *written(owner))
    town.add(builders.item)
    planted.item(town)
    planted.police(town)
    homes = [household(town, town.grid_a, door) for door in ("101", "102")]
    homes.append(household(town, town.grid_b, "201", lon=119.365))
    for home in homes:
        town.add(
            builders.insert,
            Stay(
                resident_id=home.resident_row.pk, household_id=home.pk, path=home.path, from_on=NOW.date() - timedelta(days=900), came="known",
            ),
        )  # fmt: skip
    places = [
        town.add(
            builders.insert,
            Place(
                id=new_id(), path=at.path, kind="hydrant", name="消火栓", lon=lon, lat=34.745, every_days=30, due_on=NOW.date(),
            ),
        )
        for at, lon in ((town.grid_a, 119.355), (town.grid_b, 119.365))
    ]  # fmt: skip
    phones = []
    for who, handset, eager in (
        ("worker", 0, False),
        ("worker2", 0, False),
        ("worker", 1, True),
        ("worker2", 2, False),
        ("community", 3, True),
    ):
        secret, account = f"secret of {who} on {handset}", town.accounts[who]
        town.add(builders.sign_in, account, secret)
        device = Device(
            id=new_id(), account_id=account.pk, home_path=account.home_path, name="红米", phone_id=_number(handset),
            sign_in=hashlib.sha256(secret.encode()).digest(), registered_at=NOW, seen_at=NOW,
        )  # fmt: skip
        town.add(builders.insert, device)
        phones.append((handset, account.pk, secret, device.id, town.assignments[who].path, eager))
    return SimpleNamespace(
        accounts={name: account.pk for name, account in town.accounts.items()},
        city=town.city.path,
        grid_a=town.grid_a.path,
        grid_b=town.grid_b.path,
        homes={str(home.pk): home.path for home in homes},
        heads=[str(home.resident_row.pk) for home in homes],
        places=[str(place.pk) for place in places],
        phones=phones,
        **_campaign(town, homes),
    )


def _number(handset):
    return f"00000000-0000-4000-8000-{handset:012}"


def _campaign(town, homes):
    """One that asks all three homes, with a photo, and in which plants are looked at."""
    path = town.township.path
    form = town.add(builders.insert, Form(id=new_id(), name="踏查", path=path, made_at=NOW))
    version = FormVersion(
        id=new_id(), form=form, number=1, title="踏查", file_name="a.xlsx", source_hash="0" * 64
    )
    version.source, version.xform, version.made_at, version.outline = b"", "", NOW, OUTLINE
    town.add(builders.insert, version)
    made = Campaign(
        id=new_id(), name="菜地踏查", path=path, form_version=version, way="plants", state="running"
    )
    made.from_on, made.to_on = NOW.date() - timedelta(days=9), NOW.date() + timedelta(days=30)
    made.made_at = made.started_at = NOW - timedelta(days=9)
    town.add(builders.insert, made)
    for home in homes:
        town.run(
            "insert into campaigns_target (campaign_id, household_id, path, county_id, township_id, community_id, grid_id, standing,"
            " answered, tried, due_on) values (%s, %s, %s, %s, %s, %s, %s, 'waiting', 0, 0, %s)",
            [made.pk, home.pk, home.path, *home.path.split(".")[1:], NOW.date()],
        )
    return {"campaign": str(made.pk), "version": str(version.pk)}


@dataclass
class Tally:
    """What happened over many stories: those in which nothing goes wrong would prove nothing."""

    written: Counter = field(default_factory=Counter)
    done: Counter = field(default_factory=Counter)
    refused: Counter = field(default_factory=Counter)
    happened: Counter = field(default_factory=Counter)

    def add(self, story):
        for phone in story.phones:
            for key, told in phone.said.items():
                kind = told["command"]["kind"]
                self.written[kind] += 1
                self.done[kind] += key in phone.done
                one = phone.disk.outbox.get(key)
                # What nobody picked on a phone before it was wiped, the desk does.
                if one and not (one.state == "conflict" and phone.wiped):
                    self.refused[kind, one.code or one.state] += 1
        self.happened += story.server.happened
        for one in _held(story).values():
            self.refused[one.kind, one.code] += 1


class Story:
    """`live` is the time without rules: no signal, crashes, wrong clocks. `end` is a good network until nothing waits any more."""

    def __init__(self, cast, seed):
        self.cast, self.chance = cast, random.Random(seed)
        self.server = Server(self.chance, NOW, loses=0.2, dies=0.1)
        clocks = [timedelta(0), timedelta(days=2), timedelta(days=-2), timedelta(minutes=-7)]
        self.handsets = [Handset(self.server, self.chance, clock, crashes=0.04) for clock in clocks]
        self.phones = [
            Phone(self.handsets[handset], account, secret, device, grid, eager)
            for handset, account, secret, device, grid, eager in cast.phones
        ]
        #: What there is, also where the server has not heard of it yet: home, grid.
        self.homes = dict(cast.homes)
        self.people = dict(zip(cast.heads, cast.homes, strict=True))
        self.cases, self.needs = [], []
        self.shifts = defaultdict(list)
        #: Kinds that are not written yet, before each comes once more.
        self.deck = []
        self.is_redrawn = self.is_reported = False
        shutil.rmtree(folder(), ignore_errors=True)

    # What happens

    def live(self, steps):
        for _ in range(steps):
            self.server.now += timedelta(minutes=self.chance.randrange(1, 25))
            phone = self.chance.choice([one for one in self.phones if not one.wiped] or self.phones)
            with suppress(Lost, SignedOut):  # it is on the disk, and goes the next time
                self._happens(phone)

    def _happens(self, phone):
        match self.chance.randrange(40):
            case number if number < 22:
                self.act(phone)
            case number if number < 28:
                phone.push(self.chance.randrange(1, 12))
            case number if number < 31:
                phone.send_all()
            case number if number < 37:
                phone.pull(self.chance.randrange(1, 8))
            case 37 if not self.is_redrawn:
                self._redraw()
            case 38 if not self.is_reported:
                self._report_lost(phone)
            case _:
                phone.send_all()

    def _redraw(self):
        """A building of the first grid goes to the second."""
        home = next(iter(self.cast.homes))
        with transaction.atomic():
            enter_as_system(self.cast.city)
            dwelling = Dwelling.objects.get(id=Household.objects.get(id=home).dwelling_id)
            viewer = enter_as(self.cast.accounts["admin"], now=self.server.now)
            visits.rehome(viewer, {dwelling.building_id: self.cast.grid_b}, now=self.server.now)
        self.is_redrawn = True
        self.server.happened["grid redrawn"] += 1
        self.homes[home] = self.cast.grid_b

    def _report_lost(self, phone):
        """By the desk, which is in contact with its own phone."""
        if phone.account == self.cast.accounts["community"]:
            return
        with transaction.atomic():
            viewer = enter_as(self.cast.accounts["community"], now=self.server.now)
            actions.mark_lost(viewer, phone.device, now=self.server.now)
            enter_as_system(self.cast.city)
            lost = set(Device.objects.filter(lost_at__isnull=False).values_list("id", flat=True))
        self.is_reported = True
        self.server.happened["phone reported"] += 1
        for one in self.phones:
            if one.device in lost:
                one.reported_at = self.server.now

    # What people write down

    def act(self, phone):
        if not self.deck:
            self.deck = self.chance.sample(KINDS, len(KINDS))
        kind = self.deck.pop()
        if not getattr(self, kind.replace(".", "_"))(phone):
            getattr(self, BEFORE.get(kind, "visit_record"))(phone)

    def home(self, phone):
        """Mostly one where its owner walks."""
        own = [home for home, grid in self.homes.items() if grid.startswith(phone.grid)]
        return self.chance.choice(list(self.homes) if self.chance.random() < 0.05 or not own else own)

    def person(self, phone):
        own = [
            person for person, home in self.people.items() if self.homes.get(home, "").startswith(phone.grid)
        ]
        return self.chance.choice(own or list(self.people))

    def photos(self, share=0.5):
        """None or one, of its own colour."""
        if self.chance.random() >= share:
            return []
        colour = tuple(self.chance.randrange(256) for _ in range(3))
        image = Image.new("RGB", (48, 36), colour)
        for _ in range(150):
            spot = self.chance.randrange(48), self.chance.randrange(12)
            image.putpixel(spot, tuple(self.chance.randrange(256) for _ in range(3)))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=75)
        return [out.getvalue()]

    def grid_code(self, phone):
        grid = phone.grid if phone.grid.count(".") == 4 else self.cast.grid_a
        return grid.rsplit(".", 1)[-1]

    def household_add(self, phone):
        key, grid = phone.new_id(), self.grid_code(phone)
        data = {
            "household": key,
            "dwelling": phone.new_id(),
            "building": phone.new_id(),
            "building_name": "九号楼",
        }
        data |= {
            "area": grid,
            "door": "1",
            "has_plot": self.chance.random() < 0.5,
            "on": phone.today.isoformat(),
        }
        data |= {"lon": 119.355 if grid == self.cast.grid_a.rsplit(".", 1)[-1] else 119.365, "lat": 34.745}
        if phone.write("household.add", data):
            self.homes[key] = self.cast.grid_a if data["lon"] < 119.36 else self.cast.grid_b
        return True

    def household_change(self, phone):
        home, name = self.home(phone), self.chance.choice(["has_plot", "only_by_law"])
        was = bool(phone.disk.records.get(("household", home), {}).get(name, False))
        return phone.write("household.change", {"household": home, name: {"was": was, "is": not was}})

    def resident_add(self, phone):
        key, home = phone.new_id(), self.home(phone)
        data = {
            "resident": key,
            "household": home,
            "name": "王小明",
            "residency": "permanent",
            "on": phone.today.isoformat(),
        }
        if self.chance.random() < 0.4:
            data["identity"] = self.chance.choice(NUMBERS)
        if phone.write("resident.add", data):
            self.people[key] = home
        return True

    def resident_change(self, phone):
        person = self.person(phone)
        known = phone.disk.records.get(("resident", person), {"name": "王小明", "relation": ""})
        edits = {"name": {"was": known["name"], "is": self.chance.choice(["李四", "王五", "赵六"])}}
        if self.chance.random() < 0.4:
            edits["relation"] = {
                "was": known["relation"],
                "is": self.chance.choice(["child", "spouse", "other"]),
            }
        return phone.write("resident.change", {"resident": person, **edits})

    def resident_move(self, phone):
        person, move = self.person(phone), self.chance.choice(["in", "out", "within", "within", "died"])
        data = {"resident": person, "move": move, "on": phone.today.isoformat()}
        if move in ("in", "within"):
            data["to"] = self.home(phone)
        return phone.write("resident.move", data)

    def need_add(self, phone):
        key = phone.new_id()
        until = (phone.today + timedelta(days=100)).isoformat()
        data = {
            "need": key,
            "resident": self.person(phone),
            "kind": "living_alone",
            "basis": "law",
            "law": "第十三条",
            "until": until,
        }
        if self.chance.random() < 0.5:
            data["from_on"] = phone.today.isoformat()
        if phone.write("need.add", data):
            self.needs.append(key)
        return True

    def need_end(self, phone):
        on = phone.today.isoformat()
        return self.needs and phone.write("need.end", {"need": self.chance.choice(self.needs), "on": on})

    def visit_record(self, phone):
        outcome = self.chance.choice(["met", "met", "nobody_home", "refused", "moved"])
        data = {"household": self.home(phone), "outcome": outcome, "well": outcome == "met"}
        if self.chance.random() < 0.3:
            data |= {"note": "灯不亮", "seen": "near", "errands": []}
        return phone.write("visit.record", data)

    def shift_start(self, phone):
        key = phone.write("shift.start", {})
        if key:
            self.shifts[phone.account].append((key, phone.clock))
        return True

    def on_shift(self, phone):
        """This phone, or another whose owner has begun a shift."""
        begun = [one for one in (phone, *self.phones) if self.shifts[one.account] and not one.wiped]
        return begun[0] if begun else phone

    def shift_end(self, phone):
        phone = self.on_shift(phone)
        own = self.shifts[phone.account]
        return own and phone.write("shift.end", {"shift": self.chance.choice(own)[0]})

    def patrol_record(self, phone):
        phone = self.on_shift(phone)
        own = self.shifts[phone.account]
        if not own:
            return None
        ended = phone.clock
        data = {"shift": self.chance.choice(own)[0], "started_at": (ended - timedelta(minutes=5)).isoformat()}
        data |= {"ended_at": ended.isoformat(), "points": [[119.355, 34.745, 0], [119.356, 34.745, 60]]}
        return phone.write("patrol.record", data)

    def place_check(self, phone):
        data = {"place": self.chance.choice(self.cast.places), "found": self.chance.choice(["fine", "fault"])}
        return phone.write("place.check", data)

    def case_report(self, phone):
        key, photos = phone.new_id(), self.photos()
        data = {
            "case": key,
            "item": "M01-01",
            "title": "路灯不亮",
            "area": self.grid_code(phone),
            "attachments": _digests(photos),
        }
        if phone.write("case.report", data, photos):
            self.cases.append(key)
        return True

    def case_attach(self, phone):
        photos = self.photos(1.0)
        return self.cases and phone.write(
            "case.attach", {"case": self.chance.choice(self.cases), "blob": _digests(photos)[0]}, photos
        )

    def note_add(self, phone):
        text = f"看过{self.chance.random()}"
        # It may be of another phone that has not sent its case yet.
        return self.cases and phone.write("note.add", {"case": self.chance.choice(self.cases), "text": text})

    def case_step(self, phone):
        known = {
            key: fields
            for (kind, key), fields in phone.disk.records.items()
            if kind == "case" and fields["moves"]
        }
        if not known:
            return self.cases and phone.write(
                "case.step", {"case": self.chance.choice(self.cases), "step": "accept"}
            )
        case = self.chance.choice(sorted(known))
        move = self.chance.choice(known[case]["moves"])
        photos = self.photos(0.3)
        data = {
            "case": case,
            "step": move["step"],
            "attachments": _digests(photos),
            **self._needed(phone, case, move),
        }
        based_on = known[case]["revision"] if self.chance.random() < 0.3 else None
        return phone.write("case.step", data, photos, based_on)

    def _needed(self, phone, case, move):
        """What the step asks for, as far as the phone knows it."""
        others = sorted(key for kind, key in phone.disk.records if kind == "case" and key != case)
        until = (phone.today + timedelta(days=9)).isoformat()
        answers = {
            "reason": "要等配件", "outcome": "mended", "answer": "已修好", "until": until, "departments": ["fire"],
            "within_minutes": 60, "into": self.chance.choice(others or self.cases or [phone.new_id()]),
            "parts": [{"item": "M01-01", "title": "另一盏路灯"}],
            "mended": self.chance.choice(move.get("mended") or [True]), "witness": (move.get("witness") or ["reporter"])[0],
        }  # fmt: skip
        given = {need: answers[need] for need in move["needs"] if need in answers}
        if "assignee" in move["needs"]:
            given |= self.chance.choice(
                [{"account": self.cast.accounts["worker"]}, {"departments": ["city-management"]}]
            )
        return given

    def campaign_answer(self, phone):
        outcome = self.chance.choice(["met", "met", "nobody_home", "refused"])
        photos = self.photos() if outcome == "met" else []
        data = {
            "campaign": self.cast.campaign,
            "household": self.home(phone),
            "form_version": self.cast.version,
            "outcome": outcome,
        }
        if outcome == "met":
            data["answers"] = {"kind": "豆角", **({"photo": _digests(photos)[0]} if photos else {})}
        return phone.write("campaign.answer", data, photos)

    def plant_check(self, phone):
        photos = self.photos()
        where = {"household": self.home(phone)}
        if self.chance.random() < 0.3:
            where = {"area": self.grid_code(phone), "spot": "河边空地"}
        data = {
            "plant": phone.new_id(),
            "campaign": self.cast.campaign,
            "number": self.chance.randrange(1, 30),
            **where,
        }
        data |= {
            "decision": self.chance.choice(["nothing", "unsure", "suspected"]),
            "photo": (_digests(photos) or [None])[0],
        }
        return phone.write("plant.check", data, photos)

    def conflict_settle(self, phone):
        return phone.settle_one()

    # The end

    def end(self):
        """The network is good. What another phone holds arrives within days; what never does is refused for good after three."""
        self.server.loses = self.server.dies = 0.0
        for handset in self.handsets:
            handset.crashes = 0.0
        for days in (0, 4):
            self.server.now += timedelta(days=days)
            before = None
            while before != (before := self._left()):
                for phone in self.phones:
                    self._rest(phone)
                self._try_held_again()
        # What was promised besides runs by the clock.
        attach_late_photos(self.server.now)
        for phone in self.phones:
            while not phone.wiped and phone.pull():
                pass

    def _try_held_again(self):
        """What a lost phone had waiting is tried by the clock."""
        waits = sum(held.ended_at is None for held in _held(self).values())
        self.server.happened["held"] += waits
        self.server.happened["held, then taken in"] += try_held_again(self.server.now)

    def _left(self):
        """What still waits on each phone, for a pick of its owner, and at the server."""
        held = sorted(key for key, one in _held(self).items() if one.ended_at is None)
        return [(len(one.waiting()), len(one.missing()), len(one.conflicts())) for one in self.phones] + held

    def _rest(self, phone):
        for _ in range(20):
            if phone.wiped:
                return
            phone.send_all()
            while phone.pull():
                pass
            if phone.wiped or not phone.settle_one():
                return
        raise AssertionError(f"never at rest: {phone.waiting()[:2]}")


#: Of the server's own list: a kind that is added there and played by nobody fails.
KINDS = kinds()


#: What is written instead where there is nothing yet that this kind could be about.
BEFORE = {
    "case.attach": "case_report", "case.step": "case_report", "note.add": "case_report", "shift.end": "shift_start",
    "patrol.record": "shift_start", "need.end": "need_add", "conflict.settle": "resident_change",
}  # fmt: skip


def _digests(photos):
    return [hashlib.sha256(content).hexdigest() for content in photos]


# What must be so


def check(story):
    """Nothing is missing, nothing is twice, and everybody agrees."""
    kept, held = _kept(story), _held(story)
    assert {key for key in held if kept[key].status != "refused"} == set(), (
        "what was taken in is held no more"
    )
    said = {key: told for phone in story.phones for key, told in phone.said.items()}
    assert kept.keys() <= said.keys()
    done = {}
    for phone in story.phones:
        done |= _answered(phone, kept, held)
    with transaction.atomic():
        enter_as_system(story.cast.city)
        _written_once(story, {key: said[key] for key in done}, said)
        _journalled_once({key: said[key]["command"] for key in done}, kept, said)
        _photos_are_there({key: said[key] for key in done})
        _both_sides_are_kept(story)
    _agree(story)


def _kept(story):
    """What each command was answered, as each account reads it of its own."""
    rows = {}
    for account in {phone.account for phone in story.phones}:
        with transaction.atomic():
            enter_as(account, now=story.server.now)
            rows |= {str(row.id): row for row in SyncCommand.objects.all()}
    return rows


def _held(story):
    """Of each account what is held of theirs, as they read it: what waits, and what was refused for good."""
    rows = {}
    for account in {phone.account for phone in story.phones}:
        with transaction.atomic():
            rows |= {str(one.id): one for one in queries.held_of(enter_as(account, now=story.server.now))}
    return rows


def _answered(phone, kept, held):
    """Each command has an end, which phone and server tell alike: done, refused for good with a reason that its owner reads, or a
    conflict. What of these was done. Of a lost phone what was put off is held: it was done since, or its owner reads why not.
    """
    done = {}
    for key, told in phone.said.items():
        row, one = kept.get(key), phone.disk.outbox.get(key)
        what = f"{told['command']['kind']} {key}"
        assert row is not None, f"{what} never arrived"
        if key in phone.done:
            assert one is None, f"{what} is done, and waits"
            is_kept = row.status == "refused" and key in held
            assert row.status in ("done", "conflict") or is_kept, (
                f"{what} is done on the phone, {row.status} on the server"
            )
            assert not is_kept or (phone.reported_at and held[key].ended_at and held[key].code), (
                f"{what} is held for ever"
            )
            done[key] = told
        elif one is not None:
            assert one.state in ("refused", "conflict"), f"{what} waits for ever"
            assert row.status == one.state, f"{what} is {one.state} on the phone, {row.status} on the server"
            assert one.state == "conflict" or (one.code and one.code not in ("not-now", "not-here-yet")), what
        else:
            assert row.status == "conflict", f"{what} is gone from the phone, {row.status} on the server"
        if phone.reported_at and told["at"] > phone.reported_at + timedelta(minutes=2):
            assert key not in phone.done, f"{what} was written after the phone was reported"
    if phone.reported_at:
        assert phone.wiped, "a phone that was reported lost has sent everything, and is not wiped"
    return {key: told for key, told in done.items() if kept[key].status == "done"}


def _ids(model, name="id"):
    return [str(one) for one in model.objects.values_list(name, flat=True)]


def _written_once(story, done, said):
    """What was done is there exactly once, and nothing that was not."""
    of = lambda kind, name: sorted(  # noqa: E731
        told["command"]["data"].get(name) or key
        for key, told in done.items()
        if told["command"]["kind"] == kind
    )
    assert sorted(_ids(Visit)) == of("visit.record", "visit")
    assert sorted(_ids(Note)) == of("note.add", "note")
    assert sorted(_ids(Shift)) == of("shift.start", "shift")
    assert sorted(_ids(Patrol)) == of("patrol.record", "patrol")
    assert sorted(_ids(Check)) == of("place.check", "check")
    assert sorted(_ids(PlantCheck)) == of("plant.check", "plant")
    assert sorted(_ids(CareNeed)) == of("need.add", "need")
    assert sorted(set(_ids(Household)) - set(story.cast.homes)) == of("household.add", "household")
    assert sorted(set(_ids(Resident)) - set(story.cast.heads)) == of("resident.add", "resident")
    answers = {key for key, told in done.items() if told["command"]["kind"] == "campaign.answer"}
    assert set(_ids(Answer)) & said.keys() == answers
    parts = Case.objects.filter(split_from__isnull=False).count()
    suspected = Case.objects.filter(confidential=True).count()
    assert Case.objects.count() == len(of("case.report", "case")) + parts + suspected
    assert set(of("case.report", "case")) <= set(_ids(Case))


#: Of these the journal's entry does not name the command: by which verbs it is found, and what names it.
_BY_SUBJECT = {
    "case.report": (("case.reported",), lambda entry: entry.subject, lambda key, data: f"case:{data['case']}"),
    "note.add": (("case.noted", "case.answered"), lambda entry: entry.after.get("note"), lambda key, data: key),
    "case.attach": (
        ("case.attached",),
        lambda entry: (entry.subject, entry.after["blob"]),
        lambda key, data: (f"case:{data['case']}", data["blob"]),
    ),
    "conflict.settle": (
        ("conflict.settled",), lambda entry: entry.after["conflict"], lambda key, data: data["conflict"],
    ),
    # Ended once more it is the same.
    "shift.end": (("shift.ended",), lambda entry: entry.subject, lambda key, data: f"shift:{data['shift']}"),
}  # fmt: skip


def _journalled_once(done, kept, said):
    entries = list(Entry.objects.all())
    by_command = Counter(str(entry.command_id) for entry in entries if entry.command_id)
    assert not [key for key, count in by_command.items() if count > 1]
    for kind, (verbs, name_of, named) in _BY_SUBJECT.items():
        found = Counter(name_of(entry) for entry in entries if entry.verb in verbs)
        for key, command in done.items():
            if command["kind"] == kind:
                name = named(key, command["data"])
                assert found[name] == 1, f"{kind} {name} stands in the journal {found[name]} times"
    without = {
        key for key, command in done.items() if command["kind"] not in _BY_SUBJECT and not by_command[key]
    }
    assert not without, f"in the journal there is nothing of {[done[key] for key in without]}"
    # What was refused has left nothing.
    refused = {key for key in said if kept[key].status == "refused"}
    assert not refused & by_command.keys()
    conflicts = Counter(entry.after["conflict"] for entry in entries if entry.verb == "conflict.found")
    # That of a lost phone's number goes under its command, which is done.
    own = {
        key
        for key in said
        if kept[key].status == "conflict" and said[key]["command"]["kind"] != "conflict.settle"
    }
    assert own <= conflicts.keys()
    assert set(conflicts.values()) <= {1}


def _photos_are_there(done):
    """Each that a command named which was done hangs where it was named, and its pixels are those that were taken."""
    named = {digest: key for key, told in done.items() for digest in told["photos"]}
    hung = set(Attachment.objects.values_list("blob_id", flat=True)) | set(
        AnswerPhoto.objects.values_list("digest", flat=True)
    )
    hung |= set(PlantCheck.objects.exclude(photo="").values_list("photo", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("select blobs_stored(%s)", [list(named)])
        stored = {digest for (digest,) in cursor.fetchall()}
    assert named.keys() <= stored, (
        f"the photo of {done[named[min(named.keys() - stored)]]['command']} is missing"
    )
    assert named.keys() <= hung
    suspected = (
        PlantCheck.objects.filter(decision="suspected").exclude(photo="").values_list("case_id", "photo")
    )
    assert set(suspected) <= set(Attachment.objects.values_list("case_id", "blob_id"))
    sizes = dict(Blob.objects.filter(digest__in=list(named)).values_list("digest", "size"))
    for digest, key in named.items():
        with default_storage.open(stored_name(digest, "clean")) as file:
            content = file.read()
        assert sizes.get(digest, len(content)) == len(content)
        taken = done[key]["photos"][digest]
        here, there = (
            Image.open(io.BytesIO(one)).convert("RGB").getpixel((24, 30)) for one in (taken, content)
        )
        assert max(abs(one - other) for one, other in zip(here, there, strict=True)) < 12


def _both_sides_are_kept(story):
    """Every conflict holds its fields, and a person has settled it, unless nobody could: its phone is gone, and the desk has it."""
    for conflict in Conflict.objects.all():
        told = queries.two_sided(conflict)
        assert told.fields
        if conflict.settled_at is None:
            lead = story.cast.accounts["community"]
            enter_as(lead, now=story.server.now)
            assert Conflict.objects.filter(id=conflict.id).exists(), "nobody is left who could settle it"
            enter_as_system(story.cast.city)


def _agree(story):
    """Every phone holds what one that begins now would be given, and on its next question is told nothing more."""
    fresh = {}
    for phone in story.phones:
        if phone.wiped:
            continue
        if phone.account not in fresh:
            with transaction.atomic():
                viewer = enter_as(phone.account, now=story.server.now)
                *records, _cursor = queries.snapshot(viewer, now=story.server.now)
            fresh[phone.account] = {
                (one.kind, one.id): one.fields for one in records if one.kind != "account"
            }
        records = phone.disk.records
        own = {
            key: fields for key, fields in records.items()
            # What a grid did at a home that has gone to another since is its own past: who has it keeps it.
            if key[0] != "account" and (key[0] != "visit" or ("household", fields["household"]) in records)
        }  # fmt: skip
        told = fresh[phone.account]
        assert sorted(own.keys() - told.keys()) == [], f"{phone.grid}: kept, and not given to a new phone"
        assert sorted(told.keys() - own.keys()) == [], f"{phone.grid}: given to a new phone, and not kept"
        different = {key: (own[key], told[key]) for key in told if own[key] != told[key]}
        assert not different, f"{different}"
        with transaction.atomic():
            viewer = enter_as(phone.account, now=story.server.now)
            more = queries.changes_since(viewer, phone.disk.cursor, limit=100, now=story.server.now)
        assert (more.changes, more.gone, more.fresh) == ([], [], False)


def play(seed, cast, *, steps=30):
    """The story of this seed, proved."""
    story = Story(cast, seed)
    try:
        story.live(steps)
        story.end()
        check(story)
    except (AssertionError, Problem, Lost, SignedOut) as problem:
        raise AssertionError(f"seed {seed}: {type(problem).__name__} {problem}") from problem
    return story
