"""Files real requests in a running sample city through its HTTP interface, and carries them through the lifecycle.

Nothing here touches the database: each step is taken by the first of the demo's accounts whose `moves` allow it.
"""

import http.client
import json
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from wangge.base import clock
from wangge.base.calendar import CHINA
from wangge.demo.rules import requests as rules
from wangge.demo.rules.places import DEMO_COMMUNITY
from wangge.demo.rules.posts import DEMO_DEPARTMENT, DEMO_PASSWORD
from wangge.demo.rules.requests import Item, Outcome, Request

#: In the order in which they are asked.
ACTORS = ("worker", "community", "township", "dispatcher", "centre", "handler")
SOURCES = {"worker": "worker", "community": "desk", "township": "desk", "dispatcher": "hotline"}
MOST_STEPS = 12
AT_ONCE = 6
_ANSWER = "已按流程办理。"
_NOT_THEIRS = ("not-found", "not-allowed", "step-not-possible")
#: What is tried in each state, the best first.
_WISHES = {
    "reported": ("accept",),
    "returned": ("accept",),
    "accepted": ("dispatch", "handle", "escalate"),
    "dispatched": ("handle", "return"),
    "handled": ("verify", "close"),
    "verified": ("close",),
}


class Refused(Exception):  # noqa: N818 - an answer of the interface
    """The interface's problem, by its code."""


