"""Homes: the list and the search, one household, one resident, and files that go from grid to grid."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods, require_safe

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.answers import keeping
from wangge.base.commands import Command, Edits
from wangge.base.ids import new_id
from wangge.base.private import mask_address, mask_identity, mask_phone
from wangge.base.problems import Invalid, NotFound, Problem
from wangge.doors.console import home_words
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import asked, present, screen
from wangge.doors.console.pages.typed import day_of, id_in, id_of, line_of, lines_of, today, trouble
from wangge.households import actions, queries
from wangge.sync.queries import count_open_conflicts

_PAGE = 50
#: What a form of a resident changes, and how each is read.
_PLAIN = ("name", "sex", "residency", "relation")
_PRIVATE = ("identity", "phone", "registered_address")
#: Longer than the others may be.
_LONGER = {"registered_address": 200}


@require_safe
@screen
def homes(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Households of one's area by what somebody says; for whoever sees none, how many there are."""
    area = asked(request, "area", 16)
    if not viewer.homes:
        return _counts(request, viewer, area)
    text = asked(request, "q", queries.LONGEST_SEARCH)
    cursor = request.GET.get("cursor") or None
    if text:
        rows, following = queries.find_homes(viewer, text, within=area, limit=_PAGE, today=today()), None
    else:
        page = queries.households(viewer, within=area, cursor=cursor, limit=_PAGE, today=today())
        rows, following = page.items, page.next
    codes = {row.household.path.rsplit(".", 1)[-1] for row in rows}
    facts = {
        "section": "console:homes",
        "rows": rows,
        "next": following,
        "full": len(rows) == _PAGE and bool(text),
        "text": text,
        "area": area,
        "areas": lookups.areas_to_choose(viewer),
        "names": lookups.area_names(codes),
        "conflicts": count_open_conflicts(viewer),
        "arriving": sum(_comes_here(viewer, each) for each in queries.transfers(viewer))
        + len(queries.sought(viewer)),
    }
    return present(request, "console/homes.html", facts)


def _counts(request: HttpRequest, viewer: Viewer, area: str) -> HttpResponse:
    seat = viewer.first_seat
    if not area and (seat is None or not viewer.scope):
        queries.check_reads_homes(viewer)
    code = area or viewer.scope[0].rsplit(".", 1)[-1]
    counts = queries.home_counts(viewer, code)
    facts = {
        "section": "console:homes",
        "counts": counts,
        "names": lookups.area_names([code, *(each.code for each in counts)]),
        "code": code,
    }
    return present(request, "console/home_counts.html", facts)


