"""Every verb about plans: streets and barriers, searching, drafting, changing, the steps of the life of a plan, applying, undoing."""

from wangge.plans.actions.applying import MOST_NAMED, DryRun, apply_dated, apply_plan, dry_run
from wangge.plans.actions.drafting import begin_plan, change_plan, improve_plan, mend_plan
from wangge.plans.actions.from_residents import (
    answer_comment,
    comment_as_resident,
    erase_comment_phones,
    read_answer,
    reveal_comment_phone,
)
from wangge.plans.actions.grounding import remove_ground
from wangge.plans.actions.posting import hold_post, propose_posts, remove_posts
from wangge.plans.actions.proving import ask_proof, stop_proof
from wangge.plans.actions.reading import carry_out_reading, send_ground, waiting_readings
from wangge.plans.actions.searching import begin_search, carry_out_search, choose_proposal, stop_search
from wangge.plans.actions.stepping import comment_on_plan, take_step
from wangge.plans.actions.turns import take_turns
from wangge.plans.actions.undoing import undo_plan

__all__ = [
    "MOST_NAMED",
    "DryRun",
    "answer_comment",
    "apply_dated",
    "apply_plan",
    "ask_proof",
    "begin_plan",
    "begin_search",
    "carry_out_reading",
    "carry_out_search",
    "change_plan",
    "choose_proposal",
    "comment_as_resident",
    "comment_on_plan",
    "dry_run",
    "erase_comment_phones",
    "hold_post",
    "improve_plan",
    "mend_plan",
    "propose_posts",
    "read_answer",
    "remove_ground",
    "remove_posts",
    "reveal_comment_phone",
    "send_ground",
    "stop_proof",
    "stop_search",
    "take_step",
    "take_turns",
    "undo_plan",
    "waiting_readings",
]
