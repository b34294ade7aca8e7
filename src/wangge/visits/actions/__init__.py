"""Every write of what grid workers do on foot."""

from wangge.visits.actions.dues import (
    NewErrand,
    add_errands,
    keep_round,
    load_due_rules,
    owe_answers,
    renew_due,
    renew_stale,
    withdraw_errands,
)
from wangge.visits.actions.imports import VisitReport, import_visits
from wangge.visits.actions.questions import (
    NewQuestion,
    accept_question,
    ask_next_doors,
    ask_question,
    end_question,
    refuse_question,
)
from wangge.visits.actions.rehoming import rehome, rehome_by_borders, rehome_places
from wangge.visits.actions.replies import ReplyTold
from wangge.visits.actions.rounds import Planned, forget_rounds, plan_rounds
from wangge.visits.actions.visits import Recorded, Told, hear_of_visits, record_visit, record_visits
from wangge.visits.actions.walks import (
    Found,
    NewPlace,
    Walked,
    add_place,
    check_place,
    close_place,
    end_shift,
    erase_tracks,
    forget_tracks,
    record_patrol,
    start_shift,
)

__all__ = [
    "Found",
    "NewErrand",
    "NewPlace",
    "NewQuestion",
    "Planned",
    "Recorded",
    "ReplyTold",
    "Told",
    "VisitReport",
    "Walked",
    "accept_question",
    "add_errands",
    "add_place",
    "ask_next_doors",
    "ask_question",
    "check_place",
    "close_place",
    "end_question",
    "end_shift",
    "erase_tracks",
    "forget_rounds",
    "forget_tracks",
    "hear_of_visits",
    "import_visits",
    "keep_round",
    "load_due_rules",
    "owe_answers",
    "plan_rounds",
    "record_patrol",
    "record_visit",
    "record_visits",
    "refuse_question",
    "rehome",
    "rehome_by_borders",
    "rehome_places",
    "renew_due",
    "renew_stale",
    "start_shift",
    "withdraw_errands",
]
