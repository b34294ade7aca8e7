"""Rows of every table with a place, in both counties of the town: what the house tests walk through.

`fill(town)` writes them as the owner and commits. `here` lies in 荷花社区 of 连云区, `there` in 陇东社区 of 海州区; both have
the same rows. On top of these come the rows that a scope decides by something else than the place: a case on a border, a
confidential one, one given to a department, one reported away from home.
"""

import hashlib
from datetime import date, timedelta
from functools import partial
from types import SimpleNamespace

from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from tests import builders
from tests.builders import NOW, TODAY
from tests.cast import PASSWORD
from tests.visits.homes import household

from gridplan.reading_apart import packed
from wangge.areas.models import AreaVersion, Succession
from wangge.base.ids import new_id
from wangge.blobs.models import Blob, Upload
from wangge.blobs.queries import stored_name
from wangge.campaigns.models import (
    Answer,
    AnswerPhoto,
    Campaign,
    Form,
    FormPicture,
    FormVersion,
    Material,
    PlantCheck,
    Target,
)
from wangge.cases.models import (
    Agreement,
    Attachment,
    Counter,
    FollowUp,
    Mediation,
    MediationSession,
    Note,
    Party,
    PostHandover,
    Referral,
    Remark,
    Route,
    Summons,
    Task,
    TextTemplate,
    View,
)
from wangge.catalogue.models import Paper, Refusal
from wangge.households.models import (
    Building,
    CareNeed,
    ColumnMapping,
    Compound,
    Dwelling,
    Earlier,
    Household,
    Merge,
    Resident,
    Sought,
    Stay,
    Transfer,
)
from wangge.journal.models import Entry
from wangge.plans.models import (
    Ground,
    Plan,
    PlanApplied,
    PlanComment,
    PlanContent,
    PlanGrid,
    PlanPosts,
    PlanProof,
    PlanReceipt,
    Reading,
    Search,
)
from wangge.plans.rules.content import BuildingRow, GridRow, gathered
from wangge.plans.rules.proving import division_digest
from wangge.plans.rules.receipts import digest_of
from wangge.staff.models import Attempts, Preference
from wangge.sync.models import Conflict, Device, HeldCommand, SyncCommand, Touched
from wangge.visits.models import (
    Check,
    DueRule,
    DueVisit,
    Errand,
    Patrol,
    Place,
    Question,
    Reply,
    Round,
    Shift,
    Track,
    Visit,
)

LAST_DAY = TODAY + timedelta(days=90)

#: side: grid, community, county, and who walks, leads the desk, leads the county
SIDES = {
    "here": ("grid_a", "community", "county", "worker", "community", "centre"),
    "there": ("far_grid", "far_community", "far_county", "far_worker", "far_community", "far_centre"),
}


def blob(connection, by, word, *, photo=False):
    digest = hashlib.sha256(word.encode()).hexdigest()
    facts = (
        {"kind": "photo", "media_type": "image/jpeg"}
        if photo
        else {"kind": "voice", "media_type": "audio/ogg"}
    )
    made = builders.insert(
        connection, Blob(digest=digest, size=9, stored_at=NOW, uploaded_by_id=by.pk, **facts)
    )
    builders.insert(connection, Upload(blob_id=digest, by_id=by.pk, at=NOW))
    return made


def entry(connection, at, subject, *, verb="case.reported", actor=None, confidential=False):
    return builders.insert(
        connection,
        Entry(
            area_id=at.code,
            path=at.path,
            at=NOW,
            actor_id=actor and actor.pk,
            verb=verb,
            subject=subject,
            confidential=confidential,
        ),
    )


def full_case(connection, work, at, by, word, **facts):
    """A case with a task, a summons, an attachment and its entry in the journal."""
    made = builders.case(connection, work, at, reported_by_id=by.pk, **facts)
    part = {"case_id": made.pk, "path": at.path}
    office = {"office_id": at.path.split(".")[:2][-1], "department_id": "fire"}
    builders.insert(connection, Task(**part, **office, asked_at=NOW))
    builders.insert(
        connection,
        Summons(**part, **office, kind="emergency", called_at=NOW, within_minutes=30),
    )
    brought = blob(connection, by, word)
    builders.insert(connection, Attachment(**part, blob_id=brought.pk, added_at=NOW, added_by_id=by.pk))
    for audience in ("staff", "reporter"):
        words = {"audience": audience, "text": "话", "written_at": NOW, "written_by_id": by.pk}
        builders.insert(connection, Note(id=new_id(), **part, **words))
    entry(connection, at, made.subject, actor=by, confidential=made.confidential)
    return made


