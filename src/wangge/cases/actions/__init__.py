"""Every write of cases: one function, one verb of a user."""

from wangge.cases.actions.attachments import attach
from wangge.cases.actions.bulk import Outcome, take_steps
from wangge.cases.actions.carrying import Carried, CarriedOver, carry_rules_over, take_back_rules
from wangge.cases.actions.disputes import (
    Opening,
    look_at_mediation,
    open_mediation,
    reveal_phone,
    take_mediation_step,
)
from wangge.cases.actions.exports import MOST_EXPORTED, begin_export, exported_cases
from wangge.cases.actions.filing import report_and_dispatch, report_into
from wangge.cases.actions.handover import (
    begin_leave,
    end_account_with_handover,
    end_assignment_with_handover,
    give_post,
    hand_over_post,
    rehome_unread_cases,
)
from wangge.cases.actions.notes import write_note
from wangge.cases.actions.rehoming import rehome_files, rehome_open
from wangge.cases.actions.report import Report, report_case
from wangge.cases.actions.routes import remove_route, set_route
from wangge.cases.actions.steps import take_step
from wangge.cases.actions.summonses import arrive_at_summons
from wangge.cases.actions.texts import remove_text, set_text
from wangge.cases.actions.views import remove_view, save_view

__all__ = [
    "MOST_EXPORTED",
    "Carried",
    "CarriedOver",
    "Opening",
    "Outcome",
    "Report",
    "arrive_at_summons",
    "attach",
    "begin_export",
    "begin_leave",
    "carry_rules_over",
    "end_account_with_handover",
    "end_assignment_with_handover",
    "exported_cases",
    "give_post",
    "hand_over_post",
    "look_at_mediation",
    "open_mediation",
    "rehome_files",
    "rehome_open",
    "rehome_unread_cases",
    "remove_route",
    "remove_text",
    "remove_view",
    "report_and_dispatch",
    "report_case",
    "report_into",
    "reveal_phone",
    "save_view",
    "set_route",
    "set_text",
    "take_back_rules",
    "take_mediation_step",
    "take_step",
    "take_steps",
    "write_note",
]
