"""What can go wrong with plans."""

from wangge.base.problems import Problem


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


class OwnApproval(Problem):
    code = "own-approval"
    status = 409
    sentence = _("Who drafted or checked a plan does not approve it.")
