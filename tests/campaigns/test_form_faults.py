"""Forms that are wrong: each fault is told by its cell, in Chinese and in English."""

import re

import pytest
from django.utils import translation
from tests.campaigns.workbooks import workbook

from wangge.campaigns.rules import form_faults
from wangge.campaigns.rules.forms import read_form
from wangge.campaigns.rules.problems import BadForm

TITLES = (
    "type", "name", "label", "hint", "relevant", "constraint", "calculation", "choice_filter", "parameters", "appearance",
    "trigger", "default", "repeat_count", "required",
)  # fmt: skip
CHOICES = [("list_name", "name", "label"), ("l", "a", "甲"), ("l", "b", "乙"), ("m", "c", "丙")]


def row(kind="text", name="q", label="问题", **more):
    said = {"type": kind, "name": name, "label": label, **more}
    return tuple(said.get(title, "") for title in TITLES)


def survey(*rows):
    return [TITLES, *rows]


def group(*rows, kind="group", name="g", label="组", **more):
    return (row(f"begin {kind}", name, label, **more), *rows, row(f"end {kind}", "", ""))


#: What is wrong: the rows, the cell, and a part of the sentence in each language.
WRONG = {
    "unknown type": (survey(row("integre")), ("survey", 2, "A"), "也许是 integer", "Perhaps integer"),
    "type in capitals": (survey(row("Text")), ("survey", 2, "A"), "也许是 text", "Perhaps text"),
    "type like none": (survey(row("问答题")), ("survey", 2, "A"), "没有这种题型", "no question of this kind"),
    "no type": (survey(row("")), ("survey", 2, "A"), "题型", "what kind of question"),
    "name twice": (survey(row(), row()), ("survey", 3, "B"), "同一分组", "stands above already"),
    "name with a space": (survey(row(name="a b")), ("survey", 2, "B"), "以字母开头", "begins with a letter"),
    "name that begins with a digit": (survey(row(name="1a")), ("survey", 2, "B"), "以字母开头", "begins with a letter"),
    "no name": (survey(row(name="")), ("survey", 2, "B"), "请给题目填写 name", "a name"),
    "name of the form's own": (survey(row(name="meta")), ("survey", 2, "B"), "表单本身", "kept for the form"),
    "repeat called as the form": (survey(*group(row(), kind="repeat", name="data")), ("survey", 2, "B"), "整个表单", "whole form"),
    "two repeats of one name": (
        survey(*group(*group(row(), kind="repeat", name="r"), name="one"), *group(row(), kind="repeat", name="r")),
        ("survey", 7, "B"), "另一个重复组", "Another repeat",
    ),
    "no label": (survey(row(), row(name="r", label="")), ("survey", 3, "C"), "label 列", "in a column label"),
    "list that is missing": (survey(row("select_one n")), ("survey", 2, "A"), "没有列表“n”", "no list “n”"),
    "list that is not named": (survey(row("select_one")), ("survey", 2, "A"), "选项列表", "Name the list"),
    "list of two words": (survey(row("select_one l x")), ("survey", 2, "A"), "只能写 or_other", "only or_other"),
    "group without an end": (survey(row("begin group", "g"), row()), ("survey", 2, "A"), "没有结束", "never ended"),
    "repeat without an end": (survey(row("begin repeat", "g"), row()), ("survey", 2, "A"), "没有结束", "never ended"),
    "end without a group": (survey(row(), row("end group", "", "")), ("survey", 3, "A"), "没有可结束的", "Nothing of this kind is open"),
    "end of another kind": (survey(row("begin group", "g"), row(), row("end repeat", "", "")), ("survey", 4, "A"), "没有可结束的", "Nothing of this kind is open"),
    "question that is not there": (survey(row(relevant="${z} = 1")), ("survey", 2, "E"), "没有名为 z", "no question named z"),
    "question that is not there in a label": (survey(row(label="您好 ${z}")), ("survey", 2, "C"), "没有名为 z", "no question named z"),
    "reference without its end": (survey(row(), row(name="r", relevant="${q = 1")), ("survey", 3, "E"), "${name}", "${name}"),
    "reference with a space": (survey(row(), row(name="r", relevant="${ q } = 1")), ("survey", 3, "E"), "半角", "half-width"),
    "reference in full width": (survey(row(), row(name="r", relevant="$｛q｝ = 1")), ("survey", 3, "E"), "半角", "half-width"),
    "reference to one of two": (
        survey(*group(row()), *group(row(), name="h"), row(name="r", relevant="${q} = 1")),
        ("survey", 8, "E"), "不止一题", "Several questions are called q",
    ),
    "expression that breaks off": (survey(row(constraint=". > (1")), ("survey", 2, "F"), "不完整", "not complete"),
    "calculation of nothing": (survey(row("calculate", calculation="")), ("survey", 2, "G"), "计算", "what is calculated"),
    "count that is not there": (survey(*group(row(), kind="repeat", repeat_count="${n}")), ("survey", 2, "M"), "没有名为 n", "no question named n"),
    "trigger that is not there": (survey(row(), row("calculate", "c", "", calculation="1", trigger="${z}")), ("survey", 3, "K"), "没有名为 z", "no question named z"),
    "trigger that is no reference": (survey(row(), row("calculate", "c", "", calculation="1", trigger="q")), ("survey", 3, "K"), "${name}", "${name}"),
    "trigger that nobody sees": (
        survey(row("calculate", "c", "", calculation="1"), row("calculate", "d", "", calculation="1", trigger="${c}")),
        ("survey", 3, "K"), "不显示", "shown to nobody",
    ),
    "filter with or_other": (survey(row("select_one l or_other", choice_filter="true()")), ("survey", 2, "H"), "or_other", "or_other"),
    "lists of a table that differ": (
        survey(*group(row("select_one l"), row("select_one m", "r"), appearance="table-list")),
        ("survey", 4, "A"), "同一个选项列表", "have one list",
    ),
    "look-up in a file": (survey(row("select_one l", appearance="search('f')"), row("select_one l", "r")), ("survey", 2, "J"), "其他文件", "another file"),
    "loop without a list": (survey(*group(row(), kind="loop")), ("survey", 2, "A"), "begin loop over", "begin loop over"),
    "parameters of another form": (survey(row("range", parameters="start=1 end")), ("survey", 2, "I"), "name=value", "name=value"),
    "parameter that does not exist": (survey(row("range", parameters="start=1 stop=2")), ("survey", 2, "I"), "没有参数 stop", "no parameter stop"),
    "parameter that is no number": (survey(row("range", parameters="start=a end=2")), ("survey", 2, "I"), "参数 start 应为数字", "start is a number"),
    "step of nothing": (survey(row("range", parameters="start=1 end=5 step=0")), ("survey", 2, "I"), "参数 step 不能为 0", "step is not 0"),
    "pixels that are no number": (survey(row("image", parameters="max-pixels=x")), ("survey", 2, "I"), "max-pixels 应为整数", "max-pixels is a whole number"),
    "order by something": (survey(row("select_one l", parameters="randomize=x")), ("survey", 2, "I"), "参数 randomize", "parameter randomize"),
    "audit with a name": (survey(row("audit", "x", ""), row()), ("survey", 2, "B"), "audit", "audit"),
    "column written wrongly": ([("type", "name", "lable"), ("text", "q", "问")], ("survey", 1, "C"), "也许是 label", "Perhaps label"),
    "column of one language written wrongly": (
        [("type", "name", "label::en", "lable::zh"), ("text", "q", "Q", "问")], ("survey", 1, "D"), "也许是 label::zh", "Perhaps label::zh",
    ),
    "two columns for the same": (
        [("type", "name", "label", "relevant", "relevance"), ("text", "q", "问", "1", "1")], ("survey", 1, "E"), "与 D 列", "column D",
    ),
    "no column type": ([("类型", "name", "label"), ("text", "q", "问")], ("survey", 1, ""), "名为 type 的列", "a column named type"),
    "no column name": ([("type", "label"), ("text", "问")], ("survey", 1, ""), "名为 name 的列", "a column named name"),
    "no column label": ([("type", "name"), ("text", "q")], ("survey", 1, ""), "名为 label 的列", "a column named label"),
    "entities": ([("type", "name", "label", "save_to"), ("text", "q", "问", "x")], ("survey", 2, "D"), "留空", "leave this column empty"),
}  # fmt: skip
WRONG_CHOICES = {
    "choice twice": ([*CHOICES, ("l", "a", "丁")], ("choices", 5, "B"), "已有", "stands in the list already"),
    "choice without a name": ([*CHOICES, ("l", "", "丁")], ("choices", 5, "B"), "请给选项填写 name", "a name"),
    "choice without a list": ([*CHOICES, ("", "d", "丁")], ("choices", 5, "A"), "哪个选项列表", "which list"),
    "no column name": ([("list_name", "标识", "label"), ("l", "a", "甲")], ("choices", 1, ""), "名为 name 的列", "a column named name"),
    "column written wrongly": ([("list_name", "name", "lable"), ("l", "a", "甲")], ("choices", 1, "C"), "也许是 label", "Perhaps label"),
}  # fmt: skip


