"""Every write of cases: one function, one verb of a user."""

from wangge.cases.actions.attachments import attach
from wangge.cases.actions.bulk import Outcome, take_steps
from wangge.cases.actions.handover import (
    begin_leave,
    end_account_with_handover,
    end_assignment_with_handover,
    give_post,
    hand_over_post,
    rehome_unread_cases,
)
from wangge.cases.actions.report import Report, report_case
from wangge.cases.actions.routes import remove_route, set_route
from wangge.cases.actions.steps import take_step
from wangge.cases.actions.summonses import arrive_at_summons
from wangge.cases.actions.views import remove_view, save_view

__all__ = [
    "Outcome",
    "Report",
    "arrive_at_summons",
    "attach",
    "begin_leave",
    "end_account_with_handover",
    "end_assignment_with_handover",
    "give_post",
    "hand_over_post",
    "rehome_unread_cases",
    "remove_route",
    "remove_view",
    "report_case",
    "save_view",
    "set_route",
    "take_step",
    "take_steps",
]
