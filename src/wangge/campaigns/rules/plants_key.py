"""The offline key: what was seen of a plant gives the species that it may be, each with its likelihood.

Bayes' rule over independent traits. The table (`data/plants/`) says for each species how often a trait shows itself in which
way; sources that disagree are kept as shares. Whoever looks may err: each trait has a rate of errors, so one wrong answer
never makes a species impossible. A trait that was not seen is left out. "Some other plant", of which nothing is
known, stands among the species: when it comes first, the key does not know the plant.

The phone computes the same from the key's JSON (`as_json`); `tests/campaigns/data/plants_key_vectors.json` holds both to it.
"""

import csv
import hashlib
import json
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from wangge.base.problems import Invalid

FORMAT = 1
STAGES = ("seedling", "leaf", "bud", "flower", "fruit")
OTHER = "other"
"""The code of "some other plant"."""

LEAST_LIKELY = 0.02
"""A prohibited species at least so likely is not ruled out."""

AGAINST_BELOW = 0.05
"""An answer speaks against a species that shows itself in this way less often."""

LEAST_GAIN = 0.02
"""Bits: a question that tells less is not worth a look at the plant."""


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class UnknownTrait(Invalid):
    """The key has no such trait, or the trait shows itself in no such way."""

    sentence = _("The key knows nothing of “{trait}: {state}”.")


@dataclass(frozen=True, slots=True)
class State:
    """One way in which a trait shows itself."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Trait:
    """Something to look at. `error`: how often whoever looks is mistaken. `stages`: when it can be seen."""

    code: str
    error: float
    stages: tuple[str, ...]
    zh: str
    en: str
    hint_zh: str
    hint_en: str
    states: tuple[State, ...]


@dataclass(frozen=True, slots=True)
class Taxon:
    """A species, or a few that are told apart by nobody in the field. `shares[trait][state]` add up to 1 for each trait
    of which something is known. `most_against`: so many answers may speak against a prohibited species without ruling it out.
    """

    code: str
    latin: str
    zh: str
    en: str
    family: str
    prohibited: bool
    most_against: int
    shares: Mapping[str, Mapping[str, float]]

    def speaks_against(self, trait: str, state: str) -> bool:
        """Whether this answer is one that the species hardly ever gives."""
        known = self.shares.get(trait)
        return known is not None and known.get(state, 0.0) < AGAINST_BELOW


@dataclass(frozen=True, slots=True)
class Key:
    """The whole key. `version` is a digest of what it says: the same version gives the same answers."""

    traits: tuple[Trait, ...]
    taxa: tuple[Taxon, ...]
    version: str

    def trait(self, code: str) -> Trait:
        """The trait of this code; UnknownTrait."""
        for trait in self.traits:
            if trait.code == code:
                return trait
        raise UnknownTrait(field="traits", trait=code, state="")

    def taxon(self, code: str) -> Taxon | None:
        return next((taxon for taxon in self.taxa if taxon.code == code), None)

    def taxon_named(self, latin: str) -> Taxon | None:
        """The species of a scientific name, whatever stands behind genus and epithet."""
        words = latin.lower().replace("_", " ").split()[:2]
        return next((taxon for taxon in self.taxa if taxon.latin.lower().split()[:2] == words), None)


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How likely a species is by the answers, and how many of them speak against it."""

    taxon: str
    likelihood: float
    against: int


def likelihoods(key: Key, answers: Mapping[str, str]) -> list[Likelihood]:
    """Every species and "other", the likeliest first; the likelihoods add up to 1. UnknownTrait for what the key has not."""
    seen = [(key.trait(code), state) for code, state in answers.items()]
    for trait, state in seen:
        if state not in {each.code for each in trait.states}:
            raise UnknownTrait(field="traits", trait=trait.code, state=state)
    weights = {taxon.code: _weight(taxon, seen) for taxon in key.taxa}
    weights[OTHER] = math.prod(1 / len(trait.states) for trait, _state in seen)
    total = sum(weights.values())
    found = [
        Likelihood(taxon.code, weights[taxon.code] / total, _against(taxon, answers)) for taxon in key.taxa
    ]
    found.append(Likelihood(OTHER, weights[OTHER] / total, 0))
    return sorted(found, key=lambda each: -each.likelihood)  # stable: equals stay in the table's order


def _weight(taxon: Taxon, seen: list[tuple[Trait, str]]) -> float:
    return math.prod(_chance(taxon, trait, state) for trait, state in seen)


def _chance(taxon: Taxon, trait: Trait, state: str) -> float:
    """How often somebody who looks at this species gives this answer."""
    by_mistake = 1 / len(trait.states)
    known = taxon.shares.get(trait.code)
    if known is None:
        return by_mistake
    return (1 - trait.error) * known.get(state, 0.0) + trait.error * by_mistake


