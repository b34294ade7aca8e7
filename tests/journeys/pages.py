"""Every page that has a picture. A new page is one line in PAGES; `test_every_page.py` opens each at both sizes and in both
languages and asks: does it answer, is it whole, does nothing scroll sideways, what does axe find, did anything go to the
browser's console, is a Chinese sentence left on the English page. The pictures are in tests/screenshots/, as
`<language>-<name>-<size>.png`.

    Page("journal", "journal")                              opened by the township's lead
    Page("people", "people", who="admin")                   … by another account of tests/cast.py
    Page("case", "cases/{lamp}")                            `{lamp}`: the id of a case that always is there, in grid_a
    Page("dispute", "mediations/{dispute}", make=a_dispute) `a_dispute(town) -> {"dispute": id}` adds what the page shows
    Page("map", "map", ready="[data-map][data-drawn]")      looked at when this selector is visible
    Page("step", "cases/{lamp}", press=("n",))              keys pressed before it is looked at
    Page("file", "cases/file", size="phone")                only at one size; else at both
    Page("gone", "cases/x", status=404)                     an answer that is a problem; those of forms: `test_answers.py`

`make` runs before the browser opens; it writes with `town.add(builders.…)` and returns what stands in the path in braces.
Names are unique, made of a-z, digits and hyphens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import transaction
from shapely import Point
from tests import builders
from tests.campaigns import planted
from tests.campaigns.test_answers import answered, started
from tests.campaigns.workbooks import MORE, SURVEY
from tests.plans.test_ground import ACROSS, RAIL, ROWS, a_map, read, sent
from tests.plans.towns import laid_out
from tests.visits.homes import household

from wangge.blobs.actions import store_part
from wangge.campaigns.actions import answers, campaigns, check_plant
from wangge.plans.actions import (
    ask_proof,
    begin_plan,
    begin_search,
    carry_out_search,
    comment_on_plan,
    hold_post,
)
from wangge.plans.actions import take_step as take_plan_step
from wangge.plans.actions.searching import take_search
from wangge.staff.models import Preference
from wangge.visits import actions as visit_actions


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    who: str = "township"
    make: Callable[[Any], dict[str, Any]] | None = None
    ready: str = "h1"
    press: tuple[str, ...] = ()
    size: str = ""
    status: int = 200


def a_lamp(town: Any) -> dict[str, Any]:
    """A case in grid_a, reported and not yet accepted."""
    lamp = town.add(
        builders.case,
        town.lamp_item,
        town.grid_a,
        title="路灯不亮",
        lon=119.355,
        lat=34.745,
        address="三号楼前",
    )
    return {"lamp": lamp.id}


def a_split_desk(town: Any) -> dict[str, Any]:
    """The community's lead likes the map beside the list."""
    liked = Preference(account_id=town.accounts["community"].pk, name="layout", value="split")
    town.add(builders.insert, liked)
    return {}


def an_item_to_admit(town: Any) -> dict[str, Any]:
    """A department's proposal that was reviewed."""
    town.add(
        builders.item,
        "S01-02",
        department="fire",
        state="reviewed",
        zh="充电设施隐患",
        en="Unsafe charging point",
    )
    return {}


def a_busy_worker(town: Any) -> dict[str, Any]:
    """A worker with an open case, the post that they hold, and who could follow; somebody on leave."""
    post = town.posts["worker"].pk
    held = town.assignments["worker"].pk
    town.add(
        builders.case, town.lamp_item, town.grid_a, title="楼道灯不亮", state="dispatched",
        handler_id=town.accounts["worker"].pk,
    )  # fmt: skip
    return {
        "post": post,
        "held": held,
        "person": town.accounts["worker"].pk,
        "other": town.accounts["worker2"].pk,
    }


def a_home_across_the_border(town: Any) -> dict[str, Any]:
    """A home that is kept under grid_a and lies in grid_b."""
    household(town, town.grid_a, "909", lon=119.365)
    return {}


