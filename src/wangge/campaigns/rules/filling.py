"""A form being filled: which questions are asked, what is calculated, and what is wrong with the answers.

The desk draws it from this after each step; an answer that a phone sends is checked by the same. What cannot be decided
here (see expressions.py) is told by name and never held against an answer.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from wangge.campaigns.rules.expressions import (
    Around,
    Broken,
    Undecided,
    Value,
    evaluate,
    holds,
    questions_in,
    to_number,
    to_text,
)
from wangge.campaigns.rules.outline import ASKED, FILES, in_language

#: Where a question stands: names, and after the name of a repeat its number from 0.
Place = tuple[str | int, ...]

LONGEST_ANSWER = 4000
MOST_REPEATS = 200
_PASSES = 8
_DIGEST = re.compile(r"[0-9a-f]{64}")
#: What can be wrong with one answer.
FAULTS = (
    "required",
    "integer",
    "decimal",
    "date",
    "time",
    "moment",
    "choice",
    "rank",
    "photo",
    "sound",
    "place",
    "long",
    "constraint",
)
#: Latitude and longitude in degrees, then how high and how exact where it was told.
_PLACE = re.compile(
    r"(-?\d{1,3}(?:\.\d{1,15})?)(?: (-?\d{1,3}(?:\.\d{1,15})?))(?: -?\d{1,6}(?:\.\d{1,15})?){0,2}"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One answer that is not as the form wants it: the question's place as `group/question`, and which of FAULTS."""

    question: str
    fault: str


@dataclass(slots=True)
class Shown:
    """A node as it is now. `count` of a repeat; `choices` that the filter leaves; `fault` of FAULTS or empty."""

    place: Place
    node: Mapping[str, Any]
    value: str = ""
    required: bool = False
    fault: str = ""
    choices: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0
    fixed: bool = False
    children: list["Shown"] = field(default_factory=list)

    @property
    def path(self) -> str:
        return path_of(self.place)

    @property
    def is_asked(self) -> bool:
        return self.node["kind"] in ASKED


@dataclass(slots=True)
class Filled:
    """All of a form with these answers. `values` holds what is asked, nested as the form is; `texts` the same by place."""

    shown: list[Shown]
    faults: list[Fault]
    not_checked: list[str]
    values: dict[str, Any]
    texts: dict[Place, str]


def path_of(place: Place) -> str:
    """`plot/0/crop`, as faults, photos and the desk's fields name a question."""
    return "/".join(str(part) for part in place)


def fill(outline: Mapping[str, Any], answers: Mapping[str, Any], *, now: datetime) -> Filled:
    """The form with these answers: an object by question's name; groups are objects, repeats lists of objects."""
    return _Filling(outline, answers, now).done()


