"""What templates of mediations ask for: the words for their codes, and private texts masked."""

from django import template

from wangge.base.private import mask_name, mask_phone
from wangge.doors.console import dispute_words, words

register = template.Library()
register.filter("masked_name", mask_name)
register.filter("masked_phone", mask_phone)


@register.filter
def area_of(path: str) -> str:
    """The code of the area at the end of a path."""
    return path.rsplit(".", 1)[-1]


@register.filter
def dispute(code: str, table: str) -> str:
    """The word for a code of one of the tables of `dispute_words`."""
    return words.label(dispute_words.TABLES[table], code)