def a_family(town: Any) -> dict[str, Any]:
    """A household of three in grid_a with a care need, somebody kept twice, and a file on its way to grid_b."""
    from datetime import timedelta

    from django.db import transaction

    from wangge.base.calendar import SHANGHAI
    from wangge.base.clock import now
    from wangge.base.commands import Command
    from wangge.base.ids import new_id
    from wangge.households import actions

    at = now()
    household, head, child, again = (new_id() for _each in range(4))
    facts = {"residency": "registered_present", "phone": "12000000001", "birth_year": 1941, "sex": "m"}
    with transaction.atomic():
        viewer = town.as_viewer("worker")
        home = actions.NewHome(new_id(), town.grid_a.code, new_id(), "荷花里3号楼", door="2单元501")
        actions.add_household(viewer, Command(new_id(), at), household, home, {"has_plot": True}, now=at)
        for person, name, relation in (
            (head, "王小明", "head"),
            (child, "王乐", "child"),
            (again, "王小明", "other"),
        ):
            said = {**facts, "name": name, "relation": relation}
            actions.add_resident(viewer, Command(new_id(), at), person, household, said, came="known", now=at)
        until = at.astimezone(SHANGHAI).date() + timedelta(days=200)
        need = actions.Need("elder", "law", until, law="Law on the elderly, article 1", detail="每周一次")
        actions.add_need(viewer, Command(new_id(), at), new_id(), head, need, now=at)
        offered = Command(new_id(), at)
        actions.offer_transfer(
            viewer, offered, new_id(), household, town.grid_b.code, residents=[child], now=at
        )
    return {"household": household, "resident": head}


def a_conflict(town: Any) -> dict[str, Any]:
    """A name and a plot that a phone and the desk changed at once, and one that is settled."""
    from wangge.base.clock import now
    from wangge.base.ids import new_id
    from wangge.sync.actions import push, settle_conflict

    at = now()
    home = household(town, town.grid_a, "301")
    edits = {
        "resident.change": ("resident", home.resident_row.pk, "name", "王秀英", "王秀瑛", "王秀莹"),
        "household.change": ("household", home.pk, "has_plot", False, True, True),
    }
    with transaction.atomic():
        for kind, (noun, key, field, was, mine, theirs) in edits.items():
            for name, value in (("community", theirs), ("worker", mine)):
                data = {noun: str(key), field: {"was": was, "is": value}}
                command = {
                    "id": str(new_id()),
                    "kind": kind,
                    "at": at.isoformat(),
                    "based_on": 1,
                    "data": data,
                }
                push(town.as_viewer(name), [command], now=at)
        second = {"resident": str(home.resident_row.pk), "name": {"was": "王秀英", "is": "王秀盈"}}
        command = {"id": str(new_id()), "kind": "resident.change", "at": at.isoformat(), "based_on": 1, "data": second}  # fmt: skip
        (found,) = push(town.as_viewer("worker"), [command], now=at)
        settle_conflict(
            town.as_viewer("community"), found.conflict, {"name": "theirs"}, command_id=new_id(), now=at
        )
    return {}


def a_dispute(town: Any) -> dict[str, Any]:
    """A file with an agreement whose visit is due, written by the mediator."""
    from django.db import transaction

    from wangge.base.calendar import SHANGHAI
    from wangge.base.clock import now
    from wangge.base.ids import new_id
    from wangge.cases import actions, queries

    at = now()
    day = at.astimezone(SHANGHAI).date()
    steps = {
        "session": {
            "held_at": at,
            "place": "the office",
            "present": "both sides",
            "record": "They looked at it.",
        },
        "agree": {
            "form": "written",
            "terms": "1. Mend the floor within ten days.\n2. Pay 1,800 yuan.",
            "signed_on": day,
            "perform_by": day,
            "visit_on": day,
        },
    }
    people = (("applicant", "王小明", "13812345678"), ("respondent", "李建国", ""))
    parties = tuple(
        {"role": role, "name": name, "phone": phone, "address": "3-201", "represented_by": ""}
        for role, name, phone in people
    )
    with transaction.atomic():
        viewer = town.as_viewer("mediator", now=at)
        opening = actions.Opening("neighbours", "Water from the flat above.", parties)
        made, _is_new = actions.open_mediation(viewer, new_id(), opening, now=at)
        for step, facts in steps.items():
            actions.take_mediation_step(viewer, made.id, step, command_id=new_id(), facts=facts, now=at)
        session = queries.mediation_file(viewer, made.id, now=at).sessions[0]
    return {"dispute": made.id, "session": session.id}