class _Filling:
    def __init__(self, outline: Mapping[str, Any], answers: Mapping[str, Any], now: datetime) -> None:
        self.outline, self.now = outline, now
        self.texts: dict[Place, str] = {}
        self.counts: dict[Place, int] = {}
        self.by_name: dict[str, list[tuple[str, ...]]] = {}
        self.repeats: set[tuple[str, ...]] = set()
        self.off: set[Place] = set()
        self.undecided: dict[str, None] = {}
        self._know(outline["children"], ())
        self._take(outline["children"], answers, (), new=not answers)

    def _know(self, children: list[dict[str, Any]], above: tuple[str, ...]) -> None:
        for node in children:
            path = (*above, node["name"])
            self.by_name.setdefault(node["name"], []).append(path)
            if node["kind"] == "repeat":
                self.repeats.add(path)
            self._know(node.get("children", []), path)

    def _take(
        self, children: list[dict[str, Any]], given: Mapping[str, Any], above: Place, *, new: bool
    ) -> None:
        for node in children:
            place, value = (*above, node["name"]), given.get(node["name"])
            if node["kind"] == "group":
                self._take(node["children"], value if isinstance(value, Mapping) else {}, place, new=new)
            elif node["kind"] == "repeat":
                rows = (
                    [row if isinstance(row, Mapping) else {} for row in value]
                    if isinstance(value, list)
                    else [{}]
                )
                self.counts[place] = min(len(rows), MOST_REPEATS)
                for at, row in enumerate(rows[:MOST_REPEATS]):
                    self._take(node["children"], row, (*place, at), new=not row)
            elif node["kind"] != "note":
                text = _text(value)
                if not text and new and "default" in node:
                    text = self._default(node, place)
                self.texts[place] = text

    def _default(self, node: Mapping[str, Any], place: Place) -> str:
        said = node["default"]
        if "(" not in said and "${" not in said:
            return str(said)
        return to_text(self._evaluated(said, place, node["name"]) or "")

    def done(self) -> Filled:
        for _pass in range(_PASSES):
            before = dict(self.texts), dict(self.counts), set(self.off)
            self.off.clear()
            self._settle(self.outline["children"], (), off=False)
            if before == (self.texts, self.counts, self.off):
                break
        faults: list[Fault] = []
        values: dict[str, Any] = {}
        shown = list(self._shown(self.outline["children"], (), values, faults))
        texts = {place: text for place, text in self.texts.items() if text and not self._is_off(place)}
        return Filled(shown, faults, list(self.undecided), values, texts)

    def _settle(
        self, children: list[dict[str, Any]], above: Place, *, off: bool, at: int | None = None
    ) -> None:
        """One pass from above: what is skipped, how often a repeat stands there, what is calculated."""
        for node in children:
            place = (*above, node["name"])
            skipped = off or not self._holds(
                node.get("relevant", "yes"), place, node["name"], otherwise=True, at=at
            )
            if skipped:
                self.off.add(place)
            if node["kind"] == "group":
                self._settle(node["children"], place, off=skipped, at=at)
            elif node["kind"] == "repeat":
                self._count(node, place, skipped=skipped)
                for index in range(self.counts[place]):
                    self._settle(node["children"], (*place, index), off=skipped, at=index + 1)
            elif "calculation" in node and node["kind"] in ("calculate", "hidden", "text") and not skipped:
                value = self._evaluated(node["calculation"], place, node["name"], at=at)
                if value is not None:
                    self.texts[place] = to_text(value)

    def _count(self, node: Mapping[str, Any], place: Place, *, skipped: bool) -> None:
        """A repeat that the form counts has as many as it says, others as many as were given."""
        if "count" not in node or skipped:
            return
        wanted = self._evaluated(node["count"], place[:-1], node["name"])
        if wanted is None:
            return
        number = to_number(wanted)
        self.counts[place] = max(0, min(int(number), MOST_REPEATS)) if number == number else 0  # noqa: PLR0124 - NaN is not itself
        for index in range(self.counts[place]):
            self._add_missing(node["children"], (*place, index))

    def _add_missing(self, children: list[dict[str, Any]], above: Place) -> None:
        for node in children:
            place = (*above, node["name"])
            if node["kind"] == "group":
                self._add_missing(node["children"], place)
            elif node["kind"] == "repeat":
                if place not in self.counts:
                    self.counts[place] = 1
                    self._add_missing(node["children"], (*place, 0))
            elif node["kind"] != "note":
                self.texts.setdefault(place, "")

    def _shown(  # noqa: C901 - one case a kind
        self,
        children: list[dict[str, Any]],
        above: Place,
        values: dict[str, Any],
        faults: list[Fault],
        at: int | None = None,
    ) -> Iterator[Shown]:
        for node in children:
            place = (*above, node["name"])
            if place in self.off:
                continue
            one = Shown(place, node)
            if node["kind"] == "group":
                inner: dict[str, Any] = {}
                one.children = list(self._shown(node["children"], place, inner, faults, at))
                if inner:
                    values[node["name"]] = inner
            elif node["kind"] == "repeat":
                one.count, one.fixed = self.counts[place], "count" in node
                rows: list[dict[str, Any]] = []
                for index in range(one.count):
                    row: dict[str, Any] = {}
                    part = Shown((*place, index), {"name": str(index), "kind": "group"})
                    part.children = list(
                        self._shown(node["children"], (*place, index), row, faults, index + 1)
                    )
                    one.children.append(part)
                    rows.append(row)
                values[node["name"]] = rows
            elif node["kind"] != "note":
                one.value = self.texts.get(place, "")
                if one.value:
                    values[node["name"]] = one.value
                if node["kind"] in ASKED:
                    self._judge(one, at)
                    if one.fault:
                        faults.append(Fault(one.path, one.fault))
            yield one

    def _judge(self, one: Shown, at: int | None) -> None:
        node, place = one.node, one.place
        if "choices" in node:
            one.choices = list(self._choices(node, place, at))
        one.required = self._holds(node.get("required", "no"), place, node["name"], otherwise=False, at=at)
        if not one.value:
            one.fault = "required" if one.required else ""
            return
        one.fault = _kind_fault(one)
        if not one.fault and "constraint" in node:
            fits = self._holds(node["constraint"], place, node["name"], otherwise=True, own=one.value, at=at)
            one.fault = "" if fits else "constraint"

    def _choices(self, node: Mapping[str, Any], place: Place, at: int | None) -> Iterator[dict[str, Any]]:
        for choice in self.outline["lists"].get(node["choices"], []):
            columns = {"name": choice["name"], **choice.get("with", {})}
            if "choice_filter" not in node or self._holds(
                node["choice_filter"], place, node["name"], otherwise=True, columns=columns, at=at
            ):
                yield choice

    def _is_off(self, place: Place) -> bool:
        return any(place[:length] in self.off for length in range(1, len(place) + 1))

    def _around(
        self, place: Place, own: str = "", at: int | None = None, columns: Mapping[str, str] | None = None
    ) -> Around:
        return Around(lambda name: self._value_of(name, place), own, self.now, at, columns)

    def _value_of(self, name: str, place: Place) -> str | list[str]:
        """The value of the question nearest to `place`; of one inside other repeats the values of all of them."""
        known = self.by_name.get(name)
        if not known:
            raise Undecided(name)
        here = tuple(part for part in place if isinstance(part, str))
        path = max(known, key=lambda each: _shared(each, here))
        if path in self.repeats:
            return ["1"] * sum(count for each, count in self.counts.items() if _names(each) == path)
        shared = _shared(path, here)
        wanted = _with_numbers(place, shared)
        inside = any(path[:length] in self.repeats for length in range(shared + 1, len(path)))
        if not inside:
            exact = (*wanted, *path[shared:])
            return "" if self._is_off(exact) else self.texts.get(exact, "")
        return [
            text
            for each, text in self.texts.items()
            if each[: len(wanted)] == wanted
            and _names(each) == path
            and each[-1] == name
            and not self._is_off(each)
            and self._stands(each)
        ]

    def _stands(self, place: Place) -> bool:
        """Whether every repeat on the way still has as many."""
        return all(
            part < self.counts.get(place[:at], 0) for at, part in enumerate(place) if isinstance(part, int)
        )

    def _evaluated(self, text: str, place: Place, name: str, at: int | None = None) -> Value | None:
        try:
            return evaluate(text, self._around(place, at=at))
        except (Undecided, Broken):
            self.undecided[name] = None
            return None

    def _holds(
        self,
        text: str,
        place: Place,
        name: str,
        *,
        otherwise: bool,
        own: str = "",
        at: int | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> bool:
        try:
            return holds(text, self._around(place, own, at, columns))
        except (Undecided, Broken):
            self.undecided[name] = None
            return otherwise


def spoken(words: Mapping[str, str] | None, filled: Filled, place: Place, language: str) -> str:
    """A label in the page's language, with the answers that it names put in."""
    text = in_language(words, language)
    for name in questions_in(text):
        found = [
            value
            for each, value in filled.texts.items()
            if each[-1] == name and each[: len(place) - 1] == place[:-1]
        ]
        found = found or [value for each, value in filled.texts.items() if each[-1] == name]
        pattern, said = r"\$\{\s*" + re.escape(name) + r"\s*\}", found[0] if found else "…"
        text = re.sub(pattern, said.replace("\\", r"\\"), text)
    return text


def files_in(filled: Filled) -> list[tuple[str, str]]:
    """The photos and recordings that an answer names: the question's path, and the digest."""
    found: list[tuple[str, str]] = []

    def look(shown: list[Shown]) -> None:
        for one in shown:
            if one.node["kind"] in FILES and _DIGEST.fullmatch(one.value):
                found.append((one.path, one.value))
            look(one.children)

    look(filled.shown)
    return found


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return " ".join(_text(each) for each in value)
        case Mapping():
            return ""
        case float() | int():
            return to_text(float(value)) if isinstance(value, float) else str(value)
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", str(value)).strip()


def _kind_fault(one: Shown) -> str:
    kind, value = one.node["kind"], one.value
    if kind in _FITS:
        return "" if _FITS[kind](value) else kind
    names = {choice["name"] for choice in one.choices}
    match kind:
        case "select_one":
            return "" if value in names else "choice"
        case "select_multiple":
            return "" if set(value.split()) <= names else "choice"
        case "rank":
            return "" if sorted(value.split()) == sorted(names) else "rank"
    return "long" if len(value) > LONGEST_ANSWER else ""


def _is_place(value: str) -> bool:
    met = _PLACE.fullmatch(value)
    return met is not None and abs(float(met[1])) <= 90 and abs(float(met[2])) <= 180


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_moment(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda value: re.fullmatch(pattern, value) is not None


#: What an answer must look like, by the kind of its question: what does not fit has the kind's name as its fault.
_FITS: Mapping[str, Callable[[str], bool]] = {
    "integer": _matches(r"[+-]?\d{1,15}"),
    "decimal": _matches(r"[+-]?(\d{1,15}(\.\d*)?|\.\d+)"),
    "date": lambda value: len(value) >= 10 and _is_day(value[:10]),
    "time": _matches(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?([+-]\d\d:?\d\d|Z)?"),
    "moment": _is_moment,
    "photo": _matches(_DIGEST.pattern),
    "sound": _matches(_DIGEST.pattern),
    "place": _is_place,
}


def _names(place: Place) -> tuple[str, ...]:
    return tuple(part for part in place if isinstance(part, str))


def _shared(path: tuple[str, ...], here: tuple[str, ...]) -> int:
    """How many names two paths have in common, never the whole of the first: its last name is the question."""
    count = 0
    for one, other in zip(path[:-1], here, strict=False):
        if one != other:
            break
        count += 1
    return count


def _with_numbers(place: Place, names: int) -> Place:
    """The beginning of `place` with so many names, and the numbers of its repeats."""
    taken: list[str | int] = []
    for part in place:
        if isinstance(part, str):
            if names == 0:
                break
            names -= 1
        taken.append(part)
    return tuple(taken)
