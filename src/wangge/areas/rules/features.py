"""GeoJSON files read feature by feature, so that a whole country's boundaries need no more memory than its largest."""

import json
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from wangge.areas.rules.boundaries import BadBoundary
from wangge.areas.rules.codes import full_code
from wangge.areas.rules.rows import columns_of
from wangge.base.problems import Problem

_CHUNK = 1 << 20
_LONGEST = 1 << 27  # characters of one feature; more is no outline but a mistake
_LIST = re.compile(r'"features"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,\x1e]*")


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class UnreadableMap(Problem, ValueError):  # noqa: N818 - a fact about the file, like every problem
    code = "unreadable-map"
    status = 422
    sentence = _(
        "Line {line}: this is not GeoJSON. Give a FeatureCollection, or one feature a line, in UTF-8."
    )


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: the line it begins on, its properties as texts by their own names, and its geometry as it stands."""

    line: int
    properties: dict[str, str]
    geometry: Any


def features_of(file: TextIO) -> Generator[Feature, None, None]:
    """The features of a FeatureCollection, of a single Feature, or of a file with one feature after another.

    Raises UnreadableMap, also in the middle, where the text is broken.
    """
    text = file.read(_CHUNK)
    line, at = 1, 0
    found = _LIST.search(text)
    if found and "FeatureCollection" in text[: found.start()] + text[found.end() : found.end() + _CHUNK]:
        line, at = 1 + text.count("\n", 0, found.end()), found.end()
    listed = at > 0
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    while True:
        text, at, line = _skipped(file, text, at, line)
        if at == len(text) or (listed and text[at] == "]"):
            if listed and at == len(text):
                raise UnreadableMap(line=line)
            return
        text, value, end = _decoded(file, decoder, text[at:], line)
        yield _feature(value, line)
        line += text.count("\n", 0, end)
        at = end


def outline_in(text: str, code: str) -> Any:
    """The geometry that somebody means for the area `code`: a bare geometry, a feature, or the one of several features
    that bears the code. UnreadableMap for what is no GeoJSON, BadBoundary where none or more than one would do.
    """
    try:
        value = json.loads(text.removeprefix("\ufeff"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise UnreadableMap(line=getattr(error, "lineno", 1)) from error
    if isinstance(value, Mapping) and "coordinates" in value:
        return value
    listed = value.get("features") if isinstance(value, Mapping) else None
    features = [_feature(each, 1) for each in (listed if isinstance(listed, list) else [value])]
    chosen = [each for each in features if _code_of(each) == code] or features
    if len(chosen) != 1:
        raise BadBoundary(_("one outline alone, or one whose property “code” is this area's code"))
    return chosen[0].geometry


def _code_of(feature: Feature) -> str:
    try:
        return full_code(columns_of(feature.properties).get("code", ""))
    except ValueError:
        return ""


def _skipped(file: TextIO, text: str, at: int, line: int) -> tuple[str, int, int]:
    """Past what stands between features, reading on where the buffer ends."""
    while True:
        match = _BETWEEN.match(text, at)
        end = match.end() if match else at
        line += text.count("\n", at, end)
        if end < len(text):
            return text, end, line
        text, at = file.read(_CHUNK), 0
        if not text:
            return text, 0, line


def _decoded(file: TextIO, decoder: json.JSONDecoder, text: str, line: int) -> tuple[str, Any, int]:
    """One value from the start of `text`; when it is not all there, twice as much is read each time."""
    while True:
        try:
            value, end = decoder.raw_decode(text)
        except (ValueError, RecursionError) as error:
            more = file.read(max(_CHUNK, len(text))) if len(text) < _LONGEST else ""
            if not more:
                raise UnreadableMap(line=line) from error
            text += more
        else:
            return text, value, end


def _feature(value: Any, line: int) -> Feature:
    if not isinstance(value, Mapping) or value.get("type") != "Feature":
        raise UnreadableMap(line=line)
    given = value.get("properties")
    properties = {str(key): _shown(said) for key, said in given.items()} if isinstance(given, Mapping) else {}
    if "id" in value and "id" not in properties:
        properties["id"] = _shown(value["id"])
    return Feature(line, properties, value.get("geometry"))


def _shown(value: Any) -> str:
    """As a table's cell would show it; lists and objects are no cells."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")
