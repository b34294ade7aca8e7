"""What templates of visits ask for: the words for their codes, and why a door is called at."""

from datetime import date
from typing import Any

from django import template
from django.utils import translation
from django.utils.translation import gettext as _

from wangge.doors.console import visit_words, words

register = template.Library()


@register.filter
def visiting(code: str, table: str) -> str:
    """The word for a code of one of the tables of `visit_words`."""
    return words.label(visit_words.TABLES[table], code)


@register.filter
def why(reason: Any) -> str:
    """A reason in the language of the page; an errand with its kind before its words."""
    said = str(reason.en if translation.get_language() == "en" else reason.zh)
    if reason.errand and reason.why in visit_words.ERRANDS:
        kind = words.label(visit_words.ERRANDS, reason.why)
        return _("%(kind)s: %(said)s") % {"kind": kind, "said": said} if said else kind
    return said


@register.filter
def basis(reason: Any) -> str:
    """On what the reason stands."""
    return str(reason.basis_en if translation.get_language() == "en" else reason.basis_zh)


@register.filter
def late_on(door: Any, day: date) -> bool:
    return bool(door.late(day))