def _against(taxon: Taxon, answers: Mapping[str, str]) -> int:
    return sum(taxon.speaks_against(trait, state) for trait, state in answers.items())


def not_ruled_out(key: Key, found: list[Likelihood]) -> tuple[str, ...]:
    """The prohibited species that these answers leave possible: a likelihood worth a second look, or so few answers
    against it that all of them may be mistakes.
    """
    watched = {taxon.code: taxon.most_against for taxon in key.taxa if taxon.prohibited}
    return tuple(
        each.taxon
        for each in found
        if each.taxon in watched and (each.likelihood >= LEAST_LIKELY or each.against <= watched[each.taxon])
    )


def next_question(
    key: Key, answers: Mapping[str, str], stage: str = "", unseen: Collection[str] = ()
) -> tuple[str, float] | None:
    """The trait whose answer tells most about the species, and how much in bits; None when no look is worth while.

    With `stage` only what can be seen on a plant of that stage is asked for; `unseen` are traits that could not be seen.
    """
    likely = {each.taxon: each.likelihood for each in likelihoods(key, answers)}
    gains = [
        (trait.code, _gain(key, trait, likely))
        for trait in key.traits
        if trait.code not in answers and trait.code not in unseen and (not stage or stage in trait.stages)
    ]
    best = max(gains, key=lambda gain: gain[1], default=None)  # of equals the first of the table
    return best if best and best[1] >= LEAST_GAIN else None


def _gain(key: Key, trait: Trait, likely: Mapping[str, float]) -> float:
    """The mutual information of the trait's answer and the species, in bits."""
    gain = 0.0
    for state in trait.states:
        chances = {taxon.code: _chance(taxon, trait, state.code) for taxon in key.taxa}
        chances[OTHER] = 1 / len(trait.states)
        overall = sum(likely[code] * chance for code, chance in chances.items())
        gain += sum(
            likely[code] * chance * math.log2(chance / overall) for code, chance in chances.items() if chance
        )
    return gain


def as_json(key: Key) -> dict[str, Any]:
    """The key as the phone keeps it: everything that `likelihoods`, `not_ruled_out` and `next_question` need."""
    return {**_content(key.traits, key.taxa), "version": key.version}


def _content(traits: tuple[Trait, ...], taxa: tuple[Taxon, ...]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "least_likely": LEAST_LIKELY,
        "against_below": AGAINST_BELOW,
        "least_gain": LEAST_GAIN,
        "stages": list(STAGES),
        "traits": [
            {
                "code": trait.code,
                "error": trait.error,
                "stages": list(trait.stages),
                "zh": trait.zh,
                "en": trait.en,
                "hint_zh": trait.hint_zh,
                "hint_en": trait.hint_en,
                "states": [{"code": state.code, "zh": state.zh, "en": state.en} for state in trait.states],
            }
            for trait in traits
        ],
        "taxa": [
            {
                "code": taxon.code,
                "latin": taxon.latin,
                "zh": taxon.zh,
                "en": taxon.en,
                "family": taxon.family,
                "prohibited": taxon.prohibited,
                "most_against": taxon.most_against,
                "shares": {trait: dict(shares) for trait, shares in taxon.shares.items()},
            }
            for taxon in taxa
        ],
    }


def _version(content: Mapping[str, Any]) -> str:
    said = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()[:12]


@cache
def shipped_key() -> Key:
    """The key of `data/plants/`."""
    states: dict[str, list[State]] = {}
    for row in shipped_rows("states"):
        states.setdefault(row["trait"], []).append(State(row["code"], row["zh"], row["en"]))
    traits = tuple(
        Trait(
            row["code"],
            int(row["error_percent"]) / 100,
            tuple(row["stages"].split()),
            row["zh"],
            row["en"],
            row["hint_zh"],
            row["hint_en"],
            tuple(states[row["code"]]),
        )
        for row in shipped_rows("traits")
    )
    shares: dict[str, dict[str, dict[str, float]]] = {}
    for row in shipped_rows("shares"):
        shares.setdefault(row["taxon"], {})[row["trait"]] = dict(_percents(row["percents"]))
    taxa = tuple(
        Taxon(
            row["code"],
            row["latin"],
            row["zh"],
            row["en"],
            row["family"],
            row["prohibited"] == "yes",
            int(row["most_against"] or 0),
            shares[row["code"]],
        )
        for row in shipped_rows("taxa")
    )
    return Key(traits, taxa, _version(_content(traits, taxa)))


def _percents(cell: str) -> Iterator[tuple[str, float]]:
    for part in cell.split():
        state, _colon, percent = part.partition(":")
        yield state, int(percent) / 100


def shipped_rows(table: str) -> list[dict[str, str]]:
    """The rows of one of the tables: `taxa`, `traits`, `states`, `shares`, `sources`, `characters`."""
    file = files("wangge.campaigns") / "data" / "plants" / f"{table}.csv"
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))
