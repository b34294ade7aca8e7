"""Decisions about visits, on plain values."""

from wangge.visits.rules.dues import (
    ERRANDS,
    Door,
    Due,
    Errand,
    Need,
    Rule,
    Visits,
    door,
    due,
    rules_in,
    shipped_rules,
)
from wangge.visits.rules.outcomes import (
    CHECKED,
    MOST_NOTE,
    OUTCOMES,
    SEEN,
    SOURCES,
    UNCLEAR,
    day_of,
    happened,
)
from wangge.visits.rules.places import EVERY_DAYS, PLACE_KINDS, next_check
from wangge.visits.rules.problems import BadVisit, NoShift, OnShift, RulesRefused, VisitImportRefused
from wangge.visits.rules.walking import Router, Stop, metres, nearest_next, shortest, shortest_of_many

__all__ = [
    "CHECKED",
    "ERRANDS",
    "EVERY_DAYS",
    "MOST_NOTE",
    "OUTCOMES",
    "PLACE_KINDS",
    "SEEN",
    "SOURCES",
    "UNCLEAR",
    "BadVisit",
    "Door",
    "Due",
    "Errand",
    "Need",
    "NoShift",
    "OnShift",
    "Router",
    "Rule",
    "RulesRefused",
    "Stop",
    "VisitImportRefused",
    "Visits",
    "day_of",
    "door",
    "due",
    "happened",
    "metres",
    "nearest_next",
    "next_check",
    "rules_in",
    "shipped_rules",
    "shortest",
    "shortest_of_many",
]
