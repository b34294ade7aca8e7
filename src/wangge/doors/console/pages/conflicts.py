"""What a phone and somebody else changed at once: both values side by side, a person picks, both stay in the history."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wangge.access import Viewer
from wangge.base import clock
from wangge.base.ids import new_id
from wangge.base.private import mask_address, mask_identity, mask_phone
from wangge.base.problems import Problem
from wangge.doors.console import home_words, words
from wangge.doors.console.pages import lookups
from wangge.doors.console.pages.sent import sent_from
from wangge.doors.console.pages.shell import asked, present, screen
from wangge.doors.console.pages.typed import id_of, line_of, trouble
from wangge.households import queries as homes
from wangge.staff.queries import names_of
from wangge.sync import actions, queries

_MOST, _MOST_SETTLED = 50, 30
_AMONG = {"residency": "residencies", "relation": "relations", "sex": "sexes"}
_LAST_FIGURES = 4
_MASKED: dict[str, Callable[[str], str]] = {
    "identity": mask_identity,
    "phone": mask_phone,
    "registered_address": mask_address,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field in words: what it was, what the phone said, what is kept, and what was picked ("mine" is the phone's)."""

    name: str
    label: str
    was: str
    mine: str
    theirs: str
    picked: str


@dataclass(frozen=True, slots=True)
class Row:
    """A conflict as the page shows it: about whom, from whose phone, and its fields."""

    conflict: queries.TwoSided
    about: str
    link: str
    writer: str
    settler: str
    fields: list[Field]


@require_safe
@screen
def conflicts(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Those that wait, the oldest first, and what was picked lately."""
    return _page(request, viewer, {})


def _page(request: HttpRequest, viewer: Viewer, more: dict[str, Any], *, status: int = 200) -> HttpResponse:
    waiting = [queries.two_sided(one) for one in queries.open_conflicts(viewer, limit=_MOST)]
    settled = [queries.two_sided(one) for one in queries.settled_conflicts(viewer, limit=_MOST_SETTLED)]
    both = [*waiting, *settled]
    about = _about(viewer, both)
    people = names_of(one for each in both for one in (each.account_id, each.settled_by_id))
    rows = {each.id: _row(each, about, people) for each in both}
    facts = {
        "section": "console:homes",
        "waiting": [rows[each.id] for each in waiting],
        "settled": [rows[each.id] for each in settled],
        "count": queries.count_open_conflicts(viewer),
        "names": lookups.area_names(each.path.rsplit(".", 1)[-1] for each in both),
        "command_id": new_id(),
        "typed": request.POST,
        "done": home_words.DONE.get(asked(request, "done", 16), ""),
    }
    return present(request, "console/conflicts.html", facts | more, status=status)


def _about(viewer: Viewer, found: Iterable[queries.TwoSided]) -> dict[str, tuple[str, str]]:
    """By subject, who or which home it is and the address of its page; what the viewer may not read is left out."""
    if not viewer.homes:
        return {}
    ids: dict[str, set[UUID]] = {"resident": set(), "household": set()}
    for each in found:
        noun, _sign, named = each.subject.partition(":")
        if noun in ids:
            ids[noun].add(UUID(named))
    people = homes.kept(viewer, "resident", ids["resident"])
    told: dict[str, tuple[str, str]] = {
        f"resident:{key}": (str(facts["name"]), resolve_url("console:resident", key))
        for key, facts in people.items()
    }
    doors = homes.kept(viewer, "household", ids["household"])
    dwellings = homes.kept(viewer, "dwelling", {UUID(facts["dwelling"]) for facts in doors.values()})
    for key, facts in doors.items():
        place = dwellings.get(UUID(facts["dwelling"]), {}).get("place", facts["number"])
        told[f"household:{key}"] = (str(place), resolve_url("console:home", key))
    return told


def _row(each: queries.TwoSided, about: dict[str, tuple[str, str]], people: dict[int, str]) -> Row:
    name, link = about.get(each.subject, ("", ""))
    noun = words.label(home_words.NOUNS, each.subject.partition(":")[0])
    fields = [
        Field(
            field,
            words.label(home_words.FIELDS, field),
            _value(field, sides["was"]),
            _value(field, sides["mine"]),
            _value(field, sides["theirs"]),
            each.choice.get(field, ""),
        )
        for field, sides in sorted(each.fields.items())
    ]
    settler = people.get(each.settled_by_id or 0, "")
    return Row(each, name or noun, link, people.get(each.account_id, "—"), settler, fields)


def _value(field: str, value: Any) -> str:
    if value is None or value == "":
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field in _MASKED:
        return _masked(field, str(value))
    if field in _AMONG:
        return words.label(home_words.TABLES[_AMONG[field]], str(value))
    return str(value)


def _masked(field: str, value: str) -> str:
    """What is kept now is told by its last figures alone, as phones show it."""
    if "*" in value:
        return value
    return f"****{value}" if len(value) <= _LAST_FIGURES else _MASKED[field](value)


@sent_from("console:conflicts")
@screen
def settle_conflict(request: HttpRequest, viewer: Viewer, conflict_id: UUID) -> HttpResponse:
    """As the person picked, field by field; when the record has changed once more, both are shown anew."""
    typed = request.POST
    try:
        with transaction.atomic():
            done = actions.settle_conflict(
                viewer, conflict_id, _choice(typed), command_id=id_of(typed, "command_id"), now=clock.now()
            )
    except Problem as problem:
        more = {**trouble(problem), "failed": conflict_id}
        return _page(request, viewer, more, status=problem.status)
    said = "conflict-again" if done.conflict else "conflict-settled"
    return HttpResponseRedirect(f"{resolve_url('console:conflicts')}?done={said}")


def _choice(typed: QueryDict) -> dict[str, str]:
    """Fields of the form are called `pick-` and the field's name."""
    return {
        name.removeprefix("pick-"): line_of(typed, name, 10) for name in typed if name.startswith("pick-")
    }
