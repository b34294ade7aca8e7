"""A model of plant pictures that the installation brings, as ONNX with a card (`rules.plants_card`)."""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from wangge.campaigns.queries.identifiers.waiting import Workers
from wangge.campaigns.rules.plants import IdentifierFailed
from wangge.campaigns.rules.plants_card import BadCard, Card, card_of, labels_of
from wangge.campaigns.rules.plants_pictures import opened

log = logging.getLogger("wangge.plants")

SECONDS = 20.0
MOST_RANKED = 50
#: One at a time in each web process: a picture takes a core for some tenths of a second.
_WORKERS = Workers("plant-model", 1)


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class _Loaded:
    card: Card
    session: Any
    entry: str


def scores_of(card_file: Path, picture: bytes) -> tuple[str, list[tuple[str, float]]]:
    """The model's name and version, and its labels with their probabilities, the likeliest first; IdentifierFailed, BadPhoto."""
    return _WORKERS.done_within(SECONDS, lambda: _scores(card_file, picture))


def card_for_phones(card_file: Path) -> dict[str, Any]:
    """The card with its labels, and how large the model is; IdentifierFailed."""
    try:
        card = read_card(card_file)
        size = (card_file.parent / card.model).stat().st_size
    except (BadCard, OSError) as problem:
        raise _failed(card_file, problem) from problem
    return {
        "name": card.name,
        "version": card.version,
        "licence": card.licence,
        "sha256": card.sha256,
        "bytes": size,
        "labels": list(card.labels),
        "width": card.width,
        "height": card.height,
        "mean": list(card.mean),
        "deviation": list(card.deviation),
        "layout": card.layout,
        "output": card.output,
    }


def opened_model(card_file: Path) -> BinaryIO:
    """The model's bytes; IdentifierFailed."""
    try:
        return (card_file.parent / read_card(card_file).model).open("rb")
    except (BadCard, OSError) as problem:
        raise _failed(card_file, problem) from problem


def read_card(card_file: Path) -> Card:
    """The card, its labels read too; BadCard."""
    try:
        said = json.loads(card_file.read_text("utf-8"))
        card = card_of(said)
        if card.labels_file:
            lines = (card_file.parent / card.labels_file).read_text("utf-8").splitlines()
            labels = labels_of([line for line in lines if line.strip()])
            return card_of({**said, "labels": list(labels)})
    except OSError as problem:
        raise BadCard(f"{problem.filename or card_file} cannot be read") from problem
    except ValueError as problem:
        raise problem if isinstance(problem, BadCard) else BadCard("it is no JSON in UTF-8") from problem
    return card


def _scores(card_file: Path, picture: bytes) -> tuple[str, list[tuple[str, float]]]:
    loaded = _current(card_file)
    numbers = _pixels(picture, loaded.card)
    try:
        said = loaded.session.run(None, {loaded.entry: numbers})[0]
    except (
        Exception
    ) as problem:  # onnxruntime's own kinds of failure share no name that could be imported without it
        raise _failed(
            card_file, BadCard(f"the model cannot be run on a picture of its size: {problem}")
        ) from problem
    chances = _chances(np.asarray(said, dtype=np.float64).ravel(), loaded.card, card_file)
    first = np.argsort(-chances, kind="stable")[:MOST_RANKED]
    name = f"{loaded.card.name} {loaded.card.version}"
    return name, [(loaded.card.labels[place], float(chances[place])) for place in first]


def _chances(said: NDArray[np.float64], card: Card, card_file: Path) -> NDArray[np.float64]:
    if len(said) != len(card.labels):
        raise _failed(
            card_file, BadCard(f"the model gives {len(said)} numbers for {len(card.labels)} labels")
        )
    if not np.isfinite(said).all():
        raise _failed(card_file, BadCard("the model gives what is no number"))
    if card.output == "logits":
        said = np.exp(said - said.max())
        said /= said.sum()
    return said.clip(0, 1)


def _pixels(picture: bytes, card: Card) -> NDArray[np.float32]:
    """The middle of the picture at the model's size, as it was trained: channels around their means."""
    image = opened(picture, about=max(card.width, card.height))
    fitted = ImageOps.fit(image, (card.width, card.height), Image.Resampling.BILINEAR)
    numbers = (np.asarray(fitted, dtype=np.float32) / 255 - _three(card.mean)) / _three(card.deviation)
    batch = numbers[np.newaxis]
    return np.ascontiguousarray(batch.transpose(0, 3, 1, 2) if card.layout == "NCHW" else batch)


def _three(channels: Sequence[float]) -> NDArray[np.float32]:
    return np.asarray(channels, dtype=np.float32)


def _current(card_file: Path) -> _Loaded:
    """The model, loaded once until one of its files changes; IdentifierFailed."""
    try:
        card = read_card(card_file)
        file = card_file.parent / card.model
        stamp = (card_file.stat().st_mtime_ns, file.stat().st_mtime_ns, file.stat().st_size)
        return _loaded(card_file, stamp)
    except OSError as problem:
        raise _failed(card_file, BadCard(f"{problem.filename} cannot be read")) from problem
    except (BadCard, ImportError) as problem:
        raise _failed(card_file, problem) from problem


@lru_cache(maxsize=1)
def _loaded(card_file: Path, _stamp: tuple[int, int, int]) -> _Loaded:
    card = read_card(card_file)
    content = (card_file.parent / card.model).read_bytes()
    if hashlib.sha256(content).hexdigest() != card.sha256:
        raise BadCard(f"the SHA-256 of {card.model} is not the card's")
    import onnxruntime  # an extra: pip install wangge[plants]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what fails is told once, by us
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as problem:  # as above
        raise BadCard(f"{card.model} is no model that can be run: {problem}") from problem
    entries = session.get_inputs()
    if len(entries) != 1:
        raise BadCard(f"{card.model} takes {len(entries)} inputs, not one picture")
    return _Loaded(card, session, entries[0].name)


def _failed(card_file: Path, problem: Exception) -> IdentifierFailed:
    """The whole reason for the log of whoever runs the program; who asked hears that the model is not in order."""
    if isinstance(problem, ImportError):
        log.error("The plant model needs onnxruntime: pip install wangge[plants]")
    else:
        log.error("The plant model of %s: %s", card_file, problem)
    return IdentifierFailed(why=_("this installation's model is not in order."))
