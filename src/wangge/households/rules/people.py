"""What a register says of people, in which words, and what may not be said."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from wangge.base.private import mask_address, mask_identity, mask_phone, normal_identity, normal_phone
from wangge.base.problems import Invalid, Problem
from wangge.base.text import clean_line, clean_text

#: 户籍在人在 · 人户分离 · 常住 · 流动
RESIDENCIES = ("registered_present", "registered_away", "permanent", "floating")
SEXES = ("m", "f")
#: To the head of the household.
RELATIONS = (
    "head",
    "spouse",
    "child",
    "parent",
    "grandchild",
    "grandparent",
    "sibling",
    "in_law",
    "other",
)

#: Why a stay began and why it ended; `redrawn`: nobody moved, the grids were drawn anew.
CAME = ("known", "born", "moved_in", "within", "from_grid", "redrawn")
WENT = ("moved_out", "within", "to_grid", "died", "merged", "redrawn")

#: Which help: `visits` has the rules of how often. There is no kind for what somebody is suspected or thought capable of.
NEEDS = (
    "living_alone",
    "elder",
    "left_behind_child",
    "child_in_difficulty",
    "disability",
    "hardship",
    "illness",
    "other",
)
BASES = ("law", "consent")
CONSENTED_BY = ("self", "guardian")

TRANSFER_STATES = ("offered", "taken", "declined", "withdrawn")

#: So long a care need lasts at most; what is still needed then is written anew, on a ground that still holds.
LONGEST_NEED = timedelta(days=366)
#: So long private particulars stay readable after a reason was given.
REVEALED_MINUTES = 10
#: What can be revealed, and for which purposes.
PRIVATE = ("identity", "phone", "address", "care")
REVEAL_REASONS = ("contact", "care", "correct", "certify", "emergency")

FIRST_DAY = date(1900, 1, 1)
LONGEST_NAME = 60
LONGEST_ADDRESS = 200
LONGEST_ORIGIN = 120
"""Of where somebody says that they came from."""
MOST_PEOPLE = 60
"""In one transfer."""

#: What of a household and of a resident a command may change.
OF_HOUSEHOLD = ("has_plot", "only_by_law")
OF_RESIDENT = (
    "name",
    "birth_year",
    "sex",
    "residency",
    "relation",
    "identity",
    "phone",
    "registered_address",
)

_IDENTITY = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_PAPER = re.compile(r"[0-9A-Z()/-]{5,30}", re.ASCII)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
PLATE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, O, 1 and I, which are taken for one another."""


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class HouseholdEnded(Problem):
    code = "household-ended"
    status = 409
    sentence = _("This household ended on {ended}; nobody can move in or out of it.")


class StillLivedIn(Problem):
    code = "still-lived-in"
    status = 409
    sentence = _("{count} people are still registered here. Say first where they went.")


class LivesSomewhere(Problem):
    code = "lives-somewhere"
    status = 409
    sentence = _("This person lives in a household already. Let them move from there.")


class KnownHere(Problem):
    """Somebody who moves in and stands in the register already, where the viewer may see it. `resident`: that record."""

    code = "known-here"
    status = 409
    sentence = _(
        "{name} is in the register already, at {place}. Let them move from there instead of adding them again."
    )


class LivesNowhere(Problem):
    code = "lives-nowhere"
    status = 409
    sentence = _("This person lives in no household since {left_on}. Let them move in first.")


class ResidentMerged(Problem):
    """`into`: the record that the person goes by."""

    code = "resident-merged"
    status = 409
    sentence = _(
        "This record was merged into another of the same person. Change that one, or undo the merge."
    )


class OtherGrid(Problem):
    code = "other-grid"
    status = 409
    sentence = _("That home lies in another grid. Offer the file to it; it moves when that grid takes it.")


class OfferedAlready(Problem):
    code = "offered-already"
    status = 409
    sentence = _("The file of one of them is already offered to a grid. Withdraw that first.")


class TransferSettled(Problem):
    code = "transfer-settled"
    status = 409
    sentence = _("This transfer is no longer open.")


class DoorTaken(Problem):
    code = "door-taken"
    status = 409
    sentence = _("This building has such a door already.")


class AlreadyOne(Problem):
    code = "already-one"
    status = 409
    sentence = _("These two records are of one person already.")


class NeedOver(Problem):
    code = "need-over"
    status = 409
    sentence = _("This care need has ended already.")


def new_plate() -> str:
    """A code for a door plate that nobody guesses: 80 bits of chance."""
    return "".join(secrets.choice(PLATE_LETTERS) for _each in range(16))


def household_number(community: str, serial: int) -> str:
    """`32070300300200417`: the community's code, and a number within it."""
    return f"{community}{serial:05d}"


def day_of_move(on: date, *, today: date, since: date | None = None) -> date:
    """The day, when it is one until today and not before the stay began; else Invalid."""
    if not FIRST_DAY <= on <= today:
        raise Invalid(field="on", expected=_("a day until today"))
    if since and on < since:
        raise Invalid(field="on", expected=f"≥ {since}")
    return on


