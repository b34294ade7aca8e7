"""Forms of others, expressions, a form being filled, and what an answer is worth."""

import math
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.campaigns.workbooks import FORMS, SURVEY, workbook

from wangge.campaigns.lifecycle import DONE, SETTLED, STANDINGS
from wangge.campaigns.rules.expressions import Around, Broken, Undecided, evaluate, holds, to_text
from wangge.campaigns.rules.filling import files_in, fill
from wangge.campaigns.rules.forms import read_form
from wangge.campaigns.rules.instance import from_instance
from wangge.campaigns.rules.outline import in_language, nodes_of, pictures_in
from wangge.campaigns.rules.pace import pace_of
from wangge.campaigns.rules.problems import BadForm, NoForm
from wangge.campaigns.rules.standing import Given, Standing, Terms, after
from wangge.campaigns.rules.workbook import read_workbook

NOW = datetime(2026, 4, 15, 10, tzinfo=UTC)


def form(name):
    return read_form((FORMS / name).read_bytes(), title=name)


@pytest.mark.parametrize(
    ("name", "questions"),
    [
        ("liberia_std_form.xlsx", 12),
        ("pyxform_or_other.xlsx", 4),
        ("pyxform_repeat_date_test.xls", 5),
        ("pyxform_choice_filter_test.xlsx", 3),
        ("pyxform_field-list.xlsx", 2),
    ],
)
def test_real_forms_of_others_are_taken_in(name, questions):
    read = form(name)
    assert read.xform.startswith("<?xml")
    assert len(list(nodes_of(read.outline))) >= questions - 3
    fill(read.outline, {}, now=NOW)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("pyxform_pull_data.xlsx", [("survey", 2, "D")]),
        # It asks for a film, which neither a phone nor the desk takes.
        ("pyxform_widgets.xls", [("survey", 15, "A")]),
        (
            "liberia_coverage_village_form.xlsx",
            [("choices", 6, "B"), ("survey", 6, "J"), ("survey", 7, "J"), ("survey", 8, "J")],
        ),
    ],
)
def test_real_forms_that_need_other_files_are_refused_by_cell(name, cells):
    with pytest.raises(BadForm) as bad:
        form(name)
    assert [(cell.sheet, cell.row, cell.column) for cell in bad.value.cells] == cells


def without(name, kind):
    """A form of others without the questions of a kind, written anew."""
    book = read_workbook((FORMS / name).read_bytes())
    rows = {}
    for sheet in ("survey", "choices", "settings"):
        header = [title for title in book[sheet].header if title] if sheet in book else []
        lines = book[sheet].rows if sheet in book else []
        kept = [row for row in lines if row.get("type") != kind]
        rows[sheet] = [tuple(header), *(tuple(row.get(title, "") for title in header) for row in kept)]
    return workbook(rows["survey"], rows["choices"], rows["settings"])


def test_a_real_form_of_every_kind_of_question_is_taken_in_but_for_its_film():
    read = read_form(without("pyxform_widgets.xls", "video"), title="x")
    kinds = {node["kind"] for _path, node in nodes_of(read.outline)}
    assert {"place", "sound", "photo", "select_multiple", "acknowledge"} <= kinds
    assert "other" not in kinds
    fill(read.outline, {}, now=NOW)


ALL_KINDS = [
    ("type", "name", "label::中文 (zh)", "label::English (en)", "media::image", "required"),
    ("geopoint", "spot", "位置", "Spot", "", ""),
    ("audio", "voice", "录音", "Recording", "", ""),
    ("rank seen", "order", "先后", "Order", "", "yes"),
    ("select_one seen", "one", "像哪个", "Which one", "Q.png", ""),
    ("barcode", "code", "码", "Code", "", ""),
]
PICTURED = [
    ("list_name", "name", "label::中文 (zh)", "label::English (en)", "media::image", "media::image::English (en)"),
    ("seen", "fine", "正常", "Fine", "a.png", "b.png"),
    ("seen", "odd", "可疑", "Odd", "图/甲.PNG", ""),
]  # fmt: skip
DIGESTS = {
    name: sign * 64 for name, sign in (("q.png", "1"), ("a.png", "2"), ("b.png", "3"), ("甲.png", "4"))
}


