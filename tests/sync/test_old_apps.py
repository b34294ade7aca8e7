"""What the app of version 0.1 wrote is understood: a phone may come back with it after months.

Never change what is here. A later app may write more, and what it leaves out has its default; what this one wrote stays readable.
"""

import pytest
from tests import builders
from tests.builders import NOW
from tests.visits.homes import household

from wangge.base.ids import new_id
from wangge.sync import actions
from wangge.sync.actions.push import kinds

pytestmark = pytest.mark.django_db

#: As it stood in the queue of a phone, by kind. `@home`, `@resident` and `@grid` stand for what the town has; `@new` is an id that the phone made.
OF_0_1 = [
    ("household.add", {"household": "@new", "dwelling": "@new", "building": "@new", "door": "106", "building_name": "九号楼", "area": "@grid", "lon": 119.355, "lat": 34.745, "has_plot": True, "only_by_law": False}),
    ("household.change", {"household": "@home", "has_plot": {"was": False, "is": True}}),
    ("resident.add", {"resident": "@new", "household": "@home", "name": "江小满", "relation": "grandchild", "sex": "f", "birth_year": 2015, "residency": "permanent", "phone": "13800138000", "came": "known"}),
    ("resident.change", {"resident": "@resident", "name": {"was": "王秀英", "is": "王秀珍"}}),
    ("resident.move", {"resident": "@resident", "move": "out", "on": "2026-04-15"}),
    ("need.add", {"need": "@new", "resident": "@resident", "kind": "living_alone", "basis": "law", "law": "《老年人权益保障法》第十三条", "until": "2026-06-01", "from_on": "2026-04-15", "detail": "膝盖不好"}),
    ("need.add", {"need": "@new", "resident": "@resident", "kind": "other", "basis": "consent", "consent_on": "2026-04-15", "consent_by": "self", "until": "2026-06-01", "from_on": "2026-04-15"}),
    ("need.end", {"need": "@new", "on": "2026-04-15"}),
    ("visit.record", {"household": "@home", "outcome": "met", "well": True, "seen": "near", "note": ""}),
    ("visit.record", {"household": "@home", "outcome": "met", "well": False, "seen": "", "plate": "7K3XWG29ABCDEFGH", "note": "灯不亮", "case": "@new"}),
    ("shift.start", {}),
    ("shift.end", {"shift": "@new"}),
    ("patrol.record", {"patrol": "@new", "shift": "@new", "started_at": "2026-04-15T08:00:00.000Z", "ended_at": "2026-04-15T09:00:00.000Z", "note": "", "points": [[119.355, 34.745, 0], [119.356, 34.745, 60]]}),
    ("place.check", {"place": "@new", "found": "fine", "note": ""}),
    ("case.report", {"case": "@new", "item": "M01-01", "title": "路灯不亮", "description": "", "address": "", "urgency": "normal", "area": "@grid", "attachments": []}),
    ("case.report", {"case": "@new", "item": "M01-01", "title": "井盖", "description": "", "address": "", "urgency": "normal", "lon": 119.355, "lat": 34.745, "source": "patrol", "attachments": []}),
    ("case.step", {"case": "@new", "step": "handle", "reason": "修好了", "answer": "已修好", "attachments": []}),
    ("case.attach", {"case": "@new", "blob": "0" * 64}),
    ("note.add", {"case": "@new", "text": "已放好警示牌"}),
    ("campaign.answer", {"campaign": "@new", "household": "@home", "form_version": "@new", "outcome": "met", "instance": "<data/>", "visit": "@new"}),
    ("plant.check", {"plant": "@new", "campaign": "@new", "number": 1, "decision": "nothing", "household": "@home", "photo": None, "answers": {}, "said": []}),
    ("plant.check", {"plant": "@new", "campaign": "@new", "number": 2, "decision": "unsure", "area": "@grid", "spot": "河边空地", "photo": "0" * 64, "answers": {"latex": "white"}, "said": []}),
    ("conflict.settle", {"conflict": "@new", "choice": {"name": "mine"}}),
]  # fmt: skip
#: What says that a command was read, and only what it belongs to is not there or stands against it.
READ = {"", "not-here-yet", "not-found", "not-allowed", "lives-nowhere", "no-shift"}


@pytest.fixture
def known(town):
    town.add(builders.item)
    home = household(town, town.grid_a)
    return {"@home": str(home.pk), "@resident": str(home.resident_row.pk), "@grid": town.grid_a.code}


def filled(value, known):
    if isinstance(value, dict):
        return {name: filled(each, known) for name, each in value.items()}
    return str(new_id()) if value == "@new" else known.get(value, value) if isinstance(value, str) else value


def test_every_kind_that_it_wrote_is_here():
    assert {kind for kind, _ in OF_0_1} <= set(kinds())


def test_what_it_wrote_is_read(town, known):
    commands = [
        {
            "id": str(new_id()),
            "kind": kind,
            "at": NOW.isoformat(),
            "based_on": None,
            "data": filled(data, known),
        }
        for kind, data in OF_0_1
    ]
    results = actions.push(town.as_viewer("worker"), commands, now=NOW)
    unread = [
        (kind, result.problem.code, result.problem.facts)
        for (kind, _), result in zip(OF_0_1, results, strict=True)
        if result.problem and result.problem.code not in READ
    ]
    assert unread == []
    assert sum(result.status == "done" for result in results) >= 8, "most need nothing but what the town has"