def faults(rows, choices=CHOICES, settings=()):
    with pytest.raises(BadForm) as bad:
        read_form(workbook(rows, choices, settings), title="x")
    return bad.value.cells


def told(cell, language):
    with translation.override(language):
        said = translation.gettext(cell.expected)
    return said.format(**dict(cell.facts)) if cell.facts else said


def assert_told(cells, place, zh, en):
    at_place = [cell for cell in cells if (cell.sheet, cell.row, cell.column) == place]
    assert at_place, [(cell.sheet, cell.row, cell.column) for cell in cells]
    assert any(zh in told(cell, "zh-hans") for cell in at_place), [told(cell, "zh-hans") for cell in at_place]
    assert any(en in told(cell, "en") for cell in at_place), [told(cell, "en") for cell in at_place]
    for cell in cells:
        assert re.search("[\u4e00-\u9fff]", told(cell, "zh-hans")), "each is told in Chinese"
        assert not re.search("[\u4e00-\u9fff]", told(cell, "en"))


@pytest.mark.parametrize("wrong", WRONG)
def test_a_fault_is_named_by_its_cell_in_both_languages(wrong):
    rows, place, zh, en = WRONG[wrong]
    assert_told(faults(rows), place, zh, en)


@pytest.mark.parametrize("wrong", WRONG_CHOICES)
def test_a_fault_of_the_choices_is_named_by_its_cell_in_both_languages(wrong):
    choices, place, zh, en = WRONG_CHOICES[wrong]
    assert_told(faults(survey(row("select_one l")), choices), place, zh, en)


