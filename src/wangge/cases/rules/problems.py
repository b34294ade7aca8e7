"""What can go wrong with a case, each with a stable code."""

from wangge.base.problems import Invalid, NotAllowed, Problem


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class StepNotPossible(Problem):
    """The table has no line for `step` from `state` with the facts as they are; `missing` names the facts."""

    code = "step-not-possible"
    status = 409
    sentence = _("The case is now “{state}”; this step is not possible.")


class CaseMoved(Problem):
    """The command was based on an earlier `revision` of the case."""

    code = "case-moved"
    status = 409
    sentence = _("Somebody else has changed this case meanwhile. Look at it again.")


class MissingFact(Invalid):
    sentence = _("{field} is missing.")


class BadAnswer(Invalid):
    """A fact that the step needs is there, but not one of what is `expected`."""


class NoPlace(Invalid):
    code = "no-place"
    sentence = _("Say where: a point inside the city's areas, or the code of an area.")


class NobodyThere(Problem):
    """Nobody present would read it there."""

    code = "nobody-there"
    status = 409
    sentence = _(
        "Nobody who could act on it is present there. Choose another desk, or name a stand-in first."
    )


class LastReader(Problem):
    """Nobody else would read the desk of `area` or one above it: its cases would lie there unseen (row B9)."""

    code = "last-reader"
    status = 409
    sentence = _("Nobody else is there to read the cases of {area}. Name a stand-in who is present.")


class NoOffice(Invalid):
    """No office of the department serves this place."""

    code = "no-office"
    sentence = _("The department {department} has no office for this place.")


class NotClear(Problem):
    """It is not this desk's to dispatch at once; `why`: `no-office`, `other-desk`, `no-right`."""

    code = "not-clear"
    status = 409
    sentence = _(
        "Nothing was filed: it cannot be dispatched in the same step. File it without, then its desk decides."
    )


class NoSummons(Problem):
    code = "no-summons"
    status = 409
    sentence = _("The catalogue allows no summons for this kind of work.")


class AlreadyMerged(Problem):
    code = "already-merged"
    status = 409
    sentence = _("That case was merged itself. Choose the one that it went into.")


class NotTheirCase(NotAllowed):
    sentence = _("This person holds no post from which the case can be handled.")


class ViewNameTaken(Problem):
    """One's own views are told apart by their names."""

    code = "view-name-taken"
    status = 409
    sentence = _("You already keep a view named {name}. Choose another name.")


class TooManyViews(Problem):
    code = "too-many-views"
    status = 409
    sentence = _("You keep {limit} views already. Remove one first.")


class ExportUnderWay(Problem):
    """One at a time for each person: a file of a million rows takes the server a while."""

    code = "export-under-way"
    status = 409
    sentence = _("A file that you asked for is still being written. Wait until it is there, then ask again.")


class MediationStepNotPossible(StepNotPossible):
    sentence = _("The mediation is now “{state}”; this step is not possible.")


class AgreementTooEarly(Problem):
    """An agreement is one of two sides, and was talked about."""

    code = "agreement-too-early"
    status = 409
    sentence = _("An agreement needs an applicant, a respondent, and a session that was recorded.")


class CourtTooLate(Invalid):
    """The court takes it within thirty days of the agreement (People's Mediation Law, art. 33)."""

    code = "court-too-late"
    sentence = _("The court could be asked until {until}.")


class InMediation(Problem):
    code = "in-mediation"
    status = 409
    sentence = _("This case is being mediated already.")
