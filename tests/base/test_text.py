"""Texts from outside, and the tokens by which they are found."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wangge.base.problems import Invalid
from wangge.base.text import (
    BadText,
    TextTooLong,
    UnacceptableCharacter,
    bigram_query,
    bigrams,
    clean_line,
    clean_text,
)

mixed = st.text(
    st.one_of(st.sampled_from("路灯不亮电梯小区 ，。Ａａ1LEDé'\\&|!():*\t\n㐀豈𠀀"), st.characters()),
    max_size=30,
)


def test_a_text_is_stripped_composed_and_has_one_kind_of_line_end():
    assert (
        clean_text("  e\u0301tage\r\n二层\r三层\u2028四层\u3000\n", limit=50, name="text")
        == "étage\n二层\n三层\n四层"
    )
    assert clean_text("a\tb", limit=3, name="text") == "a\tb"


def test_a_line_has_single_spaces_and_no_line_ends():
    assert clean_line(" 荷花\r\n社区\u3000 东\tA ", limit=50, name="name") == "荷花 社区 东 A"


@pytest.mark.parametrize("bad", ["\0", "\x07", "\x0b", "\x1b", "\x1f", "\x7f", "\x80", "\ud800", "\uffff"])
@pytest.mark.parametrize("clean", [clean_line, clean_text])
def test_characters_that_cannot_be_kept_are_refused_with_their_field_and_place(clean, bad):
    with pytest.raises(UnacceptableCharacter) as caught:
        clean(f"路灯{bad}", limit=50, name="title")
    assert caught.value.facts == {"field": "title", "code": f"U+{ord(bad):04X}", "position": 3}
    assert "title" in str(caught.value)


@pytest.mark.parametrize(
    "sign", [*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)), "\ufeff"]
)
def test_signs_that_turn_the_reading_order_are_removed(sign):
    assert clean_line(f"{sign}路{sign}灯{sign}", limit=2, name="title") == "路灯"


def test_right_to_left_letters_and_emoji_stay():
    for text in ("ئۇيغۇر", "שלום", "👨‍👩‍👧", "𠀀"):
        assert clean_line(text, limit=20, name="name") == text


def test_length_is_counted_in_characters_after_composing():
    assert clean_line("e\u0301" * 10, limit=10, name="name") == "é" * 10
    assert clean_line("路" * 10 + "   ", limit=10, name="name") == "路" * 10
    with pytest.raises(TextTooLong) as caught:
        clean_line("路" * 11, limit=10, name="name")
    assert caught.value.facts == {"field": "name", "limit": 10, "length": 11}


def test_bad_texts_are_problems_that_the_edge_presents():
    assert issubclass(BadText, ValueError)
    assert issubclass(BadText, Invalid)


@given(mixed)
@example("\ufeff \u202e")
def test_cleaning_twice_changes_nothing_more_and_the_result_can_be_kept(text):
    for clean in (clean_line, clean_text):
        try:
            once = clean(text, limit=100, name="text")
        except BadText:
            continue
        assert clean(once, limit=100, name="text") == once
        assert unicodedata.is_normalized("NFC", once)
        once.encode()


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("路灯不亮", ["路灯", "灯不", "不亮"]),
        ("灯", ["灯"]),
        ("3号楼LED灯，坏了。", ["3", "号楼", "led", "灯", "坏了"]),
        ("ＬＥＤ２０２６", ["led2026"]),
        ("路 灯", ["路", "灯"]),
        ("路路路", ["路路", "路路"]),
        ("street-light no.7", ["street", "light", "no", "7"]),
        ("Été", ["Été"]),  # only A-Z is lower-cased, on every server alike
        (
            "\u3400\u4dbf\u4e00\u9fff\uf900\ufaff",
            ["\u3400\u4dbf", "\u4dbf\u4e00", "\u4e00\u9fff", "\u9fff\uf900", "\uf900\ufaff"],
        ),
        ("\u33ff\u3400\u4dc0\ua000\ufb00\U00031350", ["\u3400"]),
        ("\U00020000\U0003134f\U00031350", ["\U00020000\U0003134f"]),
        ("x" * 100, ["x" * 64]),
        ("，。!? 👍", []),
        ("", []),
    ],
)
def test_tokens_follow_the_rule(text, tokens):
    assert bigrams(text) == tokens


@given(mixed)
def test_a_text_is_found_by_every_part_of_two_ideographs_or_more(text):
    tokens = set(bigrams(text))
    for run in re.findall("[\u4e00-\u9fff]{2,}", text):
        assert set(bigrams(run)) <= tokens


def test_a_query_asks_for_every_token_once():
    assert bigram_query("路灯 LED 路灯") == "'路灯' & 'led'"
    assert bigram_query("路灯不亮") == "'路灯' & '灯不' & '不亮'"


def test_a_lone_ideograph_asks_for_pairs_that_begin_with_it():
    assert bigram_query("灯") == "'灯':*"


@pytest.mark.parametrize("text", ["", " ", "，。", "'", "&|!():*\\", "👍"])
def test_nothing_searchable_gives_no_query(text):
    assert bigram_query(text) is None


@given(mixed)
def test_a_query_is_quoted_tokens_and_nothing_else(text):
    query = bigram_query(text)
    assert query is None or re.fullmatch(r"'\w+'(:\*)?( & '\w+'(:\*)?)*", re.sub(r"[^\x00-\x7f]", "x", query))


def test_a_long_query_is_cut_to_what_an_index_can_bear():
    query = bigram_query("".join(map(chr, range(0x4E00, 0x5E00))))
    assert query.count("&") == 31