def full_mediation(connection, at, by, number, **facts):
    """A file with everything in it, and its entry in the journal."""
    facts = {"kind": "neighbours", "matter": "漏水", "mediator_id": by.pk, "opened_at": NOW} | facts
    made = Mediation(id=new_id(), number=number, content_hash=number.encode(), path=at.path, **facts)
    builders.insert(connection, made)
    told = {"mediation": made, "written_at": NOW, "written_by_id": by.pk}
    person = {
        "role": "applicant",
        "name": "王小明",
        "phone": "13812345678",
        "address": "",
        "represented_by": "",
    }
    held = {"held_at": NOW, "place": "社区", "present": "双方", "record": "谈"}
    agreed = {"form": "written", "terms": "赔", "signed_on": TODAY, "perform_by": TODAY}
    made.party = Party(id=new_id(), **told, **person)
    for part in (
        made.party,
        MediationSession(id=new_id(), **told, **held),
        Agreement(id=new_id(), **told, **agreed),
        FollowUp(id=new_id(), **told, due_on=TODAY),
        Referral(id=new_id(), **told, to="court", reason="起诉"),
        Remark(id=new_id(), **told, step="close", text="了结"),
    ):
        builders.insert(connection, part)
    entry(connection, at, made.subject, verb="mediation.opened", actor=by, confidential=True)
    return made


def registered_home(connection, at, number, **facts):
    """A home of its own with a door plate."""
    began = date(2020, 1, 1)
    placed = {"id": new_id(), "path": at.path, "valid_from": began}
    building = builders.insert(connection, Building(**placed, name=f"{number}号楼"))
    placed["id"] = new_id()
    plate = hashlib.sha256(number.encode()).hexdigest()[:16].upper()
    dwelling = builders.insert(
        connection, Dwelling(**placed, building_id=building.pk, door="301", plate=plate)
    )
    placed["id"] = new_id()
    return builders.insert(connection, Household(**placed, dwelling_id=dwelling.pk, number=number, **facts))


def registered(connection, home, name="王小明", **facts):
    """Somebody who lives there, or with `left_on` lived there."""
    known = {"residency": "registered_present", "identity": "x", "phone": "13812345678", "phone_tail": "5678"}
    left = facts.get("left_on")
    lives = None if left else home.pk
    made = Resident(id=new_id(), path=home.path, name=name, household_id=lives, **known, **facts)
    builders.insert(connection, made)
    ended = {"to_on": left, "went": "merged", "name": name} if left else {}
    stay = {"resident_id": made.pk, "household_id": home.pk, "path": home.path, "from_on": date(2020, 1, 1)}
    made.stay = builders.insert(connection, Stay(**stay, came="known", **ended))
    return made


def full_register(town, side, at, to, number):
    """A household with people in every condition, and a file on its way to another grid."""
    connection = town.owner
    side.house = registered_home(connection, at, f"{number}1")
    side.second = registered_home(connection, at, f"{number}2")
    side.resident, side.twin, side.mover = (
        registered(connection, side.house, name) for name in ("王小明", "王晓明", "李四")
    )
    side.merged = registered(connection, side.house, "王小明", left_on=TODAY, merged_into_id=side.resident.pk)
    merge = {"kept_id": side.resident.pk, "merged_id": side.merged.pk, "path": at.path}
    builders.insert(connection, Merge(id=new_id(), **merge, at=NOW, stay_id=side.merged.stay.pk))
    ground = {"kind": "illness", "basis": "law", "law": "法", "from_on": TODAY, "until": LAST_DAY}
    side.need = CareNeed(id=new_id(), resident_id=side.resident.pk, path=at.path, detail="药", **ground)
    builders.insert(connection, side.need)
    for kind, of in (("household", side.house), ("resident", side.resident), ("need", side.need)):
        was = {"kind": kind, "of_id": of.pk, "revision": 0, "at": NOW, "said_at": NOW, "sealed": "{}"}
        builders.insert(connection, Earlier(id=new_id(), path=at.path, **was))
    offer = {"household_id": side.house.pk, "residents": [side.mover.pk], "offered_at": NOW}
    said = {"path": at.path, "kind": "residents", "columns": {"谁": "name"}, "changed_at": NOW}
    builders.insert(connection, ColumnMapping(**said))
    side.transfer = Transfer(id=new_id(), from_path=at.path, to_path=to.path, **offer)
    builders.insert(connection, side.transfer)
    asked = {"resident_id": new_id(), "other_id": side.twin.pk, "to_path": to.path, "asked_at": NOW}
    builders.insert(connection, Sought(id=new_id(), **asked))


