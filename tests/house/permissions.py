"""The permission table: every operation of /api/v1/, how it is called about something here and there, and who gets what.

`CALLS` says what to send: `path` fills the address, `query` and `body` go with it. `ANSWERS` says which accounts get which
status: by names, and `*` for everyone else. A key with `#…` is another call of the same operation. Which rows a list shows
to whom, the row policies say (test_scope.py); here stands who is let through the door.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tests.builders import NOW, TODAY, square

COMMAND = "00000000-0000-7000-8000-000000000001"
OTHER_GRID = "3207030030021002"
NEW_CASE = UUID("00000000-0000-7000-8000-000000000002")
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
LATER = (TODAY + timedelta(days=1)).isoformat()
MUCH_LATER = (TODAY + timedelta(days=9)).isoformat()

ITEM = {
    "code": "S01-90", "business": "safety", "group": "S01", "group_zh": "消防", "group_en": "Fire safety",
    "zh": "充电桩", "en": "Charging point", "keywords": ["充电", "电桩", "私接"], "department": "fire",
    "first_tier": "grid", "urgency_levels": ["normal"], "accept_minutes": 60, "handle_minutes": 840,
    "verify_minutes": 420, "urgent_percent": 50, "emergency_percent": 20, "proof": "none", "confidential": False,
    "summons": "", "retention_years": 5, "legal_basis": "《中华人民共和国消防法》", "data_collected": "地点、照片",
    "minutes_per_case": 20, "minutes_per_week": 10,
}  # fmt: skip


def street_through(area):
    """A map with one street."""
    ends = [[area.lon - 0.001, area.lat], [area.lon + 0.001, area.lat]]
    shape = {"type": "LineString", "coordinates": ends}
    street = {"type": "Feature", "properties": {"kind": "street"}, "geometry": shape}
    return json.dumps({"type": "FeatureCollection", "features": [street]}).encode()


@dataclass(frozen=True)
class Answers:
    """Who gets which status about something here, and about something there; the same when it has no place."""

    here: dict
    there: dict | None = None

    def expected(self, name, side):
        answers = self.here if side == "here" or self.there is None else self.there
        return next(status for status, names in answers.items() if names == "*" or name in names.split())


def sent(query=None, body=None, **path):
    return {"path": path, "query": query, "body": body}


CALLS = {
    "GET /plans": lambda side: sent({"area": side.community.code}),
    "POST /plans": lambda side: sent(
        body={"area": side.community.code, "name": "调整", "start": "today", "low": 1, "high": 9}
    ),
    "GET /plans/grounds": lambda _side: sent(),
    "PUT /plans/grounds/{code}": lambda side: sent(code=side.community.code, body=street_through(side.grid)),
    "GET /plans/grounds/readings/{reading_id}": lambda side: sent(reading_id=side.reading.pk),
    "DELETE /plans/grounds/{code}": lambda side: sent(code=side.community.code),
    "POST /plans/searches": lambda side: sent(body={"area": side.community.code, "name": "比选"}),
    "GET /plans/searches/{search_id}": lambda side: sent(search_id=side.search.pk),
    "POST /plans/searches/{search_id}/stop": lambda side: sent(search_id=side.search.pk, body={}),
    "GET /plans/{plan_id}/ground": lambda side: sent(plan_id=side.draft.pk),
    "POST /plans/{plan_id}/choose": lambda side: sent(plan_id=side.draft.pk, body={}),
    "GET /plans/{plan_id}": lambda side: sent(plan_id=side.draft.pk),
    "GET /plans/{plan_id}#consulted": lambda side: sent(plan_id=side.plan.pk),
    "GET /plans/{plan_id}/atoms": lambda side: sent(plan_id=side.draft.pk),
    "PATCH /plans/{plan_id}": lambda side: sent(
        plan_id=side.draft.pk, body={"revision": 1, "name": "再调整"}
    ),
    "POST /plans/{plan_id}/improve": lambda side: sent(plan_id=side.draft.pk, body={"revision": 1}),
    "GET /plans/{plan_id}/today": lambda side: sent(plan_id=side.draft.pk),
    "POST /plans/{plan_id}/mend": lambda side: sent(plan_id=side.draft.pk, body={"revision": 1}),
    "POST /plans/{plan_id}/dry-run": lambda side: sent(plan_id=side.draft.pk, body={}),
    "GET /plans/{plan_id}/proof": lambda side: sent(plan_id=side.draft.pk),
    "POST /plans/{plan_id}/proof": lambda side: sent(plan_id=side.draft.pk, body={"minutes": 1}),
    "POST /plans/{plan_id}/proof/stop": lambda side: sent(plan_id=side.draft.pk, body={}),
    "GET /plans/{plan_id}/posts": lambda side: sent(plan_id=side.draft.pk),
    "PUT /plans/{plan_id}/posts": lambda side: sent(plan_id=side.draft.pk, body={}),
    "DELETE /plans/{plan_id}/posts": lambda side: sent(plan_id=side.draft.pk),
    "POST /plans/{plan_id}/posts/price": lambda side: sent(
        plan_id=side.draft.pk,
        body={"kind": "grid_worker", "grid": side.grid.code, "account": side.worker.pk},
    ),
    "POST /plans/{plan_id}/steps/{step}": lambda side: sent(plan_id=side.draft.pk, step="check", body={}),
    "GET /plans/{plan_id}/comments": lambda side: sent(plan_id=side.plan.pk),
    "PUT /plans/{plan_id}/comments/{comment_id}": lambda side: sent(
        plan_id=side.plan.pk, comment_id=NEW_CASE, body={"side": "residents", "text": "好"}
    ),
    "PUT /plans/{plan_id}/comments/{comment_id}/answer": lambda side: sent(
        plan_id=side.plan.pk, comment_id=side.plan.comment.pk, body={"text": "会的"}
    ),
    "POST /plans/{plan_id}/comments/{comment_id}/phone": lambda side: sent(
        plan_id=side.plan.pk, comment_id=side.plan.comment.pk, body={"command_id": COMMAND, "why": "answer"}
    ),
    "GET /areas/locate": lambda side: sent({"lon": side.grid.lon, "lat": side.grid.lat}),
    "GET /areas": lambda side: sent({"within": side.community.code}),
    "GET /areas/{code}": lambda side: sent(code=side.grid.code),
    "POST /areas/{code}/change": lambda side: sent(code=side.grid.code, body={"name": "新名"}),
    "POST /areas/{code}/boundary": lambda side: sent(
        code=side.grid.code,
        body={
            "boundary": square(
                side.grid.lon - 0.004, side.grid.lat - 0.004, side.grid.lon + 0.004, side.grid.lat + 0.004
            )
        },
    ),
    "POST /areas/{code}/end": lambda side: sent(code=side.grid.code, body={"reason": "并入"}),
    "PUT /blobs/{digest}": lambda _side: sent(digest=hashlib.sha256(PNG).hexdigest(), body=PNG),
    "GET /blobs/{digest}": lambda side: sent(digest=side.attached),
    "GET /blobs/{digest}#loose": lambda side: sent(digest=side.blob.digest),
    "GET /compounds": lambda side: sent({"q": "花园", "within": side.community.code}),
    "PUT /compounds/{code}": lambda side: sent(
        code=side.estate.code, body={"name": "荷塘家园", "area": side.grid.code}
    ),
    "POST /compounds/{code}/end": lambda side: sent(code=side.estate.code, body={"reason": "拆除"}),
    "GET /households": lambda side: sent({"within": side.community.code}),
    "GET /households/counts": lambda side: sent({"area": side.county.code}),
    "GET /households/transfers": lambda _side: sent(),
    "PUT /households/transfers/{transfer_id}": lambda side: sent(
        transfer_id=NEW_CASE,
        body={
            "command_id": COMMAND,
            "household": str(side.house.pk),
            "to": OTHER_GRID,
            "residents": [str(side.twin.pk)],
        },
    ),
    "POST /households/transfers/{transfer_id}/take": lambda side: sent(
        transfer_id=side.transfer.pk, body={"command_id": COMMAND, "into": str(side.taken_into.pk)}
    ),
    "POST /households/transfers/{transfer_id}/decline": lambda side: sent(
        transfer_id=side.transfer.pk, body={"command_id": COMMAND, "reason": "不住这里"}
    ),
    "POST /households/transfers/{transfer_id}/withdraw": lambda side: sent(
        transfer_id=side.transfer.pk, body={"command_id": COMMAND}
    ),
    "POST /households/dwellings/{dwelling_id}/plate": lambda side: sent(
        dwelling_id=side.house.dwelling_id, body={"command_id": COMMAND}
    ),
    "PUT /households/{household_id}": lambda side: sent(
        household_id=NEW_CASE,
        body={
            "command_id": COMMAND,
            "home": {
                "dwelling": str(NEW_CASE),
                "building": str(NEW_CASE),
                "building_name": "9号楼",
                "area": side.grid.code,
            },
        },
    ),
    "GET /households/{household_id}": lambda side: sent(household_id=side.house.pk),
    "POST /households/{household_id}/change": lambda side: sent(
        household_id=side.house.pk,
        body={"command_id": COMMAND, "fields": {"has_plot": {"was": False, "is": True}}},
    ),
    "POST /households/{household_id}/end": lambda side: sent(
        household_id=side.second.pk, body={"command_id": COMMAND}
    ),
    "PUT /residents/{resident_id}": lambda side: sent(
        resident_id=NEW_CASE,
        body={
            "command_id": COMMAND,
            "household": str(side.house.pk),
            "name": "赵六",
            "residency": "floating",
        },
    ),
    "GET /residents/{resident_id}": lambda side: sent(resident_id=side.resident.pk),
    "GET /residents/{resident_id}/stays": lambda side: sent(resident_id=side.resident.pk),
    "POST /residents/{resident_id}/change": lambda side: sent(
        resident_id=side.resident.pk,
        body={"command_id": COMMAND, "fields": {"sex": {"was": "", "is": "m"}}},
    ),
    "POST /residents/{resident_id}/move": lambda side: sent(
        resident_id=side.resident.pk, body={"command_id": COMMAND, "move": "out"}
    ),
    "POST /residents/{resident_id}/reveal": lambda side: sent(
        resident_id=side.resident.pk, body={"command_id": COMMAND, "what": ["phone"], "why": "contact"}
    ),
    "POST /residents/{resident_id}/merge": lambda side: sent(
        resident_id=side.twin.pk, body={"command_id": COMMAND, "into": str(side.resident.pk)}
    ),
    "POST /residents/{resident_id}/unmerge": lambda side: sent(
        resident_id=side.merged.pk, body={"command_id": COMMAND}
    ),
    "PUT /residents/{resident_id}/needs/{need_id}": lambda side: sent(
        resident_id=side.resident.pk,
        need_id=NEW_CASE,
        body={
            "command_id": COMMAND,
            "kind": "elder",
            "basis": "law",
            "law": "老年人权益保障法",
            "until": MUCH_LATER,
        },
    ),
    "POST /residents/needs/{need_id}/end": lambda side: sent(
        need_id=side.need.pk, body={"command_id": COMMAND}
    ),
    "GET /visits": lambda side: sent({"household": str(side.visited.pk)}),
    "GET /visits/due": lambda side: sent({"area": side.grid.code}),
    "GET /visits/round": lambda side: sent({"area": side.grid.code}),
    "GET /visits/figures": lambda side: sent(
        {"area": side.grid.code, "since": TODAY.isoformat(), "until": TODAY.isoformat()}
    ),
    "POST /visits/errands": lambda side: sent(
        body={
            "households": [str(side.visited.pk)],
            "kind": "question",
            "text": "几口人?",
            "since": TODAY.isoformat(),
            "by": LATER,
        }
    ),
    "GET /visits/tracks": lambda _side: sent(),
    "DELETE /visits/tracks": lambda _side: sent(),
    "PUT /visits/{visit_id}": lambda side: sent(
        visit_id=NEW_CASE,
        body={"household": str(side.visited.pk), "at": NOW.isoformat(), "outcome": "met", "well": True},
    ),
    "GET /places": lambda side: sent({"area": side.grid.code}),
    "PUT /places/{place_id}": lambda side: sent(
        place_id=NEW_CASE, body={"kind": "lift", "name": "1号电梯", "area": side.grid.code}
    ),
    "POST /places/{place_id}/checks": lambda side: sent(
        place_id=side.place.pk, body={"command_id": COMMAND, "at": NOW.isoformat(), "found": "fine"}
    ),
    "POST /places/{place_id}/close": lambda side: sent(place_id=side.place.pk),
    "GET /items": lambda _side: sent(),
    "POST /items": lambda _side: sent(body=ITEM),
    "GET /items/suggest": lambda _side: sent({"text": "路灯不亮"}),
    "GET /items/burden": lambda _side: sent(),
    "GET /items/{code}": lambda _side: sent(code="M01-01"),
    "POST /items/{code}/review": lambda _side: sent(code="M01-02", body={"reason": "看过"}),
    "POST /items/{code}/admit": lambda _side: sent(code="M01-03", body={"reason": "准入"}),
    "POST /items/{code}/decline": lambda _side: sent(code="M01-02", body={"reason": "不准入"}),
    "POST /items/{code}/retire": lambda _side: sent(code="M01-01", body={"reason": "不再办"}),
    "PUT /items/{code}/papers/{digest}": lambda _side: sent(
        code="M01-02", digest=hashlib.sha256(b"law").hexdigest(), body={"name": "条例"}
    ),
    "POST /items/{code}/change": lambda _side: sent(
        code="M01-01", body={"keywords": ["路灯", "街灯", "照明"], "reason": "补词"}
    ),
    "POST /refusals": lambda side: sent(
        body={
            "command_id": COMMAND,
            "area": side.grid.code,
            "asked_by": "fire",
            "what": "代填台账",
            "ground": "not_admitted",
        }
    ),
    "GET /refusals": lambda side: sent({"area": side.community.code}),
    "GET /cases": lambda side: sent({"area": side.community.code}),
    "GET /cases/queues": lambda side: sent({"area": side.community.code}),
    "GET /cases/routing": lambda side: sent({"item": "M01-01", "area": side.grid.code}),
    "PUT /cases/{case_id}": lambda side: sent(
        case_id=NEW_CASE,
        body={"item": "M01-01", "title": "路灯不亮", "area": side.grid.code, "reported_at": NOW.isoformat()},
    ),
    "GET /cases/{case_id}": lambda side: sent(case_id=side.case.pk),
    "GET /cases/{case_id}#confidential": lambda side: sent(case_id=side.secret.pk),
    "POST /cases/{case_id}/attachments/{digest}": lambda side: sent(
        case_id=side.case.pk, digest=side.attached
    ),
    "POST /cases/{case_id}/attachments/{digest}#another's": lambda side: sent(
        case_id=side.case.pk, digest=side.blob.digest
    ),
    "POST /cases/summonses/{summons_id}/arrive": lambda side: sent(summons_id=side.summons),
    "POST /cases/{case_id}/{step}": lambda side: sent(
        case_id=side.case.pk, step="accept", body={"command_id": COMMAND}
    ),
    "POST /cases/{case_id}/{step}#supervise": lambda side: sent(
        case_id=side.case.pk, step="supervise", body={"command_id": COMMAND, "reason": "催办"}
    ),
    "POST /cases/{case_id}/{step}#summon": lambda side: sent(
        case_id=side.case.pk,
        step="summon",
        body={"command_id": COMMAND, "departments": ["city-management"], "within_minutes": 30},
    ),
    "POST /cases/{case_id}/{step}#cancel": lambda side: sent(
        case_id=side.case.pk, step="cancel", body={"command_id": COMMAND, "reason": "报错了"}
    ),
    "POST /cases/{case_id}/{step}#split": lambda side: sent(
        case_id=side.case.pk,
        step="split",
        body={"command_id": COMMAND, "parts": [{"item": "M01-01", "title": "井盖缺失"}]},
    ),
    "PUT /cases/{case_id}/notes/{note_id}": lambda side: sent(
        case_id=side.case.pk, note_id=COMMAND, body={"audience": "staff", "text": "电话打不通"}
    ),
    "PUT /cases/{case_id}/notes/{note_id}#reporter": lambda side: sent(
        case_id=side.case.pk, note_id=COMMAND, body={"audience": "reporter", "text": "明天来修"}
    ),
    "GET /texts": lambda side: sent({"area": side.community.code}),
    "PUT /texts/{text_id}": lambda side: sent(
        text_id=COMMAND,
        body={
            "area": side.community.code,
            "name": "已派单",
            "use": "reporter",
            "text": "您反映的{title}已派单",
        },
    ),
    "DELETE /texts/{text_id}": lambda side: sent(text_id=side.text.pk),
    "POST /cases/steps": lambda side: sent(
        body={"command_id": COMMAND, "step": "accept", "cases": [str(side.case.pk)]}
    ),
    "GET /views": lambda _side: sent(),
    "PUT /views/{view_id}": lambda _side: sent(
        view_id=NEW_CASE, body={"name": "夜间", "query": "queue=open"}
    ),
    "PUT /views/{view_id}#shared": lambda _side: sent(
        view_id=NEW_CASE, body={"name": "夜间", "shared": True}
    ),
    "PUT /views/{view_id}#another's": lambda side: sent(view_id=side.view.pk, body={"name": "夜间"}),
    "DELETE /views/{view_id}": lambda side: sent(view_id=side.view.pk),
    "GET /cases/routes": lambda side: sent({"area": side.county.code}),
    "POST /cases/routes": lambda side: sent(
        body={"area": side.county.code, "business": "service", "tier": "county"}
    ),
    "DELETE /cases/routes/{route_id}": lambda side: sent(route_id=side.route.pk),
    "GET /mediations": lambda side: sent({"area": side.community.code}),
    "GET /mediations/figures": lambda side: sent({"area": side.community.code, "year": 2026}),
    "PUT /mediations/{mediation_id}": lambda side: sent(
        mediation_id=NEW_CASE,
        body={
            "kind": "neighbours",
            "matter": "漏水",
            "area": side.community.code,
            "parties": [{"role": "applicant", "name": "王小明", "phone": "13812345678"}],
        },
    ),
    "GET /mediations/{mediation_id}": lambda side: sent(mediation_id=side.mediation.pk),
    "POST /mediations/{mediation_id}/parties/{party_id}/reveal": lambda side: sent(
        mediation_id=side.mediation.pk,
        party_id=side.mediation.party.pk,
        body={"command_id": COMMAND, "why": "contact"},
    ),
    "POST /mediations/{mediation_id}/{step}": lambda side: sent(
        mediation_id=side.mediation.pk, step="withdraw", body={"command_id": COMMAND, "reason": "不愿再调"}
    ),
    "POST /mediations/{mediation_id}/{step}#assign": lambda side: sent(
        mediation_id=side.mediation.pk,
        step="assign",
        body={"command_id": COMMAND, "account": side.mediator.pk},
    ),
    "GET /staff/handovers": lambda _side: sent(),
    "POST /staff/assignments/{assignment_id}/hand-over": lambda side: sent(
        assignment_id=side.assignment.pk, body={"to_account": side.lead.pk, "from_on": TODAY.isoformat()}
    ),
    "POST /staff/accounts/{account_id}/leave": lambda side: sent(
        account_id=side.worker.pk, body={"from_on": LATER, "to_on": MUCH_LATER}
    ),
    "POST /staff/accounts/{account_id}/end": lambda side: sent(account_id=side.worker.pk),
    "GET /figures": lambda side: sent({"area": side.community.code, "period": "2026"}),
    "GET /plants/key": lambda _side: sent(),
    "GET /plants/material": lambda _side: sent(),
    "GET /plants/identifiers": lambda _side: sent(),
    "GET /plants/model": lambda _side: sent(),
    "POST /plants/identify": lambda _side: sent(body={"identifier": "key", "answers": {"sap": "white"}}),
    "POST /sign-in": lambda _side: sent(body={"username": "worker", "password": "wangge-demo"}),
    "POST /sign-out": lambda _side: sent(),
    "POST /sync/push": lambda _side: sent(body={"commands": []}),
    "POST /sync/carried": lambda _side: sent(body={}),
    "GET /sync/pull": lambda _side: sent(),
    "GET /sync/snapshot": lambda _side: sent(),
    "GET /sync/devices": lambda _side: sent(),
    "PUT /sync/devices/{device_id}": lambda _side: sent(device_id=NEW_CASE, body={"name": "手机"}),
    "PUT /sync/devices/{device_id}#another's": lambda side: sent(
        device_id=side.device.pk, body={"name": "手机"}
    ),
    "POST /sync/devices/{device_id}/key": lambda side: sent(device_id=side.device.pk),
    "POST /sync/devices/{device_id}/lost": lambda side: sent(device_id=side.device.pk),
    "POST /sync/devices/{device_id}/found": lambda side: sent(device_id=side.device.pk),
    "GET /sync/devices/{device_id}/order": lambda side: sent(device_id=side.device.pk),
    "POST /sync/devices/{device_id}/wiped": lambda side: sent(device_id=side.device.pk),
    "GET /me": lambda _side: sent(),
    "GET /me/sign-ins": lambda _side: sent(),
    "DELETE /me/sign-ins/{key}": lambda side: sent(key=side.sign_in),
    "POST /me/password": lambda _side: sent(body={"password": "a longer one 2026", "current": "wangge-demo"}),
    "GET /staff/kinds": lambda _side: sent(),
    "GET /staff/posts": lambda side: sent({"area": side.community.code}),
    "POST /staff/posts": lambda side: sent(body={"kind": "clerk", "area": side.community.code}),
    "POST /staff/posts/{post_id}/close": lambda side: sent(post_id=side.empty_post.pk, body={"on": LATER}),
    "POST /staff/posts/{post_id}/assign": lambda side: sent(
        post_id=side.empty_post.pk, body={"account": side.worker.pk, "from_on": LATER, "part": "part_time"}
    ),
    "POST /staff/assignments/{assignment_id}/end": lambda side: sent(
        assignment_id=side.assignment.pk, body={"to_on": LATER}
    ),
    "POST /staff/assignments/{assignment_id}/stand-in": lambda side: sent(
        assignment_id=side.assignment.pk,
        body={"account": side.lead.pk, "from_on": LATER, "to_on": MUCH_LATER},
    ),
    "GET /staff/staffing": lambda side: sent({"area": side.community.code}),
    "GET /staff/vacancies": lambda side: sent({"area": side.community.code}),
    "GET /staff/accounts": lambda side: sent({"area": side.community.code}),
    "POST /staff/accounts": lambda side: sent(
        body={
            "username": "newcomer",
            "name": "新人",
            "home": side.community.code,
            "password": "a longer one 2026",
        }
    ),
    "GET /staff/accounts/{account_id}": lambda side: sent(account_id=side.worker.pk),
    "POST /staff/accounts/{account_id}/password": lambda side: sent(
        account_id=side.worker.pk, body={"password": "a longer one 2026"}
    ),
    "POST /staff/accounts/{account_id}/password#promoted": lambda side: sent(
        account_id=side.promoted.pk, body={"password": "a longer one 2026"}
    ),
}

# By what they are about, here and there: who sees it, who works on it, who changes its staff, who reads its figures.
SEE_HERE, SEE_THERE = (
    "admin centre dispatcher township secretary community mediator worker",
    "admin far_centre far_community far_mediator far_worker",
)
WORK_HERE, WORK_THERE = (
    "centre dispatcher township secretary community worker",
    "far_centre far_community far_worker",
)
MANAGE_HERE, MANAGE_THERE = "admin centre township secretary community", "admin far_centre far_community"
READ_HERE = f"{MANAGE_HERE} dispatcher"
OVERSEE_HERE, OVERSEE_THERE = "township secretary community", "far_community"
READ_MEDIATIONS = f"mediator far_mediator neighbour {OVERSEE_HERE} {OVERSEE_THERE}"
ADMIT = "admin centre far_centre"
#: Who keeps the register of homes there, and who keeps one anywhere.
KEEP_HERE, KEEP_THERE = "township community worker", "far_community far_worker"
KEEP_HOMES = f"{KEEP_HERE} worker2 neighbour {KEEP_THERE}"
#: Who sees who lives here, and there.
HOMES, FAR_HOMES = "worker community township", "far_worker far_community"
EVERYONE = Answers(here={200: "*"})
#: Who sees a draft of the community, and who else once its grids are asked.
PLANS_HERE, PLANS_THERE = f"{READ_HERE} mediator", f"{MANAGE_THERE} far_mediator"
CONCERNED_HERE = "worker worker2 enterprise instructor"
DRAFTS = Answers(
    here={200: MANAGE_HERE, 403: "dispatcher mediator", 404: "*"},
    there={200: MANAGE_THERE, 403: "far_mediator", 404: "*"},
)
ANSWERS_COMMENTS = Answers(
    here={200: MANAGE_HERE, 403: f"dispatcher mediator {CONCERNED_HERE}", 404: "*"},
    there={200: MANAGE_THERE, 403: "far_mediator far_worker", 404: "*"},
)
#: Who has a post at, above or below the community here, and so is offered what its lead shares.
VIEW_HERE = "admin centre dispatcher township secretary worker worker2 enterprise instructor mediator"

KEEPERS = Answers(here={200: KEEP_HERE, 404: "*"}, there={200: KEEP_THERE, 404: "*"})
READ_HOME = Answers(
    here={200: KEEP_HERE, 404: f"worker2 neighbour {KEEP_THERE}", 403: "*"},
    there={200: KEEP_THERE, 404: f"worker2 neighbour {KEEP_HERE}", 403: "*"},
)
TAKE = Answers(
    here={200: "worker2 community township", 403: "worker", 404: "*"},
    there={200: KEEP_HERE, 403: KEEP_THERE, 404: "*"},
)

ANSWERS = {
    "GET /plans": EVERYONE,
    "POST /plans": Answers(here={201: MANAGE_HERE, 403: "*"}, there={201: MANAGE_THERE, 403: "*"}),
    "GET /plans/grounds": EVERYONE,
    "PUT /plans/grounds/{code}": Answers(
        here={202: MANAGE_HERE, 403: "*"}, there={202: MANAGE_THERE, 403: "*"}
    ),
    "GET /plans/grounds/readings/{reading_id}": Answers(
        here={200: MANAGE_HERE, 404: "*"}, there={200: MANAGE_THERE, 404: "*"}
    ),
    "DELETE /plans/grounds/{code}": Answers(
        here={204: MANAGE_HERE, 403: VIEW_HERE, 404: "*"},
        there={204: MANAGE_THERE, 403: "far_mediator far_worker", 404: "*"},
    ),
    "POST /plans/searches": Answers(here={201: MANAGE_HERE, 403: "*"}, there={201: MANAGE_THERE, 403: "*"}),
    "GET /plans/searches/{search_id}": Answers(
        here={200: PLANS_HERE, 404: "*"}, there={200: PLANS_THERE, 404: "*"}
    ),
    "POST /plans/searches/{search_id}/stop": DRAFTS,
    "GET /plans/{plan_id}/ground": Answers(
        here={200: PLANS_HERE, 404: "*"}, there={200: PLANS_THERE, 404: "*"}
    ),
    "POST /plans/{plan_id}/choose": DRAFTS,
    "GET /plans/{plan_id}": Answers(here={200: PLANS_HERE, 404: "*"}, there={200: PLANS_THERE, 404: "*"}),
    "GET /plans/{plan_id}#consulted": Answers(
        here={200: f"{PLANS_HERE} {CONCERNED_HERE}", 404: "*"},
        there={200: f"{PLANS_THERE} far_worker", 404: "*"},
    ),
    "GET /plans/{plan_id}/atoms": Answers(
        here={200: PLANS_HERE, 404: "*"}, there={200: PLANS_THERE, 404: "*"}
    ),
    "PATCH /plans/{plan_id}": DRAFTS,
    "POST /plans/{plan_id}/improve": DRAFTS,
    "GET /plans/{plan_id}/today": DRAFTS,
    "POST /plans/{plan_id}/mend": DRAFTS,
    "POST /plans/{plan_id}/dry-run": DRAFTS,
    "GET /plans/{plan_id}/proof": Answers(
        here={200: PLANS_HERE, 404: "*"}, there={200: PLANS_THERE, 404: "*"}
    ),
    "POST /plans/{plan_id}/proof": DRAFTS,
    "POST /plans/{plan_id}/proof/stop": DRAFTS,
    "GET /plans/{plan_id}/posts": DRAFTS,
    "PUT /plans/{plan_id}/posts": DRAFTS,
    "DELETE /plans/{plan_id}/posts": DRAFTS,
    "POST /plans/{plan_id}/posts/price": DRAFTS,
    "POST /plans/{plan_id}/steps/{step}": DRAFTS,
    "GET /plans/{plan_id}/comments": Answers(
        here={200: f"{PLANS_HERE} {CONCERNED_HERE}", 404: "*"},
        there={200: f"{PLANS_THERE} far_worker", 404: "*"},
    ),
    "PUT /plans/{plan_id}/comments/{comment_id}": Answers(
        here={200: f"{READ_HERE} {CONCERNED_HERE}", 403: "mediator", 404: "*"},
        there={200: f"{MANAGE_THERE} far_worker", 403: "far_mediator", 404: "*"},
    ),
    "PUT /plans/{plan_id}/comments/{comment_id}/answer": ANSWERS_COMMENTS,
    "POST /plans/{plan_id}/comments/{comment_id}/phone": ANSWERS_COMMENTS,
    "GET /areas/locate": EVERYONE,
    "GET /areas": EVERYONE,
    "GET /areas/{code}": EVERYONE,
    "POST /areas/{code}/change": Answers(here={200: "admin", 403: "*"}),
    "POST /areas/{code}/boundary": Answers(here={200: "admin", 403: "*"}),
    "POST /areas/{code}/end": Answers(here={200: "admin", 403: "*"}),
    "PUT /blobs/{digest}": Answers(here={403: "admin mediator far_mediator", 201: "*"}),
    "GET /blobs/{digest}": Answers(
        here={200: f"{SEE_HERE} handler2", 404: "*"}, there={200: SEE_THERE, 404: "*"}
    ),
    "GET /blobs/{digest}#loose": Answers(here={200: "worker", 404: "*"}, there={200: "far_worker", 404: "*"}),
    "GET /compounds": EVERYONE,
    "PUT /compounds/{code}": Answers(here={200: "admin", 403: "*"}),
    "POST /compounds/{code}/end": Answers(here={200: "admin", 403: "*"}),
    "GET /households": Answers(here={200: KEEP_HOMES, 403: "*"}),
    "GET /households/counts": EVERYONE,
    "GET /households/transfers": Answers(here={200: KEEP_HOMES, 403: "*"}),
    "PUT /households/transfers/{transfer_id}": KEEPERS,
    "POST /households/transfers/{transfer_id}/take": TAKE,
    "POST /households/transfers/{transfer_id}/decline": TAKE,
    "POST /households/transfers/{transfer_id}/withdraw": Answers(
        here={200: KEEP_HERE, 403: "worker2", 404: "*"}, there={200: KEEP_THERE, 403: KEEP_HERE, 404: "*"}
    ),
    "POST /households/dwellings/{dwelling_id}/plate": KEEPERS,
    "PUT /households/{household_id}": Answers(
        here={200: KEEP_HERE, 403: "*"}, there={200: KEEP_THERE, 403: "*"}
    ),
    "GET /households/{household_id}": READ_HOME,
    "POST /households/{household_id}/change": KEEPERS,
    "POST /households/{household_id}/end": KEEPERS,
    "PUT /residents/{resident_id}": KEEPERS,
    "GET /residents/{resident_id}": READ_HOME,
    "GET /residents/{resident_id}/stays": Answers(here={200: KEEP_HOMES, 403: "*"}),
    "POST /residents/{resident_id}/change": KEEPERS,
    "POST /residents/{resident_id}/move": KEEPERS,
    "POST /residents/{resident_id}/reveal": KEEPERS,
    "POST /residents/{resident_id}/merge": KEEPERS,
    "POST /residents/{resident_id}/unmerge": KEEPERS,
    "PUT /residents/{resident_id}/needs/{need_id}": KEEPERS,
    "POST /residents/needs/{need_id}/end": KEEPERS,
    "GET /visits": EVERYONE,
    "GET /visits/due": Answers(here={200: HOMES, 404: "*"}, there={200: FAR_HOMES, 404: "*"}),
    "GET /visits/round": Answers(here={200: HOMES, 404: "*"}, there={200: FAR_HOMES, 404: "*"}),
    "GET /visits/figures": Answers(
        here={200: "admin centre dispatcher township secretary community worker", 403: "*"},
        there={200: "admin far_centre far_community far_worker", 403: "*"},
    ),
    "POST /visits/errands": Answers(
        here={200: "community township", 403: "worker", 404: "*"},
        there={200: "far_community", 403: "far_worker", 404: "*"},
    ),
    "GET /visits/tracks": EVERYONE,
    "DELETE /visits/tracks": EVERYONE,
    "PUT /visits/{visit_id}": Answers(here={201: HOMES, 404: "*"}, there={201: FAR_HOMES, 404: "*"}),
    "GET /places": EVERYONE,
    "PUT /places/{place_id}": Answers(
        here={201: "centre dispatcher township secretary community worker", 403: "*"},
        there={201: "far_centre far_community far_worker", 403: "*"},
    ),
    "POST /places/{place_id}/checks": Answers(
        here={200: "centre dispatcher township secretary community worker", 403: "admin mediator", 404: "*"},
        there={200: "far_centre far_community far_worker", 403: "admin far_mediator", 404: "*"},
    ),
    "POST /places/{place_id}/close": Answers(
        here={200: "centre dispatcher township secretary community worker", 403: "admin mediator", 404: "*"},
        there={200: "far_centre far_community far_worker", 403: "admin far_mediator", 404: "*"},
    ),
    "GET /items": EVERYONE,
    "POST /items": Answers(here={201: "admin handler handler2", 403: "*"}),
    "GET /items/suggest": EVERYONE,
    "GET /items/burden": EVERYONE,
    "GET /items/{code}": EVERYONE,
    "POST /items/{code}/review": Answers(here={200: ADMIT, 403: "*"}),
    "POST /items/{code}/admit": Answers(here={200: ADMIT, 403: "*"}),
    "POST /items/{code}/decline": Answers(here={200: ADMIT, 403: "*"}),
    "POST /items/{code}/retire": Answers(here={200: ADMIT, 403: "*"}),
    "PUT /items/{code}/papers/{digest}": Answers(
        here={200: "admin centre far_centre handler handler2", 403: "*"}
    ),
    "POST /items/{code}/change": Answers(here={200: ADMIT, 403: "*"}),
    "POST /refusals": Answers(here={201: WORK_HERE, 403: "*"}, there={201: WORK_THERE, 403: "*"}),
    "GET /refusals": Answers(here={200: READ_HERE, 403: "*"}, there={200: MANAGE_THERE, 403: "*"}),
    "GET /cases": EVERYONE,
    "GET /cases/queues": EVERYONE,
    "GET /cases/routing": EVERYONE,
    "PUT /cases/{case_id}": Answers(
        here={201: f"{WORK_HERE} handler handler2", 403: "*"}, there={201: WORK_THERE, 403: "*"}
    ),
    "GET /cases/{case_id}": Answers(
        here={200: f"{SEE_HERE} handler2", 404: "*"}, there={200: SEE_THERE, 404: "*"}
    ),
    "GET /cases/{case_id}#confidential": Answers(
        here={200: f"{WORK_HERE} mediator", 404: "*"}, there={200: f"{WORK_THERE} far_mediator", 404: "*"}
    ),
    "POST /cases/{case_id}/attachments/{digest}": Answers(
        here={200: f"{WORK_HERE} handler2", 403: "mediator admin", 404: "*"},
        there={200: WORK_THERE, 403: "far_mediator admin", 404: "*"},
    ),
    "POST /cases/{case_id}/attachments/{digest}#another's": Answers(
        here={200: "worker", 403: "mediator admin", 404: "*"},
        there={200: "far_worker", 403: "far_mediator admin", 404: "*"},
    ),
    "POST /cases/summonses/{summons_id}/arrive": Answers(
        here={200: f"{WORK_HERE} handler2", 403: "mediator admin", 404: "*"},
        there={200: WORK_THERE, 403: "far_mediator admin", 404: "*"},
    ),
    "POST /cases/{case_id}/{step}": Answers(
        here={200: WORK_HERE, 403: "mediator admin handler2", 404: "*"},
        there={200: WORK_THERE, 403: "far_mediator admin", 404: "*"},
    ),
    "POST /cases/{case_id}/{step}#supervise": Answers(
        here={
            200: "centre township secretary community",
            403: "mediator admin dispatcher handler2 worker",
            404: "*",
        },
        there={200: "far_centre far_community", 403: "far_mediator admin far_worker", 404: "*"},
    ),
    "POST /cases/{case_id}/{step}#summon": Answers(
        here={
            200: "township secretary community",
            403: "mediator admin centre dispatcher handler2 worker",
            404: "*",
        },
        there={403: "far_mediator admin far_centre far_worker", 422: "far_community", 404: "*"},
    ),
    "POST /cases/{case_id}/{step}#cancel": Answers(
        here={200: WORK_HERE, 403: "mediator admin handler2", 404: "*"},
        there={200: WORK_THERE, 403: "far_mediator admin", 404: "*"},
    ),
    "POST /cases/{case_id}/{step}#split": Answers(
        here={
            200: "centre dispatcher township secretary community",
            403: "admin mediator handler2 worker",
            404: "*",
        },
        there={200: "far_centre far_community", 403: "admin far_mediator far_worker", 404: "*"},
    ),
    "PUT /cases/{case_id}/notes/{note_id}": Answers(
        here={201: f"{WORK_HERE} handler2", 403: "admin mediator", 404: "*"},
        there={201: WORK_THERE, 403: "admin far_mediator", 404: "*"},
    ),
    "PUT /cases/{case_id}/notes/{note_id}#reporter": Answers(
        here={201: f"{WORK_HERE} handler2", 403: "admin mediator", 404: "*"},
        there={201: WORK_THERE, 403: "admin far_mediator", 404: "*"},
    ),
    "GET /texts": EVERYONE,
    "PUT /texts/{text_id}": Answers(here={200: MANAGE_HERE, 403: "*"}, there={200: MANAGE_THERE, 403: "*"}),
    "DELETE /texts/{text_id}": Answers(
        here={204: MANAGE_HERE, 403: "*"}, there={204: MANAGE_THERE, 403: "*"}
    ),
    "POST /cases/steps": EVERYONE,  # each case has its own answer: tests/cases/test_bulk.py
    "GET /views": EVERYONE,
    "PUT /views/{view_id}": Answers(here={201: "*"}),
    "PUT /views/{view_id}#shared": Answers(here={403: "handler handler2", 201: "*"}),
    "PUT /views/{view_id}#another's": Answers(
        here={200: "community", 403: VIEW_HERE, 409: "*"},
        there={200: "far_community", 403: "admin far_centre far_worker far_mediator", 409: "*"},
    ),
    "DELETE /views/{view_id}": Answers(
        here={204: "community", 403: VIEW_HERE, 404: "*"},
        there={204: "far_community", 403: "admin far_centre far_worker far_mediator", 404: "*"},
    ),
    "GET /cases/routes": EVERYONE,
    "POST /cases/routes": Answers(here={201: "admin", 403: "*"}),
    "DELETE /cases/routes/{route_id}": Answers(here={204: "admin", 403: "*"}),
    "GET /mediations": Answers(here={200: READ_MEDIATIONS, 403: "*"}),
    "GET /mediations/figures": Answers(here={200: READ_MEDIATIONS, 403: "*"}),
    "PUT /mediations/{mediation_id}": Answers(
        here={201: "mediator", 403: "*"}, there={201: "far_mediator", 403: "*"}
    ),
    "GET /mediations/{mediation_id}": Answers(
        here={200: f"mediator {OVERSEE_HERE}", 404: "*"},
        there={200: f"far_mediator {OVERSEE_THERE}", 404: "*"},
    ),
    "POST /mediations/{mediation_id}/parties/{party_id}/reveal": Answers(
        here={200: f"mediator {OVERSEE_HERE}", 404: "*"},
        there={200: f"far_mediator {OVERSEE_THERE}", 404: "*"},
    ),
    "POST /mediations/{mediation_id}/{step}": Answers(
        here={200: "mediator", 403: OVERSEE_HERE, 404: "*"},
        there={200: "far_mediator", 403: OVERSEE_THERE, 404: "*"},
    ),
    "POST /mediations/{mediation_id}/{step}#assign": Answers(
        here={200: OVERSEE_HERE, 403: "mediator", 404: "*"},
        there={200: OVERSEE_THERE, 403: "far_mediator", 404: "*"},
    ),
    "GET /staff/handovers": EVERYONE,
    "POST /staff/assignments/{assignment_id}/hand-over": Answers(
        here={200: MANAGE_HERE, 403: "mediator dispatcher worker", 404: "*"},
        there={200: MANAGE_THERE, 403: "far_mediator far_worker", 404: "*"},
    ),
    "POST /staff/accounts/{account_id}/leave": Answers(
        here={200: "admin centre township secretary community worker", 403: "mediator dispatcher", 404: "*"},
        there={200: "admin far_centre far_community far_worker", 403: "far_mediator", 404: "*"},
    ),
    "POST /staff/accounts/{account_id}/end": Answers(
        here={200: MANAGE_HERE, 403: "mediator dispatcher worker", 404: "*"},
        there={200: MANAGE_THERE, 403: "far_mediator far_worker", 404: "*"},
    ),
    "GET /figures": Answers(here={200: READ_HERE, 403: "*"}, there={200: MANAGE_THERE, 403: "*"}),
    "GET /plants/key": EVERYONE,
    "GET /plants/material": EVERYONE,
    "GET /plants/identifiers": EVERYONE,
    "GET /plants/model": Answers(here={404: "*"}),
    "POST /plants/identify": Answers(
        here={403: "handler handler2 mediator instructor far_mediator", 200: "*"}
    ),
    "POST /sign-in": EVERYONE,
    "POST /sign-out": Answers(here={204: "*"}),
    "POST /sync/push": EVERYONE,
    "POST /sync/carried": Answers(here={422: "*"}),
    "GET /sync/pull": EVERYONE,
    "GET /sync/snapshot": EVERYONE,
    "GET /sync/devices": EVERYONE,
    "PUT /sync/devices/{device_id}": Answers(here={201: "*"}),
    "PUT /sync/devices/{device_id}#another's": Answers(
        here={200: "worker", 409: "*"}, there={200: "far_worker", 409: "*"}
    ),
    "POST /sync/devices/{device_id}/key": Answers(
        here={200: "worker", 404: "*"}, there={200: "far_worker", 404: "*"}
    ),
    "POST /sync/devices/{device_id}/lost": Answers(
        here={200: f"worker {MANAGE_HERE}", 404: "*"}, there={200: f"far_worker {MANAGE_THERE}", 404: "*"}
    ),
    "POST /sync/devices/{device_id}/found": Answers(here={404: "*"}),
    "GET /sync/devices/{device_id}/order": Answers(here={204: "*"}),
    "POST /sync/devices/{device_id}/wiped": Answers(here={204: "*"}),
    "GET /me": EVERYONE,
    "GET /me/sign-ins": EVERYONE,
    "DELETE /me/sign-ins/{key}": Answers(here={404: "*"}),
    "POST /me/password": Answers(here={204: "*"}),
    "GET /staff/kinds": EVERYONE,
    "GET /staff/posts": EVERYONE,
    "POST /staff/posts": Answers(here={201: MANAGE_HERE, 403: "*"}, there={201: MANAGE_THERE, 403: "*"}),
    "POST /staff/posts/{post_id}/close": Answers(
        here={200: MANAGE_HERE, 403: "mediator dispatcher", 404: "*"},
        there={200: MANAGE_THERE, 403: "far_mediator", 404: "*"},
    ),
    "POST /staff/posts/{post_id}/assign": Answers(
        here={201: MANAGE_HERE, 403: "mediator dispatcher", 404: "*"},
        there={201: MANAGE_THERE, 403: "far_mediator", 404: "*"},
    ),
    "POST /staff/assignments/{assignment_id}/end": Answers(
        here={200: MANAGE_HERE, 403: "mediator dispatcher worker", 404: "*"},
        there={200: MANAGE_THERE, 403: "far_mediator far_worker", 404: "*"},
    ),
    "POST /staff/assignments/{assignment_id}/stand-in": Answers(
        here={201: MANAGE_HERE, 403: "mediator dispatcher worker", 404: "*"},
        there={201: MANAGE_THERE, 403: "far_mediator far_worker", 404: "*"},
    ),
    "GET /staff/staffing": Answers(here={200: READ_HERE, 403: "*"}, there={200: MANAGE_THERE, 403: "*"}),
    "GET /staff/vacancies": Answers(here={200: READ_HERE, 403: "*"}, there={200: MANAGE_THERE, 403: "*"}),
    "GET /staff/accounts": EVERYONE,
    "POST /staff/accounts": Answers(here={201: MANAGE_HERE, 403: "*"}, there={201: MANAGE_THERE, 403: "*"}),
    "GET /staff/accounts/{account_id}": Answers(
        here={200: SEE_HERE, 404: "*"}, there={200: SEE_THERE, 404: "*"}
    ),
    "POST /staff/accounts/{account_id}/password": Answers(
        here={204: MANAGE_HERE, 401: "worker", 403: "mediator dispatcher", 404: "*"},
        there={204: MANAGE_THERE, 401: "far_worker", 403: "far_mediator", 404: "*"},
    ),
    "POST /staff/accounts/{account_id}/password#promoted": Answers(
        here={204: "admin centre", 403: "mediator dispatcher township secretary community", 404: "*"},
        there={204: "admin far_centre", 403: "far_mediator far_community", 404: "*"},
    ),
}
