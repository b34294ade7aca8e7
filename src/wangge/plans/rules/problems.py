"""What can go wrong with plans."""

from wangge.base.problems import OtherContent, Problem


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class PlanStepNotPossible(Problem):
    code = "plan-step-not-possible"
    status = 409
    sentence = _("The plan is now “{state}”; this step is not possible.")


class PlanChanged(Problem):
    code = "plan-changed"
    status = 409
    sentence = _("Somebody else changed this plan meanwhile. Load it again.")


class NothingToDivide(Problem):
    code = "nothing-to-divide"
    status = 422
    sentence = _("No building with households is registered in this area.")


class TooManyAtoms(Problem):
    code = "too-many-atoms"
    status = 422
    sentence = _(
        "{count} buildings are too many for one plan; at most {most}. Divide the areas below it one by one."
    )


class RulesBroken(Problem):
    code = "rules-broken"
    status = 409
    sentence = _("{count} rules are broken. Mend them, or say why it cannot be otherwise.")


class Uncovered(Problem):
    code = "plan-uncovered"
    status = 409
    sentence = _("{count} buildings lie in no grid, or in a grid of another community.")


class PlanStopped(Problem):
    """`first` is what stops it, one of `rules.dry.STOPS`."""

    code = "plan-stopped"
    status = 409
    sentence = _("The plan cannot be applied now: {count} things stop it. Look at the dry run.")


class TooLateToUndo(Problem):
    code = "too-late-to-undo"
    status = 409
    sentence = _("A plan can be undone within a day; since then life has gone on in the new grids.")


class NoWorkers(Problem):
    code = "no-workers"
    status = 422
    sentence = _("Nobody has a post in a grid of this area yet.")


class PostsStale(Problem):
    code = "posts-stale"
    status = 409
    sentence = _(
        "Who would work where was proposed for an earlier division. Propose it anew, or take it away."
    )


class OwnApproval(Problem):
    code = "own-approval"
    status = 409
    sentence = _("Who drafted or checked a plan does not approve it.")


class ResidentsStillAsked(Problem):
    """`until`: the last day that residents were told."""

    code = "residents-still-asked"
    status = 409
    sentence = _(
        "Residents were told that they may comment until {until}, that day included. Approve it when that day is over, or say why it cannot wait."
    )


class BondsContradict(Problem):
    """Who must share a grid may not be said to be apart."""

    code = "bonds-contradict"
    status = 422
    sentence = _("What must stay together and what must stay apart contradict each other.")


class NoNumberLeft(Problem):
    code = "no-number-left"
    status = 409
    sentence = _("A community has used all its numbers of grids; keep more of today's grids.")


class NotAMap(Problem):
    code = "not-a-map"
    status = 422
    sentence = _("The file is neither GeoJSON nor an extract of OpenStreetMap (.osm, .pbf) that can be read.")


class NoGround(Problem):
    """`left_out`: features that could not be read."""

    code = "no-ground"
    status = 422
    sentence = _(
        "The file holds no street, barrier or crossing in this area; {left_out} features could not be read."
    )


class GroundTooLarge(Problem):
    code = "ground-too-large"
    status = 422
    sentence = _(
        "The map is too large: at most {megabytes} MB and {points} corners. Cut it to the area, or take lower areas."
    )


class SearchEnded(Problem):
    code = "search-ended"
    status = 409
    sentence = _("This search has ended.")


class TooManyOwnSearches(Problem):
    code = "too-many-own-searches"
    status = 409
    sentence = _(
        "{count} searches that you asked for wait or run already; wait until they have ended, or stop one."
    )


class TooManyProofs(Problem):
    code = "too-many-proofs"
    status = 409
    sentence = _(
        "{count} proofs that you asked for are running already; wait until they have ended, or stop one."
    )


class TooManyReadings(Problem):
    code = "too-many-readings"
    status = 409
    sentence = _("{count} maps that you sent are still to be read; wait until they are.")


class CommentsEnded(Problem):
    code = "comments-ended"
    status = 409
    sentence = _("Comments on this plan are not taken, or not taken any more.")


class AlreadySaid(OtherContent):
    """Who sends it is a resident at their own door, whom a number of a comment tells nothing."""

    sentence = _(
        "It was already sent with other words, another grid or another telephone number; that stands. Sent once more, this one stands beside it."
    )


class NoSuchCode(Problem):
    code = "no-such-code"
    status = 404
    sentence = _("There is no comment with this code. Look whether all sixteen figures are right.")


class TooManySearches(Problem):
    code = "too-many-searches"
    status = 409
    sentence = _(
        "{count} searches wait or run in this area already; wait until they have ended, or stop one."
    )
