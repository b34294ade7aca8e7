"""What templates of plans ask for: the words for their codes."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from wangge.doors.console import plan_words, words

register = template.Library()


@register.filter
def plan(code: str, table: str) -> str:
    """The word for a code of one of the tables of `plan_words`."""
    return words.label(plan_words.TABLES[table], code)


@register.filter
def why_approved(plan: Any) -> str:
    """What the reason of a plan's approval is called."""
    return str(plan_words.why_approved(plan))


@register.filter
def told_figure(value: object) -> str:
    """A figure as it stands in a table: yes and no in words, nothing where nothing is known."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)


@register.filter
def percent(share: float) -> str:
    """A share in hundredths, with one digit behind the point."""
    return f"{share * 100:.1f}"
