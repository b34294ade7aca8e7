"""What plans, their steps, figures, broken rules and what stops them are called on the screen."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wangge.plans.rules.problems import GroundTooLarge, NoGround, NotAMap

Label = str | Promise
_BROKEN = _("Something went wrong; the log of the worker tells where.")

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
    "consult": _(
        "The grids of the plan see it now, residents find it on the public page, and both may comment."
    ),
    "approve": _("The plan is approved."),
    "apply": _("The plan is applied: everything lies in the new grids."),
    "dated": _("The plan will be applied on its day."),
    "undo": _("Everything was given back as it was."),
    "reopen": _("The plan is a draft again."),
    "withdraw": _("The plan was withdrawn."),
    "comment": _("Your comment stands with the plan."),
    "answer": _("The answer stands with the comment."),
    "ground-sent": _("The map was sent and is read in the background; this page tells how it ends."),
    "ground-removed": _("Nothing is known there any more; plans begun before keep what they go by."),
    "search-stopped": _("The search ends with the best so far."),
    "chosen": _("This proposal is kept; the other drafts of its search are withdrawn."),
    "proof": _("How good the division is will be proven in the background; look again in a minute."),
    "proof-stopped": _("The proof was stopped. What was proven stays."),
    "mended": _("The draft now begins with today's grids, mended."),
    "posts": _("Who works where is proposed."),
    "posts-removed": _("The plan says nothing of posts any more."),
}
UNITS: Mapping[str, Label] = {
    "building": _("buildings"),
    "compound": _("whole compounds"),
}
WEIGHED: Mapping[str, Label] = {
    "households": _("households"),
    "minutes": _("households and minutes of work"),
}
GROUND: Mapping[str, Label] = {
    "streets": _("Streets"),
    "barriers": _("Barriers"),
    "railway_barriers": _("of these railways"),
    "road_barriers": _("of these main roads"),
    "water_barriers": _("of these rivers and waters"),
    "crossings": _("Crossings"),
    "shops": _("Shops"),
    "left_out": _("Features that could not be read"),
}
#: What each line on a picture is.
GROUND_LINES: Mapping[str, Label] = {
    "streets": _("Streets"),
    "barriers": _("Barriers"),
    "railway_barriers": _("Railways"),
    "road_barriers": _("Main roads"),
    "water_barriers": _("Rivers and waters"),
    "crossings": _("Crossings"),
    "shops": _("Shops"),
    "astray": _("Doors in no grid, in two, or elsewhere than kept"),
}
#: How they are explained beside the editor's map.
GROUND_SIGNS: Mapping[str, Label] = {
    "streets": _("Streets"),
    "barriers": _("Barriers: railways, main roads, rivers"),
    "railway_barriers": _("Railways"),
    "road_barriers": _("Main roads"),
    "water_barriers": _("Rivers and waters"),
    "surfaces": _("Water and hills"),
    "crossings": _("Crossings"),
    "shops": _("Shops"),
}
READING_STATES: Mapping[str, Label] = {
    "waiting": pgettext_lazy("map", "waits to be read"),
    "reading": pgettext_lazy("map", "is being read"),
    "done": pgettext_lazy("map", "was taken in"),
    "failed": pgettext_lazy("map", "was not taken in"),
}
READING_PROBLEMS: Mapping[str, Label] = {
    "replaced": _("Another map of the same area was sent after it."),
    "invalid": _("The area is no more."),
    "lost": _("Its reading was broken off twice. Send it once more, or less of it."),
}
#: What stands in the way of a map as much as of anything that is sent.
_READING_SENTENCES = {each.code: each for each in (NotAMap, NoGround, GroundTooLarge)}
SEARCH_STATES: Mapping[str, Label] = {
    "waiting": pgettext_lazy("search", "waits to begin"),
    "running": pgettext_lazy("search", "looks for proposals"),
    "done": pgettext_lazy("search", "has ended"),
    "failed": pgettext_lazy("search", "was not possible"),
}
SEARCH_PROBLEMS: Mapping[str, Label] = {
    "nothing-to-divide": _("No building with households is registered in this area."),
    "too-many-atoms": _("There are too many buildings for one plan. Divide the areas below it one by one."),
    "no-number-left": _("A community has used all its numbers of grids; keep more of today's grids."),
    "lost": _("Whatever worked on it ended twice. Ask once more, or for less."),
}
SIDES: Mapping[str, Label] = {
    "residents": pgettext_lazy("plan", "Residents"),
    "worker": pgettext_lazy("plan", "Worker of the grid"),
    "lead": pgettext_lazy("plan", "Lead"),
}
#: Why somebody looks at a number that a resident left.
REVEAL: Mapping[str, Label] = {
    "answer": _("to answer by telephone"),
    "ask": _("to ask what is meant"),
}
RULES: Mapping[str, Label] = {
    "uncovered": _("in no grid"),
    "community": _("atoms of several communities"),
    "pieces": _("in several pieces"),
    "together": _("parted what must stay together"),
    "apart": _("holds what must stay apart"),
    "above": _("too many households"),
    "below": _("too few households"),
}
#: What is wrong with the ground of today's grids.
FAULTS: Mapping[str, Label] = {
    "overlap": _("Two grids overlap"),
    "hole": _("In no grid"),
    "broken": _("The outline crosses itself"),
}
#: What somebody says of several units by hand.
BONDS: Mapping[str, Label] = {
    "together": pgettext_lazy("units", "Must stay together"),
    "apart": pgettext_lazy("units", "Must stay apart"),
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
    "rms_m": _("Straight way from the middle of the grid, root mean square (m)"),
    "farthest_m": _("Farthest from the middle of its grid (m)"),
}
CHANGES: Mapping[str, Label] = {
    "moved": _("Households that change their grid"),
    "handed_over": _("Households that get another worker"),
    "kept": _("Grids that go on"),
    "begun": _("Grids that begin"),
    "ended": _("Grids that end"),
    "redrawn": _("Grids that go on with another outline"),
    "untouched": _("Grids without registered buildings, which stay as they are"),
    "unplaced": _("Buildings without a place of their own"),
    "gap": _(
        "Proven: ways as the plan was divided by, straight or on foot, root mean square, longer than in the best division by at most (%)"
    ),
}
#: What tells one proposal from another.
PROPOSED: Mapping[str, Label] = {
    "moved": _("Households that change their grid"),
    "handed_over": _("Households that get another worker"),
    "kept": _("Grids that keep their number"),
    "grids": _("Grids"),
    "rms_m": _("Straight way from the middle of the grid, root mean square (m)"),
    "walk_mean_m": _("Way along the streets from the middle door, mean (m)"),
    "walk_farthest_m": _("Farthest along the streets (m)"),
    "outside": _("Grids out of bounds"),
    "least": _("Fewest households in a grid"),
    "most": _("Most households in a grid"),
    "hours_least": _("Work of the grid with least, with the ways, hours a week"),
    "hours_most": _("Work of the grid with most, with the ways, hours a week"),
    "pieces": _("Pieces too many"),
    "cut": _("Compounds in several grids"),
    "uncovered": _("Buildings in no grid"),
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
    "offers": _("Files on offer to a grid that ends"),
    "routes": _("Routing rules that go over"),
    "texts": _("Ready texts that go over"),
    "redrawn": _("Grids with another outline"),
    "untouched": _("Grids without registered buildings, which stay as they are"),
    "begun": _("Grids that begin"),
    "ended": _("Grids that end"),
    "posts": _("Posts that close"),
    "seats": _("Workers who get another grid"),
}
STOPS: Mapping[str, Label] = {
    "grid-ended": _("a grid of the plan's day has ended since"),
    "grid-begun": _("a grid has begun since the plan was drawn"),
    "grid-redrawn": _("a grid was drawn anew since the plan was drawn"),
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
PRINCIPLES: Mapping[str, Label] = {
    "belonging": _("Clear belonging"),
    "size": _("Fit size"),
    "service": _("Convenient service"),
    "management": _("Full management"),
}
#: The figures of each principle, in their order.
PRINCIPLE_FIGURES: Mapping[str, Mapping[str, Label]] = {
    "belonging": {
        "kept": _("Every unit in exactly one grid of its community"),
        "in_a_grid": _("Units in a grid"),
        "over_a_border": _("Grids over the border of a community"),
        "pieces": _("Pieces too many"),
    },
    "size": {
        "kept": _("Every grid within the bounds"),
        "smallest": _("Fewest households in a grid"),
        "mean": _("Households in a grid, mean"),
        "largest": _("Most households in a grid"),
        "outside": _("Grids out of bounds"),
    },
    "service": {
        "farthest_m": _("Way to the farthest door of a grid (m)"),
        "mean_m": _("Way to a door, mean (m)"),
        "most_hours_a_week": _("Rounds of the grid with most work, with the ways, hours a week"),
        "hours_a_week": _("Rounds of all grids, with the ways, hours a week"),
        "walking_hours_a_week": _("Of these on the way, hours a week"),
        "round_hours": _("Longest way once round all doors of a grid, hours"),
    },
    "management": {
        "kept": _("Nothing uncovered"),
        "households": _("Households in no grid"),
        "atoms": _("Units in no grid"),
        "streets_uncovered_m": _("Streets outside every grid (m)"),
        "shops_uncovered": _("Shops outside every grid"),
    },
}
PROOF_STATES: Mapping[str, Label] = {
    "running": pgettext_lazy("proof", "being proven"),
    "done": pgettext_lazy("proof", "proven as far as it goes"),
    "stopped": pgettext_lazy("proof", "stopped"),
}
TABLES: Mapping[str, Mapping[str, Label]] = {
    "state": STATES,
    "tone": TONES,
    "step": STEPS,
    "unit": UNITS,
    "weigh": WEIGHED,
    "ground": GROUND,
    "ground-sign": GROUND_SIGNS,
    "ground-line": GROUND_LINES,
    "bond": BONDS,
    "fault": FAULTS,
    "side": SIDES,
    "reveal": REVEAL,
    "rule": RULES,
    "cause": CAUSES,
    "figure": FIGURES,
    "change": CHANGES,
    "count": COUNTS,
    "stop": STOPS,
    "principle": PRINCIPLES,
    "proof": PROOF_STATES,
}


def why_approved(plan: Any) -> Label:
    """What the reason of its approval is called: whoever did not wait for the residents said why."""
    if plan.approved_early:
        return _("Why it was approved before the residents' last day was over")
    return _("Why it was approved")


def said_of_reading(problem: Mapping[str, Any], translate: Callable[[str], str]) -> Label:
    """Why a map was not taken in; nothing where it was."""
    code = str(problem.get("code", ""))
    if code in _READING_SENTENCES:
        return _READING_SENTENCES[code](**problem.get("facts", {})).say(translate)
    return READING_PROBLEMS.get(code, _BROKEN) if code else ""


def said_of(problem: Mapping[str, object]) -> Label:
    """What stood in the way of a search; nothing where nothing did."""
    code = str(problem.get("code", ""))
    return SEARCH_PROBLEMS.get(code, _BROKEN) if code else ""
