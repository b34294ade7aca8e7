"""What plans, their steps, figures, broken rules and what stops them are called on the screen."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Label = str | Promise

STATES: Mapping[str, Label] = {
    "draft": pgettext_lazy("plan", "Draft"),
    "checked": pgettext_lazy("plan", "Checked"),
    "consulted": pgettext_lazy("plan", "Being consulted"),
    "approved": pgettext_lazy("plan", "Approved"),
    "applied": pgettext_lazy("plan", "Applied"),
    "undone": pgettext_lazy("plan", "Undone"),
    "withdrawn": pgettext_lazy("plan", "Withdrawn"),
}
#: The chip of a state, by the colours that cases have.
TONES: Mapping[str, str] = {
    "draft": "suspended",
    "checked": "reported",
    "consulted": "dispatched",
    "approved": "accepted",
    "applied": "closed",
    "undone": "returned",
    "withdrawn": "cancelled",
}
STEPS: Mapping[str, Label] = {
    "check": _("The plan is checked"),
    "consult": _("Ask residents and workers"),
    "approve": _("Approve the plan"),
    "apply": _("Apply the plan"),
    "undo": _("Undo the applying"),
    "reopen": _("Make it a draft again"),
    "withdraw": _("Withdraw the plan"),
}
DONE: Mapping[str, Label] = {
    "drafted": _("The draft stands."),
    "changed": _("The draft was changed."),
    "check": _("The plan counts as checked."),
    "consult": _("The grids of the plan see it now and may comment."),
    "approve": _("The plan is approved."),
    "apply": _("The plan is applied: everything lies in the new grids."),
    "dated": _("The plan will be applied on its day."),
    "undo": _("Everything was given back as it was."),
    "reopen": _("The plan is a draft again."),
    "withdraw": _("The plan was withdrawn."),
    "comment": _("Your comment stands with the plan."),
}
UNITS: Mapping[str, Label] = {
    "building": _("buildings"),
    "compound": _("whole compounds"),
}
SIDES: Mapping[str, Label] = {
    "residents": pgettext_lazy("plan", "Residents"),
    "worker": pgettext_lazy("plan", "Worker of the grid"),
    "lead": pgettext_lazy("plan", "Lead"),
}
RULES: Mapping[str, Label] = {
    "uncovered": _("in no grid"),
    "community": _("atoms of several communities"),
    "pieces": _("in several pieces"),
    "above": _("too many households"),
    "below": _("too few households"),
}
CAUSES: Mapping[str, Label] = {
    "alone": _("one of its parts alone has too many"),
    "community": _("its community has too few"),
    "island": _("what hangs together there has too few"),
    "between": _("too many for so many grids, too few for one more"),
    "proven": _("no other grouping does it; all were tried"),
    "fixed": _("parts of it were fixed by hand"),
    "not_found": _("no better division was found"),
}
#: Figures in the order of the table, with how they are told.
FIGURES: Mapping[str, Label] = {
    "grids": _("Grids"),
    "households": _("Households"),
    "least": _("Fewest households in a grid"),
    "most": _("Most households in a grid"),
    "outside": _("Grids out of bounds"),
    "pieces": _("Pieces too many"),
    "cut": _("Compounds in several grids"),
    "uncovered": _("Buildings in no grid"),
    "rms_m": _("Way from the middle of the grid, mean (m)"),
    "farthest_m": _("Farthest from the middle of its grid (m)"),
}
CHANGES: Mapping[str, Label] = {
    "moved": _("Households that change their grid"),
    "kept": _("Grids that go on"),
    "begun": _("Grids that begin"),
    "ended": _("Grids that end"),
    "unplaced": _("Buildings without a place of their own"),
    "gap": _("Proven when checked: mean way longer than the best possible by at most (%)"),
}
COUNTS: Mapping[str, Label] = {
    "compounds": _("Compounds"),
    "buildings": _("Buildings"),
    "dwellings": _("Dwellings"),
    "households": _("Households"),
    "residents": _("Residents"),
    "needs": _("Care needs"),
    "cases": _("Open cases"),
    "mediations": _("Open files of mediation"),
    "places": _("Places to check"),
    "routes": _("Routing rules that go over"),
    "texts": _("Ready texts that go over"),
    "redrawn": _("Grids with another outline"),
    "begun": _("Grids that begin"),
    "ended": _("Grids that end"),
    "posts": _("Posts that close"),
}
STOPS: Mapping[str, Label] = {
    "grid-ended": _("a grid of the plan's day has ended since"),
    "grid-begun": _("a grid has begun since the plan was drawn"),
    "grids-changed": _("the grids were changed again since"),
    "community-ended": _("a community has ended"),
    "code-taken": _("the code of a new grid is taken meanwhile"),
    "no-grid": _("buildings for which the plan has no grid"),
    "no-area": _("nobody's register is kept there"),
    "outside": _("something lies outside your areas"),
    "unknown": _("a compound is not known"),
    "households-left": _("households would be left behind"),
    "bad-boundary": _("an outline crosses itself"),
    "plan-stopped": _("something stood in its way; look at the dry run"),
}
TABLES: Mapping[str, Mapping[str, Label]] = {
    "state": STATES,
    "tone": TONES,
    "step": STEPS,
    "unit": UNITS,
    "side": SIDES,
    "rule": RULES,
    "cause": CAUSES,
    "figure": FIGURES,
    "change": CHANGES,
    "count": COUNTS,
    "stop": STOPS,
}
