"""What templates of homes ask for: the words for their codes, and private texts masked."""

from django import template

from wangge.base.private import mask_identity, mask_phone
from wangge.doors.console import home_words, words

register = template.Library()
register.filter("masked_phone", mask_phone)
register.filter("masked_identity", mask_identity)


@register.filter
def home(code: str, table: str) -> str:
    """The word for a code of one of the tables of `home_words`; nothing for nothing."""
    return words.label(home_words.TABLES[table], code) if code else ""


@register.filter
def last_code_of(path: str) -> str:
    """The code of the area at the end of a path."""
    return path.rsplit(".", 1)[-1]


@register.filter
def split_words(text: str) -> list[str]:
    """Words that a template names one after another."""
    return text.split()
