"""A form that was made in a spreadsheet, drawn on a page, and what was typed into it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from wangge.campaigns.rules.filling import Filled, Shown, spoken
from wangge.campaigns.rules.outline import SEVERAL, in_language
from wangge.doors.console import campaign_words, words

#: A name that no question has: names begin with a letter.
COUNT = "#"
FILE = "file:"
PLACE = "@"
_SINGLE = {"date": "date", "time": "time", "moment": "datetime-local"}


@dataclass(frozen=True, slots=True)
class Option:
    code: str
    label: str
    chosen: bool
    #: The digest of its picture, and its place where choices are put in order.
    image: str = ""
    place: int = 0


@dataclass(slots=True)
class Drawn:
    """A node as a template draws it. `name` is its field's name, `id` what labels point to, `image` a picture's digest."""

    kind: str
    name: str
    id: str
    label: str
    hint: str = ""
    value: str = ""
    required: bool = False
    error: str = ""
    input: str = "text"
    long: bool = False
    options: list[Option] = field(default_factory=list)
    children: list["Drawn"] = field(default_factory=list)
    count: int = 0
    fixed: bool = False
    image: str = ""


def drawn(filled: Filled, language: str, *, with_faults: bool) -> list[Drawn]:
    """All that is asked now, in the page's language; what is hidden or calculated is not shown."""
    return [
        one
        for shown in filled.shown
        if (one := _draw(shown, filled, language, with_faults=with_faults)) is not None
    ]


def _draw(shown: Shown, filled: Filled, language: str, *, with_faults: bool) -> Drawn | None:
    node = shown.node
    if node["kind"] in ("calculate", "hidden"):
        return None
    label = spoken(node.get("label"), filled, shown.place, language) or (
        "" if node["kind"] in ("group", "note") else node["name"]
    )
    one = Drawn(node["kind"], shown.path, f"q-{shown.path.replace('/', '-')}", label)
    one.hint = spoken(node.get("hint"), filled, shown.place, language)
    one.value, one.required, one.count, one.fixed = shown.value, shown.required, shown.count, shown.fixed
    one.input = _SINGLE.get(node["kind"], "text")
    one.long = "multiline" in node.get("appearance", "") or len(shown.value) > 80
    if with_faults and shown.fault:
        one.error = _fault(shown, language)
    one.image = in_language(node.get("image"), language)
    chosen = set(shown.value.split()) if node["kind"] in SEVERAL else {shown.value}
    places = _places(shown.value) if node["kind"] == "rank" else {}
    one.options = [
        Option(
            choice["name"],
            in_language(choice["label"], language),
            choice["name"] in chosen,
            in_language(choice.get("image"), language),
            places.get(choice["name"], 0),
        )
        for choice in shown.choices
    ]
    one.children = [
        each
        for child in shown.children
        if (each := _draw(child, filled, language, with_faults=with_faults)) is not None
    ]
    return one


def _fault(shown: Shown, language: str) -> str:
    own = {"constraint": "message", "required": "required_message"}.get(shown.fault, "")
    return in_language(shown.node.get(own), language) or words.label(campaign_words.FAULTS, shown.fault)


def asked_names(nodes: list[Drawn]) -> list[str]:
    """The names of all fields that a page shows: what it did not show, nobody could answer."""
    return [
        name
        for node in nodes
        for name in (
            [*asked_names(node.children)]
            if node.kind in ("group", "repeat")
            else []
            if node.kind == "note"
            else [node.name]
        )
    ]


def typed_into(outline: Mapping[str, Any], typed: QueryDict, step: str = "") -> dict[str, Any]:
    """The answers that a page sent, nested as the form is. `step` may add a row to a repeat (`add:path`) or take one away
    (`remove:path/number`).
    """
    return _read(outline["children"], typed, "", step)


