"""Cases, what hangs on them, what desks keep beside them. Row policies, the queue tally, the search column and numbers are in the migrations."""

from wangge.cases.models.case import (
    Attachment,
    Case,
    Counter,
    PostHandover,
    Route,
    Summons,
    Tally,
    Task,
)
from wangge.cases.models.desk import Note, TextTemplate, View
from wangge.cases.models.disputes import (
    Agreement,
    FollowUp,
    Mediation,
    MediationSession,
    Party,
    Referral,
    Remark,
)

__all__ = [
    "Agreement",
    "Attachment",
    "Case",
    "Counter",
    "FollowUp",
    "Mediation",
    "MediationSession",
    "Note",
    "Party",
    "PostHandover",
    "Referral",
    "Remark",
    "Route",
    "Summons",
    "Tally",
    "Task",
    "TextTemplate",
    "View",
]
