"""Texts from outside, made safe to keep and to show; and the tokens by which Chinese is searched.

What is refused, and why: null bytes and lone surrogates (PostgreSQL cannot keep them), other control characters and
U+FFFE, U+FFFF (XML cannot carry them). What is removed: bidirectional embeddings, overrides and isolates (U+202A-202E,
U+2066-2069), which make a text read otherwise than it is written, and byte order marks. Right-to-left letters stay.
"""

import re
import unicodedata

from wangge.base.problems import Invalid

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
"""Ideographs: extension A, the unified block, compatibility ideographs, and planes 2 and 3 up to extension G."""

LETTERS = "0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff"
"""Digits and the letters of alphabets: Latin, Greek, Cyrillic, Arabic, Tibetan, Mongolian…"""

LONGEST_WORD = 64
"""A word is cut here: PostgreSQL refuses lexemes over 2 KiB."""

MOST_TERMS = 32
"""Only so many different tokens of a query are asked for."""

_REMOVED = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
_RUN = re.compile(f"([{CJK}]+)|[{LETTERS}]+")
# Full-width forms (U+FF01-FF5E) are typed by Chinese keyboards for the ASCII below; then only ASCII is lower-cased,
# so that no server's locale can differ.
_FOLD = {0xFEE0 + code: chr(code).lower() for code in range(0x21, 0x7F)} | {
    code: chr(code + 32) for code in range(65, 91)
}

#: A cell that begins with one of these is taken for a formula by a spreadsheet.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class BadText(Invalid, ValueError):  # noqa: N818 - a fact about the request, like every problem
    """A text that cannot be kept; `field` names it."""


class UnacceptableCharacter(BadText):
    """Holds a control character, a lone surrogate or a noncharacter; `code` is U+…, `position` counts from 1."""

    sentence = _("{field}: remove the character {code} at position {position}.")


class TextTooLong(BadText):
    sentence = _("{field}: at most {limit} characters, not {length}.")


def clean_line(text: str, *, limit: int, name: str) -> str:
    """One line: as `clean_text`, and every run of white space, line ends too, becomes one space."""
    return _limited(" ".join(_kept(text, name).split()), limit, name)


def clean_text(text: str, *, limit: int, name: str) -> str:
    """A text of lines: NFC, stripped at both ends, each line end a single newline character.

    BadText naming the field `name` when it holds what the head of this module refuses, or has more than `limit`
    characters after all that.
    """
    return _limited(_LINE_ENDS.sub("\n", _kept(text, name)).strip(), limit, name)


def bigrams(text: str) -> list[str]:
    """The search tokens of a text, in order, repeated ones too. The rule, which the index's SQL follows to the letter:

    1. U+FF01-FF5E become U+0021-007E; A-Z become a-z; nothing else is folded.
    2. Runs of `CJK` give their overlapping pairs, a lone character gives itself.
    3. Runs of `LETTERS` give themselves, cut after 64 characters. All else separates.
    """
    return [token for token, _ in _tokens(text)]


def bigram_query(text: str) -> str | None:
    """What a user typed as a tsquery that asks for every token: `'路灯' & 'led'`, for a cast to tsquery or a parameter
    of that type; None when nothing can be searched. Tokens hold no quotes or operators by rule.

    A lone ideograph asks for pairs that begin with it (`'灯':*`); it misses runs in which it stands last.
    """
    terms = dict.fromkeys(f"'{token}':*" if alone else f"'{token}'" for token, alone in _tokens(text))
    return " & ".join(list(terms)[:MOST_TERMS]) or None


def _tokens(text: str) -> list[tuple[str, bool]]:
    """Each token, and whether it is a lone ideograph."""
    tokens: list[tuple[str, bool]] = []
    for run in _RUN.finditer(text.translate(_FOLD)):
        word, ideographs = run[0], run[1]
        if ideographs is None:
            tokens.append((word[:LONGEST_WORD], False))
        elif len(word) == 1:
            tokens.append((word, True))
        else:
            tokens += [(word[i : i + 2], False) for i in range(len(word) - 1)]
    return tokens


def _kept(text: str, name: str) -> str:
    if bad := _REFUSED.search(text):
        raise UnacceptableCharacter(field=name, code=f"U+{ord(bad[0]):04X}", position=bad.start() + 1)
    return unicodedata.normalize("NFC", _REMOVED.sub("", text))


def _limited(text: str, limit: int, name: str) -> str:
    if len(text) > limit:
        raise TextTooLong(field=name, limit=limit, length=len(text))
    return text