def test_a_fault_of_the_settings_is_named_by_its_cell():
    settings = [("form_title", "name"), ("踏查", "1 2")]
    assert_told(
        faults(survey(row()), settings=settings), ("settings", 1, "B"), "以字母开头", "begins with a letter"
    )


def test_every_question_without_a_label_is_named_at_once_and_none_that_needs_none():
    rows = survey(
        row(name="a", label=""),
        row("calculate", "b", "", calculation="1"),
        row("start", "c", ""),
        row(name="d", label="", hint="只有提示"),
        *group(row("select_one l", "e", ""), label=""),
    )
    assert [(cell.row, cell.column) for cell in faults(rows)] == [(2, "C"), (7, "C")]


def test_columns_of_the_choices_that_a_filter_names_are_the_form_s_own():
    rows = survey(row(), row("select_one l", "r", choice_filter="names = ${q}"))
    choices = [("list_name", "name", "label", "names"), ("l", "a", "甲", "x")]
    assert read_form(workbook(rows, choices), title="x").outline["lists"]["l"][0]["with"] == {"names": "x"}


@pytest.mark.parametrize(
    "kind", ["select_one l or_other", "select_multiple l", "rank l", "begin group", "audit"]
)
def test_what_is_right_is_taken_in(kind):
    rows = {"begin group": survey(*group(row())), "audit": survey(row("audit", "", ""), row())}
    assert read_form(workbook(rows.get(kind, survey(row(kind))), CHOICES), title="x").xform


def test_what_nobody_knew_of_is_told_in_the_converter_s_own_words(monkeypatch):
    def broken(*_args, **_facts):
        raise ValueError("[row : 3] On the 'survey' sheet, the 'hint' value is odd.")

    monkeypatch.setattr("wangge.campaigns.rules.forms.convert", broken)
    (cell,) = faults(survey(row(), row(name="r", hint="?")))
    assert (cell.sheet, cell.row, cell.column, cell.value) == ("survey", 3, "D", "?")
    assert "the 'hint' value is odd" in told(cell, "en")
    assert "转换程序" in told(cell, "zh-hans")


def test_every_sentence_that_is_known_can_be_filled_in():
    for known in form_faults._KNOWN:
        groups = set(re.compile(known.sentence).groupindex) | {"list", "name"}
        wanted = set(re.findall(r"(?<!\$)\{(\w+)\}", known.said))
        assert wanted <= groups, known
