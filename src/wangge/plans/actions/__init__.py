"""Every verb about plans: drafting, changing, the steps of the life of a plan, applying, undoing."""

from wangge.plans.actions.applying import DryRun, apply_dated, apply_plan, dry_run, undo_plan
from wangge.plans.actions.drafting import begin_plan, change_plan, improve_plan
from wangge.plans.actions.stepping import comment_on_plan, take_step

__all__ = [
    "DryRun",
    "apply_dated",
    "apply_plan",
    "begin_plan",
    "change_plan",
    "comment_on_plan",
    "dry_run",
    "improve_plan",
    "take_step",
    "undo_plan",
]
