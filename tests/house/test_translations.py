"""Every text that a person sees is in Chinese too: nothing missing, nothing left over, the same placeholders."""

import re

import pytest

from wangge.project import messages

#: `{name}`, `%(name)s`, `%s`: what a translation must keep.
PLACEHOLDER = re.compile(r"\{[a-z_]*\}|%\([a-z_]+\)[sd]|%[sd]")


@pytest.fixture(scope="module")
def in_code():
    return {key: plural for _where, key, plural in messages.found()}


@pytest.fixture(scope="module")
def in_chinese():
    found = {}
    for message in messages.catalogue():
        if message.id:
            many = isinstance(message.id, tuple)
            key = (message.context, message.id[0] if many else message.id)
            found[key] = message.string if many else (message.string,)
    return found


def test_the_code_holds_texts_at_all(in_code):
    assert len(in_code) > 400
    assert (None, "There is no such entry, or it is not yours to see.") in in_code
    assert ("state", "Closed") in in_code


def test_every_text_has_its_chinese(in_code, in_chinese):
    assert [key for key in in_code if not all(in_chinese.get(key) or [""])] == []


def test_no_translation_is_left_over(in_code, in_chinese):
    assert [key for key in in_chinese if key not in in_code] == []


def test_placeholders_are_kept(in_code, in_chinese):
    for key, plural in in_code.items():
        for said in in_chinese[key]:
            assert sorted(PLACEHOLDER.findall(said)) == sorted(PLACEHOLDER.findall(plural or key[1])), key


def test_chinese_reads_as_chinese(in_chinese):
    """Texts of code words alone stay as they are; all others hold a Chinese character or are punctuation."""
    for (_context, english), said in in_chinese.items():
        if re.search("[a-z]{3}", PLACEHOLDER.sub("", english)):
            assert all(re.search("[\u3400-\u9fff]", each) for each in said), english


def test_what_is_compiled_is_what_is_written():
    messages.compile_stale()
    assert messages.compile_stale() is False
    from django.utils import translation

    with translation.override("zh-hans"):
        assert translation.gettext("Please sign in.") == "请先登录。"
    with translation.override("en"):
        assert translation.gettext("Please sign in.") == "Please sign in."
