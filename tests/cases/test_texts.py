"""Ready texts: their fields are checked when they are kept, filled when they are used, and they hold for an area and all below."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NOW

from wangge.base.problems import NotAllowed, NotFound
from wangge.cases.actions import remove_text, set_text
from wangge.cases.models import TextTemplate
from wangge.cases.queries import texts_for, texts_of
from wangge.cases.rules import BadAnswer, MissingFact
from wangge.cases.rules.texts import FIELDS, TextNameTaken, UnknownTextField, check_text, fill_text
from wangge.journal.models import Entry

FIELD_TOKENS = ["{" + name + "}" for name in FIELDS]
VALUES = {name: f"<{name}>" for name in FIELDS}


@pytest.mark.parametrize(
    "text", ["{who}", "{", "a } b", "{}", "{ number", "{number.__class__}", "{0}", "{number!r}"]
)
def test_a_text_with_what_is_no_field_is_refused_and_the_fields_are_named(text):
    with pytest.raises(UnknownTextField) as refused:
        check_text(text)
    assert "{number}" in refused.value.facts["known"]


def test_fields_are_filled_and_doubled_braces_are_braces():
    text = "您好，{number}（{ title }）将于{due}前办结。{{不是字段}}"
    check_text(text)
    assert fill_text(text, VALUES) == "您好，<number>（<title>）将于<due>前办结。{不是字段}"


@given(st.text(), st.sampled_from(FIELDS))
def test_what_a_value_holds_is_never_read_as_a_field(value, name):
    assert fill_text("{" + name + "}", {name: value}) == value


@given(st.lists(st.one_of(st.sampled_from(["{{", "}}", *FIELD_TOKENS]), st.text(alphabet="ab字 。"))))
def test_whatever_is_accepted_can_be_filled_and_leaves_no_field(pieces):
    text = "".join(pieces)
    try:
        check_text(text)
    except UnknownTextField:
        return  # "{{" beside a field may read otherwise
    filled = fill_text(text, dict.fromkeys(FIELDS, "x"))
    assert not any(token in filled for token in FIELD_TOKENS) or "{{" in text


@pytest.mark.usefixtures("db")
class TestKeeping:
    @pytest.fixture
    def keep(self, town):
        def keep(
            who="community",
            area="community",
            name="已派单",
            use="reporter",
            text="您反映的{title}已派单",
            key=None,
        ):
            viewer = town.as_viewer(who)
            return set_text(
                viewer, key or uuid4(), area=town.areas[area].code, name=name, use=use, text=text, now=NOW
            )

        return keep

    def test_a_text_holds_in_its_area_and_below_the_nearest_first(self, town, keep):
        keep("centre", "county", "甲")
        keep("community", "community", "乙")
        keep("far_centre", "far_county", "丙")
        viewer = town.as_viewer("worker")
        assert [text.name for text in texts_for(viewer, town.grid_a.path, "reporter")] == ["乙", "甲"]
        assert texts_for(viewer, town.grid_a.path, "reason") == []
        assert [text.name for text in texts_of(viewer)] == ["甲", "乙"]

    def test_texts_of_elsewhere_take_no_place_from_those_that_hold_here(self, town, keep, monkeypatch):
        monkeypatch.setattr("wangge.cases.queries.texts._MOST", 1)
        for number in range(4):
            keep("far_centre", "far_county", f"丙{number}", use="answer")
        keep("centre", "county", "甲")
        keep("community", "community", "乙")
        viewer = town.as_viewer("worker")
        assert [text.name for text in texts_of(viewer)] == ["甲", "乙"]
        assert [text.name for text in texts_for(viewer, town.grid_a.path)] == ["乙"]

    def test_the_same_id_changes_it_and_the_same_words_change_nothing(self, town, keep):
        key = uuid4()
        keep(key=key)
        keep(key=key)
        keep(key=key, text="改了")
        assert TextTemplate.objects.get(id=key).text == "改了"
        town.as_viewer("community")
        told = list(Entry.objects.filter(verb="text.set"))
        assert len(told) == 2
        assert told[0].after == {"use": "reporter"}

    def test_names_are_told_apart_in_one_area_and_use(self, keep):
        keep()
        keep(use="note")
        with pytest.raises(TextNameTaken):
            keep()

    def test_only_who_leads_or_administers_the_area_keeps_its_texts(self, town, keep):
        key = uuid4()
        for who, area in (
            ("worker", "grid_a"),
            ("community", "county"),
            ("handler", "county"),
            ("far_centre", "community"),
        ):
            with pytest.raises(NotAllowed):
                keep(who, area)
        keep("centre", "county", key=key)
        with pytest.raises(NotAllowed):
            keep("community", "community", key=key)
        with pytest.raises(NotAllowed):
            remove_text(town.as_viewer("community"), key, now=NOW)
        remove_text(town.as_viewer("admin"), key, now=NOW)
        with pytest.raises(NotFound):
            remove_text(town.as_viewer("admin"), key, now=NOW)

    @pytest.mark.parametrize(
        ("facts", "problem"),
        [
            ({"name": ""}, MissingFact),
            ({"text": ""}, MissingFact),
            ({"use": "x"}, BadAnswer),
            ({"text": "{x}"}, UnknownTextField),
        ],
    )
    def test_what_is_no_text_is_refused(self, keep, facts, problem):
        with pytest.raises(problem):
            keep(**facts)
