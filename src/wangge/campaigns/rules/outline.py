"""A form's outline: what this program itself needs of it, to check an answer, to draw the form at a desk, and to export.

A node: `name`, `kind` (see KINDS), `label`, `hint`, `message` (of the constraint) and `required_message` by language (""
without one), `required`, `relevant`, `constraint`, `calculation`, `default` as written, `choices` the name of a list,
`choice_filter`, `count` of a repeat, `children` of a group or repeat; `image` of a question or a choice: the digest of its
picture by language. All but name and kind are left out where empty.
"""

from collections.abc import Iterator, Mapping
from typing import Any

#: Kinds that can be answered. "other" is in versions that were taken in before such kinds were refused.
ASKED = (
    "text",
    "integer",
    "decimal",
    "date",
    "time",
    "moment",
    "select_one",
    "select_multiple",
    "rank",
    "photo",
    "sound",
    "place",
    "acknowledge",
)
#: Several choices are one answer, with spaces between them.
SEVERAL = ("select_multiple", "rank")
#: The answer is the digest of a file.
FILES = ("photo", "sound")
KINDS = (*ASKED, "note", "group", "repeat", "calculate", "hidden", "other")

_KINDS = {
    "text": "text",
    "string": "text",
    "email": "text",
    "int": "integer",
    "integer": "integer",
    "decimal": "decimal",
    "range": "decimal",
    "percentage": "integer",
    "date": "date",
    "time": "time",
    "dateTime": "moment",
    "datetime": "moment",
    "date time": "moment",
    "select one": "select_one",
    "select all that apply": "select_multiple",
    "rank": "rank",
    "odk:rank": "rank",
    "photo": "photo",
    "image": "photo",
    "audio": "sound",
    "geopoint": "place",
    "barcode": "text",
    "trigger": "acknowledge",
    "acknowledge": "acknowledge",
    "note": "note",
    "group": "group",
    "repeat": "repeat",
    "loop": "repeat",
    "calculate": "calculate",
}
_HIDDEN = ("hidden", "start", "end", "today", "deviceid", "username", "phonenumber", "simserial", "subscriberid", "audit",
           "start time", "end time", "device id", "sim id", "subscriber id", "phone number", "start-geopoint",
           "background-audio", "background-geopoint")  # fmt: skip
_TEXTS = (
    ("relevant", "relevant"),
    ("constraint", "constraint"),
    ("calculation", "calculate"),
    ("required", "required"),
)


def outline_of(form: Mapping[str, Any]) -> dict[str, Any]:
    """From pyxform's own structure of a form."""
    languages: dict[str, None] = {}
    lists = {
        str(name): [_choice(each, languages) for each in choices]
        for name, choices in (form.get("choices") or {}).items()
    }
    children = [_node(each, languages) for each in form.get("children", []) if each.get("name") != "meta"]
    said = str(form.get("default_language") or "")
    return {
        "languages": [name for name in languages if name],
        "default_language": said if said in languages else "",
        "lists": lists,
        "children": children,
    }


def _choice(choice: Mapping[str, Any], languages: dict[str, None]) -> dict[str, Any]:
    made = {"name": str(choice["name"]), "label": _words(choice.get("label", choice["name"]), languages)}
    more = {
        str(name): str(value)
        for name, value in choice.items()
        if name not in ("name", "label", "media") and isinstance(value, str | int | float)
    }
    return made | _image(choice, languages) | ({"with": more} if more else {})


def _image(said: Mapping[str, Any], languages: dict[str, None]) -> dict[str, dict[str, str]]:
    image = (said.get("media") or {}).get("image")
    return {"image": _words(image, languages)} if image else {}


def _node(node: Mapping[str, Any], languages: dict[str, None]) -> dict[str, Any]:
    said = str(node.get("type", ""))
    bind = node.get("bind") or {}
    kind = "hidden" if said in _HIDDEN else _KINDS.get(said, "other")
    if kind == "text" and str(bind.get("readonly", "")).lower() in ("yes", "true", "true()"):
        kind = "calculate" if bind.get("calculate") else "note"
    made: dict[str, Any] = {"name": str(node["name"]), "kind": kind}
    if kind == "other":
        made["said"] = said
    for name, value in (
        ("label", node.get("label")),
        ("hint", node.get("hint")),
        ("message", bind.get("jr:constraintMsg")),
        ("required_message", bind.get("jr:requiredMsg")),
    ):
        if value:
            made[name] = _words(value, languages)
    made |= _image(node, languages)
    made |= {name: str(bind[said]) for name, said in _TEXTS if bind.get(said) not in (None, "")}
    if str(made.get("required", "")).lower() in ("no", "false", "false()"):
        made.pop("required")
    for name, value in (
        ("default", node.get("default")),
        ("choices", node.get("list_name") or node.get("itemset")),
        ("choice_filter", node.get("choice_filter")),
        ("count", (node.get("control") or {}).get("jr:count")),
        ("appearance", (node.get("control") or {}).get("appearance")),
    ):
        if value not in (None, ""):
            made[name] = str(value)
    if kind in ("group", "repeat"):
        made["children"] = [_node(each, languages) for each in node.get("children", [])]
    return made


def _words(said: Any, languages: dict[str, None]) -> dict[str, str]:
    words = (
        {str(name): str(text) for name, text in said.items()}
        if isinstance(said, Mapping)
        else {"": str(said)}
    )
    words = {("" if name == "default" else name): text for name, text in words.items() if text}
    languages.update(dict.fromkeys(words))
    return words


def in_language(words: Mapping[str, str] | None, language: str) -> str:
    """The words in the page's language (`zh-hans`, `en`), else without one, else the first."""
    if not words:
        return ""
    wanted = ("zh", "chinese", "中文", "汉语") if language.startswith("zh") else ("(en", "english", "英")
    for name, text in words.items():
        if name and any(part in name.lower() for part in wanted):
            return text
    return words.get("") or next(iter(words.values()))


def nodes_of(outline: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every node with its path of names, in the form's order."""

    def below(
        children: list[dict[str, Any]], above: tuple[str, ...]
    ) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
        for node in children:
            path = (*above, node["name"])
            yield path, node
            yield from below(node.get("children", []), path)

    yield from below(outline["children"], ())


def only_on_phones(outline: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Questions of older versions that the desk cannot take."""
    return [node for _path, node in nodes_of(outline) if node["kind"] == "other"]


def pictures_in(outline: Mapping[str, Any]) -> set[str]:
    """The digests of all pictures that stand beside questions and choices."""
    choices = [choice for choices in outline["lists"].values() for choice in choices]
    named = [*choices, *(node for _path, node in nodes_of(outline))]
    return {digest for each in named for digest in each.get("image", {}).values()}
