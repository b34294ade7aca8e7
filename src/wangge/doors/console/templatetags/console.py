"""What templates of the console ask for: labels, moments and spans of time in words."""

import json
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from wangge.base import clock
from wangge.base.calendar import SHANGHAI
from wangge.doors.console import words

register = template.Library()


@register.filter
def state_name(code: str) -> str:
    return words.label(words.STATES, code)


@register.filter
def step_name(code: str) -> str:
    return words.label(words.STEPS, code)


@register.filter
def queue_name(code: str) -> str:
    return words.label(words.QUEUES, code)


@register.filter
def outcome_name(code: str) -> str:
    return words.label(words.OUTCOMES, code)


@register.filter
def witness_name(code: str) -> str:
    return words.label(words.WITNESSES, code)


@register.filter
def urgency_name(code: str) -> str:
    return words.label(words.URGENCIES, code)


@register.filter
def level_name(code: str) -> str:
    return words.label(words.LEVELS, code)


@register.filter
def office_name(code: str) -> str:
    return words.label(words.OFFICES, code)


@register.filter
def business_name(code: str) -> str:
    return words.label(words.BUSINESSES, code)


@register.filter
def admission_name(code: str) -> str:
    return words.label(words.ADMISSION, code)


@register.filter
def admission_step_name(code: str) -> str:
    return words.label(words.ADMISSION_STEPS, code)


@register.filter
def item_field_name(code: str) -> str:
    return words.label(words.ITEM_FIELDS, code)


@register.filter
def hours_name(code: str) -> str:
    return words.label(words.HOURS, code)


@register.filter
def noun_name(code: str) -> str:
    return words.label(words.NOUNS, code)


@register.filter
def subject_name(subject: str) -> str:
    """`area:3207…` as "Area 3207…"."""
    noun, _colon, name = subject.partition(":")
    return f"{words.label(words.NOUNS, noun)} {name}".strip()


@register.filter
def journal_field(name: str) -> str:
    return words.label(words.JOURNAL_FIELDS, name)


@register.filter
def said(text: str) -> str:
    """A rule's own words, what it expected for one, in the language of the page."""
    return words.said(text)


@register.filter
def proof_name(code: str) -> str:
    return words.label(words.PROOFS, code)


@register.filter
def summons_name(code: str) -> str:
    return words.label(words.SUMMONS, code)


@register.filter
def source_name(code: str) -> str:
    return words.label(words.SOURCES, code)


@register.filter
def place_kind_name(code: str) -> str:
    return words.label(words.PLACE_KINDS, code)


@register.filter
def kind_name(code: str) -> str:
    return words.label(words.GRID_KINDS, code)


@register.filter
def verb_name(code: str) -> str:
    return words.label(words.VERBS, code)


@register.filter
def field_name(code: str) -> str:
    return words.label(words.FILE_COLUMNS, code)


@register.filter
def handover_name(code: str) -> str:
    return words.label(words.HANDOVERS, code)


@register.filter
def listed_name(code: str) -> str:
    return words.label(words.LISTED, code)


@register.filter
def completions(choices: Any) -> SafeString:
    """The options of a field that completes what is typed: code and name. Drawn at once, since there are some two hundred."""
    return format_html_join(
        "", '<option value="{} {}"></option>', ((choice.code, choice.label) for choice in choices)
    )


@register.filter
def use_name(code: str) -> str:
    return words.label(words.TEXT_USES, code)


@register.filter
def step_key(code: str) -> str:
    return words.STEP_KEYS.get(code, "")


@register.filter
def named(thing: Any) -> str:
    return words.named(thing, translation.get_language() or "")


@register.filter
def moment(at: datetime | None) -> str | SafeString:
    """`2026-11-24 09:30` as it is in China, with the exact moment for machines; a dash for none."""
    if at is None:
        return "—"
    exact = at.isoformat(timespec="seconds")
    local = at.astimezone(SHANGHAI).isoformat(" ", "minutes")[:16]
    return mark_safe(f'<time datetime="{exact}">{local}</time>')  # noqa: S308 - digits and signs alone


@register.filter
def day(on: date | None) -> str | SafeString:
    return "—" if on is None else format_html('<time datetime="{}">{}</time>', on.isoformat(), on.isoformat())


@register.filter
def span(length: timedelta | None) -> str:
    """A length of time in its largest unit: 3 days, 5 hours, 20 minutes."""
    if length is None:
        return "—"
    minutes = int(abs(length).total_seconds() // 60)
    language = translation.get_language() or ""
    if minutes >= 48 * 60:
        return _counted("day", minutes // 1440, language)
    if minutes >= 60:
        return _counted("hour", minutes // 60, language)
    return _counted("minute", minutes, language)


# A list says a hundred of them, and most of them again.
@lru_cache(maxsize=2048)
def _counted(unit: str, n: int, _language: str) -> str:
    if unit == "day":
        return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}
    if unit == "hour":
        return ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n}
    return ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}