def one_side(town, name, work):
    connection = town.owner
    grid, community, county, walks, leads, heads = SIDES[name]
    at, above, top = (town.areas[area] for area in (grid, community, county))
    worker, lead, head = (town.accounts[person] for person in (walks, leads, heads))
    side = SimpleNamespace(grid=at, community=above, county=top, worker=worker, lead=lead, head=head)
    side.case = full_case(connection, work, at, worker, f"{name} case", department_keys=[f"{top.code}/fire"])
    side.secret = full_case(connection, work, at, worker, f"{name} secret", confidential=True)
    side.blob = blob(connection, worker, f"{name} loose")
    side.summons = connection.execute(
        "select id from cases_summons where case_id = %s", [side.case.pk]
    ).fetchone()[0]
    side.attached = connection.execute(
        "select blob_id from cases_attachment where case_id = %s", [side.case.pk]
    ).fetchone()[0]
    side.assignment = town.assignments[walks]
    builders.leave(connection, lead, TODAY + timedelta(days=40), TODAY + timedelta(days=50))
    version = {"code": above.code, "path": above.path, "name": "旧名", "level": "community"}
    days = {"valid_from": date(2019, 1, 1), "valid_to": date(2020, 1, 1)}
    builders.insert(connection, AreaVersion(**version, **days, recorded_at=NOW))
    asked = {"asked_by_id": "fire", "ground": "not_admitted", "what": "代填台账", "at": NOW}
    builders.insert(connection, Refusal(area_id=at.code, path=at.path, by_id=worker.pk, **asked))
    side.route = builders.insert(
        connection, Route(area_id=top.code, path=top.path, business="safety", tier="county")
    )
    estate = {"code": f"E{name}", "name": f"{name}花园", "area_id": at.code, "path": at.path}
    side.estate = builders.insert(connection, Compound(**estate, valid_from=date(2020, 1, 1)))
    for shared in (False, True):
        view = {"id": new_id(), "account_id": lead.pk, "path": above.path, "name": f"{name} {shared}"}
        side.view = builders.insert(connection, View(**view, shared=shared, made_at=NOW))
    text = {"id": new_id(), "path": above.path, "name": "感谢", "use": "answer", "text": "您好"}
    side.text = builders.insert(connection, TextTemplate(**text, changed_at=NOW))
    builders.insert(connection, Preference(account_id=worker.pk, name="columns", value=["title"]))
    taker = town.areas["grid_b" if name == "here" else "grid_a"]
    full_register(town, side, at, taker, f"{at.code}-")
    changed = {"from_account_id": worker.pk, "to_account_id": lead.pk, "kind": "desk", "at": NOW}
    builders.insert(connection, PostHandover(path=at.path, **changed))
    mediator = town.accounts["mediator" if name == "here" else "far_mediator"]
    side.mediator = mediator
    side.mediation = full_mediation(connection, above, mediator, f"{name}-1", state="mediating")
    full_visits(town, side, name)
    full_campaign(town, side)
    full_sync(town, side)
    for place in (at, above, top):
        entry(connection, place, f"area:{place.code}", verb="area.changed", actor=head)
    entry(connection, above, f"account:{worker.pk}", verb="account.signed-in", confidential=True)
    return side


