"""The words for codes of visits, rounds and places to check."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Label = str | Promise

OUTCOMES: Mapping[str, Label] = {
    "met": pgettext_lazy("visit", "Somebody was met"),
    "nobody_home": _("Nobody home"),
    "refused": pgettext_lazy("visit", "Did not wish a visit"),
    "moved": pgettext_lazy("visit", "Moved away"),
    "not_found": pgettext_lazy("visit", "Not found"),
    "empty": pgettext_lazy("visit", "Empty home"),
}
SEEN: Mapping[str, Label] = {
    "": "",
    "plate": _("the door plate was read"),
    "near": _("stood near"),
    "far": _("stood far off"),
}
ERRANDS: Mapping[str, Label] = {
    "answer": _("An answer is owed"),
    "campaign": _("Campaign"),
    "question": _("A department asks"),
    "other": _("Errand"),
}
PLACES: Mapping[str, Label] = {
    "hydrant": _("Fire hydrant"),
    "lift": _("Lift"),
    "site": _("Construction site"),
    "exit": _("Escape route"),
    "water": _("Water's edge"),
    "slope": _("Slope that may slip"),
    "other": _("Other place"),
}
CHECKED: Mapping[str, Label] = {
    "fine": _("In order"),
    "fault": _("Something is wrong"),
    "no_access": _("No way in"),
    "not_found": pgettext_lazy("visit", "Not found"),
}
QUESTION_STATES: Mapping[str, Label] = {
    "waiting": pgettext_lazy("question", "To be decided"),
    "refused": pgettext_lazy("question", "Refused"),
    "running": pgettext_lazy("question", "Asked at doors"),
    "ended": pgettext_lazy("question", "Ended"),
}
QUESTION_TONES: Mapping[str, str] = {
    "waiting": "suspended",
    "refused": "overdue",
    "running": "accepted",
    "ended": "closed",
}
QUESTION_DONE: Mapping[str, Label] = {
    "ask": _("Asked. The office of the area decides whether its doors are asked."),
    "accept": _("Accepted. It stands at the doors with the next visit, and on phones after their next sync."),
    "refuse": _("Refused. The department reads the reason."),
    "end": pgettext_lazy("question", "Ended. Nothing more is asked at doors."),
}
ANSWERS: Mapping[str, Label] = {
    "yes_no": _("yes or no"),
    "words": _("one of a few words"),
    "number": _("a number"),
    "line": _("a short line"),
}
YES_NO: Mapping[str, Label] = {"yes": pgettext_lazy("answer", "Yes"), "no": pgettext_lazy("answer", "No")}
TABLES: Mapping[str, Mapping[str, Label]] = {
    "outcome": OUTCOMES,
    "seen": SEEN,
    "errand": ERRANDS,
    "place": PLACES,
    "checked": CHECKED,
    "question-state": QUESTION_STATES,
    "question-tone": QUESTION_TONES,
    "answer": ANSWERS,
    "yes-no": YES_NO,
}
VERBS: Mapping[str, Label] = {
    "errands.added": _("put an errand on visits"),
    "errands.withdrawn": _("took an errand off visits"),
    "patrol.recorded": _("recorded a patrol"),
    "place.added": _("added a place to check"),
    "place.checked": _("checked a place"),
    "place.closed": _("took a place off the checks"),
    "places.rehomed": _("put places to check under the grid that they lie in now"),
    "question.accepted": _("accepted a department's question for its doors"),
    "question.asked": _("asked a question at doors"),
    "question.ended": _("ended a question at doors"),
    "question.refused": _("refused a department's question"),
    "round.kept": _("made a round's sheet"),
    "rounds.planned": _("planned the rounds of the day"),
    "rules.changed": _("changed the rules for visits"),
    "shift.ended": _("ended a shift"),
    "shift.started": _("began a shift"),
    "visit.recorded": _("recorded a visit"),
    "visits.imported": _("imported visits"),
}
NOUNS: Mapping[str, Label] = {
    "rules": _("Rules for visits"),
    "errands": _("Errands"),
    "patrol": _("Patrol"),
    "place": _("Place to check"),
    "places": _("Places to check"),
    "question": pgettext_lazy("question", "Question at doors"),
    "round": pgettext_lazy("visit", "Round"),
    "shift": _("Shift"),
    "visit": pgettext_lazy("visit", "Visit"),
    "visits": pgettext_lazy("visit", "Visits"),
}
RIGHTS: Mapping[str, Label] = {
    "place.keep": _("keep and check places"),
    "question.ask": _("ask questions at doors for their department"),
    "rule.change": _("change the rules for visits"),
    "visit.plan": _("put errands on visits"),
    "visit.record": _("record visits"),
}
