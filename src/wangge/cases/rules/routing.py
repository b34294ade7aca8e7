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
    """Where a case goes: the tier of the desk and the department, the rule that decided (None: the item itself), and those
    that fitted too but gave way.
    """

    tier: str
    department: str
    rule: Rule | None
    gave_way: tuple[Rule, ...] = ()


def fitting_rules(
    rules: Iterable[Rule], *, item: str, business: str, path: str, in_office_hours: bool
) -> list[Rule]:
    """Every rule that fits such a case, the most particular first: by item before by business before for all; then the
    smaller area; then one for these hours; then the newer.
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
    return sorted(fitting, key=_particular, reverse=True)


def _particular(rule: Rule) -> tuple[bool, bool, int, bool, int]:
    return bool(rule.item), bool(rule.business), rule.path.count("."), rule.hours != "any", rule.id


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
    """The first of the fitting rules decides; what it leaves open, and all without one, the item's own words fill."""
    fitting = fitting_rules(rules, item=item, business=business, path=path, in_office_hours=in_office_hours)
    if not fitting:
        return Choice(first_tier, department, None)
    best = fitting[0]
    return Choice(best.tier or first_tier, best.department or department, best, tuple(fitting[1:]))
