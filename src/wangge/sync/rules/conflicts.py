"""What both sides changed, and what a person makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wangge.base.problems import Invalid

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True, slots=True)
class Side:
    """One field: what its writer saw, what they made of it, and what is kept now."""

    was: Any
    mine: Any
    theirs: Any

    def plain(self) -> dict[str, Any]:
        return {"was": self.was, "mine": self.mine, "theirs": self.theirs}


def edits_of(data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The fields of a command that say what they were and are: `{"was": …, "is": …}`, wherever it holds them."""
    found: dict[str, Mapping[str, Any]] = {}
    for name, value in data.items():
        if isinstance(value, Mapping) and value.keys() == {"was", "is"}:
            found[name] = value
        elif isinstance(value, Mapping):
            found |= edits_of(value)
    return found


def sides_of(data: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Side]:
    """Of the fields that were changed on both sides (`kept`: what stands now), all three values."""
    edits = edits_of(data)
    nothing: Mapping[str, Any] = {}
    return {
        name: Side(edits.get(name, nothing).get("was"), edits.get(name, nothing).get("is"), now)
        for name, now in kept.items()
    }


def settled(
    data: Mapping[str, Any], sides: Mapping[str, Mapping[str, Any]], choice: Mapping[str, str]
) -> dict[str, Any]:
    """The command's data as it is carried out after the choice: where the person picked their own, it is said to change what
    stands now; where they picked the other, it says nothing. Invalid for a choice that leaves a field open.
    """
    if choice.keys() != sides.keys() or not set(choice.values()) <= {MINE, THEIRS}:
        raise Invalid(field="choice", expected=", ".join(f"{name}: mine | theirs" for name in sorted(sides)))
    return _chosen(data, sides, choice)


def _chosen(
    data: Mapping[str, Any], sides: Mapping[str, Mapping[str, Any]], choice: Mapping[str, str]
) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for name, value in data.items():
        if not isinstance(value, Mapping):
            chosen[name] = value
        elif value.keys() != {"was", "is"}:
            chosen[name] = _chosen(value, sides, choice)
        elif name not in sides:
            chosen[name] = dict(value)
        elif choice[name] == MINE:
            chosen[name] = {"was": sides[name]["theirs"], "is": value["is"]}
    return chosen
