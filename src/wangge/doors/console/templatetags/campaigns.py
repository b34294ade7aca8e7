"""What templates of campaigns ask for: the words for their codes."""

from django import template

from wangge.doors.console import campaign_words, words

register = template.Library()


@register.filter
def campaign(code: str, table: str) -> str:
    """The word for a code of one of the tables of `campaign_words`."""
    return words.label(campaign_words.TABLES[table], code)