def a_talked_about_case(town: Any) -> dict[str, Any]:
    """A case with a note, a word to the reporter, a summons, a part split off, a likely double and a ready text."""
    from django.db import transaction

    from wangge.base.clock import now
    from wangge.base.ids import new_id
    from wangge.cases import actions

    at = now()
    place = {"lon": 119.352, "lat": 34.742}
    with transaction.atomic():
        viewer = town.as_viewer("community", now=at)
        report = actions.Report(item="S01-01", title="Blocked exit", reported_at=at, description="Boxes in the stairs.", **place)  # fmt: skip
        told, _is_new = actions.report_case(viewer, new_id(), report, now=at, source="hotline")
        double = actions.Report(item="S01-01", title="Boxes at the exit", reported_at=at, **place)
        other, _is_new = actions.report_case(viewer, new_id(), double, now=at)
        for audience, text in (
            ("staff", "He is at home after seven."),
            ("reporter", "Somebody comes tomorrow."),
        ):
            actions.write_note(viewer, told.id, new_id(), audience=audience, text=text, now=at)
        parts = [{"item": "M01-01", "title": "Lamp out on the stairs"}]
        for step, facts in (
            ("summon", {"departments": ["fire"], "within_minutes": 30}),
            ("split", {"parts": parts}),
        ):
            actions.take_step(viewer, told.id, step, command_id=new_id(), facts=facts, now=at)
        kept = actions.set_text(
            viewer, new_id(), area=town.community.code, name="On the way", use="reporter",
            text="{title} ({number}): somebody is on the way.", now=at,
        )  # fmt: skip
    return {"told": told.id, "double": other.number, "kept": kept.id}


def a_poppy_check(town: Any) -> dict[str, Any]:
    """A poppy check with a plant of each decision, as its finder sees it, one with a photo."""
    planted.item(town)
    campaign, home = planted.campaign(town), planted.household(town)
    with transaction.atomic():
        viewer = town.as_viewer("worker")
        content, digest = planted.photo()
        store_part(viewer, digest, BytesIO(content), None, now=planted.NOW, length=len(content))
        likely = {"species": "Papaver somniferum", "likelihood": 0.94, "taxon": "papaver-somniferum"}
        said = [{"identifier": "key", "version": "1", "ranked": [likely]}]
        for number, decision in enumerate(("nothing", "unsure", "suspected"), start=1):
            photo = digest if decision == "suspected" else None
            seen = planted.look(campaign, home, number=number, decision=decision, said=said, photo=photo)
            check_plant(viewer, planted.command(), seen, now=planted.NOW)
    return {"poppies": campaign.id}


def a_campaign(town: Any) -> dict[str, Any]:
    """A campaign of the township that runs, with a door done, one in vain, one to do, and a text to read out."""
    with transaction.atomic():
        homes = [
            household(town, at, door)
            for at, door in ((town.grid_a, "1"), (town.grid_a, "2"), (town.grid_b, "3"))
        ]
        campaign, version = started(town, survey=[*SURVEY, *MORE])
        answers.record_answers(
            town.as_viewer("community"),
            [answered(campaign, homes[0]), answered(campaign, homes[1], outcome="nobody_home", answers=None)],
            now=builders.NOW,
        )
        campaigns.add_material(
            town.as_viewer("township"),
            campaign.id,
            title="宣读",
            text="您好，看看菜地。",
            now=builders.NOW,
        )
    return {"campaign": campaign.id, "form": version.id, "home": homes[2].pk}


def a_question(town: Any) -> dict[str, Any]:
    """Questions of a department: one waits for the office, one is asked at doors, one has enough answers to be told."""
    from tests.visits.asked import answered_by_all, ask, homes_in

    homes = homes_in(town)
    with transaction.atomic():
        waiting = ask(town)
        running = ask(town, text="停车在哪儿？", answer="words", words=("楼下", "车棚", "路边"))
        told = ask(town, text="几个人做饭？", answer="number")
        lines = ask(town, text="最想修什么？", answer="line")
        for question in (running, told, lines):
            visit_actions.accept_question(town.as_viewer("community"), question.id, now=builders.NOW)
        answered_by_all(town, homes, told, "2")
        answered_by_all(town, homes, lines, "路灯")
    return {"asked": waiting.id, "running": running.id, "told": told.id, "lines": lines.id}


