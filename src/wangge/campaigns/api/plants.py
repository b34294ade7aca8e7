"""The poppy check over HTTP: the key that phones keep, pictures, texts, and the identifiers."""

from typing import Any, Literal

from django.http import FileResponse
from django.templatetags.static import static
from ninja import Router, Schema
from pydantic import ConfigDict

from wangge.base.answers import problems
from wangge.base.asked import Asked
from wangge.base.fields import Digest
from wangge.campaigns.queries import identifiers, plants
from wangge.campaigns.rules.plants_content import Answers, Stage
from wangge.campaigns.rules.plants_key import as_json, shipped_key

router = Router(tags=["plants"])


class StateOut(Schema):
    code: str
    zh: str
    en: str


class TraitOut(Schema):
    """`error`: how often whoever looks is mistaken."""

    code: str
    error: float
    stages: list[str]
    zh: str
    en: str
    hint_zh: str
    hint_en: str
    states: list[StateOut]


class TaxonOut(Schema):
    """`shares`: by trait and state, how often the species shows itself so."""

    code: str
    latin: str
    zh: str
    en: str
    family: str
    prohibited: bool
    most_against: int
    shares: dict[str, dict[str, float]]


class KeyOut(Schema):
    """The whole key, by which a phone names plants by itself. `version` is a digest of it."""

    format: int
    version: str
    least_likely: float
    against_below: float
    least_gain: float
    stages: list[str]
    traits: list[TraitOut]
    taxa: list[TaxonOut]


class PictureOut(Schema):
    """`address` on this server. A photo names its author and licence, which must be shown with it."""

    address: str
    taxon: str
    stage: str
    size: int
    author: str
    licence: str


class ReadOutText(Schema):
    code: str
    zh: str
    en: str


class MaterialOut(Schema):
    pictures: list[PictureOut]
    texts: list[ReadOutText]


class CardOut(Schema):
    """What a phone needs to run the model itself; the model's bytes are at `/plants/model`."""

    name: str
    version: str
    licence: str
    sha256: str
    bytes: int
    labels: list[str]
    width: int
    height: int
    mean: list[float]
    deviation: list[float]
    layout: str
    output: str


class IdentifierOut(Schema):
    """`needs`: what it is asked with. `leaves_the_house`: the photo goes to another installation. `card`: of the model alone."""

    name: Literal["key", "model", "service"]
    needs: Literal["answers", "photo"]
    leaves_the_house: bool
    card: CardOut | None


class Asking(Schema):
    """The key is asked with `answers`, the others with `photo`, the digest of a stored one."""

    model_config = ConfigDict(extra="forbid")
    identifier: Literal["key", "model", "service"]
    answers: Answers = {}
    photo: Digest | None = None
    stage: Stage = ""


class CandidateOut(Schema):
    species: str
    likelihood: float
    taxon: str


class OpinionOut(Schema):
    """`attention`: prohibited species that are not ruled out. A person decides."""

    identifier: str
    version: str
    ranked: list[CandidateOut]
    attention: list[str]


@router.get("/key", response={200: KeyOut, **problems()})
def plants_key(request: Asked) -> dict[str, Any]:  # noqa: ARG001 - the same for everybody who is signed in
    """The offline key."""
    return as_json(shipped_key())


@router.get("/material", response={200: MaterialOut, **problems()})
def plants_material(request: Asked) -> dict[str, Any]:  # noqa: ARG001 - as above
    """Pictures to compare with, and texts to read out."""
    shown = [
        {
            "address": static(f"{plants.PICTURES}/{each.file}"),
            "taxon": each.taxon,
            "stage": each.stage,
            "size": each.size,
            "author": each.author,
            "licence": each.licence,
        }
        for each in plants.pictures()
    ]
    return {"pictures": shown, "texts": plants.texts_to_read_out()}


@router.get("/identifiers", response={200: list[IdentifierOut], **problems(503)})
def plants_identifiers(request: Asked) -> list[dict[str, Any]]:  # noqa: ARG001 - as above
    """The identifiers that this installation has."""
    return [
        {
            "name": each.name,
            "needs": each.needs,
            "leaves_the_house": each.leaves_the_house,
            "card": identifiers.model_card() if each.name == identifiers.MODEL else None,
        }
        for each in identifiers.identifiers()
    ]


@router.get(
    "/model",
    response={**problems(404, 503)},
    openapi_extra={
        "responses": {
            200: {
                "description": "The model as ONNX",
                "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def plants_model(request: Asked) -> FileResponse:  # noqa: ARG001 - as above
    """The model of pictures, for phones that run it themselves."""
    return FileResponse(identifiers.opened_model(), content_type="application/octet-stream")


@router.post("/identify", response={200: OpinionOut, **problems(403, 404, 429, 503)})
def identify_plant(request: Asked, asked: Asking) -> dict[str, Any]:
    """What one identifier says of a plant. Nothing is kept."""
    said = identifiers.identify(
        request.viewer, asked.identifier, answers=asked.answers, photo=asked.photo or "", stage=asked.stage
    )
    return said.as_json()
