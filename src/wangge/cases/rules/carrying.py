"""Which routing rules and ready texts of grids go over to the grids that took their households. Pure.

A rule decides where a case goes, for everybody in its grid. So a grid gets a rule when more than half of its households lived under
it before; copied to each grid that took some over, it would also hold for people for whom nobody made it. A grid's own rule for the
same cases wins: whoever keeps the grid chose it. A ready text is only offered, so each grid that took households over gets it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wangge.cases.rules.routing import Rule

#: Longer a text's name cannot be.
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Share:
    """So many households, or whatever is counted in their place, go from one grid to another; also those that stay."""

    from_code: str
    to_code: str
    weight: int


@dataclass(frozen=True, slots=True)
class RuleGoes:
    """`to` is empty for a rule of a grid that ended, which holds nowhere from now on."""

    rule: Rule
    to: str


def rules_that_go(
    rules: Mapping[str, Iterable[Rule]], shares: Iterable[Share], *, ended: Iterable[str]
) -> list[RuleGoes]:
    """Which rule of which grid goes to which, and those of ended grids that go nowhere; `rules` by the grid's code."""
    own = {code: _that_decide(of) for code, of in rules.items()}
    shares = list(shares)
    going: list[RuleGoes] = []
    held: set[tuple[str, tuple[str, ...]]] = set()
    for to in sorted({share.to_code for share in shares}):
        coming = [share for share in shares if share.to_code == to]
        whole = sum(share.weight for share in coming)
        weights: dict[tuple[str, ...], int] = {}
        first: dict[tuple[str, ...], Rule] = {}
        for share in sorted(coming, key=lambda one: (-one.weight, one.from_code)):
            for rule in own.get(share.from_code, ()):
                weights[_content(rule)] = weights.get(_content(rule), 0) + share.weight
                first.setdefault(_content(rule), rule)
        chosen = {_cases(rule) for rule in own.get(to, ())}
        held |= {(to, _content(rule)) for rule in own.get(to, ())}
        # In the order in which they were made: of two that are alike the newer decides there, too.
        for content, rule in sorted(first.items(), key=lambda one: one[1].id):
            if 2 * weights[content] > whole and _cases(rule) not in chosen:
                going.append(RuleGoes(rule, to))
                held.add((to, content))
    for code in sorted(set(ended)):
        heirs = {share.to_code for share in shares if share.from_code == code}
        going += [
            RuleGoes(rule, "")
            for rule in own.get(code, ())
            if not any((heir, _content(rule)) in held for heir in heirs)
        ]
    return going


def name_beside(name: str, grid: str, taken: Iterable[str]) -> str:
    """The name of a text where another of this name stands: with the grid's from which it comes, at most as long as one may be."""
    taken = set(taken)
    if name not in taken:
        return name
    for number in range(1, len(taken) + 2):
        end = f"({grid})" if number == 1 else f"({grid} {number})"
        found = f"{name[: LONGEST_NAME - len(end)]}{end}"
        if found not in taken:
            return found
    raise AssertionError  # one of so many is free


def _that_decide(rules: Iterable[Rule]) -> list[Rule]:
    """Of rules for the same cases in one grid the newest."""
    latest: dict[tuple[str, ...], Rule] = {}
    for rule in sorted(rules, key=lambda one: one.id):
        latest[_cases(rule)] = rule
    return sorted(latest.values(), key=lambda one: one.id)


def _cases(rule: Rule) -> tuple[str, ...]:
    return (rule.item, rule.business, rule.hours)


def _content(rule: Rule) -> tuple[str, ...]:
    return (*_cases(rule), rule.tier, rule.department)