def test_places_sounds_orders_and_pictures_are_taken_in():
    read = read_form(workbook(ALL_KINDS, PICTURED), title="x", pictures=DIGESTS)
    nodes = {node["name"]: node for _path, node in nodes_of(read.outline)}
    assert [nodes[name]["kind"] for name in ("spot", "voice", "order", "one", "code")] == [
        "place",
        "sound",
        "rank",
        "select_one",
        "text",
    ]
    fine, odd = read.outline["lists"]["seen"]
    assert in_language(fine["image"], "zh-hans") == "2" * 64
    assert in_language(fine["image"], "en") == "3" * 64
    assert in_language(odd["image"], "en") == "4" * 64, "a picture for all languages is shown in each"
    assert in_language(nodes["one"]["image"], "en") == "1" * 64
    assert pictures_in(read.outline) == set(DIGESTS.values())
    assert f"jr://images/{'2' * 64}" in read.xform
    assert read.languages == ["中文 (zh)", "English (en)"], "pictures make no language of their own"


def test_a_picture_that_did_not_come_is_named_by_its_cell():
    with pytest.raises(BadForm) as bad:
        read_form(workbook(ALL_KINDS, PICTURED), title="x", pictures={"q.png": "1" * 64, "a.png": "2" * 64})
    assert [(cell.sheet, cell.row, cell.column, cell.value) for cell in bad.value.cells] == [
        ("choices", 2, "F", "b.png"),
        ("choices", 3, "E", "图/甲.PNG"),
    ]


@pytest.mark.parametrize(
    "kind", ["video", "file", "geotrace", "geoshape", "background-audio", "start-geopoint"]
)
def test_what_is_not_asked_here_is_named_by_its_cell(kind):
    with pytest.raises(BadForm) as bad:
        read_form(workbook([*SURVEY, (kind, "x", "甲", "A")]), title="x")
    assert [(cell.row, cell.column) for cell in bad.value.cells] == [(len(SURVEY) + 1, "A")]


def test_a_sound_or_a_film_beside_a_label_is_named_by_its_cell():
    survey = [("type", "name", "label", "media::audio"), ("text", "a", "甲", "a.mp3")]
    with pytest.raises(BadForm) as bad:
        read_form(workbook(survey), title="x")
    assert [(cell.row, cell.column) for cell in bad.value.cells] == [(2, "D")]


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("spot", "34.745 119.355", ""),
        ("spot", "34.745 119.355 0 12.5", ""),
        ("spot", "-34.7 -119", ""),
        ("spot", "119.355 34.745", "place"),
        ("spot", "34.745", "place"),
        ("spot", "34.745,119.355", "place"),
        ("spot", "荷花路", "place"),
        ("voice", "a" * 64, ""),
        ("voice", "a.mp3", "sound"),
        ("order", "odd fine", ""),
        ("order", "odd", "rank"),
        ("order", "odd odd", "rank"),
        ("order", "odd fine other", "rank"),
        ("order", "odd=1 fine=1", "rank"),
        ("order", "", "required"),
    ],
)
def test_an_answer_of_each_kind_is_checked(name, value, fault):
    outline = read_form(workbook(ALL_KINDS, PICTURED), title="x", pictures=DIGESTS).outline
    filled = fill(outline, {"order": "odd fine", name: value}, now=NOW)
    assert [one.fault for one in filled.faults] == ([fault] if fault else [])


def test_photos_and_recordings_are_files_of_an_answer():
    outline = read_form(workbook(ALL_KINDS, PICTURED), title="x", pictures=DIGESTS).outline
    assert files_in(fill(outline, {"voice": "a" * 64}, now=NOW)) == [("voice", "a" * 64)]


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04nothing", b"<html>", b"\xd0\xcf\x11\xe0" * 9, b"x" * (5 << 20) + b"x"]
)
def test_what_is_no_workbook_is_no_form(content):
    with pytest.raises(NoForm):
        read_form(content, title="x")


