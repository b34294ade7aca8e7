"""An answer as phones write it (the instance of an XForm) as the object that is kept and checked."""

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from wangge.base.problems import Invalid

_LONGEST = 2_000_000


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


def from_instance(xml: str, outline: Mapping[str, Any]) -> dict[str, Any]:
    """The answers in an instance by the form's outline; what the form does not have is left out. Invalid for what is none."""
    if len(xml) > _LONGEST:
        raise Invalid(field="instance", expected=_("at most two million characters"))
    try:
        root = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Invalid(field="instance", expected=_("the instance of an XForm as XML")) from error
    return _read(root, outline["children"])


def _read(element: Element, children: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, list[Element]] = {}
    for each in element:
        # A repeat's template stands beside its rows.
        if not any(name.endswith("template") for name in each.attrib):
            found.setdefault(each.tag.rsplit("}", 1)[-1], []).append(each)
    answers: dict[str, Any] = {}
    for node in children:
        parts = found.get(node["name"], [])
        if node["kind"] == "repeat":
            answers[node["name"]] = [_read(part, node["children"]) for part in parts]
        elif parts and node["kind"] == "group":
            answers[node["name"]] = _read(parts[0], node["children"])
        elif parts and (text := (parts[0].text or "").strip()):
            answers[node["name"]] = text
    return answers