def full_visits(town, side, name):
    """A household that was visited and is due, asked by a department; a shift with a patrol, and a place that was checked."""
    put, at, by = partial(builders.insert, town.owner), side.grid, side.worker.pk
    side.visited = home = household(town, at, only_by_law=True)
    said = {"said_at": NOW, "happened_at": NOW, "at": NOW}
    visit = put(
        Visit(
            id=new_id(),
            content_hash=b"",
            household_id=home.pk,
            path=at.path,
            day=TODAY,
            outcome="met",
            entered_by_id=by,
            **said,
        )
    )
    days = {"since": TODAY, "by": TODAY}
    put(DueVisit(household_id=home.pk, path=at.path, known_on=TODAY, computed_at=NOW, **days))
    errand = {"household_id": home.pk, "path": at.path, "kind": "other", "text": "送通知", "added_at": NOW}
    put(Errand(id=new_id(), **errand, **days))
    office = f"{side.county.code}/city-management"
    asker = town.accounts["handler"] if name == "here" else side.head
    asks = {
        "path": side.community.path,
        "department": "city-management",
        "department_key": office,
        "text": "养狗吗？",
    }
    asks |= {
        "answer": "yes_no",
        "basis": "养犬管理条例",
        "from_on": TODAY,
        "to_on": LAST_DAY,
        "asked_at": NOW,
    }
    put(Question(id=new_id(), asked_by_id=asker.pk, **asks))
    question = put(Question(id=new_id(), state="running", asked_by_id=asker.pk, decided_at=NOW, **asks))
    given = {
        "household_id": home.pk,
        "path": at.path,
        "choice": 0,
        "happened_at": NOW,
        "at": NOW,
        "by_id": by,
    }
    put(Reply(id=new_id(), question=question, visit=visit, **given))
    side.round = put(
        Round(
            id=new_id(),
            path=at.path,
            day=TODAY,
            account_id=by,
            number=1,
            households=[home.pk],
            made_at=NOW,
            made_by_id=by,
        )
    )
    side.shift = put(
        Shift(id=new_id(), path=at.path, account_id=by, said_started_at=NOW, started_at=NOW, ended_at=NOW)
    )
    times = {"started_at": NOW, "ended_at": NOW, "at": NOW}
    patrol = put(Patrol(id=new_id(), shift_id=side.shift.pk, path=at.path, account_id=by, **times))
    put(Track(patrol_id=patrol.pk, account_id=by, began_at=NOW, points=[[119.0, 34.5, 0]]))
    side.place = put(
        Place(id=new_id(), path=at.path, kind="hydrant", name="消火栓", every_days=30, due_on=TODAY)
    )
    put(
        Check(
            id=new_id(),
            content_hash=b"",
            place_id=side.place.pk,
            path=at.path,
            found="fine",
            account_id=by,
            **said,
        )
    )


def full_sync(town, side):
    """A phone of the worker, what it sent, what of that is held, a conflict, and a record that left the grid."""
    put, at, by = partial(builders.insert, town.owner), side.grid, side.worker
    seen = {"account_id": by.pk, "home_path": by.home_path, "registered_at": NOW, "seen_at": NOW}
    side.device = put(Device(id=new_id(), name="手机", **seen))
    said = {"said_at": NOW, "received_at": NOW, "answered_at": NOW, "account_id": by.pk}
    put(SyncCommand(id=new_id(), kind="note.add", digest=b"", status="done", **said))
    waits = {"held_at": NOW, "tried_at": NOW, "code": "not-here-yet", "content": "{}"}
    put(HeldCommand(id=new_id(), account_id=by.pk, kind="note.add", **waits))
    told = {
        "kind": "household.change",
        "subject": f"household:{side.house.pk}",
        "content": "{}",
        "fields": '{"revision": 1, "fields": {}}',
    }
    put(Conflict(id=new_id(), account_id=by.pk, path=at.path, found_at=NOW, **told))
    left = {"kind": "case", "row_id": "left", "path": at.path, "gone": True}
    put(Touched(changed=1, touched_at=NOW, **left))