def _comes_here(viewer: Viewer, offer: Any) -> bool:
    return any(f"{offer.to_path}.".startswith(f"{home}.") for home in viewer.homes)


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def add_home(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A household that is new, with its head if there is one."""
    queries.check_reads_homes(viewer)
    more: dict[str, Any] = {}
    if request.method == "POST":
        try:
            with transaction.atomic():
                made = _added(viewer, request.POST, clock.now())
            return _done("console:home", made, "added")
        except Problem as problem:
            more = {**trouble(problem), "status": problem.status}
    typed = request.POST if request.method == "POST" else request.GET
    ids = ("household_id", "dwelling_id", "building_id", "resident_id", "command_id", "person_command_id")
    facts = {
        "section": "console:homes",
        "typed": typed,
        "ids": {name: typed.get(name) or new_id() for name in ids},
        "areas": [each for each in lookups.areas_to_choose(viewer) if each.level in ("grid", "community")],
        "compounds": queries.compounds_within(viewer),
        "words": home_words.TABLES,
        "today": today(),
    }
    return present(request, "console/home_add.html", {**facts, **more}, status=more.get("status", 200))


def _added(viewer: Viewer, typed: QueryDict, now: datetime) -> UUID:
    household = id_of(typed, "household_id")
    home = actions.NewHome(
        dwelling=id_of(typed, "dwelling_id"),
        building=id_of(typed, "building_id"),
        area=line_of(typed, "area", 16),
        compound=line_of(typed, "compound", 32),
        building_name=line_of(typed, "building_name", 80),
        door=line_of(typed, "door", 40),
    )
    building, dwelling = queries.standing_at(viewer, home.area, home.compound, home.building_name, home.door)
    home = replace(home, building=building or home.building, dwelling=dwelling or home.dwelling)
    facts = {"has_plot": "has_plot" in typed}
    command = Command(id_of(typed, "command_id"), now)
    actions.add_household(viewer, command, household, home, facts, now=now)
    if typed.get("name", "").strip():
        second = Command(id_of(typed, "person_command_id"), now)
        person = {**_person(typed), "relation": "head"}
        actions.add_resident(
            viewer,
            second,
            id_of(typed, "resident_id"),
            household,
            person,
            came=typed.get("came") or "known",
            came_from=line_of(typed, "came_from", 120),
            now=now,
        )
    return household


def _person(typed: QueryDict) -> dict[str, Any]:
    """A resident's facts as a form says them."""
    facts: dict[str, Any] = {
        name: line_of(typed, name, _LONGER.get(name, 60)) for name in (*_PLAIN, *_PRIVATE)
    }
    facts["birth_year"] = _year(typed)
    return facts


def _year(typed: QueryDict) -> int | None:
    given = line_of(typed, "birth_year", 4)
    if not given:
        return None
    if not (given.isascii() and given.isdigit()):
        raise Invalid(field="birth_year", expected="1970")
    return int(given)


@require_safe
@screen
def home(request: HttpRequest, viewer: Viewer, household_id: UUID) -> HttpResponse:
    """One household: who lives there, what care they need, who did, and files under way."""
    return _home(request, viewer, household_id, {})


@dataclass(frozen=True, slots=True)
class PersonShown:
    """A resident with the private particulars as this viewer may read them now."""

    resident: Any
    identity: str
    phone: str
    needs: list[Any]
    revealed: frozenset[str]


def _shown(page: Any) -> list[PersonShown]:
    return [
        PersonShown(
            resident,
            _private(resident.identity, "identity" in page.revealed.get(resident.id, ()), mask_identity),
            _private(resident.phone, "phone" in page.revealed.get(resident.id, ()), mask_phone),
            [need for need in page.needs if need.resident_id == resident.id],
            page.revealed.get(resident.id, frozenset()),
        )
        for resident in page.residents
    ]


def _private(value: str | None, revealed: bool, mask: Any) -> str:
    return (value if revealed else mask(value)) if value else ""


def _origin(stay: Any, revealed: frozenset[str]) -> str:
    """Where somebody lived before, as private as the registered address."""
    return _private(stay.came_from, "address" in revealed, mask_address)


def _home(
    request: HttpRequest, viewer: Viewer, household_id: UUID, more: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    page = queries.household_page(viewer, household_id, now=clock.now())
    facts = {
        "section": "console:homes",
        "page": page,
        "people": _shown(page),
        "stays": [
            (stay, _origin(stay, page.revealed.get(stay.resident_id, frozenset()))) for stay in page.stays
        ],
        "area": lookups.area_names([page.household.path.rsplit(".", 1)[-1]]),
        "earlier": queries.earlier(viewer, household_id, limit=20),
        "grids": queries.grids_beside(viewer, page.household.path),
        "names": lookups.area_names(each.to_path.rsplit(".", 1)[-1] for each in page.transfers),
        "typed": request.POST,
        "ids": {name: new_id() for name in ("resident_id", "transfer_id")},
        "command_id": new_id(),
        "words": home_words.TABLES,
        "today": today(),
        "done": home_words.DONE.get(asked(request, "done", 12), ""),
    }
    return present(request, "console/home.html", facts | more, status=status)


@sent_from("console:home", "household_id")
@screen
def home_act(request: HttpRequest, viewer: Viewer, household_id: UUID, act: str) -> HttpResponse:
    """Changes a household, adds somebody to it, offers a file, ends it: once, however often the form is sent."""
    if act not in _OF_HOME:
        raise NotFound
    typed, now = request.POST, clock.now()
    try:
        with transaction.atomic():
            said = _OF_HOME[act](viewer, Command(id_of(typed, "command_id"), now), household_id, typed, now)
    except Problem as problem:
        return _home(
            request, viewer, household_id, {**trouble(problem), "failed": act}, status=problem.status
        )
    return _done("console:home", household_id, said or _OUTCOMES[act])


def _change_home(viewer: Viewer, command: Command, household: UUID, typed: QueryDict, now: datetime) -> None:
    edits: Edits = {
        name: {"was": typed.get(f"was_{name}") == "yes", "is": name in typed}
        for name in ("has_plot", "only_by_law")
    }
    actions.change_household(viewer, command, household, edits, now=now)


def _add_person(viewer: Viewer, command: Command, household: UUID, typed: QueryDict, now: datetime) -> str:
    """What is said of it afterwards besides that it is done, where there is something."""
    on = _day(typed, "on")
    came = line_of(typed, "came", 12) or "moved_in"
    made = actions.add_resident(
        viewer, command, id_of(typed, "resident_id"), household, _person(typed), came=came,
        came_from=line_of(typed, "came_from", 120), on=on, now=now,
    )  # fmt: skip
    return f"also-{made.also}" if made.also else ""


def _offer(viewer: Viewer, command: Command, household: UUID, typed: QueryDict, now: datetime) -> None:
    people = [found for each in typed.getlist("who") if (found := id_in(each))]
    if not people:
        raise Invalid(field="who", expected="1…")
    actions.offer_transfer(
        viewer, command, id_of(typed, "transfer_id"), household, line_of(typed, "to", 16), residents=people,
        said=line_of(typed, "said", 400), now=now,
    )  # fmt: skip


def _end_home(viewer: Viewer, command: Command, household: UUID, typed: QueryDict, now: datetime) -> None:
    actions.end_household(viewer, command, household, on=_day(typed, "on"), now=now)


_OF_HOME: Mapping[str, Callable[[Viewer, Command, UUID, QueryDict, datetime], str | None]] = {
    "change": _change_home,
    "people": _add_person,
    "offer": _offer,
    "end": _end_home,
}


@require_safe
@screen
def resident(request: HttpRequest, viewer: Viewer, resident_id: UUID) -> HttpResponse:
    """One resident: particulars, care needs, where they lived, and what can be written down now."""
    return _resident(request, viewer, resident_id, {})


def _resident(
    request: HttpRequest, viewer: Viewer, resident_id: UUID, more: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    page = queries.resident_page(viewer, resident_id, now=clock.now())
    person = page.resident
    facts = {
        "section": "console:homes",
        "page": page,
        "person": person,
        "identity": _private(person.identity, "identity" in page.revealed, mask_identity),
        "phone": _private(person.phone, "phone" in page.revealed, mask_phone),
        "stays": [(stay, place, _origin(stay, page.revealed)) for stay, place in page.stays],
        "registered": _private(person.registered_address, "address" in page.revealed, mask_address),
        "masked": {
            "identity": mask_identity(person.identity or ""),
            "phone": mask_phone(person.phone or ""),
            "address": mask_address(person.registered_address or ""),
        },
        "care": "care" in page.revealed,
        "typed": request.POST,
        "ids": {"need_id": new_id()},
        "command_id": new_id(),
        "words": home_words.TABLES,
        "today": today(),
        "done": home_words.DONE.get(asked(request, "done", 12), ""),
    }
    return present(request, "console/resident.html", facts | more, status=status)


@sent_from("console:resident", "resident_id")
@screen
def resident_act(request: HttpRequest, viewer: Viewer, resident_id: UUID, act: str) -> HttpResponse:
    """Changes, moves, merges or shows somebody, or writes a care need down: once, however often the form is sent."""
    if act not in _OF_RESIDENT:
        raise NotFound
    typed, now = request.POST, clock.now()
    try:
        with transaction.atomic():
            _OF_RESIDENT[act](viewer, Command(id_of(typed, "command_id"), now), resident_id, typed, now)
    except Problem as problem:
        answer = _resident(
            request, viewer, resident_id, {**trouble(problem), "failed": act}, status=problem.status
        )
        return keeping(answer) if act == "reveal" else answer
    return _done("console:resident", resident_id, _OUTCOMES[act])


def _change_person(viewer: Viewer, command: Command, person: UUID, typed: QueryDict, now: datetime) -> None:
    """Of what is private only what was typed is changed: the form does not show it."""
    facts = _person(typed)
    edits: dict[str, Any] = {
        name: {"was": typed.get(f"was_{name}", ""), "is": facts[name]} for name in _PLAIN
    }
    was = typed.get("was_birth_year", "")
    edits["birth_year"] = {
        "was": int(was) if was.isascii() and was.isdigit() else None,
        "is": facts["birth_year"],
    }
    for name in _PRIVATE:
        if facts[name] or f"no_{name}" in typed:
            edits[name] = {
                "was": typed.get(f"was_{name}", ""),
                "is": "" if f"no_{name}" in typed else facts[name],
            }
    actions.change_resident(viewer, command, person, edits, now=now)


def _move(viewer: Viewer, command: Command, person: UUID, typed: QueryDict, now: datetime) -> None:
    move = line_of(typed, "move", 8)
    to = queries.household_numbered(viewer, line_of(typed, "to", 20)) if move in ("within", "in") else None
    actions.move_resident(viewer, command, person, move, to=to, on=_day(typed, "on"), now=now)


def _add_need(viewer: Viewer, command: Command, person: UUID, typed: QueryDict, now: datetime) -> None:
    need = actions.Need(
        kind=line_of(typed, "kind", 20),
        basis=line_of(typed, "basis", 8),
        until=day_of(typed, "until"),
        law=line_of(typed, "law", 200),
        consent_on=_day(typed, "consent_on"),
        consent_by=line_of(typed, "consent_by", 8),
        detail=lines_of(typed, "detail", 2000),
    )
    actions.add_need(viewer, command, id_of(typed, "need_id"), person, need, now=now)


def _end_need(viewer: Viewer, command: Command, _person_id: UUID, typed: QueryDict, now: datetime) -> None:
    need = id_in(typed.get("need", ""))
    if need is None:
        raise NotFound
    actions.end_need(viewer, command, need, now=now)


def _merge(viewer: Viewer, command: Command, person: UUID, typed: QueryDict, now: datetime) -> None:
    """The other record goes into this one."""
    other = id_in(typed.get("other", ""))
    if other is None:
        raise NotFound
    actions.merge_residents(viewer, command, other, person, reason=line_of(typed, "reason", 400), now=now)


def _unmerge(viewer: Viewer, command: Command, person: UUID, typed: QueryDict, now: datetime) -> None:
    actions.unmerge_resident(viewer, command, id_in(typed.get("other", "")) or person, now=now)


def _reveal(viewer: Viewer, command: Command, person: UUID, typed: QueryDict, now: datetime) -> None:
    actions.reveal(
        viewer, person, typed.getlist("what"), why=line_of(typed, "why", 12), command_id=command.id, now=now
    )


_OF_RESIDENT = {
    "change": _change_person,
    "move": _move,
    "need": _add_need,
    "need-end": _end_need,
    "merge": _merge,
    "unmerge": _unmerge,
    "reveal": _reveal,
}
_OUTCOMES: Mapping[str, str] = {
    "change": "changed", "people": "person", "offer": "offered", "end": "ended", "move": "moved", "need": "need",
    "need-end": "need-ended", "merge": "merged", "unmerge": "unmerged", "reveal": "revealed", "take": "taken",
    "decline": "declined", "withdraw": "withdrawn", "refuse": "refused",
}  # fmt: skip


@require_safe
@screen
def home_transfers(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Files on their way here and away from here."""
    return _transfers(request, viewer, {})


def _transfers(
    request: HttpRequest, viewer: Viewer, more: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    offers = queries.transfers(viewer, state="")
    asked_for = queries.sought(viewer)
    paths = {path for each in offers for path in (each.from_path, each.to_path)}
    paths |= {path for each in asked_for for path in (each.other.path, each.to_path)}
    facts = {
        "section": "console:homes",
        "sought": [(each, new_id()) for each in asked_for],
        "coming": [each for each in offers if each.state == "offered" and _comes_here(viewer, each)],
        "going": [each for each in offers if each.state == "offered" and _goes_from(viewer, each)],
        "settled": [each for each in offers if each.state != "offered"][:_PAGE],
        "names": lookups.area_names(path.rsplit(".", 1)[-1] for path in paths),
        "command_id": new_id(),
        "typed": request.POST,
        "today": today(),
        "done": home_words.DONE.get(asked(request, "done", 12), ""),
    }
    return present(request, "console/home_transfers.html", facts | more, status=status)


def _goes_from(viewer: Viewer, offer: Any) -> bool:
    return any(f"{offer.from_path}.".startswith(f"{home}.") for home in viewer.homes)


@sent_from("console:home-transfers")
@screen
def transfer_act(request: HttpRequest, viewer: Viewer, transfer_id: UUID, act: str) -> HttpResponse:
    typed, now = request.POST, clock.now()
    command = Command(id_of(typed, "command_id"), now)
    try:
        with transaction.atomic():
            if act == "take":
                into = queries.household_numbered(viewer, line_of(typed, "into", 20))
                actions.take_transfer(viewer, command, transfer_id, into, on=_day(typed, "on"), now=now)
            elif act == "decline":
                reason = line_of(typed, "reason", 400)
                actions.decline_transfer(viewer, command, transfer_id, reason=reason, now=now)
            elif act == "withdraw":
                actions.withdraw_transfer(viewer, command, transfer_id, now=now)
            elif act == "refuse":
                actions.refuse_sought(viewer, command, transfer_id, now=now)
            else:
                raise NotFound
    except Problem as problem:
        more = {**trouble(problem), "failed": str(transfer_id)}
        return _transfers(request, viewer, more, status=problem.status)
    return HttpResponseRedirect(f"{resolve_url('console:home-transfers')}?done={_OUTCOMES[act]}")


def _day(typed: QueryDict, name: str) -> date | None:
    return day_of(typed, name) if typed.get(name, "").strip() else None


def _done(name: str, of: UUID, what: str) -> HttpResponse:
    return HttpResponseRedirect(f"{resolve_url(name, of)}?done={what}")
