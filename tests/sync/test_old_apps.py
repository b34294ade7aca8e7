"""What the app of version 0.1 wrote is understood: a phone may come back with it after months.

Never change what is here. A later app may write more, and what it leaves out has its default; what this one wrote stays readable.
Until 0.1 is released its own app still learns; what it learns is added.
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
    # What it learnt until it was released: errands and replies, arrivals, numbers, every step, what was declined.
    ("visit.record", {"household": "@home", "outcome": "met", "well": False, "seen": "far", "note": "", "errands": ["@new", "@new"], "left": ["@new"]}),
    ("visit.record", {"household": "@home", "outcome": "nobody_home", "well": False, "seen": "", "note": "", "errands": [], "left": []}),
    ("visit.record", {"household": "@home", "outcome": "met", "well": False, "seen": "", "note": "", "errands": ["@new"], "left": [], "replies": [{"question": "@new", "said": "yes"}, {"question": "@new", "declined": True}]}),
    ("household.add", {"household": "@new", "dwelling": "@new", "building": "@new", "door": "107", "building_name": "九号楼", "area": "@grid", "lon": None, "lat": None, "has_plot": False, "only_by_law": True, "on": "2026-04-14"}),
    ("resident.add", {"resident": "@new", "household": "@home", "name": "马春生", "identity": "320703194803120015", "relation": "head", "sex": "m", "birth_year": 1948, "residency": "floating", "phone": "13900139000", "came": "moved_in", "came_from": "灌云县", "on": "2026-04-14"}),
    ("resident.change", {"resident": "@resident", "phone": {"was": "", "is": "13800138001"}}),
    ("resident.change", {"resident": "@resident", "phone": {"was": "8001", "is": ""}}),
    ("resident.move", {"resident": "@resident", "move": "within", "to": "@home", "on": "2026-04-15"}),
    ("place.check", {"place": "@new", "found": "fault", "note": "阀门漏水", "seen": "near", "case": "@new"}),
    ("campaign.answer", {"campaign": "@new", "household": "@home", "form_version": "@new", "outcome": "refused", "visit": "@new"}),
    ("plant.check", {"plant": "@new", "campaign": "@new", "number": 3, "decision": "suspected", "household": "@home", "photo": "0" * 64, "answers": {"sap": "white"}, "said": [{"identifier": "key", "version": "1", "ranked": [{"species": "Papaver somniferum", "likelihood": 0.9, "taxon": "papaver-somniferum"}], "attention": ["papaver-somniferum"]}]}),
    ("case.step", {"case": "@new", "step": "accept"}),
    ("case.step", {"case": "@new", "step": "dispatch", "departments": ["fire"], "reason": "请处理"}),
    ("case.step", {"case": "@new", "step": "dispatch", "account": 7}),
    ("case.step", {"case": "@new", "step": "escalate", "reason": "超出能力"}),
    ("case.step", {"case": "@new", "step": "return", "reason": "不属本格", "area": "@grid"}),
    ("case.step", {"case": "@new", "step": "handle", "outcome": "mended", "answer": "已修好", "attachments": ["0" * 64]}),
    ("case.step", {"case": "@new", "step": "handle", "outcome": "not_ours", "answer": "属供电公司", "whose": "供电公司"}),
    ("case.step", {"case": "@new", "step": "handle", "outcome": "planned", "answer": "已列入计划", "planned_on": "2026-06-01"}),
    ("case.step", {"case": "@new", "step": "handle", "outcome": "refused", "answer": "无法办理", "ground": "条例第三条"}),
    ("case.step", {"case": "@new", "step": "handle", "outcome": "repeated", "answer": "同一件", "into": "@new"}),
    ("case.step", {"case": "@new", "step": "verify", "mended": True}),
    ("case.step", {"case": "@new", "step": "verify", "mended": False, "reason": "还是不亮"}),
    ("case.step", {"case": "@new", "step": "close", "witness": "photo", "attachments": ["0" * 64]}),
    ("case.step", {"case": "@new", "step": "rate", "mended": True}),
    ("case.step", {"case": "@new", "step": "suspend", "reason": "等材料", "until": "2026-05-01"}),
    ("case.step", {"case": "@new", "step": "resume"}),
    ("case.step", {"case": "@new", "step": "reopen", "reason": "又坏了"}),
    ("case.step", {"case": "@new", "step": "supervise", "reason": "请尽快"}),
    ("case.step", {"case": "@new", "step": "summon", "departments": ["fire"], "within_minutes": 30, "reason": "通道被堵"}),
    ("case.step", {"case": "@new", "step": "merge", "into": "@new"}),
    ("case.step", {"case": "@new", "step": "split", "parts": [{"item": "M01-01", "title": "楼道灯"}]}),
    ("case.step", {"case": "@new", "step": "cancel", "reason": "误报"}),
]  # fmt: skip
#: What says that a command was read, and only what it belongs to is not there or stands against it.
READ = {"", "not-here-yet", "not-found", "not-allowed", "lives-nowhere", "lives-somewhere", "no-shift"}
#: So is what was said to a question that nobody asks here.
NOT_ASKED = {"field": "replies", "expected": "questions that are asked here, each once"}


@pytest.fixture
def known(town):
    town.add(builders.item)
    home = household(town, town.grid_a)
    return {"@home": str(home.pk), "@resident": str(home.resident_row.pk), "@grid": town.grid_a.code}


def filled(value, known):
    if isinstance(value, dict):
        return {name: filled(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, known) for each in value]
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
        if result.problem and result.problem.code not in READ and result.problem.facts != NOT_ASKED
    ]
    assert unread == []
    assert sum(result.status == "done" for result in results) >= 8, "most need nothing but what the town has"
