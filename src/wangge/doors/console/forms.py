"""The forms of a case's steps: which fields a step asks for, and how what was typed becomes the facts of a command."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from datetime import date, timedelta
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from wangge.base.problems import Invalid
from wangge.base.text import clean_line, clean_text
from wangge.doors.console import words

#: Steps that may bring photos of the place.
WITH_FILES = ("handle", "verify", "close")


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    label: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field as its template draws it. `only_for` names the outcome to which it belongs."""

    name: str
    template: str
    label: str
    kind: str = "text"
    value: Any = ""
    required: bool = True
    help: str = ""
    choices: tuple[Choice, ...] = ()
    limits: tuple[tuple[str, str], ...] = ()
    longest: int = 2_000
    only_for: str = ""
    error: bool = False
    id: str = ""
    #: Ready texts for this field: name, and the words already filled.
    texts: tuple["ReadyText", ...] = ()


@dataclass(frozen=True, slots=True)
class ReadyText:
    """A ready text as the form offers it: its fields are filled for this case and this person."""

    id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class StepForm:
    """One step's form, filled with what was typed before when it could not be taken."""

    step: str
    fields: tuple[Field, ...]
    command_id: str
    revision: int
    open: bool = False
    files: bool = False

    @property
    def help(self) -> str:
        return str(words.STEP_HELP.get(self.step, ""))

    @property
    def key(self) -> str:
        return words.STEP_KEYS.get(self.step, "")


@dataclass(frozen=True, slots=True)
class Offer:
    """To whom a case may be given: people, departments, desks below. And what a form may be filled with: items, ready texts."""

    people: tuple[Choice, ...] = ()
    departments: tuple[Choice, ...] = ()
    desks: tuple[Choice, ...] = ()
    items: tuple[Choice, ...] = ()
    #: By use: `answer`, `reason`.
    texts: Mapping[str, tuple[ReadyText, ...]] = dataclass_field(default_factory=dict)


def step_form(
    step: str, needs: Sequence[str], *, offer: Offer, today: date, command_id: str, revision: int, typed: QueryDict | None = None,
    wrong: str = "",
) -> StepForm:  # fmt: skip
    """The form of a step. With `typed` it opens and keeps what was typed; `wrong` names the field at fault."""
    asked = [each for need in needs for each in _FIELDS[need](step, offer, today)]
    if step == "escalate" and offer.departments:
        asked.append(_departments(offer, required=False, help_=_("None chosen: to the desk one tier up.")))
    if step in WITH_FILES:
        asked.append(
            Field("file", "console/fields/file.html", words.label(words.FIELDS, "file"), required=False)
        )
    filled = [
        replace(
            each,
            id=f"{step}-{each.name}",
            error=each.name == wrong,
            value=_typed(each, typed) if typed is not None else each.value,
            texts=offer.texts.get(each.name, ()) if each.kind == "area" else (),
        )
        for each in asked
    ]
    return StepForm(
        step, tuple(filled), command_id, revision, open=typed is not None, files=step in WITH_FILES
    )


def _typed(each: Field, typed: QueryDict) -> Any:
    if each.template == _PARTS:
        return parts_shown(typed)
    return typed.getlist(each.name) if each.template.endswith("checks.html") else typed.get(each.name, "")


def _text(name: str, **more: Any) -> Field:
    return Field(name, "console/fields/text.html", words.label(words.FIELDS, name), **more)


def _departments(offer: Offer, *, required: bool = True, help_: str = "") -> Field:
    return Field(
        "departments", "console/fields/checks.html", words.label(words.FIELDS, "departments"), choices=offer.departments,
        value=[], required=required, help=help_,
    )  # fmt: skip


def _assignee(_step: str, offer: Offer, _today: date) -> list[Field]:
    asked = []
    if offer.departments:
        asked.append(_departments(offer, required=False, help_=_("Several departments handle it together.")))
    if offer.people:
        label = _("or one person")
        asked.append(
            Field("account", "console/fields/select.html", label, choices=offer.people, required=False)
        )
    if offer.desks:
        asked.append(
            Field(
                "area",
                "console/fields/select.html",
                _("or a desk below"),
                choices=offer.desks,
                required=False,
            )
        )
    return asked


def _radios(name: str, choices: Sequence[Choice], **more: Any) -> Field:
    return Field(
        name, "console/fields/radios.html", words.label(words.FIELDS, name), choices=tuple(choices), **more
    )


def _outcome(_step: str, _offer: Offer, today: date) -> list[Field]:
    outcomes = [
        Choice(code, str(name), str(words.OUTCOME_HELP[code])) for code, name in words.OUTCOMES.items()
    ]
    day = (("min", today.isoformat()), ("max", (today + timedelta(days=3_650)).isoformat()))
    return [
        _radios("outcome", outcomes),
        _text("whose", required=False, only_for="not_ours", limits=(("maxlength", "80"),)),
        _text("planned_on", kind="date", required=False, only_for="planned", limits=day),
        _text("ground", required=False, only_for="refused", limits=(("maxlength", "200"),)),
        _text("into", required=False, only_for="repeated", limits=(("maxlength", "36"),)),
    ]


