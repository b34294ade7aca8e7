"""What the identifiers of plants have in common, and what a person may decide. No identifier decides anything."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from wangge.base.problems import Invalid, Problem
from wangge.campaigns.rules.plants_key import (
    LEAST_LIKELY,
    OTHER,
    Key,
    likelihoods,
    not_ruled_out,
)

#: What the person who stands before the plant decides.
NOTHING, SUSPECTED, UNSURE = DECISIONS = ("nothing", "suspected", "unsure")
#: So much of an identifier's ranking is kept.
MOST_RANKED = 8


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class NoSuchIdentifier(Problem):
    code = "no-identifier"
    status = 404
    sentence = _("This installation has no such identifier of plants.")


class IdentifierFailed(Problem):
    """`why` says what is wrong, without any secret."""

    code = "identifier-failed"
    status = 503
    sentence = _("The plant could not be identified: {why} Decide by what you see, or ask later.")


class IdentifierBusy(Problem):
    code = "identifier-busy"
    status = 429
    sentence = _("Plants of others are being identified. Please try again in {seconds} seconds.")


class QuotaUsedUp(Problem):
    code = "identifier-quota"
    status = 429
    sentence = _("The online service answers no more questions of this installation today. Use the key.")


class BadPhoto(Invalid):
    sentence = _("This photo cannot be read, or has more than {most_megapixels} million pixels.")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A species by its scientific name, how likely it is from 0 to 1, and its code in the key (empty: not there)."""

    species: str
    likelihood: float
    taxon: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one identifier of one version says of a plant, the likeliest first; `attention` names the prohibited species that
    it leaves possible, which a person then looks at again.
    """

    identifier: str
    version: str
    ranked: tuple[Candidate, ...]
    attention: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "ranked": [asdict(each) for each in self.ranked],
            "attention": list(self.attention),
        }


def opinion_of_key(key: Key, answers: Mapping[str, str]) -> Opinion:
    """What the key says of a plant that shows itself so; UnknownTrait."""
    found = likelihoods(key, answers)
    ranked = [
        Candidate(taxon.latin, each.likelihood, taxon.code)
        if (taxon := key.taxon(each.taxon))
        else Candidate("", each.likelihood, OTHER)
        for each in found
    ]
    return Opinion("key", key.version, tuple(ranked[:MOST_RANKED]), not_ruled_out(key, found))


def opinion_of_names(key: Key, identifier: str, version: str, scores: Iterable[tuple[str, float]]) -> Opinion:
    """The opinion of an identifier that gives scientific names with scores from 0 to 1; names of one species are added up."""
    sums: dict[str, Candidate] = {}
    for name, score in scores:
        taxon = key.taxon_named(name)
        species, code = (taxon.latin, taxon.code) if taxon else (name, "")
        before = sums.get(species)
        likely = min(1.0, max(0.0, score) + (before.likelihood if before else 0.0))
        sums[species] = Candidate(species, likely, code)
    ranked = sorted(sums.values(), key=lambda each: -each.likelihood)
    prohibited = {taxon.code for taxon in key.taxa if taxon.prohibited}
    attention = tuple(
        each.taxon for each in ranked if each.taxon in prohibited and each.likelihood >= LEAST_LIKELY
    )
    return Opinion(identifier, version, tuple(ranked[:MOST_RANKED]), attention)
