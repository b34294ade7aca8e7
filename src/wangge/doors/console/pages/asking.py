"""What the address of a list asks for: the filters in it, how each is told to a person, and the addresses beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wangge.base.calendar import SHANGHAI
from wangge.base.text import clean_line
from wangge.cases import queries
from wangge.cases.lifecycle import URGENCIES
from wangge.cases.rules import FILTERS
from wangge.doors.console import words

#: Days back from today, as the quick choices offer them.
RANGES: Mapping[str, str | Promise] = {"1": _("Today"), "7": _("7 days"), "30": _("30 days")}
_LATE = ("soon", "overdue")
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of an address, with what cannot be meant left out: an address typed wrongly shows more, not an error."""

    queue: str
    area: str = ""
    state: str = ""
    business: str = ""
    item: str = ""
    urgency: str = ""
    late: str = ""
    supervised: str = ""
    days: str = ""
    since: str = ""
    until: str = ""
    text: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything but the queue is asked for."""
        return any(getattr(self, name) for name in FILTERS if name != "queue")

    @property
    def narrowed_in_place(self) -> bool:
        """Whether anything but queue and area is asked for: then the queue's count is not the number found."""
        return any(getattr(self, name) for name in FILTERS if name not in ("queue", "area"))

    def filters(self, now: datetime) -> queries.CaseFilter:
        since, until = _moments(self, now)
        return queries.CaseFilter(
            queue=self.queue,
            area=self.area,
            state=self.state,
            business=self.business,
            item=self.item,
            urgency=self.urgency,
            late=self.late,
            supervised=bool(self.supervised),
            q=self.text,
            since=since,
            until=until,
        )

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The filters that are set, for the hidden fields of a form."""
        return [(name, value) for name in FILTERS if (value := getattr(self, name))]

    def query(self, **changes: str) -> str:
        """The address' query with parts of it changed; without a `?`, a cursor or a panel."""
        told = {name: getattr(self, name) for name in FILTERS} | changes
        return urlencode({name: value for name, value in told.items() if value})


def asked_of(query: Mapping[str, str], *, usual: str) -> Asked:
    """`usual` is the queue of an address that names none."""
    typed = {name: _typed(query, name) for name in FILTERS}
    typed["queue"] = typed["queue"] if typed["queue"] in words.QUEUES else usual
    allowed: dict[str, Any] = {
        "state": words.STATES,
        "business": words.BUSINESSES,
        "urgency": URGENCIES,
        "late": _LATE,
        "supervised": ("yes",),
        "days": RANGES,
    }
    for name, values in allowed.items():
        typed[name] = typed[name] if typed[name] in values else ""
    for name in ("since", "until"):
        typed[name] = typed[name] if _day(typed[name]) and not typed["days"] else ""
    return Asked(**typed)


def names_filters(query: Mapping[str, str]) -> bool:
    """Whether the address asks for anything but a queue."""
    return any(_typed(query, name) for name in FILTERS if name != "queue")


def _typed(query: Mapping[str, str], name: str) -> str:
    """A part of the address as a clean line of at most a hundred characters; BadText for what no text may hold."""
    return clean_line(query.get(name, "")[:400], limit=400, name=name)[:100]


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-11-24") else None
    except ValueError:
        return None
    return day if day and _FIRST_DAY <= day <= _LAST_DAY else None


def _moments(asked: Asked, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Days of China from their midnight; the last one is asked for too."""
    if asked.days:
        today = now.astimezone(SHANGHAI).date()
        return _midnight(today - timedelta(days=int(asked.days) - 1)), None
    since, until = _day(asked.since), _day(asked.until)
    return (
        _midnight(since) if since else None,
        _midnight(until + timedelta(days=1)) if until else None,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