def full_campaign(town, side):
    """A form, a draft, and a campaign that runs in the community and was answered at one door with a photo."""
    put, at, by = partial(builders.insert, town.owner), side.grid, side.worker.pk
    form = put(Form(id=new_id(), name="踏查", path=side.community.path, made_at=NOW))
    file = {
        "file_name": "a.xlsx",
        "source_hash": "0" * 64,
        "source": b"",
        "xform": "<x/>",
        "outline": {"children": [], "lists": {}},
    }
    version = put(FormVersion(id=new_id(), form=form, number=1, title="踏查", made_at=NOW, **file))
    beside = blob(town.owner, side.lead, f"{at.code} form", photo=True)
    put(FormPicture(version=version, name="a.png", picture_id=beside.digest))
    days = {"from_on": TODAY, "to_on": LAST_DAY, "made_at": NOW, "form_version": version}
    put(Campaign(id=new_id(), name="草稿", path=side.community.path, **days))
    side.campaign = put(Campaign(id=new_id(), name="踏查", path=side.community.path, state="running", **days))
    put(Material(id=new_id(), campaign=side.campaign, order=1, title="宣传", text="您好"))
    codes = dict(
        zip(("county_id", "township_id", "community_id", "grid_id"), at.path.split(".")[1:], strict=True)
    )
    target = Target(campaign=side.campaign, household_id=side.visited.pk, path=at.path, due_on=TODAY, **codes)
    names = [field.column for field in Target._meta.concrete_fields]
    marks = ", ".join(["%s"] * len(names))
    values = [getattr(target, field.attname) for field in Target._meta.concrete_fields]
    town.owner.execute(f"insert into campaigns_target ({', '.join(names)}) values ({marks})", values)
    town.owner.execute(
        "update campaigns_target set answered = 1, standing = 'done', changed_on = %s where household_id = %s",
        [TODAY, side.visited.pk],
    )
    said = {"outcome": "met", "end": "counted", "said_at": NOW, "at": NOW, "by_id": by, "answers": "{}"}
    where = {"household_id": side.visited.pk, "path": at.path, "form_version": version}
    answer = put(Answer(id=new_id(), campaign=side.campaign, **where, **said))
    photo = blob(town.owner, side.worker, f"{at.code} campaign").digest
    put(AnswerPhoto(answer=answer, digest=photo, question="photo"))
    seen = {"said_at": NOW, "at": NOW, "by_id": by, "path": at.path, "household_id": side.visited.pk}
    put(PlantCheck(id=new_id(), campaign=side.campaign, number=1, decision="nothing", **seen))
    told = {"decision": "suspected", "case_id": new_id(), "photo": photo}
    put(PlantCheck(id=new_id(), campaign=side.campaign, number=2, **told, **seen))


def full_plan(town, side, state):
    """A plan for the side's community, with all that hangs on one."""
    put = partial(builders.insert, town.owner)
    where = {"path": side.community.path}
    said = {"name": "调整", "unit": "building", "low": 1, "high": 500, "labels": [0], "fixed": [False]}
    sums = {"grids": 1, "households": 1, "least": 1, "most": 1, "outside": 0, "pieces": 0, "uncovered": 0}
    sums |= {"rms_m": 0.0, "farthest_m": 0.0, "cut": 0}
    said |= {
        "figures_today": sums,
        "figures": sums | {"moved": 0, "kept": 1, "begun": 0, "ended": 0, "unplaced": 0},
    }
    said |= {"search": side.search, "ground_ids": [side.ground.pk]}
    if state == "consulted":
        said |= {"consulted_at": NOW, "comment_until": TODAY + timedelta(days=14)}
    plan = put(Plan(id=new_id(), area=side.community, state=state, made_at=NOW, **where, **said))
    home = BuildingRow(str(new_id()), "1号楼", "", "", 119.355, 34.745, side.grid.path, 1)
    today = GridRow(side.grid.code, side.grid.name, side.community.code, None, None)
    put(PlanContent(plan=plan, content=gathered([home], [today], unit="building").as_json(), **where))
    grid = {"code": side.grid.code, "name": "一网格", "community": side.community.code}
    put(PlanGrid(plan=plan, label=0, households=1, atoms=1, stay=1, **grid, **where))
    put(PlanComment(id=new_id(), plan=plan, side="worker", text="好", at=NOW, by_id=side.worker.pk))
    if state == "consulted":
        comment = put(PlanComment(id=new_id(), plan=plan, side="residents", text="好", at=NOW))
        put(PlanReceipt(comment=comment, digest=digest_of(comment.id.hex), phone="13812345678", **where))
        plan.comment = comment
    put(PlanApplied(plan=plan, at=NOW, **where))
    put(PlanProof(plan=plan, division="", minutes=1, asked_at=NOW, **where))
    put(PlanPosts(plan=plan, division=division_digest(plan.labels, plan.low, plan.high), at=NOW, **where))
    return plan


