"""The columns of a list of cases: what each is called, how it looks on the page, and what it holds in a file.

Cells are put together here and not in a template: fifty rows of them are what the page is measured by.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from html import escape
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wangge.base.calendar import SHANGHAI
from wangge.base.tables.writing import Cell
from wangge.doors.console import words
from wangge.doors.console.templatetags.console import due, moment, waited

_NONE = mark_safe("—")


@dataclass(frozen=True, slots=True)
class Named:
    """The names of what cases hold as codes and ids, in the language of the page, and the moment to count from."""

    now: datetime
    items: Mapping[int, str] = field(default_factory=dict)
    areas: Mapping[str, str] = field(default_factory=dict)
    departments: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)

    def place(self, path: str, tiers: int) -> str:
        """The names of the last tiers of a path below the city."""
        return " · ".join(self.areas.get(code, code) for code in path.split(".")[1:][-tiers:])

    def area(self, path: str) -> str:
        code = path.rsplit(".", 1)[-1]
        return self.areas.get(code, code)

    def hands(self, case: Any) -> str:
        """Who has the next move when it is not the desk: a person, or departments."""
        if case.handler_id:
            return self.people.get(case.handler_id, "")
        if case.state not in ("dispatched", "suspended"):
            return ""
        codes = dict.fromkeys(key.partition("/")[2] for key in case.department_keys)
        return "、".join(self.departments.get(code, code) for code in codes)


@dataclass(frozen=True, slots=True)
class Column:
    """`html` draws the cell of a page, `value` fills that of a file; without `html` the page shows the value as it is."""

    name: str
    label: str | Promise
    value: Callable[[Any, Named], Cell]
    html: Callable[[Any, Named], str] | None = None
    #: Another name in the file, where a unit belongs to it.
    filed: str | Promise = ""

    def drawn(self, case: Any, named: Named) -> str:
        if self.html is not None:
            drawn = self.html(case, named)
            return drawn if isinstance(drawn, SafeString) else escape(drawn)
        value = self.value(case, named)
        return escape(str(value)) if value else _NONE


def _local(at: datetime | None) -> datetime | None:
    """As clocks in China show it; a spreadsheet knows no time zones."""
    return None if at is None else at.astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0)


def _label(labels: Mapping[str, Any], attribute: str) -> Callable[[Any, Named], str]:
    return lambda case, _named: words.label(labels, code) if (code := getattr(case, attribute)) else ""


@cache
def _cases_address() -> str:
    return reverse("console:case", args=[UUID(int=0)]).removesuffix(str(UUID(int=0)))


def _title(case: Any, named: Named) -> SafeString:
    item = escape(named.items.get(case.item_version_id, case.item_id))
    return mark_safe(  # noqa: S308 - what people wrote is escaped; ids and numbers hold letters and digits
        f'<a href="{_cases_address()}{case.id}">{escape(case.title)}</a>'
        f'<span class="muted small">{item} · <span class="number">{escape(case.number)}</span></span>'
    )


def _state(case: Any, _named: Named) -> SafeString:
    return _chips(case.state, case.urgency, case.supervised, get_language() or "")


@lru_cache(maxsize=512)
def _chips(state: str, urgency: str, supervised: bool, _language: str) -> SafeString:
    chips = format_html('<span class="chip {}">{}</span>', state, words.label(words.STATES, state))
    if urgency != "normal":
        chips += format_html(' <span class="chip urgent">{}</span>', words.label(words.URGENCIES, urgency))
    if supervised:
        chips += format_html(' <span class="chip supervised">{}</span>', gettext("Supervised"))
    return chips


def _place(case: Any, named: Named) -> SafeString:
    drawn = escape(named.place(case.path, 2))
    if case.address:
        drawn += f'<span class="muted small">{escape(case.address)}</span>'
    return mark_safe(drawn)  # noqa: S308 - both were escaped


def _deadline(case: Any, _named: Named) -> SafeString:
    if case.due_at is None:
        return _NONE
    late = f"late-{case.late}" if case.late else ""
    return mark_safe(  # noqa: S308 - codes and spans of time
        f'<span class="{late}">{escape(due(case.due_at))}</span>'
        f'<span class="muted small">{moment(case.due_at)}</span>'
    )


def _waiting(case: Any, _named: Named) -> SafeString:
    return mark_safe(  # noqa: S308 - spans of time
        f'{escape(waited(case))}<span class="muted small">{moment(case.reported_at)}</span>'
    )


def _waited_hours(case: Any, named: Named) -> float:
    seconds: float = ((case.closed_at or named.now) - case.reported_at).total_seconds()
    return round(seconds / 3600, 1)


def _rating(case: Any, _named: Named) -> str:
    return {True: gettext("mended"), False: gettext("not mended")}.get(case.rating, "")


_ALL = (
    Column("title", _("Case"), lambda case, _named: case.title, _title, filed=_("Title")),
    Column("number", _("Number"), lambda case, _named: case.number,
           lambda case, _named: format_html('<span class="number">{}</span>', case.number)),
    Column("item", _("Work item"), lambda case, named: named.items.get(case.item_version_id, case.item_id)),
    Column("business", _("Business"), _label(words.BUSINESSES, "business")),
    Column("place", _("Place"), lambda case, named: named.place(case.path, 4), _place),
    Column("address", _("Address or landmark"), lambda case, _named: case.address),
    Column("state", _("State"), _label(words.STATES, "state"), _state),
    Column("urgency", _("Urgency"), _label(words.URGENCIES, "urgency")),
    Column("deadline", _("Deadline"), lambda case, _named: _local(case.due_at), _deadline),
    Column("waiting", _("Waiting"), _waited_hours, _waiting, filed=_("Waited (hours)")),
    Column("reported", _("Reported at"), lambda case, _named: _local(case.reported_at),
           lambda case, _named: moment(case.reported_at)),
    Column("holder", _("Held by"), lambda case, named: named.area(case.holder_path)),
    Column("hands", _("In the hands of"), lambda case, named: named.hands(case)),
    Column("source", _("Source"), _label(words.SOURCES, "source")),
    Column("found_tier", _("Found at"), _label(words.LEVELS, "found_tier")),
    Column("resolved_tier", _("Resolved at"), _label(words.LEVELS, "resolved_tier")),
    Column("outcome", _("How it ended"), _label(words.OUTCOMES, "outcome")),
    Column("witness", _("Witness"), _label(words.WITNESSES, "witness")),
    Column("closed", _("Closed at"), lambda case, _named: _local(case.closed_at),
           lambda case, _named: moment(case.closed_at)),
    Column("rating", pgettext_lazy("column", "Reporter's answer"), _rating),
)  # fmt: skip
COLUMNS: Mapping[str, Column] = {column.name: column for column in _ALL}


def chosen(names: Iterable[str]) -> list[Column]:
    return [COLUMNS[name] for name in names]


def rows(
    cases: Sequence[Any],
    columns: Sequence[Column],
    named: Named,
    *,
    tickable: bool,
    fitting: frozenset[Any] | None = None,
) -> SafeString:
    """The rows of the table. `fitting`, for rows that are fetched again: the ids that still belong to the list."""
    labels = [escape(str(column.label)) for column in columns]
    choose = escape(gettext("Choose {number}")) if tickable else ""
    drawn = []
    for case in cases:
        fits = "" if fitting is None else f' data-fits="{"yes" if case.id in fitting else "no"}"'
        # What `drawn` gives is escaped; to wrap it by format_html would cost as much again.
        cells = [
            f'<th scope="row">{column.drawn(case, named)}</th>'
            if column.name == "title"
            else f'<td data-label="{label}">{column.drawn(case, named)}</td>'
            for column, label in zip(columns, labels, strict=True)
        ]
        drawn.append(
            f'<tr data-row data-case="{case.id}"{fits}>{_tick(case, choose) if tickable else ""}{"".join(cells)}</tr>'
        )
    return mark_safe("\n".join(drawn))  # noqa: S308 - every part was escaped


def _tick(case: Any, choose: str) -> str:
    name = choose.replace("{number}", escape(case.number))
    return (
        f'<td class="tick"><label><input type="checkbox" name="case" value="{case.id}" form="bulk">'
        f'<span class="hidden-words">{name}</span></label></td>'
    )