def a_plan(town: Any) -> dict[str, Any]:
    """A division of the community that is consulted, with a comment, and a draft with a grid out of bounds."""
    from wangge.base.ids import new_id

    laid_out(town)
    with transaction.atomic():
        viewer = town.as_viewer("community")
        asked = {"area": town.community.code, "unit": "compound", "now": builders.NOW}
        draft = begin_plan(viewer, name="第二稿", start="today", low=150, high=350, **asked)
        plan = begin_plan(viewer, name="荷花社区调整", start="divide", low=150, high=250, **asked)
        for step in ("check", "consult"):
            take_plan_step(viewer, plan.id, step, now=builders.NOW)
        said = {"side": "lead", "text": "三号楼离得近。", "now": builders.NOW}
        comment_on_plan(viewer, plan.id, new_id(), **said)
    return {"plan": plan.id, "draft": draft.id}


def a_staffed_plan(town: Any) -> dict[str, Any]:
    """A draft that says who would work where, one of them put by hand, and that is proven in part."""
    made = a_plan(town)
    worker = town.accounts["worker"].pk
    with transaction.atomic():
        viewer = town.as_viewer("community")
        draft = made["draft"]
        hold_post(viewer, draft, kind="grid_worker", grid=town.grid_b.code, account=worker, now=builders.NOW)
        proof = ask_proof(viewer, draft, now=builders.NOW)
        reached = {"found": 4.0, "least": 3.6, "households": 800, "steps": 40, "seconds": 9.0, "done": False}
        proof.parts, proof.proven_at = {town.community.code: reached}, builders.NOW
        proof.save()
    return {**made, "grid": town.grid_a.code, "worker": worker}


def a_ground(town: Any) -> dict[str, Any]:
    """Streets along the compounds and a railway between them with one crossing, and a plan that goes by them."""
    from wangge.base.clock import now

    laid_out(town)
    with TemporaryDirectory() as folder, transaction.atomic():
        file = a_map(Path(folder), ("barrier", RAIL), *ROWS, ACROSS, ("shop", Point(119.352, 34.742)))
        read(town, sent(town, file))
        sent(town, file, now=now())
        viewer = town.as_viewer("community")
        asked = {
            "area": town.community.code,
            "unit": "compound",
            "low": 150,
            "high": 250,
            "now": builders.NOW,
        }
        plan = begin_plan(viewer, name="按街路划分", weigh="minutes", **asked)
    return {"plan": plan.id}


def a_plan_with_streets(town: Any) -> dict[str, Any]:
    """A draft with today's grids, which lie on both sides of the railway."""
    made = a_ground(town)
    with transaction.atomic():
        asked = {
            "area": town.community.code,
            "unit": "compound",
            "low": 150,
            "high": 350,
            "now": builders.NOW,
        }
        draft = begin_plan(town.as_viewer("community"), name="现行网格", start="today", **asked)
    return {**made, "draft": draft.id}


def a_search(town: Any) -> dict[str, Any]:
    """Three proposals that were found, and a search that waits."""
    laid_out(town)
    asked = {
        "area": town.community.code,
        "low": 150,
        "high": 250,
        "curve": 3,
        "seconds": 10,
        "now": builders.NOW,
    }
    with transaction.atomic():
        asked_for = begin_search(town.as_viewer("community"), name="荷花社区比选", **asked)
        search = take_search(town.as_system(), asked_for.id, now=builders.NOW)
        waiting = begin_search(town.as_viewer("community"), name="再比选", **asked)
    carry_out_search(town.city.path, search.id, search.tries)
    return {"search": search.id, "waiting": waiting.id}


