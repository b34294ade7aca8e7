"""What templates of visits ask for: the words for their codes, and why a door is called at."""

from datetime import date
from typing import Any

from django import template
from django.utils import translation
from django.utils.translation import gettext as _

from wangge.doors.console import visit_words, words
from wangge.visits.queries import said_in
from wangge.visits.rules.questions import options as reply_options

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


@register.filter
def options(reason: Any) -> tuple[str, ...]:
    """The words that a department's question lets choose from."""
    return reply_options(reason.asks.answer, reason.asks.words) if reason.asks else ()


@register.filter
def option(word: str, answer: str) -> str:
    """A word to choose from as it is read: those of a yes or no in the language of the page."""
    return words.label(visit_words.YES_NO, word) if answer == "yes_no" else word


@register.filter
def replied(reply: Any) -> str:
    """What was said to a question."""
    return _("would not answer") if reply.declined else option(said_in(reply), reply.question.answer)
