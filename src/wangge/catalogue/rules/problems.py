"""What can go wrong with an item, a list of items or a refusal, each with a stable code."""

from collections.abc import Sequence
from typing import Any

from wangge.base.problems import Invalid, NotFound, Problem


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class NoSuchItem(NotFound):
    code = "no-such-item"
    sentence = _("The catalogue has no work item {item}.")


class ItemNotOpen(Problem):
    """It takes no new case: not admitted yet, declined or retired."""

    code = "item-not-open"
    status = 409
    sentence = _("The work item {item} takes no new case: it is {state}.")


class ItemExists(Problem):
    code = "item-exists"
    status = 409
    sentence = _("There already is a work item {item}. Give the new one another code.")


class ItemStepNotPossible(Problem):
    """The table of admission has no such step from this state; `possible` names those there are."""

    code = "item-step-not-possible"
    status = 409
    sentence = _("The work item is now “{state}”; this step is not possible.")


class NothingChanged(Problem):
    code = "nothing-changed"
    status = 409
    sentence = _("The item already says all of this. A new version must differ from the last.")


class BadItem(Invalid):
    """Values of one item are wrong; `faults` names each, the sentence the first."""

    code = "bad-item"

    def __init__(self, faults: Sequence[dict[str, Any]]) -> None:
        super().__init__(field=faults[0]["field"], expected=faults[0]["expected"], faults=list(faults))


class BadItemList(Problem):
    """Nothing of the list was taken in; `faults` names wrong cells by line, column, value and what was expected."""

    code = "bad-item-list"
    status = 422
    sentence = _("{count} cells of the list are wrong; nothing of it was taken in.")


class MissingReason(Invalid):
    code = "missing-reason"
    sentence = _("Say why: this step needs a reason.")


class NotAPaper(Invalid):
    code = "not-a-paper"
    sentence = _("A paper of an item is a PDF or a picture of one.")


class TooManyPapers(Problem):
    code = "too-many-papers"
    status = 409
    sentence = _("An item has at most {most} papers. Put what belongs together into one file.")


class NoSuchDepartment(Invalid):
    code = "no-such-department"
    sentence = _("There is no department {department}.")


class OnlyGridsAndCommunitiesRefuse(Invalid):
    """Work comes down to grids and communities; a higher tier has other ways to say no."""

    code = "only-grids-and-communities-refuse"
    sentence = _("Only a grid or a community refuses work; name one of those.")


class WrongGround(Invalid):
    """The ground does not fit the item: work under an admitted item can only go beyond it, other work only lack one."""

    code = "wrong-ground"
    sentence = _(
        "Work of an admitted item can be refused as beyond its item; work of no or another item as not admitted."
    )


def right_ground(state: str | None) -> str:
    """The one ground on which work can be refused whose item is in `state`; None stands for no item."""
    return "beyond" if state == "admitted" else "not_admitted"


CODE_AGAIN = _("a code of its own: it stands in this list twice")
NOT_ADMITTED = _("a new code, or that of an admitted item")
NO_SUCH_DEPARTMENT = _("the code of a department that there is")
"""What was expected of a cell that is right by itself, but not beside the others or what is kept."""
