"""What phones send, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

Label = Any


def _(text: str) -> Label:
    return gettext_lazy(text)


#: Kinds of commands.
KINDS: Mapping[str, Label] = {
    "campaign.answer": _("Answer to a campaign"),
    "case.attach": _("Photo or voice of a case"),
    "case.report": _("Reported case"),
    "case.step": _("Step of a case"),
    "conflict.settle": _("Choice between two values"),
    "household.add": _("New home"),
    "household.change": _("Change of a home"),
    "need.add": _("Care need"),
    "need.end": _("End of a care need"),
    "note.add": _("Note"),
    "patrol.record": _("Patrol"),
    "place.check": _("Place checked"),
    "plant.check": _("Plant check"),
    "resident.add": _("New person"),
    "resident.change": _("Change of a person"),
    "resident.move": _("Move"),
    "shift.end": _("End of a shift"),
    "shift.start": _("Start of a shift"),
    "visit.record": _("Visit"),
}
#: Why one that was held was not taken in after all; others are told by their code.
REASONS: Mapping[str, Label] = {
    "from-lost-phone": _("not taken from a phone that was reported lost"),
    "invalid": _("something in it cannot be so"),
    "known-here": _("the person is in the register already"),
    "not-allowed": _("your posts do not carry it any more"),
    "not-found": _("what it belongs to never came, or is somebody else's now"),
    # These wait; where one has ended all the same it was emptied.
    "not-here-yet": _("it could not be taken in for thirty days, and what was in it is erased"),
    "not-now": _("it could not be taken in for thirty days, and what was in it is erased"),
}