PAGES = [
    Page("plan-grounds", "plans/grounds", who="community", make=a_ground),
    Page("plan-grounds-none", "plans/grounds", who="worker"),
    Page("plan-with-streets", "plans/{plan}", who="community", make=a_ground),
    Page("plan-new-from", "plans/new?copy={plan}", who="community", make=a_ground),
    Page("plan-search", "plans/searches/{search}", who="community", make=a_search),
    Page("plan-search-waits", "plans/searches/{waiting}", who="community", make=a_search),
    Page("plans", "plans", who="community", make=a_plan),
    Page("plan-proven", "plans/{draft}", who="community", make=a_staffed_plan),
    Page("plan-posts", "plans/{draft}/posts", who="community", make=a_staffed_plan),
    Page("plan-posts-none", "plans/{plan}/posts", who="community", make=a_plan),
    Page(
        "plan-posts-price",
        "plans/{draft}/posts?kind=grid_worker&grid={grid}&account={worker}",
        who="community",
        make=a_staffed_plan,
    ),
    Page("plans-none", "plans", who="worker"),
    Page("plan-new", "plans/new", who="community", make=a_plan),
    Page("plans-compared", "plans/compare?plan={plan}&plan={draft}", who="community", make=a_plan),
    Page("plan", "plans/{plan}", who="community", make=a_plan),
    Page("plan-draft", "plans/{draft}", who="community", make=a_plan),
    Page("plan-concerned", "plans/{plan}", who="worker", make=a_plan),
    Page("plan-print", "plans/{plan}/print", who="community", make=a_plan),
    Page("plan-today", "plans/{draft}/today", who="community", make=a_plan),
    Page(
        "plan-edit",
        "plans/{draft}/edit",
        who="community",
        make=a_plan_with_streets,
        ready="[data-plan-map][data-plan-ground]",
    ),
    Page("queues", ""),
    Page("queues-nothing", "?queue=closed"),
    Page("queues-filters", "?queue=open&panel=filters&days=30&urgency=urgent"),
    Page("queues-columns", "?queue=open&panel=columns"),
    Page("queues-view", "?queue=open&panel=view"),
    Page("queues-file", "?queue=open&panel=file"),
    Page("queues-chosen", "?queue=new", press=("j", "x"), ready="form.bulk:not([hidden])"),
    Page("queues-map", "?queue=open", who="community", make=a_split_desk, ready="[data-map-open=whole]"),
    Page("bulk", "?queue=new", press=("j", "x", "d"), ready="form.bulk-form"),
    Page("file", "cases/file"),
    Page("file-place", "cases/file?title=路灯不亮&area=3207030030021001", who="dispatcher", ready="#goes"),
    Page("filed", "cases/{lamp}/filed", who="dispatcher"),
    Page("case", "cases/{lamp}"),
    Page("case-told", "cases/{told}?done=split", who="community", make=a_talked_about_case),
    Page("case-writing", "cases/{told}", who="community", make=a_talked_about_case, press=("y",)),
    Page("case-split", "cases/{lamp}", who="community", press=("t",)),
    Page("case-waits", "cases/{told}", who="worker", make=a_talked_about_case),
    Page("case-compare", "cases/{told}/compare?with={double}", who="community", make=a_talked_about_case),
    Page("case-print", "cases/{told}/print", who="community", make=a_talked_about_case),
    Page("texts", "texts", who="community", make=a_talked_about_case),
    Page("texts-none", "texts", who="worker"),
    Page("text", "texts/{kept}", who="community", make=a_talked_about_case),
    Page("map", "map", ready="[data-map-open=whole]"),
    Page("map-heat", "map?queue=all&show=heat&days=30", ready="[data-map-open=whole]"),
    Page("map-areas", "map?show=none&area=320703003000", ready="[data-map-open=whole]"),
    Page("areas", "areas/"),
    Page("area", "areas/3207030030021001"),
    Page("handovers", "handovers"),
    Page("mediations", "mediations", who="mediator", make=a_dispute),
    Page("mediations-none", "mediations?queue=ended", who="mediator"),
    Page("mediation-open", "mediations/open", who="mediator"),
    Page("mediation", "mediations/{dispute}", who="mediator", make=a_dispute),
    Page("mediation-overseen", "mediations/{dispute}", make=a_dispute),
    Page("mediation-agreement", "mediations/{dispute}/agreement", who="mediator", make=a_dispute),
    Page("mediation-record", "mediations/{dispute}/sessions/{session}", who="mediator", make=a_dispute),
    Page("catalogue", "catalogue/"),
    Page("item", "catalogue/S01-01"),
    Page("palette", "palette?q=路灯"),
    Page("palette-open", "figures", press=("/",), ready="#palette-found [role=option]"),
    Page("keys", "?queue=open", press=("?",), ready="dialog#keys[open]"),
    Page("figures", "figures"),
    Page("figures-year", "figures?period=2026"),
    Page("item-to-admit", "catalogue/S01-02", who="admin", make=an_item_to_admit),
    Page("propose", "catalogue/propose", who="handler"),
    Page("change-item", "catalogue/S01-01/change", who="admin"),
    Page("routes", "routes?area=3207030030021001&item=S01-01", who="admin"),
    Page("routes-checked", "routes?check=yes", who="admin"),
    Page("journal", "journal"),
    Page("journal-narrowed", "journal?verb=case&who=nobody"),
    Page("area-posts", "areas/3207030030021001/staff"),
    Page("area-posts-below", "areas/320703003002/staff?below=1"),
    Page("area-history", "areas/3207030030021001/history"),
    Page("area-change", "areas/3207030030021001/change", who="admin"),
    Page("area-homes", "areas/3207030030021001/homes", who="admin", make=a_home_across_the_border),
    Page("vacancies", "areas/320703003000/vacancies"),
    Page("fill", "areas/3207030030021001/fill/grid_lead?q=worker&back=1"),
    Page("give-post", "posts/{post}/assign?who={other}", make=a_busy_worker),
    Page("end-assignment", "assignments/{held}/end", make=a_busy_worker),
    Page("stand-in", "assignments/{held}/stand-in?q=worker2&who={other}", make=a_busy_worker),
    Page("close-post", "posts/{post}/close", make=a_busy_worker),
    Page("homes", "households/", who="worker", make=a_family),
    Page("homes-none", "households/?q=nobody", who="worker"),
    Page("homes-counts", "households/", who="centre", make=a_family),
    Page("home", "households/{household}", who="worker", make=a_family),
    Page("home-steps", "households/{household}", who="worker", make=a_family, press=("a",)),
    Page("home-add", "households/add", who="worker"),
    Page("home-list", "households/list", who="community"),
    Page("conflicts", "households/conflicts", who="community", make=a_conflict),
    Page("conflicts-none", "households/conflicts", who="worker"),
    Page("home-files", "households/files", who="worker2", make=a_family),
    Page("resident", "residents/{resident}", who="worker", make=a_family),
    Page("resident-steps", "residents/{resident}", who="worker", make=a_family, press=("n",)),
    Page("people", "people/"),
    Page("people-nobody", "people/?q=nobody-is-called-so"),
    Page("person", "people/{person}", make=a_busy_worker),
    Page("person-leave", "people/{person}/leave?q=worker2", make=a_busy_worker),
    Page("person-end", "people/{person}/end", make=a_busy_worker),
    Page("person-add", "people/add"),
    Page("me", "me"),
    Page("sign-in", "../sign-in"),
    Page("problem", "cases/00000000-0000-7000-8000-000000000000", status=404),
    Page("problem-not-allowed", "people/add", who="worker", status=403),
    Page("start", "start", who="admin"),
    Page("start-checked", "start?check=1", who="admin"),
    Page("campaigns", "campaigns", make=a_campaign),
    Page("campaign-plants", "campaigns/{poppies}/plants", who="worker", make=a_poppy_check),
    Page("plants-key", "campaigns/plants"),
    Page("plants-key-answered", "campaigns/plants?stage=flower&sap=white&base=heart&bloom=yes&colour=yellow"),
    Page("campaigns-none", "campaigns", who="worker"),
    Page("campaign", "campaigns/{campaign}", make=a_campaign),
    Page("campaign-community", "campaigns/{campaign}?area=320703003002", make=a_campaign),
    Page("campaign-new", "campaigns/new?form={form}", make=a_campaign),
    Page("campaign-forms", "campaigns/forms", make=a_campaign),
    Page("campaign-form", "campaigns/forms/{form}", make=a_campaign),
    Page("campaign-doors", "campaigns/{campaign}/households", who="community", make=a_campaign),
    Page("campaign-fill", "campaigns/{campaign}/households/{home}", who="community", make=a_campaign),
    Page("questions", "questions", who="handler", make=a_question),
    Page("questions-office", "questions", who="community", make=a_question),
    Page("questions-none", "questions", who="handler"),
    Page("question-new", "questions/new", who="handler"),
    Page("question-waits", "questions/{asked}", who="community", make=a_question),
    Page("question", "questions/{running}", who="handler", make=a_question),
    Page("question-numbers", "questions/{told}", who="handler", make=a_question),
    Page("question-lines", "questions/{lines}", who="handler", make=a_question),
    Page("take-areas", "take/areas", who="admin"),
    Page("take-people", "take/people"),
]
