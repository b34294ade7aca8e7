"""The offline key against described plants, against mistakes, and against the vectors that the phone is tested with too.

The vectors are renewed by `python -m tests.campaigns.test_plants_key` after the key's tables were changed on purpose.
"""

import itertools
import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.campaigns.rules import plants_key
from wangge.campaigns.rules.plants_key import (
    AGAINST_BELOW,
    OTHER,
    STAGES,
    UnknownTrait,
    as_json,
    likelihoods,
    next_question,
    not_ruled_out,
    shipped_key,
    shipped_rows,
)

DATA = Path(__file__).parent / "data"
VECTORS = DATA / "plants_key_vectors.json"
POPPY = "papaver-somniferum"
KEY = shipped_key()
DESCRIBED = json.loads((DATA / "described_plants.json").read_text("utf-8"))["plants"]
SOME_ANSWERS = st.fixed_dictionaries(
    {}, optional={trait.code: st.sampled_from([s.code for s in trait.states]) for trait in KEY.traits}
)


def vectors():
    """What the key says of each described plant: the likelihoods in order, what is not ruled out, what to look at next."""
    return {
        "version": KEY.version,
        "cases": [
            {
                "answers": plant["answers"],
                "stage": stage,
                "ranked": [[each.taxon, each.likelihood, each.against] for each in found],
                "not_ruled_out": list(not_ruled_out(KEY, found)),
                "next": next_question(KEY, plant["answers"], stage),
            }
            for number, plant in enumerate([{"answers": {}}, *DESCRIBED])
            for stage in (["", *STAGES][number % 6],)
            for found in (likelihoods(KEY, plant["answers"]),)
        ],
    }


def typical(taxon, stage=""):
    """The commonest answers for a species, as far as they can be seen at a stage."""
    shares = KEY.taxon(taxon).shares
    return {
        trait.code: max(shares[trait.code], key=shares[trait.code].get)
        for trait in KEY.traits
        if trait.code in shares and (not stage or stage in trait.stages)
    }


def test_it_names_the_described_plants():
    orders = [(plant["of"], [e.taxon for e in likelihoods(KEY, plant["answers"])]) for plant in DESCRIBED]
    assert len(orders) >= 40
    assert sum(bool(plant["wrong"]) for plant in DESCRIBED) >= 9
    assert sum(order[0] == of for of, order in orders) >= 0.9 * len(orders)
    assert all(of in order[:3] for of, order in orders)


def test_every_described_opium_poppy_is_kept_in_sight():
    for plant in DESCRIBED:
        if plant["of"] == POPPY:
            assert POPPY in not_ruled_out(KEY, likelihoods(KEY, plant["answers"])), plant["said"]


def test_most_other_plants_are_told_apart_from_it():
    others = [plant for plant in DESCRIBED if plant["of"] != POPPY]
    cleared = [p for p in others if POPPY not in not_ruled_out(KEY, likelihoods(KEY, p["answers"]))]
    assert len(cleared) >= 0.7 * len(others)


@pytest.mark.parametrize("stage", ["", *STAGES])
def test_two_wrong_answers_of_any_kind_never_rule_out_an_opium_poppy(stage):
    right = typical(POPPY, stage)
    for pair in itertools.combinations(right, 2):
        choices = [[s.code for s in KEY.trait(code).states if s.code != right[code]] for code in pair]
        for wrong in itertools.product(*choices):
            answers = right | dict(zip(pair, wrong, strict=True))
            assert POPPY in not_ruled_out(KEY, likelihoods(KEY, answers)), (pair, wrong)


@given(st.data())
def test_nor_do_they_for_an_unusual_one_that_was_only_partly_seen(data):
    usual = {
        trait: [state for state, share in shares.items() if share >= AGAINST_BELOW]
        for trait, shares in KEY.taxon(POPPY).shares.items()
    }
    seen = data.draw(st.lists(st.sampled_from(sorted(usual)), unique=True))
    answers = {trait: data.draw(st.sampled_from(usual[trait])) for trait in seen}
    for trait in data.draw(st.lists(st.sampled_from(sorted(usual)), unique=True, max_size=2)):
        answers[trait] = data.draw(st.sampled_from([s.code for s in KEY.trait(trait).states]))
    assert POPPY in not_ruled_out(KEY, likelihoods(KEY, answers))


@given(SOME_ANSWERS)
def test_likelihoods_are_a_share_of_one_in_order(answers):
    found = likelihoods(KEY, answers)
    assert math.isclose(sum(each.likelihood for each in found), 1)
    assert [e.likelihood for e in found] == sorted((e.likelihood for e in found), reverse=True)
    assert {each.taxon for each in found} == {OTHER, *(taxon.code for taxon in KEY.taxa)}


