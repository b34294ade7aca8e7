"""Every verb that a duty can carry, in alphabetical order."""

from enum import StrEnum


class Verb(StrEnum):
    """`<noun>.<verb>`; asked for in actions, never at the door."""

    AREA_CHANGE = "area.change"
    CASE_ACCEPT = "case.accept"
    CASE_CANCEL = "case.cancel"
    CASE_CLOSE = "case.close"
    CASE_DISPATCH = "case.dispatch"
    CASE_ESCALATE = "case.escalate"
    CASE_HANDLE = "case.handle"
    CASE_MERGE = "case.merge"
    CASE_REOPEN = "case.reopen"
    CASE_REPORT = "case.report"
    CASE_RETURN = "case.return"
    CASE_SUMMON = "case.summon"
    CASE_SUPERVISE = "case.supervise"
    CASE_SUSPEND = "case.suspend"
    CASE_VERIFY = "case.verify"
    FIGURES_READ = "figures.read"
    ITEM_ADMIT = "item.admit"
    ITEM_PROPOSE = "item.propose"
    ITEM_REFUSE = "item.refuse"
    ITEM_REVIEW = "item.review"
    JOURNAL_READ = "journal.read"
    ROUTE_CHANGE = "route.change"
    STAFF_CHANGE = "staff.change"
