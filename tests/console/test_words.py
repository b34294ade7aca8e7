"""Everything that the domain names by code has a label on the screen, in both languages."""

import re

import pytest
from django.utils import translation
from tests.house.code import journal_names, subject_kinds

from wangge.access.viewer import LEVELS
from wangge.areas.models import GridKind, Level
from wangge.cases.lifecycle import OUTCOMES, STATES, STEPS, TABLE, URGENCIES, WITNESSES
from wangge.cases.models import PostHandover
from wangge.cases.queries import QUEUES
from wangge.catalogue import lifecycle as admission
from wangge.catalogue.models import Business, Proof
from wangge.doors.console import words
from wangge.doors.console.forms import _FIELDS

CODES = [
    (words.STATES, STATES),
    (words.STEPS, STEPS),
    (words.STEP_HELP, STEPS),
    (words.DONE, STEPS),
    (words.QUEUES, QUEUES),
    (words.OUTCOMES, OUTCOMES),
    (words.OUTCOME_HELP, OUTCOMES),
    (words.WITNESSES, WITNESSES),
    (words.URGENCIES, URGENCIES),
    (words.LEVELS, Level.values),
    (words.OFFICES, LEVELS),
    (words.GRID_KINDS, [kind for kind in GridKind.values if kind]),
    (words.BUSINESSES, Business.values),
    (words.ADMISSION, admission.STATES),
    (words.PROOFS, Proof.values),
    (words.HANDOVERS, [kind for kind, _name in PostHandover._meta.get_field("kind").choices]),
    (words.LISTED, ["open", "due", "promised"]),
    (words.SUMMONS, ["", "emergency", "enforcement", "nobody"]),
    (words.VERBS, list(words.VERBS)),
    (words.NOUNS, list(words.NOUNS)),
]


@pytest.mark.parametrize(("labels", "codes"), CODES)
def test_every_code_has_a_label_and_no_label_is_without_a_code(labels, codes):
    assert set(codes) <= set(labels)
    assert set(labels) - set(codes) <= {"report", "arrive", "attach", "note", "answer-reporter"}


@pytest.mark.parametrize(("labels", "codes"), CODES)
def test_labels_are_chinese_or_english_as_asked(labels, codes):
    for code in codes:
        with translation.override("zh-hans"):
            assert re.search("[\u3400-\u9fff]", words.label(labels, code)), code
        with translation.override("en"):
            assert re.fullmatch("[ -~]+", words.label(labels, code)), code


def test_every_step_has_a_key_of_its_own_and_none_is_that_of_a_note():
    keys = list(words.STEP_KEYS.values())
    assert set(words.STEP_KEYS) == set(STEPS)
    assert len(set(keys)) == len(keys)
    assert not set(keys) & set("nylPjkg?/")


def test_whatever_the_journal_tells_is_told_in_words():
    """tests/house/test_code.py holds these names against docs/workings/names.md, so that the walk finds them all."""
    names = journal_names()
    assert len(names) > 100
    assert sorted(set(words.VERBS) ^ names) == []
    kinds = {name.partition(".")[0] for name in names} | subject_kinds()
    assert {"case", "plan", "mediation"} < kinds
    assert sorted(kinds - set(words.NOUNS)) == []


def test_every_need_of_a_step_has_a_field():
    assert {need for line in TABLE for need in line.needs} <= set(_FIELDS)


def test_a_problem_is_told_with_labels_in_place_of_codes():
    from wangge.cases.rules import MissingFact, StepNotPossible

    with translation.override("zh-hans"):
        assert MissingFact(field="mended").say(words.said) == "缺少“是否解决？”。"
        assert "已结案" in StepNotPossible(state="closed", step="accept").say(words.said)
        assert words.said("") == ""