def test_a_repeat_that_the_form_counts_has_as_many_rows_as_it_says():
    outline = form("liberia_std_form.xlsx").outline
    filled = fill(outline, {"adminData": {"id": "7", "repeatNum": "2"}}, now=NOW)
    repeat = next(one for one in filled.shown if one.node["kind"] == "repeat")
    assert (repeat.count, repeat.fixed) == (2, True)
    assert {fault.question for fault in filled.faults if fault.question.endswith("weight")} == {
        "repeat1/0/guard1/anthroData/weight",
        "repeat1/1/guard1/anthroData/weight",
    }


def test_a_choice_filter_leaves_what_fits():
    outline = form("pyxform_choice_filter_test.xlsx").outline
    states = fill(outline, {}, now=NOW).shown[0].choices
    filled = fill(outline, {"state": states[0]["name"]}, now=NOW)
    shown = {one.node["name"]: [choice["name"] for choice in one.choices] for one in filled.shown}
    assert shown["state"]
    assert 0 < len(shown["county"]) < len(outline["lists"]["counties"])


def test_labels_are_in_the_language_of_the_page_and_skips_hide_what_follows():
    outline = read_form(workbook(), title="x").outline
    nodes = {node["name"]: node for _path, node in nodes_of(outline)}
    assert in_language(nodes["has_plot"]["label"], "zh-hans") == "有没有菜地"
    assert in_language(nodes["has_plot"]["label"], "en") == "Is there a plot?"
    names = lambda answers: [one.node["name"] for one in fill(outline, answers, now=NOW).shown]  # noqa: E731
    assert "plot" not in names({"has_plot": "no"})
    assert "plot" in names({"has_plot": "yes"})
    hidden = fill(outline, {"has_plot": "no", "plot": {"size": "3"}}, now=NOW)
    assert hidden.values == {"has_plot": "no"}


def test_a_phone_s_instance_and_an_object_say_the_same():
    outline = read_form(workbook(), title="x").outline
    said = {"has_plot": "yes", "plot": {"size": "3", "crop": [{"kind": "葱"}, {"kind": "蒜", "share": "2"}]}}
    xml = "<data><has_plot>yes</has_plot><plot><size>3</size><crop><kind>葱</kind></crop><crop><kind>蒜</kind><share>2</share></crop></plot></data>"
    assert from_instance(xml, outline) == said


VALUES = {"a": "3", "b": "2026-04-10", "many": ["1", "2.5", ""], "none": "", "picked": "x y"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${a} + 2 * 3", "9"),
        ("(${a} + 2) * 3 - -1", "16"),
        ("7 mod 3 = 1 and 6 div 4 = 1.5", "true"),
        ("sum(${many})", "3.5"),
        ("count(${many})", "3"),
        ("count-non-empty(${many})", "2"),
        ("max(${many}) > min(${many})", "true"),
        ("if(selected(${picked}, 'y'), 'ja', 'nein')", "ja"),
        ("count-selected(${picked})", "2"),
        ("${b} < today()", "true"),
        ("today() - ${b}", "5"),
        ("date(today() - 5)", "2026-04-10"),
        ("coalesce(${none}, 'z')", "z"),
        ("regex(${b}, '[0-9-]{10}')", "true"),
        ("not(${none} = '')", "false"),
        ("string-length(concat(${a}, 'bc'))", "3"),
        ("round(2.345, 2)", "2.35"),
        ("../a = 3", "true"),
        ("${none} + 1", ""),
        (". >= 2 and . < 9", "true"),
        ("substr('abcdef', 1, 3)", "bc"),
    ],
)
def test_expressions_mean_what_phones_make_of_them(text, expected):
    assert to_text(evaluate(text, Around(VALUES.__getitem__, "5", NOW))) == expected


@pytest.mark.parametrize(
    "text",
    [
        "instance('x')/root/item[name = 1]/label",
        "indexed-repeat(${a}, ${b}, 1)",
        "pulldata('a','b','c',1)",
        "../../a/b",
        "regex('aaaa', '(a+)+$')",
        "once(random())",
    ],
)
def test_what_cannot_be_decided_says_so(text):
    with pytest.raises(Undecided):
        evaluate(text, Around(VALUES.__getitem__, "", NOW))


def test_one_side_decides_when_the_other_cannot():
    around = Around(VALUES.__getitem__, "", NOW)
    assert holds("${a} = 3 or random() > 2", around)
    assert not holds("random() > 2 and ${a} = 4", around)