def _mended(_step: str, _offer: Offer, _today: date) -> list[Field]:
    return [_radios("mended", (Choice("yes", _("Yes, it is mended")), Choice("no", _("No, it is not"))))]


def _reason(step: str, _offer: Offer, _today: date) -> list[Field]:
    verifying = step == "verify"
    help_ = _("Needed when it is not mended: what is still wrong?") if verifying else ""
    return [_text("reason", kind="area", required=not verifying, help=help_)]


def _until(_step: str, _offer: Offer, today: date) -> list[Field]:
    days = (
        ("min", (today + timedelta(days=1)).isoformat()),
        ("max", (today + timedelta(days=59)).isoformat()),
    )
    return [_text("until", kind="date", limits=days)]


def _minutes(_step: str, _offer: Offer, _today: date) -> list[Field]:
    limits = (("min", "5"), ("max", "2880"), ("inputmode", "numeric"))
    return [_text("within_minutes", kind="number", value="30", limits=limits)]


#: Template of the fields of a split.
_PARTS = "console/fields/parts.html"
#: So many empty parts a form of a split begins with, and so many it has at most.
_FIRST_PARTS, MOST_PARTS = 1, 9
_PART = ("item", "title", "description")


def _parts(_step: str, offer: Offer, _today: date) -> list[Field]:
    empty = [dict.fromkeys(_PART, "")] * _FIRST_PARTS
    return [Field("parts", _PARTS, words.label(words.FIELDS, "parts"), choices=offer.items, value=empty)]


def parts_shown(typed: QueryDict) -> list[dict[str, str]]:
    """The parts as they were typed, and one more when the form asked for it."""
    columns = [typed.getlist(f"part-{name}") for name in _PART]
    rows = [dict(zip(_PART, row, strict=True)) for row in zip(*columns, strict=False)][:MOST_PARTS]
    if typed.get("more") == "parts" and len(rows) < MOST_PARTS:
        rows.append(dict.fromkeys(_PART, ""))
    return rows or [dict.fromkeys(_PART, "")]


def _parts_typed(typed: QueryDict) -> list[dict[str, str]]:
    """The parts that hold anything; an item is told by its code, which may be followed by its name."""
    parts = []
    for row in parts_shown(typed):
        if not any(value.strip() for value in row.values()):
            continue
        item = clean_line(row["item"], limit=120, name="item")
        parts.append(
            {
                "item": item.split(" ", 1)[0],
                "title": clean_line(row["title"], limit=200, name="title"),
                "description": clean_text(row["description"], limit=4_000, name="description"),
            }
        )
    return parts


def _witness(_step: str, _offer: Offer, _today: date) -> list[Field]:
    return [
        _radios(
            "witness", [Choice(code, words.label(words.WITNESSES, code)) for code in ("reporter", "photo")]
        )
    ]


_FIELDS: Mapping[str, Callable[[str, Offer, date], list[Field]]] = {
    "answer": lambda _step, _offer, _today: [_text("answer", kind="area", longest=4_000)],
    "assignee": _assignee,
    "departments": lambda _step, offer, _today: [_departments(offer)],
    "into": lambda _step, _offer, _today: [_text("into", limits=(("maxlength", "36"),))],
    "mended": _mended,
    "outcome": _outcome,
    "parts": _parts,
    "reason": _reason,
    "until": _until,
    "within_minutes": _minutes,
    "witness": _witness,
}


def facts_typed(typed: QueryDict) -> dict[str, Any]:
    """The facts of a command from what was typed; Invalid with the field's name for what cannot be read.

    Whether a step needs them, and whether they are right, is the action's to say.
    """
    facts: dict[str, Any] = {}
    for name, read in _READERS.items():
        given = typed.get(name, "").strip()
        if given:
            facts[name] = read(name, given)
    if departments := [code for code in typed.getlist("departments") if code]:
        facts["departments"] = [clean_line(code, limit=30, name="departments") for code in departments]
    if "part-title" in typed:
        facts["parts"] = _parts_typed(typed)
    return facts


def _whole(name: str, given: str) -> int:
    if not given.isascii() or not given.isdigit() or len(given) > 15:
        raise Invalid(field=name, expected=_("a whole number"))
    return int(given)


def _day(name: str, given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Invalid(field=name, expected=_("a day, as 2026-11-24")) from None


def _line(limit: int) -> Callable[[str, str], str]:
    return lambda name, given: clean_line(given, limit=limit, name=name)


def _lines(limit: int) -> Callable[[str, str], str]:
    return lambda name, given: clean_text(given, limit=limit, name=name)


_READERS: Mapping[str, Callable[[str, str], Any]] = {
    "account": _whole,
    "answer": _lines(4_000),
    "area": _line(16),
    "ground": _line(200),
    "into": _line(36),
    "mended": lambda _name, given: given == "yes",
    "outcome": _line(12),
    "planned_on": _day,
    "reason": _lines(2_000),
    "revision": _whole,
    "until": _day,
    "whose": _line(80),
    "within_minutes": _whole,
    "witness": _line(10),
}
