"""People: the accounts of one's areas, one person with posts, leave and sign-ins, and oneself."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods, require_safe

from wangge.access import Verb, Viewer, verbs_of
from wangge.areas import queries as areas
from wangge.base import clock
from wangge.base.answers import keeping
from wangge.base.problems import Invalid, NotAllowed, NotFound, Problem
from wangge.cases import actions as cases
from wangge.cases import queries as waiting
from wangge.doors.console import words
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.carried import held_rows
from wangge.doors.console.pages.lookups import area_names
from wangge.doors.console.pages.phones import phones_of
from wangge.doors.console.pages.posts import found_people
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import asked, present, screen
from wangge.doors.console.pages.typed import day_of, line_of, number_of, today, trouble
from wangge.staff import actions
from wangge.staff import queries as staff
from wangge.staff.api.entry import secret_of


@dataclass(frozen=True, slots=True)
class Duty:
    """One post with what its duties are and allow, in the order of the screen."""

    held: Any
    duties: list[str]
    rights: list[str]


@require_safe
@screen
def people(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The accounts of one's areas, found by name, area, kind of post and how they stand."""
    if not viewer.may_anywhere(Verb.STAFF_CHANGE):
        raise NotAllowed
    names = lookups.post_names()
    kind, standing = asked(request, "kind", 40), asked(request, "standing", 10)
    narrowed = staff.PeopleFilter(
        area=asked(request, "area", 16),
        text=asked(request, "q", 60),
        kind=kind if kind in names else "",
        standing=standing if standing in staff.STANDINGS else "",
    )
    cursor = request.GET.get("cursor") or None
    page = staff.people(viewer, narrowed, now=clock.now(), today=today(), cursor=cursor)
    facts = {
        "section": "console:people",
        "page": page,
        "homes": area_names(_last(account.home_path) for account in page.items),
        "asked": narrowed,
        "filtered": any((narrowed.area, narrowed.text, narrowed.kind, narrowed.standing)),
        "first": cursor is None,
        "posts": names,
        "standings": words.STANDINGS,
        "areas": lookups.areas_to_choose(viewer),
        "chosen_area": area_names([narrowed.area]).get(narrowed.area, "") if narrowed.area else "",
        "now": clock.now(),
    }
    return present(request, "console/people.html", facts)


