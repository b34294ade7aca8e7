"""The card that comes with a model of plant pictures: a JSON file beside it that says what goes in and what comes out.

    {"name": "poppies-of-the-county", "version": "3", "licence": "CC-BY-4.0",
     "model": "poppies.onnx", "sha256": "…64 hexadecimal digits…",
     "labels": ["Papaver somniferum", "Papaver rhoeas", "…"],
     "width": 224, "height": 224, "mean": [0.485, 0.456, 0.406], "deviation": [0.229, 0.224, 0.225],
     "layout": "NCHW", "output": "logits"}

`labels` may be a file's name instead: one scientific name a line. `mean` and `deviation` are of channels from 0 to 1.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_PIXELS_A_SIDE = 1024
MOST_LABELS = 100_000
LAYOUTS, OUTPUTS = ("NCHW", "NHWC"), ("logits", "probabilities")
_SHA256 = re.compile("[0-9a-f]{64}")
_FILE_NAME = re.compile(r"[\w][\w.-]*")


class BadCard(ValueError):  # noqa: N818 - a fact about the card
    """The card cannot be used; the argument says what of it, in English, for whoever runs the program."""


@dataclass(frozen=True, slots=True)
class Card:
    """A card that was checked. `labels_file` is a name in the card's folder, empty when the labels stand in the card."""

    name: str
    version: str
    licence: str
    model: str
    sha256: str
    labels: tuple[str, ...]
    labels_file: str
    width: int
    height: int
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    layout: str
    output: str


def card_of(said: Any) -> Card:
    """The card of a JSON value; BadCard."""
    if not isinstance(said, Mapping):
        raise BadCard("it is no JSON object")
    labels = said.get("labels")
    named = isinstance(labels, str)
    return Card(
        name=_text(said, "name", 60),
        version=_text(said, "version", 40),
        licence=_text(said, "licence", 120),
        model=_file(said, "model"),
        sha256=_digest(said),
        labels=() if named else labels_of(labels),
        labels_file=_file(said, "labels") if named else "",
        width=_side(said, "width"),
        height=_side(said, "height"),
        mean=_channels(said, "mean", 0.0),
        deviation=_channels(said, "deviation", 1.0, least=1e-6),
        layout=_one_of(said, "layout", LAYOUTS),
        output=_one_of(said, "output", OUTPUTS),
    )


def labels_of(said: Any) -> tuple[str, ...]:
    """The labels of a list, or of a file's lines; BadCard."""
    if not isinstance(said, list) or not 1 <= len(said) <= MOST_LABELS:
        raise BadCard(f"labels: a list of 1 to {MOST_LABELS} scientific names, or the name of a file of them")
    if not all(isinstance(each, str) and each.strip() and len(each) <= 200 for each in said):
        raise BadCard("labels: each is a scientific name")
    return tuple(each.strip() for each in said)


def _text(said: Mapping[str, Any], name: str, limit: int) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= limit or not value.isprintable():
        raise BadCard(f"{name}: a line of 1 to {limit} characters")
    return value.strip()


def _file(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not _FILE_NAME.fullmatch(value):
        raise BadCard(f"{name}: the name of a file in the card's folder")
    return value


def _digest(said: Mapping[str, Any]) -> str:
    value = said.get("sha256")
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise BadCard("sha256: the model's SHA-256 in 64 hexadecimal digits")
    return value


def _side(said: Mapping[str, Any], name: str) -> int:
    value = said.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 8 <= value <= MOST_PIXELS_A_SIDE:
        raise BadCard(f"{name}: a whole number from 8 to {MOST_PIXELS_A_SIDE}")
    return value


def _channels(
    said: Mapping[str, Any], name: str, usual: float, *, least: float = 0.0
) -> tuple[float, float, float]:
    value = said.get(name, [usual] * 3)
    if (
        not isinstance(value, list)
        or len(value) != 3
        or not all(
            isinstance(each, int | float) and not isinstance(each, bool) and least <= each <= 10
            for each in value
        )
    ):
        raise BadCard(f"{name}: three numbers, for red, green and blue")
    red, green, blue = (float(each) for each in value)
    return red, green, blue


def _one_of(said: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = said.get(name, choices[0])
    if value not in choices:
        raise BadCard(f"{name}: {' or '.join(choices)}")
    return str(value)
