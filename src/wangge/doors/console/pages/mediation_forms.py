"""The forms of a mediation's steps: which fields each asks for, and how what was typed becomes the facts of a command."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext_lazy

from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.base.fields import AHEAD, FIRST_MOMENT
from wangge.base.ids import new_id
from wangge.base.problems import Invalid
from wangge.base.text import clean_line, clean_text
from wangge.doors.console import dispute_words, words
from wangge.doors.console.forms import Choice, Field
from wangge.doors.console.pages.typed import day_of, id_in, number_of


def _(text: str) -> str:
    """Marks a sentence for translation; it is translated when the problem is told."""
    return text


@dataclass(frozen=True, slots=True)
class MediationForm:
    """One step's form, filled with what was typed before when it could not be taken."""

    step: str
    fields: tuple[Field, ...]
    command_id: UUID
    open: bool = False
    party: UUID | None = None


#: Beside what a step needs, what it may carry.
_MAY: Mapping[str, tuple[str, ...]] = {
    "party": ("phone", "address", "represented_by"),
    "visit": ("visit_on",),
}


def step_form(
    step: str,
    needs: Sequence[str],
    *,
    today: date,
    people: Sequence[Choice] = (),
    typed: QueryDict | None = None,
    wrong: str = "",
    values: Mapping[str, Any] | None = None,
    party: UUID | None = None,
) -> MediationForm:
    """The form of a step. With `typed` it opens and keeps what was typed; `wrong` names the field at fault.

    `party` makes it the form that corrects this party, beginning with `values`.
    """
    begins = f"{step}-{party.hex[-8:]}" if party else step
    asked = [(_field(name, today, people), True) for name in needs]
    asked += [(_field(name, today, people), False) for name in _MAY.get(step, ())]
    known = values or {}
    fields = [
        replace(
            field,
            id=f"{begins}-{field.name}",
            required=required,
            error=field.name == wrong,
            value=typed.get(field.name, "") if typed is not None else known.get(field.name, field.value),
        )
        for field, required in asked
    ]
    return MediationForm(step, tuple(fields), new_id(), open=typed is not None, party=party)


def party_fields(which: str, *, required: bool, typed: Mapping[str, str], today: date) -> list[Field]:
    """The fields of a party on the page that opens a file: their names begin with `which`."""
    return [
        replace(
            _field(name, today, ()),
            id=f"{which}-{name}",
            name=f"{which}-{name}",
            value=typed.get(f"{which}-{name}", ""),
            required=required and name == "name",
        )
        for name in ("name", "phone", "address", "represented_by")
    ]


def _choices(labels: Mapping[str, Any]) -> tuple[Choice, ...]:
    return tuple(Choice(code, str(label)) for code, label in labels.items())


def _label(name: str) -> str:
    return words.label(dispute_words.FIELDS, name)


def _field(name: str, today: date, people: Sequence[Choice]) -> Field:
    if name in _CHOSEN:
        return Field(name, "console/fields/radios.html", _label(name), choices=_choices(_CHOSEN[name]))
    if name == "account":
        return Field(name, "console/fields/select.html", _label(name), choices=tuple(people))
    kind, value, longest = "area", "", _TEXTS.get(name, 0)
    limits: tuple[tuple[str, str], ...] = ()
    if name in _DAYS:
        kind, (first, last, usual) = "date", _DAYS[name]
        limits = (("min", (today + first).isoformat()), ("max", (today + last).isoformat()))
        value = "" if usual is None else (today + usual).isoformat()
    elif name == "held_at":
        kind = "datetime-local"
        value = f"{clock.now().astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"
        limits = (("max", value),)
    elif name in _LINES:
        kind = "tel" if name == "phone" else "text"
        limits = (("maxlength", str(_LINES[name])), ("autocomplete", "off"))
    template = "console/fields/text.html"
    return Field(name, template, _label(name), kind=kind, limits=limits, value=value, longest=longest)


YES_NO = {"yes": gettext_lazy("Yes"), "no": gettext_lazy("No")}
_CHOSEN: Mapping[str, Mapping[str, Any]] = {
    "role": dispute_words.ROLES,
    "form": dispute_words.FORMS,
    "court": dispute_words.COURT,
    "kept": dispute_words.KEPT,
    "to": dispute_words.REFERRED_TO,
    "rights_told": YES_NO,
}
_LINES = {"name": 60, "phone": 30, "address": 200, "represented_by": 60, "place": 200}
_TEXTS = {"present": 1_000, "record": 8_000, "terms": 8_000, "words": 4_000, "reason": 2_000, "matter": 4_000}
#: From today: the first and the last day that can be chosen, and the one that stands there.
_DAYS: Mapping[str, tuple[timedelta, timedelta, timedelta | None]] = {
    "signed_on": (timedelta(days=-3_650), timedelta(), timedelta()),
    "perform_by": (timedelta(days=-3_650), timedelta(days=3_650), None),
    "visit_on": (timedelta(), timedelta(days=1_095), None),
    "applied_on": (timedelta(days=-3_650), timedelta(), None),
}


def facts_typed(typed: QueryDict) -> dict[str, Any]:
    """The facts of a command from what was typed; Invalid with the field's name for what cannot be read.

    Whether the step needs them, and whether they are right, is the action's to say. What is empty is not carried: a party
    that is corrected keeps what was not typed anew.
    """
    facts: dict[str, Any] = {}
    for name, read in _READERS.items():
        if typed.get(name, "").strip():
            facts[name] = read(typed, name)
    return facts


def _moment(typed: QueryDict, name: str) -> datetime:
    """A moment of China's time that has been."""
    try:
        given = datetime.fromisoformat(typed.get(name, "").strip())
    except ValueError:
        given = None
    if given is None or given.tzinfo is not None:
        raise Invalid(field=name, expected=_("a day and time, as 2026-11-24T09:30"))
    moment = given.replace(tzinfo=SHANGHAI)
    if not FIRST_MOMENT <= moment <= clock.now() + AHEAD:
        raise Invalid(field=name, expected=_("a moment that has been"))
    return moment


def _id(typed: QueryDict, name: str) -> UUID:
    found = id_in(typed.get(name, ""))
    if found is None:
        raise Invalid(field=name, expected=_("a choice from the list"))
    return found


def _line(limit: int) -> Callable[[QueryDict, str], str]:
    return lambda typed, name: clean_line(typed.get(name, ""), limit=limit, name=name)


def _lines(limit: int) -> Callable[[QueryDict, str], str]:
    return lambda typed, name: clean_text(typed.get(name, ""), limit=limit, name=name)


_READERS: Mapping[str, Callable[[QueryDict, str], Any]] = {
    **{name: _line(limit) for name, limit in _LINES.items()},
    **{name: _lines(limit) for name, limit in _TEXTS.items()},
    **dict.fromkeys(_CHOSEN, _line(20)),
    **dict.fromkeys(_DAYS, day_of),
    "account": number_of,
    "held_at": _moment,
    "party": _id,
    "rights_told": lambda typed, name: typed.get(name) == "yes",
}


def parties_typed(typed: QueryDict, roles: Mapping[str, str]) -> list[dict[str, str]]:
    """The parties on the page that opens a file: those of which a name was typed."""
    found = []
    for which, role in roles.items():
        party = {
            name: clean_line(typed.get(f"{which}-{name}", ""), limit=_LINES[name], name=name)
            for name in ("name", "phone", "address", "represented_by")
        }
        if party["name"]:
            found.append({"role": role, **party})
    return found
