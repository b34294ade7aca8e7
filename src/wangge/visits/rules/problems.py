"""What can go wrong with visits, shifts, patrols and places."""

from wangge.base.problems import Invalid, Problem


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class BadVisit(Invalid):
    """A fact about a visit, shift, patrol or check is not acceptable."""

    code = "bad-visit"


class NoShift(Problem):
    """Tracks are kept only while somebody works, and only when they start them."""

    code = "no-shift"
    status = 409
    sentence = _("A patrol is recorded only during a shift. Start the shift first.")


class OnShift(Problem):
    code = "on-shift"
    status = 409
    sentence = _("Your shift has begun already, at {started}.")


class RulesRefused(Problem):
    """The table of rules is wrong; nothing of it was taken."""

    code = "bad-due-rules"
    status = 422
    sentence = _("The rules were not taken: {fault}")


class VisitImportRefused(Problem):
    """Cells of a table of visits are wrong; `faults` names each."""

    code = "visit-import-refused"
    status = 422
    sentence = _(
        "Nothing was imported: {count} cells are wrong. The first: line {line}, {column}: {expected}"
    )


class TooFewHomes(Problem):
    """A question that so few households answer would tell of single ones."""

    code = "too-few-homes"
    status = 422
    sentence = _(
        "Fewer than {least} households fit. So few are not asked: their answers would tell of single ones."
    )


class QuestionStepNotPossible(Problem):
    code = "question-step-not-possible"
    status = 409
    sentence = _("The question has gone on meanwhile: this cannot be done with it any more.")