def _read(children: list[dict[str, Any]], typed: QueryDict, above: str, step: str) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for node in children:
        path = f"{above}{node['name']}"
        if node["kind"] == "group":
            answers[node["name"]] = _read(node["children"], typed, f"{path}/", step)
        elif node["kind"] == "repeat":
            said = typed.get(f"{path}{COUNT}", "")
            count = min(int(said), 200) if said.isascii() and said.isdigit() else 1
            rows = [
                _read(node["children"], typed, f"{path}/{at}/", step)
                for at in range(count)
                if step != f"remove:{path}/{at}"
            ]
            answers[node["name"]] = [*rows, {}] if step == f"add:{path}" else rows
        elif node["kind"] == "select_multiple":
            answers[node["name"]] = [choice for choice in typed.getlist(path) if choice][:200]
        elif node["kind"] == "rank":
            answers[node["name"]] = _ranked(typed, path)
        elif node["kind"] == "place":
            answers[node["name"]] = " ".join(re.split(r"[\s,，;；]+", typed.get(path, "")[:200].strip()))
        elif node["kind"] == "acknowledge":
            answers[node["name"]] = "OK" if typed.get(path) else ""
        elif node["kind"] != "note":
            answers[node["name"]] = typed.get(path, "")[:20_000]
    return answers


def _ranked(typed: QueryDict, path: str) -> str:
    """Choices in the order of the places that were typed. Where places are missing or given twice, they stand with their places,
    `choice=2`: such an order is none, and can be mended.
    """
    beginning = f"{path}{PLACE}"
    places = {
        name.removeprefix(beginning): typed.get(name, "").strip()[:3]
        for name in typed
        if name.startswith(beginning)
    }
    if not any(places.values()):
        return ""
    if sorted(places.values()) == sorted(str(at) for at in range(1, len(places) + 1)):
        return " ".join(sorted(places, key=lambda name: int(places[name])))
    return " ".join(f"{name}={place}" for name, place in places.items())[:4000]


def _places(value: str) -> dict[str, int]:
    """The place of each choice in an order, also in one that is none yet."""
    parts = value.split()
    if all(re.fullmatch(r".*=\d{0,3}", part) for part in parts):
        told = (part.rpartition("=") for part in parts)
        return {name: int(place) for name, _is, place in told if place}
    return {name: at for at, name in enumerate(parts, start=1)}


def columns_of(outline: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """The columns of a file of answers: a question's path and its label. A repeat is one column."""

    def below(children: list[dict[str, Any]], above: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for node in children:
            path = f"{above}{node['name']}"
            if node["kind"] == "group":
                found += below(node["children"], f"{path}/")
            elif node["kind"] not in ("note", "hidden"):
                found.append((path, in_language(node.get("label"), language) or node["name"]))
        return found

    return below(outline["children"], "")


def cell_of(answers: Mapping[str, Any], path: str, outline: Mapping[str, Any], language: str) -> str:
    """What stands in one column: choices by their labels, a repeat row by row."""
    children, value = outline["children"], answers
    node: dict[str, Any] = {}
    found: Any = None
    for name in path.split("/"):
        node = next((each for each in children if each["name"] == name), {})
        if not node or not isinstance(value, Mapping):
            return ""
        found = value.get(name)
        children, value = node.get("children", []), found if isinstance(found, Mapping) else {}
    return _told(node, found, outline, language)


def _told(node: Mapping[str, Any], value: Any, outline: Mapping[str, Any], language: str) -> str:
    if value in (None, "", []):
        return ""
    if isinstance(value, list) and node["kind"] == "repeat":
        return "\n".join(
            f"{at}. {_row(node['children'], row, outline, language)}" for at, row in enumerate(value, start=1)
        )
    if "choices" in node:
        labels = {
            choice["name"]: in_language(choice["label"], language)
            for choice in outline["lists"].get(node["choices"], [])
        }
        codes = str(value).split() if node["kind"] in SEVERAL else [str(value)]
        return "; ".join(labels.get(code, code) for code in codes)
    return str(value)


def _row(
    children: list[dict[str, Any]], row: Mapping[str, Any], outline: Mapping[str, Any], language: str
) -> str:
    parts = []
    for node in children:
        value = row.get(node["name"])
        if node["kind"] == "group" and isinstance(value, Mapping):
            parts.append(_row(node["children"], value, outline, language))
        elif told := _told(node, value, outline, language):
            parts.append(f"{in_language(node.get('label'), language) or node['name']}: {told}")
    return "; ".join(part for part in parts if part)
