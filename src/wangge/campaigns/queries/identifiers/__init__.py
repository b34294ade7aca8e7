"""The identifiers of plants behind one interface: the key, a model of pictures, an online service.

Asking one is a read: what it says is kept only when a person decides (`actions.plants.check_plant`). A model takes a
processor and a service takes a network, so both run in threads of their own, few at a time, and are waited for only so long;
no transaction is open meanwhile (`project.entrance.ASKS_OTHERS`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction

from wangge.access import Verb, Viewer
from wangge.base import clock
from wangge.base.problems import Invalid, NotAllowed
from wangge.blobs import queries as blobs
from wangge.campaigns.queries.identifiers import model, service
from wangge.campaigns.rules.plants import NoSuchIdentifier, Opinion, opinion_of_key, opinion_of_names
from wangge.campaigns.rules.plants_key import STAGES, next_question, shipped_key
from wangge.staff.queries import enter_as

KEY, MODEL, SERVICE = "key", "model", "service"


@dataclass(frozen=True, slots=True)
class Identifier:
    """One that this installation has: what it is asked with, `answers` or `photo`, and whether the question leaves the house."""

    name: str
    needs: str
    leaves_the_house: bool = False


def identifiers() -> list[Identifier]:
    """Those that are there: the key always, the others as the installation's settings say."""
    there = [Identifier(KEY, "answers")]
    if settings.PLANTS.model:
        there.append(Identifier(MODEL, "photo"))
    if settings.PLANTS.service_url:
        there.append(Identifier(SERVICE, "photo", leaves_the_house=True))
    return there


def identify(
    viewer: Viewer, name: str, *, answers: Mapping[str, str] | None = None, photo: str = "", stage: str = ""
) -> Opinion:
    """What the identifier says of a plant, by traits of the key or by the digest of a photo that the viewer sees.

    NoSuchIdentifier, NotAllowed for who answers no campaign, NotFound for the photo, UnknownTrait, BadPhoto; and
    IdentifierFailed, IdentifierBusy or QuotaUsedUp when it cannot say: then a person decides without it.
    """
    wanted = next((each for each in identifiers() if each.name == name), None)
    if wanted is None:
        raise NoSuchIdentifier
    if not (viewer.may_anywhere(Verb.CAMPAIGN_ANSWER) or viewer.may_anywhere(Verb.CAMPAIGN_RUN)):
        raise NotAllowed
    if stage and stage not in STAGES:
        raise Invalid(field="stage", expected=", ".join(STAGES))
    key = shipped_key()
    if name == KEY:
        return opinion_of_key(key, answers or {})
    picture = _picture(viewer, photo)
    if name == MODEL and settings.PLANTS.model:
        version, scores = model.scores_of(settings.PLANTS.model, picture)
    else:
        version, scores = service.scores_of(settings.PLANTS, picture, stage)
    return opinion_of_names(key, name, version, scores)


def _picture(viewer: Viewer, photo: str) -> bytes:
    """Read in a transaction of its own, which is over before anybody is asked: an answer may take its time."""
    with transaction.atomic():
        enter_as(viewer.account_id or 0, now=clock.now())
        with blobs.open_blob(photo) as file:
            picture: bytes = file.read()
    return picture


def question_after(answers: Mapping[str, str], *, stage: str = "", unseen: tuple[str, ...] = ()) -> str:
    """The trait of the key to look at next; empty when no look is worth while."""
    asked = next_question(shipped_key(), answers, stage, unseen)
    return asked[0] if asked else ""


def model_card() -> dict[str, Any] | None:
    """What a phone needs to know of the model before it loads it; None without one, IdentifierFailed for a bad card."""
    return model.card_for_phones(settings.PLANTS.model) if settings.PLANTS.model else None


def opened_model() -> BinaryIO:
    """The model's bytes, open for reading; NoSuchIdentifier without one, IdentifierFailed when it is not in order."""
    if not settings.PLANTS.model:
        raise NoSuchIdentifier
    return model.opened_model(settings.PLANTS.model)
