"""What the command `plant.check` carries, and what identifiers are asked with."""

from collections.abc import Iterable
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from wangge.base.fields import AreaCode, Digest, line
from wangge.campaigns.rules.plants import DECISIONS, MOST_RANKED
from wangge.campaigns.rules.plants_key import STAGES

Code = Annotated[str, Field(pattern=r"^[a-z][a-z_-]{0,39}$")]
#: Traits that were seen, and how each showed itself. Codes of another version of the key are kept too: nothing seen is lost.
Answers = Annotated[dict[Code, Code], Field(max_length=40)]
Stage = Literal["", STAGES]  # type: ignore[valid-type]  # the tuple of the rules


class Content(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ranked(Content):
    """`species` is a scientific name, empty for "some other plant"; `taxon` its code in the key."""

    species: line(120, least=0, name="species")  # type: ignore[valid-type]  # a type made by a function
    likelihood: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    taxon: Code | Literal[""] = ""


class Said(Content):
    """What one identifier answered."""

    identifier: Code
    version: line(60, least=0, name="version")  # type: ignore[valid-type]  # as above
    ranked: Annotated[list[Ranked], Field(max_length=MOST_RANKED)]
    attention: Annotated[list[Code], Field(max_length=8)] = []


class PlantChecked(Content):
    """`plant` is the id of the look. At a `household`, or else at a `spot` in words within the area `area`. `photo` is a digest,
    uploaded before or after.
    """

    plant: UUID
    campaign: UUID
    number: Annotated[int, Field(ge=1, le=9999)]
    decision: Literal[DECISIONS]  # type: ignore[valid-type]  # the tuple of the rules
    household: UUID | None = None
    area: AreaCode | None = None
    spot: line(200, least=0, name="spot") = ""  # type: ignore[valid-type]  # as above
    photo: Digest | None = None
    answers: Answers = {}
    said: Annotated[list[Said], Field(max_length=6)] = []

    @model_validator(mode="after")
    def _is_somewhere(self) -> "PlantChecked":
        if self.household is None and not (self.area and self.spot):
            raise ValueError("a household, or an area and a spot")
        return self


def told_in_words(said: Iterable[Said]) -> str:
    """What identifiers said, a line each, for those who read the case: names and per cent, in no language."""
    return "\n".join(
        f"{each.identifier} {each.version}: "
        + ("; ".join(f"{one.species or '?'} {one.likelihood:.0%}" for one in each.ranked[:3]) or "–")
        for each in said
    )
