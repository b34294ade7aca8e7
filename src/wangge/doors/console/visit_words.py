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
TABLES: Mapping[str, Mapping[str, Label]] = {
    "outcome": OUTCOMES,
    "seen": SEEN,
    "errand": ERRANDS,
    "place": PLACES,
    "checked": CHECKED,
}
VERBS: Mapping[str, Label] = {
    "errands.added": _("put an errand on visits"),
    "errands.withdrawn": _("took an errand off visits"),
    "patrol.recorded": _("recorded a patrol"),
    "place.added": _("added a place to check"),
    "place.checked": _("checked a place"),
    "place.closed": _("took a place off the checks"),
    "places.rehomed": _("put places to check under the grid that they lie in now"),
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
    "round": pgettext_lazy("visit", "Round"),
    "shift": _("Shift"),
    "visit": pgettext_lazy("visit", "Visit"),
    "visits": pgettext_lazy("visit", "Visits"),
}
RIGHTS: Mapping[str, Label] = {
    "place.keep": _("keep and check places"),
    "rule.change": _("change the rules for visits"),
    "visit.plan": _("put errands on visits"),
    "visit.record": _("record visits"),
}
