"""Duties: bundles of verbs that a kind of post carries. Code reasons in verbs, never in posts or duties."""

from collections.abc import Iterable
from functools import lru_cache

from wangge.access.verbs import Verb

_REPORT = {Verb.CASE_REPORT, Verb.CASE_CANCEL, Verb.CASE_NOTE}
_DESK = {
    *_REPORT,
    Verb.CAMPAIGN_ANSWER,
    Verb.CASE_ACCEPT,
    Verb.CASE_ANSWER,
    Verb.CASE_CLOSE,
    Verb.CASE_DISPATCH,
    Verb.CASE_ESCALATE,
    Verb.CASE_HANDLE,
    Verb.CASE_MERGE,
    Verb.CASE_REOPEN,
    Verb.CASE_RETURN,
    Verb.CASE_SPLIT,
    Verb.CASE_SUSPEND,
    Verb.CASE_VERIFY,
    Verb.FIGURES_READ,
    Verb.ITEM_REFUSE,
    Verb.PLACE_KEEP,
    Verb.PLAN_COMMENT,
    Verb.VISIT_PLAN,
}
_DIVIDE = {
    Verb.PLAN_APPLY,
    Verb.PLAN_APPROVE,
    Verb.PLAN_CHECK,
    Verb.PLAN_COMMENT,
    Verb.PLAN_CONSULT,
    Verb.PLAN_DRAFT,
}

DUTIES: dict[str, frozenset[Verb]] = {
    "administer": frozenset(
        {
            *_DIVIDE,
            Verb.AREA_CHANGE,
            Verb.CAMPAIGN_RUN,
            Verb.FIGURES_READ,
            Verb.ITEM_PROPOSE,
            Verb.JOURNAL_READ,
            Verb.ROUTE_CHANGE,
            Verb.RULE_CHANGE,
            Verb.STAFF_CHANGE,
            Verb.TEXT_CHANGE,
        }
    ),
    "admit": frozenset({Verb.ITEM_ADMIT, Verb.ITEM_REVIEW}),
    "advise": frozenset(
        {Verb.CASE_NOTE, Verb.CASE_REPORT, Verb.CASE_VERIFY, Verb.FIGURES_READ, Verb.PLAN_COMMENT}
    ),
    "desk": frozenset(_DESK),
    "handle": frozenset(
        {
            *_REPORT,
            Verb.CASE_ANSWER,
            Verb.CASE_HANDLE,
            Verb.CASE_RETURN,
            Verb.CASE_SUSPEND,
            Verb.ITEM_PROPOSE,
            Verb.FIGURES_READ,
            Verb.QUESTION_ASK,
        }
    ),
    "lead": frozenset(
        {
            *_DESK,
            *_DIVIDE,
            Verb.CAMPAIGN_RUN,
            Verb.CASE_SUPERVISE,
            Verb.JOURNAL_READ,
            Verb.STAFF_CHANGE,
            Verb.TEXT_CHANGE,
        }
    ),
    "mediate": frozenset({Verb.MEDIATION_KEEP}),
    "oversee-mediation": frozenset({Verb.MEDIATION_OVERSEE}),
    "register": frozenset(
        {Verb.HOUSEHOLD_CHANGE, Verb.HOUSEHOLD_READ, Verb.RESIDENT_REVEAL, Verb.VISIT_RECORD}
    ),
    "summon": frozenset({Verb.CASE_NOTE, Verb.CASE_SUMMON}),
    "walk": frozenset(
        {
            *_REPORT,
            Verb.CAMPAIGN_ANSWER,
            Verb.CASE_ACCEPT,
            Verb.CASE_ANSWER,
            Verb.CASE_CLOSE,
            Verb.CASE_ESCALATE,
            Verb.CASE_HANDLE,
            Verb.CASE_RETURN,
            Verb.CASE_SUSPEND,
            Verb.CASE_VERIFY,
            Verb.ITEM_REFUSE,
            Verb.PLACE_KEEP,
            Verb.PLAN_COMMENT,
            Verb.FIGURES_READ,
        }
    ),
}


@lru_cache(maxsize=256)
def _verbs(duties: tuple[str, ...]) -> frozenset[Verb]:
    return frozenset().union(*(DUTIES[duty] for duty in duties))


def verbs_of(duties: Iterable[str]) -> frozenset[Verb]:
    """All verbs of these duties; an unknown duty is a KeyError, since a typo must not silently give nothing."""
    return _verbs(tuple(duties))
