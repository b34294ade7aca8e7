"""How often a year the rules have somebody called on, and how long that takes."""

from collections.abc import Iterable
from typing import Protocol

#: Talk and writing down; the way there is counted apart. Where a city knows better, its rules say how often, and this how long.
MINUTES_A_CALL = 20.0
_DAYS, _MONTHS = 365.0, 12.0


class Rule(Protocol):
    """What is asked of a rule for visits."""

    @property
    def need(self) -> str: ...
    @property
    def every_months(self) -> int: ...
    @property
    def every_days(self) -> int: ...


def calls_a_year(rules: Iterable[Rule]) -> dict[str, float]:
    """Need → calls a year; under "" those that everyone gets. Of several rules for one need the most frequent holds."""
    found: dict[str, float] = {}
    for rule in rules:
        days = rule.every_months * _DAYS / _MONTHS + rule.every_days
        if days > 0:
            found[rule.need] = max(found.get(rule.need, 0.0), round(_DAYS / days, 4))
    return found