def fill(town):
    """Everything, on both sides and between them; the sides are `.here` and `.there`."""
    connection = town.owner
    work = builders.item(connection, summons="emergency")
    proposed = builders.item(connection, "M01-02", state="proposed")
    entry(
        connection, town.city, f"item:{proposed.code}", verb="item.proposed", actor=town.accounts["handler"]
    )
    handler = town.accounts["handler"]
    law = blob(connection, handler, "law", photo=True)
    builders.insert(
        connection,
        Paper(item_id=proposed.code, blob_id=law.pk, name="条例", added_at=NOW, added_by_id=handler.pk),
    )
    full = SimpleNamespace(work=work, proposed=proposed)
    full.here, full.there = (one_side(town, name, work) for name in SIDES)
    for side in (full.here, full.there):
        place = {"area": side.community, "path": side.community.path}
        nothing = dict.fromkeys(("barriers", "crossings", "streets", "shops"), packed([]))
        side.ground = builders.insert(connection, Ground(id=new_id(), added_at=NOW, **place, **nothing))
        side.reading = builders.insert(
            connection, Reading(id=new_id(), asked_at=NOW, state="done", ended_at=NOW, **place)
        )
        asked = {"name": "比选", "unit": "building", "low": 1, "high": 500, "curve": 2, "seconds": 10}
        side.search = builders.insert(connection, Search(id=new_id(), asked_at=NOW, **place, **asked))
        side.draft = full_plan(town, side, "draft")
        side.plan = full_plan(town, side, "consulted")
        codes = {"from_code": side.grid.code, "to_code": side.grid.code}
        builders.insert(connection, Succession(**codes, path=side.community.path, households=1, at=NOW))
    far, near = town.areas["far_grid"], town.areas["grid_b"]
    worker, far_worker = town.accounts["worker"], town.accounts["far_worker"]
    office = f"{town.areas['county'].code}/city-management"
    # Not by place alone: across a border, by a department, by whoever reported it, all these also confidential.
    for secret in (False, True):
        word, facts = f"secret {secret}", {"confidential": secret}
        full_case(connection, work, far, far_worker, f"{word} border", border_ids=[near.code], **facts)
        full_case(connection, work, near, worker, f"{word} given", department_keys=[office], **facts)
        full_case(connection, work, far, worker, f"{word} away", **facts)
    follows = {"followers": [town.accounts["neighbour"].pk]}
    full_case(connection, work, far, far_worker, "followed", **follows)
    for area in ("community", "township", "county", "city"):
        full_case(connection, work, town.areas[area], town.accounts["admin"], f"at {area}")
    # A township's own file, one of its mediators' that an account of elsewhere was given, and one given to a mediator who
    # keeps another committee's files.
    full_mediation(connection, town.areas["township"], town.accounts["secretary"], "township")
    full_mediation(connection, town.areas["far_township"], town.accounts["mediator"], "assigned")
    # Who lives here now and lived in the other county before: that grid keeps their stay and how they stood then.
    past = {"path": far.path, "resident_id": full.here.resident.pk, "household_id": full.there.house.pk}
    days = {"from_on": date(2010, 1, 1), "to_on": date(2020, 1, 1), "came": "known", "went": "to_grid"}
    builders.insert(connection, Stay(**past, **days, name="王小明"))
    was = {"kind": "resident", "of_id": full.here.resident.pk, "revision": 9, "at": NOW, "said_at": NOW}
    builders.insert(connection, Earlier(id=new_id(), path=far.path, **was))
    full.here.taken_into = registered_home(connection, near, f"{near.code}-9")
    full.there.taken_into = full.here.second
    builders.insert(connection, Counter(id="0703-260415", last=1))
    builders.insert(connection, Attempts(source="x", minute=NOW, count=1))
    interval = {"every_months": 6, "every_days": 0, "early_days": 14, "retry_days": 7, "law": False}
    builders.insert(connection, DueRule(code="everyone", zh="半年一次", basis_zh="市里的办法", **interval))
    connection.commit()
    return full


def things(town):
    """The full town with what the calls name besides."""
    full = fill(town)
    builders.item(town.owner, "M01-03", state="reviewed")
    for side in (full.here, full.there):
        side.empty_post = builders.post(town.owner, "clerk", side.community)
        side.promoted = builders.account(town.owner, f"promoted-{side.community.code}", side.community)
        builders.assignment(town.owner, builders.post(town.owner, "centre_lead", side.county), side.promoted)
        side.sign_in = "0" * 16
        for digest in (side.attached, side.blob.digest):
            if not default_storage.exists(stored_name(digest, "clean")):
                default_storage.save(stored_name(digest, "clean"), ContentFile(b"OggS"))
    quick = {"password": make_password(PASSWORD, hasher="md5")}
    town.owner.execute("update staff_account set password = %(password)s", quick)
    town.owner.commit()
    return full


def new_uuid():
    return str(new_id())