@register.filter
def minutes(count: float | None) -> str:
    return span(None if count is None else timedelta(minutes=float(count)))


@register.filter
def due(at: datetime | None) -> str:
    """How the office's deadline stands: what is left, or by how much it is past."""
    if at is None:
        return "—"
    left = at - clock.now()
    sentence = gettext("%(span)s left") if left >= timedelta(0) else gettext("%(span)s over")
    return sentence % {"span": span(left)}


@register.filter
def waited(case: Any) -> str:
    """How long the resident has waited: until it was closed, or until now. Nothing pauses it."""
    return span((case.closed_at or clock.now()) - case.reported_at)


@register.filter
def percent(share: float | None) -> str:
    return "—" if share is None else f"{share * 100:.0f} %"


@register.filter
def at(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or nothing."""
    return mapping.get(key, "") if mapping else ""


@register.simple_tag(takes_context=True)
def address(context: template.Context, **changes: Any) -> str:
    """The page's own address with parts of its query changed; an empty value drops the part."""
    query = context["request"].GET.copy()
    query.pop("cursor", None)
    for name, value in changes.items():
        if value in ("", None):
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}"


@register.filter
def group_named(version: Any) -> str:
    """The name of a work item's group."""
    return str(version.group_en if translation.get_language() == "en" else version.group_zh)


@register.filter
def late_name(code: str) -> str:
    return words.label(words.LATE, code)


@register.filter
def case_id(subject: str) -> str:
    """The id in the journal's `case:<id>`; nothing for other subjects."""
    kind, _colon, name = subject.partition(":")
    return name if kind == "case" else ""


@register.filter
def working(count: int) -> str:
    """Working minutes as people count them: days of seven hours."""
    if count >= 420 and count % 210 == 0:
        days = f"{count / 420:g}"
        return ngettext("%(n)s working day", "%(n)s working days", 1 if count == 420 else 2) % {"n": days}
    if count >= 60:
        return ngettext("%(n)s working hour", "%(n)s working hours", 1 if count == 60 else 2) % {
            "n": f"{count / 60:.2g}"
        }
    return ngettext("%(n)d minute", "%(n)d minutes", count) % {"n": count}


@register.filter
def of_hundred(part: float, whole: float) -> str:
    """The share of `part` in `whole` from 0 to 100, for the width of a bar."""
    return f"{max(0.0, min(100.0, 100 * part / whole)):.1f}"


@register.filter
def hours(count: float | None) -> str:
    """Hours by the wall clock, in their largest unit."""
    return span(None if count is None else timedelta(hours=float(count)))


@register.filter
def office_time(count: float | None) -> str:
    """Working minutes, rounded as people say them."""
    return "—" if count is None else working(round(count))


@register.filter
def duty_name(code: str) -> str:
    return words.label(words.DUTIES, code)


@register.filter
def right_name(code: str) -> str:
    return words.label(words.RIGHTS, code)


@register.filter
def part_name(code: str) -> str:
    return words.label(words.PARTS, code)


@register.filter
def class_name(code: str) -> str:
    return words.label(words.URBAN_RURAL, code)


@register.filter
def changed_name(code: str) -> str:
    return words.label(words.CHANGED, code)


@register.filter
def ground(square_metres: float) -> str:
    """Square metres as people say them: hectares and square kilometres where they are many."""
    if square_metres >= 1_000_000:
        return gettext("%(n)s km²") % {"n": f"{square_metres / 1_000_000:,.2f}"}
    if square_metres >= 10_000:
        return gettext("%(n)s ha") % {"n": f"{square_metres / 10_000:,.2f}"}
    return gettext("%(n)s m²") % {"n": f"{square_metres:,.0f}"}


@register.filter
def last_code(path: str) -> str:
    """The area's own code at the end of its path."""
    return str(path).rsplit(".", 1)[-1]


@register.filter
def minus(whole: int, part: int) -> int:
    return whole - part


@register.filter
def json_field(value: Any, name: str) -> SafeString:
    """A hidden field that carries a value as JSON to the next form."""
    return format_html('<input type="hidden" name="{}" value="{}">', name, json.dumps(value))


#: What programs say of themselves, the more telling first: nearly all say that they are Mozilla, and many that they are Safari.
_PROGRAMS = (
    ("MicroMessenger", "WeChat"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("QQBrowser", "QQ"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@register.filter
def program_name(agent: str) -> str:
    """A browser and its system by their names, from what it says of itself; else what it says."""
    browser = next((name for mark, name in _PROGRAMS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return " · ".join(filter(None, (browser, system))) if browser else agent[:60]