@pytest.mark.parametrize("text", ["1 +", "(1", "if(", "${a", "1 2", "= 3", "'x", "a[", "§"])
def test_what_is_no_expression_is_found(text):
    with pytest.raises(Broken):
        evaluate(text, Around(VALUES.__getitem__, "", NOW))


@given(st.text(alphabet="ab1.${}'()+-*/<>= ,[]", max_size=40))
def test_any_text_is_an_expression_undecided_or_broken_and_nothing_else(text):
    try:
        value = evaluate(text, Around(lambda _name: "", "", NOW))
    except (Broken, Undecided):
        return
    assert isinstance(value, str | float | bool | list)


@given(st.integers(-1000, 1000), st.integers(-1000, 1000), st.integers(1, 50))
def test_sums_and_comparisons_agree_with_python(a, b, c):
    around = Around({"a": str(a), "b": str(b)}.__getitem__, "", NOW)
    assert evaluate(f"${{a}} + ${{b}} * {c}", around) == a + b * c
    assert evaluate("${a} < ${b}", around) is (a < b)
    assert evaluate(f"${{a}} mod {c}", around) == math.fmod(a, c)


_GIVEN = st.builds(
    Given,
    outcome=st.sampled_from(("met", "nobody_home", "refused", "moved", "not_found", "empty")),
    said_on=st.dates(date(2026, 4, 1), date(2026, 6, 1)),
    came_on=st.dates(date(2026, 4, 1), date(2026, 6, 1)),
    has_answers=st.booleans(),
    faults=st.sampled_from(((), ("x",))),
    left=st.booleans(),
)
_TERMS = st.builds(
    Terms,
    state=st.sampled_from(("running", "ended")),
    last_day=st.dates(date(2026, 4, 10), date(2026, 5, 1)),
    counts=st.sampled_from(("answered", "met")),
    times=st.integers(1, 3),
    every_days=st.integers(0, 10),
    tries=st.integers(0, 3),
)


@given(_TERMS, st.lists(_GIVEN, max_size=12))
def test_a_household_counts_never_more_often_than_it_is_asked_and_done_stays_done(terms, answers):
    standing, counted = Standing(due_on=date(2026, 4, 1)), 0
    for each in answers:
        before = standing
        end, standing = after(terms, standing, each)
        assert standing.standing in STANDINGS
        counted += end == "counted"
        assert standing.answered == counted <= terms.times
        assert (standing.standing == DONE) == (counted == terms.times) or standing.standing == "gone"
        if before.standing == DONE:
            assert standing == before
        if end in ("late", "again", "not_asked"):
            assert standing == before
        if standing.standing in SETTLED:
            assert standing.due_on is None


def test_an_answer_of_the_last_day_counts_within_a_fortnight_and_no_longer():
    terms = Terms("ended", date(2026, 4, 30))
    for came, end in ((14, "counted"), (15, "late")):
        answer = Given("met", date(2026, 4, 30), date(2026, 4, 30) + timedelta(days=came), has_answers=True)
        assert after(terms, Standing(), answer)[0] == end
    assert (
        after(terms, Standing(), Given("met", date(2026, 5, 1), date(2026, 5, 1), has_answers=True))[0]
        == "late"
    )


def test_the_pace_is_measured_against_even_days():
    days = {"from_on": date(2026, 4, 1), "to_on": date(2026, 4, 10)}
    pace = pace_of(asked=100, answered=30, today=date(2026, 4, 5), **days)
    assert (pace.wanted, pace.ahead, pace.needed) == (50, -2.0, 14.0)
    assert pace_of(asked=100, answered=30, today=date(2026, 4, 20), **days).needed is None
    assert pace_of(asked=0, answered=0, today=date(2026, 4, 5), **days).ahead == 0


def test_a_fault_that_only_the_converter_finds_is_put_to_its_row():
    survey = [*SURVEY, ("text", "_x__meta", "甲", "A"), ("range", "r", "乙", "B")]
    broken = [*SURVEY, ("text", "meta", "甲", "A")]
    assert read_form(workbook(survey), title="x").outline["children"][-1]["name"] == "r"
    with pytest.raises(BadForm) as bad:
        read_form(workbook(broken), title="x")
    assert bad.value.cells[0].row == len(broken)