@require_safe
@screen
def person(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    """One person: name, home, posts in words, leave, where they are signed in."""
    return _shown(request, viewer, _id(account_id), {})


def _shown(
    request: HttpRequest, viewer: Viewer, account_id: int, more: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    now = clock.now()
    found = staff.person(viewer, account_id, today=today())
    may = viewer.may(Verb.STAFF_CHANGE, found.account.home_path)
    own = found.account.id == viewer.account_id
    done = asked(request, "done", 12)
    facts = {
        "section": "console:people",
        "person": found.account,
        "own": own,
        "home": _home(found.account.home_path),
        "duties": duties_of(found.assignments),
        "leaves": found.leaves,
        "away": any(leave.from_on <= today() for leave in found.leaves),
        "may": may and found.account.ended_at is None,
        "sign_ins": staff.sign_ins_open(viewer, account_id, now=now) if may else None,
        "phones": phones_of(viewer, account_id) if may else None,
        "locked": bool(found.account.locked_until and found.account.locked_until > now),
        "without_password": not found.can_sign_in,
        "today": today(),
        "done": done if done in words.CHANGED else "",
    }
    return present(request, "console/person.html", facts | more, status=status)


def duties_of(assignments: list[Any]) -> list[Duty]:
    """Each post in words: its duties, and what these allow."""
    return [
        Duty(
            held,
            list(held.post.kind.duties),
            sorted(verbs_of(held.post.kind.duties)),
        )
        for held in assignments
    ]


def _home(path: str) -> Any:
    return areas.area_by_code(_last(path))


def _last(path: str) -> str:
    return str(path).rsplit(".", 1)[-1]


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def add_person(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A new account, with its first post and a password that is shown once."""
    if not viewer.may_anywhere(Verb.STAFF_CHANGE):
        raise NotAllowed
    typed = request.POST if request.method == "POST" else request.GET
    more: dict[str, Any] = {}
    if request.method == "POST":
        try:
            now = clock.now()
            with transaction.atomic():
                made = actions.add_person(
                    viewer,
                    username=line_of(typed, "username", 200),
                    name=line_of(typed, "name", 200),
                    home=line_of(typed, "home", 16),
                    kind=line_of(typed, "kind", 40),
                    department=line_of(typed, "department", 30),
                    part=typed.get("part", "full_time"),
                    from_on=day_of(typed, "from_on", today()),
                    now=now,
                )
                secret = actions.give_temporary_password(viewer, made.id, now=now)
            return _shown(request, viewer, made.id, {"secret": secret, "done": "added"})
        except Problem as problem:
            more = {**trouble(problem), "status": problem.status}
    facts = {
        "section": "console:people",
        "typed": typed,
        "areas": _areas_with(viewer, typed.get("home", "")),
        "post_kinds": staff.post_kinds(),
        "departments": staff.departments(),
        "parts_of_time": words.PARTS,
        "from_on": typed.get("from_on") or today().isoformat(),
        **more,
    }
    return present(request, "console/add_person.html", facts, status=more.get("status", 200))


def _areas_with(viewer: Viewer, code: str) -> list[Any]:
    """The areas to choose from, and the one that was asked for even where it lies further down."""
    offered = [area for area in lookups.areas_to_choose(viewer) if viewer.may(Verb.STAFF_CHANGE, area.path)]
    if code and code.isdigit() and code not in {area.code for area in offered}:
        offered.append(areas.area_by_code(code))
    return offered


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def leave(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    """Somebody will be away, and who stands in for them; what waits for them goes along."""
    found = staff.person(viewer, _id(account_id), today=today())
    own = found.account.id == viewer.account_id
    if not own and not viewer.may(Verb.STAFF_CHANGE, found.account.home_path):
        raise NotAllowed
    typed = request.POST if request.method == "POST" else request.GET
    more: dict[str, Any] = {}
    if request.method == "POST":
        try:
            with transaction.atomic():
                cases.begin_leave(
                    viewer,
                    found.account.id,
                    from_on=day_of(typed, "from_on"),
                    to_on=day_of(typed, "to_on"),
                    stand_in=number_of(typed, "who"),
                    now=clock.now(),
                )
            return HttpResponseRedirect(f"{_page_of(found.account, own=own)}?done=leave")
        except Problem as problem:
            more = {**trouble(problem), "status": problem.status}
    facts = {
        "section": "" if own else "console:people",
        **found_people(viewer, typed),
        "person": found.account,
        "own": own,
        "duties": duties_of(found.assignments),
        "may_name": viewer.may_anywhere(Verb.STAFF_CHANGE),
        "waiting": waiting.work_of(viewer, found.account.id, today=today()),
        "from_on": typed.get("from_on") or today().isoformat(),
        "to_on": typed.get("to_on", ""),
        **more,
    }
    return present(request, "console/leave.html", facts, status=more.get("status", 200))


def _page_of(account: Any, *, own: bool) -> str:
    return str(resolve_url("console:me") if own else resolve_url("console:person", account.id))


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def end_account(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    """An account ends with its posts and sign-ins; before, what waits for it and where that goes."""
    found = staff.person(viewer, _id(account_id), today=today())
    if not viewer.may(Verb.STAFF_CHANGE, found.account.home_path):
        raise NotAllowed
    more: dict[str, Any] = {}
    if request.method == "POST":
        try:
            with transaction.atomic():
                made = cases.end_account_with_handover(viewer, found.account.id, now=clock.now())
            if made:
                return HttpResponseRedirect(
                    f"{resolve_url('console:handovers')}?made={made[0].id}#list-{made[0].id}"
                )
            return HttpResponseRedirect(f"{resolve_url('console:person', found.account.id)}?done=gone")
        except Problem as problem:
            more = {**trouble(problem), "status": problem.status}
    facts = {
        "section": "console:people",
        "person": found.account,
        "duties": duties_of(found.assignments),
        "waiting": waiting.work_of(viewer, found.account.id, today=today()),
        **more,
    }
    return present(request, "console/end_account.html", facts, status=more.get("status", 200))


@sent_from("console:person", "account_id")
@screen
def temporary_password(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    """A password by chance, shown on this answer and never again."""
    try:
        with transaction.atomic():
            secret = actions.give_temporary_password(viewer, _id(account_id), now=clock.now())
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return _shown(request, viewer, account_id, trouble(problem), status=problem.status)
    return _shown(request, viewer, account_id, {"secret": secret})


@sent_from("console:person", "account_id")
@screen
def end_sign_ins(request: HttpRequest, viewer: Viewer, account_id: int) -> HttpResponse:
    """One sign-in of a person ends, or all; of oneself, all but this one."""
    own = _id(account_id) == viewer.account_id
    key = line_of(request.POST, "key", 64)
    with transaction.atomic():
        actions.end_sign_ins(
            viewer, account_id, key=key, keep=secret_of(request) if own else "", now=clock.now()
        )
    back = resolve_url("console:me") if own else resolve_url("console:person", account_id)
    return HttpResponseRedirect(f"{back}?done=signed-out#sign-ins")


@require_http_methods(["GET", "HEAD", "POST"])
@screen
def me(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Oneself: own posts, leave, sign-ins, password, and cases elsewhere that one reported or follows."""
    more: dict[str, Any] = {}
    if request.method == "POST":
        try:
            # Without a savepoint: a wrong password stays counted.
            _set_own_password(request, viewer)
            return HttpResponseRedirect(f"{resolve_url('console:me')}?done=password")
        except Problem as problem:
            # A wrong current password is no missing sign-in: the page is there.
            status = 422 if problem.status == 401 else problem.status
            more = {**trouble(problem), "status": status, "keeps": problem.keeps}
            more["wrong"] = more["wrong"] or "current"
    own = staff.own_id(viewer)
    found = staff.person(viewer, own, today=today())
    elsewhere = waiting.cases_elsewhere(viewer)
    done = asked(request, "done", 12)
    facts = {
        "section": "console:me",
        "person": found.account,
        "home": _home(found.account.home_path),
        "duties": duties_of(found.assignments),
        "leaves": found.leaves,
        "sign_ins": staff.sign_ins_of(viewer, secret=secret_of(request), now=clock.now()),
        "phones": phones_of(viewer, own),
        "held": held_rows(viewer),
        "elsewhere": [(case, areas_of) for case, areas_of in _placed(elsewhere)],
        "today": today(),
        "done": done if done in words.CHANGED else "",
        **more,
    }
    shown = present(request, "console/me.html", facts, status=more.get("status", 200))
    return keeping(shown) if more.get("keeps") else shown


def _set_own_password(request: HttpRequest, viewer: Viewer) -> None:
    typed = request.POST
    password = typed.get("password", "")
    if password != typed.get("again", ""):
        raise Invalid(field="again", expected=_TELL["again"])
    actions.set_password(
        viewer,
        staff.own_id(viewer),
        password=password,
        current=typed.get("current", ""),
        keep=staff.digest_of(secret_of(request)),
        now=clock.now(),
    )


def _placed(found: list[Any]) -> list[tuple[Any, str]]:
    """Each case with the names of its place."""
    names = area_names(code for case in found for code in case.path.split(".")[1:])
    return [(case, " · ".join(names.get(code, code) for code in case.path.split(".")[-2:])) for case in found]


def _id(given: int) -> int:
    """What no id can be is not there."""
    if not 0 < given < 2**63:
        raise NotFound
    return given


def _(text: str) -> str:
    """Marks a sentence for translation; it is translated when the problem is told."""
    return text


_TELL = {"again": _("the same password twice")}
