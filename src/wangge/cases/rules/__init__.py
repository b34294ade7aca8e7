"""Decisions about cases on plain values: what may be done next, when it is due, whose desk it reaches, how it is numbered."""

from wangge.cases.rules.clocks import Due, after_pause, due_for, first_alarm, next_alarm
from wangge.cases.rules.numbers import case_number, number_prefix
from wangge.cases.rules.problems import (
    AlreadyMerged,
    BadAnswer,
    CaseMoved,
    LastReader,
    MissingFact,
    NobodyThere,
    NoOffice,
    NoPlace,
    NoSummons,
    NotTheirCase,
    StepNotPossible,
)
from wangge.cases.rules.routing import Choice, Rule, choose_rule
from wangge.cases.rules.standing import Move, Standing, facts_of, possible_moves, relation_holds

__all__ = [
    "AlreadyMerged",
    "BadAnswer",
    "CaseMoved",
    "Choice",
    "Due",
    "LastReader",
    "MissingFact",
    "Move",
    "NoOffice",
    "NoPlace",
    "NoSummons",
    "NobodyThere",
    "NotTheirCase",
    "Rule",
    "Standing",
    "StepNotPossible",
    "after_pause",
    "case_number",
    "choose_rule",
    "due_for",
    "facts_of",
    "first_alarm",
    "next_alarm",
    "number_prefix",
    "possible_moves",
    "relation_holds",
]