@given(SOME_ANSWERS, st.sampled_from(["", *STAGES]))
def test_the_next_question_is_new_and_can_be_seen_then(answers, stage):
    asked = next_question(KEY, answers, stage)
    if asked:
        assert asked[0] not in answers
        assert not stage or stage in KEY.trait(asked[0]).stages


def test_what_cannot_be_seen_is_not_asked_again():
    first = next_question(KEY, {})
    second = next_question(KEY, {}, unseen=[first[0]])
    assert second[0] != first[0]


@pytest.mark.parametrize("taxon", [taxon.code for taxon in KEY.taxa])
def test_following_the_questions_leads_to_the_species(taxon):
    answers, usual = {}, typical(taxon)
    for _question in range(12):
        asked = next_question(KEY, answers)
        if asked is None or asked[0] not in usual:
            break
        answers[asked[0]] = usual[asked[0]]
    assert likelihoods(KEY, answers)[0].taxon == taxon
    assert len(answers) <= 9


def test_a_plant_like_none_of_the_table_is_called_another_plant():
    odd = {
        "sap": "clear",
        "leaf": "curled",
        "colour": "blue",
        "fruit": "crown",
        "petals": "none",
        "bud": "cap",
    }
    odd |= {"spines": "edge", "place": "pairs", "smell": "heavy"}
    assert likelihoods(KEY, odd)[0].taxon == OTHER


@pytest.mark.parametrize("answers", [{"wings": "two"}, {"sap": "blue"}])
def test_it_refuses_traits_that_it_does_not_know(answers):
    with pytest.raises(UnknownTrait):
        likelihoods(KEY, answers)


def test_the_tables_agree_with_each_other():
    sources = {row["code"] for row in shipped_rows("sources")}
    latin = {row["taxon"] for row in shipped_rows("characters")}
    assert {taxon.latin for taxon in KEY.taxa} <= {name.split(" (")[0].split(" / ")[0] for name in latin}
    assert len(KEY.taxa) == len(latin)
    assert {trait.code for trait in KEY.traits} == {row["trait"] for row in shipped_rows("states")}
    for row in shipped_rows("shares"):
        assert set(row["sources"].split()) <= sources
        assert row["sources"]
    for taxon in KEY.taxa:
        for trait, shares in taxon.shares.items():
            assert set(shares) <= {state.code for state in KEY.trait(trait).states}
            assert math.isclose(sum(shares.values()), 1)
    for trait in KEY.traits:
        assert set(trait.stages) <= set(STAGES)
        assert 0 < trait.error < 0.5


def test_a_changed_table_gives_another_version(monkeypatch):
    changed = [
        row | {"error_percent": "7"} if row["code"] == "sap" else row for row in shipped_rows("traits")
    ]
    rows = {"traits": changed}
    real = plants_key.shipped_rows
    monkeypatch.setattr(plants_key, "shipped_rows", lambda table: rows.get(table) or real(table))
    assert shipped_key.__wrapped__().version != KEY.version


def test_the_phones_copy_holds_all_that_it_computes_with():
    copy = json.loads(json.dumps(as_json(KEY)))
    assert copy["version"] == KEY.version
    assert [taxon["code"] for taxon in copy["taxa"]] == [taxon.code for taxon in KEY.taxa]
    assert copy["taxa"][0]["shares"] == KEY.taxa[0].shares


def test_the_vectors_are_what_the_key_says():
    kept = json.loads(VECTORS.read_text("utf-8"))
    fresh = json.loads(json.dumps(vectors()))
    assert kept["version"] == fresh["version"], "renew them: python -m tests.campaigns.test_plants_key"
    for old, new in zip(kept["cases"], fresh["cases"], strict=True):
        assert (old["answers"], old["stage"], old["not_ruled_out"]) == (
            new["answers"],
            new["stage"],
            new["not_ruled_out"],
        )
        assert [(taxon, against) for taxon, _, against in old["ranked"]] == [
            (taxon, against) for taxon, _, against in new["ranked"]
        ]
        for (_, before, _), (_, now, _) in zip(old["ranked"], new["ranked"], strict=True):
            assert math.isclose(before, now, rel_tol=1e-9)
        assert (old["next"] or [""])[0] == (new["next"] or [""])[0]


if __name__ == "__main__":
    VECTORS.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", "utf-8")
