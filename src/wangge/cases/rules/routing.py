"""Which rule decides where a case goes. The rules are data (`models.Route`); this chooses among them and says why."""

from collections.abc import Iterable
from dataclasses import dataclass

from wangge.access.viewer import lies_in


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the routing table; empty `item`, `business`, `tier` or `department` mean any, or the item's own."""

    id: int
    path: str
    item: str = ""
    business: str = ""
    hours: str = "any"
    tier: str = ""
    department: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a case goes: the tier of the desk and the department, and the rule that decided (None: the item itself)."""

    tier: str
    department: str
    rule: Rule | None


def choose_rule(
    rules: Iterable[Rule],
    *,
    item: str,
    business: str,
    first_tier: str,
    department: str,
    path: str,
    in_office_hours: bool,
) -> Choice:
    """The most particular rule that fits wins: by item before by business before for all; then the smaller area; then one
    for these hours; then the newer. What a rule leaves open, the item's own words fill.
    """
    hours = "office" if in_office_hours else "off"
    fitting = [
        rule
        for rule in rules
        if rule.item in ("", item)
        and rule.business in ("", business)
        and rule.hours in ("any", hours)
        and lies_in(path, rule.path)
    ]
    if not fitting:
        return Choice(first_tier, department, None)
    best = max(
        fitting,
        key=lambda rule: (
            bool(rule.item),
            bool(rule.business),
            rule.path.count("."),
            rule.hours != "any",
            rule.id,
        ),
    )
    return Choice(best.tier or first_tier, best.department or department, best)
