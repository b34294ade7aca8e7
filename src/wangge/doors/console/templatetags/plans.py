"""What templates of plans ask for: the words for their codes."""

from django import template

from wangge.doors.console import plan_words, words

register = template.Library()


@register.filter
def plan(code: str, table: str) -> str:
    """The word for a code of one of the tables of `plan_words`."""
    return words.label(plan_words.TABLES[table], code)