def household_facts(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a household, checked: only what is named."""
    facts = {}
    for name, value in given.items():
        if name not in OF_HOUSEHOLD:
            raise Invalid(field=name, expected=", ".join(OF_HOUSEHOLD))
        if not isinstance(value, bool):
            raise Invalid(field=name, expected="true, false")
        facts[name] = value
    return facts


def resident_facts(given: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """What is said of a resident, cleaned and checked: only what is named."""
    facts: dict[str, Any] = {}
    for name, value in given.items():
        check = _RESIDENT.get(name)
        if check is None:
            raise Invalid(field=name, expected=", ".join(OF_RESIDENT))
        facts[name] = check(name, value, today)
    return facts


def _called(name: str, value: Any, _today: date) -> str:
    cleaned = clean_line(_text(name, value), limit=LONGEST_NAME, name=name)
    if not cleaned:
        raise Invalid(field=name, expected=_("a name of 1 to 60 characters"))
    return cleaned


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(field=name, expected=_("a text"))
    return value


def _birth_year(name: str, value: Any, today: date) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1880 <= value <= today.year:
        raise Invalid(field=name, expected=f"1880–{today.year}")
    return value


def _one_of(choices: tuple[str, ...]) -> Callable[[str, Any, date], str]:
    def check(name: str, value: Any, _today: date) -> str:
        if value not in choices:
            raise Invalid(field=name, expected=", ".join(choice or "—" for choice in choices))
        return str(value)

    return check


def _identity(name: str, value: Any, _today: date) -> str:
    """An identity number whose check figure is right, or the number of another paper; or none."""
    number = normal_identity(_text(name, value))
    if number and not (
        identity_is_right(number) if len(number) == 18 and number[:17].isdigit() else _PAPER.fullmatch(number)
    ):
        raise Invalid(
            field=name, expected=_("an identity number of 18 figures, or the number of another paper")
        )
    return number


def identity_is_right(number: str) -> bool:
    """Whether the last figure follows from the others (GB 11643)."""
    if not _IDENTITY.fullmatch(number):
        return False
    total = sum(int(figure) * weight for figure, weight in zip(number[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17]


def _phone(name: str, value: Any, _today: date) -> str:
    number = normal_phone(_text(name, value))
    if value and not 5 <= len(number) <= 15:
        raise Invalid(field=name, expected=_("a telephone number of 5 to 15 figures"))
    return number


def _address(name: str, value: Any, _today: date) -> str:
    """Where somebody is registered, which need not be where they live."""
    return clean_line(_text(name, value), limit=LONGEST_ADDRESS, name=name)


_RESIDENT: Mapping[str, Callable[[str, Any, date], Any]] = {
    "name": _called,
    "birth_year": _birth_year,
    "sex": _one_of(("", *SEXES)),
    "residency": _one_of(RESIDENCIES),
    "relation": _one_of(("", *RELATIONS)),
    "identity": _identity,
    "phone": _phone,
    "registered_address": _address,
}


@dataclass(frozen=True, slots=True)
class Need:
    """A care need as it is written down: on which ground, and until when. There is none without an end."""

    kind: str
    basis: str
    until: date
    law: str = ""
    consent_on: date | None = None
    consent_by: str = ""
    detail: str = ""
    from_on: date | None = None


def checked_need(need: Need, *, today: date) -> Need:
    """The need with its first day; Invalid names what is wrong with it."""
    if need.kind not in NEEDS:
        raise Invalid(field="kind", expected=", ".join(NEEDS))
    if need.basis not in BASES:
        raise Invalid(field="basis", expected=", ".join(BASES))
    if need.kind == "other" and need.basis != "consent":
        raise Invalid(field="basis", expected=_("the person's consent, since no law names this need"))
    first = need.from_on or today
    if not FIRST_DAY <= first <= today:
        raise Invalid(field="from_on", expected=_("a day until today"))
    if not first <= need.until <= first + LONGEST_NEED or need.until < today:
        raise Invalid(field="until", expected=_("a day from today on, at most 366 days after it began"))
    law = clean_line(need.law, limit=200, name="law")
    if need.basis == "law":
        if not law:
            raise Invalid(field="law", expected=_("the law and its article"))
        consent_on, consent_by = None, ""
    else:
        consent_on, consent_by = need.consent_on, need.consent_by
        if consent_by not in CONSENTED_BY:
            raise Invalid(field="consent_by", expected=", ".join(CONSENTED_BY))
        if consent_on is None or not FIRST_DAY <= consent_on <= today:
            raise Invalid(field="consent_on", expected=_("the day on which they consented"))
    detail = clean_text(need.detail, limit=2000, name="detail")
    return replace(need, law=law, consent_on=consent_on, consent_by=consent_by, detail=detail, from_on=first)


def seen_as(field: str, value: str | None) -> tuple[str, ...]:
    """How somebody who may not read a private field may have seen it: a command's `was` names one of these."""
    if not value:
        return ("",)
    if field == "phone":
        return (value, mask_phone(value), value[-4:])
    if field == "registered_address":
        return (value, mask_address(value))
    return (value, mask_identity(value))