@dataclass
class Caller:
    """The accounts' way to the interface: one connection each thread, one token each account."""

    base: str
    tokens: dict[str, str] = field(default_factory=dict)
    _lines: threading.local = field(default_factory=threading.local)

    def sign_in(self, account: str) -> None:
        given = {"username": account, "password": DEMO_PASSWORD}
        self.tokens[account] = self.call("", "POST", "sign-in", given)["token"]

    def call(self, account: str, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON; Refused with the problem's code. A connection that was closed meanwhile is opened anew."""
        headers = {"Content-Type": "application/json"}
        if account:
            headers["Authorization"] = f"Bearer {self.tokens[account]}"
        sent = None if body is None else json.dumps(body).encode()
        for attempt in (1, 2):
            line = self._line()
            try:
                line.request(method, f"{self._root}/api/v1/{path}", sent, headers)
                answer = line.getresponse()
                said = answer.read()
                break
            except (http.client.HTTPException, ConnectionError):
                line.close()
                # Every call may be sent twice: reports and steps carry ids of their own.
                if attempt == 2:
                    raise
        told = json.loads(said) if said else None
        if answer.status >= 400:
            raise Refused(told.get("code", "") if isinstance(told, dict) else f"status-{answer.status}")
        return told

    @property
    def _root(self) -> str:
        return urlsplit(self.base).path.rstrip("/")

    def _line(self) -> http.client.HTTPConnection:
        if not hasattr(self._lines, "line"):
            parts = urlsplit(self.base)
            kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
            self._lines.line = kind(parts.hostname or "127.0.0.1", parts.port, timeout=60)
        line: http.client.HTTPConnection = self._lines.line
        return line


@dataclass
class Stage:
    """What all requests of a replay share. `helpful` remembers who took which step in a case like it."""

    caller: Caller
    items: Sequence[Item]
    grids: Sequence[tuple[float, float]]
    seed: int
    now: datetime
    helpful: dict[tuple[Any, ...], tuple[str, str]] = field(default_factory=dict)


def replay(
    base: str,
    file: Path,
    *,
    limit: int | None = None,
    seed: int = 1,
    tell: Callable[[str], None] = print,
) -> int:
    """Files the requests of a CSV and closes them; ends with a table. 0, or 1 when something failed that should not."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        asked = list(islice(rules.requests_in(lines), limit))
    stage = _stage(base, seed)
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for outcome in pool.map(partial(carry, stage), asked):
            outcomes.append(outcome)
            if len(outcomes) % 500 == 0:
                tell(f"  {len(outcomes):,} of {len(asked):,}")
    tell(rules.table(outcomes))
    return int(any(outcome.refused.startswith("failed") for outcome in outcomes))


def carry(stage: Stage, request: Request) -> Outcome:
    """One request from its report to its closing."""
    outcome = Outcome()
    item = rules.choose_item(request, stage.items)
    if item is None:
        outcome.refused = "no item of the catalogue fits its words"
        return outcome
    case_id, filer = rules.case_id_of(request, stage.seed), rules.finder_of(request, stage.seed)
    try:
        case = stage.caller.call(filer, "PUT", f"cases/{case_id}", _report(stage, request, item, filer))
        outcome.found = case["found_tier"]
        case = _through(stage, request, item, case)
    except Refused as problem:
        outcome.refused = f"by the interface: {problem}"
        return outcome
    except (http.client.HTTPException, OSError) as problem:
        outcome.refused = f"failed: {type(problem).__name__}"
        return outcome
    if case["state"] != "closed":
        outcome.refused = f"nobody of the demo's accounts could go on from {case['state']}"
        return outcome
    outcome.resolved = case["resolved_tier"]
    outcome.late = _was_late(request, item)
    return outcome


def _stage(base: str, seed: int) -> Stage:
    caller = Caller(base)
    for account in ACTORS:
        caller.sign_in(account)
    names = ("code", "zh", "keywords", "department", "business", "handle_minutes")
    told = caller.call("centre", "GET", "items?state=admitted")["items"]
    items = [Item(**{name: _kept(one[name]) for name in names}) for one in told]
    areas = caller.call("centre", "GET", f"areas?level=grid&within={DEMO_COMMUNITY}")["items"]
    grids = [(area["lon"], area["lat"]) for area in areas if area["kind"] == "public"]
    return Stage(caller, items, grids, seed, clock.now())


def _kept(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _report(stage: Stage, request: Request, item: Item, filer: str) -> dict[str, Any]:
    """The texts name no real place, so the request gets one of the demo community's grids; the worker's is the first."""
    number = 0 if filer == "worker" else int(rules.chance(request, stage.seed, "grid") * len(stage.grids))
    lon, lat = stage.grids[number]
    today = stage.now.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = (
        request.moment
        if request.moment and datetime(2000, 1, 1, tzinfo=UTC) < request.moment < stage.now
        else today
    )
    return {
        "item": item.code,
        "title": request.title[: rules.LONGEST_TITLE],
        "description": request.text[: rules.LONGEST_TEXT],
        "lon": round(lon + (rules.chance(request, stage.seed, "lon") - 0.5) * 1e-4, 6),
        "lat": round(lat + (rules.chance(request, stage.seed, "lat") - 0.5) * 1e-4, 6),
        "reported_at": moment.isoformat(),
        "source": SOURCES[filer],
    }


def _through(stage: Stage, request: Request, item: Item, case: dict[str, Any]) -> dict[str, Any]:
    """Takes step after step until it is closed or nobody can go on."""
    handled_by = ""
    for number in range(MOST_STEPS):
        taken = _take(stage, request, item, case, handled_by, number)
        if taken is None:
            break
        case, account = taken
        if case["state"] == "handled":
            handled_by = account
    return case


def _take(
    stage: Stage, request: Request, item: Item, case: dict[str, Any], handled_by: str, number: int
) -> tuple[dict[str, Any], str] | None:
    """The case after its next step, and who took it. Who could do it in a case like this one before is not asked again."""
    to_department = item.department == DEMO_DEPARTMENT
    like = (case["state"], case["holder"], to_department, case["confidential"], handled_by)
    if known := stage.helpful.get(like):
        try:
            return _post(stage, request, item, case, *known, number), known[0]
        except Refused as problem:
            if str(problem) not in _NOT_THEIRS:
                raise
    found = _next(stage, case, to_department=to_department, handled_by=handled_by)
    if found is None:
        return None
    stage.helpful[like] = found
    return _post(stage, request, item, case, *found, number), found[0]


def _post(
    stage: Stage, request: Request, item: Item, case: dict[str, Any], account: str, step: str, number: int
) -> dict[str, Any]:
    command = {"command_id": str(uuid5(UUID(case["id"]), f"{number} {step}")), **_facts(step, request, item)}
    return dict(stage.caller.call(account, "POST", f"cases/{case['id']}/{step}", command))


def _next(
    stage: Stage, case: dict[str, Any], *, to_department: bool, handled_by: str
) -> tuple[str, str] | None:
    """The first account, in order, whose moves hold a step that is wanted now. Nobody verifies what they handled."""
    order = ("handler", *ACTORS) if case["state"] == "dispatched" else ACTORS
    for step in _WISHES.get(case["state"], ()):
        if step == "dispatch" and not to_department:
            continue
        for account in dict.fromkeys(order):
            if (step != "verify" or account != handled_by) and step in _moves(stage, account, case["id"]):
                return account, step
    return None


def _moves(stage: Stage, account: str, case_id: str) -> Iterable[str]:
    """The steps that this account may take; none when it may not see the case."""
    try:
        told = stage.caller.call(account, "GET", f"cases/{case_id}")
    except Refused as problem:
        if str(problem) == "not-found":
            return ()
        raise
    return [move["step"] for move in told["moves"]]


def _facts(step: str, request: Request, item: Item) -> dict[str, Any]:
    """What the step's command must carry."""
    answer = request.reply[: rules.LONGEST_TEXT] or _ANSWER
    outcome = "answered" if request.reply or item.business == "service" else "mended"
    facts: dict[str, dict[str, Any]] = {
        "dispatch": {"departments": [item.department]},
        "handle": {"outcome": outcome, "answer": answer},
        "verify": {"mended": True},
        "escalate": {"reason": "本级无法办理"},
        "return": {"reason": "不属本部门职责"},
    }
    return facts.get(step, {})


def _was_late(request: Request, item: Item) -> bool:
    """Whether the authority's own reply came after the item's time for handling; without a reply, this replay was at once."""
    if request.moment is None or request.replied is None or request.replied < request.moment:
        return False
    return request.replied > CHINA.add_working_minutes(request.moment, item.handle_minutes)
